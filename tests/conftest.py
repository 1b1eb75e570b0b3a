"""What several tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import retrieval
from retrieval.corpus import Corpus
from retrieval.encoder import load_encoder
from retrieval.settings import EncoderSettings

_SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
# The same inputs in each run, so that one commit is either right or wrong; HYPOTHESIS_PROFILE=explore looks for others.
settings.register_profile("sayso", deadline=None, suppress_health_check=_SLOW, derandomize=True)
settings.register_profile("explore", deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "sayso"))

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT.parent / "shared" / "seeds"


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the default encoder's export, made once a test run."""
    cache = tmp_path_factory.mktemp("models")
    load_encoder(EncoderSettings(), cache)
    return cache


@pytest.fixture
def data_dir(tmp_path: Path, exported: Path) -> Path:
    """A fresh data folder that has the encoder's export already."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copytree(exported, folder / "models", copy_function=shutil.copy2)
    return folder


@pytest.fixture
def open_corpus(data_dir: Path) -> Iterator[Callable[..., Corpus]]:
    """Opens corpora with the real encoder on one fresh data folder, and closes them."""
    opened: list[Corpus] = []

    def open_with(**changes: object) -> Corpus:
        opened.append(retrieval.open(retrieval.Settings(**{"data_dir": data_dir, **changes})))
        return opened[-1]

    yield open_with
    for corpus in opened:
        corpus.close()
