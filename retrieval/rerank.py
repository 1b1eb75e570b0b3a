"""Hits to hits in a better order, by a model that reads question and passage together."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from retrieval.encoder import embedding_text
from retrieval.errors import EncoderError
from retrieval.hub import loaded
from retrieval.protocols import Reranker
from retrieval.types import Hit, Passage

_ADVICE = "set [rerank] model to a CrossEncoder or a folder that holds one, or to 'none'"


def reranked(reranker: Reranker, question: str, hits: Sequence[Hit], passages: int) -> list[Hit]:
    """The hits, the first ``passages`` of them by the reranker's score, ties as they were; the rest follow."""
    read, rest = hits[:passages], hits[passages:]
    scores = reranker.scores(question, [hit.passage for hit in read])
    ordered = sorted(zip(scores, read, strict=True), key=lambda scored: -scored[0])
    return [replace(hit, rerank=float(score)) for score, hit in ordered] + list(rest)


class CrossEncoderReranker:
    """Any CrossEncoder of sentence-transformers; thread-safe."""

    def __init__(self, model: Any) -> None:
        """:param model: a CrossEncoder with one score for a pair."""
        self._model = model
        self._guard = threading.Lock()  # it sets its tokenizer's padding anew at every call

    def scores(self, question: str, passages: Sequence[Passage]) -> np.ndarray:
        """A logit for each passage, read in its context; float32 ``(len(passages),)``.

        Not a sigmoid: near 1 that tells good passages no longer apart.
        """
        import torch

        if not passages:
            return np.zeros(0, np.float32)
        pairs = [(question, embedding_text(passage)[0]) for passage in passages]
        with self._guard:
            scores = self._model.predict(pairs, activation_fn=torch.nn.Identity(), show_progress_bar=False)
        return np.asarray(scores, dtype=np.float32)


def load_reranker(model: str) -> CrossEncoderReranker:
    """The reranker made of a CrossEncoder.

    :param model: its name on the Hugging Face hub, or a folder
    :raises EncoderError: it is damaged, not to be had, or gives no single score for a pair.
    """
    return loaded("reranker", model, _load, _ADVICE)


def _load(model: str, here_only: bool) -> CrossEncoderReranker:
    from sentence_transformers import CrossEncoder

    network = CrossEncoder(model, device="cpu", local_files_only=here_only, model_kwargs={"dtype": "float32"})
    kinds = getattr(network.config, "architectures", None) or ()
    if len(network) == 1 and not any(kind.endswith("ForSequenceClassification") for kind in kinds):
        raise EncoderError(f"the reranker {model!r} was not trained to score: its last layer is missing", _ADVICE)
    if network.num_labels != 1:
        raise EncoderError(f"the reranker {model!r} gives {network.num_labels} scores for a pair, not one", _ADVICE)
    return CrossEncoderReranker(network)
