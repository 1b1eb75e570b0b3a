"""Hard negatives: the best paragraph of the same set that does not hold the answer, by BM25."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any

import numpy as np

from retrieval.tokens import STOP_WORDS, stem, words
from retrieval.training.examples import Example

_K1, _B = 1.2, 0.75
_BLOCK = 256  # questions scored at once
_DEPTH = 40  # paragraphs looked at for one that does not hold the answer
_CHOICE = 3  # the negative is drawn from so many of the best


def hard_negatives(examples: Sequence[Example], asked: Sequence[Example], random: Random) -> list[Example]:
    """For each of ``asked`` its question on a paragraph of ``examples`` that does not answer, where there is one."""
    if not asked:
        return []
    paragraphs = list({example.text: example for example in examples}.values())
    weights, vocabulary = _bm25([example.text for example in paragraphs])
    lowered = [example.text.lower() for example in paragraphs]
    made = []
    for start in range(0, len(asked), _BLOCK):
        block = asked[start : start + _BLOCK]
        scores = (_counts([example.question for example in block], vocabulary) @ weights.T).toarray()
        for example, row in zip(block, scores, strict=True):
            best = np.argsort(-row, kind="stable")[:_DEPTH]
            answers = [words.lower() for words in example.answered]
            silent = (i for i in best if row[i] > 0 and not any(answer in lowered[i] for answer in answers))
            if chosen := list(islice(silent, _CHOICE)):
                other = paragraphs[random.choice(chosen)]
                made.append(
                    replace(other, question=example.question, answers=(), whole=False, origin="bm25")
                )  # fmt: skip
    return made


def _terms(text: str) -> list[str]:
    return [stem(word) for word in words(text) if word not in STOP_WORDS]


def _counts(texts: Sequence[str], vocabulary: dict[str, int]) -> Any:
    """Sparse counts of the known terms, (texts, vocabulary)."""
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(analyzer=_terms, vocabulary=vocabulary, dtype=np.float32).transform(texts)


def _bm25(texts: Sequence[str]) -> tuple[Any, dict[str, int]]:
    """Sparse BM25 weights (texts, vocabulary), and the vocabulary (Robertson & Zaragoza 2009)."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(analyzer=_terms, dtype=np.float32)
    counts = counter.fit_transform(texts).tocsr()
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log1p((len(texts) - frequency + 0.5) / (frequency + 0.5))
    rows = np.repeat(np.arange(len(texts)), np.diff(counts.indptr))
    norm = _K1 * (1 - _B + _B * lengths[rows] / lengths.mean())
    counts.data = (idf[counts.indices] * counts.data * (_K1 + 1) / (counts.data + norm)).astype(np.float32)
    return counts, counter.vocabulary_
