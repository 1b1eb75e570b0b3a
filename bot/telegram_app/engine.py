"""The engine off the event loop: so many questions at once, so many waiting, the next is told to come again."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from statistics import median
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from retrieval.corpus import Corpus

Found = TypeVar("Found")
_REMEMBERED = 200  # durations


class Busy(Exception):
    """The queue is full; ``seconds`` is when it will have room, as far as one can tell."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"busy for {seconds} s")
        self.seconds = seconds


class Engine:
    """A corpus behind one bounded executor."""

    def __init__(self, corpus: Corpus, workers: int, waiting: int) -> None:
        self.corpus = corpus
        self._workers, self._waiting = workers, waiting
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="engine")
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="indexing")  # minutes long, beside the questions
        self._asked: set[Future[Any]] = set()
        self._indexed: set[Future[Any]] = set()
        self.durations: deque[float] = deque(maxlen=_REMEMBERED)  # seconds, of the latest questions

    async def run(self, work: Callable[..., Found], *arguments: Any) -> Found:
        """What ``work`` returns, done by a worker. :raises Busy: too many are waiting."""
        if self.in_hand >= self._workers + self._waiting:
            raise Busy(max(1, math.ceil(self.median_s() * self.in_hand / self._workers)))
        begun = time.monotonic()
        try:
            return await _done(self._executor.submit(work, *arguments), self._asked)
        finally:
            self.durations.append(time.monotonic() - begun)

    async def run_long(self, work: Callable[..., Found], *arguments: Any) -> Found:
        """What ``work`` returns, one such at a time: indexing."""
        return await _done(self._slow.submit(work, *arguments), self._indexed)

    @property
    def in_hand(self) -> int:
        """Questions that are worked on or wait."""
        return len(self._asked)

    def median_s(self) -> float:
        """Of the latest questions, waiting included; 0 before the first."""
        return median(self.durations) if self.durations else 0.0

    def close(self) -> bool:
        """Drops what waits; whether nothing is being worked on any more."""
        for executor in (self._executor, self._slow):
            executor.shutdown(wait=False, cancel_futures=True)
        return not self._asked and not self._indexed


async def _done(future: Future[Found], among: set[Future[Any]]) -> Found:
    """What the future brings; until a worker is through with it, it is ``among`` others, cancelled or not."""
    among.add(future)
    future.add_done_callback(among.discard)
    return await asyncio.wrap_future(future)
