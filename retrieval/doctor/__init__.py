"""What is wrong with an installation or a data folder, and what to do about it; nothing is changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from retrieval.doctor.checks import Check, Status
from retrieval.doctor.folder import folder_checks
from retrieval.doctor.machine import machine_checks
from retrieval.errors import StoreError
from retrieval.settings import Settings
from retrieval.store.editions import require_folder

__all__ = ["Check", "Status", "examine"]


def examine(settings: Settings) -> Iterator[Check]:
    """Every check, as it is done: first of the machine, then of the data folder.

    :raises StoreError: the data folder cannot be looked into.
    """
    data_dir = Path(os.path.expanduser(settings.data_dir))
    require_folder(data_dir)
    if data_dir.exists() and not os.access(data_dir, os.R_OK | os.X_OK):
        raise StoreError(f"the data folder {data_dir} cannot be looked into", "check its owner, or name another")
    yield from machine_checks(settings, data_dir)
    yield from folder_checks(settings, data_dir)
