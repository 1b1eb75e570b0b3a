"""Whose words a question asks for: of "What does Ada Quill say about tolls?" the articles that state her as author.

The names are read off the articles once for each state of the archive, and not before a question has a place for one.
Where it is in doubt whether a question names somebody it does not: "According to police" asks no paper of that name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from retrieval.casing import Casing
from retrieval.store.archive import Archive
from retrieval.texts.frames import Asks, Frame, frames
from retrieval.texts.lexicon import COUNTRIES, TITLES
from retrieval.texts.names import HOUSE, Name, authors, key, name_of, spoken
from retrieval.tokens import STOP_WORDS, words
from retrieval.types import Speaker

_THE = re.compile(r"the (?!author|columnist|writer|journalist)", re.IGNORECASE)
_AND = re.compile(r"\s*(?:,\s*and\b|[,;&/]|\band\b)\s*", re.IGNORECASE)
_OWNER = re.compile(r"['’]s?$")
_LATIN = re.compile(r"[\x20-\u024f\u1e00-\u1eff\u2019-]+")
_PARTICLE = 3  # letters of "van" and "der", which need no capital
_PEOPLE = 3  # letters that "Finns" has in common with "Finland"


class Asked(NamedTuple):
    """Whose words are asked for, and how."""

    speaker: Speaker
    asks: Asks
    called: tuple[str, ...] = ()  # words in a row by which texts name them; empty where none does
    authors: tuple[Name, ...] = ()  # the persons among them


class _Stated(NamedTuple):
    """What some articles state as their author or publisher."""

    latin: str  # lower case, in Latin letters
    text: str
    is_author: bool
    articles: list[str]


class _Voice(NamedTuple):
    """One author or publisher."""

    name: Name
    stated: str  # as an article has it
    articles: list[str]
    personal: list[bool]  # of each statement whether it names a person as author

    @property
    def is_person(self) -> bool:
        """Whether one does."""
        return any(self.personal)


@dataclass(slots=True)
class Speakers:
    """Who speaks in the archive now; safe to use from threads, as what is kept is replaced as a whole."""

    archive: Archive
    spelled: Callable[[str], Sequence[str]]  # from a word in Latin letters to the articles' words that read so
    _kept: tuple[int, list[_Stated]] = (-1, [])  # generation, and all that is stated

    @property
    def _casing(self) -> Casing:
        return Casing(self.archive)

    def asked_for(self, question: str) -> Asked | None:
        """Whom the question asks for their words; ``None`` where it asks for nobody's, or for somebody in the texts.

        One whom the question names as speaking, and who is in no text and has written none, has no articles.
        """
        return next(filter(None, (self._asked(frame, question) for frame in frames(question))), None)

    def _asked(self, frame: Frame, question: str) -> Asked | None:
        evident = _tells_names(question, frame.name)
        if whole := self._meant(frame.name, evident):
            return self._heard(frame, whole)
        parts = [_OWNER.sub("", part) for part in _AND.split(frame.name)]
        found = [self._meant(part, evident) for part in parts] if len(parts) > 1 else []
        if found and all(found):
            return self._heard(frame, [one for each in found for one in each])
        unknown = next((part for part in parts if evident and self._is_unknown(part)), None)
        return Asked(Speaker(unknown, (), frame.question), frame.asks) if unknown else None

    def _heard(self, frame: Frame, voices: Sequence[_Voice]) -> Asked:
        """The one who is meant, or all of them, who are asked together."""
        named = list({one.name.plain: one.stated for one in voices}.values())
        question = frame.question
        if len(named) > 1 and frame.asks is Asks.TOPIC:
            question = "What do the authors say" + question.removeprefix("What")
        articles = tuple(sorted({article for one in voices for article in one.articles}))
        speaker = Speaker(", ".join(named[:-1]) + " and " * (len(named) > 1) + named[-1], articles, question)
        persons = tuple(one.name for one in voices if one.is_person)
        return Asked(speaker, frame.asks, self._called(voices, frame.name), persons)

    def _meant(self, asked: str, evident: bool) -> list[_Voice]:
        """Who is meant: one asked for by the whole name, or those of whose personal names the last is asked for.

        A part without the last name stands for one person alone, and only where no text has it; nor may "the" stand
        before a part. What is no evident name stands for somebody only where texts do not use its words otherwise.

        :param evident: capitals show that it is a name
        """
        name = name_of(asked)
        if not (voices := self._voices(name)):
            return []
        ordinary = [] if evident else [word for word in name.plain if self._casing.is_ordinary(word)]
        if whole := [one for one in voices if one.name.is_the_same(name)]:
            sure = evident or whole[0].is_person or 1 < len(name.plain) > len(ordinary)
            return whole if sure else []
        if ordinary or _THE.match(asked) or name.plain in _countries():
            return []
        likely = [one for one in voices if one.is_person and name.is_part_of(one.name)]
        if named_so := [one for one in likely if one.name.last & name.last]:
            return named_so
        return likely if len(likely) == 1 and not any(map(self._holds, name.plain)) else []

    def _is_unknown(self, asked: str) -> bool:
        """Whether an evident name, in letters that could be found, is of nobody whom articles name or are by.

        No text has the only word of such a name, or some word of a house's, or writes the last of a full one as a name.
        """
        name = name_of(asked)
        if not _LATIN.fullmatch(asked) or not name.plain or name.plain in _countries():
            return False
        *first, last = name.plain
        if not first:
            doubtful = _THE.match(asked) or any(map(self._holds, words(asked)[:-1]))
            return not doubtful and not self._is_known(last)
        if last in HOUSE:
            return not all(map(self._is_known, name.plain))
        if any(word in TITLES or self._casing.is_ordinary(word) for word in first) or self.spelled(last):
            return False
        if self._holds(" ".join(name.plain)) or any(one.name.is_part_of(name) for one in self._voices(name)):
            return False
        return not self._casing.is_name(last) or self._is_anothers(last, first[0])

    def _is_anothers(self, last: str, first: str) -> bool:
        """Whether the last name is known with other first names, and the first is an author's."""
        named = [one.name for word in (last, first) for one in self._voices(name_of(word)) if one.is_person]
        in_texts = self._casing.first_names(last) - TITLES - STOP_WORDS
        others = in_texts | {name.plain[0] for name in named if name.plain[-1] == last}
        is_first = any(name.plain[0] == first for name in named)
        return is_first and bool(others) and not any(other[0] == first[0] for other in others)

    def _is_known(self, word: str) -> bool:
        """Whether a text has the word or, for a people, its country, or somebody is called so."""
        peoples = [name[0] for name in _countries() if word.endswith("s") and name[0].startswith(word[:_PEOPLE])]
        return any(map(self._holds, [word, *peoples])) or bool(self.spelled(word) or self._voices(name_of(word)))

    def _holds(self, word: str) -> bool:
        return self.archive.words.holds(word)

    def _called(self, voices: Sequence[_Voice], asked: str) -> tuple[str, ...]:
        """By what words texts name them: a house by those it was asked for with, persons by their last name, or by
        the whole one where it was asked for and is another's last name too.
        """
        one = voices[0]
        if any(not other.name.last & one.name.last for other in voices):
            return ()
        by = one.name.plain[-1:] if one.is_person else tuple(map(key, spoken(_THE.sub("", asked, count=1))))
        if one.is_person and len(name_of(asked).plain) > 1 and self._has_namesake(one):
            by = one.name.plain
        return by if all(map(self._holds, by)) else ()

    def _has_namesake(self, one: _Voice) -> bool:
        """Whether another author, or somebody in a text, has the last name too."""
        others = (other for other in self._voices(one.name) if other.is_person and not other.name.is_the_same(one.name))
        if any(other.name.last & one.name.last for other in others):
            return True
        initials = tuple(word for word in one.name.plain if len(word) == 1)
        first = self._casing.first_names(one.name.plain[-1]) - {*one.name.plain, *TITLES, *STOP_WORDS}
        return not all(other.startswith(initials) for other in first)

    def _voices(self, asked: Name) -> list[_Voice]:
        """Those in whose names the last word asked for occurs; an initial is in too many."""
        voices: dict[tuple[str, ...], _Voice] = {}
        for stated in self._stated() if asked.plain and len(asked.plain[-1]) > 1 else ():
            for name, text in _apart(stated) if any(last in stated.latin for last in asked.last) else ():
                one = voices.setdefault(name.plain, _Voice(name, text, [], []))
                one.articles.extend(stated.articles)
                one.personal.append(stated.is_author and name.is_personal)
        return list(voices.values())

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
            stated = [_Stated(_latin(text), text, is_author, own) for text, is_author, own in found]
            self._kept = generation, stated
        return stated


def _apart(stated: _Stated) -> list[tuple[Name, str]]:
    return authors(stated.text) if stated.is_author else [(name_of(stated.text), stated.text)]


def _latin(text: str) -> str:
    """All spellings of the words of a text."""
    if text.isascii():
        return " ".join(spoken(text))
    return " ".join(spelling for word in name_of(text).spelled for spelling in sorted(word))


def _tells_names(question: str, name: str) -> bool:
    """Whether capitals show a name amid a question: its words have them and other words do not."""
    own = [word for part in _AND.split(name) for word in re.sub(_THE, "", part).split()]
    if question.startswith(name) or not all(word[0].isupper() or len(word) <= _PARTICLE for word in own):
        return False
    others = [word for word in question.replace(name, " ", 1).split() if word[0].isalpha()]
    telling = [word for word in others if word.lower().strip("?.,!") not in STOP_WORDS] or others[1:]
    return own[-1][0].isupper() and any(word[0].islower() for word in telling)


@lru_cache(maxsize=1)
def _countries() -> frozenset[tuple[str, ...]]:
    """Names of countries and what their governments are called by: "Jordan" and "London" speak for themselves."""
    from babel import Locale

    named = {name_of(country).plain for country in Locale("en").territories.values()}
    return frozenset(named | {(word,) for word in COUNTRIES})
