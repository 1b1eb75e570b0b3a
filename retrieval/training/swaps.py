"""Unanswerable questions made from answerable ones, after the ways in which SQuAD 2.0's were written.

A name, year, month or number of the question that its passage also has is exchanged for another of the same
kind, from the same article where there is one, that the passage does not have; or a word for its opposite; or
the verb is denied. What is left is close to the passage and not answered by it (Rajpurkar et al. 2018, §3).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import NamedTuple

from retrieval.tokens import STOP_WORDS
from retrieval.training.examples import Example


class Mention(NamedTuple):
    """Words that could be exchanged for others of their kind."""

    kind: str
    start: int
    end: int


_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_KINDS = (
    ("month", re.compile(rf"\b(?:{_MONTHS})\b")),
    ("year", re.compile(r"\b(?:1\d{3}|20[0-4]\d)s?\b")),
    ("number", re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w,]|\.\d)")),
    # a capital letter shows a name only behind a small one: not at the head of a sentence
    ("name", re.compile(r"(?<=[a-z,] )[A-Z][\w’'-]*[a-z][\w’'-]*(?: (?:(?:of|the|de|von|and) )?[A-Z][\w’'-]+)*")),
    ("acronym", re.compile(r"\b[A-Z]{2,6}\b")),
)
_BEFORE = re.compile(r"\b(in|by|at|from|to|with|between|near|against) $")

_OPPOSITES = dict(
    pair.split("/")
    for pair in """first/last largest/smallest biggest/smallest highest/lowest oldest/newest earliest/latest
    longest/shortest best/worst most/least more/less before/after above/below north/south northern/southern
    east/west eastern/western increase/decrease increased/decreased rise/fall won/lost win/lose began/ended
    begin/end start/finish started/stopped born/buried married/divorced male/female men/women father/mother
    son/daughter brother/sister husband/wife king/queen joined/left join/leave built/demolished opened/closed
    created/destroyed founded/dissolved bought/sold accepted/rejected supported/opposed major/minor old/new
    early/late upper/lower public/private present/absent summer/winter hot/cold strong/weak positive/negative
    allowed/forbidden legal/illegal maximum/minimum majority/minority inside/outside left/right arrived/departed
    win/lose success/failure rich/poor appointed/dismissed elected/defeated import/export internal/external
    ancient/modern""".split()  # noqa: SIM905
)
_OPPOSITES |= {there: here for here, there in _OPPOSITES.items() if there not in _OPPOSITES}
_WORD = re.compile(r"\b[a-z]+\b")
_DENIED = re.compile(
    r"(?<=\w )(did|does|do|was|were|is|are|could|has|had)(?= (?:the |an? |[A-Z]|his |her |their )\w+ )"
)
_WHO = re.compile(r"^(Who|Which \w+|What \w+) (?=[a-z]+ed )")
_DENIALS = 0.1  # share of the questions that are denied where they can be


def swapped(examples: Sequence[Example], random: Random) -> Iterator[Example]:
    """An unanswerable example for each of ``examples`` that allows one."""
    pools = _pools(examples)
    for example in examples:
        ways = [_denied, _opposed, _exchanged] if random.random() < _DENIALS else [_opposed, _exchanged]
        for way in ways:
            question = way(example, pools, random)
            if question is not None and question != example.question:
                yield replace(example, question=question, answers=(), origin="swapped")
                break


Pools = dict[tuple[str, str, str], list[str]]


def mentions(text: str) -> Iterator[Mention]:
    """What could be exchanged, kind by kind; a stretch belongs to one kind only."""
    taken: list[Mention] = []
    for kind, pattern in _KINDS:
        for match in pattern.finditer(text):
            if not any(match.start() < other.end and other.start < match.end() for other in taken):
                taken.append(Mention(_shape(kind, match[0]), match.start(), match.end()))
    return iter(taken)


def _shape(kind: str, words: str) -> str:
    return f"{kind}s" if kind == "name" and " " in words else kind


def _before(text: str, start: int) -> str:
    """The preposition before a mention: "in" goes with places, "by" with people."""
    found = _BEFORE.search(text[max(0, start - 10) : start])
    return found[1] if found else ""


def _pools(examples: Sequence[Example]) -> Pools:
    """Mentions by (article or "", kind, preposition or "")."""
    pools: defaultdict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
    for text, article in {example.text: example.article for example in examples}.items():
        for kind, start, end in mentions(text):
            for scope in (article, ""):
                for preposition in {_before(text, start), ""}:
                    pools[scope, kind, preposition][text[start:end]] = None
    return {key: list(found) for key, found in pools.items()}


def _exchanged(example: Example, pools: Pools, random: Random) -> str | None:
    """The question with one mention exchanged, where the passage has the old one and not the new."""
    question, text = example.question, example.text.lower()
    found = [m for m in mentions(question) if question[m.start : m.end].lower() in text]
    random.shuffle(found)
    for kind, start, end in found:
        preposition = _before(question, start)
        keys = [(scope, kind, before) for scope in (example.article, "") for before in dict.fromkeys((preposition, ""))]
        for key in keys:
            pool = pools.get(key, [])
            for other in random.sample(pool, min(8, len(pool))):
                if not _shares_words(other, f"{text} {question.lower()}"):
                    return question[:start] + other + question[end:]
    return None


def _shares_words(mention: str, text: str) -> bool:
    telling = [word for word in re.findall(r"[\w.,]{2,}|\d", mention.lower()) if word not in STOP_WORDS]
    return any(word in text for word in telling)


def _opposed(example: Example, _: Pools, random: Random) -> str | None:
    """The question with one word made its opposite, where the passage does not have that one."""
    text = example.text.lower()
    places = [m for m in _WORD.finditer(example.question) if m[0] in _OPPOSITES]
    random.shuffle(places)
    for match in places:
        opposite = _OPPOSITES[match[0]]
        if re.search(rf"\b{opposite}\b", text) is None and match[0] in text:
            return example.question[: match.start()] + opposite + example.question[match.end() :]
    return None


def _denied(example: Example, _: Pools, __: Random) -> str | None:
    """The question with its verb denied, where the passage denies nothing."""
    if re.search(r"\b(?:not|never|no|without|nor)\b|n't\b", example.text.lower()):
        return None
    question, changes = _WHO.subn(r"\1 never ", example.question, count=1)
    if not changes:
        question, changes = _DENIED.subn(r"\1n't", example.question, count=1)
    return question if changes else None
