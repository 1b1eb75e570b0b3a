"""Hits to quotes: the sentences that answer best, as exact spans of the article's text.

A sentence's score is a weighted sum of features that can be explained one by one; the weights
are fitted on public question sets (``retrieval/models/README.md``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from retrieval.settings import Answers
from retrieval.texts.expected import KINDS, holds
from retrieval.tokens import stem, words
from retrieval.types import Candidate, Hit, Query, Quote, Reading, Span

_NEAR = 1.5  # a neighbouring sentence joins the quote if it scores within this of the best: a fifth as likely, e⁻¹·⁵
_MOST_SENTENCES = 3

#: A sentence that opens so leans on the one before it.
_LEANS = re.compile(
    r"^[“\"(]?(?:he|she|it|they|his|her|its|their|this|that|these|those|such|both|the latter|the former|but|however"
    r"|also|then|there|instead)\b",
    re.IGNORECASE,
)


def ranked_sentences(
    query: Query,
    vector: np.ndarray,
    hits: Sequence[Hit],
    sentences: Mapping[str, np.ndarray],
    readings: Sequence[Sequence[Reading]],
    weights: Mapping[str, float],
) -> list[Candidate]:
    """The sentences of the hits, best first, questions last, ties by passage and place.

    :param sentences: vectors by passage id, float32 ``(sentences, dimension)``, as the encoder gave them
    :param readings: what the reader says of each hit's sentences; empty where there is no reader
    :param weights: of the features; one that is not there weighs nothing
    """
    candidates = []
    for number, hit in enumerate(hits):
        read = readings[number] if readings else ()
        cosines = sentences[hit.passage.id] @ vector
        shared = _Shared.of(query, hit, max(hits, key=lambda one: one.score))
        for position, span in enumerate(hit.passage.sentences):
            features = _features(query, hit, span, float(cosines[position]), position, shared)
            answer = read[position].span if read else None
            if read:
                features["margin"] = read[position].margin
            score = sum(weights.get(name, 0.0) * value for name, value in features.items())
            candidates.append(Candidate(hit, position, features, score, answer))
    candidates.sort(key=lambda c: (c.asks, -c.score, -c.hit.score, c.hit.passage.id, c.position))
    return candidates


def quotes(candidates: Sequence[Candidate], settings: Answers) -> list[Quote]:
    """One quote a passage, best first: its best sentence and the neighbours that belong to it."""
    by_place = {(c.hit.passage.id, c.position): c for c in candidates}
    made: dict[str, Quote] = {}
    for best in candidates:
        if best.hit.passage.id not in made:
            made[best.hit.passage.id] = _quote(best, by_place, settings.quote_chars)
    return list(made.values())


def share_of(weights: Mapping[str, float], found: set[str]) -> float:
    """How much of the terms' weight is found, 0 to 1."""
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in found) / total if total else 0.0


class _Shared(NamedTuple):
    """What all sentences of a hit have in common."""

    stems: set[str]  # of context and text
    context: set[str]
    coverage: float
    behind: float  # how far the hit's score lies under the best hit's

    @classmethod
    def of(cls, query: Query, hit: Hit, best: Hit) -> _Shared:
        context = {stem(word) for word in words(hit.passage.context)}
        stems = context | {stem(word) for word in words(hit.passage.text)}
        return cls(stems, context, share_of(query.terms, stems), hit.score - best.score)


def _features(query: Query, hit: Hit, span: Span, cosine: float, position: int, shared: _Shared) -> dict[str, float]:
    passage = hit.passage
    text = passage.text[span.start - passage.start : span.end - passage.start]
    spoken = words(text)
    stems = {stem(word) for word in spoken}
    asked = set(query.terms)
    return {
        "sentence cosine": cosine,
        "passage cosine": hit.dense,
        "behind best hit": shared.behind,
        "overlap with context": share_of(query.terms, stems | shared.context),
        "passage coverage": shared.coverage,
        "numbers": len(query.numbers & set(spoken)) / len(query.numbers) if query.numbers else 1.0,
        **{f"holds a {kind}": float(query.expected is kind and holds(kind, text, asked)) for kind in KINDS},
        "news": math.log1p(len(stems - asked)),
        "opens passage": 1.0 if position == 0 else 0.0,
    }


def _quote(best: Candidate, by_place: Mapping[tuple[str, int], Candidate], longest: int) -> Quote:
    passage = best.hit.passage
    first = last = best.position

    def fits(a: int, b: int) -> bool:
        return b - a < _MOST_SENTENCES and passage.sentences[b].end - passage.sentences[a].start <= longest

    def near(position: int) -> bool:
        other = by_place.get((passage.id, position))
        return other is not None and other.score >= best.score - _NEAR

    def leans(position: int) -> bool:
        span = passage.sentences[position]
        return _LEANS.match(passage.text[span.start - passage.start : span.end - passage.start]) is not None

    if first > 0 and near(first - 1) and fits(first - 1, last):
        first -= 1
    while first > 0 and leans(first) and fits(first - 1, last):  # back to whom "she" is
        first -= 1
    while last + 1 < len(passage.sentences) and near(last + 1) and fits(first, last + 1):
        last += 1
    start, end = passage.sentences[first].start, passage.sentences[last].end
    text = passage.text[start - passage.start : end - passage.start]
    return Quote(best.hit, start, end, text, best.score, best.features, best.answer)
