"""Mistakes in a set of questions, which otherwise would only show as a bad score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from textwrap import shorten

from retrieval.evaluation.datasets import FOLLOW_UP, Dataset, Question, check_askable
from retrieval.evaluation.indexes import Corpus, Open, prepared
from retrieval.evaluation.outcomes import is_judged
from retrieval.evaluation.quoting import fold
from retrieval.evaluation.runs import resolved_questions
from retrieval.protocols import Progress
from retrieval.settings import Settings
from retrieval.types import Filters

_TOLD = 3  # mistakes of one sort, before the others are only counted
_LONGEST = 60  # characters of an answer


def warnings(dataset: Dataset, settings: Settings, open: Open, progress: Progress | None = None) -> Iterator[str]:
    """A line for each mistake, and the number of those left out; the index is made where there is none.

    Answers are sought in the articles as quotes are judged: without regard to case and white space.
    """
    if dataset.corpus:
        check_askable(dataset, settings.answers.max_question_chars)
    if dataset.blank:
        yield f"{dataset.blank} of {dataset.blank + len(dataset.questions)} rows left out: no question"
    yield from _passed_over(dataset.questions)
    yield from _few([*_contradictions(dataset.questions)])
    yield from _few([*_endless(dataset.questions, settings.answers.max_question_chars)])
    if dataset.corpus:
        with open(prepared(settings, dataset.corpus, open, progress)) as corpus:
            references = corpus.articles(Filters())
            questions = list(resolved_questions(dataset.questions, references))
            ids = [reference.article_id for reference in references]
            yield from _few([*_unknown_articles(questions, ids)])
            yield from _few([*_unknown_answers(questions, ids, corpus)])


def _few(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_TOLD]
    if len(lines) > _TOLD:
        yield f"{len(lines) - _TOLD} more like the last"


def _passed_over(questions: Sequence[Question]) -> Iterator[str]:
    """Where some are of that kind, whoever wrote them has told the two apart."""
    leaning = sum(bool(question.history) for question in questions)
    if leaning and not any(question.kind == FOLLOW_UP for question in questions):
        has = "has" if leaning == 1 else "have"
        yield (
            f"{leaning} of {len(questions)} questions {has} a history, none is of kind “{FOLLOW_UP}”:"
            " the follow-up measure has nothing to count"
        )


def _contradictions(questions: Sequence[Question]) -> Iterator[str]:
    for question in questions:
        if question.answerable is False and question.gold:
            yield f"{question.id}: has answers, though it is not answerable"
        if question.answerable and question.kind.lower() == "unanswerable":
            yield f"{question.id}: is of kind “unanswerable”, though it is answerable"
        if question.answerable and not is_judged(question):
            yield f"{question.id}: names neither answers nor articles; it counts neither as right nor wrong"
        if question.kind == FOLLOW_UP and not question.history:
            yield f"{question.id}: is a follow-up without a history"


def _endless(questions: Sequence[Question], longest: int) -> Iterator[str]:
    """Nobody can have asked so long a question; the engine reads its end only."""
    for question in questions:
        if (chars := max(map(len, question.history), default=0)) > longest:
            yield f"{question.id}: an earlier question has {chars:,} characters, more than {longest:,}"


def _unknown_articles(questions: Sequence[Question], ids: Sequence[str]) -> Iterator[str]:
    known = set(ids)
    for question in questions:
        named = dict.fromkeys([*question.relevant, *(located.article for located in question.references)])
        yield from (f"{question.id}: there is no article “{name}”" for name in named if name not in known)


def _unknown_answers(questions: Sequence[Question], ids: Sequence[str], corpus: Corpus) -> Iterator[str]:
    """The articles named are looked at first, and all others only where that is in vain."""
    known = set(ids)

    @cache
    def text(article: str) -> str:
        return fold(corpus.article(article).text)

    for question in questions:
        places = [*(name for name in question.relevant if name in known), *ids]
        for answer in question.gold if question.answerable else ():
            folded = fold(answer)
            if not any(folded in text(place) for place in places):
                yield f"{question.id}: no article holds the answer “{shorten(answer, _LONGEST, placeholder='…')}”"
