"""The licences of all that is locked, as installed: ``python deploy/licences.py > deploy/LICENCES.md``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

LOCK = Path(__file__).with_name("requirements.lock")
_CLASSIFIER = "License :: "
_MOST = 80  # characters of a field that holds a whole licence


def locked() -> dict[str, str]:
    """The version of each package in the lock file."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE))


def licence(name: str, version: str) -> str:
    """What an installed package says of its licence: an SPDX expression, classifiers, or the first line of its field.

    :raises SystemExit: another version is installed.
    """
    package = distribution(name)
    if package.version != version:
        raise SystemExit(f"{name} {package.version} is installed, {version} is locked; install the lock file first")
    said = package.metadata
    if expression := said.get("License-Expression"):
        return str(expression)
    classified = [each.rpartition(" :: ")[2] for each in said.get_all("Classifier") or () if _CLASSIFIER in each]
    named = [name for name in classified if name != "OSI Approved"]
    return ", ".join(named) or (said.get("License") or "not stated").strip().splitlines()[0][:_MOST]


def table() -> Iterator[str]:
    """The lines of LICENCES.md."""
    yield "# Licences of what Sayso stands on"
    yield ""
    yield "Made by `python deploy/licences.py`: what each package of `requirements.lock` says of itself."
    yield ""
    yield "| package | version | licence |"
    yield "|---|---|---|"
    for name, version in locked().items():
        yield f"| {name} | {version} | {licence(name, version)} |"


if __name__ == "__main__":
    print("\n".join(table()))
