from __future__ import annotations

import json

from tests.bot.fakes import Library
from tests.bot.telegram_app.conftest import Start
from tests.botapi import BotApi, Person

QUESTION = "When did the harbour bridge reopen to traffic?"


def test_an_inline_question_gives_quotes_with_their_citation(api: BotApi, start: Start) -> None:
    start()
    query = Person(api).asks_inline(QUESTION)
    answer = api.wait_for(lambda: query.answer)
    first = answer["results"][0]
    assert first["title"] == "The harbour bridge reopened to traffic on 3 May 1987, two years late."
    assert "A Bridge at Last" in first["input_message_content"]["message_text"]
    assert "Jane Marsh" in first["description"]
    assert int(answer["cache_time"]) >= 60


def test_typing_asks_the_engine_once(api: BotApi, start: Start, shelf: Library) -> None:
    start()
    ann = Person(api)
    typed = [ann.asks_inline(QUESTION[:end]) for end in range(8, len(QUESTION) + 1, 4)]
    last = ann.asks_inline(QUESTION)
    assert api.wait_for(lambda: last.answer)["results"]
    assert [question for question, *_ in shelf.asked] == [QUESTION]
    assert not any(query.answer for query in typed)


def test_the_same_question_is_answered_from_the_cache(api: BotApi, start: Start, shelf: Library) -> None:
    start()
    for person in (Person(api), Person(api, "Bob")):
        query = person.asks_inline(QUESTION)
        assert api.wait_for(lambda query=query: query.answer)["results"]
    assert len(shelf.asked) == 1


def test_a_removed_article_is_no_longer_offered(api: BotApi, start: Start, shelf: Library) -> None:
    start()
    query = Person(api).asks_inline(QUESTION)
    assert any("Jane Marsh" in found["description"] for found in api.wait_for(lambda: query.answer)["results"])
    del shelf.stored["bridge"]
    again = Person(api, "Bob").asks_inline(QUESTION)
    assert not any("Jane Marsh" in found["description"] for found in api.wait_for(lambda: again.answer)["results"])
    assert len(shelf.asked) == 2


def test_nothing_to_send_is_said_on_a_button(api: BotApi, start: Start) -> None:
    start()
    for text, told in [("", "Type a question"), ("Who painted zebras?", "My sources don't say")]:
        query = Person(api).asks_inline(text)
        answer = api.wait_for(lambda query=query: query.answer)
        assert answer["results"] == [] and json.loads(answer["button"])["text"] == told


def test_a_query_that_expired_is_no_error(api: BotApi, start: Start) -> None:
    bot = start()
    ann = Person(api)
    query = ann.asks_inline(QUESTION)
    with api.world.changed:
        api.world.queries.clear()
    ann.says(QUESTION)
    api.wait_for(lambda: ann.received)
    api.wait_for(lambda: api.calls_of("answerInlineQuery"))
    bot.stop()
    assert bot.run.metrics.errors == 0
    assert query
