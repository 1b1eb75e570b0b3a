from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.evaluation import runs
from retrieval.evaluation.datasets import load
from retrieval.evaluation.runs import Run
from retrieval.settings import Answers, Search, Settings
from tests.retrieval.evaluation.fakes import FakeCorpus, write_beir, write_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "lake")


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    return write_beir(tmp_path / "beir")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", answers=Answers(threshold=0.4))


@pytest.fixture
def run(folder: Path, settings: Settings) -> Run:
    return runs.run(load(folder), settings, FakeCorpus)


@pytest.fixture
def worse(folder: Path, settings: Settings) -> Run:
    """A run that finds the same and dares to answer nothing."""
    timid = settings.model_copy(update={"search": Search(dense_weight=0.1)})
    return runs.run(load(folder), timid, FakeCorpus, label="timid")


@pytest.fixture
def bold(run: Run) -> Run:
    """A run that refuses nothing, which leaves the precision of its refusals undefined."""
    outcomes = (o.model_copy(update={"values": {**o.values, "refused": 0.0}}) for o in run.outcomes)
    return run._replace(outcomes=tuple(outcomes))
