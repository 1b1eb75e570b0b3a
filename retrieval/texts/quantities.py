"""The dates and numbers of a sentence, with their places and what they may mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from retrieval.texts.lexicon import (
    APPROXIMATE,
    AT_LEAST,
    AT_MOST,
    LIGHT,
    MEASURES,
    POWERS,
    SMALL_NUMBERS,
)  # fmt: skip
from retrieval.tokens import stem
from retrieval.types import Span

_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
_MONTH = f"(?:{'|'.join(_MONTHS)})"
_DATE = re.compile(
    rf"(?:(?:\b(?P<open>(?i:since|until|till|before|after|by))|(?P<about>(?i:\b(?:about|around|circa|roughly"
    rf"|approximately|perhaps|probably|nearly|almost|some time in)\b|\bca?\.|~)))\s*(?:in\s+)?(?:the\s+)?)?"
    rf"(?P<winter>\b(?i:winter)\s+(?:of\s+)?)?"
    rf"(?:\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?={_MONTH}))?"
    rf"(?:\b(?P<month>{_MONTH})(?:\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?)?,?\s+(?:of\s+)?)?"
    rf"\b(?:(?P<decade>(?:1[1-9]|20)\d)0s|(?P<year>(?:1[1-9]|20)\d\d)"
    rf"(?:\s?(?:[-–]|to|and|or|until)\s?(?P<last>\d{{4}}|\d\d))?(?![\w/]))"
    r"(?P<bound>,?\s+(?:at the (?:earliest|latest)|or (?:earlier|later)))?"
    r"(?!\s+(?!was|is|has|as|this)[a-z]+(?:s|people|men)\s+(?!was|were|is|are|has|have|had))"  # "1200 ships sailed"
)
_EVER = 9_999
_ABOUT_YEARS = 10  # how far off a year may be that is said to be about so much
AMOUNT = "amount"  # the unit of a large number of nothing that is named
_THOUSAND, _LARGE = 1_000, 1_000_000
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
        opened = (match["open"] or match["bound"] or "").lower()
        if opened.endswith(("since", "after", "earliest", "later")):
            last = _EVER
        elif opened:
            first = 0
        elif match["about"] or match["winter"]:
            first, last = (first - _ABOUT_YEARS, last + _ABOUT_YEARS) if match["about"] else (first, last + 1)
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
    r"[$€£%~]|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d,.]?\d)|(?<=[$€£])\d[\d,.]*(?:m|bn|k)\b|\d+[:/]\d+|\d+(?:\.\d+){2,}"
    r"|\d(?:[\d,]*\d)?(?:\.\d+)?(?=pc\b|[^\w/:-]|-\W|[/:-]?$|[:-]\s)|[^\W_]+(?:[-'’/][^\W_]+)*['’]?|[^\w\s]"
)


def tokens(text: str) -> list[Token]:
    """Words with their hyphens and apostrophes, numbers with their points and commas, marks."""
    return [
        Token(match[0], Span(*match.span()), _POSSESSIVE.sub("", match[0].lower())) for match in _TOKEN.finditer(text)
    ]


def numbers(spoken: Sequence[Token]) -> Iterator[Number]:
    """The numbers of what is counted or measured, ranges as one; "one" is none of them."""
    here = 0
    while here < len(spoken):
        low, end = _value(spoken, here)
        if low is None:
            here += 1
            continue
        before = [token.word for token in spoken[max(0, here - 3) : here]]
        high, end = _range_end(spoken, end, before[-1:] == ["between"], low[0]) or (low, end)
        if max(high) >= _THOUSAND > max(low) > 0 and max(high) / max(low) >= _THOUSAND:
            power = max(p for p in POWERS.values() if p <= max(high))  # "3 to 5 million"
            low = (low[0] * power, low[1] * power)
        whole = spoken[end - 1].span.end
        if _is_part(spoken, here, end):
            yield Number(min(low), max(high), (), Span(spoken[here].span.start, whole))
        else:
            least, most = _bounds(min(*low, *high), max(*low, *high), before)
            yield Number(least, most, _unit(spoken, here, end), Span(spoken[here].span.start, whole))
        here = end


def _range_end(spoken: Sequence[Token], end: int, between: bool, low: float) -> tuple[tuple[float, float], int] | None:
    """What "3 to 5" or "between 3 and 5" goes up to, and where that ends; "from 5 to 3" is a change."""
    joined = end < len(spoken) and spoken[end].word in ({"and", "–", "-"} if between else {"to", "or", "–", "-", "—"})
    value, last = _value(spoken, end + 1) if joined else (None, end)
    return None if value is None or value[1] < low else (value, last)


def _is_part(spoken: Sequence[Token], start: int, end: int) -> bool:
    """Whether a number is one of two that only together say how much: "3 out of 4", "2 hours 10 minutes"."""
    before, after = _outline(spoken[max(0, start - 3) : start]), _outline(spoken[end : end + 3])
    second = re.search(r"(?:out of|# \S+ of)$", before) or re.search(r"# measure(?: and| ,)?$", before)
    return bool(second or re.match(r"out of|in #|\S+ of #|measure (?:and |, )?#", after))


def _outline(spoken: Sequence[Token]) -> str:
    """The words with "#" for numbers and "measure" for what measures."""
    return " ".join(
        "#" if t.word[0].isdigit() or t.word in SMALL_NUMBERS else "measure" if stem(t.word) in MEASURES else t.word
        for t in spoken
    )


def _value(spoken: Sequence[Token], start: int) -> tuple[tuple[float, float] | None, int]:
    """The least and most that the words from ``start`` on may count, and where they end.

    "Two hundred and fifty" is 250; "1.500", which is one thing in English and another elsewhere, is 1.5 to 1500.
    """
    total, part, scale_of, end = 0.0, None, 1.0, start
    while end < len(spoken):
        word = spoken[end].word
        pieces = word.split("-")
        if part is None and (read := _figure(word)):
            part, scale_of = read
        elif word == "dozen":
            part = 12.0 * (part or 1.0)
        elif all(piece in SMALL_NUMBERS or (piece == "one" and len(pieces) > 1) for piece in pieces):
            part = (part or 0.0) + sum(SMALL_NUMBERS.get(piece, 1) for piece in pieces)
        elif end == start and word in ("one", "a") and spoken[end + 1 : end + 2] and spoken[end + 1].word in POWERS:
            part = 1.0
        elif word in POWERS and (part is not None or (end > start)):
            scale = POWERS[word]
            part = (part or 1.0) * scale
            if scale >= _THOUSAND:
                total, part = total + part, None
        elif not (word == "and" and spoken[end - 1].word == "hundred" and end > start):
            break
        end += 1
    if end == start:
        return None, end
    value = total + (part or 0.0)
    return (value, value * scale_of), end


def _figure(word: str) -> tuple[float, float] | None:
    """A number in figures, and how many times as much it may also be."""
    figures = word.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    match = re.fullmatch(r"(\d[\d,.]*?)(m|bn|k)?", figures)
    if not match or figures.count(".") > 1:
        return None
    power = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000}.get(match[2] or "", 1)
    if re.fullmatch(r"\d+,(?:\d{1,2}|\d{4,})", match[1]):  # a decimal comma
        return float(match[1].replace(",", ".")) * power, 1.0
    ambiguous = re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", match[1])
    return float(match[1].replace(",", "")) * power, 1_000.0 if ambiguous else 1.0


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


def _bounds(low: float, high: float, before: Sequence[str]) -> tuple[float, float]:
    """What the last words before a number, of which the most together count, leave it to be."""
    for said in (" ".join(before[here:]) for here in range(len(before))):
        if said in AT_LEAST:
            return low, float("inf")
        if said in AT_MOST:
            return 0.0, high
        if said in APPROXIMATE:
            return low * (1 - _NEARLY), high * (1 + _NEARLY)
    return low, high
