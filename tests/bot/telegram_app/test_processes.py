"""The command as a process: killed, ended, started twice; and what it writes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.botapi import BotApi, Fault, Person
from tests.conftest import ROOT

QUESTION = "When did the harbour bridge reopen to traffic?"
Process = subprocess.Popen[str]


class Command:
    """Starts the command again and again on one data folder."""

    def __init__(self, api: BotApi, folder: Path, stack: ExitStack) -> None:
        self.api, self.folder, self._stack = api, folder, stack
        self.log = folder / "log.txt"

    def start(self, **environment: str) -> Process:
        """A process, ended at the end of the test at the latest."""
        ours = {
            "PYTHONPATH": str(ROOT),
            "SAYSO_DATA_DIR": str(self.folder / "data"),
            "SAYSO_TELEGRAM_TOKEN": self.api.token,
            "SAYSO_TELEGRAM_BASE_URL": self.api.base_url,
            "SAYSO_TELEGRAM_BASE_FILE_URL": self.api.base_file_url,
            "SAYSO_TELEGRAM__ACCESS": "open",
            "SAYSO_TELEGRAM__CHAT_INTERVAL_S": "0",
        }
        command = [sys.executable, "-m", "tests.bot.telegram_app.served", str(self.folder)]
        log = self._stack.enter_context(self.log.open("a"))
        process = subprocess.Popen(
            command, cwd=self.folder, env={**os.environ, **ours, **environment}, text=True, stdout=log, stderr=log
        )
        self._stack.callback(process.wait, 15)
        self._stack.callback(process.kill)
        return process

    def ready(self) -> None:
        """Comes back once the bot has asked for updates."""
        polls = self.api.world.updates.polls
        self.api.wait_for(lambda: self.api.world.updates.polls > polls, 20)


@pytest.fixture
def command(api: BotApi, tmp_path: Path) -> Iterator[Command]:
    with ExitStack() as stack:
        yield Command(api, tmp_path, stack)


def test_killed_in_mid_answer_it_answers_after_the_restart_and_once(api: BotApi, command: Command) -> None:
    people = [Person(api, f"Person {n}") for n in range(4)]
    api.inject(Fault("timeout", "sendMessage", seconds=30, times=2, done=True))
    api.inject(Fault("timeout", "sendMessage", seconds=30, times=2, done=False))
    first = command.start()
    asked = [person.says(QUESTION) for person in people]
    api.wait_for(lambda: sum(len(person.received) for person in people) == 2, 20)
    first.send_signal(signal.SIGKILL)
    first.wait()
    api.heal()
    command.start()
    api.wait_for(lambda: all(person.received for person in people), 20)
    later = people[0].says("Who designed the bridge?")
    api.wait_for(lambda: people[0].received[-1].reply_to is later)
    assert [m.reply_to for person in people for m in person.received if m.reply_to is not later] == asked


def test_told_to_end_it_finishes_what_is_in_hand_and_writes_no_secrets(api: BotApi, command: Command) -> None:
    process = command.start(SAYSO_TELEGRAM__LOG="json")
    ann = Person(api, "Marigold")
    api.inject(Fault(("429", "bad_json", "reset"), "sendMessage", times=3))
    questions = [ann.says(f"{QUESTION} {n}") for n in range(5)]
    api.wait_for(lambda: api.calls_of("sendMessage"), 20)
    process.send_signal(signal.SIGTERM)
    assert process.wait(12) == 0
    assert [m.reply_to for m in ann.received] == questions
    log = command.log.read_text()
    for secret in (api.token, api.token.partition(":")[2], "harbour bridge", "Marigold"):
        assert secret not in log


def test_a_second_one_on_the_same_folder_says_why_it_does_not_start(api: BotApi, command: Command) -> None:
    command.start()
    command.ready()
    second = command.start()
    assert second.wait(20) == 2
    assert "another `sayso telegram` uses" in command.log.read_text()


def test_without_a_token_it_says_where_to_get_one(api: BotApi, command: Command) -> None:
    assert command.start(SAYSO_TELEGRAM_TOKEN="").wait(20) == 2
    assert "get one from @BotFather and set SAYSO_TELEGRAM_TOKEN" in command.log.read_text()


def test_a_refused_token_is_not_written_out(api: BotApi, command: Command) -> None:
    wrong = "6120003417:" + "W" * 35
    assert command.start(SAYSO_TELEGRAM_TOKEN=wrong).wait(20) == 2
    log = command.log.read_text()
    assert "Telegram does not know this token" in log and "W" * 35 not in log


def test_a_token_revoked_meanwhile_ends_it_with_one_line(api: BotApi, command: Command) -> None:
    process = command.start()
    command.ready()
    api.token = "6120003417:" + "n" * 35
    Person(api).says(QUESTION)  # ends the poll that waits
    assert process.wait(20) == 2
    log = command.log.read_text()
    assert "Telegram no longer knows this token" in log and "Traceback" not in log and "File " not in log
