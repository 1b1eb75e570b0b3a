"""Which quotes an answer shows: the best, what contradicts it, what adds to it; repeats are noted, not shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import NamedTuple

from retrieval.settings import Answers
from retrieval.texts.agreement import UNRELATED, Relation, Stance, relation
from retrieval.texts.attribution import attribution
from retrieval.texts.dispute import disputed, self_contradiction, tells_change
from retrieval.texts.expected import asked_kinds
from retrieval.tokens import STOP_WORDS, stem, words
from retrieval.types import Difference, Expected, Hit, Query, Quote, Span

_WORTH = 1.5  # a quote that scores within this of the best is shown
_PARTS = 2.5  # within this where it covers a part of the question that no better quote does
_NOT_READ = float("-inf")  # score of a sentence that was not read
_NEAR = 0.4  # share of content words from which it is worth holding against a quote
_BETWEEN = 1  # sentences, at most, between one and another that says "it" of the same
_SAME = 0.6  # share of words from which two quotes of one article say the same

#: What a difference is about that lies in what answers a question.
_ANSWERED_BY = {
    Expected.NUMBER: "number",
    Expected.DATE: "date",
    Expected.PERSON: "name",
    Expected.PLACE: "name",
}
_JOINS = re.compile(r"\b(?:and|or|both)\b|,")  # of the parts of a question


class Choice(NamedTuple):
    """The quotes to show, best first; for each what says the same in other articles; which contradict each other."""

    quotes: Sequence[Quote]
    repeats: Sequence[Sequence[Quote]]
    differences: Sequence[Difference]  # of quotes as they will be numbered, from 1 on

    @classmethod
    def of(cls, quotes: Sequence[Quote]) -> Choice:
        """These quotes, each for itself."""
        return cls(quotes, [()] * len(quotes), ())


def chosen(query: Query, ranked: Sequence[Quote], hits: Sequence[Hit], settings: Answers) -> Choice:
    """The best quote, then those that contradict it, then those that come near it and say something else.

    :param ranked: a quote of each passage that was read, best first
    :param hits: all that was found; sentences of the others may repeat or contradict a quote, never add to it
    """
    if not ranked:
        return Choice.of(())
    best, *parts = _by_voice(query, ranked[0]) if settings.quotes > 1 else ranked[:1]
    pool = [*parts, *ranked[1:], *_witnesses(ranked, hits)]
    against = [quote for quote in pool if _contradiction(query, best, quote)]
    others = [quote for quote in pool if quote not in against]
    kept, repeats = [best], [list[Quote]()]
    for quote in [*against, *others]:
        said = next((place for place, other in enumerate(kept) if _repeats(quote, other)), None)
        if said is not None:
            articles = {other.hit.passage.article_id for other in (kept[said], *repeats[said])}
            if quote.hit.passage.article_id not in articles:
                repeats[said].append(quote)
        elif len(kept) < settings.quotes and (quote in against or _adds(query, quote, kept)):
            kept.append(quote)
            repeats.append([])
    return Choice(kept, repeats, list(_differences(query, kept)))


def _adds(query: Query, quote: Quote, kept: Sequence[Quote]) -> bool:
    """Whether the quote comes near the best, or has names or numbers of the question that those kept lack."""
    behind = kept[0].score - quote.score
    if behind <= _WORTH or behind > _PARTS or not _JOINS.search(query.text):
        return behind <= _WORTH
    parts = query.names | {stem(number) for number in query.numbers}
    return bool(parts & _content(quote.text) - set().union(*(_content(other.text) for other in kept)))


def side_by_side(query: Query, quotes: Sequence[Quote]) -> Choice:
    """The quotes as they are, with what contradicts what."""
    return Choice.of(quotes)._replace(differences=list(_differences(query, quotes)))


def related(one: Quote, other: Quote) -> Relation:
    """How two quotes stand to each other: they differ where two of their sentences do, and agree where all of the
    shorter's sentences have their like in the longer. Offsets are those of the articles.
    """
    same_article = one.hit.passage.article_id == other.hit.passage.article_id
    if same_article and (found := next(_disputes(one, other), None)):
        return found
    pairs = [[_moved(relation(a.text, b.text), a, b) for b in _sentences(other)] for a in _sentences(one)]
    differing = [found for row in pairs for found in row if found.stance is Stance.DIFFER]
    if differing:
        of_one = not same_article and (differing[0].named or _titles_meet(one, other))
        return differing[0] if of_one else UNRELATED
    rows = pairs if len(pairs) <= len(pairs[0]) else list(zip(*pairs, strict=True))
    like = [next((found for found in row if found.stance is Stance.AGREE), UNRELATED) for row in rows]
    of_one = any(found.named for found in like) or _titles_meet(one, other)
    return Relation(Stance.AGREE) if of_one and UNRELATED not in like else UNRELATED


def _disputes(one: Quote, other: Quote) -> Iterator[Relation]:
    """How one article contradicts itself: two speakers whom it cites, or its author in the same words."""
    changes = tells_change(one.text, other.text)
    for a, b in product(_sentences(one), _sentences(other)):
        between = sum(min(a, b).start < span.start < max(a, b).start for span in one.hit.passage.sentences)
        near = one.hit.passage.id == other.hit.passage.id and between <= _BETWEEN
        found = disputed(min(a, b).text, max(a, b).text, near=near)
        voiced = found.stance is Stance.DIFFER
        if not voiced and not changes:
            found = self_contradiction(min(a, b).text, max(a, b).text)
        if found.stance is Stance.DIFFER:
            ordered = found if a <= b else found._replace(one=found.other, other=found.one)
            yield _moved(ordered, a, b)._replace(voiced=voiced)


def _by_voice(query: Query, quote: Quote) -> list[Quote]:
    """A quote in which two speakers contradict each other as a quote of each, the one that answers first."""
    for _, later in combinations(_sentences(quote), 2):
        before = max(span.end for span in quote.hit.passage.sentences if span.end <= later.start)
        parts = [_part(quote, quote.start, before), _part(quote, later.start, quote.end)]
        if _contradiction(query, parts[0], parts[1]):
            return sorted(parts, key=lambda part: part.answer is None)
    return [quote]


def _part(quote: Quote, start: int, end: int) -> Quote:
    inside = quote.answer is not None and start <= quote.answer.start and quote.answer.end <= end
    text = quote.text[start - quote.start : end - quote.start]
    return replace(quote, start=start, end=end, text=text, answer=quote.answer if inside else None)


def _witnesses(ranked: Sequence[Quote], hits: Sequence[Hit]) -> Iterator[Quote]:
    """Sentences that no quote holds: of passages that were not read those that use the words of a quote, of others
    of the best quote's article those that cite a speaker.
    """
    read = {quote.hit.passage.id: quote for quote in ranked}
    said = [_content(quote.text) for quote in ranked]
    for hit in hits:
        passage, quoted = hit.passage, read.get(hit.passage.id)
        for start, end in passage.sentences:
            text = passage.text[start - passage.start : end - passage.start]
            if quoted is None:
                spoken = _content(text)
                speaks = any(len(spoken & other) >= _NEAR * max(2, min(len(spoken), len(other))) for other in said)
            else:
                cites = passage.article_id == ranked[0].hit.passage.article_id and attribution(text) is not None
                speaks = cites and (end <= quoted.start or quoted.end <= start)
            if speaks:
                yield Quote(hit, start, end, text, _NOT_READ)


def _content(text: str) -> set[str]:
    return {stem(word) for word in words(text) if word not in STOP_WORDS}


def _titles_meet(one: Quote, other: Quote) -> bool:
    """Whether the titles share a word, as those of articles on one subject do; an article without one may be on any."""
    titles = one.hit.passage.title, other.hit.passage.title
    return not all(titles) or bool(_content(titles[0]) & _content(titles[1]))


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


def _differences(query: Query, kept: Sequence[Quote]) -> Iterator[Difference]:
    for (number, one), (other_number, other) in combinations(enumerate(kept, start=1), 2):
        if found := _contradiction(query, one, other):
            yield Difference((number, other_number), found.about, (found.one, found.other), found.voiced)


def _is_asked(query: Query, about: str) -> bool:
    """Whether a difference lies in what the question asks for; one that asks for nothing definite asks for all.

    That it is not so at all concerns any question.
    """
    asked = asked_kinds(query.text)
    return about == "negation" or not asked or any(about == _ANSWERED_BY.get(kind) for kind in asked)


def _contradiction(query: Query, one: Quote, other: Quote) -> Relation | None:
    """How the quotes differ in what is asked, unless the question takes a side: asked of 2015, 2017 is beside it."""
    found = related(one, other)
    if found.stance is not Stance.DIFFER or not _is_asked(query, found.about):
        return None
    said = [quote.text[a - quote.start : b - quote.start] for quote, (a, b) in ((one, found.one), (other, found.other))]
    asked = set(words(query.text))
    return None if found.about != "negation" and any(set(words(text)) <= asked for text in said) else found
