"""The articles' words in other scripts, by how they are spelled in Latin letters: "lavrov" finds "Лавров".

Read off the word index when a question has a word that the articles lack, so no article need be indexed anew.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from retrieval.store.archive import Archive
from retrieval.texts.language import romanised

_FIRST = "\u0370"  # where scripts other than Latin begin
_FEWEST = 4  # letters; a shorter word is like too many
_ENDING = 3  # letters that a case may add: "Лаврова", "Лавровым"


@dataclass(slots=True)
class Vocabulary:
    """What is in the archive now; safe to use from threads, as what is kept is replaced as a whole."""

    archive: Archive
    _kept: tuple[int, list[tuple[str, str]]] = (-1, [])  # generation; words with their Latin spelling before them

    def spelled(self, latin: str) -> list[str]:
        """The words that read so in Latin letters, whatever their ending, the plainest first; none for a short word."""
        if len(latin) < _FEWEST or not latin.isascii() or not latin.isalpha():
            return []
        known = self._words()
        found = []
        for spelling, word in known[bisect_left(known, (latin, "")) :]:
            if not spelling.startswith(latin):
                break
            if len(spelling) <= len(latin) + _ENDING:
                found.append((len(spelling), word))
        return [word for _, word in sorted(found)]

    def _words(self) -> list[tuple[str, str]]:
        generation = self.archive.generation()
        kept_at, known = self._kept
        if kept_at != generation:
            with self.archive.snapshot() as db:
                db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, words, 'row')")
                words = [str(word) for (word,) in db.execute("SELECT term FROM vocabulary WHERE term >= ?", (_FIRST,))]
            known = sorted((romanised(word), word) for word in words)
            self._kept = generation, known
        return known
