from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.chats import Chats
from bot.telegram_app.journal import Journal, State


@pytest.fixture
def chats(tmp_path: Path) -> Iterator[Chats]:
    chats = Chats(tmp_path / "data" / "chats.sqlite")
    yield chats
    chats.close()


def test_an_update_is_known_again_open_or_closed_also_when_opened_anew(chats: Chats) -> None:
    journal = Journal(chats)
    assert journal.receive(5, "{}") and not journal.receive(5, "{}")
    journal.close(5)
    assert not journal.receive(5, "{}")
    again = Chats(chats.path)
    assert not Journal(again).receive(5, "{}")
    again.close()


def test_what_is_closed_leaves_no_content(chats: Chats) -> None:
    journal = Journal(chats)
    journal.receive(5, '{"text": "a question about lighthouses"}')
    journal.begin(5, 0, 1, 10)
    journal.close(5)
    chats.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"lighthouse" not in b"".join(file.read_bytes() for file in chats.path.parent.iterdir())
    assert journal.unfinished() == [] and journal.sending(5, 0) is None and journal.begun() == 0


def test_open_updates_come_back_oldest_first(chats: Chats) -> None:
    journal = Journal(chats)
    for update_id in (7, 5, 6):
        journal.receive(update_id, f"{update_id}")
    journal.close(6)
    assert journal.unfinished() == [(5, "5"), (7, "7")]
    assert journal.open() == 2


def test_what_became_of_a_message_is_kept(chats: Chats) -> None:
    journal = Journal(chats)
    journal.receive(5, "{}")
    journal.begin(5, 0, 1, 10)
    assert journal.sending(5, 0) == (State.BEGUN, 10, None)
    journal.end(5, 0, State.SENT, 11)
    assert journal.sending(5, 0) == (State.SENT, 10, 11)
    assert journal.sending(5, 1) is None


def test_an_update_that_ends_the_process_each_time_is_given_up_in_the_end(chats: Chats) -> None:
    journal = Journal(chats)
    journal.receive(5, "{}")
    assert all(journal.take_up(5) for _ in range(100))
    assert not journal.take_up(5)


def test_numbers_of_updates_are_kept_as_long_as_telegram_keeps_updates(tmp_path: Path) -> None:
    now = [1_000_000.0]
    chats = Chats(tmp_path / "chats.sqlite", lambda: now[0])
    journal = Journal(chats)
    journal.receive(5, "{}")
    journal.close(5)
    journal.receive(6, "{}")
    now[0] += 86_400
    journal.expire()
    assert not journal.receive(5, "{}")
    now[0] += 10 * 86_400
    journal.expire()
    assert journal.receive(5, "{}")
    assert not journal.receive(6, "{}")  # it is open still
    chats.close()
