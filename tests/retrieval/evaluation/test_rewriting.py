from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from retrieval.errors import InputError
from retrieval.evaluation.datasets import Question, load
from retrieval.evaluation.quoting import rewrite_f1
from retrieval.evaluation.rewriting import rewritten
from retrieval.evaluation.runs import read, run, save, summary
from retrieval.settings import Settings

FIRST = {"_id": "a", "text": "Where was he born?", "rewrite": "Where was Tom Reed born?", "title": "Tom Reed (captain)"}
LATER = {
    "_id": "b", "text": "When did he leave it?", "rewrite": "When did Tom Reed leave Lamp of Tarn?",
    "title": "Tom Reed",
    "history": ["Which ferry did he sail?", "Lamp of Tarn"],
}  # fmt: skip
UNANSWERED = {
    "_id": "c",
    "text": "Why?",
    "rewrite": "Why did Tom Reed sail?",
    "history": ["Did he sail?", "I don't know."],
}


def dialogues(folder: Path, *records: dict[str, object]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "queries.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "rewrite", "score"),
    [
        ("Who sank it?", "who sank IT", 1.0),
        ("Who sank it?", "Who sank the ferry?", 4 / 7),
        ("it it", "it", 2 / 3),
        ("Who?", "Why?", 0.0),
        ("", "Why?", 0.0),
    ],
)
def test_a_rewrite_is_measured_by_the_words_it_shares(text: str, rewrite: str, score: float) -> None:
    assert rewrite_f1(text, rewrite) == pytest.approx(score)


def test_a_folder_of_dialogues_needs_no_articles(tmp_path: Path) -> None:
    dataset = load(dialogues(tmp_path / "talks", FIRST, LATER))
    assert dataset.corpus == ()
    assert [(q.kind, q.history, q.answerable) for q in dataset.questions] == [
        ("first", (), None),
        ("follow-up", ("Which ferry did he sail?",), None),
    ]


def test_half_a_dataset_of_articles_is_none_of_dialogues(tmp_path: Path) -> None:
    folder = dialogues(tmp_path / "talks", FIRST)
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"has no corpus\.jsonl"):
        load(folder)


def test_the_subject_is_known_and_an_answer_i_dont_know_is_none(tmp_path: Path) -> None:
    _, later, unanswered = load(dialogues(tmp_path / "talks", FIRST, LATER, UNANSWERED)).questions
    assert rewritten(later).resolved == "When did Tom Reed leave Lamp of Tarn?"
    assert rewritten(later).values["rewrite F1"] == 1.0
    assert rewritten(unanswered).resolved == "Why did he sail?"


def test_a_first_turn_is_kept_and_not_measured(tmp_path: Path) -> None:
    made = rewritten(load(dialogues(tmp_path / "talks", FIRST)).questions[0])
    assert made.resolved is None
    assert "rewrite F1" not in made.values


def test_a_run_of_dialogues_opens_no_index_and_is_kept_like_any_other(tmp_path: Path) -> None:
    def opened(settings: Settings) -> nullcontext[None]:
        raise AssertionError("there is nothing to index")

    dataset = load(dialogues(tmp_path / "talks", FIRST, LATER))
    made = run(dataset, Settings(data_dir=tmp_path), opened)  # type: ignore[arg-type]
    save(made, tmp_path / "run")
    assert read(tmp_path / "run") == made
    found = summary(made.outcomes)
    assert found["rewrite F1"].value == 1.0
    assert set(found) == {"rewrite F1", "time"}


def test_a_question_without_a_subject_leans_on_its_dialogue_alone() -> None:
    question = Question(
        "q",
        "When did she leave?",
        "follow-up",
        ("Who is Ada Quill?",),
        None,
        rewrite="x",
        dialogue=("Who is Ada Quill?", "An engineer."),
    )
    assert rewritten(question).resolved == "When did Ada Quill leave?"
