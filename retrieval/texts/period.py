"""The time that a question asks about, and how well a passage fits it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from retrieval.types import Period

_YEAR = r"(?:1[0-9]|20)\d\d"
_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_RANGE = re.compile(
    rf"\b(?:between|from) ({_YEAR}) (?:and|to|until|till) ({_YEAR})\b|\b({_YEAR}) ?[–-] ?({_YEAR})\b", re.I
)
_DECADE = re.compile(r"\b((?:1[0-9]|20)\d0)['’]?s\b|(?:\bthe |['’])([2-9]0)['’]?s\b", re.IGNORECASE)
_NAMED_DECADES = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
_NAMED_DECADE = re.compile(rf"\bthe ({'|'.join(_NAMED_DECADES)})\b", re.IGNORECASE)
_CENTURY = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)[ -]century\b", re.IGNORECASE)
_BOUND = re.compile(
    rf"\b(before|prior to|until|till|up to|by|after|since|from) (?:{_MONTH} )?({_YEAR})\b", re.IGNORECASE
)
_IN = re.compile(
    rf"\b(?:in|of|during|for|throughout|early|late|mid|around|about|{_MONTH},?|\d{{1,2}},?)[ -]({_YEAR})\b(?!s)",
    re.I,
)
_LATEST = re.compile(
    r"(?<!at the )\b(?:latest|newest|most recent(?:ly)?|recently|nowadays|currently|at present|these days)\b",
    re.IGNORECASE,
)
_STATED = re.compile(rf"\b({_YEAR})(?:(s\b)|\b(?:[–-]({_YEAR}|\d\d)\b)?)")
_EVER = 9999
_PUBLISHED_THEN = 0.5  # an article of that time says less than a passage that names the time


def period(question: str) -> Period | None:
    """The years that a question asks about, first and last included; ``None`` for one without a time.

    "before 2014" is years 0 to 2013, "in the 1960s" 1960 to 1969, "latest" no years but the newest article.
    """
    latest = _LATEST.search(question) is not None
    years = _years(question)
    return Period(*years, latest) if years else Period(0, _EVER, latest) if latest else None


def _years(question: str) -> tuple[int, int] | None:
    if match := _RANGE.search(question):
        first, last = sorted(int(year) for year in match.groups() if year)
        return first, last
    if match := _DECADE.search(question):
        first = int(match[1] or f"19{match[2]}")
        return first, first + 9
    if match := _NAMED_DECADE.search(question):
        first = 1920 + 10 * _NAMED_DECADES.index(match[1].lower())
        return first, first + 9
    if match := _CENTURY.search(question):
        return int(match[1]) * 100 - 99, int(match[1]) * 100
    if match := _BOUND.search(question):
        return _bound(match[1].lower(), int(match[2]))
    if match := _IN.search(question):
        return int(match[1]), int(match[1])
    return None


def _bound(word: str, year: int) -> tuple[int, int]:
    match word:
        case "before" | "prior to":
            return 0, year - 1
        case "until" | "till" | "up to" | "by":
            return 0, year
        case "after":
            return year + 1, _EVER
        case _:
            return year, _EVER


def fit(wanted: Period, text: str, published: str | None, newest: Mapping[str, float]) -> float:
    """How well a passage fits, 0 to 1: the larger of what its text names and what its article's date says.

    :param published: ISO date of the article, where it is known
    :param newest: of :func:`recency`; read where the newest is wanted
    """
    dated = 0.0
    if published and wanted.latest:
        dated = newest[published]
    elif published and wanted.first <= int(published[:4]) <= wanted.last:
        dated = _PUBLISHED_THEN
    bounded = (wanted.first, wanted.last) != (0, _EVER)
    return max(dated, float(bounded and within(wanted, text)))


def within(wanted: Period, text: str) -> bool:
    """Whether the text names a year of the period."""
    return any(first <= wanted.last and last >= wanted.first for first, last in _named(text))


def names_years(text: str) -> bool:
    """Whether the text names any year."""
    return next(iter(_named(text)), None) is not None


def recency(published: Iterable[str]) -> dict[str, float]:
    """Each date -> its place among the different dates, evenly from 0 for the oldest to 1 for the newest."""
    ordered = sorted(set(published))
    return {date: place / (len(ordered) - 1) if len(ordered) > 1 else 0.0 for place, date in enumerate(ordered)}


def _named(text: str) -> Iterator[tuple[int, int]]:
    """The years, decades and spans of years that a text names."""
    for match in _STATED.finditer(text):
        first = int(match[1])
        last = first + 9 if match[2] else int(f"{match[1][: 4 - len(match[3])]}{match[3]}") if match[3] else first
        yield first, last
