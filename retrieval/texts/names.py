"""Names of authors and publishers as articles state them: taken apart, and compared as people write them."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from retrieval.texts.language import romanised
from retrieval.tokens import words

_TITLES = frozenset(
    """the by mr mrs ms miss dr prof professor sir dame lady gen general col colonel lt maj capt ret retd brig adm
    ambassador phd jr sr author columnist writer journalist""".split()  # noqa: SIM905
)
#: In the name of a house, no part of which stands for the whole: "board" is not the Editorial Board.
HOUSE = frozenset(
    """agency board bureau center centre chronicle college correspondent corpus council daily desk editor editorial
    editors express forum foundation gazette group guardian herald house institute international journal magazine
    media ministry network news newspaper observer office online post press radio report reporter review school
    service society staff star studies team telegraph think times today tribune university weekly world
    of for and the on in at""".split()  # noqa: SIM905
)
_MOST_PERSONAL = 5  # words of a person's name
_BETWEEN = re.compile(r"\s*(?:;|&|/|\band\b|\bwith\b)\s*", re.IGNORECASE)
_HONOURS = re.compile(r"\s*(?:(?:[A-Z]\.?){2,5}|P[hH]\.?\s?D\.?|Esq\.?)\s*")  # behind a comma
_ELIDED = re.compile(r"(?<!\w)([^\W\d_])['’](?=[^\W\d_])")  # "O’Neill"
#: Letters that are also written as two where they cannot be typed: "Mueller".
_AS_TWO = str.maketrans({"ä": "ae", "ö": "oe", "ø": "oe", "ü": "ue", "å": "aa"})


class Name(NamedTuple):
    """The words of a name but for titles, in lower case."""

    plain: tuple[str, ...]  # in Latin letters without accents
    spelled: tuple[frozenset[str], ...]  # each in all the ways that it may be written in such letters

    @property
    def is_personal(self) -> bool:
        """Whether it may be a person's full name."""
        return 1 < len(self.plain) <= _MOST_PERSONAL and HOUSE.isdisjoint(self.plain)

    @property
    def last(self) -> frozenset[str]:
        """The last name."""
        return self.spelled[-1]

    def is_the_same(self, other: Name) -> bool:
        """Whether the two are spelled alike."""
        pairs = zip(self.spelled, other.spelled, strict=False)
        return len(self.plain) == len(other.plain) and all(one & another for one, another in pairs)

    def is_part_of(self, other: Name) -> bool:
        """Whether all its words are in the other, in order, one at least in full; an initial may stand for a word."""
        left = iter(other.spelled)
        in_full = any(word & one for word in self.spelled for one in other.spelled if len(min(word)) > 1)
        return in_full and all(any(_like(word, one) for one in left) for word in self.spelled)


def name_of(stated: str) -> Name:
    """The name in a text that states it."""
    own = [word for word in spoken(stated) if key(word) not in _TITLES]
    return Name(tuple(map(key, own)), tuple(frozenset({key(word), key(word.translate(_AS_TWO))}) for word in own))


def spoken(text: str) -> tuple[str, ...]:
    """The words of a text as names are read: "O’Neill" is one."""
    return words(_ELIDED.sub(r"\1", unicodedata.normalize("NFC", text)))


def key(word: str) -> str:
    """A word as names are compared: "muller" for "müller"."""
    return word if word.isascii() else romanised(word)


def authors(stated: str) -> list[tuple[Name, str]]:
    """Each of several authors; "Quill, Ada" is one, and so is what has a part of a single word."""
    pieces = [part for piece in _BETWEEN.split(stated) for part in _at_commas(piece)]
    named = [(name_of(part), part.strip()) for part in pieces]
    return named if all(len(name.plain) > 1 for name, _ in named) else [(name_of(stated), stated)]


def _at_commas(stated: str) -> list[str]:
    """The parts between commas but for honours: "J. Hallam, OBE" is one."""
    first, *others = [part for part in stated.split(",") if name_of(part).plain] or [stated]
    if len(name_of(first).plain) == 1:
        return [f"{others[0].strip()} {first}"] if len(others) == 1 else [first, *others]
    return [first, *(part for part in others if not _HONOURS.fullmatch(part))]


def _like(one: frozenset[str], other: frozenset[str]) -> bool:
    is_initial = 1 in (min(map(len, one)), min(map(len, other)))
    return bool(one & other) or (is_initial and bool({a[0] for a in one} & {b[0] for b in other}))
