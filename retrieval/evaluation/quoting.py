"""Measures of one quote and of one question's passages: strings and offsets in, numbers out."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from retrieval.types import Span


def fold(text: str) -> str:
    """``text`` as answers are compared: case folded, each run of white space one blank."""
    return " ".join(text.casefold().split())


def contains(text: str, answers: Sequence[str]) -> bool:
    """Whether one of the answers stands in the text, ignoring case and white space."""
    folded = fold(text)
    return any(fold(answer) in folded for answer in answers)


def quotes_answer(quote: str, answers: Sequence[str], longest: int) -> bool:
    """Whether the quote holds an answer and is a quote, not a page: at most ``longest`` characters.

    A quote may be as long as the answer itself where that is longer; 0 sets no limit.
    """
    return any(
        contains(quote, [answer]) and (not longest or len(quote) <= max(longest, len(answer))) for answer in answers
    )


def normalise(text: str) -> str:
    """Lower case without punctuation, articles and extra blanks: SQuAD's normalisation (Rajpurkar et al. 2016)."""
    bare = "".join(character for character in text.lower() if character not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", bare).split())


def exact_match(text: str, answers: Sequence[str]) -> float:
    """1 if the text is one of the answers, both normalised, else 0: SQuAD's EM (Rajpurkar et al. 2016)."""
    return float(any(normalise(text) == normalise(answer) for answer in answers))


def f1(text: str, answers: Sequence[str]) -> float:
    """Harmonic mean of word precision and recall against the best answer: SQuAD's F1 (Rajpurkar et al. 2016)."""

    def against(answer: str) -> float:
        found, wanted = normalise(text).split(), normalise(answer).split()
        common = sum((Counter(found) & Counter(wanted)).values())
        return 2 * common / (len(found) + len(wanted)) if common else 0.0

    return max(map(against, answers), default=0.0)


def rewrite_f1(text: str, rewrite: str) -> float:
    """Harmonic mean of unigram precision and recall of a rewritten question, in words without case or punctuation.

    The datasets of rewriting are scored with overlaps of this kind (Elgohary et al. 2019, "Can You Unpack That?",
    with BLEU; Vakulenko et al. 2021, "Question Rewriting for Conversational Question Answering", with ROUGE-1).
    """
    found, wanted = (re.findall(r"\w+", words.lower()) for words in (text, rewrite))
    common = sum((Counter(found) & Counter(wanted)).values())
    return 2 * common / (len(found) + len(wanted)) if common else 0.0


class Overlap(NamedTuple):
    """How well retrieved characters match the reference characters, each 0 to 1."""

    recall: float
    precision: float
    iou: float


def overlap(retrieved: Sequence[tuple[str, Span]], references: Sequence[tuple[str, Span]]) -> Overlap:
    """Character-level recall, precision and IoU of ``(article, span)`` pairs.

    Recall is covered ÷ reference characters, precision covered ÷ retrieved, IoU
    covered ÷ (retrieved + missed). A character retrieved twice is covered once
    but paid for twice, as in Chroma's technical report "Evaluating Chunking
    Strategies for Retrieval" (Smith and Troynikov 2024).
    """
    covered = sum(_covered(span, [r for name, r in retrieved if name == article]) for article, span in references)
    wanted = sum(span.end - span.start for _, span in references)
    taken = sum(span.end - span.start for _, span in retrieved)
    if not covered:
        return Overlap(0.0, 0.0, 0.0)
    return Overlap(covered / wanted, covered / taken, covered / (taken + wanted - covered))


def _covered(reference: Span, spans: Sequence[Span]) -> int:
    """Characters of the reference that lie in at least one of the spans."""
    cuts = sorted(
        {reference.start, reference.end, *(cut for span in spans for cut in span if cut in range(*reference))}
    )
    return sum(b - a for a, b in pairwise(cuts) if any(span.start <= a and b <= span.end for span in spans))
