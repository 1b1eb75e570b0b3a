from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval import export
from retrieval.encoder import (
    BUILT_IN,
    OnnxEncoder,
    SentenceTransformerEncoder,
    embedding_text,
    encoder_name,
    load_encoder,
)
from retrieval.errors import EncoderError
from retrieval.export import exported_model
from retrieval.protocols import Encoder
from retrieval.settings import EncoderSettings
from retrieval.types import Kind, Passage, Span
from tests.retrieval.samples import passages

TEXTS = [
    "Ferries.",
    "who was on board",
    "The ferry Ada left Tarn at noon on 3 May 1987, with forty people and one horse aboard.",
    "Şehir 12,5 % büyüdü – 👩‍👩‍👧 – कहाँ؟ 好。",
    "The keeper of the lamp counts the ships that pass. " * 9,
    "Nobody asked. " * 63,
    "A long report on the depth of the lake and its fish. " * 60,  # more than 256 tokens
    "",
]


@pytest.fixture(scope="session")
def encoder(exported: Path) -> Encoder:
    """The default encoder."""
    return load_encoder(EncoderSettings(), exported)


@pytest.fixture(scope="session")
def full(exported_apart: tuple[Path, str]) -> Encoder:
    """The encoder of full precision."""
    return load_encoder(EncoderSettings(precision="fp32"), exported_apart[0])


@pytest.fixture(params=["encoder", "full"])
def either(request: pytest.FixtureRequest) -> Encoder:
    """Each of the two."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def reference() -> Any:
    from sentence_transformers import SentenceTransformer

    with export.quiet():
        return SentenceTransformer(str(export.package_folder()), device="cpu")


def one_sentence(text: str) -> Passage:
    return Passage("a#1", "a", 0, len(text), Kind.BODY, text, (Span(0, len(text)),))


def require_unit(vectors: np.ndarray, shape: tuple[int, ...]) -> None:
    assert vectors.dtype == np.float32
    assert vectors.shape == shape
    assert np.allclose(np.linalg.norm(vectors, axis=-1), 1, atol=1e-5)


# -- the model in the box --------------------------------------------------------------------------


def test_vectors_are_those_of_sentence_transformers(full: Encoder, reference: Any) -> None:
    theirs = reference.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    assert float((full.encode_questions(TEXTS) * theirs).sum(axis=1).min()) >= 0.9999
    ours = np.stack([encoded.passage for encoded in full.encode_passages([one_sentence(text) for text in TEXTS])])
    assert float((ours * theirs).sum(axis=1).min()) >= 0.9999


def test_8_bit_vectors_are_near_those_of_sentence_transformers(encoder: Encoder, reference: Any) -> None:
    theirs = reference.encode(TEXTS[:-1], normalize_embeddings=True, show_progress_bar=False)
    assert float((encoder.encode_questions(TEXTS[:-1]) * theirs).sum(axis=1).min()) >= 0.95


def test_a_text_has_the_same_vector_bit_for_bit_whatever_it_is_encoded_with(either: Encoder) -> None:
    together = either.encode_passages([one_sentence(text) for text in TEXTS])
    backwards = either.encode_passages([one_sentence(text) for text in reversed(TEXTS)])
    for text, mine, other in zip(TEXTS, together, reversed(backwards), strict=True):
        (alone,) = either.encode_passages([one_sentence(text)])
        assert np.array_equal(mine.passage, alone.passage)
        assert np.array_equal(mine.sentences, alone.sentences)
        assert np.array_equal(mine.passage, other.passage)
        assert np.array_equal(mine.passage, either.encode_questions([text])[0])


def test_nothing_in_nothing_out(encoder: Encoder) -> None:
    assert encoder.encode_passages([]) == []
    assert encoder.encode_questions([]).shape == (0, 384)
    assert encoder.count_tokens([]) == []


def test_tokens_are_counted_untruncated_and_without_padding(encoder: Encoder) -> None:
    assert encoder.count_tokens(["ferry", "", "ferry " * 300]) == [3, 2, 302]


def test_a_text_is_read_to_256_tokens_and_not_padded_to_128(encoder: Encoder) -> None:
    assert isinstance(encoder, OnnxEncoder)
    read = [len(encoder._states(encoding)) for encoding in encoder._tokenizer.encode_batch(["ferry", "ferry " * 300])]
    assert read == [3, 256]
    start, end = encoder.encode_questions(["ferry " * 254, "ferry " * 254 + "lamp " * 50])
    assert np.array_equal(start, end)


def test_sentences_get_a_unit_vector_each(encoder: Encoder) -> None:
    cut = passages("The ferry sank. Ada sells apples! 👩‍👩‍👧 कहाँ? Nobody knew.", title="On ferries")
    (encoded,) = encoder.encode_passages(cut)
    require_unit(encoded.passage, (384,))
    require_unit(encoded.sentences, (len(cut[0].sentences), 384))


def test_a_sentence_is_nearer_to_its_own_question_than_its_neighbours(encoder: Encoder) -> None:
    told = [
        "The ferry sank in a storm.",
        "Ada sells apples at the market.",
        "👩‍👩‍👧 The bridge was built of iron – all of it.",
    ]
    (passage,) = passages(" ".join(told), tokens=40, title="Ça · 好 · the town of Tarn")
    (encoded,) = encoder.encode_passages([passage])
    questions = encoder.encode_questions(
        ["What happened to the ferry?", "Who sells apples?", "What is the bridge made of?"]
    )
    assert (questions @ encoded.sentences.T).argmax(axis=1).tolist() == [0, 1, 2]


def test_sentence_vectors_do_not_depend_on_where_in_its_article_a_passage_stands(encoder: Encoder) -> None:
    (here,) = passages("The ferry sank. Nobody knew.", title="On ferries")
    moved = replace(
        here,
        start=here.start + 700,
        end=here.end + 700,
        sentences=tuple(Span(a + 700, b + 700) for a, b in here.sentences),
    )
    one, other = encoder.encode_passages([here, moved])
    assert np.allclose(one.sentences, other.sentences, atol=1e-6)
    assert not np.allclose(one.sentences[0], one.sentences[1], atol=0.05)


def test_a_sentence_that_is_not_read_gets_the_vector_of_its_passage(encoder: Encoder) -> None:
    text = "ferry " * 300 + "lamp"
    passage = Passage("a#1", "a", 0, len(text), Kind.BODY, text, (Span(0, 1799), Span(1800, len(text))))
    (encoded,) = encoder.encode_passages([passage])
    assert np.allclose(encoded.sentences[1], encoded.passage, atol=1e-6)


def test_the_context_is_read_before_the_text(encoder: Encoder) -> None:
    plain, titled = passages("It sank.")[0], passages("It sank.", title="The ferry of Tarn")[0]
    assert embedding_text(titled) == ("The ferry of Tarn. It sank.", len("The ferry of Tarn. "))
    assert embedding_text(plain) == ("It sank.", 0)
    question = encoder.encode_questions(["What happened to the ferry?"])[0]
    without, with_title = encoder.encode_passages([plain, titled])
    assert float(question @ with_title.passage) > float(question @ without.passage)
    assert float(question @ with_title.sentences[0]) > float(question @ without.sentences[0])


def test_threads_may_share_an_encoder(encoder: Encoder) -> None:
    alone = [encoder.encode_questions([text]) for text in TEXTS[:5]]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            for mine, other in zip(
                alone, pool.map(lambda text: encoder.encode_questions([text]), TEXTS[:5]), strict=True
            ):
                assert np.allclose(mine, other, atol=1e-6)


def test_a_damaged_graph_is_refused_with_the_way_to_mend_it(tmp_path: Path, exported: Path) -> None:
    graph, _ = exported_model(exported, EncoderSettings().precision)
    nothing = b"\0" * 100  # sealed as it is: a graph that was changed after it was sealed is made again
    seal = json.loads(graph.with_suffix(".json").read_text()) | {
        "bytes": len(nothing),
        "sha256": hashlib.sha256(nothing).hexdigest(),
    }
    (tmp_path / graph.name).write_bytes(nothing)
    (tmp_path / graph.name).with_suffix(".json").write_text(json.dumps(seal))
    with pytest.raises(EncoderError, match="damaged") as raised:
        load_encoder(EncoderSettings(), tmp_path)
    assert str(tmp_path) in raised.value.hint


# -- other models ----------------------------------------------------------------------------------

VOCABULARY = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    ".",
    "·",
    ":",
    "ferry",
    "sank",
    "lamp",
    "query",
    "passage",
    "who",
    "knew",
]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two sentence-transformers models of two layers: with prompts, and ``plain``."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    vocabulary = {word: number for number, word in enumerate(VOCABULARY)}
    torch.manual_seed(1)
    shape = BertConfig(
        vocab_size=len(VOCABULARY), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64,
    )  # fmt: skip
    with export.quiet():
        BertModel(shape).save_pretrained(folder / "bert")
        BertTokenizerFast(vocab=vocabulary).save_pretrained(folder / "bert")
        for name, prompts in (("prompted", {"query": "query: ", "document": "passage: "}), ("plain", None)):
            modules = [Transformer(str(folder / "bert"), max_seq_length=24), Pooling(32)]
            SentenceTransformer(modules=modules, device="cpu", prompts=prompts).save(str(folder / name))
    return folder


@pytest.fixture(scope="session")
def prompted(tiny: Path) -> Encoder:
    return load_encoder(EncoderSettings(model=str(tiny / "prompted"), batch=2), tiny)


@pytest.fixture(scope="session")
def plain(tiny: Path) -> Encoder:
    return load_encoder(EncoderSettings(model=str(tiny / "plain")), tiny)


def test_another_model_tells_its_name_dimension_and_length(tiny: Path, prompted: Encoder) -> None:
    assert isinstance(prompted, SentenceTransformerEncoder)
    assert (prompted.name, prompted.dimension, prompted.max_tokens) == (str(tiny / "prompted"), 32, 24)
    assert prompted.name == encoder_name(EncoderSettings(model=str(tiny / "prompted")))


def test_the_prompt_counts_among_a_passages_tokens(prompted: Encoder, plain: Encoder) -> None:
    assert plain.count_tokens(["ferry sank.", "", "lamp " * 40]) == [5, 2, 42]
    assert prompted.count_tokens(["ferry sank.", "", "lamp " * 40]) == [7, 4, 44]
    assert prompted.count_tokens([]) == []


def test_questions_and_passages_get_the_prompts_of_the_model(prompted: Encoder, plain: Encoder) -> None:
    require_unit(prompted.encode_questions(["who sank", "ferry"]), (2, 32))
    assert np.allclose(prompted.encode_questions(["ferry"]), plain.encode_questions(["query: ferry"]), atol=1e-5)
    (mine,), (bare,) = (
        prompted.encode_passages([one_sentence("ferry")]),
        plain.encode_passages([one_sentence("passage: ferry")]),
    )
    assert np.allclose(mine.passage, bare.passage, atol=1e-5)
    assert not np.allclose(mine.passage, prompted.encode_questions(["ferry"])[0], atol=1e-3)


def test_passages_and_sentences_are_encoded_in_order_each_behind_the_context(plain: Encoder) -> None:
    cut = [
        *passages("ferry sank. who knew.", title="lamp"),
        *passages("lamp.", "b"),
        *passages("who sank. who knew. ferry.", "c"),
    ]
    encoded = plain.encode_passages(cut)
    assert [len(one.sentences) for one in encoded] == [len(one.sentences) for one in cut]
    for passage, one in zip(cut, encoded, strict=True):
        require_unit(one.passage, (32,))
        require_unit(one.sentences, (len(passage.sentences), 32))
        assert np.allclose(one.passage, plain.encode_questions([embedding_text(passage)[0]])[0], atol=1e-5)
    assert np.allclose(encoded[0].sentences[1], plain.encode_questions(["lamp. who knew."])[0], atol=1e-5)
    assert plain.encode_passages([]) == []
    assert plain.encode_questions([]).shape == (0, 32)


def test_a_model_on_this_disk_is_loaded_without_asking_the_network(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object) -> None:
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert load_encoder(EncoderSettings(model=str(tiny / "plain")), tiny).dimension == 32


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("nobody/no-such-model", "cannot be fetched"),
        ("not a name", "cannot be fetched"),
        ("/no/such/folder", "cannot be fetched"),
        ("{tmp}", "from that folder"),
    ],
)
def test_a_model_that_is_not_to_be_had_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, said: str
) -> None:
    import huggingface_hub.constants

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    name = model.format(tmp=tmp_path)
    with pytest.raises(EncoderError, match=said) as raised:
        load_encoder(EncoderSettings(model=name), tmp_path)
    assert name in str(raised.value)
    assert BUILT_IN in raised.value.hint
