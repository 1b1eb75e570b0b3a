"""Whether an archive is what was written: its file, its records, and each article with what was made of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import numpy as np

from retrieval.errors import DamagedError, InputError
from retrieval.store.archive import Archive
from retrieval.store.database import damaged
from retrieval.store.rows import passages_seal
from retrieval.types import Article, Encoded, Kind, Passage

_SHOWN = 5

#: What is there without what it belongs to, and the reverse.
_ORPHANS = (
    ("passages without an article", "passages WHERE article_id NOT IN (SELECT id FROM articles)"),
    ("passages without a vector", "passages WHERE row NOT IN (SELECT row FROM vectors)"),
    ("passages without vectors of their sentences", "passages WHERE row NOT IN (SELECT row FROM sentence_vectors)"),
    ("vectors without a passage", "vectors WHERE row NOT IN (SELECT row FROM passages)"),
    ("vectors of sentences without a passage", "sentence_vectors WHERE row NOT IN (SELECT row FROM passages)"),
)


def file_faults(archive: Archive) -> list[str]:
    """What SQLite finds wrong with the file.

    :raises StoreError: here as in all of these, what is no damage: a lock, a newer schema, a full disk.
    """

    def check() -> list[str]:
        with archive.snapshot() as db:
            found = [str(row[0]) for row in db.execute(f"PRAGMA integrity_check({_SHOWN})")]
        return [line.splitlines()[0] for line in found if line != "ok"]

    return _faults(check)


def manifest_faults(archive: Archive) -> list[str]:
    """What is wrong with the note of what the index was built with, without which nothing of it can be used."""

    def check() -> list[str]:
        archive.generation()
        return [] if "encoder" in archive.manifest() else ["it does not say with which encoder it was built"]

    return _faults(check)


def orphans(archive: Archive) -> list[str]:
    """Records without those that they belong to, counted."""

    def check() -> list[str]:
        with archive.snapshot() as db:
            found = [(db.execute(f"SELECT count(*) FROM {where}").fetchone()[0], what) for what, where in _ORPHANS]
            alien = len(db.execute("PRAGMA foreign_key_check").fetchall())
        told = [f"{count:,} {what}" for count, what in found if count]
        return told or ([f"{alien:,} broken references"] if alien else [])

    return _faults(check)


def word_faults(archive: Archive) -> list[str]:
    """What FTS5 finds wrong with its index, which it compares with the passages."""

    def check() -> list[str]:
        archive.words.check()
        return []

    return _faults(check)


def article_faults(archive: Archive) -> list[tuple[str, str]]:
    """Ids of the articles that cannot be read whole, and why."""

    def check(article_id: str, rows: list[int]) -> list[str]:
        record(archive, article_id, rows)
        return []

    found = articles_with_rows(archive)
    return [(name, fault) for name, rows in found.items() for fault in _faults(partial(check, name, rows))]


def articles_with_rows(archive: Archive) -> dict[str, list[int]]:
    """Ids of the articles and rows of their passages, as far as a damaged file yields them."""
    found: dict[str, list[int]] = {}
    for query in ("SELECT id FROM articles NOT INDEXED", "SELECT id FROM articles"):
        with suppress(DamagedError), archive.snapshot() as db:  # the next query reads other pages
            for (article_id,) in db.execute(f"{query} WHERE typeof(id) = 'text'"):
                found.setdefault(article_id, [])
    with suppress(DamagedError), archive.snapshot() as db:
        for article_id, row in db.execute(
            "SELECT article_id, row FROM passages NOT INDEXED WHERE typeof(article_id) = 'text' ORDER BY row"
        ):
            found.setdefault(article_id, []).append(row)
    return found


def record(archive: Archive, article_id: str, rows: list[int]) -> tuple[Article, str, list[Passage], list[Encoded]]:
    """All that is archived of an article, as :meth:`Archive.put` takes it.

    :param rows: of its passages
    :raises DamagedError: a part is not what was written, or cannot be read.
    """
    with archive.snapshot() as db:
        article = archive.article(article_id)
        (fingerprint,) = db.execute("SELECT hash FROM articles WHERE id = ?", (article_id,)).fetchone()
        sealed = db.execute("SELECT passages FROM seals WHERE article_id = ?", (article_id,)).fetchone()
        passages, vectors = archive.passages(rows), archive.vectors(rows)
        if missing := [row for row in rows if row not in passages or row not in vectors]:
            raise damaged(archive.path, f"{len(missing):,} passages of {article_id} are not whole")
        plain = [row for row in rows if passages[row].kind is not Kind.COMMENT]
        if archive.not_comments(rows) != plain:
            raise damaged(archive.path, f"comments of {article_id} are not marked as such")
        dimension = len(vectors[rows[0]]) if rows else 0
        sentences = archive.sentence_vectors([passages[row] for row in rows], dimension)
    for passage in passages.values():
        if article.text[passage.start : passage.end] != passage.text:
            raise damaged(archive.path, f"passage {passage.id} is not what its article says")
        if not np.isfinite(sentences[passage.id]).all():
            raise damaged(archive.path, f"a vector of a sentence of {article_id} is no vector")
    ordered = [passages[row] for row in rows]
    encoded = [Encoded(vectors[row], sentences[passages[row].id]) for row in rows]
    if sealed and sealed[0] != passages_seal(ordered, encoded):
        raise damaged(archive.path, f"the passages of {article_id} are not what was written")
    return article, fingerprint, ordered, encoded


def _faults(check: Callable[[], list[str]]) -> list[str]:
    """What a check finds, or the damage that it met."""
    try:
        return check()
    except (DamagedError, InputError) as error:  # an article that is gone, though its passages are there
        return [str(error)]
