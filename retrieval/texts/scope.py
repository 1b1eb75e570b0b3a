"""What a sentence limits what it says to, so that one of some is not held against one of all."""

from __future__ import annotations

import re

from retrieval.texts.claims import Claim, key
from retrieval.texts.lexicon import CONTRASTS, EVENTS
from retrieval.texts.wording import wording
from retrieval.tokens import stem

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_MONTH_AND_YEAR = re.compile(rf"\b(?:{_MONTHS}) (?:\d{{1,2}},? )?\d{{4}}\b")
#: What limits a figure to some of the thing, to a rate or to a time of no stated year; "nearly" limits anything.
_LIMITS = re.compile(
    r"\b(?:including|excluding|counting|with(?! its)|without|alone|plus|besides|except|apart from|on top|per(?! ?cent)"
    r"|each|every|(?<!\d )when|whenever|while|where|annual"
    r"|a (?:year|month|week|day|head)(?! (?:late|ago|early|earlier|after|before))"
    r"|inflation|net|gross|tax"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    rf"|almost|half|altogether|on average|in (?:all|part|total)|(?!only|early|july)[a-z]{{2,}}ly|{_MONTHS})\b"
)
#: What stands behind these says which of the things before it are meant.
_WHICH = frozenset({"of", "for", "from", "in", "at", "on", "among", "within", "under", "to", "near"})


_SEASONS = frozenset(map(key, CONTRASTS["season"]))
_RATE = re.compile(r"\d \w+ (an? \w+)")  # "4 crowns a pound"


def limits(sentence: str) -> set[str]:
    """The words that limit what the sentence says."""
    text = _MONTH_AND_YEAR.sub("", sentence.lower())
    return {*_LIMITS.findall(text), *_RATE.findall(text)}


def _own(a: Claim, b: Claim) -> frozenset[str]:
    """What only ``a`` speaks of; what it counts and a season before a year are not meant."""
    return a.words - b.words - _counted(a) - _SEASONS


def _counted(a: Claim) -> set[str]:
    return {key(word) for number in a.numbers for word in number.unit[:1]}


def apart(a: Claim, b: Claim) -> bool:
    """Whether the claims are of two things, or one of part of the other's."""
    each_its_own = a.terms.keys() - b.words - _SEASONS and b.terms.keys() - a.words - _SEASONS
    return bool(each_its_own) or _narrowed(a, b) or _narrowed(b, a)


def _narrowed(a: Claim, b: Claim) -> bool:
    """Whether a word that ``b`` lacks says in ``a`` which of the things meant by both it speaks of.

    It stands side by side with the word for the thing ("foreign minister"), or behind it and a preposition
    ("wages for women"); what is counted counts as no word of its own.
    """
    items = wording(a.text).items
    keys = [key(item.word) for item in items]
    mine = _own(a, b)
    own = [k in mine for k in keys]
    meant = {item.name for item, k in zip(items, keys, strict=True) if k not in mine}
    things = {item.name for item, k in zip(items, keys, strict=True) if item.capital or k in _counted(a)}
    event = [stem(item.word) in EVENTS for item in items]
    for here, item in enumerate(items):
        before, after = here - 1, here + 1
        beside = here > 0 and item.joined and keys[before] in b.words and not event[here]
        ahead = after < len(items) and items[after].joined and keys[after] in b.words and not event[after]
        ahead = ahead and not (item.capital and items[after].capital)  # "Ada Quill" is Quill
        part = after < len(items) and items[after].head == item.name and items[after].role in _WHICH and not event[here]
        part = part and keys[after] in b.words
        behind = (item.role in _WHICH and item.head in meant) or (item.role == "by" and item.head in things)
        if own[here] and (beside or ahead or part or behind):
            return True
    return False
