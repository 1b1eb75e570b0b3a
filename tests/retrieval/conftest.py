"""What the tests of the engine share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retrieval.corpus import Corpus
from tests.engine import engine, python


@pytest.fixture
def open_engine(tmp_path: Path) -> Iterator[Callable[..., Corpus]]:
    """Opens corpora with the hashing encoder on one fresh data folder, and closes them."""
    opened: list[Corpus] = []

    def open_with(data_dir: Path | None = None, **changes: object) -> Corpus:
        opened.append(engine(data_dir or tmp_path / "data", **changes))
        return opened[-1]

    yield open_with
    for corpus in opened:
        corpus.close()


@pytest.fixture
def unprivileged() -> list[str]:
    """What to put before a command so that permissions hold for it, for they do not for root."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("needs setpriv, or not to be root")
    return [setpriv, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]


#: Exports the graph of full precision, saying so if a logging handler is left behind.
_EXPORT = """
import logging, sys
from pathlib import Path
from retrieval.export import exported_model
before = list(logging.getLogger().handlers)
exported_model(Path(sys.argv[1]), "fp32")
sys.exit("a handler is left" if logging.getLogger().handlers != before else 0)
"""


@pytest.fixture(scope="session")
def exported_apart(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with the encoder's export in full precision, and all that the process that made it said."""
    folder = tmp_path_factory.mktemp("fp32")
    out, err = python(_EXPORT, folder).communicate()
    return folder, out + err
