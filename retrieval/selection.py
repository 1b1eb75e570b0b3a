"""Which quotes an answer shows: the best, what contradicts it, what adds to it; repeats are noted, not shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from retrieval.agreement import UNRELATED, Relation, relation
from retrieval.settings import Answers
from retrieval.tokens import stem, words
from retrieval.types import Quote, Span, Stance

_WORTH = 0.75  # a quote that scores within this of the best is shown
_STILL_WORTH = 3.0  # within this where it contradicts the best
_SAME = 0.6  # share of words from which two quotes of one article say the same


class Contradiction(NamedTuple):
    """Two of the quotes chosen, by place, what they differ about and the words of each, in the articles' offsets."""

    one: int
    other: int
    about: str
    one_words: Span
    other_words: Span


class Choice(NamedTuple):
    """The quotes to show, best first; for each what says the same in other articles; which contradict each other."""

    quotes: list[Quote]
    repeats: list[list[Quote]]
    contradictions: list[Contradiction]


def chosen(ranked: Sequence[Quote], settings: Answers) -> Choice:
    """The best quote, then those that contradict it, then those that come near it and say something else."""
    if not ranked:
        return Choice([], [], [])
    best = ranked[0]
    standing = [(quote, related(best, quote).stance) for quote in ranked[1:]]
    against = [q for q, s in standing if s is Stance.DIFFER and q.score >= best.score - _STILL_WORTH]
    others = [q for q, s in standing if s is not Stance.DIFFER]
    kept, repeats = [best], [list[Quote]()]
    for quote in [*against, *others]:
        said = next((place for place, other in enumerate(kept) if _repeats(quote, other)), None)
        if said is not None:
            articles = {other.hit.passage.article_id for other in (kept[said], *repeats[said])}
            if quote.hit.passage.article_id not in articles:
                repeats[said].append(quote)
        elif len(kept) < settings.quotes and (quote in against or quote.score >= best.score - _WORTH):
            kept.append(quote)
            repeats.append([])
    return Choice(kept, repeats, list(_contradictions(kept)))


def related(one: Quote, other: Quote) -> Relation:
    """How two quotes stand to each other: they differ where two of their sentences do, and agree where all of the
    shorter's sentences have their like in the longer. Offsets are those of the articles.
    """
    pairs = [[_moved(relation(a.text, b.text), a, b) for b in _sentences(other)] for a in _sentences(one)]
    differing = [found for row in pairs for found in row if found.stance is Stance.DIFFER]
    if differing:
        same_article = one.hit.passage.article_id == other.hit.passage.article_id
        return UNRELATED if same_article and not differing[0].certain else differing[0]
    rows = pairs if len(pairs) <= len(pairs[0]) else list(zip(*pairs, strict=True))
    agree = all(any(found.stance is Stance.AGREE for found in row) for row in rows)
    return Relation(Stance.AGREE) if agree else UNRELATED


class _Sentence(NamedTuple):
    start: int
    text: str


def _sentences(quote: Quote) -> list[_Sentence]:
    passage = quote.hit.passage
    spans = [span for span in passage.sentences if quote.start <= span.start and span.end <= quote.end]
    whole = [Span(quote.start, quote.end)]  # a quote that is less than a sentence
    return [_Sentence(a, quote.text[a - quote.start : b - quote.start]) for a, b in spans or whole]


def _moved(found: Relation, one: _Sentence, other: _Sentence) -> Relation:
    a, b = found.one, found.other
    return found._replace(
        one=Span(one.start + a.start, one.start + a.end), other=Span(other.start + b.start, other.start + b.end)
    )


def _repeats(quote: Quote, other: Quote) -> bool:
    """Whether a quote says what another does; an article that says a thing twice is not read as closely."""
    if quote.hit.passage.article_id == other.hit.passage.article_id and _likeness(quote.text, other.text) >= _SAME:
        return related(quote, other).stance is not Stance.DIFFER
    return quote.text == other.text or related(quote, other).stance is Stance.AGREE


def _likeness(one: str, other: str) -> float:
    """Shared share of the words of the shorter text; texts without words are alike."""
    a, b = ({stem(word) for word in words(text)} for text in (one, other))
    return len(a & b) / min(len(a), len(b)) if a and b else 1.0


def _contradictions(kept: Sequence[Quote]) -> Iterator[Contradiction]:
    for one, first in enumerate(kept):
        for other, second in enumerate(kept[one + 1 :], start=one + 1):
            found = related(first, second)
            if found.stance is Stance.DIFFER:
                yield Contradiction(one, other, found.about, found.one, found.other)
