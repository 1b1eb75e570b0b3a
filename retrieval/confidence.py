"""From evidence to the probability that the first quote answers, and the words for a refusal."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.tokens import stem
from retrieval.types import Candidate, Hit, Query

_CROWD = 5  # best hits


def evidence(query: Query, hits: Sequence[Hit], candidates: Sequence[Candidate]) -> dict[str, float]:
    """What the confidence is made from: the best sentence's features and how it stands among the others.

    What is unusual counts, not what is high: in a corpus on one subject every passage is near every
    question, so the best cosine is held against that of the passages behind it.
    """
    best = candidates[0]
    total = sum(query.terms.values()) or 1.0
    margins = [candidate.features["margin"] for candidate in candidates if "margin" in candidate.features]
    return {
        **best.features,
        **({"best margin": max(margins)} if margins else {}),
        "score": best.score,
        "lead": best.score - candidates[1].score if len(candidates) > 1 else 0.0,
        "unknown terms": sum(query.terms[term] for term in {stem(word) for word in query.unknown}) / total,
        "best passage cosine": max(hit.dense for hit in hits[:_CROWD]),
        "crowd cosine": sum(hit.dense for hit in hits[:_CROWD]) / len(hits[:_CROWD]),
    }


def reason(query: Query, candidates: Sequence[Candidate]) -> str:
    """Why there is no answer, for the person who asked."""
    if not candidates:
        return "nothing in the articles comes near the question"
    if query.unknown:
        return f"no article mentions {' or '.join(sorted(query.unknown))}"
    return "the nearest sentences do not seem to answer the question"
