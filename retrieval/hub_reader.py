"""Any extractive question-answering model of Hugging Face in the place of the reader in the box."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from retrieval.encoder import embedding_text
from retrieval.errors import EncoderError
from retrieval.hub import loaded
from retrieval.reader import best_span, sentence_readings
from retrieval.types import Passage, Reading

if TYPE_CHECKING:
    from tokenizers import Encoding

_LIMIT = 384  # tokens read at once, as these models are trained; fewer where a model has no room for them
_ADVICE = (
    "set [reader] model to a question-answering model or a folder that holds one, "
    "or back to 'built-in', which comes with Sayso"
)

#: Questions and texts that have nothing to do with each other.
_UNRELATED = (
    ("Who composed the opera?", "The gauge at the north pier shows how high the tide is. Its brass is polished often."),
    ("How much did the bicycle cost?", "Bees find their way home by the sun. They dance to tell the others."),
    ("When was the treaty signed?", "Knead the dough until it is smooth, then let it rest under a damp cloth."),
)


class _Window(NamedTuple):
    """The tokens of a text that are read at once, blank ones left out."""

    logits: np.ndarray  # float32 (tokens, 2): start and end
    offsets: np.ndarray  # int64 (tokens, 2): characters of the text
    nothing: float  # start and end score of the token that stands for "no answer"


class HubReader:
    """Passages and a question in, a :class:`Reading` of every sentence out; thread-safe.

    A window's margin is held against "no answer" (the score of its first token), or, if that is
    higher, against what the model's best span scores where there is no answer. Models
    trained on answerable questions alone (SQuAD 1) never learned a score for "no answer"; their
    raw span scores can still be compared between passages (Yang et al. 2019, arXiv:1902.01718).
    """

    def __init__(self, network: Any, tokenizer: Any) -> None:
        """:param network: in evaluation mode; :param tokenizer: its fast tokenizer."""
        self._network = network
        positions = getattr(network.config, "max_position_embeddings", None) or _LIMIT + 2
        limit = min(_LIMIT, tokenizer.model_max_length, positions - 2)  # RoBERTa counts positions from 2
        self._questions, self._windows = deepcopy(tokenizer.backend_tokenizer), deepcopy(tokenizer.backend_tokenizer)
        for each in (self._questions, self._windows):  # set once: to change them is not thread-safe
            each.no_padding()
        self._questions.enable_truncation(limit // 4)
        self._windows.enable_truncation(limit, stride=limit // 3, strategy="only_second")
        self._typed = "token_type_ids" in tokenizer.model_input_names
        self._opening = tokenizer.cls_token_id
        self._floor = float(np.mean([self._best(question, text) for question, text in _UNRELATED]))

    def read(self, questions: str | Sequence[str], passages: Sequence[Passage]) -> list[list[Reading]]:
        """For each passage, a reading of each of its sentences, in order.

        :param questions: one for all passages, or one for each; it is cut at a quarter of what is read at
            once. A passage is read behind its title and section, a long one in windows that share a
            third; a sentence keeps its best reading.
        """
        asked = [questions] * len(passages) if isinstance(questions, str) else questions
        return [self._read(question, passage) for question, passage in zip(asked, passages, strict=True)]

    def _read(self, question: str, passage: Passage) -> list[Reading]:
        text, lead = embedding_text(passage)
        found = [
            sentence_readings(w.logits, w.offsets - lead + passage.start, max(w.nothing, self._floor), passage)
            for w in self._scored(question, text)
        ]
        return [max(readings, key=lambda reading: reading.margin) for readings in zip(*found, strict=True)]

    def _best(self, question: str, text: str) -> float:
        scored = self._scored(question, text)
        return max((best_span(window.logits)[0] for window in scored if len(window.logits)), default=-np.inf)

    def _scored(self, question: str, text: str) -> Iterator[_Window]:
        """Each window of the text, read alone, so that a margin does not depend on what else is read."""
        kept = self._questions.encode(question, add_special_tokens=False).offsets
        first = self._windows.encode(question[: kept[-1][1]] if kept else "", text)
        for encoding in (first, *first.overflowing):
            logits = self._logits(encoding)
            opening = encoding.ids.index(self._opening) if self._opening in encoding.ids else 0
            offsets = np.array([_trimmed(text, *offset) for offset in encoding.offsets], np.int64).reshape(-1, 2)
            shown = np.array(encoding.sequence_ids) == 1
            shown &= offsets[:, 0] < offsets[:, 1]
            yield _Window(logits[shown], offsets[shown], float(logits[opening].sum()))

    def _logits(self, encoding: Encoding) -> np.ndarray:
        """Start and end score of every token, float32 (length, 2)."""
        import torch

        feed = {"input_ids": encoding.ids, "attention_mask": encoding.attention_mask}
        if self._typed:
            feed["token_type_ids"] = encoding.type_ids
        with torch.inference_mode():
            scores = self._network(**{name: torch.tensor([values]) for name, values in feed.items()})
        return np.stack([scores.start_logits[0].numpy(), scores.end_logits[0].numpy()], axis=-1)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The offsets without the blanks that some tokenizers count to a word."""
    token = text[start:end]
    return end - len(token.lstrip()), start + len(token.rstrip())


def load_hub_reader(model: str) -> HubReader:
    """The reader made of a model for extractive question answering.

    :param model: its name on the Hugging Face hub, or a folder
    :raises EncoderError: it is damaged, not to be had, or no such model.
    """
    return loaded("reader", model, _load, _ADVICE)


def _load(model: str, here_only: bool) -> HubReader:
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=here_only)
    network, facts = AutoModelForQuestionAnswering.from_pretrained(
        model, local_files_only=here_only, dtype=torch.float32, output_loading_info=True
    )
    if any(not key.startswith(f"{network.base_model_prefix}.") for key in facts["missing_keys"]):
        raise EncoderError(f"the reader {model!r} was not trained to answer: its last layer is missing", _ADVICE)
    if not tokenizer.is_fast:
        raise EncoderError(f"the reader {model!r} has no tokenizer that tells where its tokens stand", _ADVICE)
    return HubReader(network.eval(), tokenizer)
