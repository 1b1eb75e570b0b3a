from __future__ import annotations

import json
from pathlib import Path

import pytest

from retrieval.errors import InputError
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
    bare = [record for record in records if not record["answerable"]]
    assert [record["kind"] for record in bare] == ["unanswerable"] * 2
    assert all("articles do NOT; no answers" in record["wanted"] for record in bare)
    assert all("that the passage answers" in record["wanted"] for record in records if record not in bare)


def test_articles_without_a_paragraph_worth_a_question_are_told(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Too short.")
    corpus = FakeCorpus(Settings(data_dir=tmp_path / "data"))
    corpus.index([tmp_path / "note.txt"])
    with pytest.raises(InputError, match="no article has a paragraph of 120 characters"):
        worksheet(corpus, 3)


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
