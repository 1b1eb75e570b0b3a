"""Batches: each example once, its labels on the words that answer."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.export import package_folder
from retrieval.reader import LIMIT, Framer, load_tokenizer
from retrieval.training.batches import batches, labelled
from retrieval.training.examples import Example
from retrieval.types import Span

WORDS = ["tide", "ferry", "mast", "harbour", "Quill", "1911", "board", "winter,", "sank.", "naïve"]


@pytest.fixture(scope="module")
def framer():
    return Framer(load_tokenizer(package_folder()))


@st.composite
def examples(draw):
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=700))
    first = draw(st.integers(0, len(words) - 1))
    last = draw(st.integers(first, min(len(words) - 1, first + 10)))
    start = len(" ".join(words[:first])) + (first > 0)
    span = Span(start, len(" ".join(words[: last + 1])))
    answers = draw(st.sampled_from([(), (span,)]))
    return Example("Who sank the ferry?", " ".join(words), answers, draw(st.booleans()), "ours", "Ferries", "Ferries")


@given(example=examples(), seed=st.integers(0, 99))
def test_the_labels_stand_on_the_words_that_answer(framer, example, seed):
    (item,) = labelled([example], framer, Random(seed))
    assert len(item.window.ids) <= LIMIT
    if not example.answers:
        assert item.starts[0]
        assert item.ends[0]
        assert item.starts.sum() == item.ends.sum() == 1
        return
    (span,) = example.answers
    offsets = item.window.offsets
    starts, ends = (np.flatnonzero(marks) - item.window.lead for marks in (item.starts, item.ends))
    assert offsets[starts[0], 0] == span.start
    assert offsets[ends[-1], 1] == span.end
    if not example.whole:
        assert len(starts) == len(ends) == 1


@given(made=st.lists(examples(), min_size=1, max_size=8), seed=st.integers(0, 99))
def test_each_example_is_in_one_batch_and_the_order_depends_on_the_seed_alone(framer, made, seed):
    first, second = (list(batches(made, framer, 600, seed)) for _ in range(2))
    assert sum(len(batch.ids) for batch in first) == len(made)
    assert all(np.array_equal(a.ids, b.ids) for a, b in zip(first, second, strict=True))
    assert all(batch.ids.size <= 600 or len(batch.ids) == 1 for batch in first)
    for batch in first:
        assert batch.starts.any(axis=1).all()
        assert not batch.starts[batch.mask == 0].any()
