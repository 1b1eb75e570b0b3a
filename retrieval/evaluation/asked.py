"""One size of ``sayso eval speed --sizes``, measured in a process of its own, so that its memory is nobody else's.

python -m retrieval.evaluation.asked JOB.json    prints :class:`Asked` as JSON
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from pydantic import BaseModel

import retrieval
from retrieval.corpus import Corpus
from retrieval.encoder import cores
from retrieval.evaluation.projection import open_filled
from retrieval.evaluation.quoting import contains
from retrieval.evaluation.synthetic import Planted
from retrieval.settings import Settings
from retrieval.types import Answer

_UPDATES = 5
_ROUNDS = 2  # of asking all one by one and at once
_MEGABYTE = 1e6


class Job(BaseModel):
    """What to ask of which index."""

    settings: Settings
    filled: bool  # with vectors of projected words
    planted: tuple[Planted, ...]
    scratch: Path  # a file of its own, for the article that is updated


class Asked(BaseModel):
    """Seconds of the first question, milliseconds of others, their rates, memory while idle, and an update's cost."""

    first_s: float
    ms: tuple[float, ...]
    one_by_one: float  # questions answered a second
    at_once: float  # the same, by as many threads as a batch takes
    right: float  # share of the questions whose first quote holds the answer
    idle_mb: float
    update_s: float
    after_update_s: float  # of the question that comes next


def asked(job: Job) -> Asked:
    """The figures of one index; the article that is written for the updates stays in it."""
    with (open_filled if job.filled else retrieval.open)(job.settings) as corpus:
        first_s = timed(lambda: corpus.ask(job.planted[0].question))
        times, right = [], 0
        for question, answer in job.planted:
            begun = time.perf_counter()
            reply = corpus.ask(question)
            times.append((time.perf_counter() - begun) * 1000)
            right += isinstance(reply, Answer) and contains(reply.citations[0].quote.text, [answer])
        idle_mb = _resident_mb()
        one_by_one, at_once = _rates(corpus, [planted.question for planted in job.planted])
        updates = [_update(corpus, job, number) for number in range(_UPDATES)]
    update_s, after_s = (median(column) for column in zip(*updates, strict=True))
    share = right / len(job.planted)
    return Asked(
        first_s=first_s, ms=tuple(times), one_by_one=one_by_one, at_once=at_once, right=share, idle_mb=idle_mb,
        update_s=update_s, after_update_s=after_s,
    )  # fmt: skip


def percentile(times: Sequence[float], share: float) -> float:
    """The time within which ``share`` of the questions are answered."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _rates(corpus: Corpus, questions: Sequence[str]) -> tuple[float, float]:
    """Questions answered a second one by one, and several at once as ``sayso ask --batch`` does; in turns."""
    alone_s, together_s = 0.0, 0.0
    with ThreadPoolExecutor(cores() + 1) as pool:
        for _ in range(_ROUNDS):
            alone_s += timed(lambda: [corpus.ask(question) for question in questions])
            together_s += timed(lambda: list(pool.map(corpus.ask, questions)))
    asked = _ROUNDS * len(questions)
    return asked / alone_s, asked / together_s


def _update(corpus: Corpus, job: Job, number: int) -> tuple[float, float]:
    job.scratch.write_text(f"The old tollhouse was sold {number + 2} times before it burnt down.\n", encoding="utf-8")
    update = timed(lambda: corpus.index([job.scratch]))
    return update, timed(lambda: corpus.ask(job.planted[0].question))


def timed(act: Callable[[], object]) -> float:
    """Seconds that it takes."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _resident_mb() -> float:
    """Memory held now; where the system does not say, the most that was ever held."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / _MEGABYTE
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / _MEGABYTE if sys.platform == "darwin" else most * 1024 / _MEGABYTE


if __name__ == "__main__":
    print(asked(Job.model_validate_json(Path(sys.argv[1]).read_bytes(), strict=False)).model_dump_json())
