"""Two things named together, one of which a question spoke of: what "the other one" is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from retrieval.followup.grammar import AUXILIARY, PREPOSITION
from retrieval.followup.turns import Turn
from retrieval.tokens import stem, words

_WORD = rf"(?!(?:{AUXILIARY}|{PREPOSITION}|and|or|that|other)\b)[a-z][\w-]*"
_ONE = r"(?:[Tt]he (?!other\b)[a-z][\w-]*|[^\W\d_a-z][\w-]*(?: [^\W\d_a-z][\w-]*)*)"
_AND = "(?:and|or)"
_PAIRS = (  # of one noun ("the north branch and the south branch"), and any others
    re.compile(
        rf"\b(?P<one>[Tt]he (?:{_WORD} ){{1,2}}(?P<noun>{_WORD})) {_AND} "
        rf"(?P<other>the (?:{_WORD} ){{1,2}}?(?P=noun)\b)"
    ),
    re.compile(rf"\b(?P<one>{_ONE}) {_AND} (?P<other>{_ONE})"),
)


class Pair(NamedTuple):
    """What was spoken of, as the last question says it, and the other one; both empty where nothing is known."""

    one: str = ""
    other: str = ""


def other_one(turns: Sequence[Turn], noun: str = "") -> Pair:
    """What the last question names of two things named together, and the other.

    Where it names both ("the north or the south branch"), its answer tells which of them was spoken of.

    :param turns: at least one, oldest first
    :param noun: what the other one is called, if anything: "branch"
    """
    last = turns[-1]
    for turn in reversed(turns):
        for text in (turn.answer, turn.question, turn.quote, turn.passage):
            if noun and stem(noun) not in {stem(word) for word in words(f"{turn.question} {text}")}:
                continue
            for one, other, together in _pairs(text):
                named = _found(one, last.question)
                if named and not _found(other, last.question):
                    return Pair(named, other)
                if together in last.question and _found(one, last.answer) and not _found(other, last.answer):
                    return Pair(together, other)
    return Pair()


def _pairs(text: str) -> Iterator[tuple[str, str, str]]:
    """Each pair in either order, and the words that name both."""
    for match in chain.from_iterable(pattern.finditer(text) for pattern in _PAIRS):
        one, other = (re.sub("^The ", "the ", match[name]) for name in ("one", "other"))
        yield one, other, match[0]
        yield other, one, match[0]


def _found(thing: str, text: str) -> str:
    """The thing as the text has it; "" where it does not."""
    match = re.search(rf"\b{re.escape(thing)}\b", text, re.IGNORECASE)
    return match[0] if match else ""
