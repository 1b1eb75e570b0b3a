"""From evidence to the probability that the first quote answers, and the words for a refusal."""

from __future__ import annotations

import math
from collections.abc import Sequence

from retrieval.tokens import STOP_WORDS, stem, words
from retrieval.types import Candidate, Expected, Hit, Query

_CROWD = 5  # best hits
_CLEAR = 8.0  # a margin that leads by more is no clearer
_EXP = 50.0  # beyond it a share is as good as none


def evidence(query: Query, hits: Sequence[Hit], candidates: Sequence[Candidate]) -> dict[str, float]:
    """What the confidence is made from: the best sentence's features and how it stands among the others.

    What is unusual counts, not what is high: in a corpus on one subject every passage is near every
    question, so the best cosine is held against that of the passages behind it, and the best score
    against all others: "share" is the log of its softmax share.
    """
    best = candidates[0]
    total = sum(query.terms.values()) or 1.0
    return {
        **best.features,
        **(_read(candidates) if "margin" in best.features else {}),
        "score": best.score,
        "share": -math.log(sum(math.exp(min(other.score - best.score, _EXP)) for other in candidates)),
        "lead": best.score - candidates[1].score if len(candidates) > 1 else 0.0,
        "asks why": float(query.expected is Expected.REASON),
        "unknown terms": sum(query.terms[term] for term in {stem(word) for word in query.unknown}) / total,
        "best passage cosine": max(hit.dense for hit in hits[:_CROWD]),
        "crowd cosine": sum(hit.dense for hit in hits[:_CROWD]) / len(hits[:_CROWD]),
    }


def _read(candidates: Sequence[Candidate]) -> dict[str, float]:
    """What the reader's margins say: of the best sentence against the others, and of the words that answer."""
    margin, *others = (candidate.features["margin"] for candidate in candidates)
    return {
        "best margin": max(margin, *others, -math.inf),
        "margin lead": min(margin - max(others), _CLEAR) if others else _CLEAR,
        "answer words": math.log1p(len(set(words(_answer(candidates[0]))) - STOP_WORDS)),
    }


def _answer(candidate: Candidate) -> str:
    """The words that the reader pointed at."""
    if candidate.answer is None:
        return ""
    passage = candidate.hit.passage
    return passage.text[candidate.answer.start - passage.start : candidate.answer.end - passage.start]


def reason(query: Query, candidates: Sequence[Candidate]) -> str:
    """Why there is no answer, for the person who asked."""
    if not candidates:
        return "nothing in the articles comes near the question"
    if query.unknown:
        return f"no article has the word {' or '.join(f'“{word}”' for word in sorted(query.unknown))}"
    return "the nearest sentences do not seem to answer the question"
