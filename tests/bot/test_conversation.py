from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import MOST_TURNS, Conversation

QUESTIONS = st.lists(st.text(max_size=3), max_size=12)


@given(QUESTIONS, QUESTIONS)
def test_the_last_questions_are_leaned_on_and_none_is_known_before_it_was_asked(
    asked: list[str], new: list[str]
) -> None:
    chat = Conversation()
    for question in asked:
        assert (question in chat.known) == (question in chat.told)
        chat = chat.then(question, [f"{question} is so."])
    assert chat.questions == tuple(asked[-MOST_TURNS:])
    assert {*asked, *(f"{question} is so." for question in asked)} == set(chat.known)
    fresh = chat.on_something_new()
    assert (fresh.questions, fresh.known) == ((), chat.known)
    assert set(fresh.suggesting(new).known) >= set(chat.known)


@given(QUESTIONS)
def test_what_was_suggested_twice_is_known(suggested: list[str]) -> None:
    chat = Conversation()
    for question in suggested:
        chat = chat.suggesting([question])
    assert sorted(chat.known) == sorted({each for each in suggested if suggested.count(each) > 1})
