"""A question to hits: dense and lexical candidates, fused, without duplicates, spread over articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from retrieval.settings import Search
from retrieval.tokens import words
from retrieval.types import Filters, Hit, Query, VectorIndex

if TYPE_CHECKING:
    from retrieval.archive import Archive


def search(
    query: Query, vector: np.ndarray, archive: Archive, index: VectorIndex, settings: Search, filters: Filters
) -> list[Hit]:
    """The at most ``settings.hits`` best passages, best first.

    Candidates are the nearest by cosine and the best by BM25; each gets both scores, and
    ``score = dense_weight · cosine + lexical_weight · BM25``. A weighted sum keeps how much
    better a passage is, which rank fusion throws away (Bruch et al. 2023, arXiv:2210.11934).
    Ties are broken by passage id.
    """
    rows = set(_dense_candidates(vector, archive, index, settings.candidates, filters))
    if query.match:
        rows.update(archive.best_words(query.match, settings.candidates, filters))
    ordered = sorted(rows)
    cosines = {row: float(v @ vector) for row, v in archive.vectors(ordered).items()}
    bm25 = archive.bm25(query.match, ordered) if query.match else {}
    hits = [
        Hit(
            passage,
            settings.dense_weight * cosines[row] + settings.lexical_weight * bm25.get(row, 0.0),
            cosines[row],
            bm25.get(row, 0.0),
        )
        for row, passage in archive.passages(ordered).items()
        if row in cosines
    ]
    hits.sort(key=lambda hit: (-hit.score, hit.passage.id))
    return _distinct(_spread(hits, settings.per_article), settings.hits)


def _dense_candidates(
    vector: np.ndarray, archive: Archive, index: VectorIndex, k: int, filters: Filters
) -> Sequence[int]:
    """Row ids; with a filter an exact scan of what passes it, since approximate search loses recall there."""
    if not (filters.article or filters.author or filters.since or filters.until):
        fresh, _ = archive.outbox(limit=1_000)  # what another process wrote and Chroma was not yet told
        if not filters.comments:
            fresh = archive.not_comments(fresh)
        return [*index.nearest(vector, k, filters.comments), *fresh]
    rows = archive.rows(filters)
    scores = {row: float(v @ vector) for row, v in archive.vectors(rows).items()}
    return sorted(scores, key=lambda row: (-scores[row], row))[:k]


def _distinct(hits: Sequence[Hit], most: int) -> list[Hit]:
    """The first ``most`` hits, without those that say word for word what a better one says."""
    kept: dict[tuple[str, ...], Hit] = {}
    for hit in hits:
        kept.setdefault(tuple(words(hit.passage.text)), hit)
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
