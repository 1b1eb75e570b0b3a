"""What the tests of the engine share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retrieval.corpus import Corpus
from tests.engine import engine


@pytest.fixture
def open_engine(tmp_path: Path) -> Iterator[Callable[..., Corpus]]:
    """Opens corpora with the hashing encoder on one fresh data folder, and closes them."""
    opened: list[Corpus] = []

    def open_with(data_dir: Path | None = None, **changes: object) -> Corpus:
        opened.append(engine(data_dir or tmp_path / "data", **changes))
        return opened[-1]

    yield open_with
    for corpus in opened:
        corpus.close()


@pytest.fixture
def unprivileged() -> list[str]:
    """What to put before a command so that permissions hold for it, for they do not for root."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("needs setpriv, or not to be root")
    return [setpriv, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
