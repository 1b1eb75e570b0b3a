"""Vectors that cost nothing, so that an index of any size can be filled to measure speed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.assembly import assemble
from retrieval.corpus import Corpus
from retrieval.encoder import load_encoder
from retrieval.evaluation.synthetic import vocabulary
from retrieval.protocols import Encoder
from retrieval.settings import EncoderSettings, Settings
from retrieval.tokens import words
from retrieval.types import Encoded, Passage, Span

_SEED = 23
_RARE = 1e-3  # Arora et al. 2017: a word of frequency p weighs a / (a + p)
#: How the spread of the vectors falls off over their dimensions, as that of the real encoder's does: its singular
#: values over the passages of two public question sets fall to .49 at the 10th, .21 at the 100th.
_FALL = -1 / 3


class Projection:
    """Random projections of words in place of passage vectors; all else is the encoder's that it stands in for.

    A passage's vector is the weighted sum of random vectors of its words, so that texts that share rare words are
    near. A question is encoded by the real encoder too, for the time that it takes, and then projected.
    """

    def __init__(self, encoder: Encoder, vocabulary: Sequence[str]) -> None:
        """:param vocabulary: the words of the texts, the most frequent first; others share one vector."""
        self.name, self.dimension, self.max_tokens = encoder.name, encoder.dimension, encoder.max_tokens
        self.count_tokens = encoder.count_tokens
        self._encoder = encoder
        self._places = {word: place for place, word in enumerate(vocabulary)}
        random = np.random.default_rng(_SEED)
        spread = np.arange(1, self.dimension + 1, dtype=np.float32) ** np.float32(_FALL)
        self._vectors = random.standard_normal((len(vocabulary) + 1, self.dimension), np.float32) * spread
        shares = 1 / (np.arange(len(vocabulary) + 1) + 2.7)
        self._vectors *= (_RARE / (_RARE + shares / shares.sum())).astype(np.float32)[:, None]

    def encode_questions(self, questions: Sequence[str]) -> np.ndarray:
        """float32 of shape ``(len(questions), dimension)``."""
        self._encoder.encode_questions(questions)
        return np.array([self._projected(question) for question in questions]).reshape(-1, self.dimension)

    def encode_passages(self, passages: Sequence[Passage]) -> list[Encoded]:
        """Vectors of each passage and of its sentences."""
        return [
            Encoded(
                self._projected(f"{passage.context} {passage.text}"),
                np.array([self._projected(_text(passage, span)) for span in passage.sentences]).reshape(
                    -1, self.dimension
                ),
            )
            for passage in passages
        ]

    def _projected(self, text: str) -> np.ndarray:
        other = len(self._places)
        total = self._vectors[[self._places.get(word, other) for word in words(text)]].sum(axis=0)
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-12), np.float32)


def _text(passage: Passage, span: Span) -> str:
    return passage.text[span.start - passage.start : span.end - passage.start]


def open_filled(settings: Settings) -> Corpus:
    """A corpus at ``settings.data_dir`` whose passages get projections for vectors."""

    def load(wanted: EncoderSettings, cache: Path) -> Encoder:
        return Projection(load_encoder(wanted, cache), vocabulary())

    return assemble(settings, load)
