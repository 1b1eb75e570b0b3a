"""What Chroma holds against what the archive holds, row by row, in a process of its own.

Chroma's engine trusts its files, and a damaged one can end the process that opens it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.errors import StoreError
from retrieval.store.archive import Archive
from retrieval.store.editions import ARCHIVE
from retrieval.store.vectors import ChromaIndex

_TIMEOUT_S = 900  # a million passages are compared in less
_AT_ONCE = 300
_LOOKED_UP = 1_000  # passages that must be found by their own vectors
_MISSED = 0.1  # share of passages; where a graph is lost, most are
_SAME = 0.9999  # cosine of a vector with itself, rounding allowed
_HINT = "run `sayso repair`: it builds Chroma again from the archive"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Numbers of passages."""

    archived: int
    missing: int  # in the archive, not in Chroma
    foreign: int  # in Chroma, not in the archive
    altered: int  # whose vector in Chroma is another
    unfound: int  # that Chroma does not find by their own vectors

    @property
    def equal(self) -> bool:
        """Whether Chroma holds what the archive holds, and finds it, as far as a search that is not exact does."""
        return not (self.missing or self.foreign or self.altered) and self.unfound <= _MISSED * self.archived


def compared(url: str, folder: Path) -> Comparison:
    """What the archive in ``folder`` and its Chroma have and have not in common.

    :raises StoreError: Chroma cannot be read, or reading it ended the process.
    """
    command = [sys.executable, "-m", "retrieval.store.probe", url, str(folder)]
    above = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, [above, os.environ.get("PYTHONPATH")]))
    try:
        done = subprocess.run(
            command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as error:
        raise StoreError(f"reading Chroma took longer than {_TIMEOUT_S} s", _HINT) from error
    if done.returncode < 0:
        raise StoreError(f"reading Chroma ended the process ({signal.Signals(-done.returncode).name})", _HINT)
    if done.returncode:
        raise StoreError((done.stderr.strip().splitlines() or ["reading Chroma failed"])[-1], _HINT)
    return Comparison(**json.loads(done.stdout))


def _compare(url: str, folder: Path) -> Comparison:
    chroma, archive = ChromaIndex(url, folder), Archive(folder / ARCHIVE)
    try:
        rows, _, vectors = archive.all_vectors()
        held = set(chroma.rows())
        shared = [place for place, row in enumerate(rows) if int(row) in held]
        groups = [shared[start : start + _AT_ONCE] for start in range(0, len(shared), _AT_ONCE)]
        altered = sum(_altered(chroma, rows, vectors, group) for group in groups)
        looked_up = shared[:: max(1, len(shared) // _LOOKED_UP)]
        unfound = _unfound(chroma, rows, vectors, looked_up)
        return Comparison(len(rows), len(rows) - len(shared), len(held) - len(shared), altered, unfound)
    finally:
        chroma.close()
        archive.close()


def _altered(chroma: ChromaIndex, rows: np.ndarray, vectors: np.ndarray, places: list[int]) -> int:
    theirs = chroma.stored([int(rows[place]) for place in places])
    return sum(
        int(rows[place]) not in theirs or not _same(theirs[int(rows[place])], vectors[place]) for place in places
    )


def _unfound(chroma: ChromaIndex, rows: np.ndarray, vectors: np.ndarray, places: list[int]) -> int:
    """How many passages are not nearest to themselves, or to another with the same vector."""
    at = {int(row): place for place, row in enumerate(rows)}
    found: list[int | None] = []
    for start in range(0, len(places), _AT_ONCE):
        found += chroma.nearest_each(vectors[places[start : start + _AT_ONCE]])
    return sum(
        row is None or row not in at or not _same(vectors[at[row]], vectors[place])
        for row, place in zip(found, places, strict=True)
    )


def _same(one: np.ndarray, other: Any) -> bool:
    return bool(np.linalg.norm(one - other) < (2 - 2 * _SAME) ** 0.5)


if __name__ == "__main__":
    try:
        print(json.dumps(asdict(_compare(sys.argv[1], Path(sys.argv[2])))))
    except StoreError as failure:
        sys.exit(str(failure))
