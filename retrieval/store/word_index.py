"""The words of the passages, by SQLite's FTS5, which keeps them as the passages are written."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.store.database import Database
from retrieval.store.filters import condition, kinds
from retrieval.types import Filters


class WordIndex:
    """Lexical search over the passages of one archive. A ``match`` is an expression of FTS5's query language."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def document_frequency(self, word: str) -> int:
        """How many passages hold a word, by FTS5's own stemming."""
        with self._database.reading() as db:
            return int(db.execute("SELECT count(*) FROM words WHERE words MATCH ?", (_quoted(word),)).fetchone()[0])

    def holds(self, word: str) -> bool:
        """Whether some passage holds a word; unlike counting them it takes no longer for a common one."""
        with self._database.reading() as db:
            found = db.execute("SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", (_quoted(word),)).fetchone()
        return found is not None

    def best(self, match: str, k: int, filters: Filters, rare: str = "") -> list[int]:
        """Row ids of the at most ``k`` passages with the best BM25 score for ``match``, best first.

        :param rare: where given, what does not match it too is not scored, which is forty times the work of matching
        """
        where, values = condition(filters)
        narrowed = f"AND p.article_id IN (SELECT a.id FROM articles a WHERE {where})" if values else ""
        joined = f"words JOIN passages p ON p.row = words.rowid {narrowed}"
        # FTS5 scores all matches for "rank" before it leaves any out; without it it has the quicker sort
        few, order = ("AND +words.rowid IN (SELECT rowid FROM words(?))", "bm25(words)") if rare else ("", "rank")
        query = f"SELECT p.row FROM {joined} WHERE words MATCH ? {few} {kinds(filters)} ORDER BY {order} LIMIT ?"
        with self._database.reading() as db:
            return [row for (row,) in db.execute(query, (*values, match, *([rare] if rare else []), k))]

    def bm25(self, match: str, rows: Sequence[int]) -> dict[int, float]:
        """BM25 scores, higher is better, of those of ``rows`` that match."""
        # "+rowid" reads the matches once; a bare "rowid IN" would run the whole query for every row
        query = "SELECT rowid, -bm25(words) FROM words WHERE words MATCH ? AND +rowid"
        return {row: float(score) for row, score in self._database.by_key(query, rows, match)}

    def rebuild(self) -> None:
        """Makes the index anew from the passages."""
        with self._database.writing() as db:
            db.execute("INSERT INTO words(words) VALUES ('rebuild')")

    def check(self) -> None:
        """Returns if the index holds the words of the passages and nothing else.

        :raises DamagedError: it does not.
        """
        with self._database.reading() as db:  # FTS5 takes a check for a write; it is taken back
            db.execute("INSERT INTO words(words, rank) VALUES ('integrity-check', 1)")


def _quoted(word: str) -> str:
    """The word as an expression of FTS5's query language."""
    return '"' + word.replace('"', '""') + '"'
