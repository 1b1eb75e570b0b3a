"""Whose words a question asks for: of "What does Ada Quill say about tolls?" the articles that state her as author.

The names are read off the articles once for each state of the archive, and not before a question has a place for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from retrieval.archive import Archive
from retrieval.frames import Asks, Frame, frames
from retrieval.language import romanised
from retrieval.lexicon import COUNTRIES
from retrieval.tokens import STOP_WORDS, words
from retrieval.types import Speaker

#: The words of a name, in Latin letters without accents, case and titles.
Name = tuple[str, ...]

_TITLES = frozenset(
    """the by mr mrs ms miss dr prof professor sir dame lady gen general col colonel lt maj capt ret retd brig adm
    ambassador phd jr sr author columnist writer journalist""".split()  # noqa: SIM905  a column of quotation marks reads worse
)
#: In the name of a house, no part of which stands for the whole: "board" is not the Editorial Board.
_HOUSE = frozenset(
    """agency board bureau center centre chronicle college correspondent corpus council daily desk editor editorial
    editors express forum foundation gazette group guardian herald house institute international journal magazine
    media ministry network news newspaper observer office online post press radio report reporter review school
    service society staff star studies sun team telegraph think times today tribune university weekly world""".split()  # noqa: SIM905
)
_MOST_PERSONAL = 5  # words of a person's name
_BETWEEN = re.compile(r"\s*(?:;|&|/|\band\b|\bwith\b)\s*", re.IGNORECASE)


class Asked(NamedTuple):
    """Whose words are asked for, and how."""

    speaker: Speaker
    asks: Asks
    called: frozenset[str]  # words by which texts name them; empty where none does


@dataclass(frozen=True, slots=True)
class _Known:
    """The authors and publishers of an archive."""

    stated: dict[Name, str] = field(default_factory=dict)  # how an article has it
    articles: dict[Name, list[str]] = field(default_factory=dict)
    persons: dict[str, list[Name]] = field(default_factory=dict)  # by each word but initials


@dataclass(slots=True)
class Speakers:
    """Who speaks in the archive now; safe to use from threads, as what is kept is replaced as a whole."""

    archive: Archive
    _kept: tuple[int, _Known] = field(default_factory=lambda: (-1, _Known()))  # generation

    def asked_for(self, question: str) -> Asked | None:
        """Whom the question asks for their words; ``None`` where it asks for nobody's, or for nobody who is known.

        One who merely does something in the question counts only where no text names them.
        """
        frequency = cache(self.archive.words.document_frequency)
        return next(filter(None, (self._asked(frame, frequency) for frame in frames(question))), None)

    def _asked(self, frame: Frame, frequency: Callable[[str], int]) -> Asked | None:
        spoken = [word for word in words(frame.name) if word not in STOP_WORDS]
        if not spoken or (frame.asks is Asks.ACT and any(map(frequency, spoken))):
            return None
        known = self._known()
        whole = _meant(frame.name, known, frequency)
        found = [whole] if whole else [_meant(part, known, frequency) for part in _BETWEEN.split(frame.name)]
        meant = list(dict.fromkeys(name for name in found if name))
        if not meant or None in found or (len(meant) > 1 and frame.asks is not Asks.TOPIC):
            return None
        several = "What do the authors say" + frame.question.removeprefix("What")
        speaker = Speaker(
            " and ".join(known.stated[name] for name in meant),
            tuple(sorted({article for name in meant for article in known.articles[name]})),
            frame.question if len(meant) == 1 else several,
        )
        if len(meant) > 1:
            return Asked(speaker, Asks.WORDS, frozenset())
        return Asked(speaker, frame.asks, _called(meant[0], spoken, frequency))

    def _known(self) -> _Known:
        generation = self.archive.generation()
        kept_at, known = self._kept
        if kept_at != generation:
            with self.archive.snapshot() as db:
                known = _read(db.execute("SELECT id, author, publisher FROM articles"))
            self._kept = generation, known
        return known


def _read(rows: Iterable[tuple[str, str | None, str | None]]) -> _Known:
    known = _Known()
    apart = cache(_apart)  # most is stated of many articles
    for article, author, publisher in rows:
        own = dict([*(apart(author) if author else ()), (_name(publisher or ""), publisher or "")])
        for name, stated in own.items():
            if name not in known.stated:
                known.stated[name] = stated
                for word in name if _is_person(name) else ():
                    known.persons.setdefault(word, []).append(name)
            known.articles.setdefault(name, []).append(article)
    return known


def _apart(stated: str) -> list[tuple[Name, str]]:
    """Each of several authors; "Quill, Ada" is one, and what has a part of a single word is one house."""
    parts = [part.strip() for piece in _BETWEEN.split(stated) for part in _at_commas(piece)]
    names = [(_name(part), part) for part in parts]
    return names if all(len(name) > 1 for name, _ in names) else [(_name(stated), stated.strip())]


def _at_commas(stated: str) -> list[str]:
    first, *others = [part for part in stated.split(",") if _name(part)] or [stated]
    return [f"{others[0].strip()} {first}"] if len(others) == 1 and len(_name(first)) == 1 else [first, *others]


def _name(stated: str) -> Name:
    return tuple(word for word in map(key, words(stated)) if word not in _TITLES)


def key(word: str) -> str:
    """A word as names are compared: "muller" for "müller"."""
    return word if word.isascii() else romanised(word)


def _is_person(name: Name) -> bool:
    return 1 < len(name) <= _MOST_PERSONAL and _HOUSE.isdisjoint(name)


def _meant(asked: str, known: _Known, frequency: Callable[[str], int]) -> Name | None:
    """Whose name is meant: it is asked for whole, or by a part that is one person's alone.

    A part without the last name stands for them only where no text has it, nor may "the" stand before it.
    """
    name = _name(asked)
    if name in known.stated:
        return name
    if not name or asked.lower().startswith("the ") or (len(name) == 1 and name[0] in COUNTRIES):
        return None
    likely = [person for person in known.persons.get(name[-1], ()) if _is_part(name, person)]
    named_so = [person for person in likely if person[-1] == name[-1]]
    if not named_so and any(map(frequency, words(asked))):
        return None
    found = named_so or likely
    return found[0] if len(found) == 1 else None


def _is_part(asked: Name, name: Name) -> bool:
    """Whether all words asked for are in the name, in order; an initial stands for what begins with it."""
    left = iter(name)
    return all(any(_like(word, other) for other in left) for word in asked)


def _like(word: str, other: str) -> bool:
    return word == other or (1 in (len(word), len(other)) and word[0] == other[0])


def _called(name: Name, spoken: Sequence[str], frequency: Callable[[str], int]) -> frozenset[str]:
    """By what words texts name somebody: a person by the last name, a house by all it was asked for with."""
    by = [spoken[-1]] if _is_person(name) else list(spoken)
    return frozenset(map(key, by)) if all(map(frequency, by)) else frozenset()
