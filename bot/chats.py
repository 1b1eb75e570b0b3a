"""What is kept of chats, in one SQLite file: preferences, what was asked and answered, votes.

The journal of updates and the list of members lie in the same file; ``bot.telegram_app``
has the classes that read and write them. One process writes, from one thread.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.errors import DamagedError, SchemaError, StoreError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_log = logging.getLogger(__name__)
_VERSION = 1
_BUSY_MS = 50  # that a write waits for another process's: the bot does nothing else meanwhile, and tries again
_DAY_S = 86_400.0

_SCHEMA = """
CREATE TABLE journal (       -- updates; those without payload are closed and kept to know them again
    update_id INTEGER PRIMARY KEY, payload TEXT, received REAL NOT NULL, starts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX open_updates ON journal (update_id) WHERE payload IS NOT NULL;
CREATE TABLE deliveries (    -- messages sent for an update; without message_id: sent, whether it arrived is unknown
    update_id INTEGER NOT NULL, part INTEGER NOT NULL, chat_id INTEGER NOT NULL, above INTEGER NOT NULL,
    state TEXT NOT NULL, message_id INTEGER, PRIMARY KEY (update_id, part)
) WITHOUT ROWID;
CREATE TABLE members (
    id INTEGER PRIMARY KEY, role TEXT NOT NULL, added REAL NOT NULL, added_by INTEGER  -- groups have numbers below 0
);
CREATE TABLE preferences (chat_id INTEGER PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE answers (
    row INTEGER PRIMARY KEY AUTOINCREMENT, chat_id INTEGER NOT NULL, thread_id INTEGER, user_id INTEGER NOT NULL,
    question_id INTEGER NOT NULL, question TEXT NOT NULL, reply TEXT NOT NULL, messages TEXT NOT NULL,
    asked REAL NOT NULL, UNIQUE (chat_id, question_id)
);
CREATE INDEX turns ON answers (chat_id, user_id, row);
CREATE TABLE votes (
    answer INTEGER NOT NULL REFERENCES answers (row) ON DELETE CASCADE, user_id INTEGER NOT NULL, good INTEGER NOT NULL,
    voted REAL NOT NULL, PRIMARY KEY (answer, user_id)
) WITHOUT ROWID;
CREATE TABLE words (         -- that buttons cannot hold, and name by their row
    row INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL, words TEXT NOT NULL, kept REAL NOT NULL,
    UNIQUE (user_id, words)
);
"""


@dataclass(frozen=True, slots=True)
class Preferences:
    """How one chat wants its answers."""

    quotes: int | None = None  # None: as configured
    comments: bool = False
    article: str | None = None  # the only article that may answer


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what was shown for it."""

    chat_id: int
    thread_id: int | None
    user_id: int
    question_id: int  # the message that asked
    question: str
    reply: dict[str, Any]  # JSON, of the front end's making
    messages: tuple[int, ...] = ()  # that hold the answer
    asked: float = 0.0  # seconds since the epoch
    row: int = 0


@dataclass(frozen=True, slots=True)
class Vote:
    """A question, what answered it, and whether its asker found that good."""

    question: str
    reply: dict[str, Any]
    good: bool


class Chats:
    """The file and its tables. :raises StoreError: where it cannot be read or written, or is of another version."""

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self.path, self.now = path, now
        self.db = _opened(path)

    def close(self) -> None:
        """Closes the file."""
        self.db.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is written, or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def preferences(self, chat_id: int) -> Preferences:
        """What the chat has set, else the defaults."""
        found = self.db.execute("SELECT value FROM preferences WHERE chat_id = ?", (chat_id,)).fetchone()
        if found is None:
            return Preferences()
        try:
            return _form().validate_json(found[0])
        except ValueError:  # its words quote the row
            _log.warning("the preferences of chat %d are damaged; the defaults hold", chat_id)
            return Preferences()

    def prefer(self, chat_id: int, wanted: Preferences) -> None:
        """Keeps the chat's preferences."""
        self.db.execute("REPLACE INTO preferences VALUES (?, ?)", (chat_id, json.dumps(asdict(wanted))))

    def keep(self, shown: Asked) -> int:
        """Keeps a question with its reply; returns the row that its buttons name.

        The same question, edited, keeps its row; the votes on its old answer go.
        """
        values = (
            shown.chat_id, shown.thread_id, shown.user_id, shown.question_id, shown.question,
            json.dumps(shown.reply, ensure_ascii=False), json.dumps(shown.messages), self.now(),
        )  # fmt: skip
        with self.writing() as db:
            (row,) = db.execute(
                "INSERT INTO answers (chat_id, thread_id, user_id, question_id, question, reply, messages, asked) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (chat_id, question_id) DO UPDATE SET "
                "question = excluded.question, reply = excluded.reply, messages = excluded.messages RETURNING row",
                values,
            ).fetchone()
            db.execute("DELETE FROM votes WHERE answer = ?", (row,))
        return int(row)

    def add(self, row: int, reply: dict[str, Any]) -> None:
        """Keeps a reply with what was added to it; votes on it stay."""
        self.db.execute("UPDATE answers SET reply = ? WHERE row = ?", (json.dumps(reply, ensure_ascii=False), row))

    def sent(self, row: int, messages: tuple[int, ...]) -> None:
        """Keeps which messages hold the answer."""
        self.db.execute("UPDATE answers SET messages = ? WHERE row = ?", (json.dumps(messages), row))

    def asked(self, row: int) -> Asked | None:
        """The question of that row, if it is still kept."""
        return next(self._asked("row = ?", (row,)), None)

    def asked_in(self, chat_id: int, question_id: int) -> Asked | None:
        """The question that this message asked, if it is still kept."""
        return next(self._asked("chat_id = ? AND question_id = ?", (chat_id, question_id)), None)

    def latest_numbers(self, most: int = 500) -> list[tuple[int, int]]:
        """``(chat_id, message number)`` of the latest questions and answers."""
        found = self._asked("row > 0 ORDER BY row DESC LIMIT ?", (most,))
        return [(shown.chat_id, number) for shown in found for number in (shown.question_id, *shown.messages)]

    def turns(self, chat_id: int, thread_id: int | None, user_id: int, most: int, since_s: float) -> list[Asked]:
        """What this user asked here within the last seconds, oldest first."""
        where = "chat_id = ? AND thread_id IS ? AND user_id = ? AND asked >= ? ORDER BY row DESC LIMIT ?"
        found = list(self._asked(where, (chat_id, thread_id, user_id, self.now() - since_s, most)))
        return found[::-1]

    def vote(self, row: int, user_id: int, good: bool) -> None:
        """Keeps a vote; a second one of the same user replaces the first."""
        self.db.execute("REPLACE INTO votes VALUES (?, ?, ?, ?)", (row, user_id, good, self.now()))

    def votes(self) -> Iterator[Vote]:
        """All votes, oldest question first."""
        query = "SELECT question, reply, good FROM votes JOIN answers ON row = answer ORDER BY row, votes.user_id"
        for question, reply, good in self.db.execute(query):
            yield Vote(question, json.loads(reply), bool(good))

    def keep_words(self, user_id: int, words: str) -> int:
        """The row that stands for a user's words in a button."""
        query = (
            "INSERT INTO words (user_id, words, kept) VALUES (?, ?, ?) "
            "ON CONFLICT DO UPDATE SET kept = excluded.kept RETURNING row"
        )
        return int(self.db.execute(query, (user_id, words, self.now())).fetchall()[0][0])

    def words(self, row: int, user_id: int) -> str:
        """The words that a row stands for; empty where they are no longer kept, or another's."""
        found = self.db.execute("SELECT words FROM words WHERE row = ? AND user_id = ?", (row, user_id)).fetchone()
        return str(found[0]) if found else ""

    def forget(self, chat_id: int, user_id: int) -> int:
        """Deletes what this user asked in this chat, with answers, votes and settings; returns how many questions.

        Deleted for good: pages are overwritten, and the write-ahead log is emptied.
        """
        with self.writing() as db:
            gone = db.execute("DELETE FROM answers WHERE chat_id = ? AND user_id = ?", (chat_id, user_id)).rowcount
            db.execute("DELETE FROM votes WHERE user_id = ? AND answer NOT IN (SELECT row FROM answers)", (user_id,))
            db.execute("DELETE FROM words WHERE user_id = ?", (user_id,))
            if chat_id == user_id:  # a group's preferences are not one member's to delete
                db.execute("DELETE FROM preferences WHERE chat_id = ?", (chat_id,))
        self._empty_log()
        return gone

    def expire(self, days: int) -> int:
        """Deletes what is older than ``days``; returns how many questions that were."""
        before = (self.now() - days * _DAY_S,)
        with self.writing() as db:
            gone = db.execute("DELETE FROM answers WHERE asked < ?", before).rowcount
            db.execute("DELETE FROM words WHERE kept < ?", before)
        self._empty_log()  # of what was forgotten while another process read the file, too
        return gone

    def counts(self) -> dict[str, int]:
        """How many questions, chats, users and votes are kept."""
        query = "SELECT count(*), count(DISTINCT chat_id), count(DISTINCT user_id) FROM answers"
        good, bad = self.db.execute("SELECT coalesce(sum(good), 0), coalesce(sum(1 - good), 0) FROM votes").fetchone()
        questions, chats, users = self.db.execute(query).fetchone()
        return {"questions": questions, "chats": chats, "users": users, "good": good, "bad": bad}

    def _asked(self, where: str, values: tuple[object, ...]) -> Iterator[Asked]:
        """``where`` is a text of this file, never of a user's."""
        columns = "chat_id, thread_id, user_id, question_id, question, reply, messages, asked, row"
        rows = self.db.execute(f"SELECT {columns} FROM answers WHERE {where}", values)
        for chat, thread, user, message, question, reply, messages, asked, row in rows:
            sent = tuple(json.loads(messages))
            yield Asked(chat, thread, user, message, question, json.loads(reply), sent, asked, row)

    def _empty_log(self) -> None:
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def is_locked(error: BaseException | None) -> bool:
    """Whether a read or write failed as another process had the file to itself: later it will not."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


@cache
def _form() -> TypeAdapter[Preferences]:
    from pydantic import TypeAdapter

    return TypeAdapter(Preferences)


def _opened(path: Path) -> sqlite3.Connection:
    """The file, readable for its owner only, with its tables."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror})", "check its owner, or use --data") from None
    db = sqlite3.connect(path, isolation_level=None, timeout=10)
    try:
        _set_up(db, path)
    except sqlite3.DatabaseError as error:
        db.close()
        raise DamagedError(f"{path} cannot be read ({error})", "restore it, or move it away to start anew") from None
    except SchemaError:
        db.close()
        raise
    return db


def _set_up(db: sqlite3.Connection, path: Path) -> None:
    # NORMAL: outlives the process, killed or not; what must outlive a power cut is written with FULL, see Journal.
    # secure_delete: what is forgotten is overwritten.
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON", "foreign_keys = ON"):
        db.execute(f"PRAGMA {pragma}")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_VERSION}; COMMIT;")
    elif version != _VERSION:
        raise SchemaError(f"{path} was made by another version of Sayso", "use that version, or move the file away")
    db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
