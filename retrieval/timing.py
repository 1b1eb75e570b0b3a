"""Sentences in the order of the time that the question asks about: what is told of 1932 answers for 1932.

Search prefers passages of that time; here, of what was read, the sentence of that time is preferred. Where a
question asks about no time, nothing is changed.
"""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.texts.period import names_years, recency, within
from retrieval.types import Candidate, Period

#: What fitting the time wholly adds to a sentence's score. More would do more for tests/times (quote@1 .36 at 0, .57
#: at 2, .82 at 6), and does harm where a year is beside the point: of 56 questions with a time of NQ, CLAPNQ and
#: SQuAD 2, 27 have the right first sentence at 0, 26 at 2, 24 at 3, 22 at 6.
GAIN = 2.0


def timely(candidates: Sequence[Candidate], period: Period | None, gain: float = GAIN) -> list[Candidate]:
    """The candidates, those of the time asked about before others that score somewhat more; questions stay last."""
    if period is None:
        return list(candidates)
    places = recency(f"{one.hit.timely:.6f}" for one in candidates) if period.latest else {}
    moved = [one._replace(score=one.score + gain * _fit(one, period, places)) for one in candidates]
    return sorted(moved, key=lambda one: (one.asks, -one.score))


def _fit(candidate: Candidate, period: Period, places: dict[str, float]) -> float:
    """0 to 1: by the years that the sentence names, else as its passage fits; of the newest, among those read."""
    if period.latest:
        return places[f"{candidate.hit.timely:.6f}"]
    return float(within(period, candidate.text)) if names_years(candidate.text) else candidate.hit.timely
