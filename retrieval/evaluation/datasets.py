"""Questions with known answers, and the articles that they are asked of."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from retrieval.errors import InputError
from retrieval.types import Span

QUESTIONS = "questions.jsonl"


class Passage(NamedTuple):
    """A stretch of one article that holds (part of) the answer, in characters."""

    article: str
    span: Span


@dataclass(frozen=True, slots=True)
class Question:
    """One question and what is known of its answer.

    ``gold`` are wordings of the answer, any of which will do, that stand in the
    articles word for word; empty where the dataset's answers are in free words.
    ``answerable`` is ``None`` where the dataset does not judge it.
    """

    id: str
    text: str
    kind: str
    history: tuple[str, ...] = ()  # the earlier questions, without their answers
    answerable: bool | None = True
    gold: tuple[str, ...] = ()
    references: tuple[Passage, ...] = ()
    relevant: Mapping[str, int] = field(default_factory=dict)  # name of an article -> grade > 0


@dataclass(frozen=True, slots=True)
class Dataset:
    """Questions over a set of article files."""

    name: str
    questions: tuple[Question, ...]
    corpus: tuple[Path, ...]  # files and folders to index
    digest: str  # sha256 of questions and judgements


def load(path: Path, corpus: Sequence[Path] = ()) -> Dataset:
    """The dataset at ``path``: a folder in BEIR form or with ``questions.jsonl``, or such a file.

    :param corpus: the articles; if none are named, those of the folder.
    :raises InputError: where something is missing or a record cannot be read.
    """
    if (path / QUESTIONS).is_file():
        path = path / QUESTIONS
    if path.is_file():
        return _from_questions(path, corpus)
    if not path.is_dir():
        raise InputError(f"there is no dataset at {path}", "name a folder in BEIR form or a questions.jsonl")
    return _from_beir(path, corpus)


def fold(text: str) -> str:
    """``text`` as answers are compared: case folded, each run of white space one blank."""
    return " ".join(text.casefold().split())


def contains(text: str, answers: Sequence[str]) -> bool:
    """Whether one of the answers stands in the text, ignoring case and white space."""
    folded = fold(text)
    return any(fold(answer) in folded for answer in answers if answer.strip())


def _from_questions(path: Path, corpus: Sequence[Path]) -> Dataset:
    beside = [file for file in sorted(path.parent.rglob("*")) if file.is_file() and file != path and not _hidden(file, path)]
    articles = tuple(corpus) or tuple(beside)
    if not articles:
        raise InputError(f"there are no articles beside {path}", "name them with --corpus")
    records = [record for record in _records(path) if _text(record, "question", path).strip()]
    questions = tuple(
        Question(
            id=_text(record, "id", path),
            text=_text(record, "question", path),
            kind=str(record.get("kind") or "plain"),
            history=tuple(record.get("history", ())),
            answerable=record.get("answerable", True),
            gold=tuple(record.get("answers", ())),
            relevant={name: 1 for name in record.get("articles", ())},
        )
        for record in records
    )
    return Dataset(path.resolve().parent.name, _distinct(questions, path), articles, _digest([path]))


def _from_beir(folder: Path, corpus: Sequence[Path]) -> Dataset:
    queries, judgements = folder / "queries.jsonl", folder / "qrels.tsv"
    articles = tuple(corpus) or (folder / "corpus.jsonl",)
    for file in (queries, judgements, *articles):
        if not file.exists():
            raise InputError(f"{folder} has no {file.name}", "a dataset has corpus.jsonl, queries.jsonl and qrels.tsv")
    relevant = _judgements(judgements)
    wanted = {name for grades in relevant.values() for name in grades}
    texts = {name: text for file in articles for name, text in _texts(file) if name in wanted}
    questions = tuple(
        _question(record, relevant.get(_text(record, "_id", queries), {}), texts, queries) for record in _records(queries)
    )
    return Dataset(folder.resolve().name, _distinct(questions, queries), articles, _digest([queries, judgements]))


def _question(record: dict[str, Any], relevant: Mapping[str, int], texts: Mapping[str, str], path: Path) -> Question:
    """A question of a BEIR folder; answers in free words give way to the sentences marked in the article."""
    answerable = _answerable(record)
    written = [fold(texts[name]) for name in relevant if name in texts]
    candidates = (record.get("answers", []), record.get("sentences", []))
    verbatim = (tuple(a for a in answers if a.strip() and any(fold(a) in text for text in written)) for answers in candidates)
    history = record.get("history", [])
    kind = record.get("kind") or record.get("type") or record.get("label") or record.get("answerability")
    return Question(
        id=record["_id"],
        text=_text(record, "text", path),
        kind=str(kind or ("unanswerable" if answerable is False else "answerable")).lower(),
        # conversations alternate question and answer, unless the record says otherwise
        history=tuple(history if record.get("history_has_answers") is False else history[::2]),
        answerable=answerable,
        gold=next((answers for answers in verbatim if answers), ()),
        references=tuple(Passage(record["doc"], Span(start, end)) for start, end in record.get("references", [])),
        relevant=relevant,
    )


def _answerable(record: Mapping[str, Any]) -> bool | None:
    """MTRAG's four-way label where there is one: a partial answer is an answer, an underspecified question is not judged."""
    labels = {"ANSWERABLE": True, "PARTIAL": True, "UNANSWERABLE": False, "UNDERSPECIFIED": None}
    label = record.get("answerability")
    return labels[label] if label in labels else bool(record.get("answerable", True))


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    """Question id -> article id -> grade, of grades above 0."""
    relevant: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            try:
                question, article, grade = row["query-id"], row["corpus-id"], int(row["score"])
            except (KeyError, TypeError, ValueError) as error:
                raise InputError(f"{path} is not a table of judgements", "its columns are query-id, corpus-id, score") from error
            if grade > 0:
                relevant.setdefault(question, {})[article] = grade
    return relevant


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    """Id and text of each article of a JSONL file."""
    for record in _records(path):
        yield str(record.get("_id", record.get("id", ""))), _text(record, "text", path)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                raise InputError(f"{path}, line {number} is not JSON: {error.msg}", "mend the line or leave it out") from error
            if not isinstance(record, dict):
                raise InputError(f"{path}, line {number} is not an object", "each line is one {…} record")
            yield record


def _text(record: Mapping[str, Any], key: str, path: Path) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise InputError(f"a record of {path} has no text in {key!r}: {json.dumps(record)[:80]}", f"each record needs {key!r}")
    return value


def _distinct(questions: tuple[Question, ...], path: Path) -> tuple[Question, ...]:
    if not questions:
        raise InputError(f"{path} holds no question", "a record with an empty question does not count")
    if len({question.id for question in questions}) < len(questions):
        raise InputError(f"two questions of {path} have one id", "give each its own")
    return questions


def _hidden(file: Path, questions: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(questions.parent).parts)


def _digest(files: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
