"""Questions that ask for several things, and the lists and enumerated arguments that hold them all in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from retrieval.settings import Answers
from retrieval.texts.lexicon import SMALL_NUMBERS
from retrieval.tokens import stem, words
from retrieval.types import Kind, Passage, Query, Quote, Span

_MOST_ITEMS = 8  # a longer list is not an answer but an article
_REACH = 12  # sentences from one item to the next
_TERSE = 60  # characters; an item that only names its subject takes the next sentence along
_COVERED = 0.5  # share of the question's terms that a list must hold
SEVERAL = 0  # count of a question that does not say how many; rank of a bullet, and of a last item

_COUNTED = re.compile(
    rf"(?<![\w-])(?P<count>{'|'.join(sorted(SMALL_NUMBERS))}|[2-9])\s+(?:[a-z-]+\s+)??(?!is\b|was\b|has\b)[a-z-]+s\b",
    re.IGNORECASE,
)
_PLURAL = re.compile(
    r"\b(?:list|enumerate|name the|name all|(?:main|key) points|what (?:are|were)\b(?! you)"
    r"|(?:which|what)\s+(?:[a-z-]+\s+){0,2}?(?!is\b|was\b|does\b|has\b)[a-z-]*[a-rt-z]s\b)",
    re.IGNORECASE,
)

_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_DIGITS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th")
_RANKS = {word: rank for ranked in (_WORDS, _DIGITS) for rank, word in enumerate(ranked, start=1)}
_RANKS |= {"final": SEVERAL, "last": SEVERAL, "the other": SEVERAL}
_ORDINAL = re.compile(
    rf"^[“\"(]?(?:(?:the|and|but|then|his|her|its|their)\s+(?!other))?(?P<word>{'|'.join(_RANKS)})(?:ly)?\b"
    r"(?!\s+(?:years?|months?|weeks?|days?|decades?|centur|night|summer|spring|autumn|winter|world|lady|time\b))",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\(?(?P<number>\d{1,2})[.)]\s")
_BULLET = re.compile(r"^[-*•–+]\s")


class Sentence(NamedTuple):
    """One sentence of an article and the passage that it stands in."""

    passage: Passage
    span: Span

    @property
    def text(self) -> str:
        """Its words."""
        return self.passage.text[self.span.start - self.passage.start : self.span.end - self.passage.start]


class Enumeration(NamedTuple):
    """What introduces a list, if anything does, and its items: each its sentences, in order."""

    intro: Sentence | None
    items: tuple[tuple[Sentence, ...], ...]

    @property
    def sentences(self) -> list[Sentence]:
        """All of it."""
        return [*([self.intro] if self.intro else []), *(sentence for item in self.items for sentence in item)]


def how_many(question: str) -> int | None:
    """How many things the question asks for, 0 for several, ``None`` where it asks for one."""
    if (counted := _COUNTED.search(question)) and not re.match(r"\W*(?:how|when|why)\b", question, re.IGNORECASE):
        count = counted["count"].lower()
        return SMALL_NUMBERS.get(count) or int(count)
    return SEVERAL if _PLURAL.search(question) else None


def collected(
    query: Query, ranked: Sequence[Quote], passages_of: Callable[[str], Sequence[Passage]], settings: Answers
) -> list[Quote]:
    """The quotes that hold the list in which one of the best quotes stands, in order; empty where there is none.

    :param passages_of: all passages of an article, in order
    """
    count = how_many(query.text)
    if count is None:
        return []
    for quote in ranked[: settings.quotes]:
        if quote.hit.passage.kind is Kind.COMMENT:
            continue
        passages = passages_of(quote.hit.passage.article_id)
        for found in (*enumerations(passages), *_announced(quote.hit.passage, count)):
            if _holds(found, quote) and _answers(found, query, count):
                return _quotes(found, quote, settings.quote_chars)
    return []


def enumerations(passages: Sequence[Passage]) -> Iterator[Enumeration]:
    """The lists and enumerated arguments of one article's passages, in order."""
    sentences = [Sentence(passage, span) for passage in passages for span in passage.sentences]
    sentences = [sentence for sentence in sentences if sentence.passage.kind is Kind.BODY]
    here = 0
    while here < len(sentences):
        openings = _openings(sentences, here)
        if len(openings) < 2:
            here += 1
            continue
        intro = sentences[here - 1] if here and _introduces(sentences[here - 1], sentences[here]) else None
        ends = [*openings[1:], openings[-1] + _REACH]
        items = (tuple(_item(sentences[a:b])) for a, b in zip(openings, ends, strict=True))
        yield Enumeration(intro, tuple(items))
        here = openings[-1] + 1


def _announced(passage: Passage, count: int) -> Iterator[Enumeration]:
    """A sentence that says how many things there are and the sentences that follow it, one a thing."""
    sentences = [Sentence(passage, span) for span in passage.sentences]
    for place, intro in enumerate(sentences):
        items = sentences[place + 1 : place + 1 + count]
        if count and len(items) == count and count in {SMALL_NUMBERS.get(word) for word in words(intro.text)}:
            yield Enumeration(intro, tuple((item,) for item in items))


def _introduces(before: Sentence, opening: Sentence) -> bool:
    """Whether the sentence before a list announces it: the list of a page by a colon, an argument always."""
    return _marker(opening.text)[0] == "ordinal" or before.text.rstrip().endswith(":")


def _openings(sentences: Sequence[Sentence], start: int) -> list[int]:
    """Where the items open of the enumeration whose first item opens at ``start``; empty where none does."""
    kind, rank = _marker(sentences[start].text)
    if kind == "" or (rank != 1 and kind != "bullet"):
        return []
    openings = [start]
    for place in range(start + 1, len(sentences)):
        if place - openings[-1] > _REACH or len(openings) == _MOST_ITEMS:
            break
        other, number = _marker(sentences[place].text)
        if other != kind:
            if kind == "bullet" and not sentences[place].text[:1].islower():
                break  # a bullet's text goes on in its own line only
            continue
        if number not in (SEVERAL, len(openings) + 1):
            break
        openings.append(place)
        if kind == "ordinal" and number == SEVERAL:
            break
    return openings


def _marker(text: str) -> tuple[str, int]:
    """The kind of list whose item opens so, and which item it is; 0 for any and for the last."""
    if found := _NUMBERED.match(text):
        return "number", int(found["number"])
    if _BULLET.match(text):
        return "bullet", SEVERAL
    if found := _ORDINAL.match(text):
        return "ordinal", _RANKS[found["word"].lower()]
    return "", SEVERAL


def _item(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The sentence that opens an item, with the next one of its paragraph where it only names the subject."""
    opening, *others = sentences
    terse = len(opening.text) < _TERSE and _marker(opening.text)[0] == "ordinal"
    return [opening, *(other for other in others[:1] if terse and _go_on(opening, other))]


def _go_on(one: Sentence, other: Sentence) -> bool:
    """Whether the second sentence follows in the same line of the same passage."""
    passage = one.passage
    between = passage.text[one.span.end - passage.start : other.span.start - passage.start]
    return other.passage is passage and "\n" not in between


def _holds(found: Enumeration, quote: Quote) -> bool:
    return any(
        sentence.passage.id == quote.hit.passage.id and quote.start <= sentence.span.start < quote.end
        for sentence in found.sentences
    )


def _answers(found: Enumeration, query: Query, count: int) -> bool:
    """Whether the list has as many items as were asked for, or is introduced, and holds what was asked about."""
    context = found.items[0][0].passage.context
    said = {stem(word) for text in (context, *(s.text for s in found.sentences)) for word in words(text)}
    asked = {term: weight for term, weight in query.terms.items() if term not in SMALL_NUMBERS}
    covered = sum(w for term, w in asked.items() if term in said) >= _COVERED * sum(asked.values())
    return covered and (len(found.items) == count or (count == SEVERAL and found.intro is not None))


def _quotes(found: Enumeration, best: Quote, longest: int) -> list[Quote]:
    """As few quotes as hold the items, each within one passage and at most ``longest`` characters or one item."""
    parts: list[list[Sentence]] = []
    for item in ([found.intro] if found.intro else [], *map(list, found.items)):
        if not item:
            continue
        last = parts[-1] if parts else None
        if last and last[0].passage is item[-1].passage and item[-1].span.end - last[0].span.start <= longest:
            last += item
        else:
            parts.append(list(item))
    if found.intro and len(parts) > 1 and parts[0] == [found.intro]:
        del parts[0]  # it only announces what follows
    return [_quote(part, best) for part in parts]


def _quote(part: Sequence[Sentence], best: Quote) -> Quote:
    passage, start, end = part[0].passage, part[0].span.start, part[-1].span.end
    text = passage.text[start - passage.start : end - passage.start]
    hit = replace(best.hit, passage=passage)  # a neighbouring passage was found through the one that was hit
    answer = best.answer if best.answer and start <= best.answer.start and best.answer.end <= end else None
    return replace(best, hit=hit, start=start, end=end, text=text, answer=answer)
