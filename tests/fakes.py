"""Small honest implementations of the engine's Protocols."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from retrieval.encoder import embedding_text
from retrieval.tokens import STOP_WORDS, stem, words
from retrieval.types import Encoded, Passage


class HashingEncoder:
    """A bag of stems hashed to 256 dimensions: texts that share words are near, others orthogonal.

    Another salt makes another encoder, with other vectors.
    """

    dimension = 256
    max_tokens = 256

    def __init__(self, salt: str = "") -> None:
        self.name = f"hashing {salt}".strip()
        self._salt = salt

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """One a word, and two special ones."""
        return [len(words(text)) + 2 for text in texts]

    def encode_passages(self, passages: Sequence[Passage]) -> list[Encoded]:
        """Bags of the passage in its context, and of each sentence."""
        return [
            Encoded(
                self._bag(embedding_text(p)[0]),
                np.stack([self._bag(p.text[s.start - p.start : s.end - p.start]) for s in p.sentences])
                if p.sentences
                else np.zeros((0, self.dimension), np.float32),
            )
            for p in passages
        ]

    def encode_questions(self, questions: Sequence[str]) -> np.ndarray:
        """A bag each."""
        return np.stack([self._bag(question) for question in questions])

    def _bag(self, text: str) -> np.ndarray:
        vector = np.zeros(self.dimension, np.float32)
        for word in words(text):
            if word not in STOP_WORDS:
                vector[int(hashlib.md5((self._salt + stem(word)).encode()).hexdigest(), 16) % self.dimension] += 1
        return vector / max(float(np.linalg.norm(vector)), 1e-12)
