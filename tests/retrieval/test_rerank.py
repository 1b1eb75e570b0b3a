from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.corpus import Corpus
from retrieval.errors import EncoderError
from retrieval.rerank import CrossEncoderReranker, load_reranker, reranked
from retrieval.settings import Rerank
from retrieval.types import Hit, Kind, Passage
from tests.engine import write
from tests.retrieval.tiny_models import bert


def passage(text: str, title: str = "") -> Passage:
    return Passage(text, "a", 0, len(text), Kind.BODY, text, title=title)


# -- the order -------------------------------------------------------------------------------------


class Given:
    """Scores that were given beforehand, by the passage's text."""

    def __init__(self, scores: dict[str, float]) -> None:
        self.given = scores

    def scores(self, question: str, passages: Sequence[Passage]) -> np.ndarray:
        return np.array([self.given[each.text] for each in passages], np.float32)


@given(st.lists(st.floats(-20, 20, width=16)), st.integers(1, 30))
def test_the_first_hits_are_put_in_order_and_none_is_lost_or_changed(scores: list[float], most: int) -> None:
    hits = [Hit(passage(f"n{number}"), -float(number), 0.5, 0.0) for number in range(len(scores))]
    given = Given({f"n{number}": score for number, score in enumerate(scores)})
    ordered = reranked(given, "why?", hits, most)
    first, rest = ordered[:most], ordered[most:]
    assert rest == hits[most:]
    assert sorted((replace(hit, rerank=None) for hit in first), key=lambda hit: -hit.score) == hits[:most]
    assert all(hit.rerank == given.given[hit.passage.text] for hit in first)
    keys = [(-given.given[hit.passage.text], -hit.score) for hit in first]
    assert keys == sorted(keys), "best first, ties as they were"


# -- a CrossEncoder --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {
        "tiny": bert(folder / "tiny", "ForSequenceClassification", num_labels=1),
        "three": bert(folder / "three", "ForSequenceClassification", num_labels=3),
        "headless": bert(folder / "headless", "Model"),
    }


@pytest.fixture(scope="module")
def reranker(folders: dict[str, Path]) -> CrossEncoderReranker:
    return load_reranker(str(folders["tiny"]))


PASSAGES = [
    passage("The ferry was built in 1911."),
    passage("Ada Quill was the keeper of the lamp.", title="Tarn"),
    passage("A storm broke the mast. " * 40),
    passage("👩‍👩‍👧 好。"),
]


def test_scores_are_the_logits_of_sentence_transformers(
    folders: dict[str, Path], reranker: CrossEncoderReranker
) -> None:
    import torch
    from sentence_transformers import CrossEncoder

    question = "who was the keeper ?"
    texts = [f"{each.title}. {each.text}" if each.title else each.text for each in PASSAGES]
    theirs = CrossEncoder(str(folders["tiny"]), device="cpu").predict(
        [(question, text) for text in texts], activation_fn=torch.nn.Identity(), show_progress_bar=False
    )
    ours = reranker.scores(question, PASSAGES)
    assert (ours.dtype, ours.shape) == (np.float32, (4,))
    assert np.allclose(ours, theirs, atol=1e-5)
    assert len(set(ours.round(3).tolist())) == 4
    assert reranker.scores(question, []).shape == (0,)


def test_threads_may_share_a_reranker(reranker: CrossEncoderReranker) -> None:
    asked = ["who was the keeper ?", "when ?", "the ferry of tarn"] * 2
    alone = [reranker.scores(question, PASSAGES) for question in asked]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda question: reranker.scores(question, PASSAGES), asked))
    assert np.array_equal(np.stack(alone), np.stack(together))


@pytest.mark.parametrize("model", ["nobody/no-such-model", "/no/such/folder"])
def test_a_model_that_is_not_to_be_had_says_what_to_do(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(EncoderError, match="not on this disk and cannot be fetched") as raised:
        load_reranker(model)
    assert model in str(raised.value)
    assert "none" in raised.value.hint


@pytest.mark.parametrize(
    ("name", "said"), [("headless", "last layer is missing"), ("three", "3 scores for a pair, not one")]
)
def test_a_model_that_does_not_score_pairs_is_refused(folders: dict[str, Path], name: str, said: str) -> None:
    with pytest.raises(EncoderError, match=said):
        load_reranker(str(folders[name]))


def test_a_reranker_of_the_users_choice_orders_the_hits_in_the_engine(
    folders: dict[str, Path], tmp_path: Path, open_engine: Callable[..., Corpus]
) -> None:
    texts = {f"n{number}": f"The ferry number {number} was built of a lamp and a mast." for number in range(5)}
    write(tmp_path / "articles", **texts)
    corpus = open_engine(rerank=Rerank(model=str(folders["tiny"]), passages=3))
    corpus.index([tmp_path / "articles"])
    hits = corpus.ask("Who built the ferry?").work.hits
    assert [hit.rerank is not None for hit in hits] == [True] * 3 + [False] * 2
    scores = [hit.rerank or 0.0 for hit in hits[:3]]
    assert scores == sorted(scores, reverse=True)
