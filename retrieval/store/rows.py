"""Records as they lie in SQLite: passages, vectors, and the seals by which damage to an article is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple
from functools import lru_cache

import numpy as np

from retrieval.types import Article, Encoded, Kind, Passage, Span

_TOLERANCE = 1e-3  # of a vector's squared length


def article_seal(article: Article) -> str:
    """sha256 of an article and all that is said of it."""
    regions = [[r.start, r.end, r.kind, r.reason] for r in article.regions]
    return hashlib.sha256(json.dumps([astuple(article.reference), regions, article.text]).encode()).hexdigest()


def passages_seal(passages: Sequence[Passage], encoded: Sequence[Encoded]) -> str:
    """sha256 of an article's passages, in order, with their vectors as they are kept."""
    total = hashlib.sha256()
    for p, vectors in zip(passages, encoded, strict=True):
        total.update(json.dumps([p.id, p.start, p.end, p.kind, p.text, p.sentences, p.title, p.section]).encode())
        total.update(packed(vectors.passage))
        total.update(packed(vectors.sentences, np.float16))
    return total.hexdigest()


@lru_cache(maxsize=4_096, typed=True)
def passage(
    id_: str, article: str, start: int, end: int, kind: str, text: str, title: str, section: str, sentences: str
) -> Passage:
    """A passage from its columns.

    :raises ValueError, TypeError: one is of another type, which SQLite would let pass, or says nothing that can be.
    """
    spans = tuple(Span(*span) for span in json.loads(sentences))
    if not all(isinstance(part, str) for part in (id_, article, text, title, section)):
        raise TypeError(f"passage {id_!r} holds what is no text")
    offsets = [start, end, *(offset for span in spans for offset in span)]
    if not all(isinstance(offset, int) and start <= offset <= end for offset in offsets):
        raise ValueError(f"passage {id_!r} has sentences that lie outside it")
    return Passage(id_, article, start, end, Kind(kind), text, spans, title, section)


def matrix(blobs: Sequence[bytes]) -> np.ndarray:
    """float32, one vector a row.

    :raises ValueError: one is not of unit length (or nought, of a text without words), so not what was written.
    """
    if not blobs:
        return np.zeros((0, 0), np.float32)
    vectors = np.frombuffer(b"".join(blobs), np.float32).reshape(len(blobs), -1)
    squares = np.einsum("ij,ij->i", vectors, vectors)
    if not np.all((np.abs(squares - 1) < _TOLERANCE) | (squares == 0)):
        raise ValueError("a vector is not of unit length")
    return vectors


def packed(vectors: np.ndarray, dtype: type = np.float32) -> bytes:
    """The bytes that are kept of vectors."""
    return np.ascontiguousarray(vectors, dtype=dtype).tobytes()
