from __future__ import annotations

import base64

import pytest

from bot.telegram_app.commands import payload_of
from bot.telegram_app.texts import languages
from tests.bot.fakes import Library
from tests.bot.telegram_app.conftest import Start
from tests.botapi import BotApi, Message, Person

QUESTION = "When did the harbour bridge reopen to traffic?"


def told(api: BotApi, person: Person, text: str) -> Message:
    """What the bot says to it."""
    said = person.says(text)
    return api.wait_for(lambda: [m for m in person.received if m.reply_to is said])[0]


def test_every_command_answers_in_the_users_language(api: BotApi, start: Start) -> None:
    start(access="open")
    ann, olga = Person(api), Person(api, "Olga", language_code="ru")
    for name, _ in languages()["en"].commands():
        answers = [told(api, person, f"/{name}").text for person in (ann, olga)]
        assert answers[0] and answers[0] != answers[1], name


def test_menus_are_set_for_each_language_and_audience(api: BotApi, start: Start) -> None:
    boss = Person(api, "Boss")
    start(admins=[boss.id])
    api.wait_for(lambda: (f"chat {boss.id}", "ru") in api.world.commands)
    assert {scope for scope, _ in api.world.commands} == {"default", "all_group_chats", f"chat {boss.id}"}
    assert {language for _, language in api.world.commands} == {"", "ru"}
    everyone = {command["command"] for command in api.world.commands["default", ""]}
    bosses = {command["command"] for command in api.world.commands[f"chat {boss.id}", ""]}
    assert "ask" in everyone and "deny" not in everyone and bosses > everyone
    assert api.world.texts["description", "ru"] and api.world.texts["short_description", ""]


def test_an_admin_without_a_chat_costs_no_menu(api: BotApi, start: Start) -> None:
    bot = start(admins=[4_242])
    api.wait_for(lambda: ("all_group_chats", "ru") in api.world.commands)
    assert told(api, Person(api), "/about").text
    bot.stop()
    assert bot.run.metrics.errors == 0


def test_ask_takes_its_question_or_that_of_the_message_it_replies_to(api: BotApi, start: Start) -> None:
    start()
    ann = Person(api)
    assert "reopened" in told(api, ann, f"/ask {QUESTION}").text
    assert told(api, ann, "/ask").text.startswith("Write the question after the command")
    earlier = ann.says("/about")
    asked = ann.says("/ask", reply_to=ann.says(QUESTION))
    api.wait_for(lambda: [m for m in ann.received if m.reply_to is asked])
    assert earlier


def test_a_deep_link_asks_a_question_or_chooses_an_article(api: BotApi, start: Start, shelf: Library) -> None:
    start()
    ann = Person(api)
    assert "reopened" in told(api, ann, f"/start {payload_of('q', QUESTION[:45])}").text
    assert "A Bridge at Last" in told(api, ann, f"/start {payload_of('a', 'bridge')}").text
    told(api, ann, "Who designed the bridge?")
    assert shelf.asked[-1][2].article == "bridge"
    assert "no longer indexed" in told(api, ann, f"/start {payload_of('a', 'gone')}").text
    for payload in ("a-!!", "q-", "x", "a-____", "inline"):
        assert told(api, ann, f"/start {payload}").text.startswith("Ask me something")


def test_a_link_with_bytes_that_name_nothing_says_there_is_no_such_article(api: BotApi, start: Start) -> None:
    bot = start()
    ann = Person(api)
    for name in ("\0\0\0", "a\0b", "x" * 2_000):
        coded = base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")
        assert "no longer indexed" in told(api, ann, f"/start a-{coded}").text
    bot.stop()
    assert bot.run.metrics.errors == 0


@pytest.mark.parametrize("digits", [10, 20, 4_000])
def test_a_number_longer_than_any_list_is_no_articles(api: BotApi, start: Start, digits: int) -> None:
    boss = Person(api)
    bot = start(admins=[boss.id])
    for number in ("1" * digits, "0" * (digits - 1) + "1"):
        for command in ("source", "remove"):
            assert told(api, boss, f"/{command} {number}").text.startswith("There is no article")
    bot.stop()
    assert bot.run.metrics.errors == 0


def test_a_payload_fits_in_a_link_or_there_is_none() -> None:
    assert payload_of("q", "x" * 60) is None
    assert len(payload_of("q", "x" * 46) or "") <= 64


def test_sources_are_listed_filtered_and_shown_by_number(api: BotApi, start: Start) -> None:
    start()
    ann = Person(api)
    listed = told(api, ann, "/sources")
    assert "A Bridge at Last" in listed.text and "Forty Years On" in listed.text
    assert "Forty" not in told(api, ann, "/sources bridge").text
    assert told(api, ann, "/sources nothing such").text.startswith("No article has")
    assert "Jane Marsh" in told(api, ann, "/source 1").text
    assert told(api, ann, "/source 99").text.startswith("There is no article 99")
    assert told(api, ann, "/source one").text.startswith("Write the number")
    ann.presses("2", listed)
    api.wait_for(lambda: [m for m in ann.received if m.text.startswith("Forty Years On")])


def test_history_holds_ones_own_questions_until_they_are_forgotten(api: BotApi, start: Start) -> None:
    start()
    ann, bob = Person(api), Person(api, "Bob")
    told(api, bob, "Who designed the bridge?")
    told(api, ann, QUESTION)
    assert QUESTION in told(api, ann, "/history").text
    assert "designed" not in told(api, ann, "/history").text
    asked = told(api, ann, "/forget")
    ann.presses("Keep", asked)
    api.wait_for(lambda: asked.text == "Nothing was deleted.")
    asked = told(api, ann, "/forget")
    ann.presses("Delete", asked)
    api.wait_for(lambda: asked.text == "Deleted.")
    assert told(api, ann, "/history").text == "No questions are kept for this chat."


def test_unknown_commands_are_said_to_be_so_and_other_bots_are_left_theirs(api: BotApi, start: Start) -> None:
    start()
    ann = Person(api)
    ann.says("/help@other_bot")
    ann.says("/dance@other_bot")
    assert told(api, ann, "/dance").text.startswith("There is no such command")
    assert len(ann.received) == 1
    assert told(api, ann, "/HELP").text.startswith("Write a question")


@pytest.mark.parametrize("text", ["/about\nplease", "/about  now"])
def test_commands_take_any_blank(api: BotApi, start: Start, text: str) -> None:
    start()
    assert "language model" in told(api, Person(api), text).text
