from __future__ import annotations

from tests.bot.telegram_app.conftest import Start
from tests.botapi import BOT, BotApi, Group, Message, Person

QUESTION = "When did the harbour bridge reopen to traffic?"
NAME = BOT["username"]


def answer(api: BotApi, club: Group, question: Message) -> Message:
    return api.wait_for(lambda: [m for m in club.chat.from_bot() if m.reply_to is question])[0]


def test_only_what_names_the_bot_is_answered(api: BotApi, start: Start) -> None:
    start()
    ann, club = Person(api), Group(api, "Chess")
    ann.says(QUESTION, club)
    ann.says("/help@other_bot", club)
    ann.says("/dance", club)
    ann.says(f"@{NAME}x {QUESTION}", club)
    first = answer(api, club, ann.says(f"@{NAME} {QUESTION}", club))
    assert "reopened" in first.text
    answer(api, club, ann.says(f"/ask@{NAME} {QUESTION}", club))
    answer(api, club, ann.says("Who designed the bridge?", club, reply_to=first))
    assert len(club.chat.from_bot()) == 3


def test_the_topic_is_kept(api: BotApi, start: Start) -> None:
    start()
    ann, club = Person(api), Group(api, "Chess", topics={7, 9})
    for topic in (7, 9):
        question = ann.says(f"@{NAME} {QUESTION}", club, topic=topic)
        assert answer(api, club, question).thread_id == topic


def test_small_groups_work_too(api: BotApi, start: Start) -> None:
    start()
    ann, club = Person(api), Group(api, "Chess", kind="group")
    assert "reopened" in answer(api, club, ann.says(f"{QUESTION} @{NAME.upper()}", club)).text


def test_anothers_buttons_are_refused_politely(api: BotApi, start: Start) -> None:
    start()
    ann, bob, club = Person(api), Person(api, "Bob"), Group(api, "Chess")
    shown = answer(api, club, ann.says(f"/ask {QUESTION}", club))
    listed = answer(api, club, ann.says("/sources", club))
    for person, button, message in [(bob, "👎", shown), (bob, "Show", shown), (bob, "1", listed)]:
        press = person.presses(button, message)
        assert api.wait_for(lambda press=press: press.answer)["text"] == "These buttons are for the person who asked."
    assert len(club.chat.from_bot()) == 2
    press = ann.presses("Show", shown)
    api.wait_for(lambda: press.answer)
    assert "Steel was dear" in api.wait_for(lambda: club.chat.from_bot()[2:])[0].text


def test_each_members_follow_ups_lean_on_their_own_questions(api: BotApi, start: Start, shelf: object) -> None:
    start()
    ann, bob, club = Person(api), Person(api, "Bob"), Group(api, "Chess")
    answer(api, club, ann.says(f"/ask {QUESTION}", club))
    answer(api, club, bob.says("/ask and who designed it?", club))
    assert shelf.asked[-1][1] == ()  # type: ignore[attr-defined]
    answer(api, club, ann.says("/ask and who designed the bridge?", club))
    assert shelf.asked[-1][1] == (QUESTION,)  # type: ignore[attr-defined]
