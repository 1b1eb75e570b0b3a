"""A question-answering model in the reader's place: exact words, whole passages, margins with a meaning."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.corpus import Corpus
from retrieval.errors import EncoderError
from retrieval.hub_reader import HubReader, load_hub_reader
from retrieval.settings import ReaderSettings
from retrieval.tokens import sentence_spans
from retrieval.types import Kind, Passage, Reading, Span
from tests.engine import write
from tests.retrieval.samples import TEXTS
from tests.retrieval.tiny_models import WORDS, bert, roberta

TEXT = "The ferry of Tarn was built in 1911. A storm broke the mast, and Ada Quill was the keeper of the lamp."


def passage(text: str, start: int = 0, title: str = "") -> Passage:
    sentences = tuple(Span(a + start, b + start) for a, b in sentence_spans(text))
    return Passage("p", "a", start, start + len(text), Kind.BODY, text, sentences, title)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {
        "bert": bert(folder / "bert", "ForQuestionAnswering"),
        "roberta": roberta(folder / "roberta"),
        "headless": bert(folder / "headless", "Model"),
    }


@pytest.fixture(scope="module")
def readers(folders: dict[str, Path]) -> dict[str, HubReader]:
    return {name: load_hub_reader(str(folders[name])) for name in ("bert", "roberta")}


# -- any model -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bert", "roberta"])
@settings(max_examples=20)
@given(
    text=TEXTS | st.lists(st.sampled_from(WORDS), max_size=120).map(" ".join),
    question=TEXTS,
    title=st.text(max_size=30),
    start=st.integers(0, 9_000),
)
def test_every_sentence_has_one_reading_whose_words_lie_within_it(
    readers: dict[str, HubReader], name: str, text: str, question: str, title: str, start: int
) -> None:
    place = passage(text, start, title)
    (readings,) = readers[name].read(question, [place])
    assert len(readings) == len(place.sentences)
    for reading, sentence in zip(readings, place.sentences, strict=True):
        assert sentence.start <= reading.span.start < reading.span.end <= sentence.end
        assert np.isfinite(reading.margin)
        words = text[reading.span.start - start : reading.span.end - start]
        assert words == words.strip() or reading.span == sentence


@pytest.mark.parametrize("name", ["bert", "roberta"])
def test_the_words_are_those_that_transformers_itself_finds(
    folders: dict[str, Path], readers: dict[str, HubReader], name: str
) -> None:
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    text, question = TEXT[: TEXT.index(" A storm")], "who built the ferry ?"
    tokens = AutoTokenizer.from_pretrained(folders[name])(
        question, text, return_tensors="pt", return_offsets_mapping=True
    )
    offsets = tokens.pop("offset_mapping")[0].tolist()
    with torch.inference_mode():
        scores = AutoModelForQuestionAnswering.from_pretrained(folders[name])(**tokens)
    start, end = scores.start_logits[0].tolist(), scores.end_logits[0].tolist()
    inside = [i for i, sequence in enumerate(tokens.sequence_ids(0)) if sequence == 1]
    best, i, j = max((start[i] + end[j], -i, -j) for i in inside for j in inside if i <= j < i + 25)
    ((reading,),) = readers[name].read(question, [passage(text)])
    assert text[slice(*reading.span)] == text[offsets[-i][0] : offsets[-j][1]].strip()
    nothing = max(start[0] + end[0], readers[name]._floor)
    assert reading.margin == pytest.approx(max(best - nothing, -40.0), abs=1e-3)


def test_where_a_passage_stands_and_what_is_read_with_it_change_nothing(readers: dict[str, HubReader]) -> None:
    places = [passage(TEXT), passage(TEXT * 4, title="Ada"), passage("the lamp ."), passage("")]
    together = readers["bert"].read("who was the keeper ?", [replace_start(place, 700) for place in places])
    for place, readings in zip(places, together, strict=True):
        (alone,) = readers["bert"].read(["who was the keeper ?"], [place])
        assert [Reading(r.margin, Span(r.span.start + 700, r.span.end + 700)) for r in alone] == readings
    assert readers["bert"].read("who ?", []) == []


def replace_start(place: Passage, by: int) -> Passage:
    moved = tuple(Span(a + by, b + by) for a, b in place.sentences)
    return replace(place, start=place.start + by, end=place.end + by, sentences=moved)


def test_a_long_question_leaves_room_for_the_passage(readers: dict[str, HubReader]) -> None:
    long, cut = readers["bert"].read(["ferry " * 300, "ferry " * 15], [passage(TEXT)] * 2)
    assert long == cut


def test_threads_may_share_a_reader(readers: dict[str, HubReader]) -> None:
    asked = ["who was the keeper ?", "when was the ferry built ?", "who broke the mast , a storm ?"] * 2

    def read(question: str) -> list[list[Reading]]:
        return readers["roberta"].read(question, [passage(TEXT), passage(TEXT * 5)])

    alone = [read(question) for question in asked]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, asked)) == alone


# -- what a margin means ---------------------------------------------------------------------------


class Finding:
    """A network that is as sure of one word as it is told, and of "no answer" as it is told."""

    config = SimpleNamespace(max_position_embeddings=64)

    def __init__(self, word: int, sure: float, nothing: Callable[[list[int]], float]) -> None:
        self.word, self.sure, self.nothing = word, sure, nothing

    def __call__(self, input_ids: Any, **_: Any) -> SimpleNamespace:
        import torch

        (ids,) = input_ids.tolist()
        assert len(ids) <= 62
        scores = [self.sure if one == self.word else -3.0 for one in ids]
        scores[0] = self.nothing(ids)
        logits = torch.tensor([scores]) / 2  # start and end each give half
        return SimpleNamespace(start_logits=logits, end_logits=logits)


@pytest.fixture(scope="module")
def tokenizer(folders: dict[str, Path]) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folders["bert"])


def test_a_word_is_found_wherever_in_a_long_passage_it_stands(tokenizer: Any) -> None:
    reader = HubReader(Finding(tokenizer.convert_tokens_to_ids("quill"), 9.0, lambda _: 0.0), tokenizer)
    for before in range(0, 90, 7):
        text = "A storm broke the mast. " * before + "Ada Quill was the keeper. " + "The ferry was built. " * 20
        (readings,) = reader.read("who was the keeper ?", [passage(text, 50, "Tarn")])
        best = max(readings, key=lambda reading: reading.margin)
        assert text[best.span.start - 50 : best.span.end - 50] == "Quill"
        assert best.margin == 9.0
        assert sum(reading.margin > 0 for reading in readings) == 1


def test_the_margin_of_a_model_that_knows_no_answer_is_held_against_it(tokenizer: Any) -> None:
    quill = tokenizer.convert_tokens_to_ids("quill")
    reader = HubReader(Finding(quill, 7.0, lambda ids: -2.0 if quill in ids else 8.0), tokenizer)
    (said,), (unsaid,) = reader.read("who ?", [passage("Ada Quill was the keeper."), passage("The ferry was built.")])
    assert (said.margin, unsaid.margin) == (9.0, -11.0)


def test_the_margin_of_a_model_that_never_learned_no_answer_is_held_against_unrelated_texts(tokenizer: Any) -> None:
    quill = tokenizer.convert_tokens_to_ids("quill")
    reader = HubReader(Finding(quill, 7.0, lambda _: -30.0), tokenizer)
    (said,), (unsaid,) = reader.read("who ?", [passage("Ada Quill was the keeper."), passage("The ferry was built.")])
    assert (said.margin, unsaid.margin) == (10.0, 0.0)


# -- models that cannot be used --------------------------------------------------------------------


@pytest.mark.parametrize("model", ["nobody/no-such-model", "/no/such/folder"])
def test_a_model_that_is_not_to_be_had_says_what_to_do(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(EncoderError, match="not on this disk and cannot be fetched") as raised:
        load_hub_reader(model)
    assert model in str(raised.value)
    assert "built-in" in raised.value.hint


def test_a_damaged_model_is_refused(folders: dict[str, Path], tmp_path: Path) -> None:
    for file in folders["bert"].iterdir():
        whole = file.read_bytes()
        (tmp_path / file.name).write_bytes(whole[:-100] if file.suffix == ".safetensors" else whole)
    with pytest.raises(EncoderError, match="cannot be loaded from that folder"):
        load_hub_reader(str(tmp_path))


def test_a_model_that_cannot_answer_is_refused(folders: dict[str, Path]) -> None:
    with pytest.raises(EncoderError, match="last layer is missing"):
        load_hub_reader(str(folders["headless"]))


# -- in the engine ---------------------------------------------------------------------------------


def test_a_model_of_the_users_choice_reads_in_the_engine(
    folders: dict[str, Path], tmp_path: Path, open_engine: Callable[..., Corpus]
) -> None:
    write(tmp_path / "articles", ferry=TEXT)
    corpus = open_engine(reader=ReaderSettings(model=str(folders["bert"])))
    corpus.index([tmp_path / "articles"])
    sentences = corpus.ask("Who was the keeper of the lamp?").work.sentences
    assert sentences
    assert all("margin" in candidate.features and candidate.answer for candidate in sentences)


def test_a_model_of_the_users_choice_is_never_left_out_in_silence(
    folders: dict[str, Path], tmp_path: Path, open_engine: Callable[..., Corpus]
) -> None:
    write(tmp_path / "articles", ferry=TEXT)
    corpus = open_engine(reader=ReaderSettings(model=str(folders["headless"])))
    corpus.index([tmp_path / "articles"])
    with pytest.raises(EncoderError, match="last layer is missing"):
        corpus.ask("Who was the keeper of the lamp?")
