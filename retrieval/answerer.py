"""A question to a reply: understand, search, extract, judge, cite."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from retrieval import (
    citing,
    comparison,
    confidence,
    continuity,
    extract,
    hearing,
    lists,
    question,
    rerank,
    search,
    selection,
    timing,
)
from retrieval.dialogue import Dialogue, Understood
from retrieval.followup.turns import Memory
from retrieval.hearing import EVERYBODY, Hearing, OwnWords, Quoted
from retrieval.protocols import Encoder, PassageReader, Reranker, VectorIndex
from retrieval.selection import Choice
from retrieval.settings import Settings
from retrieval.speakers import Speakers
from retrieval.store.archive import Archive
from retrieval.texts import language
from retrieval.types import (
    Abstention,
    Answer,
    Candidate,
    Filters,
    Hit,
    Passage,
    Query,
    Quote,
    Reading,
    Reply,
    Work,
)
from retrieval.vocabulary import Vocabulary
from retrieval.weights import Weights

_NEAREST = 3  # articles that a refusal names
_COUNTED = 0.5  # share of the threshold that is enough for a list of the number asked for
_READ_FIRST, _SURE = 2, 2.0  # passages; the margin of the reader, in logits, from which no more are read
_SCANNED = 10  # hits whose sentences are scored where there is no reader
_NEAR_COSINE, _NEAR_SHARE = 0.25, 0.5  # of a passage: how near it is, or what share of the question's terms it has


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers from one archive; stateless but for what it is given and remembers, and safe to use from threads."""

    archive: Archive
    encoder: Callable[[], Encoder]
    index: Callable[[], VectorIndex]  # for the archive's present generation
    reranker: Callable[[], Reranker | None]
    reader: Callable[[], PassageReader | None]
    weights: Callable[[], Weights]
    settings: Settings
    vocabulary: Vocabulary
    speakers: Speakers
    memory: Memory = field(default_factory=Memory)

    def ask(self, text: str, history: Sequence[str], filters: Filters) -> Reply:
        """An answer whose quotes were compared with the archive, or an abstention.

        :param history: the earlier questions, oldest first; for a follow-up they are answered, if they were not before
        :raises InputError: the question is empty or too long.
        """
        clock = _Clock()
        asked = question.checked(text, self.settings.answers.max_question_chars)
        dialogue = Dialogue(self._again, self.archive.generation, self.memory)
        within = dialogue.resolved(asked, history, filters) if history else None
        if history:
            clock.lap("resolve")
        meant = within or Understood.alone(asked)
        reply = self._reply(text, meant, filters, clock)
        dialogue.keep(meant, filters, reply)
        return reply

    def passages(self, article_id: str) -> list[Passage]:
        """All passages of an article, in order."""
        rows = self.archive.rows(Filters(article=article_id))  # a title may hold the words of an id
        found = [p for p in self.archive.passages(rows).values() if p.article_id == article_id]
        return sorted(found, key=lambda passage: passage.start)

    def _again(self, question: Understood, filters: Filters) -> Reply:
        return self._reply(question.asked, question, filters, _Clock())

    def _reply(self, text: str, meant: Understood, filters: Filters, clock: _Clock) -> Reply:
        said = self.speakers.asked_for(meant.text)
        clock.lap("understand")
        if said is None:
            return self._found(text, meant, filters, clock)
        if not said.speaker.articles:
            least, spent = self.settings.answers.threshold, clock.laps
            work = Work(meant.resolved, threshold=least, timings_ms=spent, speaker=said.speaker)
            return Abstention(text, hearing.unheard(said), (), 0.0, work)
        reply = self._found(text, Understood.alone(said.speaker.question), filters, clock, OwnWords(said))
        if said.called:
            reply = hearing.better(reply, self._found(text, meant, filters, clock, Quoted(said)))
        return replace(reply, work=replace(reply.work, resolved_question=meant.resolved, speaker=said.speaker))

    def _found(
        self, text: str, meant: Understood, filters: Filters, clock: _Clock, heard: Hearing = EVERYBODY
    ) -> Reply:
        topic = comparison.topic(meant.text)
        sought = comparison.asked_about(topic) if topic else meant.text
        vector, ranking = self._vectors(meant.asked, sought)
        clock.lap("encode")
        with self.archive.snapshot():
            query = question.understood(
                sought, self.archive.words.document_frequency, self.archive.count()[1], self.vocabulary.spelled
            )
            found = self._hits(query, vector, ranking, heard.filters(filters), meant.article_id, clock)
            hits = heard.hits(found)
            read = self._candidates(query, vector, comparison.in_turn(hits) if topic else hits)
            candidates = continuity.going_on(heard.sentences(read), query, meant.asked, meant.said)
            ranked = extract.quotes(heard.ranked(query, candidates), self.settings.answers)
            clock.lap("extract")
            weighed = [*candidates, *heard.reported(read)]
            evidence = confidence.evidence(query, hits, weighed) if candidates else {}
            sure = self.weights().probability(evidence) if evidence else 0.0
            form, choice, needed = self._choice(query, ranked, heard.witnesses(hits), topic)
            needed *= heard.proof(query, ranked)
            answers = bool(ranked) and sure >= needed
            citations = citing.cited(self.archive, choice if answers else _nearest(ranked))
            clock.lap("cite")
        work = Work(
            meant.resolved, tuple(hits), tuple(candidates), tuple(ranked), evidence, needed, clock.laps
        )  # fmt: skip
        if answers:
            return Answer(text, citations, sure, work, tuple(choice.differences), form)
        foreign = language.refusal(query, self.settings.encoder)
        reason = foreign or heard.silence() or confidence.reason(query, candidates)
        return Abstention(text, reason, () if foreign else citations, sure, work)

    def _vectors(self, asked: str, sought: str) -> tuple[np.ndarray, np.ndarray]:
        """The question as it is understood, and the direction in which passages are ranked, as unit vectors.

        What was put into a follow-up may be beside the point; what was asked is not. So the ranking leans to the
        question as it was asked by the share of what was understood that it says itself: "why?" says nothing.
        """
        if sought == asked:
            vector = self.encoder().encode_questions([asked])[0]
            return vector, vector
        own, whole = self.encoder().encode_questions([asked, sought])
        middle = whole + question.share_said(asked, sought) * own
        return whole, middle / max(float(np.linalg.norm(middle)), 1e-12)

    def _hits(
        self, query: Query, vector: np.ndarray, ranking: np.ndarray, filters: Filters, near: str, clock: _Clock
    ) -> list[Hit]:
        hits = search.search(query, vector, self.archive, self.index(), self.settings.search, filters, ranking, near)
        clock.lap("search")
        if reranker := self.reranker():
            hits = rerank.reranked(reranker, query.text, hits, self.settings.rerank.passages)
            clock.lap("rerank")
        return hits

    def _candidates(self, query: Query, vector: np.ndarray, hits: Sequence[Hit]) -> list[Candidate]:
        reader = self.reader()
        readings = self._readings(reader, query.text, [hit.passage for hit in hits]) if reader else []
        hits = hits[: len(readings) if reader else _SCANNED]
        sentences = self.archive.sentence_vectors([hit.passage for hit in hits], self.encoder().dimension)
        ranked = extract.ranked_sentences(query, vector, hits, sentences, readings, self.weights().sentence)
        return timing.timely(ranked, query.period)

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
        spent = (now - self.last) * 1000
        for name in (stage, "total"):
            self.laps[name] = round(self.laps.get(name, 0.0) + spent, 3)
        self.last = now
