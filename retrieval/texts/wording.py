"""The words of a sentence that matter when it is held word by word against another, each with its role."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from retrieval.texts.attribution import said
from retrieval.texts.lexicon import APPROXIMATE, COUNTRIES, EVENTS, FUTURE, NEGATORS, PREPOSITIONS, SCALES
from retrieval.texts.quantities import dates, numbers, tokens
from retrieval.tokens import stem

#: Articles, auxiliaries and what opens a clause; all other words matter.
_EMPTY = frozenset(
    "the a an and that which who to am is are was were be been being has have had do does did".split()  # noqa: SIM905
)
_MARKED = {"$": "dollar", "€": "euro", "£": "pound", "%": "percent"}
_UNITS = frozenset({*_MARKED.values(), "per", "cent", "pc"})


class Item(NamedTuple):
    """A word or number that matters."""

    name: str  # its stem, country or happening, or what the number counts up to
    word: str  # in lower case
    role: str  # the preposition that governs it
    head: str  # the item before that preposition
    joined: bool  # nothing stands between it and the item before
    capital: bool


class Wording(NamedTuple):
    """A sentence's items in order, how often it denies, and the words in it that do not matter by themselves."""

    items: tuple[Item, ...]
    denials: int
    empty: frozenset[str]


@lru_cache(maxsize=8_192)
def wording(sentence: str) -> Wording:
    """What matters in a sentence, without its dates and the words that only tell who says so."""
    text = said(sentence)
    when = [date.span for date in dates(text)]
    spoken = tokens(text)
    counted = {n.span.start: n for n in numbers([t for t in spoken if not any(a <= t.span.start < b for a, b in when)])}
    items: list[Item] = []
    empty: list[str] = []
    denials, number_end = 0, 0
    role, head, previous, fresh = "", "", "", False  # fresh: nothing that matters has followed the preposition yet
    for place, token in enumerate(spoken):
        word = token.word
        rounds = word in APPROXIMATE and place + 1 < len(spoken) and spoken[place + 1].span.start in counted
        if rounds or token.span.start < number_end or word in _MARKED or (previous == "spelt" and stem(word) in _UNITS):
            continue
        if any(a <= token.span.start < b for a, b in when):
            role, previous, fresh = "", "", False
        elif number := counted.get(token.span.start):
            unit = next((unit for unit in number.unit if unit in _UNITS), "")
            name = f"{number.low}-{number.high} {unit}"
            items.append(Item(name, word, role, head, previous == "item", False))
            number_end, previous, fresh = number.span.end, "spelt" if unit else "item", False
        elif word in PREPOSITIONS:
            role, head, previous, fresh = word, items[-1].name if items else "", "", True
        elif word in NEGATORS or word.endswith(("n't", "n’t")):
            denials, role, previous, fresh = denials + 1, "", "", False
        elif word in _EMPTY or word in FUTURE or not word[0].isalnum():
            empty.append(word)
            role, previous = role if fresh else "", word
        else:
            role = "" if _is_event(word) and (not fresh or role == "to") else role
            items.append(Item(_name(word), word, role, head, previous == "item", token.text[0].isupper()))
            previous, fresh = "item", False
    return Wording(tuple(items), denials, frozenset(empty))


def _is_event(word: str) -> bool:
    return word not in COUNTRIES and stem(word) in EVENTS.keys() | SCALES.keys()


def _name(word: str) -> str:
    """Forms of one verb have one name, its synonyms have others: who sells does not buy."""
    bare = f"{word[:-3]}y" if word.endswith("ied") else stem(word)
    if word in COUNTRIES:
        return COUNTRIES[word]
    if word == "almost":
        return "near"
    if EVENTS.get(bare, "transfer") != "transfer":
        return f"{EVENTS[bare]} {bare[0]}"
    return f"{SCALES[bare][0]} {SCALES[bare][1]} {bare[0]}" if bare in SCALES else bare
