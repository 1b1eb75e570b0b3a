"""What stages ask of each other: each Protocol says the least that its users need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from retrieval.types import Encoded, Passage, Reading

if TYPE_CHECKING:
    import numpy as np


class Progress(Protocol):
    """Told how far a long run is."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """``stage`` is "reading", "preparing" or "encoding"; counts are articles or passages, a total of 0 unknown."""


class Encoder(Protocol):
    """Texts to vectors of unit length."""

    name: str  # model, weights and precision: two encoders of one name give the same vectors
    dimension: int
    max_tokens: int  # what the model reads of one text, special tokens included

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text by the model's own tokenizer, special tokens included."""

    def encode_passages(self, passages: Sequence[Passage]) -> list[Encoded]:
        """Vectors of each passage and of its sentences, both read in the passage's context."""

    def encode_questions(self, questions: Sequence[str]) -> np.ndarray:
        """float32 of shape ``(len(questions), dimension)``."""


class PassageReader(Protocol):
    """Points at the words of a passage that answer a question."""

    def read(self, questions: str | Sequence[str], passages: Sequence[Passage]) -> list[list[Reading]]:
        """A reading of every sentence of each passage, in order."""


class Reranker(Protocol):
    """Tells how well passages answer a question, reading both together."""

    def scores(self, question: str, passages: Sequence[Passage]) -> np.ndarray:
        """float32 of shape ``(len(passages),)``."""


class VectorIndex(Protocol):
    """Nearest neighbours over passage vectors; the archive stays the truth."""

    def nearest(self, vector: np.ndarray, k: int, comments: bool) -> list[int]:
        """Row ids of the at most ``k`` nearest passages, best first; comments only on request."""

    def close(self) -> None:
        """Lets go of files and connections."""
