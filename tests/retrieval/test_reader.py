"""The reader: exact spans, whole windows, one reading for each sentence, and a file that is checked."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import EncoderError
from retrieval.export import package_folder
from retrieval.reader import (
    GRAPH,
    LEAST_MARGIN,
    LIMIT,
    LONGEST_SPAN,
    MODELS,
    SEAL,
    Framer,
    Reader,
    best_span,
    load_reader,
    load_tokenizer,
)
from retrieval.tokens import sentence_spans
from retrieval.types import Kind, Passage

TEXT = (
    "The ferry to Inchmore was founded by Ada Quill in 1911. It carried mail, sheep and, on Sundays, the choir. "
    "In 1934 a storm broke its mast. The harbour board paid 320 pounds for a new one."
)


class QuestionWords:
    """A session that finds answers where the question's own words stand."""

    def run(self, names, feed):
        types, mask = feed["token_type_ids"], feed["attention_mask"]
        score = np.where(types == 2, 1.0, -1.0) * mask
        return [np.stack([score, score + 0.5], axis=-1).astype(np.float32)]


@pytest.fixture(scope="module")
def framer():
    return Framer(load_tokenizer(package_folder()))


@pytest.fixture(scope="module")
def words_reader(framer):
    return Reader(QuestionWords(), framer, np.zeros((40_000, 1), dtype=np.float32))


@pytest.fixture(scope="module")
def shipped():
    return load_reader(threads=1)


def passage(text, start=0, title=""):
    spans = tuple(type(s)(s.start + start, s.end + start) for s in sentence_spans(text))
    return Passage("p", "a", start, start + len(text), Kind.BODY, text, spans, title)


WORDS = st.sampled_from(["Quill", "ferry", "1911", "naïve", "Ελλάδα", "東京", "𝛼", "é", "St.", "the", "\u200b", "—"])
TEXTS = st.lists(st.one_of(WORDS, st.text(max_size=12), st.just(".\n\n")), max_size=60).map(" ".join)


@settings(max_examples=60)
@given(text=TEXTS, question=TEXTS, title=st.text(max_size=40), start=st.integers(0, 10_000))
def test_every_sentence_has_one_reading_whose_words_lie_within_it(words_reader, text, question, title, start):
    place = passage(text, start, title)
    (readings,) = words_reader.read(question, [place])
    assert len(readings) == len(place.sentences)
    for reading, sentence in zip(readings, place.sentences, strict=True):
        assert sentence.start <= reading.span.start < reading.span.end <= sentence.end
        assert np.isfinite(reading.margin)
        assert reading.margin >= LEAST_MARGIN


@settings(max_examples=40)
@given(words=st.integers(0, 900), question=st.integers(0, 120))
def test_windows_show_every_token_and_none_is_longer_than_the_limit(framer, words, question):
    (pair,) = framer.pairs(["why " * question], ["tide " * words], ["A long title " * 20])
    windows = list(pair.windows())
    assert all(len(window.ids) == len(window.types) <= LIMIT for window in windows)
    shown = {tuple(offset) for window in windows for offset in window.offsets.tolist()}
    assert shown == {tuple(offset) for offset in pair.offsets.tolist()}
    assert len(shown) == words


@given(rows=st.lists(st.tuples(st.floats(-9, 9, width=32), st.floats(-9, 9, width=32)), min_size=1, max_size=60))
def test_best_span_is_the_best_of_all_allowed(rows):
    logits = np.array(rows, dtype=np.float32)
    score, start, end = best_span(logits)
    assert 0 <= start <= end < min(len(rows), start + LONGEST_SPAN)
    every = [logits[i, 0] + logits[j, 1] for i in range(len(rows)) for j in range(i, min(len(rows), i + LONGEST_SPAN))]
    assert score == pytest.approx(max(every), abs=1e-5)


def test_words_of_the_question_are_marked_in_the_passage_but_stop_words_are_not(framer):
    text = "The ferries of Inchmore sail at noon."
    (pair,) = framer.pairs(["When does the ferry of inchmore sail?"], [text], [""])
    marked = [text[a:b] for (a, b), kind in zip(pair.offsets.tolist(), pair.types, strict=True) if kind == 2]
    assert "".join(marked) == "ferriesInchmoresail"


def test_reading_many_passages_at_once_changes_nothing(shipped):
    places = [passage(TEXT, 40, "Ferries"), passage(TEXT * 9), passage("No. Never."), passage("")]
    questions = ["who founded the ferry", "what did the mast cost?", "Why?", "who"]
    together = shipped.read(questions, places)
    for question, place, readings in zip(questions, places, together, strict=True):
        (alone,) = shipped.read([question], [place])
        assert [r.span for r in alone] == [r.span for r in readings]
        # 8-bit activations share one scale over a batch, so margins move a little
        assert [r.margin for r in alone] == pytest.approx([r.margin for r in readings], abs=0.6)


def test_one_question_is_asked_of_all_passages(shipped):
    places = [passage(TEXT), passage("Nothing of note was built that year.")]
    assert len(shipped.read("who founded the ferry", places)) == 2
    assert shipped.read("who founded the ferry", []) == []


@pytest.mark.parametrize(
    ("question", "words"),
    [("Who founded the ferry to Inchmore?", "Ada Quill"), ("how much was paid for the new mast", "320 pounds")],
)
def test_the_shipped_reader_finds_the_words_that_answer(shipped, question, words):
    (readings,) = shipped.read(question, [passage(TEXT, 0, "The Inchmore ferry")])
    best = max(readings, key=lambda reading: reading.margin)
    assert words in TEXT[best.span.start : best.span.end]


def test_the_shipped_reader_tells_what_the_passage_does_not_say(shipped):
    said, unsaid = shipped.read(["Who founded the ferry?", "Who painted the church?"], [passage(TEXT)] * 2)
    assert max(r.margin for r in said) > max(r.margin for r in unsaid)


def test_a_missing_reader_is_an_error_with_a_way_out(tmp_path):
    with pytest.raises(EncoderError, match="missing") as caught:
        load_reader(tmp_path)
    assert "pip install" in caught.value.hint


@pytest.mark.parametrize("seal", [b"{", b"[]", b"{}", b"\xff"])
def test_a_damaged_seal_is_an_error_with_a_way_out(tmp_path, seal):
    (tmp_path / GRAPH).write_bytes((MODELS / GRAPH).read_bytes())
    (tmp_path / SEAL).write_bytes(seal)
    with pytest.raises(EncoderError, match="seal"):
        load_reader(tmp_path)


def test_a_graph_that_is_sealed_but_is_none_is_an_error_with_a_way_out(tmp_path):
    (tmp_path / GRAPH).write_bytes(b"no graph")
    (tmp_path / SEAL).write_text(json.dumps({"sha256": hashlib.sha256(b"no graph").hexdigest()}))
    with pytest.raises(EncoderError, match="does not load"):
        load_reader(tmp_path)


def test_a_damaged_reader_is_not_loaded(tmp_path):
    (tmp_path / GRAPH).write_bytes((MODELS / GRAPH).read_bytes()[:-1])
    (tmp_path / SEAL).write_bytes((MODELS / SEAL).read_bytes())
    with pytest.raises(EncoderError, match="hash differs"):
        load_reader(tmp_path)


def test_the_model_card_names_the_file_that_ships():
    seal = json.loads((MODELS / SEAL).read_text())
    assert seal["sha256"] in (MODELS / "README.md").read_text(encoding="utf-8")
    assert seal["bytes"] == Path(MODELS / GRAPH).stat().st_size
