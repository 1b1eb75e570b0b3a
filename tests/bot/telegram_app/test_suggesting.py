"""Questions suggested under an answer: buttons that come once the answer stands, and ask them alone."""

from __future__ import annotations

from bot.telegram_app.suggesting import known
from tests.bot.fakes import Library
from tests.bot.telegram_app.conftest import Start
from tests.bot.telegram_app.test_commands import told
from tests.botapi import BotApi, Group, Message, Person

QUESTION = "When did the harbour bridge reopen to traffic?"
WHO = "Who designed the bridge?"


def labels(message: Message) -> list[str]:
    return [button["text"] for row in message.keyboard for button in row]


def test_a_suggestion_is_a_button_that_asks_it_alone(api: BotApi, start: Start, shelf: Library) -> None:
    shelf.suggested = (WHO, "Who baked bread?")
    start()
    ann = Person(api)
    answer = told(api, ann, QUESTION)
    api.wait_for(lambda: labels(answer)[-2:] == [WHO, "Who baked bread?"])
    press = ann.presses(WHO, answer)
    asked, further = api.wait_for(lambda: ann.received[1:] if len(ann.received) == 3 else [])
    assert (asked.text, asked.keyboard) == (WHO, [])
    assert further.reply_to is asked
    assert "Ines Ferro" in further.text
    assert shelf.asked[-1][:2] == (WHO, ())
    assert api.wait_for(lambda: press.answer) is not None


def test_what_was_asked_or_suggested_twice_is_not_suggested_again(api: BotApi, start: Start, shelf: Library) -> None:
    shelf.suggested = (WHO, "Who baked bread?")
    bot = start()
    ann = Person(api)
    first = told(api, ann, QUESTION)
    api.wait_for(lambda: WHO in labels(first))
    ann.presses(WHO, first)
    second = api.wait_for(lambda: ann.received[2:])[0]
    api.wait_for(lambda: "Who baked bread?" in labels(second))
    assert WHO not in labels(second)
    third = told(api, ann, QUESTION)
    bot.stop()
    assert "Who baked bread?" not in labels(third)


def test_more_keeps_what_is_suggested(api: BotApi, start: Start, shelf: Library) -> None:
    shelf.suggested = (WHO,)
    start()
    ann = Person(api)
    answer = told(api, ann, QUESTION)
    api.wait_for(lambda: WHO in labels(answer))
    ann.presses("More", answer)
    api.wait_for(lambda: "forty thousand" in answer.text)
    assert labels(answer)[-1] == WHO


def test_in_a_group_and_where_the_owner_wants_none_nothing_is_suggested(
    api: BotApi, start: Start, shelf: Library
) -> None:
    shelf.suggested = (WHO,)
    bot = start(suggestions=False)
    alone = told(api, Person(api), QUESTION)
    bot.stop()
    bot = start()
    club = Group(api, "Chess")
    question = Person(api).says(f"/ask {QUESTION}", club)
    within = api.wait_for(lambda: [m for m in club.chat.from_bot() if m.reply_to is question])[0]
    bot.stop()
    assert WHO not in labels(alone) + labels(within)


def test_a_forged_number_asks_nothing(api: BotApi, start: Start, shelf: Library) -> None:
    shelf.suggested = (WHO,)
    start()
    ann = Person(api)
    answer = told(api, ann, QUESTION)
    api.wait_for(lambda: WHO in labels(answer))
    row = answer.button("👍")["callback_data"].split(":")[1]
    for number in (0, 2, 99):
        press = ann.sends_callback(f"ask:{row}:{number}", answer)
        assert api.wait_for(lambda press=press: press.answer)["text"] == "This answer is no longer kept. Ask again."
    assert len(shelf.asked) == 1


def test_nothing_is_known_before_anything_was_asked() -> None:
    assert known([], 1) == ()
