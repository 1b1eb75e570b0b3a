"""One door for messages, buttons, inline queries and uploads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.chats import Chats
from bot.telegram_app.members import Members
from bot.telegram_app.settings import Telegram
from tests.bot.fakes import Library
from tests.bot.telegram_app.conftest import Start
from tests.bot.telegram_app.test_commands import told
from tests.botapi import BotApi, Group, Person

QUESTION = "When did the harbour bridge reopen to traffic?"


def test_a_stranger_is_told_once_how_to_be_let_in_and_is_answered_nothing(
    api: BotApi, start: Start, shelf: Library
) -> None:
    boss = Person(api, "Boss")
    start(access="allowlist", admins=[boss.id])
    eve = Person(api, "Eve")
    assert told(api, eve, QUESTION).text == f"This bot is private. Its owner can let you in: your number is {eve.id}."
    eve.says("/sources")
    eve.uploads(b"All is well.", caption="/index")
    query = eve.asks_inline(QUESTION)
    assert api.wait_for(lambda: query.answer)["results"] == []
    told(api, boss, QUESTION)
    press = eve.sends_callback(boss.received[0].button("More")["callback_data"], eve.received[0])
    assert api.wait_for(lambda: press.answer)["text"].startswith("This bot is private")
    assert len(eve.received) == 1
    assert [question for question, *_ in shelf.asked] == [QUESTION]
    assert api.calls_of("getFile") == []


def test_the_code_on_the_console_makes_its_first_sender_an_admin(api: BotApi, start: Start) -> None:
    bot = start(access="allowlist")
    api.wait_for(lambda: bot.said[-1:] and "ready" in bot.said[-1])
    code = re.search(r"start=([\w-]+)", " ".join(bot.said))[1]  # type: ignore[index]
    eve, boss = Person(api, "Eve"), Person(api, "Boss")
    assert "private" in told(api, eve, "/start wrong-code").text
    assert "You are an admin" in told(api, boss, f"/start {code}").text
    assert "reopened" in told(api, boss, QUESTION).text
    eve.says(f"/start {code}")
    assert "Questions: 1" in told(api, boss, "/stats").text
    assert len(eve.received) == 1
    bot.stop()
    again = start(access="allowlist")
    assert "reopened" in told(api, boss, QUESTION).text
    assert "start=" not in " ".join(again.said)


def test_a_code_serves_once(tmp_path: Path) -> None:
    chats = Chats(tmp_path / "chats.sqlite")
    members = Members(Telegram(), chats)
    code = members.code or ""
    assert len(code) >= 12 and not members.pair(7, "") and not members.pair(7, code + "x")
    assert members.pair(7, code) and not members.pair(8, code)
    assert (members.admins(), members.code, Members(Telegram(), chats).code) == ([7], None, None)
    chats.close()


def test_allow_and_deny_by_number_reply_and_group(api: BotApi, start: Start) -> None:
    boss, ann = Person(api, "Boss"), Person(api)
    start(access="allowlist", admins=[boss.id])
    assert "private" in told(api, ann, QUESTION).text
    assert told(api, boss, f"/allow {ann.id}").text == f"May ask now: {ann.id}"
    assert "reopened" in told(api, ann, QUESTION).text
    told(api, boss, f"/deny {ann.id}")
    ann.says("Who designed the bridge?")
    assert told(api, boss, "/deny").text.startswith("Write the number")
    assert told(api, boss, f"/deny {boss.id}").text.startswith("An admin cannot be shut out")
    assert len(ann.received) == 2
    club = Group(api, "Chess")
    allowed = boss.says("/allow", club)
    api.wait_for(lambda: [m for m in club.chat.from_bot() if m.reply_to is allowed])
    dora = Person(api, "Dora")
    asked = dora.says(f"/ask {QUESTION}", club)
    api.wait_for(lambda: [m for m in club.chat.from_bot() if m.reply_to is asked])


@pytest.mark.parametrize("command", ["stats", "reload", "index", "remove 1", "allow 5", "deny 5"])
def test_admins_commands_are_for_admins(api: BotApi, start: Start, command: str, shelf: Library) -> None:
    start(access="open")
    assert told(api, Person(api), f"/{command}").text == "That is for admins."
    assert set(shelf.stored) == {"bridge", "forty", "nasty"}


def test_users_and_groups_of_the_settings_may_ask(api: BotApi, start: Start) -> None:
    ann, bob, club = Person(api), Person(api, "Bob"), Group(api, "Chess")
    start(access="allowlist", users=[ann.id], chats=[club.chat.id])
    assert "reopened" in told(api, ann, QUESTION).text
    assert "private" in told(api, bob, QUESTION).text
    asked = bob.says(f"/ask {QUESTION}", club)
    api.wait_for(lambda: [m for m in club.chat.from_bot() if m.reply_to is asked])
