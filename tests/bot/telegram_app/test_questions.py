from __future__ import annotations

from tests.bot.fakes import Library
from tests.bot.telegram_app.conftest import Start
from tests.botapi import BotApi, Person

REOPENED = "“The harbour bridge reopened to traffic on 3 May 1987, two years late.” ¹"


def test_a_question_is_answered_with_a_quote_in_reply_to_it(api: BotApi, start: Start) -> None:
    start()
    ann = Person(api)
    question = ann.says("When did the harbour bridge reopen to traffic?")
    [answer] = api.wait_for(lambda: ann.received)
    assert answer.reply_to is question
    assert answer.text.startswith(REOPENED)
    assert answer.spans("bold") == ["3 May 1987"]
    assert api.wait_for(lambda: api.calls_of("sendChatAction"))[0].parameters["action"] == "typing"
