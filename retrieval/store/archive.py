"""The truth: articles, passages, vectors, words and manifest in one SQLite file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from sqlite3 import Connection
from typing import Any, NamedTuple

import numpy as np

from retrieval.errors import DamagedError, InputError
from retrieval.store.database import Database, damaged
from retrieval.store.filters import condition, kinds
from retrieval.store.rows import article_seal, matrix, packed, passage, passages_seal
from retrieval.store.word_index import WordIndex
from retrieval.types import Article, Encoded, Filters, Kind, Passage, Reference, Region

_REFERENCE = "a.id, a.source, a.title, a.author, a.publisher, a.published, a.url"
_ALL = Filters()


class Fingerprint(NamedTuple):
    """Where an article came from and what it was when it was indexed."""

    source: str
    hash: str


class Archive:
    """Records in and out. Readers use it inside ``with archive.snapshot():`` to see one state."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = Database(path)
        self.words = WordIndex(self._database)
        self.close = self._database.close
        self._counted = -1, (0, 0)

    # -- state ---------------------------------------------------------------------------------

    def snapshot(self) -> AbstractContextManager[Connection]:
        """A block within which this thread sees one state of the archive."""
        return self._database.reading()

    def exists(self) -> bool:
        """Whether anything was ever written here."""
        return self._database.exists()

    def generation(self) -> int:
        """A number that grows with every write; the same number, the same contents."""
        with self._database.reading() as db, self._intact():
            return int(db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0])

    def manifest(self) -> dict[str, Any]:
        """What the index was built with; empty before the first run."""
        if not self.exists():
            return {}
        with self._database.reading() as db:
            row = db.execute("SELECT value FROM meta WHERE key = 'manifest'").fetchone()
        with self._intact():
            return dict(json.loads(row[0])) if row else {}

    def write_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Replaces the manifest."""
        with self._database.writing() as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('manifest', ?)", (json.dumps(dict(manifest)),))

    def count(self) -> tuple[int, int]:
        """Articles and passages; counted once a generation, for SQLite walks over all of them."""
        with self.snapshot() as db:
            generation = self.generation()
            if self._counted[0] != generation:
                row = db.execute("SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)").fetchone()
                self._counted = generation, (int(row[0]), int(row[1]))
            return self._counted[1]

    # -- articles ------------------------------------------------------------------------------

    def put(self, article: Article, fingerprint: str, passages: Sequence[Passage], encoded: Sequence[Encoded]) -> None:
        """Writes an article with its passages and vectors in place of what was there, as one transaction."""
        ref = article.reference
        with self._database.writing() as db:
            _delete(db, ref.article_id)
            db.execute(
                "INSERT INTO articles VALUES (?,?,?,?,?,?,?,?,?,?)",
                (ref.article_id, ref.source, fingerprint, ref.title, ref.author, ref.publisher, ref.published, ref.url,
                 json.dumps([[r.start, r.end, r.kind, r.reason] for r in article.regions]), article.text),
            )  # fmt: skip
            for p, vectors in zip(passages, encoded, strict=True):
                row = db.execute(
                    "INSERT INTO passages VALUES (NULL,?,?,?,?,?,?,?,?,?,?)",
                    (p.id, p.article_id, p.start, p.end, p.kind, p.title, p.section, p.context, p.text,
                     json.dumps(p.sentences)),
                ).lastrowid  # fmt: skip
                comment = p.kind is Kind.COMMENT
                db.execute("INSERT INTO vectors VALUES (?,?,?)", (row, comment, packed(vectors.passage)))
                db.execute("INSERT INTO sentence_vectors VALUES (?,?)", (row, packed(vectors.sentences, np.float16)))
            seals = (ref.article_id, article_seal(article), passages_seal(passages, encoded))
            db.execute("INSERT INTO seals VALUES (?,?,?)", seals)

    def relocate(self, sources: Mapping[str, str]) -> None:
        """Notes new sources of articles, by id, whose text did not change."""
        if not sources:
            return
        with self._database.writing() as db:
            for article_id, source in sources.items():
                article = self.article(article_id)
                moved = replace(article, reference=replace(article.reference, source=source))
                db.execute("UPDATE articles SET source = ? WHERE id = ?", (source, article_id))
                db.execute("UPDATE seals SET article = ? WHERE article_id = ?", (article_seal(moved), article_id))

    def remove(self, article_ids: Iterable[str]) -> None:
        """Deletes articles with all that came of them, as one transaction."""
        with self._database.writing() as db:
            for article_id in article_ids:
                _delete(db, article_id)

    def fingerprints(self) -> dict[str, Fingerprint]:
        """Of every article, by its id."""
        if not self.exists():
            return {}
        with self._database.reading() as db:
            return {i: Fingerprint(source, h) for i, source, h in db.execute("SELECT id, source, hash FROM articles")}

    def references(self, filters: Filters = _ALL) -> list[Reference]:
        """The articles that pass the filters, by title and id."""
        where, values = condition(filters)
        order = "ORDER BY folded(coalesce(a.title, a.id)), a.id"
        with self._database.reading() as db:
            found = db.execute(f"SELECT {_REFERENCE} FROM articles a WHERE {where} {order}", values)
            return [Reference(*row) for row in found]

    def article(self, article_id: str) -> Article:
        """An article whole, and as it was written.

        :raises InputError: there is none of that id.
        """
        with self._database.reading() as db:
            columns = f"{_REFERENCE}, a.regions, a.text, s.article"
            joined = "articles a LEFT JOIN seals s ON s.article_id = a.id"
            row = db.execute(f"SELECT {columns} FROM {joined} WHERE a.id = ?", (article_id,)).fetchone()
        if row is None:
            raise InputError(f"there is no article {article_id!r}", "`sayso sources` lists them")
        with self._intact():
            regions = tuple(Region(start, end, Kind(kind), reason) for start, end, kind, reason in json.loads(row[7]))
            article = Article(Reference(*row[:7]), row[8], regions)
            if row[9] not in (None, article_seal(article)):  # an older Sayso sealed nothing
                raise ValueError(f"the article {article_id} is not what was written")
        return article

    def published(self, article_ids: Sequence[str]) -> dict[str, str]:
        """ISO dates by article id, of those whose date is known."""
        found = self._database.by_key(
            "SELECT id, published FROM articles WHERE published IS NOT NULL AND id", article_ids
        )
        return dict(found)

    # -- passages ------------------------------------------------------------------------------

    def passages(self, rows: Sequence[int]) -> dict[int, Passage]:
        """By row id; rows that are not there are left out."""
        columns = "row, id, article_id, start, end, kind, text, title, section, sentences"
        found = self._database.by_key(f"SELECT {columns} FROM passages WHERE row", rows)
        with self._intact():
            return {row: passage(*record) for row, *record in found}

    def rows(self, filters: Filters) -> list[int]:
        """Row ids of the passages that pass the filters, ascending."""
        where, values = condition(filters)
        joined = f"passages p JOIN articles a ON a.id = p.article_id AND {where}"
        query = f"SELECT p.row FROM {joined} WHERE 1 {kinds(filters)} ORDER BY p.row"
        with self._database.reading() as db:
            return [row for (row,) in db.execute(query, values)]

    def not_comments(self, rows: Sequence[int]) -> list[int]:
        """Those of ``rows`` that are no reader's comment."""
        return [
            row
            for row, comment in self._database.by_key("SELECT row, comment FROM vectors WHERE row", rows)
            if not comment
        ]

    def sample(self, size: int) -> list[int]:
        """At most ``size`` row ids of passages, spread evenly."""
        query = "SELECT row FROM vectors WHERE row >= ? ORDER BY row LIMIT 1"
        with self._database.reading() as db:
            ends = "SELECT coalesce((SELECT min(row) FROM vectors), 0), coalesce((SELECT max(row) FROM vectors), -1)"
            first, last = db.execute(ends).fetchone()  # asked for in one SELECT, they take a walk over all vectors
            points = sorted({first + (last - first) * i // max(1, size - 1) for i in range(size)})
            return sorted({row for point in points for (row,) in db.execute(query, (point,))})

    def vectors(self, rows: Sequence[int]) -> dict[int, np.ndarray]:
        """Vectors of passages by row id."""
        found = self._database.by_key("SELECT row, vector FROM vectors WHERE row", rows)
        with self._intact():
            return dict(zip([row for row, _ in found], matrix([blob for _, blob in found]), strict=True))

    def vector_rows(self) -> np.ndarray:
        """Row ids of all vectors, int64, ascending."""
        with self._database.reading() as db:
            return np.array([row for (row,) in db.execute("SELECT row FROM vectors ORDER BY row")], np.int64)

    def all_vectors(self, after: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Row ids (int64), whether each is a comment (bool), and all vectors (float32, one a row).

        :param after: the row id behind which they begin
        """
        with self._database.reading() as db:
            query = "SELECT row, comment, vector FROM vectors WHERE row > ? ORDER BY row"
            found = db.execute(query, (after,)).fetchall()
        with self._intact():
            vectors = matrix([blob for _, _, blob in found])
        return np.array([row for row, _, _ in found], np.int64), np.array([bool(c) for _, c, _ in found], bool), vectors

    def sentence_vectors(self, passages: Sequence[Passage], dimension: int) -> dict[str, np.ndarray]:
        """float32 ``(sentences, dimension)`` by passage id, of passages that are there; kept as float16."""
        query = "SELECT p.id, s.vectors FROM passages p JOIN sentence_vectors s ON s.row = p.row WHERE p.id"
        found = dict(self._database.by_key(query, [passage.id for passage in passages]))
        with self._intact():
            return {
                p.id: np.frombuffer(found[p.id], np.float16).astype(np.float32).reshape(len(p.sentences), dimension)
                for p in passages
            }

    # -- what Chroma has yet to be told --------------------------------------------------------

    def outbox(self, limit: int) -> tuple[list[int], list[int]]:
        """Row ids to add to the nearest-neighbour index and row ids to take out of it."""
        with self._database.reading() as db:
            found = db.execute("SELECT row, gone FROM outbox ORDER BY row LIMIT ?", (limit,)).fetchall()
        return [row for row, gone in found if not gone], [row for row, gone in found if gone]

    def told(self, rows: Sequence[int]) -> None:
        """Takes row ids off the outbox."""
        with self._database.writing() as db:
            db.executemany("DELETE FROM outbox WHERE row = ?", [(row,) for row in rows])

    def fill_outbox(self) -> None:
        """Puts every passage in the outbox, and nothing else."""
        with self._database.writing() as db:
            db.execute("DELETE FROM outbox")
            db.execute("INSERT INTO outbox SELECT row, 0 FROM passages")

    def reindex(self) -> None:
        """Makes SQLite's indexes of the tables anew, but for those that are too damaged for that."""
        with self._database.reading() as db:
            names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")]
        for name in names:
            with suppress(DamagedError), self._database.writing() as db:
                db.execute(f'REINDEX "{name}"')

    @contextmanager
    def _intact(self) -> Iterator[None]:
        """Turns what a damaged record does to its reader into a :class:`DamagedError`."""
        try:
            yield
        except (ValueError, TypeError, KeyError) as error:
            raise damaged(self._database.path, str(error)) from error


def _delete(db: Connection, article_id: str) -> None:
    db.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))
    db.execute("DELETE FROM articles WHERE id = ?", (article_id,))
