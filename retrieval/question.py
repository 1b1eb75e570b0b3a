"""A question as people type it, to what search and extraction need to know of it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import accumulate

from retrieval.errors import InputError
from retrieval.texts.expected import expected
from retrieval.texts.language import romanised
from retrieval.texts.period import period
from retrieval.tokens import STOP_WORDS, stem, words
from retrieval.types import Query

#: How many passages hold a word, by the archive's own stemming.
DocumentFrequency = Callable[[str], int]

#: From a word in Latin letters to the articles' words in other scripts that read so.
Spellings = Callable[[str], Sequence[str]]

_NAME = re.compile(r"(?<!^)(?<![.?!]\s)\b[A-Z][\w-]*")
_SCORED = 5_000  # passages; a question's common words alone bring no more of them to be scored
_MOST_TERMS = 40  # of one question that search for passages; a longer one is a text, not a question
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-_])")  # a terminal's escape sequence


def checked(question: str, longest: int) -> str:
    """The question without control characters and with single blanks.

    :raises InputError: nothing is left of it, or it has more than ``longest`` characters.
    """
    if len(question) > longest:
        raise InputError(
            f"the question has {len(question):,} characters, at most {longest:,} are read",
            "ask one thing at a time, or raise [answers] max_question_chars",
        )
    clean = cleaned(question)
    if not clean:
        raise InputError("the question is empty", 'ask something: sayso ask "When did the harbour bridge reopen?"')
    return clean


def cleaned(text: str) -> str:
    """The text without control characters and with single blanks."""
    return " ".join("".join(c if c.isprintable() else " " for c in _ESCAPE.sub(" ", text)).split())


def share_said(asked: str, resolved: str) -> float:
    """What share of the content words of a question, as asked and as understood, are in both, 0 to 1.

    What was asked but is understood as something else, as "the year after" is as "2015", is not meant either.
    """
    said, whole = (set(words(text)) - STOP_WORDS for text in (asked, resolved))
    return len(said & whole) / len(said | whole) if whole else 0.0


def _no_other(_: str) -> list[str]:
    return []


def _as_spelled(word: str, frequency: DocumentFrequency, spelled: Spellings) -> Sequence[str]:
    """The word, or where the articles lack it and have it in other letters, so spelled: "lavrov" for "лавров"."""
    if frequency(word):
        return [word]
    if word.isascii():
        return spelled(word) or [word]
    latin = romanised(word)
    return [latin if words(latin) == (latin,) and frequency(latin) else word]


def _rarest(sought: Mapping[str, int]) -> list[str]:
    """The rarest of the forms: those that are in few passages together, and the very rarest however common it is.

    So many passages are scored at most, whatever the size of the index. A passage that holds none of them but many
    of the common ones is lost to lexical search, not to that by meaning.
    """
    ordered = sorted(sought, key=lambda form: sought[form])
    together = list(accumulate(sought[form] for form in ordered))
    return [form for form, total in zip(ordered, together, strict=True) if total <= max(_SCORED, together[0])]


def _any_of(forms: Iterable[str]) -> str:
    return " OR ".join(f'"{form}"' for form in forms)


def understood(text: str, frequency: DocumentFrequency, passages: int, spelled: Spellings = _no_other) -> Query:
    """A :class:`Query` for a question that stands alone.

    The weight of a term is its inverse document frequency, ``ln(1 + (N - n + ½) / (n + ½))``
    (Robertson and Spärck Jones 1976, in the form that is never negative).

    :param spelled: the articles' words that read like a word in Latin letters
    """
    spoken = words(text)
    content = list(dict.fromkeys(w for w in spoken if w not in STOP_WORDS)) or list(dict.fromkeys(spoken))
    frequency = cache(frequency)
    forms = [_as_spelled(word, frequency, spelled) for word in content[:_MOST_TERMS]]
    content = [form for form, *_ in forms]
    counts = {word: frequency(word) for word in content}
    sought = {form: frequency(form) for own in forms if counts[own[0]] for form in own}
    rare = _rarest(sought)
    terms: dict[str, float] = {}
    for word in content:
        weight = math.log(1 + (passages - counts[word] + 0.5) / (counts[word] + 0.5))
        terms[stem(word)] = max(weight, terms.get(stem(word), 0.0))
    return Query(
        text=text,
        terms=terms,
        unknown=frozenset(word for word in content if not counts[word]),
        names=frozenset(stem(w) for name in _NAME.findall(text) for w in words(name) if w not in STOP_WORDS),
        numbers=frozenset(word for word in spoken if any(c.isdigit() for c in word)),
        expected=expected(text),
        match=_any_of(sought),
        period=period(text),
        rare=_any_of(rare) if len(rare) < len(sought) else "",
    )
