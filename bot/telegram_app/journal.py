"""Updates as they came, until they are answered: what was not finished is taken up again at the next start."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from bot.chats import Chats

_KNOWN_S = 3 * 86_400.0  # Telegram keeps an update for a day; after a week without one, numbers start anywhere
_MOST_STARTS = 100  # of the process with the same update in hand; then the update is taken to be what ends it


class State(StrEnum):
    """What became of one message."""

    BEGUN = "begun"  # its request may have left
    SENT = "sent"
    UNKNOWN = "unknown"  # it may be there, and is not sent again


class Sending(NamedTuple):
    """One message sent for an update."""

    state: State
    above: int  # the highest message number known before it was sent
    message_id: int | None


class Journal:
    """What came in, and what went out for it."""

    def __init__(self, chats: Chats) -> None:
        self._chats, self._db = chats, chats.db

    def receive(self, update_id: int, payload: str) -> bool:
        """Writes an update down, on the disk and not only on its way there; False where it was there before."""
        row = (update_id, payload, self._chats.now())
        query = "INSERT OR IGNORE INTO journal (update_id, payload, received) VALUES (?, ?, ?)"
        self._db.execute("PRAGMA synchronous = FULL")
        try:
            return self._db.execute(query, row).rowcount == 1
        finally:
            self._db.execute("PRAGMA synchronous = NORMAL")

    def close(self, update_id: int) -> None:
        """The update is dealt with: its content goes, its number stays."""
        with self._chats.writing() as db:
            db.execute("UPDATE journal SET payload = NULL WHERE update_id = ?", (update_id,))
            db.execute("DELETE FROM deliveries WHERE update_id = ?", (update_id,))

    def unfinished(self) -> list[tuple[int, str]]:
        """``(update_id, payload)`` of all open updates, oldest first."""
        query = "SELECT update_id, payload FROM journal WHERE payload IS NOT NULL ORDER BY update_id"
        return self._db.execute(query).fetchall()

    def take_up(self, update_id: int) -> bool:
        """Whether to try an unfinished update again: not where the process ended too often with it in hand."""
        query = "UPDATE journal SET starts = starts + 1 WHERE update_id = ? RETURNING starts"
        (starts,) = self._db.execute(query, (update_id,)).fetchone()
        return bool(starts <= _MOST_STARTS)

    def open(self) -> int:
        """How many updates are not dealt with."""
        return int(self._db.execute("SELECT count(*) FROM journal WHERE payload IS NOT NULL").fetchone()[0])

    def sending(self, update_id: int, part: int) -> Sending | None:
        """What became of the n-th message for an update, if it was begun."""
        query = "SELECT state, above, message_id FROM deliveries WHERE update_id = ? AND part = ?"
        found = self._db.execute(query, (update_id, part)).fetchone()
        return Sending(State(found[0]), *found[1:]) if found else None

    def begun(self) -> int:
        """How many messages are being sent, or were when the last run ended."""
        return int(self._db.execute("SELECT count(*) FROM deliveries WHERE state = ?", (State.BEGUN,)).fetchone()[0])

    def begin(self, update_id: int, part: int, chat_id: int, above: int) -> None:
        """Written before the request leaves."""
        row = (update_id, part, chat_id, above, State.BEGUN)
        self._db.execute("REPLACE INTO deliveries VALUES (?, ?, ?, ?, ?, NULL)", row)

    def end(self, update_id: int, part: int, state: State, message_id: int | None = None) -> None:
        """Written as soon as it is known what became of the request."""
        query = "UPDATE deliveries SET state = ?, message_id = ? WHERE update_id = ? AND part = ?"
        self._db.execute(query, (state, message_id, update_id, part))

    def expire(self) -> None:
        """Lets go of the numbers of updates that Telegram cannot send again."""
        before = self._chats.now() - _KNOWN_S
        self._db.execute("DELETE FROM journal WHERE payload IS NULL AND received < ?", (before,))
