"""What a text names: people, places, works and years; read off its spelling, without a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from retrieval.followup.grammar import ASKING, AUXILIARY
from retrieval.tokens import STOP_WORDS

_BIG = r"[^\W\d_a-zß-öø-ÿ]"
_TOKEN = re.compile(
    rf"{_BIG}\.(?=\s?{_BIG})|[^\W_](?:(?:[\w.&/-]|['’](?={_BIG}))*\w)?(?P<owner>['’]s\b|(?<=s)['’](?=\s))?|[^\s\w]"
)
_WITHIN = "of|the|de|del|der|van|von|bin|ibn|al|el|for"  # stand within names, never at an end
_GOES_ON = re.compile(rf"\s+(?:(?:{_WITHIN})\s+){{0,2}}({_BIG})")
_WHOLE = re.compile(rf"{_BIG}\S*(?:\s(?:[^\W_a-z]\S*|{_WITHIN}|an?|and|in|on|to|du|la|&|[–-]))*(?<![?!])")
_NOT_NAMES = STOP_WORDS | frozenset(
    """i ok yes however besides according sure although despite thus hence today monday tuesday wednesday thursday
    friday saturday sunday january february march april may june july august september october november
    december""".split()  # noqa: SIM905  a column of quotation marks reads worse
)
_ROLES = frozenset(
    """general president minister adviser director secretary chief marshal colonel commander
    ambassador prime foreign king queen prince princess pope dr prof professor mr mrs ms sir lord lady senator governor
    chairman chancellor deputy""".split()  # noqa: SIM905
)
_ROLE_BEFORE = re.compile(rf"(?:\b(?:[A-Z]\w+-)?(?:{'|'.join(map(str.capitalize, sorted(_ROLES)))})\.? )+$")
_BODIES = re.compile(
    r"\b(?:university|institute|party|council|treaty|agreement|organi[sz]ation|ministry|army|war|forum|summit|street|"
    r"records|river|island|sea|complex|station|project|committee|company|corporation|band|group|club|league|cup|"
    r"conference|award|act|union|bank|school|college|museum|bridge|hall|house|church|post|times|news|states|chronicle|"
    r"championship|open|olympics|tour|album|show)s?\b",
    re.IGNORECASE,
)
_LINKED = re.compile(r"^The\b|\b(?:of|in|and|on|to|the|for|an?|Ltd|Inc)\b|[&–:]")
_WORK = re.compile(rf"[“\"]({_BIG}[^“”\"]{{1,60}}?)[,.]?[”\"]")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d(?:[-–](?:\d\d){1,2})?\b")
_WHERE = re.compile(
    r"(?P<bare>\b(?:in|at|into|near|across|outside|around|throughout|visit(?:s|ed|ing)?|leave|left|reach(?:es|ed)?"
    r"|(?:go|goes|went|gone|been|travell?(?:ed)?|trip|visit|way|return(?:ed)?) to) )(?:the )?"
)
_WHAT_IS = re.compile(r"(?P<bare>\bwhat (?:is|was) )(?:the )?", re.IGNORECASE)
_FIRST_WORD = re.compile(r"\w*")
_BORDER = re.compile(r"\b")
_LONGEST_NAME = 6  # words
_TITLE = 3  # capitalised words from which a text is a title, whatever it opens with
_ASKS = re.compile(rf"(?:{ASKING}|{AUXILIARY}|and|but)\b", re.IGNORECASE)
_PERSON, _UNSURE, _NO_PERSON = 1.0, 0.3, 0.0
_TWO_WORDS = 0.8  # of a name of several words without a sign that it is none


class Name(NamedTuple):
    """A name without the role before it, and how likely it is a person's by its form: 0 to 1."""

    text: str
    start: int
    person: float


@lru_cache(maxsize=4_096)
def names(text: str) -> tuple[Name, ...]:
    """The names in a text, in order: runs of capitalised words, and titles of works between quotation marks.

    A single capitalised word that opens a sentence is none, unless it is all of the text.
    """
    if _is_name(text):
        found = _name([token for token in _TOKEN.finditer(text) if token[0][0].isalnum()], text)
        return () if found is None else (found if found.person == _PERSON else Name(text, 0, found.person),)
    works = [Name(match[1], match.start(1), _NO_PERSON) for match in _WORK.finditer(text)]
    within = [range(work.start, work.start + len(work.text)) for work in works]
    runs = [name for run in _runs(text) if (name := _name(run, text)) and not any(name.start in w for w in within)]
    return tuple(sorted([*works, *runs], key=lambda name: name.start))


def _is_name(text: str) -> bool:
    """Whether the text is a name and nothing else, as a title may be: "The Birth of a Nation"."""
    words = text.split()
    if not 0 < len(words) <= _LONGEST_NAME or _ASKS.match(text) or _WHOLE.fullmatch(text) is None:
        return False
    return len(words) >= _TITLE or words[0].lower() not in _NOT_NAMES - {"a", "an", "the"}


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Runs of tokens that may be names; one that owns what follows ("Tarn's") ends its run."""
    run: list[re.Match[str]] = []
    opening = True
    for token in _TOKEN.finditer(text):
        word = _bare(token)
        goes_on = (following := _GOES_ON.match(text, token.end())) is not None and following[1].isupper()
        if word[:1].isupper() and word.lower() not in _NOT_NAMES:
            names_on = following is not None and following[0].split()[:1] != ["the"]
            belongs = bool(run) or not opening or (goes_on and names_on) or bool(token["owner"])
        elif word.isdigit():
            belongs = bool(run) and text[token.start() - 1 : token.start()] == " "
        else:
            belongs = bool(run) and goes_on and word.lower() in _WITHIN.split("|")
        if not belongs:
            yield run
            run = []
        else:
            run.append(token)
        if run and token["owner"]:
            yield run
            run = []
        opening = token[0] in '.?!:“"(…'
    yield run


def _name(run: list[re.Match[str]], text: str) -> Name | None:
    roles = [number for number, token in enumerate(run) if _bare(token).lower().rpartition("-")[2] in _ROLES]
    kept = run[roles[-1] + 1 :] if roles and roles[-1] + 1 < len(run) else run
    if not 0 < len(kept) <= _LONGEST_NAME:
        return None
    start, last = kept[0].start(), kept[-1]
    name = text[start : last.end() - len(last["owner"] or "")]
    return Name(name, start, _PERSON if len(kept) < len(run) else _NO_PERSON if roles else _by_form(name))


def _by_form(name: str) -> float:
    if _BODIES.search(name) or name.isupper() or any(c.isdigit() for c in name):
        return _NO_PERSON
    return _TWO_WORDS if " " in name and not _LINKED.search(name) else _UNSURE


def _bare(token: re.Match[str]) -> str:
    return token[0].removesuffix(token["owner"] or "")


def titled(name: Name, text: str) -> str:
    """The name with the role before it in the text that it was found in: "General Reed"."""
    role = _ROLE_BEFORE.search(text[: name.start])
    return f"{role[0] if role else ''}{name.text}"


def longest_forms(known: Iterable[str]) -> dict[str, str]:
    """The longest of the known names by what each begins or ends with, in small letters: "Frank Zappa" by "zappa"."""
    longest: dict[str, str] = {}
    for name in known:
        words = name.lower().split(" ")
        for cut in range(1, len(words)):
            for part in (" ".join(words[:cut]), " ".join(words[cut:])):
                longest[part] = max(longest.get(part, ""), name, key=len)
    return longest


def years(text: str) -> list[str]:
    """The years and spans of years in a text, in order: "1983", "1974-1993"."""
    return _YEAR.findall(text)


def is_place(name: str, text: str) -> bool:
    """Whether the text speaks of the name as of a place: "in Tarn", "visited Tarn"."""
    return any(text.startswith(name, start) for start in _starts(_WHERE, name, text))


def is_defined(name: str, text: str) -> bool:
    """Whether the text asks what the name is: "what is the Tarn"."""
    folded = name.lower()
    return any(text[start : start + len(name)].lower() == folded for start in _starts(_WHAT_IS, name, text))


def _starts(lead: re.Pattern[str], name: str, text: str) -> Iterator[int]:
    """Where in the text the name may stand behind ``lead``, by its first word; there it ends with a word."""
    first = _FIRST_WORD.match(name)
    for start in _led(lead, text).get(first[0].lower() if first else "", ()):
        if _BORDER.match(text, start + len(name)):
            yield start


@lru_cache(maxsize=64)
def _led(lead: re.Pattern[str], text: str) -> dict[str, list[int]]:
    """Where something stands behind ``lead``, with "the" or without, by its first word in small letters.

    Names are many in a long talk, so that the text is not searched for each.
    """
    places: dict[str, list[int]] = {}
    for found in lead.finditer(text):
        for start in {found.end(), found.end("bare")}:
            if first := _FIRST_WORD.match(text, start):
                places.setdefault(first[0].lower(), []).append(start)
    return places
