"""A sentence to what it claims, so that two can be held against each other word by word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from retrieval.texts.attribution import said
from retrieval.texts.lexicon import (
    AGAIN,
    CONDITIONS,
    CONTRASTS,
    COUNTRIES,
    EVENTS,
    FUTURE,
    HEDGES,
    LIGHT,
    NEGATORS,
    PRONOUNS,
    SCALES,
    SMALL_NUMBERS,
    TITLES,
)  # fmt: skip
from retrieval.texts.quantities import Date, Number, Token, dates, numbers, tokens
from retrieval.tokens import stem
from retrieval.types import Span

_GREW_UP = re.compile(r"\b(?:grow|grew|grown|brought) up\b")
#: Said of what is to come, or was to.
_PLANNED = re.compile(
    r"\b(?:(?:is|are|was|were) to(?! (?:the|an?|its|his|her|their)\b)|due to|estimat\w+|forecasts?|project(?:ed|ions?)"
    r"|predict\w+|plan(?:s|ned)|budgeted|proposed|proposals?|envisaged|intended|target(?:s|ed)?)\b",
    re.IGNORECASE,
)
#: Said of what somebody said, or of what was not free to be otherwise.
_UNSURE = re.compile(
    r"\b(?:is|are|was|were) (?:\w+ly )?(?:said|believed|thought|reported|supposed|rumou?red|alleged|held to)\b"
    r"|\b(?:had|has|have) to\b",
    re.IGNORECASE,
)
_MORE = re.compile(r"\bmore\b(?! than)")
_KEY_CHARS = 6  # of a stem, so that "Russia" and "Russian", "improve" and "improvement" compare equal
_CLAUSE_ENDS = frozenset({",", ";", ":", "but", "and", "because"})
_RELATIVE = frozenset({"that", "which", "who", "whose"})
_OPENS, _COMPLEMENT = "^", "is"


class Name(NamedTuple):
    """Capitalised words in a row and their role: the preposition before them, "^" where they open the sentence."""

    keys: frozenset[str]
    role: str
    span: Span


class Sign(NamedTuple):
    """Whether a thing is said (1) or denied (-1), by which words, and whether by "not" or the like."""

    sign: int
    span: Span
    negated: bool


class Claim(NamedTuple):
    """What a sentence says; keys are shortened stems, offsets those of its text."""

    text: str
    terms: Mapping[str, Span]  # content words but for names, numbers and dates, and where they first stand
    events: frozenset[str]
    names: tuple[Name, ...]
    words: frozenset[str]  # keys of all content words, names among them
    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]
    told: frozenset[tuple[int, int]]  # years in the words that tell who says so
    dated: tuple[str, ...]  # the event that stands nearest to each date
    signs: Mapping[str, Sign]  # of scales and of terms
    marks: Mapping[str, frozenset[str]]  # ordinals and contrasts, by what they are
    again: bool  # it may be one of several of its kind
    leans: bool  # a pronoun stands before all names, for what another sentence names
    mood: str  # "asked", "conditional", "hedged", "future" or "stated"


@lru_cache(maxsize=8_192)
def claim(sentence: str) -> Claim:
    """What the sentence claims; words that only say who says so are left out."""
    text = _GREW_UP.sub(lambda match: " " * len(match[0]), said(sentence))
    found_dates = dates(text)
    spoken = [t for t in tokens(text) if not any(d.span.start <= t.span.start < d.span.end for d in found_dates)]
    found_numbers = tuple(numbers(spoken))
    names = _names(spoken, text)
    in_names = {t.span for t in spoken for name in names if name.span.start <= t.span.start < name.span.end}
    counted = [number.span for number in found_numbers]
    plain = [token for token in spoken if token.span not in in_names]
    lower = [token.word for token in plain]
    terms: dict[str, Span] = {}
    for token in spoken:
        if _is_content(token) and token.span not in in_names and not any(a <= token.span.start < b for a, b in counted):
            terms.setdefault(key(token.word), token.span)
    return Claim(
        text=sentence,
        terms=terms,
        events=frozenset(_event(word) for word in lower if _event(word)),
        names=names,
        words=frozenset(terms) | frozenset(k for name in names for k in name.keys),
        numbers=found_numbers,
        dates=tuple(found_dates),
        told=frozenset((date.first, date.last) for date in dates(sentence)) - {(d.first, d.last) for d in found_dates},
        dated=tuple(_nearest_event(date, plain) for date in found_dates),
        signs=_signs(plain),
        marks={name: members & set(lower) for name, members in CONTRASTS.items() if not members.isdisjoint(lower)},
        again=not AGAIN.isdisjoint(lower) or _MORE.search(text) is not None,
        leans=_leans(spoken, names),
        mood=_mood(lower, sentence),
    )


@lru_cache(maxsize=20_000)
def key(word: str) -> str:
    """What a word is compared by: its country, its happening, its scale, or the beginning of its stem."""
    bare = stem(word)
    if word in COUNTRIES or bare not in SCALES.keys() | EVENTS.keys():
        return _name_key(word)
    return SCALES[bare][0] if bare in SCALES else EVENTS[bare]


@lru_cache(maxsize=20_000)
def _name_key(word: str) -> str:
    bare = stem(re.sub(r"(?<=\d)[a-z]+$", "", word))  # a Mi-35M is a Mi-35
    return COUNTRIES.get(word, bare)[:_KEY_CHARS]


def _event(word: str) -> str:
    bare = stem(word)
    return "grow" if bare in SCALES and SCALES[bare][0] == "grow" else EVENTS.get(bare, "")


def _nearest_event(date: Date, spoken: Sequence[Token]) -> str:
    distances = [
        (max(token.span.start - date.span.end, date.span.start - token.span.end), _event(token.word))
        for token in spoken
        if _event(token.word)
    ]
    return min(distances, default=(0, ""))[1]


def _is_content(token: Token) -> bool:
    word = token.word
    return (
        word[:1].isalpha()
        and not (word in TITLES and token.text[0].isupper())
        and word not in LIGHT
        and word not in NEGATORS
        and word not in SMALL_NUMBERS
        and not (word.endswith("ly") and len(word) > 4)
    )


def _names(spoken: Sequence[Token], text: str) -> tuple[Name, ...]:
    """Runs of capitalised words; a single one that opens the sentence counts only with a possessive ending."""
    found: list[Name] = []
    run: list[Token] = []
    for place, token in enumerate([*spoken, Token(".", Span(len(text), len(text)), ".")]):
        if _is_capital(token) and (not run or text[run[-1].span.end : token.span.start] == " "):
            run.append(token)
            continue
        kept = [t for t in run if t.word not in TITLES and (t.word not in LIGHT or t.text == "May")]
        opens = bool(run) and run[0] is spoken[0]
        if kept and not (opens and len(run) == 1 and not re.search("['’]s?$", kept[0].text) and not _coded(kept[0])):
            first = place - len(run)
            keys = frozenset(_name_key(t.word) for t in kept)
            found.append(Name(keys, _role(spoken, first), Span(kept[0].span.start, kept[-1].span.end)))
        run = [token] if _is_capital(token) else []
    return tuple(found)


def _is_capital(token: Token) -> bool:
    return token.text[0].isupper() or _coded(token)


def _coded(token: Token) -> bool:
    """Whether it is a designation such as "Mi-35" or "6.15.0"."""
    return (token.text[0].isalpha() and any(c.isdigit() for c in token.text)) or token.text.count(".") > 1


def _role(spoken: Sequence[Token], first: int) -> str:
    before = spoken[first - 1].word if first else _OPENS
    return {"was": _COMPLEMENT, "are": _COMPLEMENT, "were": _COMPLEMENT, "the": "", ",": ""}.get(before, before)


def _signs(spoken: Sequence[Token]) -> dict[str, Sign]:
    """The sign of every scale and term of the main clauses; one with both signs has none."""
    signs: dict[str, Sign] = {}
    torn: set[str] = set()
    negator: Token | None = None
    for place, token in enumerate(spoken):
        word = token.word
        if [t.word for t in spoken[place + 2 : place + 3]] == ["than"]:
            continue  # "no more than 40" denies nothing
        if word in _RELATIVE:
            break  # what follows describes a thing and is not what is claimed
        if word in NEGATORS or word.endswith(("n't", "n’t")):
            negator = token
        elif word in _CLAUSE_ENDS:
            negator = None
        elif _is_content(token):
            name = key(word)
            sign = SCALES[stem(word)][1] if stem(word) in SCALES else 1
            span = token.span
            negated = negator is not None
            if negator is not None:
                sign, span, negator = -sign, Span(negator.span.start, token.span.end), None
            if signs.setdefault(name, Sign(sign, span, negated)).sign != sign:
                torn.add(name)
    return {name: sign for name, sign in signs.items() if name not in torn}


def _leans(spoken: Sequence[Token], names: Sequence[Name]) -> bool:
    first = min((name.span.start for name in names), default=None)
    return any(token.word in PRONOUNS and (first is None or token.span.start < first) for token in spoken)


def _mood(lower: Sequence[str], text: str) -> str:
    if text.rstrip("”\"’') ").endswith("?"):
        return "asked"
    if not CONDITIONS.isdisjoint(lower):
        return "conditional"
    if any(stem(word) in HEDGES for word in lower) or _UNSURE.search(text):
        return "hedged"
    return "stated" if FUTURE.isdisjoint(lower) and not _PLANNED.search(text) else "future"
