"""Examples as batches of token windows with their right positions; what a batch holds depends on the seed alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

import numpy as np

from retrieval.reader import Framer, Pair, Window
from retrieval.training.examples import Example, as_typed

_POOL = 2_000  # examples sorted by length at once
_TITLED = 0.5  # share of the examples shown with their title


class Batch(NamedTuple):
    """Arrays of shape (examples, longest)."""

    ids: np.ndarray  # int64
    types: np.ndarray  # int64
    mask: np.ndarray  # int64
    starts: np.ndarray  # bool: where a right answer may start; the first token where there is none
    ends: np.ndarray  # bool


class Labelled(NamedTuple):
    """A window, and which of its tokens may open and close a right answer."""

    window: Window
    starts: np.ndarray  # bool (length,)
    ends: np.ndarray


def batches(examples: Sequence[Example], framer: Framer, tokens: int, seed: int) -> Iterator[Batch]:
    """All examples once in an order drawn by ``seed``, about ``tokens`` tokens a batch, padding included."""
    random = Random(seed)
    order = random.sample(range(len(examples)), len(examples))
    for start in range(0, len(order), _POOL):
        pool = sorted(labelled([examples[i] for i in order[start : start + _POOL]], framer, random), key=_length)
        groups = list(_groups(pool, tokens))
        random.shuffle(groups)
        yield from map(_batch, groups)


def labelled(examples: Sequence[Example], framer: Framer, random: Random) -> list[Labelled]:
    """A window of each example, round its first answer; without those whose answer covers no token."""
    questions = [as_typed(example.question, random) for example in examples]
    titles = [example.title if random.random() < _TITLED else "" for example in examples]
    pairs = framer.pairs(questions, [example.text for example in examples], titles)
    found = (_labelled(example, pair, random) for example, pair in zip(examples, pairs, strict=True))
    return [item for item in found if item is not None]


def _labelled(example: Example, pair: Pair, random: Random) -> Labelled | None:
    answers = [tokens for span in example.answers if len(tokens := _tokens(pair.offsets, *span))]
    if example.answers and not answers:
        return None
    window = pair.window(first := _first(pair, answers, random))
    starts, ends = (np.zeros(len(window.ids), dtype=bool) for _ in range(2))
    for tokens in answers:
        shown = tokens[(tokens >= first) & (tokens < first + len(window.offsets))] - first + window.lead
        if example.whole:
            starts[shown] = ends[shown] = True
        elif len(shown) == len(tokens):
            starts[shown[0]] = ends[shown[-1]] = True
    starts[0] = ends[0] = not starts.any()
    return Labelled(window, starts, ends)


def _tokens(offsets: np.ndarray, start: int, end: int) -> np.ndarray:
    return np.flatnonzero((offsets[:, 1] > start) & (offsets[:, 0] < end))


def _first(pair: Pair, answers: Sequence[np.ndarray], random: Random) -> int:
    """The passage token at which the window starts: at random, but with the first answer in it."""
    spare = len(pair.ids) - pair.room
    if spare <= 0:
        return 0
    if not answers:
        return random.randint(0, spare)
    least, most = int(answers[0][-1]) - pair.room + 1, int(answers[0][0])
    return random.randint(max(0, min(least, most)), min(spare, max(most, 0)) if most >= least else most)


def _length(item: Labelled) -> int:
    return len(item.window.ids)


def _groups(pool: Sequence[Labelled], tokens: int) -> Iterator[list[Labelled]]:
    group: list[Labelled] = []
    for item in pool:
        if group and (len(group) + 1) * _length(item) > tokens:
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def _batch(group: Sequence[Labelled]) -> Batch:
    ids, types, mask = padded([item.window for item in group])
    starts, ends = (np.zeros(ids.shape, dtype=bool) for _ in range(2))
    for row, item in enumerate(group):
        starts[row, : len(item.starts)], ends[row, : len(item.ends)] = item.starts, item.ends
    return Batch(ids, types, mask, starts, ends)


def padded(windows: Sequence[Window]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ids, token types and attention mask of a batch, int64 (windows, longest)."""
    longest = max(len(window.ids) for window in windows)
    ids, types, mask = (np.zeros((len(windows), longest), dtype=np.int64) for _ in range(3))
    for row, window in enumerate(windows):
        length = len(window.ids)
        ids[row, :length], types[row, :length], mask[row, :length] = window.ids, window.types, 1
    return ids, types, mask
