"""The process: what it says, what it keeps over an end of any kind, and that there is one of it."""

from __future__ import annotations

import http.client
import socket
import sqlite3
import threading
from pathlib import Path

import pytest

from bot.chats import Chats
from bot.telegram_app import intake, running
from bot.telegram_app.journal import Journal
from retrieval.errors import DamagedError, LockedError, SettingsError
from tests.bot.fakes import FakeCorpus, Library
from tests.bot.telegram_app.conftest import Start
from tests.bot.telegram_app.harness import running as running_bot
from tests.bot.telegram_app.harness import settings
from tests.botapi import BotApi, Fault, Person

QUESTION = "When did the harbour bridge reopen to traffic?"


def test_what_waited_while_the_bot_was_away_is_answered(api: BotApi, start: Start) -> None:
    ann = Person(api)
    question = ann.says(QUESTION)
    start()
    assert api.wait_for(lambda: ann.received)[0].reply_to is question


def test_what_was_open_when_the_process_ended_is_answered_at_the_next_start(
    api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "GRACE_S", 0.1)
    first = start()
    ann = Person(api)
    api.inject(Fault("429", "sendMessage", retry_after=600))
    questions = [ann.says(QUESTION), ann.says("Who designed the bridge?")]
    api.wait_for(lambda: api.calls_of("sendMessage"))
    first.stop()
    assert ann.received == []
    api.heal()
    start()
    api.wait_for(lambda: len(ann.received) == 2)
    assert [m.reply_to for m in ann.received] == questions


def test_a_message_in_flight_at_the_end_is_not_sent_twice(
    api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "GRACE_S", 0.1)
    first = start()
    ann = Person(api)
    api.inject(Fault("timeout", "sendMessage", nth=(1,), seconds=1.0, done=True))
    ann.says(QUESTION)
    api.wait_for(lambda: ann.received)
    first.stop()  # before the acknowledgement
    second = start()
    later = ann.says("Who designed the bridge?")
    api.wait_for(lambda: ann.received[-1].reply_to is later)
    assert len(ann.received) == 2
    second.stop()
    assert second.run.metrics.errors == 0


def test_an_update_that_comes_twice_is_answered_once_also_after_a_restart(api: BotApi, start: Start) -> None:
    first = start()
    ann = Person(api)
    ann.says(QUESTION)
    with api.world.changed:
        update = dict(api.world.updates.pending[0])
    api.wait_for(lambda: ann.received)
    first.stop()
    with api.world.changed:
        api.world.updates.pending.insert(0, update)
    start()
    other = ann.says("Who designed the bridge?")
    api.wait_for(lambda: ann.received[-1].reply_to is other)
    assert len(ann.received) == 2


def test_it_waits_while_telegram_is_down(shelf: Library, tmp_path: Path) -> None:
    with BotApi() as api:
        down = settings(api, tmp_path / "data", base_url=f"http://127.0.0.1:{free_port()}/bot")
        with running_bot(down, shelf, api.token) as bot:
            api.wait_for(lambda: True)
            while not bot.said:
                bot.thread.join(0.05)
            assert bot.said == ["Telegram cannot be reached (NetworkError); waiting."]


def test_nothing_is_indexed_before_telegram_has_answered(shelf: Library, tmp_path: Path) -> None:
    indexed = threading.Event()
    with BotApi() as api:
        down = settings(api, tmp_path / "data", base_url=f"http://127.0.0.1:{free_port()}/bot")
        with running_bot(down, shelf, api.token, indexed.set) as bot:
            while not bot.said:
                bot.thread.join(0.05)
            assert not indexed.is_set()
        with running_bot(settings(api, tmp_path / "data"), shelf, api.token, indexed.set) as bot:
            api.wait_for(lambda: any("is ready" in line for line in bot.said))
            assert indexed.is_set()


def test_told_to_stop_while_it_indexes_it_does_not_wait(api: BotApi, shelf: Library, tmp_path: Path) -> None:
    begun, allowed = threading.Event(), threading.Event()

    def index() -> None:
        begun.set()
        allowed.wait(60)

    with running_bot(settings(api, tmp_path / "data"), shelf, api.token, index) as bot:
        assert begun.wait(10)
        bot.stop()
        allowed.set()


def test_what_cannot_be_indexed_ends_the_run(api: BotApi, shelf: Library, tmp_path: Path) -> None:
    def index() -> None:
        raise LockedError("another process is indexing")

    refused = pytest.raises(LockedError, match="another process is indexing")
    with refused, running_bot(settings(api, tmp_path / "data"), shelf, api.token, index) as bot:
        bot.thread.join(10)


def test_a_second_process_on_the_same_folder_is_told_so(api: BotApi, shelf: Library, tmp_path: Path) -> None:
    own = settings(api, tmp_path)
    with running._alone(tmp_path / "telegram.lock"), pytest.raises(LockedError, match="another `sayso telegram`"):
        running.run(own, api.token, FakeCorpus(shelf, own), print, list)  # type: ignore[arg-type]


def test_a_restore_that_was_stopped_is_ended_before_the_chats_are_opened(
    api: BotApi, shelf: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def settle(self: FakeCorpus) -> None:
        raise LockedError("it has not been stopped")

    monkeypatch.setattr(FakeCorpus, "settle", settle)
    own = settings(api, tmp_path)
    with pytest.raises(LockedError, match="not been stopped"):
        running.run(own, api.token, FakeCorpus(shelf, own), print, list)  # type: ignore[arg-type]
    assert not (tmp_path / "chats.sqlite3").exists()


def test_a_token_that_telegram_does_not_know_is_told_without_showing_it(
    api: BotApi, shelf: Library, tmp_path: Path
) -> None:
    wrong = "6120003417:" + "x" * 35
    refused = pytest.raises(SettingsError, match="Telegram does not know this token")
    with refused as caught, running_bot(settings(api, tmp_path), shelf, wrong) as bot:
        bot.thread.join(5)
    assert wrong not in str(caught.value) + caught.value.hint


def test_another_program_with_the_token_is_named_and_waited_for(api: BotApi, start: Start) -> None:
    bot = start()
    ann = Person(api)
    ann.says(QUESTION)
    api.wait_for(lambda: ann.received)
    api.inject(Fault("409", "getUpdates", times=1))
    ann.says("Who designed the bridge?")
    api.wait_for(lambda: len(ann.received) == 2)
    third = ann.says(QUESTION)
    api.wait_for(lambda: ann.received[-1].reply_to is third, 10)
    assert any("(409)" in line for line in bot.said)


def test_a_token_that_is_revoked_ends_the_run_and_leaves_open_what_came(
    api: BotApi, shelf: Library, tmp_path: Path
) -> None:
    revoked = pytest.raises(SettingsError, match="Telegram no longer knows this token")
    with revoked, running_bot(settings(api, tmp_path), shelf, api.token) as bot:
        ann = Person(api)
        ann.says(QUESTION)
        api.wait_for(lambda: ann.received)
        assert bot.run.fetching.runs
        api.token = "6120003417:" + "n" * 35
        ann.says(QUESTION)  # ends the poll that waits
        bot.thread.join(20)
    assert not bot.run.fetching.runs


def test_unknown_kinds_of_updates_are_passed_over(api: BotApi, start: Start) -> None:
    bot = start()
    ann = Person(api)
    api.push({"teleported_message": {"from": ann.user}})
    api.push({"message": {"message_id": 7, "date": 0, "chat": ann.chat.json(), "from": ann.user, "hologram": {}}})
    question = ann.says(QUESTION)
    api.wait_for(lambda: any(m.reply_to is question for m in ann.received))
    bot.stop()
    assert bot.run.metrics.errors == 0


@pytest.mark.parametrize("what", ["photo", "sticker", "voice"])
def test_what_is_no_text_is_answered_kindly(api: BotApi, start: Start, what: str) -> None:
    start()
    ann = Person(api)
    getattr(ann, f"sends_{what}")()
    assert api.wait_for(lambda: ann.received)[0].text == "I read text only. Please write your question."


def test_updates_come_by_webhook_where_an_address_is_set(api: BotApi, start: Start) -> None:
    port = free_port()
    start(webhook_url="https://bot.example.org/sayso", webhook_port=port)
    ann = Person(api)
    hook = api.wait_for(lambda: api.world.updates.webhook)
    assert hook["url"].startswith("https://bot.example.org/sayso/") and len(hook["url"]) > 55
    api.webhook.forward(port)
    question = ann.says(QUESTION)
    assert api.wait_for(lambda: ann.received)[0].reply_to is question
    assert posted(port, "/", "") == 404
    assert posted(port, hook["url"].removeprefix("https://bot.example.org"), "guessed") == 403


def test_a_webhook_that_telegram_refuses_ends_the_run(api: BotApi, shelf: Library, tmp_path: Path) -> None:
    own = settings(api, tmp_path, webhook_url="https://bot.example.org:7777/sayso", webhook_port=free_port())
    with pytest.raises(SettingsError, match="does not take the webhook"), running_bot(own, shelf, api.token) as bot:
        bot.thread.join(20)


def test_a_webhook_port_in_use_is_told_before_anything_else(api: BotApi, shelf: Library, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        own = settings(api, tmp_path, webhook_url="https://bot.example.org/sayso", webhook_port=port)
        refused = pytest.raises(SettingsError, match=f"port {port} cannot be listened on")
        with refused as caught, running_bot(own, shelf, api.token) as bot:
            bot.thread.join(20)
    assert bot.said == [] and "telegram.webhook_port" in caught.value.hint


def posted(port: int, path: str, secret: str) -> int:
    """The status that a stranger gets."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("POST", path, b"{}", {"X-Telegram-Bot-Api-Secret-Token": secret})
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_page_for_monitors_counts_what_happened(api: BotApi, start: Start) -> None:
    port = free_port()
    start(health_port=port)
    ann = Person(api)
    ann.says(QUESTION)
    api.wait_for(lambda: ann.received)
    assert got(port, "/healthz")[0] == got(port, "/readyz")[0] == 200
    assert "sayso_answered_total 1" in got(port, "/metrics")[1]


def test_it_is_ready_only_while_there_is_an_index(
    api: BotApi, start: Start, shelf: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    start(health_port=port)
    ann = Person(api)
    ann.says(QUESTION)
    api.wait_for(lambda: ann.received)
    stored = dict(shelf.stored)
    shelf.stored.clear()
    assert got(port, "/readyz") == (503, "nothing is indexed\n") and got(port, "/healthz")[0] == 200
    shelf.stored.update(stored)
    assert got(port, "/readyz")[0] == 200

    def gone(self: FakeCorpus) -> bool:
        raise DamagedError("the index is gone")

    monkeypatch.setattr(FakeCorpus, "is_new", gone)
    assert got(port, "/readyz") == (503, "the index is gone\n")


def test_an_answer_that_no_attempt_delivers_stays_open_and_is_sent_later(
    api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_UNREACHED", ("Telegram is away", 0.2))
    bot = start(send_attempts=1)
    ann = Person(api)
    api.inject(Fault("502", "sendMessage", times=2))
    question = ann.says(QUESTION)
    assert api.wait_for(lambda: ann.received, 10)[0].reply_to is question
    bot.stop()
    assert len(ann.received) == 1 and bot.run.metrics.errors == 0


def test_an_update_that_cannot_be_written_down_is_fetched_again(
    api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, full = Journal.receive, [True]

    def sometimes(self: Journal, update_id: int, payload: str) -> bool:
        if full and full.pop():
            raise sqlite3.OperationalError("database or disk is full")
        return receive(self, update_id, payload)

    monkeypatch.setattr(Journal, "receive", sometimes)
    start()
    ann = Person(api)
    question = ann.says(QUESTION)
    assert api.wait_for(lambda: ann.received, 10)[0].reply_to is question


def test_damaged_rows_of_the_journal_are_let_go_of(
    api: BotApi, start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = ['{"update_id": 1', "[]", "{}", "3", '{"update_id": 99}', '{"update_id": 6, "message": "lighthouse"}']
    chats = Chats(tmp_path / "data" / "chats.sqlite3")
    for number, payload in enumerate(rows, 1):
        Journal(chats).receive(number, payload)
    chats.close()
    bot = start()
    ann = Person(api)
    question = ann.says(QUESTION)
    assert api.wait_for(lambda: ann.received)[0].reply_to is question
    bot.stop()
    assert sum("is damaged" in line for line in caplog.messages) == len(rows) and "lighthouse" not in caplog.text
    chats = Chats(tmp_path / "data" / "chats.sqlite3")
    assert Journal(chats).open() == 0
    chats.close()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def got(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    response = connection.getresponse()
    told = response.status, response.read().decode()
    connection.close()
    return told
