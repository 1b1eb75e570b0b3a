"""The dates and numbers of a sentence, with their places and what they may mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from retrieval.texts.lexicon import APPROXIMATE, AT_LEAST, AT_MOST, LIGHT, POWERS, SMALL_NUMBERS
from retrieval.tokens import stem
from retrieval.types import Span

_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
_MONTH = f"(?:{'|'.join(_MONTHS)})"
_DATE = re.compile(
    rf"(?:\b(?P<open>(?i:since|until|till|before|after|by))\s+(?:the\s+)?)?"
    rf"(?:\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?={_MONTH}))?"
    rf"(?:\b(?P<month>{_MONTH})(?:\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?)?,?\s+(?:of\s+)?)?"
    rf"\b(?:(?P<decade>(?:1[1-9]|20)\d)0s|(?P<year>(?:1[1-9]|20)\d\d)"
    rf"(?:\s?(?:[-–]|to|and|until)\s?(?P<last>\d{{4}}|\d\d))?(?![\w/]))"
    r"(?!\s+(?!was|is|has|as|this)[a-z]+(?:s|people|men)\s+(?!was|were|is|are|has|have|had))"  # "1200 ships sailed"
)
_EVER = 9_999
AMOUNT = "amount"  # the unit of a large number of nothing that is named
_LARGE = 1_000_000
_REACH = 12  # words from "the number of" to the number
_NEARLY = 0.1  # how far off a number may be that is said to be about so much


class Date(NamedTuple):
    """Years from ``first`` to ``last`` and, of a single one, month and day where they are stated."""

    first: int
    last: int
    month: int
    day: int
    span: Span

    @property
    def is_point(self) -> bool:
        """Whether something happened then, rather than lasted."""
        return self.first == self.last or self.last - self.first == 9

    def fits(self, other: Date) -> bool:
        """Whether both may be one date."""
        if self.first > other.last or other.first > self.last:
            return False
        if not self.month or not other.month or self.month != other.month:
            return not (self.month and other.month)
        return not (self.day and other.day) or self.day == other.day


class Number(NamedTuple):
    """Between ``low`` and ``high`` of something; ``unit`` holds the words that say of what, as stems."""

    low: float
    high: float
    unit: tuple[str, ...]
    span: Span

    def fits(self, other: Number) -> bool:
        """Whether both may be one number."""
        return self.low <= other.high and other.low <= self.high


def dates(text: str) -> list[Date]:
    """The dates that name a year, in order."""
    found: list[Date] = []
    for match in _DATE.finditer(text) if any(c.isdigit() for c in text) else ():
        if match["decade"]:
            first = int(match["decade"]) * 10
            last = first + 9
        else:
            first = int(match["year"])
            last = int(match["year"][: -len(match["last"])] + match["last"]) if match["last"] else first
        if (match["open"] or "").lower() in ("since", "after"):
            last = _EVER
        elif match["open"]:
            first = 0
        month = _MONTHS.index(match["month"]) + 1 if match["month"] else 0
        start = min(match.start(name) for name in ("day", "month", "decade", "year") if match[name])
        day = match["day"] or match["after"]
        found.append(Date(first, max(first, last), month, int(day) if day and month else 0, Span(start, match.end())))
    return found


class Token(NamedTuple):
    """A word, number or mark of a sentence; ``word`` is it in lower case, without a possessive ending."""

    text: str
    span: Span
    word: str


_POSSESSIVE = re.compile(r"(?<=\w)['’]s?$")
_TOKEN = re.compile(
    r"[$€£%]|\d+[:/]\d+|\d+(?:\.\d+){2,}|\d(?:[\d,]*\d)?(?:\.\d+)?(?=pc\b|[^\w/:-]|-\W|[/:-]?$|[:-]\s)|[^\W_]+(?:[-'’/][^\W_]+)*['’]?|[^\w\s]"
)


def tokens(text: str) -> list[Token]:
    """Words with their hyphens and apostrophes, numbers with their points and commas, marks."""
    return [
        Token(match[0], Span(*match.span()), _POSSESSIVE.sub("", match[0].lower())) for match in _TOKEN.finditer(text)
    ]


def numbers(spoken: Sequence[Token]) -> Iterator[Number]:
    """The numbers of what is counted or measured; "one" is none of them."""
    here = 0
    while here < len(spoken):
        value, end = _value(spoken, here)
        if value is None:
            here += 1
            continue
        unit = _unit(spoken, here, end)
        low, high = _bounds(value, [token.word for token in spoken[max(0, here - 2) : here]])
        yield Number(low, high, unit, Span(spoken[here].span.start, spoken[end - 1].span.end))
        here = end


def _value(spoken: Sequence[Token], start: int) -> tuple[float | None, int]:
    """What the words from ``start`` on count, and where they end: "two hundred and fifty" is 250."""
    total, part, end = 0.0, None, start
    while end < len(spoken):
        word = spoken[end].word
        pieces = word.split("-")
        if word[0].isdigit() and re.fullmatch(r"\d[\d,]*(?:\.\d+)?", word) and part is None:
            part = float(word.replace(",", ""))
        elif all(piece in SMALL_NUMBERS or (piece == "one" and len(pieces) > 1) for piece in pieces):
            part = (part or 0.0) + sum(SMALL_NUMBERS.get(piece, 1) for piece in pieces)
        elif word in POWERS and (part is not None or (end > start)):
            scale = POWERS[word]
            part = (part or 1.0) * scale
            if scale >= 1_000:
                total, part = total + part, None
        elif not (word == "and" and spoken[end - 1].word == "hundred" and end > start):
            break
        end += 1
    if end == start:
        return None, end
    return total + (part or 0.0), end


def _unit(spoken: Sequence[Token], start: int, end: int) -> tuple[str, ...]:
    if start and spoken[start - 1].text in "$€£":
        return ({"$": "dollar", "€": "euro", "£": "pound"}[spoken[start - 1].text],)
    after = [token.word for token in spoken[end : end + 4]]
    if after[:1] in (["%"], ["percent"], ["pc"]) or after[:2] == ["per", "cent"]:
        return ("percent",)
    unit: list[str] = []
    for word in after:
        if word in LIGHT or not word[0].isalpha() or word in SMALL_NUMBERS:
            break
        unit.append(stem(word))
    return tuple(unit) or _unit_before(spoken, start, end)


def _unit_before(spoken: Sequence[Token], start: int, end: int) -> tuple[str, ...]:
    """ "Puts the number of boats at 80": boats. A bare "4.2 million" is an amount, comparable with other amounts."""
    before = [token.word for token in spoken[max(0, start - _REACH) : start]]
    counted = [before[here + 2] for here in range(len(before) - 2) if before[here : here + 2] == ["number", "of"]]
    if counted:
        return (stem(counted[-1]),)
    return (AMOUNT,) if POWERS.get(spoken[end - 1].word, 0) >= _LARGE else ()


def _bounds(value: float, before: Sequence[str]) -> tuple[float, float]:
    said = {" ".join(before), *before[-1:]}
    if said & AT_LEAST:
        return value, float("inf")
    if said & AT_MOST:
        return 0.0, value
    if said & APPROXIMATE:
        return value * (1 - _NEARLY), value * (1 + _NEARLY)
    return value, value
