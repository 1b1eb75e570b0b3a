from __future__ import annotations

import json
from pathlib import Path

import pytest

from retrieval.evaluation.datasets import load
from retrieval.evaluation.worksheet import worksheet
from retrieval.settings import Settings
from tests.retrieval.evaluation.fakes import FakeCorpus


@pytest.fixture
def corpus(tmp_path: Path) -> FakeCorpus:
    for name in "abc":
        paragraphs = [f"Paragraph {number} of article {name}. " + "It goes on and on. " * 8 for number in range(4)]
        (tmp_path / f"{name}.txt").write_text("\n".join([*paragraphs, "Too short."]))
    corpus = FakeCorpus(Settings(data_dir=tmp_path / "data"))
    corpus.index(sorted(tmp_path.glob("*.txt")))
    return corpus


def test_passages_are_spread_over_the_articles(corpus: FakeCorpus) -> None:
    records = [json.loads(line) for line in worksheet(corpus, 6).splitlines()]
    assert sorted(record["articles"][0] for record in records[:3]) == ["file:a", "file:b", "file:c"]
    assert len({record["passage"] for record in records}) == len({record["id"] for record in records}) == 6
    for record in records:
        assert record["passage"] in corpus.article(record["articles"][0]).text
        assert record["question"] == ""
        assert record["answers"] == []


def test_some_records_are_for_questions_without_an_answer(corpus: FakeCorpus) -> None:
    records = [json.loads(line) for line in worksheet(corpus, 8).splitlines()]
    assert [record["answerable"] for record in records].count(False) == 2


def test_the_sheet_is_the_same_every_time_and_no_longer_than_the_corpus(corpus: FakeCorpus) -> None:
    assert worksheet(corpus, 5) == worksheet(corpus, 5)
    assert len(worksheet(corpus, 500).splitlines()) == 12


def test_a_filled_sheet_is_a_dataset(corpus: FakeCorpus, tmp_path: Path) -> None:
    records = [json.loads(line) for line in worksheet(corpus, 5).splitlines()]
    records[2] |= {"question": "What goes on?", "answers": ["It goes on"]}
    sheet = tmp_path / "sheet.jsonl"
    sheet.write_text("".join(json.dumps(record) + "\n" for record in records))
    [question] = load(sheet, [tmp_path / "a.txt"]).questions
    assert question.gold == ("It goes on",)
    assert list(question.relevant) == records[2]["articles"]
