"""Whose words a question asks for: of "What does Ada Quill say about tolls?" the articles that state her as author.

The names are read off the articles once for each state of the archive, and not before a question has a place for one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from retrieval.store.archive import Archive
from retrieval.texts.frames import Asks, Frame, frames
from retrieval.texts.language import romanised
from retrieval.texts.lexicon import COUNTRIES
from retrieval.tokens import STOP_WORDS, words
from retrieval.types import Speaker

#: The words of a name, in Latin letters without accents, case and titles.
Name = tuple[str, ...]

_TITLES = frozenset(
    """the by mr mrs ms miss dr prof professor sir dame lady gen general col colonel lt maj capt ret retd brig adm
    ambassador phd jr sr author columnist writer journalist""".split()  # noqa: SIM905
)
#: In the name of a house, no part of which stands for the whole: "board" is not the Editorial Board.
_HOUSE = frozenset(
    """agency board bureau center centre chronicle college correspondent corpus council daily desk editor editorial
    editors express forum foundation gazette group guardian herald house institute international journal magazine
    media ministry network news newspaper observer office online post press radio report reporter review school
    service society staff star studies team telegraph think times today tribune university weekly world""".split()  # noqa: SIM905
)
_THE = re.compile(r"the (?!author|columnist|writer|journalist)", re.IGNORECASE)
_MOST_PERSONAL = 5  # words of a person's name
_BETWEEN = re.compile(r"\s*(?:;|&|/|\band\b|\bwith\b)\s*", re.IGNORECASE)


class Asked(NamedTuple):
    """Whose words are asked for, and how."""

    speaker: Speaker
    asks: Asks
    called: frozenset[str]  # words by which texts name them; empty where none does


class _Stated(NamedTuple):
    """What some articles state as their author or publisher."""

    latin: str  # lower case, in Latin letters without accents
    text: str
    is_author: bool
    articles: list[str]


class _Voice(NamedTuple):
    """One author or publisher."""

    name: Name
    stated: str  # as an article has it
    articles: list[str]


@dataclass(slots=True)
class Speakers:
    """Who speaks in the archive now; safe to use from threads, as what is kept is replaced as a whole."""

    archive: Archive
    spelled: Callable[[str], Sequence[str]]  # from a word in Latin letters to the articles' words that read so
    _kept: tuple[int, list[_Stated]] = (-1, [])  # generation, and all that is stated

    def asked_for(self, question: str) -> Asked | None:
        """Whom the question asks for their words; ``None`` where it asks for nobody's, or for somebody in the texts.

        One who merely does something in the question is a person whom no text names. One whom the question names as
        speaking, and who is in no text and has written none, has no articles.
        """
        in_texts = cache(self.archive.words.holds)
        places = list(frames(question))
        found = next(filter(None, (self._asked(frame, in_texts) for frame in places)), None)
        # the first word of a question is capitalised whatever it is
        named = [frame for frame in places if frame.asks is not Asks.ACT and not question.startswith(frame.name)]
        return found or next((_unheard(frame) for frame in named if self._is_unknown(frame.name, in_texts)), None)

    def _is_unknown(self, name: str, in_texts: Callable[[str], bool]) -> bool:
        """Whether it is written as a name, in letters that could be found, and none of its words is known."""
        if not all(word.isascii() and word[0].isupper() for word in name.split()):
            return False
        return not any(in_texts(word) or self.spelled(word) or self._voices((word,)) for word in words(name))

    def _asked(self, frame: Frame, in_texts: Callable[[str], bool]) -> Asked | None:
        spoken = [word for word in words(frame.name) if word not in STOP_WORDS]
        if not spoken or (frame.asks is Asks.ACT and any(map(in_texts, spoken))):
            return None
        meant = self._all_meant(frame.name, in_texts)
        if len(meant) == 1:
            (one,) = meant
            if frame.asks is Asks.ACT and not _is_person(one.name):
                return None
            speaker = Speaker(one.stated, tuple(sorted(set(one.articles))), frame.question)
            return Asked(speaker, frame.asks, _called(one.name, spoken, in_texts))
        if not meant or frame.asks is not Asks.TOPIC:
            return None
        named = " and ".join(one.stated for one in meant)
        articles = tuple(sorted({article for one in meant for article in one.articles}))
        question = "What do the authors say" + frame.question.removeprefix("What")
        return Asked(Speaker(named, articles, question), Asks.WORDS, frozenset())

    def _all_meant(self, asked: str, in_texts: Callable[[str], bool]) -> list[_Voice]:
        """The one, or each of those joined by "and"; none where one of them is not known."""
        if whole := self._meant(asked, in_texts):
            return [whole]
        parts = _BETWEEN.split(asked)
        found = [self._meant(part, in_texts) for part in parts] if len(parts) > 1 else []
        known = {one.name: one for one in found if one}
        return [] if None in found else list(known.values())

    def _meant(self, asked: str, in_texts: Callable[[str], bool]) -> _Voice | None:
        """Who is meant: one asked for by the whole name, or by a part of it that is one person's alone.

        A part without the last name stands for them only where no text has it, nor may "the" stand before a part.
        """
        name = _name(asked)
        voices = self._voices(name)
        if name in voices:
            return voices[name]
        if not name or _THE.match(asked):
            return None
        likely = [other for other in voices if _is_person(other) and _is_part(name, other)]
        named_so = [other for other in likely if other[-1] == name[-1]]
        if not named_so and any(map(in_texts, words(asked))):
            return None
        found = named_so or likely
        return voices[found[0]] if len(found) == 1 and name not in _countries() else None

    def _voices(self, asked: Name) -> dict[Name, _Voice]:
        """Those in whose names the last word asked for occurs."""
        voices: dict[Name, _Voice] = {}
        for stated in self._stated() if asked else ():
            for name, text in _apart(stated) if asked[-1] in stated.latin else ():
                voices.setdefault(name, _Voice(name, text, [])).articles.extend(stated.articles)
        return voices

    def _stated(self) -> list[_Stated]:
        generation = self.archive.generation()
        kept_at, stated = self._kept
        if kept_at != generation:
            articles: defaultdict[tuple[str, bool], list[str]] = defaultdict(list)
            with self.archive.snapshot() as db:
                for article, author, publisher in db.execute("SELECT id, author, publisher FROM articles"):
                    articles[author or "", True].append(article)
                    articles[publisher or "", False].append(article)
            found = ((text, is_author, own) for (text, is_author), own in articles.items() if text)
            stated = [_Stated(key(text.lower()), text, is_author, own) for text, is_author, own in found]
            self._kept = generation, stated
        return stated


def _unheard(frame: Frame) -> Asked:
    return Asked(Speaker(frame.name, (), frame.question), frame.asks, frozenset())


def key(word: str) -> str:
    """A word as names are compared: "muller" for "müller"."""
    return word if word.isascii() else romanised(word)


def _apart(stated: _Stated) -> list[tuple[Name, str]]:
    """Each of several authors; "Quill, Ada" is one, and so is what has a part of a single word."""
    pieces = _BETWEEN.split(stated.text) if stated.is_author else []
    named = [(_name(part), part.strip()) for piece in pieces for part in _at_commas(piece)]
    return named if named and all(len(name) > 1 for name, _ in named) else [(_name(stated.text), stated.text)]


def _at_commas(stated: str) -> list[str]:
    first, *others = [part for part in stated.split(",") if _name(part)] or [stated]
    return [f"{others[0].strip()} {first}"] if len(others) == 1 and len(_name(first)) == 1 else [first, *others]


def _name(stated: str) -> Name:
    return tuple(word for word in map(key, words(stated)) if word not in _TITLES)


@lru_cache(maxsize=1)
def _countries() -> frozenset[Name]:
    """Names of countries and what their governments are called by: "Jordan" and "London" speak for themselves."""
    from babel import Locale

    return frozenset(
        {_name(country) for country in Locale("en").territories.values()} | {(word,) for word in COUNTRIES}
    )


def _is_person(name: Name) -> bool:
    return 1 < len(name) <= _MOST_PERSONAL and _HOUSE.isdisjoint(name)


def _is_part(asked: Name, name: Name) -> bool:
    """Whether all words asked for are in the name, in order; an initial stands for what begins with it."""
    left = iter(name)
    return all(any(_like(word, other) for other in left) for word in asked)


def _like(word: str, other: str) -> bool:
    return word == other or (1 in (len(word), len(other)) and word[0] == other[0])


def _called(name: Name, spoken: Sequence[str], in_texts: Callable[[str], bool]) -> frozenset[str]:
    """By what words texts name somebody: a person by the last name, a house by all it was asked for with."""
    by = [spoken[-1]] if _is_person(name) else list(spoken)
    return frozenset(map(key, by)) if all(map(in_texts, by)) else frozenset()
