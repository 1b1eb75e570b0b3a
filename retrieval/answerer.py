"""A question to a reply: understand, search, extract, judge, cite."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from retrieval import confidence, extract, language, question, search
from retrieval.archive import Archive
from retrieval.errors import DamagedError, InputError
from retrieval.followup.turns import Memory, Turn
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
    PassageReader,
    Query,
    Quote,
    Reply,
    VectorIndex,
    Work,
)  # fmt: skip
from retrieval.weights import Weights

_NEAREST = 3  # articles that a refusal names
_INDEX_AGAIN = "index the article again: `sayso remove` it, then `sayso index` its folder"
_TURNS = 6  # earlier questions that a follow-up may reach back to
_SCANNED = 10  # hits whose sentences are scored where there is no reader
_NEAR_COSINE, _NEAR_SHARE = 0.25, 0.5  # of a passage: how near it is, or what share of the question's terms it has


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers from one archive; stateless but for what it is given and remembers, and safe to use from threads."""

    archive: Archive
    encoder: Callable[[], Encoder]
    index: Callable[[], VectorIndex]  # for the archive's present generation
    reader: Callable[[], PassageReader | None]
    weights: Callable[[], Weights]
    settings: Settings
    memory: Memory = field(default_factory=Memory)

    def ask(self, text: str, history: Sequence[str], filters: Filters) -> Reply:
        """An answer whose quotes were compared with the archive, or an abstention.

        :param history: the earlier questions, oldest first; for a follow-up they are answered, if they were not before
        :raises InputError: the question is empty or too long.
        """
        clock = _Clock()
        asked = question.checked(text, self.settings.answers.max_question_chars)
        resolved = None
        if history:
            resolved = self._resolved(asked, history, filters)
            clock.lap("resolve")
        key = self._key(resolved or asked, filters)
        reply = self._reply(text, asked, resolved, filters, clock)
        self.memory.keep(key, _turn(resolved or asked, reply))
        return reply

    def _resolved(self, asked: str, history: Sequence[str], filters: Filters) -> str | None:
        """The question as it is understood after the earlier ones; ``None`` where it stands alone."""
        from retrieval.followup.resolving import leans, resolve

        if not leans(asked):
            return None
        turns: list[Turn] = []
        for earlier in filter(None, map(question.cleaned, history[-_TURNS:])):
            made = resolve(earlier, turns)
            alone = made.text if made else earlier

            def answered(alone: str = alone) -> Turn:
                return _turn(alone, self._reply(alone, alone, None, filters, _Clock()))

            turn = self.memory.recall(self._key(alone, filters), answered)
            turns.append(turn._replace(referents=made.referents) if made else turn)
        made = resolve(asked, turns)
        return made.text if made else None

    def _key(self, alone: str, filters: Filters) -> tuple[int, str, Filters]:
        """What an answer depends on: the same key, the same answer."""
        return self.archive.generation(), alone, filters

    def _reply(self, text: str, asked: str, resolved: str | None, filters: Filters, clock: _Clock) -> Reply:
        vector, ranking = self._vectors(asked, resolved)
        clock.lap("encode")
        with self.archive.snapshot():
            query = question.understood(resolved or asked, self.archive.document_frequency, self.archive.count()[1])
            hits = search.search(query, vector, self.archive, self.index(), self.settings.search, filters, ranking)
            clock.lap("search")
            candidates = self._candidates(query, vector, hits)
            ranked = extract.quotes(candidates, self.settings.answers)
            clock.lap("extract")
            evidence = confidence.evidence(query, hits, candidates) if candidates else {}
            sure = self.weights().probability(evidence) if evidence else 0.0
            answers = bool(ranked) and sure >= self.settings.answers.threshold
            shown = extract.chosen(ranked, self.settings.answers) if answers else _nearest(ranked)
            citations = tuple(self._cited(number, quote) for number, quote in enumerate(shown, start=1))
            clock.lap("cite")
        work = Work(
            resolved,
            tuple(hits),
            tuple(candidates),
            tuple(ranked),
            evidence,
            self.settings.answers.threshold,
            clock.laps,
        )
        if answers:
            return Answer(text, citations, sure, work)
        foreign = language.refusal(query, self.settings.encoder)
        return Abstention(
            text, foreign or confidence.reason(query, candidates), () if foreign else citations, sure, work
        )

    def _vectors(self, asked: str, resolved: str | None) -> tuple[np.ndarray, np.ndarray]:
        """The question as it is understood, and the direction in which passages are ranked, as unit vectors.

        What was put into a follow-up may be beside the point; what was asked is not. So the ranking leans to the
        question as it was asked by the share of what was understood that it says itself: "why?" says nothing.
        """
        if resolved is None:
            vector = self.encoder().encode_questions([asked])[0]
            return vector, vector
        own, whole = self.encoder().encode_questions([asked, resolved])
        middle = whole + question.share_said(asked, resolved) * own
        return whole, middle / max(float(np.linalg.norm(middle)), 1e-12)

    def _candidates(self, query: Query, vector: np.ndarray, hits: Sequence[Hit]) -> list[Candidate]:
        reader = self.reader()
        hits = hits[: self.settings.reader.passages if reader else _SCANNED]
        passages = [hit.passage for hit in hits]
        sentences = self.archive.sentence_vectors(passages, self.encoder().dimension)
        readings = reader.read(query.text, passages) if reader else []
        return extract.ranked_sentences(query, vector, hits, sentences, readings, self.weights().sentence)

    def _cited(self, number: int, quote: Quote) -> Citation:
        """A citation whose quote stands in the article, letter for letter.

        :raises DamagedError: it does not.
        """
        article = self._article(quote.hit.passage.article_id)
        if article.text[quote.start : quote.end] != quote.text:
            raise DamagedError(
                f"a passage of {article.reference.article_id} is not what its article says",
                _INDEX_AGAIN,
            )
        return Citation(number, article.reference, quote)

    def _article(self, article_id: str) -> Article:
        try:
            return self.archive.article(article_id)
        except InputError as error:
            raise DamagedError(f"the index has passages of {article_id} but not the article", _INDEX_AGAIN) from error


def _nearest(ranked: Sequence[Quote]) -> list[Quote]:
    """The best quote of each of the nearest articles; none where all are far from the question."""
    best: dict[str, Quote] = {}
    for quote in ranked:
        if quote.hit.dense >= _NEAR_COSINE or quote.features["passage coverage"] >= _NEAR_SHARE:
            best.setdefault(quote.hit.passage.article_id, quote)
    return list(best.values())[:_NEAREST]


def _turn(alone: str, reply: Reply) -> Turn:
    """What a follow-up needs to know of a reply."""
    if not isinstance(reply, Answer):
        return Turn(alone)
    quote = reply.citations[0].quote
    answer = quote.text[quote.answer.start - quote.start : quote.answer.end - quote.start] if quote.answer else ""
    return Turn(alone, quote.text, answer)


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
