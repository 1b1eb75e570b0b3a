from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from retrieval.errors import InputError
from retrieval.evaluation.datasets import Dataset, Question, check_askable, load

CORPUS = {"_id": "d1", "title": "Mills", "text": "The mill  was sold\nin 1901. Nobody knows who bought it."}


def beir(folder: Path, *queries: dict[str, object], qrels: str = "q1\td1\t1\n") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "corpus.jsonl").write_text(json.dumps(CORPUS) + "\n")
    (folder / "queries.jsonl").write_text(
        "".join(json.dumps({"_id": "q1", "text": "When?"} | q) + "\n" for q in queries)
    )
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + qrels)
    return folder


def first(dataset: Dataset) -> Question:
    return dataset.questions[0]


def test_a_folder_of_articles_and_questions(folder: Path) -> None:
    dataset = load(folder)
    assert dataset.name == "lake"
    assert [file.name for file in dataset.corpus] == ["bridge.txt", "ferry.txt", "orchard.txt"]
    assert dataset.questions[4].history == ("Who is captain?",)
    assert dataset.questions[5].answerable is False
    assert dataset.questions[0].relevant == {"bridge": 1}
    assert load(folder / "questions.jsonl") == dataset


def test_articles_may_lie_elsewhere(folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet" / "mine.jsonl"
    sheet.parent.mkdir()
    (folder / "questions.jsonl").rename(sheet)
    with pytest.raises(InputError, match="no articles beside"):
        load(sheet)
    assert load(sheet, [folder / "bridge.txt"]).corpus == (folder / "bridge.txt",)
    assert [file.name for file in load(sheet, [folder]).corpus] == ["bridge.txt", "ferry.txt", "orchard.txt"]
    with pytest.raises(InputError, match="no articles at"):
        load(sheet, [tmp_path / "nowhere"])


def test_hidden_files_are_no_articles(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("x")
    assert len(load(folder).corpus) == 3


def test_an_unanswerable_question_has_no_relevant_article(folder: Path) -> None:
    line = {"id": "x", "question": "Who?", "answerable": False, "articles": ["bridge"]}
    (folder / "questions.jsonl").write_text(json.dumps(line) + "\n")
    assert first(load(folder)).relevant == {}


def test_an_empty_question_of_a_worksheet_does_not_count(folder: Path) -> None:
    with (folder / "questions.jsonl").open("a") as lines:
        lines.write(json.dumps({"id": "later", "question": " ", "passage": "…"}) + "\n")
    dataset = load(folder)
    assert len(dataset.questions) == 7
    assert dataset.blank == 1


def test_a_row_without_an_id_has_its_number(folder: Path) -> None:
    rows: list[dict[str, object]] = [{"question": ""}, {"question": "Why?"}, {"id": "own", "question": "Who?"}]
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [question.id for question in load(folder).questions] == ["q002", "own"]


@pytest.mark.parametrize(
    ("row", "kind", "answerable"),
    [
        ({}, "plain", True),
        ({"answerable": False}, "unanswerable", False),
        ({"kind": "unanswerable"}, "unanswerable", False),
        ({"kind": "trick", "answerable": False}, "trick", False),
        ({"history": ["Who?"]}, "follow-up", True),
        ({"history": ["Who?"], "kind": "date"}, "date", True),
        ({"kind": "followup"}, "follow-up", True),
        ({"kind": "Follow_Up"}, "follow-up", True),
    ],
)
def test_what_a_row_leaves_out_follows_from_the_rest(
    folder: Path, row: dict[str, object], kind: str, answerable: bool
) -> None:
    (folder / "questions.jsonl").write_text(json.dumps({"id": "x", "question": "When?"} | row) + "\n")
    question = first(load(folder))
    assert (question.kind, question.answerable) == (kind, answerable)


def test_answers_in_free_words_give_way_to_the_sentences_of_the_article(tmp_path: Path) -> None:
    verbatim = beir(
        tmp_path / "a", {"answers": ["In 1901", "a century ago"], "sentences": ["The mill was sold in 1901."]}
    )
    assert first(load(verbatim)).gold == ("In 1901",)
    free = beir(tmp_path / "b", {"answers": ["a century ago"], "sentences": ["The mill was sold in 1901."]})
    assert first(load(free)).gold == ("The mill was sold in 1901.",)
    neither = beir(tmp_path / "c", {"answers": ["a century ago"]})
    assert first(load(neither)).gold == ()


@pytest.mark.parametrize(
    ("label", "judged"),
    [("ANSWERABLE", True), ("PARTIAL", True), ("UNANSWERABLE", False), ("UNDERSPECIFIED", None)],
)
def test_answerability_goes_before_answerable(tmp_path: Path, label: str, judged: bool | None) -> None:
    dataset = load(beir(tmp_path / "d", {"answerable": False, "answerability": label}))
    assert first(dataset).answerable is judged


def test_answers_are_dropped_from_a_history_that_has_them(tmp_path: Path) -> None:
    history = ["Who?", "Ann.", "Where?", "At Fell."]
    assert first(load(beir(tmp_path / "a", {"history": history}))).history == ("Who?", "Where?")
    plain = beir(tmp_path / "b", {"history": ["Who?", "Where?"], "history_has_answers": False})
    assert first(load(plain)).history == ("Who?", "Where?")


def test_a_grade_of_zero_is_not_relevant(tmp_path: Path) -> None:
    assert first(load(beir(tmp_path / "d", {}, qrels="q1\td1\t0\nq1\td2\t2\n"))).relevant == {"d2": 2}


def test_references_are_located_in_their_article(tmp_path: Path) -> None:
    located = first(load(beir(tmp_path / "d", {"doc": "d1", "references": [[4, 8]]}))).references
    assert [(article, tuple(span)) for article, span in located] == [("d1", (4, 8))]


def test_what_cannot_be_used_is_told_with_its_place(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no dataset"):
        load(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"no queries\.jsonl"):
        load(tmp_path)
    questions = folder / "questions.jsonl"
    for line, complaint in [
        ("{", r"line 2: .*JSON"),
        ("[1]", "line 2: .*object"),
        ('{"id": "z", "question": "Who?", "answers": "Ann"}', "line 2: answers: .*array"),
        ('{"id": "z"}', "line 2: question: "),
    ]:
        questions.write_text('{"id": "a", "question": "Why?"}\n' + line + "\n")
        with pytest.raises(InputError, match=complaint):
            load(folder)
    questions.write_text('{"id": "a", "question": "Why?"}\n' * 2)
    with pytest.raises(InputError, match="have one id: a"):
        load(folder)
    questions.write_text("\n")
    with pytest.raises(InputError, match="holds no question"):
        load(folder)


def test_judgements_that_are_no_table_are_refused(tmp_path: Path) -> None:
    folder = beir(tmp_path / "d", {}, qrels="q1\td1\tmuch\n")
    with pytest.raises(InputError, match="not a table of judgements"):
        load(folder)


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_line_that_is_not_utf_8_is_named(name: str, tmp_path: Path) -> None:
    folder = beir(tmp_path / "set", {})
    lines = len((folder / name).read_bytes().splitlines())
    with (folder / name).open("ab") as file:
        file.write(b"caf\xe9\n")
    with pytest.raises(InputError, match=rf"{name}, line {lines + 1}: not UTF-8"):
        load(folder)


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path) -> None:
    folder = beir(tmp_path / "set", {})
    with pytest.raises(InputError, match="is no file"):
        load(folder, [tmp_path])


@pytest.mark.parametrize(("text", "complaint"), [("why " * 30, "120 characters"), ("\u200b", "empty")])
def test_a_question_that_the_engine_would_refuse_is_named(text: str, complaint: str, tmp_path: Path) -> None:
    dataset = load(beir(tmp_path / "set", {}, {"_id": "q2", "text": text}))
    with pytest.raises(InputError, match=f"queries.jsonl, question q2: .*{complaint}") as refused:
        check_askable(dataset, 100)
    assert refused.value.hint == "mend it or leave it out"
    check_askable(dataclasses.replace(dataset, questions=dataset.questions[:1]), 100)
