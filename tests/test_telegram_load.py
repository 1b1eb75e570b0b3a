"""What the load script counts: answers, repeats and order, by the questions that they reply to."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.botapi import BotApi, Message, Person
from tests.botapi.entities import parse_html
from tests.botapi.methods import bot_user
from tests.telegram_load import Talk, is_answer

ANSWER = "“They met.” ¹\n<blockquote expandable>¹ A title</blockquote>"


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api


@pytest.fixture
def ann(api: BotApi) -> Person:
    return Person(api, "Ann")


def reply(api: BotApi, question: Message, markup: str = ANSWER) -> None:
    api.world.add_message(question.chat, bot_user(), parse_html(markup), reply_to=question)


def talk(*people: Person) -> Talk:
    talk = Talk(list(people), itertools.cycle(["Who met?", "When?"]))
    for person in people:
        for _ in range(3):
            talk.ask(person)
    return talk


def test_each_question_is_counted_once(api: BotApi, ann: Person) -> None:
    asked = talk(ann, Person(api, "Bob"))
    one, two, three = asked.asked[ann.id]
    assert (asked.total(), asked.missing()) == (6, 6)
    for question in (two, one, two):
        reply(api, question)
    assert (asked.open(ann), asked.missing(), asked.twice()) == (1, 4, [two.message_id])
    assert asked.disordered() == 1  # the answer to the first came after that to the second
    reply(api, three)
    assert (asked.open(ann), asked.disordered()) == (0, 1)


def test_a_notice_is_no_answer(api: BotApi, ann: Person) -> None:
    asked = talk(ann)
    for question, markup in zip(asked.asked[ann.id], (ANSWER, "Busy just now.", "My sources don't say."), strict=True):
        reply(api, question, markup)
    assert [is_answer(message) for message in ann.received] == [True, False, True]
    assert asked.missing() == 1


def test_settling_ends_when_all_is_answered_or_nothing_more_comes(api: BotApi, ann: Person) -> None:
    asked = talk(ann)
    asked.settle(api, patience_s=0.2)
    assert asked.missing() == 3
    for question in asked.asked[ann.id]:
        reply(api, question)
    asked.settle(api, patience_s=60)
    assert asked.missing() == 0
