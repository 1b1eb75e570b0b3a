"""What is learned from: kept-out articles stay out, and nothing false is said to be unanswerable."""

import json
from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from retrieval.training.examples import Example, as_typed, held_out, load, read_folder, save, share
from retrieval.training.mixture import KEPT_OUT, PORTIONS, kept_out, prepare
from retrieval.training.negatives import hard_negatives
from retrieval.training.swaps import mentions, swapped
from retrieval.types import Span

NAMES = ["Ada Quill", "Tom Marsh", "Ina Baird", "Neil Gow", "Una Clyne", "Rab Orr"]
FACT = st.tuples(st.sampled_from(NAMES), st.integers(1800, 1999), st.integers(2, 900))
FACTS = st.lists(FACT, min_size=2, max_size=12)


def example(name, year, number, article="Ferries"):
    text = f"The boat was sold by {name} in {year}. The first of {number} sheep came aboard."
    question = f"What was sold by {name} in {year}?"
    return Example(question, text, (Span(0, 8),), False, "ours", article, article)


def seller(name, year):
    answer = Span(0, len(name))
    return Example(f"Who sold the boat in {year}?", f"{name} sold it in {year}.", (answer,), False, "ours", "Boats", "")


@given(facts=FACTS, seed=st.integers(0, 99))
def test_a_swapped_question_asks_for_something_that_its_passage_does_not_have(facts, seed):
    examples = [example(*fact) for fact in facts]
    originals = {e.question for e in examples}
    for made in swapped(examples, Random(seed)):
        assert made.answers == ()
        assert made.question not in {e.question for e in examples if e.text == made.text}
        new = [made.question[m.start : m.end] for m in mentions(made.question)]
        exchanged = [words for words in new if words not in made.text]
        assert exchanged or made.question not in originals


@given(facts=FACTS, seed=st.integers(0, 99))
def test_a_hard_negative_does_not_hold_the_answer(facts, seed):
    examples = [seller(name, year) for name, year, _ in facts]
    answers = {e.question: e.answered for e in examples}
    for made in hard_negatives(examples, examples, Random(seed)):
        assert made.answers == ()
        if sum(e.question == made.question for e in examples) == 1:
            assert not any(answer in made.text for answer in answers[made.question])


def test_every_name_year_month_and_number_is_found_once():
    text = "In May 1911 the old ferry of Ada Quill carried 1,200 sheep for NATO."
    found = {text[m.start : m.end]: m.kind for m in mentions(text)}
    assert found == {"May": "month", "1911": "year", "Ada Quill": "names", "1,200": "number", "NATO": "acronym"}


@given(question=st.text(max_size=80), seed=st.integers(0, 9_999))
def test_a_question_as_typed_keeps_its_words(question, seed):
    typed = as_typed(question, Random(seed))
    assert len(typed.lower()) <= len(question.lower())
    assert bool(typed.strip(" ?")) == bool(question.strip(" ?"))


def test_the_mixture_leaves_out_kept_out_articles_and_the_development_set(data, tmp_path):
    counts = prepare(data, tmp_path / "examples.jsonl", seed=1)
    examples = list(load(tmp_path / "examples.jsonl"))
    assert sum(counts.values()) == len(examples)
    assert {e.source for e in examples} <= set(PORTIONS)
    assert not any(held_out(e) for e in examples if e.source == KEPT_OUT)
    assert all(held_out(e) for e in kept_out(data))
    asked = Counter(e.question for e in examples if e.source == KEPT_OUT and e.origin == "asked")
    assert len(kept_out(data)) + len(asked) == 8
    assert set(asked.values()) == {PORTIONS[KEPT_OUT].times}


def test_the_same_seed_prepares_the_same_examples(data, tmp_path):
    for name in ("a", "b"):
        prepare(data, tmp_path / name, seed=5)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_examples_are_read_as_they_were_saved(data, tmp_path):
    examples = read_folder(data / "selqa")
    save(examples, tmp_path / "saved.jsonl")
    assert list(load(tmp_path / "saved.jsonl")) == examples
    assert all(e.answered[0] in e.text for e in examples)


def test_sentence_labels_stand_where_there_is_no_span(tmp_path):
    line = {"question": " who? ", "context": "It sank. Ada swam.", "answers": [], "sent": [[9, 18]], "doc": "x"}
    (tmp_path / "train.jsonl").write_text(json.dumps({**line, "answerable": True}))
    (read,) = read_folder(tmp_path)
    assert (read.question, read.answered, read.whole) == ("who?", ["Ada swam."], True)


def test_a_share_is_always_the_same_part(data):
    examples = read_folder(data / "qamr")
    assert share(examples, 100) == examples
    assert share(examples, 0) == []
    assert set(share(examples, 30)) <= set(share(examples, 60))
