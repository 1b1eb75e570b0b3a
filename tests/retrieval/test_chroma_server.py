"""An index whose Chroma is a server: moving to it, sharing it, losing it in the midst of a question, having it back."""

from __future__ import annotations

import logging
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from retrieval.corpus import Corpus
from retrieval.errors import StoreError
from retrieval.settings import Store
from retrieval.store.clients import identity
from retrieval.store.vectors import ChromaIndex, ExactIndex
from tests.engine import archive_of, contents, engine, in_use, lighthouse, shown, verified, write
from tests.retrieval.chroma_server import ChromaServer
from tests.retrieval.store.test_vectors import axis


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChromaServer]:
    (tmp_path / "server").mkdir()
    with ChromaServer(tmp_path / "server") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "articles", **{f"n{number}": lighthouse(number) for number in range(12)})


@pytest.fixture
def corpus(open_engine: Callable[..., Corpus], server: ChromaServer, folder: Path) -> Corpus:
    made = open_engine(store=Store(url=server.url, exact_below=0, timeout_s=5))
    made.index([folder])
    return made


def asked(corpus: Corpus, number: int = 3) -> type:
    """The kind of index that a right answer came from."""
    reply = corpus.ask(f"Who lives in the lighthouse of Cape N{number}?")
    assert verified(corpus, reply)
    assert shown(reply)[0].startswith(f"Keeper K{number} ")
    return type(in_use(corpus).neighbours.current())


def later(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the clock go on by more than the pause before a server is asked again."""
    monkeypatch.setattr(in_use(corpus).neighbours, "_now", lambda: time.monotonic() + 3_600)


def test_moving_to_a_server_is_one_setting_and_a_repair(open_engine, server, folder, caplog):
    embedded = open_engine(store=Store(exact_below=0))
    embedded.index([folder])
    before = contents(embedded)
    assert asked(embedded) is ChromaIndex
    embedded.close()
    moved = open_engine(store=Store(url=server.url, exact_below=0))
    assert asked(moved) is ExactIndex, "until the server has been told"
    assert "sayso repair" in caplog.text
    assert "12 passages" in moved.repair()
    assert asked(moved) is ChromaIndex
    assert contents(moved) == before


def test_a_server_that_goes_away_between_questions_is_done_without_and_taken_up_again(
    corpus, server, caplog, monkeypatch
):
    assert asked(corpus) is ChromaIndex
    server.stop()
    assert asked(corpus, 4) is ExactIndex
    assert asked(corpus, 5) is ExactIndex
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1, "once, not with every question"
    assert f"Chroma at {server.url} failed" in warnings[0]
    assert "until it is back, the archive is scanned" in warnings[0]
    later(corpus, monkeypatch)
    assert asked(corpus, 6) is ExactIndex, "asked again, and still away"
    server.start()
    later(corpus, monkeypatch)
    in_use(corpus).neighbours._again_at = 0.0
    assert asked(corpus, 7) is ChromaIndex


def test_a_server_that_goes_away_in_the_midst_of_questions_costs_no_answer(corpus, server):
    failed: list[BaseException] = []
    ended = threading.Event()

    def ask(start: int) -> None:
        number = start
        while not ended.is_set():
            try:
                asked(corpus, number % 12)
            except BaseException as error:
                failed.append(error)
            number += 1

    threads = [threading.Thread(target=ask, args=(start,)) for start in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    server.stop()
    time.sleep(1)
    server.start()
    time.sleep(0.5)
    ended.set()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_server_that_is_away_is_told_later_what_was_indexed_meanwhile(corpus, server, folder, monkeypatch):
    server.stop()
    write(folder, n40=lighthouse(40))
    with pytest.raises(StoreError, match="failed"):
        corpus.index([folder])
    assert asked(corpus, 40) is ExactIndex
    server.start()
    assert corpus.index([folder]).encoded == 0
    assert asked(corpus, 40) is ChromaIndex


def test_a_server_that_has_lost_everything_is_not_believed(corpus, server, caplog):
    assert asked(corpus) is ChromaIndex
    server.stop()
    shutil.rmtree(server.folder)
    server.folder.mkdir()
    server.start()
    assert asked(corpus, 4) is ExactIndex
    assert "Chroma finds nothing" in caplog.text
    in_use(corpus).neighbours._again_at = 0.0
    assert asked(corpus, 5) is ExactIndex
    assert "Chroma holds 0 of 12 passages; until `sayso repair`" in caplog.text
    corpus.repair()
    assert asked(corpus, 6) is ChromaIndex


def test_a_server_that_is_silent_is_waited_for_so_long_and_no_longer(tmp_path):
    """It takes the connection and says nothing; without a limit this test would never end."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = ChromaIndex(f"chroma+http://127.0.0.1:{silent.getsockname()[1]}", tmp_path, timeout_s=0.3)
        with pytest.raises(StoreError, match="ReadTimeout"):
            index.nearest(axis(0), 1, comments=True)


def test_an_opened_client_has_a_limit_too(corpus, server):
    client = in_use(corpus).indexer.chroma._opened()
    assert client._server._session.timeout.read == 5
    assert client._admin_client._server._session.timeout.read == 5


def test_folders_of_one_path_on_two_machines_have_collections_of_their_own(tmp_path):
    """As containers have: the same path, another folder."""
    data = tmp_path / "data"
    assert identity(data) == identity(data), "a folder that is not there is not made"
    assert not data.exists()
    data.mkdir()
    mine = identity(data)
    assert identity(data) == mine
    assert [path.stat().st_mode & 0o777 for path in data.iterdir()] == [0o600]
    shutil.copytree(data, tmp_path / "copy")
    shutil.rmtree(data)
    data.mkdir()
    assert len({mine, identity(data), identity(tmp_path / "copy")}) == 3


def test_two_bots_share_a_server_and_never_meet(corpus, server, folder, tmp_path):
    others = write(tmp_path / "others", **{f"m{number}": lighthouse(100 + number) for number in range(9)})
    with engine(tmp_path / "other", store=Store(url=server.url, exact_below=0)) as other:
        other.index([others])
        assert asked(other, 104) is ChromaIndex
        assert asked(corpus, 4) is ChromaIndex
        other.repair()
        other.remove(["m1.txt"])
        assert in_use(corpus).indexer.chroma.count() == archive_of(corpus).count()[1] == 12
        assert in_use(other).indexer.chroma.count() == 8
