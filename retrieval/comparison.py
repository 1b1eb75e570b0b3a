"""Questions that ask what several voices say of one subject, and the quotes that let them speak in turn."""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.tokens import stem, words
from retrieval.types import Hit, Kind, Query, Quote

_MANY = r"(?:the |these |those |all |different |various |differing |other |main |my )*"
_WHO = rf"{_MANY}(?:authors?|articles?|sources|writers|papers|experts|analysts|they)"
_VIEWS = rf"{_MANY}(?:views?|opinions?|positions?|perspectives?|stances?|accounts?|arguments?)"
_ON = r"(?:on|about|of|regarding|concerning|towards?)"
_CLOSE = "?.! \t\r\n\xa0"
_ASKED = tuple(
    re.compile(pattern + "$", re.IGNORECASE)
    for pattern in (
        rf"^\W*(?:please )?(?:compare|contrast) {_VIEWS}(?: of {_WHO})? {_ON} (?P<topic>.+?)",
        rf"^\W*(?:please )?(?:compare|contrast) what {_WHO} (?:say|write|think|argue) {_ON} (?P<topic>.+?)",
        rf"^\W*what do {_WHO} (?:say|think|write|argue) {_ON} (?P<topic>.+?)",
        rf"^\W*(?:what|which|how) (?:are |is )?{_VIEWS}(?: are there| do {_WHO} (?:have|hold))? {_ON} (?P<topic>.+?)",
        rf"^\W*who says what {_ON} (?P<topic>.+?)",
        rf"^\W*(?:do|where do|how do) {_WHO} (?:agree|disagree|differ) (?:{_ON} |\()(?P<topic>.+?)\)?",
        rf"^\W*how do {_VIEWS} {_ON} (?P<topic>.+?) (?:differ|compare)",
    )
)


def topic(question: str) -> str | None:
    """What the voices are asked about: "Afghanistan" in "Compare the views on Afghanistan"; else ``None``."""
    bare = question.rstrip(_CLOSE)  # by a pattern it would take the square of their number
    return next((found["topic"] for pattern in _ASKED if (found := pattern.match(bare))), None)


def asked_about(topic: str) -> str:
    """The question that each voice is asked."""
    return f"What about {topic}?"


def in_turn(hits: Sequence[Hit]) -> list[Hit]:
    """The best hit of every article, then the others, so that each article is read."""
    first = {hit.passage.article_id: hit for hit in reversed(hits)}
    best = [hit for hit in hits if first[hit.passage.article_id] is hit]
    return [*best, *(hit for hit in hits if first[hit.passage.article_id] is not hit)]


def views(query: Query, ranked: Sequence[Quote], most: int) -> list[Quote]:
    """The best quote of each article, and of its readers, whose words or section hold the whole topic."""
    kept: dict[tuple[str, Kind], Quote] = {}
    for quote in ranked:
        said = {stem(word) for word in words(f"{quote.text} {quote.hit.passage.section}")}
        if query.terms.keys() <= said:
            kept.setdefault((quote.hit.passage.article_id, quote.hit.passage.kind), quote)
    return list(kept.values())[:most]
