"""Texts to unit vectors: the model in the box on onnxruntime, any other by sentence-transformers.

The sentences of a passage get vectors too. The model in the box takes them from the same
reading of the passage, as the mean over the sentence's tokens, so that a sentence is read in
its context and costs nothing more ("late chunking", Günther et al. 2024, arXiv:2409.04701).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.errors import EncoderError
from retrieval.hub import loaded
from retrieval.protocols import Encoder
from retrieval.settings import EncoderSettings
from retrieval.types import Encoded, Passage

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

BUILT_IN = "all-MiniLM-L6-v2"


def load_encoder(settings: EncoderSettings, cache: Path) -> Encoder:
    """The encoder that ``settings`` names; exports are kept in the folder ``cache``.

    :raises EncoderError: the model is missing, damaged, or cannot be fetched.
    """
    if settings.model == BUILT_IN:
        from retrieval.export import exported_model

        return OnnxEncoder(exported_model(cache, settings.precision), settings)
    return SentenceTransformerEncoder(settings)


def encoder_name(settings: EncoderSettings) -> str:
    """The name of the encoder that ``settings`` asks for, without loading it."""
    if settings.model == BUILT_IN:
        from retrieval.export import WEIGHTS_SHA256

        return f"{BUILT_IN}@{WEIGHTS_SHA256[:12]}/{settings.precision}"
    return settings.model


def embedding_text(passage: Passage) -> tuple[str, int]:
    """What the encoder reads of a passage, and where in it the passage's own text starts."""
    lead = f"{passage.context}. " if passage.context else ""
    return lead + passage.text, len(lead)


class OnnxEncoder:
    """The model in the box; thread-safe, as onnxruntime sessions and tokenizers are.

    Each text is run alone, several of them at once. The 8-bit graph scales its activations by what
    it runs, so that in a batch a text's vector would depend on its neighbours; and a core for a text
    is faster than all cores for a padded batch.
    """

    dimension = 384
    max_tokens = 256

    def __init__(self, model: tuple[Path, Path], settings: EncoderSettings) -> None:
        """:param model: the graph and the tokenizer's file, as :func:`exported_model` gives them."""
        graph, tokenizer = model
        self.name = encoder_name(settings)
        self._tokenizer = _load_tokenizer(tokenizer, self.max_tokens)
        self._counter = _load_tokenizer(tokenizer, None)
        self._session = _session(graph)
        self._pool = ThreadPoolExecutor(settings.threads or cores(), "encoder")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, untruncated, special tokens included."""
        return [len(encoding.ids) for encoding in self._counter.encode_batch(list(texts))]

    def encode_questions(self, questions: Sequence[str]) -> np.ndarray:
        """float32 of shape ``(len(questions), 384)``; a question is cut at 256 tokens."""
        states = self._pool.map(self._states, self._tokenizer.encode_batch(list(questions)))
        means = [own.mean(axis=0) for own in states]
        return _unit(np.array(means, np.float32).reshape(-1, self.dimension))

    def encode_passages(self, passages: Sequence[Passage]) -> list[Encoded]:
        """Vectors of each passage and its sentences, in order."""
        texts = [embedding_text(passage) for passage in passages]
        encodings = self._tokenizer.encode_batch([text for text, _ in texts])
        return list(self._pool.map(self._encoded, passages, encodings, [lead for _, lead in texts]))

    def _states(self, encoding: Encoding) -> np.ndarray:
        """The model's last hidden states, float32 ``(tokens, 384)``."""
        ids = np.array([encoding.ids], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        return np.asarray(self._session.run(["last_hidden_state"], feed)[0][0])

    def _encoded(self, passage: Passage, encoding: Encoding, lead: int) -> Encoded:
        """Mean over all tokens for the passage, over its own tokens for each sentence."""
        states = self._states(encoding)
        whole = states.mean(axis=0)
        offsets = np.asarray(encoding.offsets)
        starts, ends = (offsets - lead + passage.start).T
        real = offsets[:, 1] > offsets[:, 0]
        rows = []
        for sentence in passage.sentences:
            mine = real & (starts >= sentence.start) & (ends <= sentence.end)
            rows.append(states[mine].mean(axis=0) if mine.any() else whole)
        return Encoded(_unit(whole[None])[0], _unit(np.array(rows, np.float32).reshape(-1, self.dimension)))


class SentenceTransformerEncoder:
    """Any sentence-transformers model, by name or folder, with its own prompts.

    Sentences are encoded one by one, behind the passage's context.
    """

    def __init__(self, settings: EncoderSettings) -> None:
        self.name = encoder_name(settings)
        self._batch = settings.batch
        self._model: Any = _load_sentence_transformer(settings.model)
        self.dimension = int(self._model.get_embedding_dimension())
        self.max_tokens = int(self._model.max_seq_length or 512)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, untruncated, special tokens and the prompt for passages included."""
        if not texts:
            return []
        prompt = self._document_prompt()
        ids = self._model.tokenizer([prompt + text for text in texts], truncation=False, verbose=False)["input_ids"]
        return [len(row) for row in ids]

    def encode_questions(self, questions: Sequence[str]) -> np.ndarray:
        """float32 of shape ``(len(questions), dimension)``, with the model's query prompt if it has one."""
        return self._unit_vectors(self._model.encode_query, list(questions))

    def encode_passages(self, passages: Sequence[Passage]) -> list[Encoded]:
        """Vectors of each passage and of its sentences, in order."""
        texts = [embedding_text(passage)[0] for passage in passages]
        counts = [len(passage.sentences) for passage in passages]
        for passage in passages:
            lead = f"{passage.context}. " if passage.context else ""
            texts += [lead + passage.text[s.start - passage.start : s.end - passage.start] for s in passage.sentences]
        vectors = self._unit_vectors(self._model.encode_document, texts)
        borders = np.cumsum([len(passages), *counts])
        return [Encoded(vectors[i], vectors[borders[i] : borders[i + 1]]) for i in range(len(passages))]

    def _unit_vectors(self, encode: Any, texts: list[str]) -> np.ndarray:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        vectors = encode(texts, batch_size=self._batch, convert_to_numpy=True, show_progress_bar=False)
        return _unit(np.asarray(vectors, dtype=np.float32))

    def _document_prompt(self) -> str:
        """The prompt that ``encode_document`` takes."""
        prompts = self._model.prompts
        return str(next((prompts[name] for name in ("document", "passage", "corpus") if name in prompts), ""))


def _load_sentence_transformer(model: str) -> Any:
    from sentence_transformers import SentenceTransformer

    return loaded(
        "encoder",
        model,
        lambda name, here_only: SentenceTransformer(name, device="cpu", local_files_only=here_only),
        f"set [encoder] model to a folder that holds it, or back to {BUILT_IN!r}, which comes with Sayso",
    )


def _load_tokenizer(path: Path, limit: int | None) -> Tokenizer:
    """The tokenizer without the fixed padding to 128 that its file asks for, cut at ``limit``."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    if limit is None:
        tokenizer.no_truncation()
    else:
        tokenizer.enable_truncation(limit)
    return tokenizer


def _session(graph: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no base class but Exception
        raise EncoderError(
            f"the exported encoder {graph} is damaged", f"delete {graph.parent}; it is made again on the next run"
        ) from error


def cores() -> int:
    """How many this process may use; not every system says."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _unit(vectors: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)
