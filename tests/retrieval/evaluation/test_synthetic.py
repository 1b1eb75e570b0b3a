from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.evaluation.synthetic import synthetic

WORDS = ["the", "of", "river", "stone", "market", "quiet", "window", "letter", "garden", "winter", "iron", "salt"]


@settings(deadline=None, max_examples=10)
@given(st.integers(1, 200))
def test_there_are_as_many_passages_as_wanted_and_each_answer_stands_in_one(passages: int) -> None:
    made = synthetic(WORDS, passages)
    assert passages <= len(made.texts) < passages + 10
    assert made.planted
    for question, answer in made.planted:
        place = question.removeprefix("When was the ").removesuffix(" opened?")
        assert [f"The {place} was opened in {answer}." in text for text in made.texts].count(True) == 1


def test_the_same_arguments_give_the_same_articles() -> None:
    assert synthetic(WORDS, 30) == synthetic(WORDS, 30)


def test_early_words_are_the_frequent_ones() -> None:
    counts = Counter(word for text in synthetic(WORDS, 100).texts for word in text.lower().replace(".", "").split())
    assert counts["the"] > counts["stone"] > counts["salt"]


def test_the_corpus_file_holds_the_articles(tmp_path: Path) -> None:
    made = synthetic(WORDS, 20)
    made.write(tmp_path / "articles.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "articles.jsonl").read_text().splitlines()]
    assert [(line["title"], tuple(line["text"].split("\n\n"))) for line in lines] == list(made.articles)
