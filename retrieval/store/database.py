"""The SQLite file under the archive: schema, connections, transactions, errors in plain words."""

from __future__ import annotations

import os
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from retrieval.errors import DamagedError, LockedError, SchemaError, StoreError

SCHEMA_VERSION = 2

#: Row ids are never used twice (AUTOINCREMENT), so a stale id in Chroma can never name another
#: passage. The outbox holds what Chroma has yet to be told; triggers fill it, and keep FTS5 equal
#: to the passages, so that no writer can forget either. The categories make combining marks
#: (Hindi, Urdu, Arabic) part of words.
_FIRST_SCHEMA = """
PRAGMA user_version = 1;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    id TEXT PRIMARY KEY, source TEXT NOT NULL, hash TEXT NOT NULL,
    title TEXT, author TEXT, publisher TEXT, published TEXT, url TEXT,
    regions TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    article_id TEXT NOT NULL REFERENCES articles(id),
    start INTEGER NOT NULL, end INTEGER NOT NULL, kind TEXT NOT NULL,
    title TEXT NOT NULL, section TEXT NOT NULL, context TEXT NOT NULL, text TEXT NOT NULL, sentences TEXT NOT NULL
);
CREATE INDEX passages_by_article ON passages(article_id);
CREATE TABLE vectors (row INTEGER PRIMARY KEY, comment INTEGER NOT NULL, vector BLOB NOT NULL);
CREATE TABLE sentence_vectors (row INTEGER PRIMARY KEY, vectors BLOB NOT NULL);
CREATE TABLE outbox (row INTEGER PRIMARY KEY, gone INTEGER NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(
    context, text, content='passages', content_rowid='row',
    tokenize="porter unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
);
CREATE TRIGGER passage_in AFTER INSERT ON passages BEGIN
    INSERT INTO words(rowid, context, text) VALUES (new.row, new.context, new.text);
    INSERT INTO outbox VALUES (new.row, 0);
END;
CREATE TRIGGER passage_out AFTER DELETE ON passages BEGIN
    INSERT INTO words(words, rowid, context, text) VALUES ('delete', old.row, old.context, old.text);
    DELETE FROM vectors WHERE row = old.row;
    DELETE FROM sentence_vectors WHERE row = old.row;
    INSERT OR REPLACE INTO outbox VALUES (old.row, 1);
END;
INSERT INTO meta VALUES ('generation', 0);
"""

#: What makes the next version of one. A seal is dropped with its article, so that a Sayso that knows of none, and
#: writes an article anew, leaves none behind that is wrong.
_MIGRATIONS = {
    1: (
        "CREATE TABLE seals (article_id TEXT PRIMARY KEY, article TEXT NOT NULL, passages TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TRIGGER article_out AFTER DELETE ON articles BEGIN DELETE FROM seals WHERE article_id = old.id; END",
    )
}

_OTHER_FOLDER = "check the folder's owner, or name another with --data"
_BUSY_MS = 5_000
_MANY = 500  # values in one "IN (…)"


class Database:
    """Connections to one file, one a thread; all are closed together."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._guard = threading.Lock()

    def exists(self) -> bool:
        """Whether the file is there; connecting makes it."""
        return self.path.exists()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the file until the block ends; blocks may nest."""
        with translated(self.path):
            connection = self._connection()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction that commits as a whole, with a new generation, or not at all."""
        with translated(self.path):
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.rollback()
                raise

    def by_key(self, query: str, keys: Sequence[int] | Sequence[str], *values: object) -> list[tuple[Any, ...]]:
        """What ``query … IN (keys)`` gives, however many keys there are.

        :param values: of the query's own parameters
        """
        found: list[tuple[Any, ...]] = []
        with self.reading() as db:
            for start in range(0, len(keys), _MANY):
                some = keys[start : start + _MANY]
                found += db.execute(f"{query} IN ({','.join('?' * len(some))})", (*values, *some)).fetchall()
        return found

    def close(self) -> None:
        """Closes every thread's connection."""
        with self._guard:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
            with self._guard:
                self._open.append(connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        folder = self.path.parent
        if not self.path.exists():
            _make(self.path)
        writable = os.access(folder, os.W_OK)
        connection = sqlite3.connect(
            address(self.path, writable), uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            connection.create_function("folded", 1, folded, deterministic=True)
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
            self._check_schema(connection, writable)
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_schema(self, connection: sqlite3.Connection, writable: bool) -> None:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise SchemaError(
                f"the index in {self.path.parent} was made by a newer Sayso "
                f"(schema {version}, this one reads {SCHEMA_VERSION})",
                "upgrade Sayso, or name another folder with --data",
            )
        if version < 1:
            raise damaged(self.path, "it holds no tables of ours")
        if version < SCHEMA_VERSION and not writable:
            raise SchemaError(
                f"the index in {self.path.parent} was made by an older Sayso and cannot be brought up to date",
                "run `sayso doctor` once as the folder's owner",
            )
        if version < SCHEMA_VERSION:
            _migrate(connection)


def _make(path: Path) -> None:
    """An archive without articles, which only its owner may read, in a folder of that kind.

    It appears whole, so that nobody opens half of it. Who makes one is a writer and holds the lock.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(unfinished, os.O_CREAT | os.O_RDWR | os.O_TRUNC, 0o600))
    except OSError as error:
        said = f"the data folder {path.parent} cannot be written ({error.strerror})"
        raise StoreError(said, _OTHER_FOLDER) from error
    try:
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN; {_FIRST_SCHEMA} COMMIT")
            _migrate(connection)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _migrate(connection: sqlite3.Connection) -> None:
    """Brings the file to the present schema, as one transaction; whoever comes second finds it done."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        for step in range(version, SCHEMA_VERSION):
            for statement in _MIGRATIONS[step]:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.rollback()
        raise


def folded(text: str) -> str:
    """A text for comparing: without case and in one Unicode form; SQLite's own lower() knows ASCII only."""
    return unicodedata.normalize("NFC", text.casefold())


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explained(error, path) from error
    except UnicodeDecodeError as error:  # what SQLite says quotes a damaged schema
        raise damaged(path, str(error)) from error


def _explained(error: sqlite3.Error, path: Path) -> StoreError:
    said = (str(error).splitlines() or [""])[0][:200]  # of a text that does not decode it would be all of it
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # Python's own errors have none
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such table" in said or "not decode" in said:
        return damaged(path, said)
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        hint = "make room, or check the disk, and run `sayso index` again; what is there is safe"
        return StoreError(f"the disk is full or failing: {path.parent} cannot be used ({said})", hint)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LockedError(f"another process is writing to {path.parent}", "wait for it to end and try again")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StoreError(f"the data folder {path.parent} cannot be written", _OTHER_FOLDER)
    if code == sqlite3.SQLITE_ERROR:  # our own statements are sound, so the tables are not
        return damaged(path, said)
    return StoreError(f"the index {path} cannot be used ({said})", "run `sayso doctor`, which looks for the cause")


def damaged(path: Path, said: str) -> DamagedError:
    """The error for a file that is not what was written."""
    return DamagedError(
        f"the index {path} is damaged ({said})",
        f"run `sayso repair`, which saves what can be read; or move {path.parent} away and run `sayso index` again",
    )


def address(path: Path, writable: bool) -> str:
    """The URI by which a file that is there is opened, in a folder that can be written or not.

    One that cannot be written has no room for the shared-memory file of WAL mode. Then the file is read as one that
    nobody changes, unless a writer was stopped and left its log and that file behind: what stands in the log was
    committed and must be seen.
    """
    from urllib.parse import quote

    log = path.with_name(path.name + "-wal")
    read_only = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
    return f"file:{quote(str(path.resolve()))}?{'mode=rw' if writable else read_only}"
