"""Sentences in the order in which they go on with a conversation: who asks on wants to hear something new.

The words that answered before are seldom the answer to the next question, and a "why?" is answered beside what was
quoted, or by it if it gives a reason. A question that stands alone goes on from nothing, and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.followup.turns import Place
from retrieval.texts.expected import holds
from retrieval.tokens import stem, words
from retrieval.types import Candidate, Expected, Query, Span

#: What a sentence loses whose answering words answered before. Of the seeds' 41 follow-ups 29 have the right first
#: quote at 0, 31 at 2, 33 at 3 and at 4.
_SAID = 3.0
_NO_REASON = 2.0  # what the sentence just quoted loses as an answer to "why?" where it gives no reason
_BESIDE = 1.5  # what the sentences next to it gain then
_GAP = 2  # characters between neighbouring sentences: a blank or the end of a paragraph


def going_on(candidates: Sequence[Candidate], query: Query, asked: str, said: Sequence[Place]) -> list[Candidate]:
    """The candidates, those that say something new before others that score somewhat more; questions stay last.

    :param asked: the question in its own words, which ask for what is new
    :param said: what answered the earlier questions of the conversation, oldest first
    """
    if not said:
        return list(candidates)
    own = {stem(word) for word in words(asked)} & query.terms.keys()
    moved = [
        one._replace(score=one.score - _repeats(one, own, said) + _explains(one, query, said[-1])) for one in candidates
    ]
    return sorted(moved, key=lambda one: (one.asks, -one.score))


def _repeats(candidate: Candidate, own: set[str], said: Sequence[Place]) -> float:
    """What a sentence loses by repeating an answer; one with all own words of the question may hold another."""
    if own and own <= {stem(word) for word in words(candidate.text)}:
        return 0.0
    article, answer = candidate.hit.passage.article_id, candidate.answer
    before = [place.answer for place in said if place.article_id == article and place.answer]
    return _SAID if answer and any(_lies_in(answer, other) for other in before) else 0.0


def _lies_in(inner: Span, outer: Span) -> bool:
    """Whether more than half of it does."""
    return 2 * (min(inner.end, outer.end) - max(inner.start, outer.start)) > inner.end - inner.start


def _explains(candidate: Candidate, query: Query, last: Place) -> float:
    """What a sentence gains or loses as an answer to "why?" by where it stands."""
    passage, quote = candidate.hit.passage, last.quote
    if query.expected is not Expected.REASON or passage.article_id != last.article_id:
        return 0.0
    sentence = passage.sentences[candidate.position]
    if quote.start <= sentence.start and sentence.end <= quote.end:
        return 0.0 if holds(Expected.REASON, candidate.text, ()) else -_NO_REASON
    return _BESIDE if 0 <= max(sentence.start - quote.end, quote.start - sentence.end) <= _GAP else 0.0
