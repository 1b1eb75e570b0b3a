"""Another process has the file of chats to itself: nobody waits for it but the updates that need it."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.chats import Chats
from bot.telegram_app import intake
from bot.telegram_app.journal import Journal
from tests.bot.fakes import FakeCorpus
from tests.bot.telegram_app.conftest import Start
from tests.botapi import BotApi, Person

QUESTION = "When did the harbour bridge reopen to traffic?"


@pytest.fixture
def other(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The other process."""
    (tmp_path / "data").mkdir()
    connection = sqlite3.connect(tmp_path / "data" / "chats.sqlite3", isolation_level=None, check_same_thread=False)
    yield connection
    connection.close()


def lock_once(other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, place: type, name: str) -> None:
    """Has the other process lock the file when a method is called for the first time."""
    method, locked = getattr(place, name), []

    def locking(*given: object, **named: object) -> object:
        if not locked:
            locked.append(other.execute("BEGIN IMMEDIATE"))
        return method(*given, **named)

    monkeypatch.setattr(place, name, locking)


def wait_until(so: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if so():
            return
        time.sleep(0.01)
    raise AssertionError("it never was so")


def test_a_write_gives_up_before_anybody_would_notice(tmp_path: Path) -> None:
    chats = Chats(tmp_path / "chats.sqlite3")
    (busy_ms,) = chats.db.execute("PRAGMA busy_timeout").fetchone()
    chats.close()
    assert 0 < busy_ms <= 100


@pytest.mark.parametrize(
    ("place", "name"), [(FakeCorpus, "ask"), (Journal, "begin"), (Journal, "end"), (Journal, "close")]
)
def test_what_meets_the_lock_is_done_once_afterwards(
    api: BotApi, start: Start, other: sqlite3.Connection, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch, place: type, name: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(intake, "_LOCKED", ("the chats are locked", 0.1))
    lock_once(other, monkeypatch, place, name)
    bot, ann = start(), Person(api)
    with caplog.at_level(logging.WARNING):
        question = ann.says(QUESTION)
        wait_until(lambda: "stays open: the chats are locked" in caplog.text)
    other.execute("ROLLBACK")
    assert api.wait_for(lambda: ann.received)[0].reply_to is question
    later = ann.says("Who designed the bridge?")
    api.wait_for(lambda: ann.received[-1].reply_to is later)
    assert len(ann.received) == 2 and bot.run.metrics.errors == 0
    wait_until(lambda: other.execute("SELECT count(*) FROM journal WHERE payload IS NOT NULL").fetchone() == (0,))


def test_what_comes_in_meanwhile_is_taken_in_afterwards(
    api: BotApi, start: Start, other: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    bot, ann = start(), Person(api)
    ann.says(QUESTION)
    api.wait_for(lambda: ann.received)
    other.execute("BEGIN IMMEDIATE")
    with caplog.at_level(logging.WARNING):
        later = ann.says("Who designed the bridge?")
        wait_until(lambda: "fetching updates failed" in caplog.text)
    other.execute("ROLLBACK")
    assert api.wait_for(lambda: ann.received[-1].reply_to is later)
    assert len(ann.received) == 2 and bot.run.metrics.errors == 0
