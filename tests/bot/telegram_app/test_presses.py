from __future__ import annotations

from tests.bot.fakes import Library, article
from tests.bot.telegram_app.conftest import Start
from tests.botapi import BotApi, Group, Message, Person

QUESTION = "When did the harbour bridge reopen to traffic?"


def answered(api: BotApi, person: Person) -> Message:
    person.says(QUESTION)
    return api.wait_for(lambda: person.received)[0]


def test_more_shows_the_next_quote_in_the_same_message(api: BotApi, start: Start) -> None:
    start()
    ann = Person(api)
    answer = answered(api, ann)
    assert "forty thousand" not in answer.text
    press = ann.presses("More", answer)
    api.wait_for(lambda: press.answer)
    assert "forty thousand people" in answer.text
    assert len(ann.received) == 1


def test_show_sends_the_paragraph_with_the_quote_in_bold(api: BotApi, start: Start) -> None:
    start()
    ann = Person(api)
    ann.presses("Show", answered(api, ann))
    paragraph = api.wait_for(lambda: ann.received[1:])[0]
    assert "Steel was dear that year." in paragraph.text
    assert paragraph.spans("bold") == ["The harbour bridge reopened to traffic on 3 May 1987, two years late."]


def test_copy_holds_the_exact_quote(api: BotApi, start: Start) -> None:
    start()
    button = answered(api, Person(api)).button("Copy")
    assert button["copy_text"] == {"text": "The harbour bridge reopened to traffic on 3 May 1987, two years late."}


def test_votes_are_kept_and_the_last_one_counts(api: BotApi, start: Start) -> None:
    bot = start()
    ann = Person(api)
    answer = answered(api, ann)
    for button in ("👎", "👍"):
        press = ann.presses(button, answer)
        api.wait_for(lambda press=press: press.answer)
    assert press.answer["text"] == "Noted: this answers it."
    bot.stop()


def test_buttons_work_after_a_restart(api: BotApi, start: Start) -> None:
    bot = start()
    ann = Person(api)
    answer = answered(api, ann)
    bot.stop()
    start()
    ann.presses("More", answer)
    api.wait_for(lambda: "forty thousand" in answer.text)


def test_a_button_of_a_forgotten_answer_says_so(api: BotApi, start: Start) -> None:
    start()
    ann = Person(api)
    answer = answered(api, ann)
    ann.says("/forget")
    api.wait_for(lambda: len(ann.received) == 2)
    ann.presses("Delete")
    api.wait_for(lambda: ann.received[1].text == "Deleted.")
    press = ann.presses("More", answer)
    assert api.wait_for(lambda: press.answer)["text"] == "This answer is no longer kept. Ask again."


def test_another_users_press_is_refused_politely(api: BotApi, start: Start) -> None:
    start()
    ann, bob, club = Person(api), Person(api, "Bob"), Group(api, "Chess")
    ann.says(f"@{'sayso_bot'} x", club)
    question = ann.says(f"/ask {QUESTION}", club)
    answer = api.wait_for(lambda: [m for m in club.chat.from_bot() if m.reply_to is question])[0]
    press = bob.presses("👎", answer)
    assert api.wait_for(lambda: press.answer)["text"] == "These buttons are for the person who asked."
    press = bob.presses("Show", answer)
    assert api.wait_for(lambda: press.answer)["text"] == "These buttons are for the person who asked."


def test_forged_data_does_nothing(api: BotApi, start: Start) -> None:
    start()
    ann, eve = Person(api), Person(api, "Eve")
    answer = answered(api, ann)
    own = answered(api, eve)
    row = answer.button("👍")["callback_data"].split(":")[1]
    for data in ("more:99999:2", f"show:{row}:1", "drop table", "x" * 64, "page:7:0", "source:0:999", "show:1:9"):
        press = eve.sends_callback(data, own)
        assert api.wait_for(lambda press=press: press.answer) is not None
    assert all("Steel" not in message.text for message in eve.received)


def test_an_article_that_changed_or_went_is_not_shown_as_it_was(api: BotApi, start: Start, shelf: Library) -> None:
    start()
    ann = Person(api)
    answer = answered(api, ann)
    known = shelf.stored["bridge"]
    shelf.stored["bridge"] = article(known.reference, "Other words.\n" + known.text)
    press = ann.presses("Show", answer)
    assert api.wait_for(lambda: press.answer)["text"] == "The article has changed since. Ask again."
    del shelf.stored["bridge"]
    press = ann.presses("Show", answer)
    assert api.wait_for(lambda: press.answer)["text"] == "The article is no longer indexed."


def test_a_deleted_message_or_an_expired_press_is_no_error(api: BotApi, start: Start) -> None:
    bot = start()
    ann = Person(api)
    answer = answered(api, ann)
    ann.deletes(answer)
    ann.sends_callback("more:1:2", answer)
    ann.says("And when did the harbour bridge reopen to traffic?")
    api.wait_for(lambda: any("forty" in m.text or "reopened" in m.text for m in ann.received))
    assert bot.run.metrics.errors == 0


def test_a_press_that_expired_is_no_error_and_still_does_its_work(api: BotApi, start: Start) -> None:
    bot = start()
    ann = Person(api)
    answer = answered(api, ann)
    with api.world.changed:
        ann.presses("More", answer)
        api.world.queries.clear()
    api.wait_for(lambda: "forty thousand" in answer.text)
    bot.stop()
    assert bot.run.metrics.errors == 0


def test_a_refusal_names_the_nearest_articles_as_buttons(api: BotApi, start: Start) -> None:
    start()
    ann = Person(api)
    ann.says("Who baked bread beside the harbour quay under dim lamps?")
    refusal = api.wait_for(lambda: ann.received)[0]
    assert refusal.text == "My sources don't say."
    ann.presses("Forty Years On", refusal)
    assert "forty thousand" in api.wait_for(lambda: ann.received[1:])[0].text


def test_settings_change_by_their_buttons(api: BotApi, start: Start) -> None:
    start()
    ann = Person(api)
    ann.says("/settings")
    shown = api.wait_for(lambda: ann.received)[0]
    press = ann.presses("More quotes", shown)
    api.wait_for(lambda: press.answer)
    assert "Quotes shown at once: 2" in shown.text
    ann.says(QUESTION)
    answer = api.wait_for(lambda: ann.received[1:])[0]
    assert "reopened" in answer.text and "forty thousand" in answer.text


def test_only_one_article_answers_until_all_may_again(api: BotApi, start: Start, shelf: Library) -> None:
    start()
    ann = Person(api)
    ann.presses("Show", answered(api, ann))
    paragraph = api.wait_for(lambda: ann.received[1:])[0]
    press = ann.presses("Ask only this article", paragraph)
    assert "A Bridge at Last" in api.wait_for(lambda: press.answer)["text"]
    ann.says("Who designed the bridge?")
    api.wait_for(lambda: ann.received[2:])
    assert shelf.asked[-1][2].article == "bridge"
    ann.says("/settings")
    shown = api.wait_for(lambda: ann.received[3:])[0]
    press = ann.presses("Ask all articles", shown)
    api.wait_for(lambda: press.answer)
    assert "All articles answer." in shown.text
