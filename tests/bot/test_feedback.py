"""What people said of answers becomes questions that the evaluation takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chats import Asked, Chats, Vote
from bot.feedback import feedback_records
from bot.telegram_app.kept import kept, shown
from retrieval.evaluation.datasets import load
from retrieval.settings import Settings
from tests.bot.conftest import Sayso
from tests.bot.fakes import Library

QUESTION = "When did the harbour bridge reopen?"


def reply(quote: str = "It reopened in 1987.", article: str = "bridge", **changes: Any) -> dict[str, Any]:
    citation = {"reference": {"article_id": article}, "quote": {"text": quote}}
    return {"answered": True, "understood": None, "citations": [citation], **changes}


def test_a_liked_quote_is_the_answer() -> None:
    [record] = feedback_records([Vote(QUESTION, reply(), good=True)])
    assert record.pop("id").startswith("f")
    assert record == {
        "question": QUESTION, "kind": "feedback", "answerable": True, "answers": ["It reopened in 1987."],
        "articles": ["bridge"], "history": [],
    }  # fmt: skip


def test_a_disliked_quote_waits_for_an_answer_and_does_not_count() -> None:
    [record] = feedback_records([Vote(QUESTION, reply(), good=False)])
    assert (record["question"], record["asked"], record["rejected"]) == ("", QUESTION, ["It reopened in 1987."])


def test_where_people_disagree_the_majority_counts_and_a_tie_is_no_answer() -> None:
    votes = [Vote(QUESTION, reply(), good=good) for good in (True, False, True)]
    assert feedback_records(votes)[0]["answers"] == ["It reopened in 1987."]
    assert feedback_records(votes[:2])[0]["question"] == ""


def test_two_liked_quotes_are_both_answers_of_one_question() -> None:
    votes = [Vote(QUESTION, reply(), good=True), Vote(f" {QUESTION}", reply("In May.", "forty"), good=True)]
    [record] = feedback_records(votes)
    assert record["answers"] == ["It reopened in 1987.", "In May."] and record["articles"] == ["bridge", "forty"]


def test_a_liked_refusal_is_an_unanswerable_question() -> None:
    [record] = feedback_records([Vote("Who paid?", reply(answered=False, citations=[]), good=True)])
    assert (record["question"], record["answerable"], record["answers"]) == ("Who paid?", False, [])
    [record] = feedback_records([Vote("Who paid?", reply(answered=False, citations=[]), good=False)])
    assert (record["question"], record["asked"]) == ("", "Who paid?")


def test_a_follow_up_is_told_as_it_was_understood() -> None:
    [record] = feedback_records([Vote("and who?", reply(understood="and who (the bridge)?"), good=True)])
    assert record["question"] == "and who (the bridge)?"


@given(st.lists(st.builds(Vote, st.sampled_from(["a", "b"]), st.builds(reply, st.sampled_from("xyz")), st.booleans())))
def test_every_question_is_there_once_and_its_id_hangs_on_its_words_alone(votes: list[Vote]) -> None:
    records = feedback_records(votes)
    ids = {(record["question"] or record["asked"]): record["id"] for record in records}
    assert len(ids) == len(records) == len({vote.question for vote in votes})
    assert all(feedback_records([vote])[0]["id"] == ids[vote.question] for vote in votes)


@pytest.fixture
def database(folder: Path, library: Library) -> Path:
    """A chats database with one liked and one disliked answer."""
    corpus = library.open(Settings())
    corpus.index()
    chats = Chats(folder / "chats.sqlite3")
    for number, (question, good) in enumerate([(QUESTION, True), ("How many people were there?", False)]):
        row = chats.keep(Asked(5, None, 5, number, question, kept(shown(corpus.ask(question)))))
        chats.vote(row, 5, good)
    chats.close()
    return folder / "chats.sqlite3"


def test_the_file_is_one_that_eval_run_reads(sayso: Sayso, database: Path, folder: Path) -> None:
    made = sayso("eval", "import-feedback", "chats.sqlite3", "-o", "liked.jsonl")
    assert (made.code, made.out) == (0, "")
    assert "1 questions are in liked.jsonl" in made.err and "1 more wait there" in made.err
    (folder / "articles").mkdir()
    (folder / "articles" / "bridge.md").write_text("The harbour bridge reopened to traffic on 3 May 1987.")
    [question] = load(folder / "liked.jsonl", [folder / "articles"]).questions
    assert (question.text, question.answerable, dict(question.relevant)) == (QUESTION, True, {"bridge": 1})
    assert question.gold == ("The harbour bridge reopened to traffic on 3 May 1987, two years late.",)
    assert len([json.loads(line) for line in (folder / "liked.jsonl").read_text().splitlines()]) == 2


def test_no_database_and_a_file_that_exists_are_mistakes(sayso: Sayso, database: Path, folder: Path) -> None:
    missing = sayso("eval", "import-feedback", "nowhere.sqlite", "-o", "a.jsonl")
    assert missing.code == 2 and "no chats database at nowhere.sqlite" in missing.err
    assert not (folder / "nowhere.sqlite").exists()
    (folder / "a.jsonl").write_text("precious")
    assert sayso("eval", "import-feedback", "chats.sqlite3", "-o", "a.jsonl").code == 2
    assert (folder / "a.jsonl").read_text() == "precious"
