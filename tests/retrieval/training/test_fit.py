"""Training: it goes on where it stopped, and what it exports is what was trained."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from retrieval.reader import assembled, load_reader
from retrieval.training.examples import Example
from retrieval.training.figures import passage, read_best
from retrieval.training.fit import Recipe, averaged, fit
from retrieval.training.graph import export, ship
from retrieval.training.model import SpanModel, span_loss
from retrieval.types import Span
from tests.retrieval.training.conftest import records


class Stopped(Exception):
    """Power lost."""


@pytest.fixture(scope="module")
def examples():
    return [example(r["question"], r["context"], r["answers"][0]) for r in records()]


def example(question, text, answer):
    start, words = answer
    return Example(question, text, (Span(start, start + len(words)),), False, "ours", "Ferries", "")


RECIPE = Recipe(epochs=2, tokens=120, warmup=4, save_every=1, log_every=1, threads=1)


def silent(line):
    pass


@pytest.fixture(scope="module")
def trained(examples, tmp_path_factory):
    return fit(examples, tmp_path_factory.mktemp("trained"), RECIPE, silent)


def test_a_run_that_was_cut_short_ends_as_one_that_was_not(examples, trained, tmp_path):
    def lose_power(line):
        if line.startswith("step 5 "):
            raise Stopped

    with pytest.raises(Stopped):
        fit(examples, tmp_path, RECIPE, lose_power)
    lines = []
    again = torch.load(fit(examples, tmp_path, RECIPE, lines.append), weights_only=True)
    assert lines[0] == "going on from step 4"
    once = torch.load(trained, weights_only=True)
    assert all(torch.equal(once[name], again[name]) for name in once)


def test_a_run_ends_when_its_minutes_are_over(examples, tmp_path):
    lines = []
    fit(examples, tmp_path, replace(RECIPE, minutes=1e-6), lines.append)
    assert lines[-1].startswith("finished: 1 steps")


def test_finished_weights_are_not_made_again(examples, trained):
    before = trained.stat().st_mtime_ns
    assert fit(examples, trained.parent, RECIPE, silent) == trained
    assert trained.stat().st_mtime_ns == before


def test_a_second_cycle_begins_with_the_weights_of_the_first(examples, trained, tmp_path):
    still = replace(RECIPE, start=trained, minutes=1e-6, rate=0.0, head_rate=0.0)
    lines = []
    again = torch.load(fit(examples, tmp_path, still, lines.append), weights_only=True)
    assert lines[0] == f"beginning with {trained}"
    once = torch.load(trained, weights_only=True)
    assert all(torch.equal(once[name], again[name]) for name in once)


def test_two_runs_are_averaged_by_their_share(trained, tmp_path):
    once = torch.load(trained, weights_only=True)
    torch.save({name: weight + 1 for name, weight in once.items()}, tmp_path / "other.pt")
    mean = torch.load(averaged(trained, tmp_path / "other.pt", 0.75, tmp_path / "mean.pt"), weights_only=True)
    assert all(torch.allclose(mean[name], once[name] + 0.75, atol=1e-5) for name in once)


def test_the_word_embeddings_are_not_trained(trained):
    names = torch.load(trained, weights_only=True)
    assert "bert.embeddings.word_embeddings.weight" not in names
    assert "head.weight" in names


def test_the_exported_graphs_read_and_ship(examples, trained, tmp_path):
    graphs = export(trained, tmp_path)
    full, small = (read_best(assembled(graph, 1), examples) for graph in graphs.values())
    assert [o.margin for o in full] == pytest.approx([o.margin for o in small], abs=0.5)
    digest = ship(graphs["int8"], tmp_path / "models")
    assert len(digest) == 64
    (readings,) = load_reader(tmp_path / "models", threads=1).read("Who?", [passage(examples[0])])
    assert len(readings) == 2


def test_the_loss_is_least_where_the_right_positions_score_best():
    mask = torch.ones(1, 4, dtype=torch.long)
    right = torch.tensor([[False, True, False, False]])
    sure, unsure = torch.zeros(1, 4, 2), torch.zeros(1, 4, 2)
    sure[0, 1] = 20.0
    assert float(span_loss(sure, mask, right, right)) == pytest.approx(0, abs=1e-6)
    assert float(span_loss(unsure, mask, right, right)) == pytest.approx(np.log(4))


def test_padding_has_no_part_in_the_loss():
    torch.manual_seed(0)
    logits, mask = torch.randn(1, 6, 2), torch.tensor([[1, 1, 1, 1, 0, 0]])
    right = torch.tensor([[False, True, False, False, False, False]])
    cut = span_loss(logits[:, :4], mask[:, :4], right[:, :4], right[:, :4])
    assert float(span_loss(logits, mask, right, right)) == pytest.approx(float(cut))


def test_words_asked_with_begin_as_the_passage_s_own_words_do():
    types = SpanModel().bert.embeddings.token_type_embeddings.weight
    assert types.shape[0] == 3
    assert torch.equal(types[1], types[2])
