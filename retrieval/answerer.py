"""A question to a reply: understand, search, extract, judge, cite."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

from retrieval import comparison, confidence, extract, lists, question, rerank, search, selection
from retrieval.archive import Archive
from retrieval.errors import DamagedError, InputError
from retrieval.selection import Choice
from retrieval.settings import Settings
from retrieval.types import (
    Abstention,
    Answer,
    Article,
    Candidate,
    Citation,
    Encoder,
    Filters,
    Hit,
    Passage,
    PassageReader,
    Query,
    Quote,
    Reading,
    Reply,
    Reranker,
    VectorIndex,
    Work,
)  # fmt: skip
from retrieval.weights import Weights

if TYPE_CHECKING:
    import numpy as np

_NEAREST = 3  # articles that a refusal names
_INDEX_AGAIN = "index the article again: `sayso remove` it, then `sayso index` its folder"
_COUNTED = 0.5  # share of the threshold that is enough for a list of the number asked for
_READ_FIRST, _SURE = 2, 2.0  # passages; the margin of the reader, in logits, from which no more are read
_SCANNED = 10  # hits whose sentences are scored where there is no reader
_NEAR_COSINE, _NEAR_SHARE = 0.25, 0.5  # of a passage: how near it is, or what share of the question's terms it has


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers from one archive; stateless but for what it is given, and safe to use from threads."""

    archive: Archive
    encoder: Callable[[], Encoder]
    index: Callable[[], VectorIndex]  # for the archive's present generation
    reranker: Callable[[], Reranker | None]
    reader: Callable[[], PassageReader | None]
    weights: Callable[[], Weights]
    settings: Settings

    def ask(self, text: str, history: Sequence[str], filters: Filters) -> Reply:
        """An answer whose quotes were compared with the archive, or an abstention.

        :raises InputError: the question is empty or too long.
        """
        clock = _Clock()
        asked = question.checked(text, self.settings.answers.max_question_chars)
        resolved = question.resolved(asked, history)
        topic = comparison.topic(resolved or asked)
        sought = comparison.asked_about(topic) if topic else resolved or asked
        vector = self.encoder().encode_questions([sought])[0]
        clock.lap("encode")
        with self.archive.snapshot():
            query = question.understood(sought, self.archive.document_frequency, self.archive.count()[1])
            hits = search.search(query, vector, self.archive, self.index(), self.settings.search, filters)
            clock.lap("search")
            if reranker := self.reranker():
                hits = rerank.reranked(reranker, query.text, hits, self.settings.rerank.passages)
                clock.lap("rerank")
            candidates = self._candidates(query, vector, comparison.in_turn(hits) if topic else hits)
            ranked = extract.quotes(candidates, self.settings.answers)
            clock.lap("extract")
            evidence = confidence.evidence(query, hits, candidates) if candidates else {}
            sure = self.weights().probability(evidence) if evidence else 0.0
            form, choice, needed = self._choice(query, ranked, hits, topic)
            answers = bool(ranked) and sure >= needed
            choice = choice if answers else _nearest(ranked)
            citations = self._all_cited(choice)
            clock.lap("cite")
        work = Work(
            resolved,
            tuple(hits),
            tuple(candidates),
            tuple(ranked),
            evidence,
            needed,
            clock.laps,
        )
        if answers:
            return Answer(text, citations, sure, work, tuple(choice.differences), form)
        return Abstention(text, confidence.reason(query, candidates), citations, sure, work)

    def _candidates(self, query: Query, vector: np.ndarray, hits: Sequence[Hit]) -> list[Candidate]:
        reader = self.reader()
        readings = self._readings(reader, query.text, [hit.passage for hit in hits]) if reader else []
        hits = hits[: len(readings) if reader else _SCANNED]
        sentences = self.archive.sentence_vectors([hit.passage for hit in hits], self.encoder().dimension)
        return extract.ranked_sentences(query, vector, hits, sentences, readings, self.weights().sentence)

    def _readings(self, reader: PassageReader, text: str, passages: Sequence[Passage]) -> list[list[Reading]]:
        """Readings of the first passages, and of the next where none of them answers for sure.

        On the development sets the early end changed no best quote, and it halves the time of most questions.
        """
        most = self.settings.reader.passages
        readings = reader.read(text, passages[: min(_READ_FIRST, most)])
        if any(reading.margin >= _SURE for passage in readings for reading in passage):
            return readings
        return readings + reader.read(text, passages[_READ_FIRST:most])

    def _choice(
        self, query: Query, ranked: Sequence[Quote], hits: Sequence[Hit], topic: str | None
    ) -> tuple[str, Choice, float]:
        """The form that an answer would take, its quotes, and how sure one must be of it: what the form itself shows,
        that articles speak of the topic or that a list has as many items as were asked for, needs no further proof.
        """
        settings = self.settings.answers
        if topic and len(views := comparison.views(query, ranked, settings.quotes)) > 1:
            return "comparison", selection.side_by_side(query, views), 0.0
        if items := lists.collected(query, ranked, self.passages, settings):
            counted = lists.how_many(query.text) != lists.SEVERAL
            return "list", Choice.of(items), settings.threshold * (_COUNTED if counted else 1.0)
        return "quotes", selection.chosen(query, ranked, hits, settings), settings.threshold

    def passages(self, article_id: str) -> list[Passage]:
        """All passages of an article, in order."""
        rows = self.archive.rows(Filters(article=article_id))  # a title may hold the words of an id
        found = [p for p in self.archive.passages(rows).values() if p.article_id == article_id]
        return sorted(found, key=lambda passage: passage.start)

    def _all_cited(self, choice: Choice) -> tuple[Citation, ...]:
        """The quotes to show, numbered from 1, with those that say the same, numbered after them."""
        numbers = count(len(choice.quotes) + 1)
        return tuple(
            self._cited(number, quote, tuple(self._cited(next(numbers), other) for other in repeats))
            for number, (quote, repeats) in enumerate(zip(choice.quotes, choice.repeats, strict=True), start=1)
        )

    def _cited(self, number: int, quote: Quote, also: tuple[Citation, ...] = ()) -> Citation:
        """A citation whose quote stands in the article, letter for letter.

        :raises DamagedError: it does not.
        """
        article = self._article(quote.hit.passage.article_id)
        if article.text[quote.start : quote.end] != quote.text:
            raise DamagedError(
                f"a passage of {article.reference.article_id} is not what its article says",
                _INDEX_AGAIN,
            )
        return Citation(number, article.reference, quote, also)

    def _article(self, article_id: str) -> Article:
        try:
            return self.archive.article(article_id)
        except InputError as error:
            raise DamagedError(f"the index has passages of {article_id} but not the article", _INDEX_AGAIN) from error


def _nearest(ranked: Sequence[Quote]) -> Choice:
    """The best quote of each of the nearest articles; none where all are far from the question."""
    best: dict[str, Quote] = {}
    for quote in ranked:
        if quote.hit.dense >= _NEAR_COSINE or quote.features["passage coverage"] >= _NEAR_SHARE:
            best.setdefault(quote.hit.passage.article_id, quote)
    return Choice.of(list(best.values())[:_NEAREST])


@dataclass(slots=True)
class _Clock:
    """Milliseconds between laps."""

    laps: dict[str, float] = field(default_factory=dict)
    last: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.laps[stage] = round((now - self.last) * 1000, 3)
        self.laps["total"] = round(self.laps.get("total", 0.0) + self.laps[stage], 3)
        self.last = now
