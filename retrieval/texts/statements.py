"""Lines in which an article's page states its title, author, publisher, date and address.

Each recogniser takes one line and says what it states, or that it is no line
of its kind. Only whole lines are recognised, never words within a sentence.
Every pattern is linear in the line, and a line beyond ``LONGEST`` characters
states nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from retrieval.texts.dates import iso_date

LONGEST = 400  # characters

_OPENING_PARTICLES = frozenset({"al", "el", "de", "van", "von"})
PARTICLES = _OPENING_PARTICLES | frozenset(
    {"and", "bin", "bint", "da", "del", "della", "der", "di", "du", "e", "ibn", "la", "le", "st", "ten", "ter"}
    | {"ul", "ur", "y", "&"}
)
_NAME_WORD = re.compile(r"[^\W\d_][\w.'’‘-]*,?|&")
_LONGEST_NAME = 8  # words


def line_pattern(*alternatives: str) -> re.Pattern[str]:
    """One pattern for any of the alternatives, whatever their case."""
    return re.compile("|".join(alternatives), re.IGNORECASE)


def match_line(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    """The match of a pattern with the whole line, its white space made single spaces."""
    return pattern.fullmatch(" ".join(line.split())) if len(line) <= LONGEST else None


def is_name(text: str) -> bool:
    """Whether the text looks like the name of one or more people or of a house: "Jane Marsh and Tom van Dyk"."""
    words = text.split()
    if not 0 < len(words) <= _LONGEST_NAME or words[0].lower() in PARTICLES - _OPENING_PARTICLES:
        return False
    capitalised = [not word[0].islower() for word in words]
    return any(capitalised) and all(
        _NAME_WORD.fullmatch(word) is not None and (big or word.rstrip(",").lower() in PARTICLES)
        for word, big in zip(words, capitalised, strict=True)
    )


_HEADING_MARKS = re.compile(r"^#{1,6}\s+|\s+#{1,6}$")


def heading_text(line: str) -> str:
    """The words of a title or heading, without Markdown's marks and with single spaces."""
    return _HEADING_MARKS.sub("", " ".join(line.split()))


_ROLE = (
    r"(?:researcher|research|fellow|professor|lecturer|teacher|journalist|columnist|writer|author|analyst"
    r"|correspondent|reporter|editor|student|scholar|lawyer|freelance|freelancer|director|diplomat|ambassador"
    r"|economist|historian|strategist|scientist)"
)
_NAMED_ROLE = re.compile(rf"\b{_ROLE}\b", re.IGNORECASE)
_BYLINE = line_pattern(r"(?P<by>(?:(?:written |reported |words )?by|author)\b ?:? ?)?(?P<parts>.*)")
_BETWEEN_PARTS = re.compile(r"(?: ?[|•·] ?| [–—-] )(?!\d{1,2}[:.]\d\d)")  # not before the time of day of a date
_NAME_WITH_ROLE = line_pattern(rf"(?P<name>[^,]+), (?:[\w-]+ ){{0,3}}{_ROLE}")
_PUBLISHER_WORDS = 2  # fewest; a single word may be the section


class Byline(NamedTuple):
    """What the line below a title states."""

    author: str  # "" for a "By" without a name
    publisher: str | None
    published: str | None  # ISO 8601


def byline(line: str) -> Byline | None:
    """What "By Jane Marsh | Harbour Post | 3 May 1987" or "Jane Marsh, columnist — 1987-05-03" states.

    Without "By" a role and a date must be there, and a third part counts only
    beside a date; ``None`` for any other line.
    """
    match = match_line(_BYLINE, line.strip("*_ "))
    if match is None:
        return None
    first, *rest = _BETWEEN_PARTS.split(match["parts"].strip())
    name, *dates = _without_date(first)
    dates += filter(None, map(dateline, rest))
    others = [part for part in rest if not dateline(part)]
    role = match_line(_NAME_WITH_ROLE, name)
    author = role["name"] if role else name
    by = match["by"] is not None
    stated = (by or (role and dates)) and len(others) <= (1 if dates else 0)
    if not stated or not all(map(is_name, [author, *others] if author else others)):
        return None
    named = [part for part in others if len(part.split()) >= _PUBLISHER_WORDS and not _NAMED_ROLE.search(part)]
    return Byline(author, next(iter(named), None), next(iter(dates), None))


def _without_date(name: str) -> tuple[str, ...]:
    """The name and the date of "Jane Marsh, May 3, 1987"; the name alone where there is no date."""
    for comma in re.finditer(", ", name):
        if date := dateline(name[comma.end() :]):
            return name[: comma.start()], date
    return (name,)


_TRAILING_AUTHOR = re.compile(
    r"\s[–—|-]\s+(?:by\s+(?P<by>.+)|(?P<name>(?:dr|prof|professor|mr|mrs|ms)\b\.?\s.+))", re.IGNORECASE
)


def trailing_author(line: str) -> tuple[int, str] | None:
    """Where a title ends and whose it is, for "The Long Way Home – Dr Jane Marsh"; ``None`` without an author."""
    dash = max(line.rfind(f" {mark} ") for mark in "–—|-") if len(line) <= LONGEST else -1
    match = _TRAILING_AUTHOR.fullmatch(line, dash) if dash > 0 else None
    name = (match["by"] or match["name"]).strip() if match else ""
    return (dash, name) if name and is_name(name) else None


_DATED = line_pattern(r"(?:(?:first )?published|posted|date|dated)\b(?: on\b)? ?:? ?(?P<date>.*)")
_CHANGED = line_pattern(r"(?:last )?(?:updated|modified)\b(?: on\b)? ?:? ?(?P<date>.*)")


def dateline(line: str) -> str | None:
    """The ISO date of "March 15, 2017" or "Published: 2017-03-15"; ``None`` where the line is no date."""
    match = match_line(_DATED, line)
    date = match["date"] if match else line
    # A bare year may be a heading; a labelled one is a date.
    return iso_date(date) if match or not date.strip().isdigit() else None


def is_change_date(line: str) -> bool:
    """Whether the line says when the page was changed, which is not when it was published."""
    match = match_line(_CHANGED, line)
    return match is not None and iso_date(match["date"]) is not None


_ORIGIN = line_pattern(
    r"(?:source|publisher|courtesy) ?: ?(?P<source>\S.*)",
    r"(?:(?:this|the) (?:article|piece|story|essay|post) (?:was |has been )?|it was )?"
    r"(?:originally|first) (?:published|appeared|posted) (?:at|in|on|by) ?:? ?(?P<place>\S.*)",
)
_URL = line_pattern(r"https?://[^\s<>\"]+")


def origin(line: str) -> str | None:
    """The publisher or address of "Source: Harbour Post" or "Originally published at https://…"."""
    match = match_line(_ORIGIN, line)
    stated = (match["source"] or match["place"]).rstrip(" .") if match else ""
    return stated if stated and (is_url(stated) or is_name(stated)) else None


def is_url(text: str) -> bool:
    """Whether the text is an http or https address and nothing else."""
    return _URL.fullmatch(text) is not None


_DISCUSSION = line_pattern(
    r"(?:\d{1,5}|one|two|three|no) (?:thoughts?|repl(?:y|ies)|comments?|responses?)"
    r"(?: (?:on|to) [“\"«‘'](?P<title>.+))?:?",
)


def discussion(line: str) -> str | None:
    """The title in “2 thoughts on “The Long Way Home””, "" for "3 comments", ``None`` for any other line."""
    match = match_line(_DISCUSSION, line)
    return (match["title"] or "").strip(" ”\"»’'") if match else None


_WRITER = r"(?:the |this )?(?:writer|author|columnist|correspondent)s?"
_CONTACT = line_pattern(
    rf"\W*{_WRITER} (?:can|may) be (?:reached|contacted|followed)\b.{{0,200}}",
    rf"\W*{_WRITER} tweets\b.{{0,120}}",
    r"\W*(?:e-?mail|contact|twitter) ?:? ?(?:\[email protected\]|\S+@\S+|@\w+)\W*",
)


def is_contact(line: str) -> bool:
    """Whether the line says how to reach the author."""
    return match_line(_CONTACT, line) is not None


_ABOUT = line_pattern(
    rf"\W*(?P<name>[^,;:()]{{2,80}}?) (?:is|was|works as|serves as) (?:[\w-]+,? ){{0,6}}?{_ROLE}s?\b"
    r"[^.!?]{0,20}? (?:at|with|of|for|in|from|based|and|on|who|whose)\b.{0,250}",
)
_ANONYMOUS = line_pattern(r"(?:the|this) (?:author|writer|columnist|reporter|contributor)")
_BOX_LABEL = line_pattern(rf"\W*about {_WRITER}\W*")
_LABELLED_BOX = re.compile(rf"\W{{0,3}}about {_WRITER}\W{{0,3}}[:–—-][*_]*(?=\s)", re.IGNORECASE)
_INTRODUCED = line_pattern(
    r"\W*(?P<name>[^,;:()]{2,80}?),? (?:is|was|has|works|writes|lives|teaches|reports|covers)\b.*"
)


def about_author(paragraph: str) -> str | None:
    """The name in "Jane Marsh is a researcher at …", "" for "The author is …", ``None`` for any other paragraph."""
    return _subject(match_line(_ABOUT, paragraph))


def box_label_end(line: str) -> int | None:
    """Where the label ends in "About the author: Jane Marsh lives …"; ``None`` without one."""
    match = _LABELLED_BOX.match(line)
    return match.end() if match else None


def is_box_label(line: str) -> bool:
    """Whether the line announces an author box: "About the author"."""
    return match_line(_BOX_LABEL, line) is not None


def introduced(paragraph: str) -> str | None:
    """The name at the head of an author box, "Jane Marsh lives in …"; for a line that is known to be one."""
    return about_author(paragraph) or _subject(match_line(_INTRODUCED, paragraph))


def _subject(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    name = match["name"].strip()
    if _ANONYMOUS.fullmatch(name):
        return ""
    return name if is_name(name) and len(name.split()) > 1 else None
