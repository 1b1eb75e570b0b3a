"""Sentences in the order in which they go on with a conversation: who asks again wants to hear something else.

What was said before is no answer to the next question; and a "why?" is answered beside what was quoted rather than
by it. A question that stands alone goes on with nothing, and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.expected import holds
from retrieval.types import Candidate, Expected, Place, Query, Span

_SAID = 3.0  # what a sentence loses whose answering words are those that answered before
_NO_REASON = 3.0  # what the sentence just quoted loses as an answer to "why?" where it gives no reason
_CLOSE = 0.0
_BESIDE = 1.5  # what a sentence next to it gains then


def going_on(candidates: Sequence[Candidate], query: Query, said: Sequence[Place]) -> list[Candidate]:
    """The candidates, those that say something new before others that score somewhat more; questions stay last.

    :param said: what answered the earlier questions of the conversation, oldest first
    """
    if not said:
        return list(candidates)
    moved = [
        one._replace(score=one.score - _repeats(one, said) + _explains(one, query, said[-1]) + _near(one, said[-1])) for one in candidates
    ]
    return sorted(moved, key=lambda one: (one.asks, -one.score))


def _repeats(candidate: Candidate, said: Sequence[Place]) -> float:
    answers = (place.answer for place in said if place.article_id == candidate.hit.passage.article_id)
    return _SAID if any(answer and candidate.answer and _lies_in(candidate.answer, answer) for answer in answers) else 0.0


def _near(candidate, last):
    passage = candidate.hit.passage
    return _CLOSE if passage.article_id == last.article_id and passage.start <= last.quote.start < passage.end else 0.0


def _lies_in(inner: Span, outer: Span) -> bool:
    """Whether more than half of it does."""
    return 2 * (min(inner.end, outer.end) - max(inner.start, outer.start)) > inner.end - inner.start


def _explains(candidate: Candidate, query: Query, last: Place) -> float:
    """What a sentence gains or loses as an answer to "why?" by where it stands."""
    passage = candidate.hit.passage
    if query.expected is not Expected.REASON or passage.article_id != last.article_id:
        return 0.0
    sentence = passage.sentences[candidate.position]
    if last.quote.start <= sentence.start and sentence.end <= last.quote.end:
        return 0.0 if holds(Expected.REASON, candidate.text, ()) else -_NO_REASON
    before = [other for other in passage.sentences if other.end <= last.quote.start][-1:]
    after = [other for other in passage.sentences if other.start >= last.quote.end][:1]
    return _BESIDE if sentence in [*before, *after] else 0.0
