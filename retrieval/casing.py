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


@dataclass(frozen=True, slots=True)
class Casing:
    """What the archive's passages show of a word, given in lower case and Latin letters."""

    archive: Archive

    def is_ordinary(self, word: str) -> bool:
        """Whether it is written without a capital."""
        return word in STOP_WORDS or any(one[0].islower() for one in self._written(word))

    def is_name(self, word: str) -> bool:
        """Whether it is written with a capital."""
        return any(one[0].isupper() for one in self._written(word))

    def first_names(self, last: str) -> set[str]:
        """The capitalised words before it."""
        pairs = (pair for text in self._texts(last) for pair in _IN_A_ROW.findall(text))
        return {key(one.lower()) for one, other in pairs if one[0].isupper() and key(other.lower()) == last}

    def _written(self, word: str) -> Iterator[str]:
        return (one for text in self._texts(word) for one in _WORD.findall(text) if key(one.lower()) == word)

    def _texts(self, word: str) -> list[str]:
        rows = self.archive.words.best(f'"{word}"', _LOOKED_AT, Filters(comments=True))
        return [passage.text for passage in self.archive.passages(rows).values()]
