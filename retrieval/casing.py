"""How the articles write a word: as a name, with a capital, or as any other word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.store.archive import Archive
from retrieval.texts.names import key
from retrieval.tokens import STOP_WORDS
from retrieval.types import Filters

_LOOKED_AT = 30  # passages of those that have the word
_IN_A_ROW = re.compile(r"([^\W\d_][\w’'-]*)\.?\s+(?=([^\W\d_]\w*))")
_WORD = re.compile(r"[^\W\d_]\w*")
_AMID = re.compile(r"[\w,;’”)-]\s$")  # what stands before a word within a sentence


@dataclass(frozen=True, slots=True)
class Casing:
    """What the archive's passages show of a word, given in lower case and Latin letters."""

    archive: Archive

    def is_ordinary(self, word: str) -> bool:
        """Whether it is written without a capital."""
        return word in STOP_WORDS or any(one[0].islower() for one, _ in self._written(word))

    def is_name(self, word: str) -> bool:
        """Whether it is written with a capital, one that is not ordinary also where a sentence begins."""
        capitals = [amid for one, amid in self._written(word) if one[0].isupper()]
        return any(capitals) or (bool(capitals) and not self.is_ordinary(word))

    def first_names(self, last: str) -> set[str]:
        """The capitalised words before it."""
        pairs = (pair for text in self._texts(last) for pair in _IN_A_ROW.findall(text))
        return {key(one.lower()) for one, other in pairs if one[0].isupper() and key(other.lower()) == last}

    def _written(self, word: str) -> Iterator[tuple[str, bool]]:
        """Each time that it is written, and whether that is amid a sentence."""
        for found in (found for text in self._texts(word) for found in _WORD.finditer(text)):
            if key(found[0].lower()) == word:
                yield found[0], _AMID.search(found.string, max(0, found.start() - 2), found.start()) is not None

    def _texts(self, word: str) -> list[str]:
        rows = self.archive.words.best(f'"{word}"', _LOOKED_AT, Filters(comments=True))
        return [passage.text for passage in self.archive.passages(rows).values()]
