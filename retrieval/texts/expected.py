"""What kind of words a question asks for, and whether a sentence holds such words."""

from __future__ import annotations

import re
from collections.abc import Collection

from retrieval.tokens import stem, words
from retrieval.types import Expected

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_NUMBERS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|"
    "hundred|thousand|million|billion|dozen|half|per cent|percent|several|no"
)
_REASONS = (
    "because|since|due to|owing to|as a result|so that|in order to|therefore|reason|caused?|led to|in response|"
    r"thanks to|attribut\w+|aims? to|meant to|so as to"
)
_PEOPLE = "person|author|general|minister|president|leader|official|writer|analyst"


def _asks(how: str, what: str = "") -> re.Pattern[str]:
    """Matches the question words ``how``, or "what" and "which" before one of the nouns ``what``."""
    nouns = rf"|\b(?:what|which) (?:{what})\b" if what else ""
    return re.compile(rf"\b(?:{how})\b{nouns}", re.IGNORECASE)


#: Tried in this order.
_ASKED = (
    (
        _asks(
            "how (?:many|much|often|large|big|long(?! ago)|old|far|high)", r"number|share|percent\w*|sum|amount|price"
        ),
        Expected.NUMBER,
    ),
    (_asks("when|how long ago", "year|month|day|date|decade|century|period"), Expected.DATE),
    (_asks("who(?:m|se)?", _PEOPLE), Expected.PERSON),
    (_asks("where", "place|city|town|country|region|station|port"), Expected.PLACE),
    (_asks("why|how come", "reasons?|causes?"), Expected.REASON),
    (re.compile(r"\bwhat caused?\b", re.IGNORECASE), Expected.REASON),
)

_NAME = r"[A-Z][\w’'-]+"
_HOLDS = {
    Expected.DATE: re.compile(
        rf"\b(?:1\d|20)\d\d(?:s|\b)|\b(?:{_MONTHS})\b|\b\d{{1,2}}(?:st|nd|rd|th)? century\b", re.I
    ),
    Expected.NUMBER: re.compile(rf"\d|%|\b(?:{_NUMBERS})\b", re.I),
    Expected.PERSON: re.compile(rf"{_NAME}(?:\s+(?:[A-Z]\.|de|van|bin|al|{_NAME}))+|\b(?:Mr|Mrs|Ms|Dr|Gen)\b"),
    Expected.PLACE: re.compile(r"\b(?:in|at|from|to|near|between|of|off|on)\s+(?:the\s+)?[A-Z]\w+"),
    Expected.REASON: re.compile(rf"\b(?:{_REASONS})\b", re.I),
}
#: The kinds that can be told by looking.
KINDS = tuple(_HOLDS)
#: Of these a word that the question has too may still be the answer: "three reasons", "50 per cent".
_MAY_REPEAT = frozenset({Expected.REASON, Expected.NUMBER})


def expected(question: str) -> Expected:
    """The kind of words that would answer, by the question's own words."""
    return next((kind for pattern, kind in _ASKED if pattern.search(question)), Expected.ANYTHING)


def asked_kinds(question: str) -> frozenset[Expected]:
    """All kinds of words that a question asks for: both of "Who opened it, and when?"."""
    return frozenset(kind for pattern, kind in _ASKED if pattern.search(question))


def holds(kind: Expected, text: str, asked: Collection[str]) -> bool:
    """Whether the text holds words of the kind, other than those (as stems) that were asked with."""
    pattern = _HOLDS[kind]
    if kind in _MAY_REPEAT:
        return pattern.search(text) is not None
    return any(not {stem(word) for word in words(found.group())} <= set(asked) for found in pattern.finditer(text))
