"""Questions with known answers, and the articles that they are asked of."""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, Field

from retrieval.errors import InputError
from retrieval.evaluation.lines import records, text_lines
from retrieval.evaluation.quoting import fold
from retrieval.question import checked
from retrieval.types import Span

QUESTIONS = "questions.jsonl"
FOLLOW_UP = "follow-up"  # the kind of question that leans on those before it, which has a measure of its own


class Located(NamedTuple):
    """A stretch of one article, in characters of its text."""

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
    references: tuple[Located, ...] = ()  # where the answer stands
    relevant: Mapping[str, int] = field(default_factory=dict)  # article id or file stem -> grade above 0
    rewrite: str = ""  # a person's wording of it that stands alone
    dialogue: tuple[str, ...] = ()  # the earlier questions, each with its answer after it
    subject: str = ""  # what the conversation is about, where the dataset says so


@dataclass(frozen=True, slots=True)
class Dataset:
    """Questions over a set of articles, or with rewrites and without any."""

    name: str
    questions: tuple[Question, ...]
    corpus: tuple[Path, ...]  # files to index; none where only the rewriting is judged
    digest: str  # sha256 of questions and judgements
    blank: int = 0  # rows left out, having no question
    file: Path | None = None  # of the questions


def load(path: Path, corpus: Sequence[Path] = ()) -> Dataset:
    """The dataset at ``path``: a folder in BEIR form or with a ``questions.jsonl``, or such a file.

    A folder with nothing but ``queries.jsonl`` holds dialogues with rewrites, as CANARD does.

    :param corpus: files and folders of articles; if none are named, those of the dataset.
    :raises InputError: where something is missing or a record cannot be read.
    """
    if (path / QUESTIONS).is_file():
        path = path / QUESTIONS
    if not path.exists():
        raise InputError(f"there is no dataset at {path}", "name a folder in BEIR form or a questions.jsonl")
    if not path.is_dir():
        return _written(path, corpus)
    bare = not corpus and not any((path / name).exists() for name in ("corpus.jsonl", "qrels.tsv"))
    return _dialogues(path) if bare and (path / "queries.jsonl").exists() else _beir(path, corpus)


def check_askable(dataset: Dataset, longest: int) -> None:
    """Refuses a dataset with a question that the engine would refuse, before the others are asked in vain.

    :param longest: characters of a question that the engine reads
    :raises InputError: one is longer, or has no character that can be printed.
    """
    for question in dataset.questions:
        try:
            checked(question.text, longest)
        except InputError as error:
            raise InputError(
                f"{dataset.file or dataset.name}, question {question.id}: {error}",
                "mend it or leave it out",
            ) from error


class _Written(BaseModel):
    """A line of ``questions.jsonl``; a kind and whether there is an answer follow from each other and the history."""

    id: str = ""
    question: str
    kind: str = ""
    answerable: bool | None = None
    answers: list[str] = []
    articles: list[str] = []
    history: list[str] = []

    def asked(self, number: int) -> Question:
        """The question, which stands in the row of this number."""
        kind = _kind(self.kind)
        answerable = kind != "unanswerable" if self.answerable is None else self.answerable
        default = "unanswerable" if not answerable else FOLLOW_UP if self.history else "plain"
        return Question(
            id=self.id or f"q{number:03}",
            text=self.question,
            kind=kind or default,
            history=tuple(self.history),
            answerable=answerable,
            gold=tuple(answer for answer in self.answers if answer.strip()),
            relevant=dict.fromkeys(self.articles if answerable else (), 1),
        )


def _kind(written: str) -> str:
    """The kind as the measures know it, however it is spelt."""
    return FOLLOW_UP if re.fullmatch(r"follow[ _-]?ups?", written.strip(), re.IGNORECASE) else written


class _Query(BaseModel):
    """A line of ``queries.jsonl`` in BEIR form, with the fields that some datasets add."""

    id: str = Field(alias="_id")
    text: str
    kind: str | None = None
    type: str | None = None
    label: str | None = None
    doc: str | None = None
    answers: list[str] = []
    sentences: list[str] = []
    references: list[tuple[int, int]] = []
    answerable: bool = True
    answerability: Literal["ANSWERABLE", "PARTIAL", "UNANSWERABLE", "UNDERSPECIFIED"] | None = None
    history: list[str] = []
    history_has_answers: bool = True  # conversations alternate question and answer, unless this says otherwise

    @property
    def judged(self) -> bool | None:
        """MTRAG's label where there is one: a partial answer is an answer, what is underspecified is not judged."""
        match self.answerability:
            case None:
                return self.answerable
            case "UNDERSPECIFIED":
                return None
            case label:
                return label != "UNANSWERABLE"


class _Text(BaseModel):
    """A line of ``corpus.jsonl``."""

    id: str = Field(alias="_id")
    text: str


def _written(path: Path, corpus: Sequence[Path]) -> Dataset:
    articles = tuple(_articles(corpus or [path.parent], path))
    if not articles:
        raise InputError(f"there are no articles beside {path}", "name them with --corpus")
    rows = list(enumerate(records(path, _Written), start=1))
    questions = [row.asked(number) for number, row in rows if row.question.strip()]
    blank = len(rows) - len(questions)
    return Dataset(path.resolve().parent.name, _checked(questions, path), articles, _digest([path]), blank, path)


def _beir(folder: Path, corpus: Sequence[Path]) -> Dataset:
    queries, judgements = folder / "queries.jsonl", folder / "qrels.tsv"
    articles = tuple(corpus) or (folder / "corpus.jsonl",)
    for file in (queries, judgements, *articles):
        if not file.exists():
            raise InputError(f"{folder} has no {file.name}", "a dataset has corpus.jsonl, queries.jsonl and qrels.tsv")
        if not file.is_file():
            raise InputError(
                f"{file} is no file", "a dataset in BEIR form has its articles in corpus.jsonl, not a folder"
            )
    relevant = _judgements(judgements)
    wanted = {article for grades in relevant.values() for article in grades}
    texts = {text.id: fold(text.text) for file in articles for text in records(file, _Text) if text.id in wanted}
    questions = [_question(record, relevant.get(record.id, {}), texts) for record in records(queries, _Query)]
    digest = _digest([queries, judgements])
    return Dataset(folder.resolve().name, _checked(questions, queries), articles, digest, file=queries)


class _Dialogue(BaseModel):
    """A line of ``queries.jsonl`` where rewriting is judged."""

    id: str = Field(alias="_id")
    text: str
    rewrite: str
    title: str = ""
    history: list[str] = []  # question, answer, question, answer


def _dialogues(folder: Path) -> Dataset:
    queries = folder / "queries.jsonl"
    questions = [
        Question(
            id=record.id,
            text=record.text,
            kind=FOLLOW_UP if record.history else "first",
            history=tuple(record.history[::2]),
            answerable=None,
            rewrite=record.rewrite,
            dialogue=tuple(record.history),
            subject=record.title,
        )
        for record in records(queries, _Dialogue)
    ]
    return Dataset(folder.resolve().name, _checked(questions, queries), (), _digest([queries]), file=queries)


def _question(record: _Query, relevant: Mapping[str, int], texts: Mapping[str, str]) -> Question:
    """Answers that do not stand in a relevant article, being in free words, give way to the sentences marked in it."""
    written = [texts[article] for article in relevant if article in texts]
    verbatim = (
        tuple(answer for answer in answers if answer.strip() and any(fold(answer) in text for text in written))
        for answers in (record.answers, record.sentences)
    )
    kind = record.kind or record.type or record.label or record.answerability
    return Question(
        id=record.id,
        text=record.text,
        kind=_kind((kind or ("answerable" if record.judged else "unanswerable")).lower()),
        history=tuple(record.history[::2] if record.history_has_answers else record.history),
        answerable=record.judged,
        gold=next((answers for answers in verbatim if answers), ()),
        references=tuple(Located(record.doc, Span(*span)) for span in record.references) if record.doc else (),
        relevant=relevant,
    )


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    """Question id -> article id -> grade, of grades above 0."""
    relevant: dict[str, dict[str, int]] = {}
    for row in csv.DictReader(text_lines(path), delimiter="\t", quoting=csv.QUOTE_NONE):
        try:
            question, article, grade = row["query-id"], row["corpus-id"], int(row["score"])
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{path} is not a table of judgements", "its columns are query-id, corpus-id, score"
            ) from error
        if grade > 0:
            relevant.setdefault(question, {})[article] = grade
    return relevant


def _articles(paths: Sequence[Path], questions: Path) -> Iterator[Path]:
    """The files, and those in the folders, hidden ones and the questions themselves excepted."""
    for path in paths:
        if path.is_file():
            yield path
        elif not path.is_dir():
            raise InputError(f"there are no articles at {path}", "check --corpus")
        for file in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if file.is_file() and file.resolve() != questions.resolve() and not hidden:
                yield file


def _checked(questions: Sequence[Question], path: Path) -> tuple[Question, ...]:
    if not questions:
        raise InputError(f"{path} holds no question", "a record with an empty question does not count")
    if twice := [id for id, count in Counter(question.id for question in questions).items() if count > 1]:
        raise InputError(f"two questions of {path} have one id: {twice[0]}", "give each its own, or none")
    return tuple(questions)


def _digest(files: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
