"""A question to hits: dense and lexical candidates, fused, without duplicates, spread over articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from retrieval.protocols import VectorIndex
from retrieval.settings import Search
from retrieval.texts.period import fit, recency
from retrieval.tokens import words
from retrieval.types import Filters, Hit, Passage, Period, Query

if TYPE_CHECKING:
    from retrieval.store.archive import Archive

_SCANNED = 2_000  # articles that a question may be narrowed to, by their ids, so that all their passages are scored


#: What the passages of the article quoted last gain: people ask on about what they just read.
_NEAR = 0.03


def search(
    query: Query,
    vector: np.ndarray,
    archive: Archive,
    index: VectorIndex,
    settings: Search,
    filters: Filters,
    ranking: np.ndarray | None = None,
    near: str = "",
) -> list[Hit]:
    """The at most ``settings.hits`` best passages, best first.

    Candidates are the nearest by cosine and the best by BM25; each gets both scores, and
    ``score = dense_weight · cosine + lexical_weight · BM25``. A weighted sum keeps how much
    better a passage is, which rank fusion throws away (Bruch et al. 2023, arXiv:2210.11934).
    Of the cosine, ``settings.sentence_share`` is that of the passage's nearest sentence.
    Where the question asks about a time, a passage of that time gets up to ``settings.time_weight`` more.
    Ties are broken by passage id.

    :param ranking: unit vector whose cosines rank, where it is not the question's own
    :param near: id of an article whose passages get a little more: the one quoted last in a conversation
    """
    ranking = vector if ranking is None else ranking
    rows = set(_dense_candidates(ranking, archive, index, settings.candidates, filters))
    if query.match:
        rows.update(archive.words.best(query.match, settings.candidates, filters, query.rare))
    ordered = sorted(rows)
    cosines = {row: (float(v @ ranking), float(v @ vector)) for row, v in archive.vectors(ordered).items()}
    bm25 = archive.words.bm25(query.match, ordered) if query.match else {}
    passages = {row: passage for row, passage in archive.passages(ordered).items() if row in cosines}
    if filters.articles:
        allowed = frozenset(filters.articles)
        passages = {row: passage for row, passage in passages.items() if passage.article_id in allowed}
    sentences = _nearest_sentences(list(passages.values()), ranking, archive)
    hits = []
    for row, passage in passages.items():
        own, nearest, lexical = cosines[row][0], sentences[passage.id], bm25.get(row, 0.0)
        dense = own + settings.sentence_share * (nearest - own)
        score = settings.dense_weight * dense + settings.lexical_weight * lexical
        hits.append(Hit(passage, score, cosines[row][1], lexical, sentence=nearest))
    if query.period:
        hits = _timely(hits, query.period, archive, settings.time_weight)
    if near:
        hits = [replace(hit, score=hit.score + _NEAR) if hit.passage.article_id == near else hit for hit in hits]
    hits.sort(key=lambda hit: (-hit.score, hit.passage.id))
    return _distinct(_spread(hits, settings.per_article), settings.hits)


def _dense_candidates(
    vector: np.ndarray, archive: Archive, index: VectorIndex, k: int, filters: Filters
) -> Sequence[int]:
    """Row ids; with a filter an exact scan of what passes it, since approximate search loses recall there.

    Of very many articles those are left that come near among all.
    """
    scanned = 0 < len(filters.articles) <= _SCANNED
    if not (filters.article or filters.author or filters.since or filters.until or scanned):
        fresh, _ = archive.outbox(limit=1_000)  # what another process wrote and Chroma was not yet told
        if not filters.comments:
            fresh = archive.not_comments(fresh)
        return [*index.nearest(vector, k, filters.comments), *fresh]
    rows = archive.rows(filters)
    scores = {row: float(v @ vector) for row, v in archive.vectors(rows).items()}
    return sorted(scores, key=lambda row: (-scores[row], row))[:k]


def _nearest_sentences(passages: Sequence[Passage], vector: np.ndarray, archive: Archive) -> dict[str, float]:
    """The best cosine of a sentence, by passage id."""
    found = archive.sentence_vectors(passages, len(vector))
    return {passage_id: float((sentences @ vector).max()) for passage_id, sentences in found.items()}


def _timely(hits: Sequence[Hit], period: Period, archive: Archive, weight: float) -> list[Hit]:
    """The hits with what they gain by fitting the time asked about."""
    published = archive.published(sorted({hit.passage.article_id for hit in hits}))
    newest = recency(published.values())
    fits = [fit(period, hit.passage.text, published.get(hit.passage.article_id), newest) for hit in hits]
    return [replace(hit, score=hit.score + weight * gain, timely=gain) for hit, gain in zip(hits, fits, strict=True)]


def _distinct(hits: Sequence[Hit], most: int) -> list[Hit]:
    """The first ``most`` hits, without those that say word for word what a better one says."""
    kept: dict[tuple[str, ...], Hit] = {}
    for hit in hits:
        kept.setdefault(words(hit.passage.text), hit)
        if len(kept) == most:
            break
    return list(kept.values())


def _spread(hits: Sequence[Hit], per_article: int) -> list[Hit]:
    """The hits with each article's surplus over ``per_article`` behind all others; none is lost."""
    taken: Counter[str] = Counter()
    first: list[Hit] = []
    surplus: list[Hit] = []
    for hit in hits:
        taken[hit.passage.article_id] += 1
        (first if taken[hit.passage.article_id] <= per_article else surplus).append(hit)
    return first + surplus
