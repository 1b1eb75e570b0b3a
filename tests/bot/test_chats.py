from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import chats as of_the_bot
from bot.chats import Asked, Chats, Preferences
from retrieval.errors import DamagedError, SchemaError, StoreError
from retrieval.store.chats_file import TABLES, VERSION, fault

DAY_S = 86_400.0
SECRET = "where was the lighthouse keeper born"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def chats(tmp_path: Path, clock: Clock) -> Iterator[Chats]:
    chats = Chats(tmp_path / "data" / "chats.sqlite", clock)
    yield chats
    chats.close()


def asked(chat_id: int = 1, question_id: int = 10, question: str = SECRET, user_id: int = 1) -> Asked:
    return Asked(chat_id, None, user_id, question_id, question, {"answered": True, "quote": "a b"})


def test_the_file_is_its_owners_alone(chats: Chats) -> None:
    chats.keep(asked())
    for file in chats.path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


def test_what_was_kept_is_found_by_row_and_by_message_also_when_opened_anew(chats: Chats, clock: Clock) -> None:
    row = chats.keep(asked())
    chats.sent(row, (11, 12))
    again = Chats(chats.path, clock)
    found = again.asked(row)
    assert found == again.asked_in(1, 10)
    assert found is not None and (found.question, found.messages, found.reply["quote"]) == (SECRET, (11, 12), "a b")
    again.close()


def test_an_edited_question_keeps_its_row_and_loses_its_votes(chats: Chats) -> None:
    row = chats.keep(asked())
    chats.vote(row, 1, good=True)
    assert chats.keep(asked(question="other")) == row
    assert list(chats.votes()) == []


@settings(max_examples=30)
@given(question=TEXT, name=TEXT, reply=st.dictionaries(TEXT, TEXT, max_size=3))
def test_any_text_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, question: str, name: str, reply: dict[str, str]
) -> None:
    chats = Chats(tmp_path_factory.mktemp("chats") / "chats.sqlite")
    row = chats.keep(Asked(-5, 3, 7, 1, question, reply))
    found = chats.asked(row)
    assert found is not None and (found.question, found.reply, found.thread_id) == (question, reply, 3)
    words = chats.keep_words(7, name)
    assert chats.words(words, 7) == name and chats.words(words, 8) == ""
    assert chats.keep_words(7, name) == words
    chats.close()


def test_turns_are_those_of_one_user_in_one_place_oldest_first(chats: Chats, clock: Clock) -> None:
    for n in range(5):
        chats.keep(asked(question_id=n, question=f"q{n}"))
        clock.now += 1
    chats.keep(asked(question_id=9, question="bob's", user_id=2))
    chats.keep(Asked(1, 7, 1, 20, "in a topic", {}))
    assert [turn.question for turn in chats.turns(1, None, 1, 3, 60)] == ["q2", "q3", "q4"]
    assert [turn.question for turn in chats.turns(1, None, 1, 9, 3)] == ["q2", "q3", "q4"]
    assert [turn.question for turn in chats.turns(1, 7, 1, 9, 60)] == ["in a topic"]


def test_the_last_vote_of_a_user_counts(chats: Chats) -> None:
    row = chats.keep(asked())
    for good in (True, False):
        chats.vote(row, 1, good)
    assert [(vote.question, vote.good) for vote in chats.votes()] == [(SECRET, False)]
    assert chats.counts() == {"questions": 1, "chats": 1, "users": 1, "good": 0, "bad": 1}


def test_preferences_are_a_chats_own(chats: Chats) -> None:
    chats.prefer(1, Preferences(quotes=3, article="bridge"))
    assert chats.preferences(1) == Preferences(3, False, "bridge")
    assert chats.preferences(2) == Preferences()


def test_forget_leaves_not_a_byte_of_it_in_the_files(chats: Chats) -> None:
    row = chats.keep(asked())
    chats.vote(row, 1, good=True)
    chats.prefer(1, Preferences(article="lighthouse-article"))
    chats.keep_words(1, "lighthouse")
    chats.keep(asked(chat_id=2, user_id=2, question_id=3, question="another one's"))
    assert chats.forget(1, 1) == 1
    left = b"".join(file.read_bytes() for file in chats.path.parent.iterdir())
    assert b"lighthouse" not in left
    assert b"another one's" in left
    assert chats.asked(row) is None and list(chats.votes()) == []


def test_what_another_process_kept_from_being_forgotten_goes_with_the_next_upkeep(chats: Chats) -> None:
    chats.keep(asked())
    with closing(sqlite3.connect(chats.path)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM answers").fetchone()
        chats.forget(1, 1)
    chats.expire(30)
    assert b"lighthouse" not in b"".join(file.read_bytes() for file in chats.path.parent.iterdir())


def test_rows_of_forgotten_answers_are_not_used_again(chats: Chats) -> None:
    row = chats.keep(asked())
    chats.forget(1, 1)
    assert chats.keep(asked()) > row


def test_in_a_group_one_forgets_only_ones_own(chats: Chats) -> None:
    chats.keep(asked(chat_id=-9, user_id=1))
    chats.keep(asked(chat_id=-9, user_id=2, question_id=11))
    chats.prefer(-9, Preferences(quotes=2))
    assert chats.forget(-9, 1) == 1
    assert chats.asked_in(-9, 11) is not None and chats.preferences(-9).quotes == 2


def test_what_is_older_than_it_may_be_goes(chats: Chats, clock: Clock) -> None:
    old = chats.keep(asked())
    clock.now += 2 * DAY_S
    new = chats.keep(asked(question_id=11))
    assert chats.expire(1) == 1
    assert chats.asked(old) is None and chats.asked(new) is not None


def test_a_failed_transaction_leaves_nothing(chats: Chats) -> None:
    def half() -> None:
        with chats.writing() as db:
            db.execute("REPLACE INTO preferences VALUES (1, '{\"quotes\": 3}')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert chats.preferences(1) == Preferences()


def test_a_file_of_another_version_or_of_no_kind_is_refused(tmp_path: Path) -> None:
    newer = tmp_path / "newer.sqlite"
    with sqlite3.connect(newer) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(SchemaError):
        Chats(newer)
    (tmp_path / "text.sqlite").write_text("no database at all, however long it may be" * 50)
    with pytest.raises(DamagedError):
        Chats(tmp_path / "text.sqlite")
    with pytest.raises(StoreError):
        Chats(tmp_path)


@pytest.mark.parametrize("value", ["[]", "3", "null", '{"quotes": 3', '{"quotes": "many"}', ""])
def test_damaged_preferences_are_the_defaults(chats: Chats, value: str) -> None:
    chats.db.execute("REPLACE INTO preferences VALUES (1, ?)", (value,))
    assert chats.preferences(1) == Preferences()


def test_preferences_of_a_later_version_are_read_as_far_as_they_are_known(chats: Chats) -> None:
    chats.db.execute("REPLACE INTO preferences VALUES (1, ?)", ('{"quotes": 3, "colour": "red"}',))
    assert chats.preferences(1) == Preferences(3)


def test_the_engine_knows_the_tables_that_the_bot_makes(tmp_path: Path) -> None:
    Chats(tmp_path / "chats.sqlite3").close()
    assert fault(tmp_path / "chats.sqlite3") == ""
    with sqlite3.connect(tmp_path / "chats.sqlite3") as db:
        made = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    db.close()
    assert made - {"sqlite_sequence"} == TABLES
    assert of_the_bot._VERSION == VERSION
