"""Who a sentence says it has its words from, and what is said without them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from retrieval.texts.lexicon import LIGHT, SMALL_NUMBERS
from retrieval.tokens import stem, words

#: What is said follows these at once; after the others, which have things for objects too, it follows "that".
_SAYS = "says?|said|argues?|argued|thinks?|thought|believes?|believed|insists?|insisted|reckons?|reckoned|claims"
_THAT = (
    "writes?|wrote|finds?|found|adds?|added|reports?|reported|notes?|noted|claim|claimed|expects?|expected|warns?|warned"
    "|maintains?|maintained|estimates?|estimated|states?|stated|calculates?|calculated|recalls?|recalled"
    r"|(?:tells|told) (?:\w+ ){1,4}?"
)
_OF_NAMES = "says|writes|argues|thinks|finds|adds|believes|reports|notes|claims|expects|warns"
#: What speaks by being read; only of these is it that they "show" or "give" something.
_PAPERS = (
    "accounts?|figures?|records?|reports?|surveys?|census|books?|documents?|papers?|statistics|stud(?:y|ies)|minutes"
    "|ledgers?|archives?|registers?|audits?|bulletins?|lists?|plaque|map|diary|letters?"
)
_SHOWN = "shows?|showed|gives?|gave|lists?|listed|records?|recorded|indicates?|indicated|names?|named"
_NUMBER = rf"(?:[a-z]+ ){{0,2}}?(?:[$€£]?\d|(?:{'|'.join(SMALL_NUMBERS)})\b)"
_WHO = r"(?P<who>(?:[^\W_][\w’'.-]* ){0,8}?[^\W_][\w’'.-]*(?:, [^,;:]{2,40},)?)"
_LAST = r"(?P<who>[^,;:]{2,60}?)(?=[.!]?$)"
_TURN = r"^(?:(?:But|Yet|And|However|Meanwhile|By contrast|In contrast|Instead|Still),? )?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_TURN}(?i:according to|in the words of) (?P<who>[^,;:]{{2,60}}?)(?:,|(?= (?:it|there)\b))",
        rf"{_TURN}(?i:by|in|on) (?P<who>[^,;:]{{2,50}}['’]s?) (?:account|reckoning|estimate|count|figures|version),?",
        rf", (?i:according to|in the words of) {_LAST}",
        rf", (?:says?|said|writes?|wrote) {_LAST}",
        rf", (?P<who>(?:[Tt]he |[A-Z])[^,;:]{{2,60}}?) (?:{_SAYS}|writes|wrote|adds|added|reported)(?=[.!]?$)",
        rf"{_TURN}{_WHO},? (?:(?:has|have) )?(?:puts?|estimates?|estimated)(?= (?:[\w’'-]+ ){{1,10}}?at {_NUMBER})",
        rf"{_TURN}{_WHO},? (?:counts?|counted|speaks? of|spoke of)(?= {_NUMBER})",
        rf"{_TURN}(?P<who>(?:[\w’'.-]+ ){{0,7}}?(?i:{_PAPERS})(?: (?:of|from|in|at|by|kept) [\w’' -]{{2,40}}?)?)"
        rf" (?:{_SHOWN})\b(?: that\b)?",
        rf"{_TURN}{_WHO},? (?:(?:has|have|had) )?(?:(?:{_SAYS})\b(?: that\b|(?! (?:of|by|in|for|to|with)\b))"
        rf"|(?:{_THAT}) ?\bthat\b)",
        rf"(?:^|(?<=, ))(?P<who>[A-Z][\w’'-]+(?: [A-Z][\w’'-]+){{0,3}}),? (?:{_OF_NAMES})\b",
    )
)
#: A clause that describes a thing, asks or leaves open: what is said in it is not what somebody says of his own.
_NO_SPEAKER = re.compile(
    r"\b(?:that|which|who|whom|what|where|when|while|if|as|because|although|though|after|before|not|never|nobody|no"
    r"|he|she|it|they|we|i|you|one|to|is|are|was|were)\b",
    re.IGNORECASE,
)
_DESCRIBED = re.compile(r", who [^,]*,?$")  # "Reed, who built it,"
_CLEFT = re.compile(r"^\s*It (?:was|is) (?=(?:in |on |at |[A-Z0-9])[^,;:]* (?:who|that) )")  # "It was Ada who built it"
_PAPER = re.compile(_PAPERS)


class Attribution(NamedTuple):
    """Who says it, and the sentence with blanks in place of the words that say so."""

    speaker: tuple[str, ...]  # stems, in order
    said: str

    def is_of_another(self, other: Attribution) -> bool:
        """Whether two speakers are certainly two: none is the other called by less, and they end in another word."""
        mine, theirs = set(self.speaker), set(other.speaker)
        return not (mine <= theirs or theirs <= mine or self.speaker[-1] == other.speaker[-1])


@lru_cache(maxsize=8_192)
def attribution(sentence: str) -> Attribution | None:
    """Whom the sentence names as saying what it tells; ``None`` where it tells it itself."""
    for form in _FORMS:
        match = form.search(sentence)
        if match and (speaker := _speaker(match["who"])):
            start, end = match.span()
            return Attribution(speaker, f"{sentence[:start]}{' ' * (end - start)}{sentence[end:]}")
    return None


def said(sentence: str) -> str:
    """The sentence with blanks in place of the words that only tell who says it, or that only stress a part of it."""
    found = attribution(sentence)
    return _CLEFT.sub(lambda match: " " * len(match[0]), found.said if found else sentence)


def _speaker(who: str) -> tuple[str, ...]:
    """The words that name a speaker, but for papers of his; none where the words name no speaker."""
    who = _DESCRIBED.sub("", who)
    if _NO_SPEAKER.search(who):
        return ()
    named = [word for word in words(who) if word.isalpha() and (word in _SOME or word not in LIGHT)]
    return tuple(stem(word) for word in [word for word in named if not _PAPER.fullmatch(word)] or named)


_SOME = frozenset({"some", "others", "most", "many"})  # "some say …, others say …"
