"""Each fault at each point: every question answered, none twice, in order."""

from __future__ import annotations

import pytest

from bot.telegram_app import running
from tests.bot.telegram_app.conftest import Start
from tests.botapi import BotApi, Fault, Message, Person
from tests.botapi.faults import Kind

QUESTIONS = [f"When did the harbour bridge reopen to traffic, question {n}?" for n in range(4)]


def answers(api: BotApi, person: Person, asked: list[Message]) -> list[Message]:
    """The answers, once there are as many as questions and nothing more comes."""
    api.wait_for(lambda: {m.reply_to for m in person.received} >= set(asked), 20)
    return person.received


@pytest.mark.parametrize(
    ("kind", "done"),
    [
        ("429", False),  # by its meaning, nothing was done
        *[(kind, done) for kind in ("502", "reset", "drop", "bad_json") for done in (False, True)],
    ],
)
def test_a_failed_send_leaves_one_answer(api: BotApi, start: Start, kind: Kind, done: bool) -> None:
    bot = start()
    ann = Person(api)
    api.inject(Fault(kind, "sendMessage", nth=(1,), retry_after=1, done=done))
    asked = [ann.says(question) for question in QUESTIONS]
    assert [m.reply_to for m in answers(api, ann, asked)] == asked
    bot.stop()
    assert [m.reply_to for m in ann.received] == asked


@pytest.mark.parametrize("kind", ["429", "reset", "bad_json"])
def test_a_failure_elsewhere_costs_no_answer(api: BotApi, start: Start, kind: Kind) -> None:
    for method in ("getMe", "getUpdates", "sendChatAction", "setMyCommands", "deleteWebhook"):
        api.inject(Fault(kind, method, nth=(1,), retry_after=1))
    start()
    ann = Person(api)
    asked = [ann.says(QUESTIONS[0])]
    assert [m.reply_to for m in answers(api, ann, asked)] == asked


def test_after_a_time_out_a_message_is_not_sent_again(api: BotApi, start: Start) -> None:
    bot = start(timeout_s=1.0)
    ann = Person(api)
    api.inject(Fault("timeout", "sendMessage", nth=(1,), seconds=2.0, done=False))
    ann.says(QUESTIONS[0])
    second = ann.says(QUESTIONS[1])
    api.wait_for(lambda: ann.received, 20)
    assert [m.reply_to for m in ann.received] == [second]
    assert bot.run.metrics.unknown == 1


def test_a_message_that_timed_out_and_arrived_is_found(api: BotApi, start: Start) -> None:
    bot = start(timeout_s=1.0)
    ann = Person(api)
    api.inject(Fault("timeout", "sendMessage", nth=(1,), seconds=2.0, done=True))
    first, second = ann.says(QUESTIONS[0]), ann.says(QUESTIONS[1])
    api.wait_for(lambda: len(ann.received) == 2, 20)
    assert [m.reply_to for m in ann.received] == [first, second]
    assert bot.run.metrics.unknown == 0
    press = ann.presses("👍", ann.received[0])
    assert api.wait_for(lambda: press.answer)["text"] == "Noted: this answers it."


def test_other_chats_do_not_wait_for_one_that_telegram_halts(
    api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "GRACE_S", 0.1)
    start()
    ann, bob = Person(api), Person(api, "Bob")
    api.inject(Fault("429", "sendMessage", nth=(1,), retry_after=600))
    ann.says(QUESTIONS[0])
    api.wait_for(lambda: api.calls_of("sendMessage"))
    asked = [bob.says(QUESTIONS[1])]
    assert [m.reply_to for m in answers(api, bob, asked)] == asked
    assert ann.received == []


def test_someone_who_blocked_the_bot_costs_nothing(api: BotApi, start: Start) -> None:
    bot = start()
    ann = Person(api)
    ann.says(QUESTIONS[0])
    ann.blocks()
    bob = Person(api, "Bob")
    asked = [bob.says(QUESTIONS[1])]
    answers(api, bob, asked)
    bot.stop()
    assert bot.run.metrics.errors == 0
