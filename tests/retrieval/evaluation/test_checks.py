from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from retrieval.evaluation.checks import warnings
from retrieval.evaluation.datasets import load
from retrieval.settings import Settings, default_corpus
from tests.retrieval.evaluation.fakes import FakeCorpus, write_beir

WHEN = {"id": "q1", "question": "When was the bridge opened?", "answers": ["in 1874"], "articles": ["bridge"]}


def told(folder: Path, settings: Settings, *rows: Mapping[str, object]) -> list[str]:
    """What is said of these rows over the articles of the folder."""
    (folder / "questions.jsonl").write_text("".join(json.dumps({**WHEN, **row}) + "\n" for row in rows))
    return list(warnings(load(folder), settings, FakeCorpus))


def test_nothing_is_said_of_sound_questions(folder: Path, settings: Settings) -> None:
    assert list(warnings(load(folder), settings, FakeCorpus)) == []


def test_nothing_is_said_of_the_questions_that_come_with_sayso(settings: Settings) -> None:
    assert list(warnings(load(default_corpus()), settings, FakeCorpus)) == []


@pytest.mark.parametrize(
    ("row", "warning"),
    [
        ({"answers": ["in 1847"]}, "q1: no article holds the answer “in 1847”"),
        ({"answers": ["in 1874", "two years late"]}, "q1: no article holds the answer “two years late”"),
        ({"articles": ["brigde"]}, "q1: there is no article “brigde”"),
        ({"answerable": False}, "q1: has answers, though it is not answerable"),
        ({"kind": "unanswerable", "answerable": True}, "q1: is of kind “unanswerable”, though it is answerable"),
        (
            {"kind": "follow-up", "history": ["why " * 600]},
            "q1: an earlier question has 2,400 characters, more than 2,000",
        ),
        ({"kind": "follow-up"}, "q1: is a follow-up without a history"),
        (
            {"answers": [], "articles": []},
            "q1: names neither answers nor articles; it counts neither as right nor wrong",
        ),
    ],
)
def test_a_mistake_in_a_row_is_told(folder: Path, settings: Settings, row: Mapping[str, object], warning: str) -> None:
    assert told(folder, settings, row) == [warning]


def test_an_answer_may_stand_in_another_article_than_the_one_named(folder: Path, settings: Settings) -> None:
    assert told(folder, settings, {"articles": ["ferry"]}, {"id": "q2", "articles": []}) == []


def test_answers_are_sought_as_they_are_judged(folder: Path, settings: Settings) -> None:
    assert told(folder, settings, {"answers": ["OPENED\n in  1874"]}) == []


def test_rows_without_a_question_are_counted(folder: Path, settings: Settings) -> None:
    rows = [{}, {"id": "q2", "question": " "}, {"id": "q3", "question": ""}]
    assert told(folder, settings, *rows) == ["2 of 3 rows left out: no question"]


def test_of_many_like_mistakes_a_few_are_told_and_the_others_counted(folder: Path, settings: Settings) -> None:
    rows = [{"id": f"q{number}", "answers": [f"plank {number}"]} for number in range(9)]
    assert told(folder, settings, *rows, {"id": "odd", "articles": ["brigde"]}) == [
        "odd: there is no article “brigde”",
        "q0: no article holds the answer “plank 0”",
        "q1: no article holds the answer “plank 1”",
        "q2: no article holds the answer “plank 2”",
        "6 more like the last",
    ]


def test_a_long_answer_is_clipped(folder: Path, settings: Settings) -> None:
    [line] = told(folder, settings, {"answers": ["a very long way off " * 20]})
    assert len(line) < 120


def test_follow_ups_that_the_measure_passes_over_are_told(folder: Path, beir: Path, settings: Settings) -> None:
    leaning = {"kind": "plain", "history": ["Which bridges are there?"]}
    warning = "1 of 1 questions has a history, none is of kind “follow-up”: the follow-up measure has nothing to count"
    assert told(folder, settings, leaning) == [warning]
    assert told(folder, settings, leaning, leaning | {"id": "q2", "kind": "Follow_up"}) == []
    [line] = warnings(load(beir), settings, FakeCorpus)
    assert line.startswith("1 of 7 questions has a history")


def test_judged_articles_that_the_corpus_lacks_are_told(tmp_path: Path, settings: Settings) -> None:
    folder = write_beir(tmp_path / "lacking")
    with (folder / "qrels.tsv").open("a") as rows:
        rows.write("q1\tmill\t1\n")
    assert list(warnings(load(folder), settings, FakeCorpus))[1:] == ["q1: there is no article “mill”"]


def test_dialogues_without_articles_have_nothing_to_check(tmp_path: Path, settings: Settings) -> None:
    row = {"_id": "d1", "text": "And then?", "rewrite": "What came then?", "history": ["Who?", "Ann."]}
    (tmp_path / "queries.jsonl").write_text(json.dumps(row) + "\n")
    assert list(warnings(load(tmp_path), settings, FakeCorpus)) == []
