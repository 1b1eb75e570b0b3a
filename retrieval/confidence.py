"""From evidence to the probability that the first quote answers, and the words for a refusal."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.tokens import stem
from retrieval.types import Candidate, Query


def evidence(query: Query, candidates: Sequence[Candidate]) -> dict[str, float]:
    """What the confidence is made from: the best sentence's features and how it stands among the others."""
    best = candidates[0]
    others = [c.score for c in candidates[1:]]
    total = sum(query.terms.values()) or 1.0
    return {
        **best.features,
        "score": best.score,
        "lead": best.score - others[0] if others else 0.0,
        "unknown terms": sum(query.terms[term] for term in {stem(word) for word in query.unknown}) / total,
        "bm25 a term": best.hit.lexical / max(1, len(query.terms)),
        "best passage cosine": max(c.hit.dense for c in candidates),
    }


def reason(query: Query, candidates: Sequence[Candidate]) -> str:
    """Why there is no answer, for the person who asked."""
    if not candidates:
        return "nothing in the articles comes near the question"
    if query.unknown:
        return f"no article mentions {' or '.join(sorted(query.unknown))}"
    return "the nearest sentences do not seem to answer the question"
