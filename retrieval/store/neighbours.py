"""The nearest-neighbour index over one archive, as it is now and only where it can be trusted and reached."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import numpy as np

from retrieval.errors import StoreError
from retrieval.protocols import VectorIndex
from retrieval.store.archive import Archive
from retrieval.store.vectors import MOST_FOUND, ChromaIndex, ExactIndex

_SAMPLE = 32  # passages that Chroma must find by their own vectors
_FOUND = 0.75  # share of them; its search is not exact, and where a graph is lost next to none are found
_AGAIN_S = 60.0  # until a server that was away is asked again
_SAME = 0.9999  # cosine of a vector with itself, rounding allowed

_log = logging.getLogger(__name__)


class Neighbours:
    """The nearest-neighbour index for the archive's present generation, opened anew when that changes.

    Chroma answers only where it holds what the archive holds, and as long as it does answer; else an exact scan of
    the archive does.
    """

    def __init__(
        self, archive: Archive, open_index: Callable[[], VectorIndex | None], now: Callable[[], float] = time.monotonic
    ) -> None:
        """:param open_index: gives Chroma, or ``None`` where the archive is to be scanned.

        :param now: seconds, by which a server that was away is asked again
        """
        self._archive, self._open_index, self._now = archive, open_index, now
        self._again_at: float | None = None
        self._generation: int | None = None
        self._scanned: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None  # what a scan of before had loaded
        self._index: VectorIndex | None = None
        self._guard = threading.Lock()

    def current(self) -> VectorIndex:
        """The index; another process's write is seen because every write grows the generation."""
        generation = self._archive.generation()
        with self._guard:
            again = self._again_at is not None and self._now() >= self._again_at
            if self._index is None or generation != self._generation or again:
                self._close()
                self._index, self._generation = self._trusted(self._open_index()), generation
            return self._index

    def nearest(self, vector: np.ndarray, k: int, comments: bool) -> list[int]:
        """Row ids of the at most ``k`` nearest passages, best first, also where Chroma fails just then."""
        index = self.current()
        if not isinstance(index, ChromaIndex):
            return index.nearest(vector, k, comments)
        try:
            found, lack = self._found(index, vector, k, comments), "Chroma finds nothing"
        except StoreError as error:
            found, lack = [], str(error)
        return found or self._scan_instead(index, lack).nearest(vector, k, comments)

    def _found(self, index: ChromaIndex, vector: np.ndarray, k: int, comments: bool) -> list[int]:
        """What Chroma finds; comments are left out afterwards, by the archive.

        Its own filter is slow, and giving what it knows of each record takes longer than the search itself. Only
        where too few are left of twice as many, the filter is used.
        """
        if comments:
            return index.nearest(vector, k, comments=True)
        most = min(2 * k, MOST_FOUND)
        found = index.nearest(vector, most, comments=True)
        wanted = set(self._archive.not_comments(found))
        kept = [row for row in found if row in wanted]
        if len(kept) < k and len(found) == most:
            return index.nearest(vector, k, comments=False)
        return kept[:k]

    def close(self) -> None:
        """Closes the index."""
        with self._guard:
            self._close()

    def _scan_instead(self, failed: ChromaIndex, lack: str) -> VectorIndex:
        with self._guard:
            if self._index is failed:
                self._set_aside(failed, lack, failed.on_server)
                self._index = self._scan()
            return self._index or failed

    def _set_aside(self, chroma: ChromaIndex, lack: str, for_a_while: bool) -> None:
        chroma.close()
        self._again_at = self._now() + _AGAIN_S if for_a_while else None
        until = "it is back" if for_a_while else "`sayso repair` has built it again"
        _log.warning("%s; until %s, the archive is scanned", lack, until)

    def _trusted(self, index: VectorIndex | None) -> VectorIndex:
        self._again_at = None
        if not isinstance(index, ChromaIndex):
            return index or self._scan()
        built = self._archive.manifest()
        seal = built.get("chroma_seal")
        behind = built.get("chroma") is None or seal == "" or any(self._archive.outbox(1))
        if not behind:  # as it is while somebody indexes, or was stopped
            try:
                lack = self._lack(index, seal)
            except StoreError as error:
                self._set_aside(index, str(error), index.on_server)
            else:
                if not lack:
                    self._scanned = None
                    return index
                self._set_aside(index, lack, for_a_while=False)
        else:
            index.close()
        return self._scan()

    def _scan(self) -> ExactIndex:
        """An exact scan of the archive.

        What is loaded stays so, since loading all takes a second at 100,000 passages and each article that somebody
        indexes asks for it anew: no row id is used twice, nor its vector changed, so only later rows are read.
        """
        with self._archive.snapshot():
            if self._scanned is None or not len(self._scanned[0]):
                self._scanned = self._archive.all_vectors()
            else:
                known = self._scanned[0]
                kept = np.isin(known, self._archive.vector_rows(), assume_unique=True)
                fresh = self._archive.all_vectors(after=int(known[-1]))
                if len(fresh[0]) or not kept.all():
                    rows, comments, matrix = (
                        np.concatenate([old[kept], new]) if len(new) else old[kept]
                        for old, new in zip(self._scanned, fresh, strict=True)
                    )
                    self._scanned = rows, comments, matrix
        return ExactIndex(*self._scanned)

    def _lack(self, chroma: ChromaIndex, seal: str | None) -> str:
        """What keeps Chroma from answering; empty if nothing does.

        Files that are not as they were left are not even opened. Chroma's count stays right where its graph of
        neighbours is lost, so some passages are looked up by their own vectors.
        """
        if seal is not None and chroma.digest() != seal:
            return "Chroma's files are not what was written"
        passages = self._archive.count()[1]
        sample = self._archive.vectors(self._archive.sample(_SAMPLE))
        held, found = chroma.count(), chroma.nearest_each(np.stack(list(sample.values())))
        if held != passages:
            return f"Chroma holds {held:,} of {passages:,} passages"
        theirs = self._archive.vectors([row for row in found if row is not None])
        alike = [row in theirs and theirs[row] @ own > _SAME for row, own in zip(found, sample.values(), strict=True)]
        return "" if sum(alike) >= _FOUND * len(alike) else "Chroma has lost vectors"

    def _close(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None
