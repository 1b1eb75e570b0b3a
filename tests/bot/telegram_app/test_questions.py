from __future__ import annotations

import threading
from pathlib import Path

import pytest

from retrieval.errors import InputError
from retrieval.types import Reference, Reply
from tests.bot.fakes import FakeCorpus, Library, article
from tests.bot.telegram_app.conftest import Start
from tests.bot.telegram_app.test_commands import told
from tests.botapi import BotApi, Fault, Person

QUESTION = "When did the harbour bridge reopen to traffic?"
REOPENED = "“The harbour bridge reopened to traffic on 3 May 1987, two years late.” ¹"


def test_a_question_is_answered_with_a_quote_in_reply_to_it(api: BotApi, start: Start) -> None:
    start()
    ann = Person(api)
    question = ann.says(QUESTION)
    [answer] = api.wait_for(lambda: ann.received)
    assert answer.reply_to is question
    assert answer.text.startswith(REOPENED)
    assert answer.spans("bold") == ["3 May 1987"]
    assert answer.spans("expandable_blockquote")
    assert api.wait_for(lambda: api.calls_of("sendChatAction"))[0].parameters["action"] == "typing"


def test_an_edited_question_edits_its_answer(api: BotApi, start: Start) -> None:
    start()
    ann = Person(api)
    question = ann.says(QUESTION)
    [answer] = api.wait_for(lambda: ann.received)
    ann.edits(question, "Who designed the bridge?")
    api.wait_for(lambda: "Ines Ferro" in answer.text)
    assert ann.received == [answer]


def test_an_edit_that_changes_no_word_changes_nothing(api: BotApi, start: Start, shelf: Library) -> None:
    start()
    ann = Person(api)
    question = ann.says(QUESTION)
    api.wait_for(lambda: ann.received)
    ann.edits(question, QUESTION)
    told(api, ann, "/about")
    assert len(shelf.asked) == 1


def test_an_edited_question_whose_answer_was_deleted_is_answered_anew(api: BotApi, start: Start) -> None:
    start()
    ann = Person(api)
    question = ann.says(QUESTION)
    [answer] = api.wait_for(lambda: ann.received)
    ann.deletes(answer)
    ann.edits(question, "Who designed the bridge?")
    assert "Ines Ferro" in api.wait_for(lambda: ann.received)[0].text


def test_follow_ups_lean_on_the_chats_earlier_questions_also_after_a_restart(
    api: BotApi, start: Start, shelf: Library
) -> None:
    bot = start()
    ann, bob = Person(api), Person(api, "Bob")
    told(api, ann, QUESTION)
    told(api, bob, "Who designed the bridge?")
    bot.stop()
    start()
    answer = told(api, ann, "and when did the harbour bridge reopen?")
    assert shelf.asked[-1][1] == (QUESTION,)
    assert "Understood as:" in answer.text


def test_a_question_edited_later_does_not_lean_on_those_after_it(api: BotApi, start: Start, shelf: Library) -> None:
    start()
    ann = Person(api)
    first = ann.says(QUESTION)
    told(api, ann, "Who designed the bridge?")
    ann.edits(first, "Was steel dear?")
    told(api, ann, "/about")
    assert shelf.asked[-1][:2] == ("Was steel dear?", ())


def test_a_question_is_capped_in_length_before_any_work(api: BotApi, start: Start, shelf: Library) -> None:
    start(question_chars=100)
    assert told(api, Person(api), "x" * 101).text == "A question may have 100 characters; this one has 101."
    assert told(api, Person(api), "x" * 4_096).text
    assert shelf.asked == []


def test_a_user_who_asks_too_fast_is_told_once_to_wait(api: BotApi, start: Start, shelf: Library) -> None:
    start(questions_per_minute=2)
    ann = Person(api)
    for _ in range(6):
        ann.says(QUESTION)
    told(api, ann, "/about")
    assert len(shelf.asked) == 2
    assert [m.text.startswith("One at a time") for m in ann.received] == [False, False, True, False]
    assert "reopened" in told(api, Person(api, "Bob"), QUESTION).text


class SlowCorpus(FakeCorpus):
    """Answers when it is let."""

    go = threading.Event()

    def ask(self, *arguments: object, **named: object) -> Reply:
        assert self.go.wait(20)
        return super().ask(*arguments, **named)  # type: ignore[arg-type]


def test_a_full_queue_says_busy_and_other_chats_are_served_when_it_empties(
    api: BotApi, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    SlowCorpus.go.clear()
    monkeypatch.setattr("tests.bot.telegram_app.harness.FakeCorpus", SlowCorpus)
    start(workers=1, waiting=1)
    people = [Person(api, f"Person {n}") for n in range(3)]
    for n, person in enumerate(people[:2], 1):
        person.says(QUESTION)
        api.wait_for(lambda n=n: len(api.calls_of("sendChatAction")) == n)
    assert told(api, people[2], QUESTION).text.startswith("Busy just now. Try again in ")
    SlowCorpus.go.set()
    api.wait_for(lambda: all(person.received for person in people))


def test_hostile_texts_in_questions_and_articles_are_shown_as_text(
    api: BotApi, start: Start, shelf: Library, folder: Path
) -> None:
    title = "<b>Quay</b> & قطة \u202egnirts 🐈‍⬛"
    text = 'The <i>quay</i> & the "lamp" cost 5 < 7 crowns, قطتان 🐈‍⬛ said.\n'
    shelf.stored["quay"] = article(Reference("quay", f"{folder}/<script>.txt", title, "A. <u>B</u>"), text)
    bot = start()
    ann = Person(api, "<b>Ann</b>")
    assert '<i>quay</i> & the "lamp" cost 5 < 7' in told(api, ann, "What did the <i>quay</i> & lamp cost? 🐈").text
    for command in ("/sources", "/source 1", "/sources <b>", "/history", "/remove <b>"):
        assert told(api, ann, command).text
    bot.stop()
    assert bot.run.metrics.errors == 0


def test_a_very_long_answer_comes_in_parts_and_in_order(
    api: BotApi, start: Start, shelf: Library, folder: Path
) -> None:
    text = "The tower " + "of <old> stones & قطة 🐈 " * 800 + "stands."
    shelf.stored["tower"] = article(Reference("tower", f"{folder}/tower.txt", "Tower"), text)
    start()
    ann = Person(api)
    api.inject(Fault("reset", "sendMessage", nth=(2,)))
    question = ann.says("What tower of old stones stands?")
    api.wait_for(lambda: any(m.buttons for m in ann.received), 10)
    parts = ann.received
    assert len(parts) > 3
    assert [m.reply_to for m in parts] == [question] + [None] * (len(parts) - 1)
    assert "".join(m.text for m in parts).count("🐈") == 800
    ann.edits(question, QUESTION)
    api.wait_for(lambda: len(ann.received) == 1 and "reopened" in ann.received[0].text)


def test_nothing_indexed_is_said(api: BotApi, start: Start, shelf: Library) -> None:
    shelf.stored.clear()
    shelf.failure = InputError("nothing is indexed")
    start()
    assert told(api, Person(api), QUESTION).text.startswith("There are no articles yet")


def test_a_failure_of_ours_is_owned_up_to_and_the_next_question_answered(
    api: BotApi, start: Start, shelf: Library
) -> None:
    bot = start()
    ann = Person(api)
    shelf.failure = RuntimeError("secret question text")
    assert told(api, ann, QUESTION).text.startswith("That went wrong")
    shelf.failure = None
    assert "reopened" in told(api, ann, QUESTION).text
    assert bot.run.metrics.errors == 1


def test_many_questions_from_many_chats_at_once_keep_their_order(api: BotApi, start: Start) -> None:
    start()
    people = [Person(api, f"Person {n}") for n in range(20)]
    asked = {person.id: [person.says(f"{QUESTION} {n}") for n in range(10)] for person in people}
    api.wait_for(lambda: all(len(person.received) == 10 for person in people), 30)
    for person in people:
        assert [m.reply_to for m in person.received] == asked[person.id]
