"""A folder that is watched is indexed again once it has changed and kept still, and readers never notice."""

from __future__ import annotations

import io
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from bot.session import Session
from bot.terminal import Screen
from bot.watching import follow
from retrieval.corpus import Corpus
from retrieval.errors import LockedError
from retrieval.settings import Store
from retrieval.types import IndexReport
from tests.bot.conftest import Sayso
from tests.engine import engine, lighthouse, python, shown, verified, write


class Watched:
    """A folder, an index of it, and a clock that runs as the changes say."""

    def __init__(self, folder: Path) -> None:
        self.folder = write(folder / "articles", n0=lighthouse(0))
        self.corpus = engine(folder / "data", store=Store(lock_timeout_s=0))
        self.corpus.index([self.folder])
        self.clock = 100.0
        self.out, self.err = io.StringIO(), io.StringIO()

    def run(self, *steps: tuple[float, Sequence[str]] | Callable[[], object]) -> None:
        """Each step: seconds that pass and names that changed; or an act in between."""

        def changes(folders: Sequence[Path]) -> Iterator[set[Path]]:
            for step in steps:
                if callable(step):
                    step()
                    continue
                seconds, names = step
                self.clock += seconds
                yield {self.folder / name for name in names}

        session = Session(quiet=False, out=Screen(self.out), err=Screen(self.err), cwd=self.folder)
        follow(session, self.corpus, [self.folder], [self.folder], changes, lambda: self.clock)

    def ids(self) -> list[str]:
        return sorted(reference.article_id for reference in self.corpus.articles())


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path.resolve())
    yield made
    made.corpus.close()


def test_a_burst_of_changes_is_indexed_once_it_is_over(watched: Watched) -> None:
    write(watched.folder, n1=lighthouse(1), n2=lighthouse(2))
    watched.run((9, []), (1, ["n1.txt"]), (1.5, ["n2.txt"]), (1.5, ["n1.txt"]), (1.5, []), (0.6, []), (5, []))
    assert watched.ids() == ["n0.txt", "n1.txt", "n2.txt"]
    assert watched.out.getvalue().count("Indexed articles") == 1


def test_a_file_half_written_is_waited_for(watched: Watched) -> None:
    whole = lighthouse(1)

    def grown(length: int) -> Callable[[], object]:
        return lambda: (watched.folder / "n1.txt").write_text(whole[:length])

    seen: list[int] = []
    step = lambda: seen.append(len(watched.ids()))  # noqa: E731
    steps = [(9.0, ()), *(s for n in range(20, len(whole), 20) for s in (grown(n), (1.9, ("n1.txt",)), step))]
    watched.run(*steps, grown(len(whole)), (1.9, ("n1.txt",)), step, (2.1, ()))
    assert set(seen) == {1}
    assert watched.corpus.article("n1.txt").text == whole


def test_what_never_keeps_still_is_read_in_the_end(watched: Watched) -> None:
    appear = lambda: write(watched.folder, n1=lighthouse(1))  # noqa: E731
    watched.run((9, []), appear, *[(1, ["n1.txt"])] * 290)
    assert watched.ids() == ["n0.txt"]
    watched.run((1, []), *[(1, ["n1.txt"])] * 302)
    assert watched.ids() == ["n0.txt", "n1.txt"]


@pytest.mark.parametrize("name", [".n1.txt", ".git/index", "../data/archive.sqlite3", "../other/x.txt", "a/.b/c.txt"])
def test_what_is_not_read_is_no_reason_to_read(watched: Watched, name: str) -> None:
    appear = lambda: write(watched.folder, n1=lighthouse(1))  # noqa: E731
    watched.run((9, []), appear, (1, [name]), (9, []))
    assert watched.ids() == ["n0.txt"]
    watched.run((1, ["n1.txt"]), (9, []))
    assert watched.ids() == ["n0.txt", "n1.txt"]


def test_what_changed_before_it_was_watched_is_read_too(watched: Watched) -> None:
    write(watched.folder, n1=lighthouse(1))
    watched.run((1, []), (2, []))
    assert watched.ids() == ["n0.txt", "n1.txt"]


def test_an_index_that_another_writes_is_tried_again(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    write(watched.folder, n1=lighthouse(1))
    refusals = iter([True, True, False])
    index = Corpus.index

    def refusing(self: Corpus, paths: Sequence[Path]) -> IndexReport:
        if next(refusals):
            raise LockedError("the index is being written by process 7 on here")
        return index(self, paths)

    monkeypatch.setattr(Corpus, "index", refusing)
    watched.run(*[(5, [])] * 20)
    assert watched.ids() == ["n0.txt", "n1.txt"]
    assert watched.err.getvalue().count("process 7 on here; trying again in 30 s") == 2


# With the system's own watcher

SCRIPT = """
import sys
from pathlib import Path
from bot.session import Session
from bot.watching import keep_indexed
from tests.engine import engine
with engine(Path(sys.argv[1])) as corpus:
    keep_indexed(Session(), corpus, [Path(sys.argv[2])])
print("ended")
"""


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_folder_is_followed_while_others_read_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    folder, data = write(tmp_path / "articles", n0=lighthouse(0)), tmp_path / "data"
    process = python(SCRIPT, data, folder)
    assert process.stdout.readline().startswith("Indexed articles: 1 added")
    wrong: list[str] = []
    ended = threading.Event()

    with engine(data, store=Store(exact_below=0)) as reader, engine(data) as corpus:

        def read() -> None:
            while not ended.is_set():
                reply = reader.ask("Who lives in the lighthouse of Cape N0?")
                if not verified(reader, reply) or not shown(reply)[0].startswith("Keeper K0 "):
                    wrong.append(str(reply))

        thread = threading.Thread(target=read)
        thread.start()
        try:
            write(folder, n1=lighthouse(1))
            until(lambda: len(corpus.articles()) == 2)
            (folder / "n1.txt").write_text(lighthouse(7))
            until(lambda: "Cape N7" in corpus.article("n1.txt").text)
            (folder / "n1.txt").unlink()
            until(lambda: len(corpus.articles()) == 1)
            folder.rename(tmp_path / "away")  # another folder takes its place
            write(folder, n0=lighthouse(0), n2=lighthouse(2))
            until(lambda: len(corpus.articles()) == 2)
        finally:
            ended.set()
            thread.join()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
    assert wrong == []
    assert process.returncode == 0, err
    assert out.endswith("ended\n")
    assert "Stopped watching" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("path", ["nowhere", "https://example.org/"])
def test_only_what_is_there_is_watched(sayso: Sayso, path: str) -> None:
    code, out, err = sayso("index", "--watch", path)
    assert (code, out) == (2, "")
    assert f"{path} is not there to be watched" in err
