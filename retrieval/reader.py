"""The reader in the box: for each sentence of a passage, the words that answer a question and how surely.

A MiniLM-L6 with a start and an end score on each token, trained by ``retrieval.training``; the
model card is ``models/README.md``. Its first token stands for "no answer here". It never learned
word embeddings of its own, so it takes the encoder's, and the file that ships is half as large.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from retrieval.errors import EncoderError
from retrieval.export import package_folder
from retrieval.tokens import STOP_WORDS, stem
from retrieval.types import Passage, Reading, Span

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

MODELS = Path(__file__).parent / "models"
GRAPH, SEAL = "reader.onnx", "reader.json"

LIMIT = 208  # tokens read at once, as in training
LONGEST_SPAN = 25  # tokens of the words that answer
#: The margin of a sentence in which the model sees no token at all.
LEAST_MARGIN = -40.0
_QUESTION, _TITLE = 64, 24  # most tokens of each
_PLAIN, _ASKED = 1, 2  # token types of the passage: words of its own, words of the question


class Window(NamedTuple):
    """One reading of the model: ``[CLS] question [SEP] title. passage [SEP]``."""

    ids: np.ndarray  # int64 (length,)
    types: np.ndarray  # int64 (length,): 0 question, 1 passage, 2 words of the passage that the question asks with
    lead: int  # tokens before the passage's first
    offsets: np.ndarray  # (passage tokens, 2), characters of the passage's text


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and a passage as tokens, before they are cut into windows."""

    head: np.ndarray  # [CLS] question [SEP] title.
    head_types: np.ndarray
    ids: np.ndarray
    types: np.ndarray
    offsets: np.ndarray
    separator: int

    @property
    def room(self) -> int:
        """Passage tokens that fit in one window."""
        return LIMIT - len(self.head) - 1

    def window(self, first: int) -> Window:
        """The window that starts at passage token ``first``."""
        cut = slice(first, first + self.room)
        ids = np.concatenate([self.head, self.ids[cut], [self.separator]])
        types = np.concatenate([self.head_types, self.types[cut], [_PLAIN]])
        return Window(ids, types, len(self.head), self.offsets[cut])

    def windows(self) -> Iterator[Window]:
        """Windows that together show the whole passage, neighbours sharing half."""
        first = 0
        while True:
            yield self.window(first)
            if first + self.room >= len(self.ids):
                return
            first += self.room // 2


class Framer:
    """Questions and passages to tokens; run time and training share it."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._opening, self._separator = (int(tokenizer.token_to_id(mark) or 0) for mark in ("[CLS]", "[SEP]"))

    def pairs(self, questions: Sequence[str], texts: Sequence[str], titles: Sequence[str]) -> list[Pair]:
        """One pair for each question, text and title in parallel; a title may be empty."""
        leads = [f"{title}." if title else "" for title in titles]
        encode = self._tokenizer.encode_batch
        known: dict[str, Encoding] = {}
        fresh = list(dict.fromkeys([*questions, *leads, *texts]))
        known.update(zip(fresh, encode(fresh, add_special_tokens=False), strict=True))
        return [
            self._pair(known[question], known[lead], known[text])
            for question, lead, text in zip(questions, leads, texts, strict=True)
        ]

    def _pair(self, question: Encoding, title: Encoding, text: Encoding) -> Pair:
        asked = {stem(word) for word in _words(question) if word[:1].isalnum() and word not in STOP_WORDS}
        before = [self._opening, *question.ids[:_QUESTION], self._separator]
        types = np.concatenate([np.zeros(len(before), np.int64), _marked(title, asked)[:_TITLE]])
        head = np.array([*before, *title.ids[:_TITLE]], dtype=np.int64)
        ids = np.array(text.ids, dtype=np.int64)
        offsets = np.array(text.offsets, dtype=np.int64).reshape(-1, 2)
        return Pair(head, types, ids, _marked(text, asked), offsets, self._separator)


def _words(encoding: Encoding) -> list[str]:
    """The words of an encoding as its tokenizer reads them: lower case, without accents."""
    joined: dict[int | None, str] = {}
    for word, token in zip(encoding.word_ids, encoding.tokens, strict=True):
        joined[word] = joined.get(word, "") + token.removeprefix("##")
    return list(joined.values())


def _marked(encoding: Encoding, asked: set[str]) -> np.ndarray:
    """Token types: 2 for the tokens of words that were asked with, 1 for all others."""
    found = [_ASKED if stem(word) in asked else _PLAIN for word in _words(encoding)]
    position: dict[int | None, int] = {}
    for word in encoding.word_ids:
        position.setdefault(word, len(position))
    return np.array([found[position[word]] for word in encoding.word_ids], dtype=np.int64)


class Reader:
    """Passages and a question in, a :class:`Reading` of every sentence out; thread-safe."""

    def __init__(self, session: Any, framer: Framer, embeddings: np.ndarray, threads: int = 1) -> None:
        """:param embeddings: the encoder's word embeddings, float32 (vocabulary, width)."""
        self._session = session
        self._pool = ThreadPoolExecutor(threads, "reader")
        self._framer = framer
        self._embeddings = embeddings

    def read(self, questions: str | Sequence[str], passages: Sequence[Passage]) -> list[list[Reading]]:
        """For each passage, a reading of each of its sentences, in order.

        :param questions: one for all passages, or one for each. A question is cut at 64 tokens, a
            title at 24; a long passage is read in windows, and a sentence keeps its best reading.
        """
        asked = [questions] * len(passages) if isinstance(questions, str) else list(questions)
        pairs = self._framer.pairs(asked, [p.text for p in passages], [p.title for p in passages])
        windows = [(row, window) for row, pair in enumerate(pairs) for window in pair.windows()]
        readings = [[Reading(LEAST_MARGIN, sentence) for sentence in p.sentences] for p in passages]
        for (row, window), logits in zip(windows, self._scores([window for _, window in windows]), strict=True):
            place, inside = passages[row], logits[window.lead : window.lead + len(window.offsets)]
            found_here = sentence_readings(inside, window.offsets + place.start, float(logits[0].sum()), place)
            for i, found in enumerate(found_here):
                readings[row][i] = max(readings[row][i], found, key=lambda reading: reading.margin)
        return readings

    def _scores(self, windows: Sequence[Window]) -> list[np.ndarray]:
        """Logits of each window, float32 (length, 2).

        Each is read alone, in a thread of its own: 8-bit activations share one scale over a batch, so in a
        batch a margin would depend on what else is read.
        """
        return list(self._pool.map(self._read_alone, windows))

    def _read_alone(self, window: Window) -> np.ndarray:
        feed = {
            "inputs_embeds": self._embeddings[window.ids][None],
            "token_type_ids": window.types[None],
            "attention_mask": np.ones((1, len(window.ids)), dtype=np.int64),
        }
        return np.asarray(self._session.run(["logits"], feed)[0][0])


def sentence_readings(logits: np.ndarray, offsets: np.ndarray, nothing: float, passage: Passage) -> Iterator[Reading]:
    """Each sentence's best span in one window, with its margin over ``nothing``, the score of "no answer".

    :param logits: of the passage's tokens that the window shows, float (tokens, 2)
    :param offsets: of the same tokens in the article, (tokens, 2)
    """
    for sentence in passage.sentences:
        first = int(np.searchsorted(offsets[:, 0], sentence.start, side="left"))
        last = int(np.searchsorted(offsets[:, 1], sentence.end, side="right"))
        if first >= last:
            yield Reading(LEAST_MARGIN, sentence)
            continue
        score, start, end = best_span(logits[first:last])
        words = Span(int(offsets[first + start, 0]), int(offsets[first + end, 1]))
        yield Reading(max(score - nothing, LEAST_MARGIN), words)


def best_span(logits: np.ndarray) -> tuple[float, int, int]:
    """The best sum of a start and an end score, and the two tokens, both inclusive.

    The end is not before the start and at most ``LONGEST_SPAN`` tokens are spanned.
    """
    length = len(logits)
    sums = logits[:, 0, None] + logits[None, :, 1] + _allowed(length)
    start, end = divmod(int(sums.argmax()), length)
    return float(sums[start, end]), start, end


@lru_cache(maxsize=LIMIT)
def _allowed(length: int) -> np.ndarray:
    """0 where a span may start (row) and end (column), -∞ elsewhere."""
    spanned = np.arange(length)[None, :] - np.arange(length)[:, None]
    return np.where((spanned >= 0) & (spanned < LONGEST_SPAN), np.float32(0), np.float32(-np.inf))


def load_reader(models: Path = MODELS, threads: int = 0) -> Reader:
    """The reader whose files are in the folder ``models``.

    :param threads: of onnxruntime; 0 is one for each core.
    :raises EncoderError: a file is missing, or is not the one that was sealed.
    """
    graph, seal = models / GRAPH, models / SEAL
    if not graph.is_file() or not seal.is_file():
        raise EncoderError(f"the reader {graph} is missing", "install Sayso again: pip install sayso")
    if _sha256(graph) != sealed_hash(models):
        raise EncoderError(f"the reader {graph} is not the sealed file (its hash differs)", "install Sayso again")
    try:
        return assembled(graph, threads)
    except Exception as error:  # onnxruntime has exceptions of its own, which have no common kind
        raise EncoderError(f"the reader {graph} does not load: {error}", "install Sayso again") from error


def sealed_hash(models: Path = MODELS) -> str:
    """The SHA-256 that the graph in the folder ``models`` must have. :raises EncoderError: its seal is damaged."""
    try:
        return str(json.loads((models / SEAL).read_text(encoding="utf-8"))["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderError(f"the reader's seal {models / SEAL} cannot be read", "install Sayso again") from error


def assembled(graph: Path, threads: int = 0) -> Reader:
    """The reader of an exported graph, with the tokenizer and word embeddings of the encoder's package."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # windows are read in threads of their own
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    folder = package_folder()
    return Reader(session, Framer(load_tokenizer(folder)), word_embeddings(folder), threads or os.cpu_count() or 1)


def load_tokenizer(folder: Path) -> Tokenizer:
    """The encoder's tokenizer, neither padding nor cutting."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def word_embeddings(folder: Path) -> np.ndarray:
    """The encoder's word embeddings, float32 (vocabulary, 384)."""
    from safetensors import safe_open

    with safe_open(str(folder / "model.safetensors"), framework="numpy") as weights:
        return np.asarray(weights.get_tensor("embeddings.word_embeddings.weight"), dtype=np.float32)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
