"""What another process writes, the next answer knows: without reopening, with Chroma and without."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.corpus import Corpus
from retrieval.settings import Store
from retrieval.store.vectors import ChromaIndex, ExactIndex
from retrieval.types import Filters
from tests.engine import archive_of, contents, engine, finished, in_use, lighthouse, python, verified, write

ROUNDS = int(os.environ.get("ROUNDS", "20"))  # 200 were run in a row, with Chroma and without

OTHER = """
import json, sys
from pathlib import Path
from tests.engine import engine
corpus = engine(Path(sys.argv[1]))
for line in sys.stdin:
    act, *arguments = json.loads(line)
    getattr(corpus, act)(*arguments)
    print("done", flush=True)
corpus.close()
"""


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Does something with the corpus in another process, which stays open from one call to the next."""
    process = python(OTHER, tmp_path / "data")

    def act(name: str, *arguments: object) -> None:
        print(json.dumps([name, *arguments]), file=process.stdin, flush=True)
        assert process.stdout.readline() == "done\n", process.stderr.read()

    yield act
    finish(process)


def finish(process: subprocess.Popen[str]) -> None:
    assert finished(process) == ""


def cited(corpus: Corpus, number: int) -> list[str]:
    reply = corpus.ask(f"Who lives in the lighthouse of Cape N{number}?")
    assert verified(corpus, reply)
    return [citation.reference.article_id for citation in reply.citations]


def neighbours(corpus: Corpus) -> set[int]:
    """Every row id that the index of neighbours can find; there are fewer than it is asked for."""
    vector = in_use(corpus).indexer.encoder().encode_questions(["lighthouse"])[0]
    return set(in_use(corpus).neighbours.current().nearest(vector, 300, comments=True))


@pytest.mark.parametrize(("exact_below", "kind"), [(0, ChromaIndex), (20_000, ExactIndex)])
def test_an_answer_knows_what_another_process_wrote_just_before(open_engine, other, tmp_path, exact_below, kind):
    folder = write(tmp_path / "articles", **{f"n{number}": lighthouse(number) for number in range(500, 505)})
    mine = open_engine(store=Store(exact_below=exact_below))
    mine.index([folder])
    for number in range(ROUNDS):
        write(folder, **{f"n{number}": lighthouse(number)})
        if number:
            (folder / f"n{number - 1}.txt").unlink()
        if number % 7 == 6:  # they take turns
            mine.index([folder])
        else:
            other("index", [str(folder)])
        if number % 5 == 4:
            other("remove", ["n500.txt"])
        assert cited(mine, number)[0] == f"n{number}.txt"
        assert f"n{number - 1}.txt" not in cited(mine, number - 1)
        assert isinstance(in_use(mine).neighbours.current(), kind)
        assert neighbours(mine) == set(archive_of(mine).rows(Filters(comments=True)))
    held = contents(mine)
    assert held["chroma"] == [record[0] for record in held["passages"]]
    assert held["outbox"] == 0


@pytest.mark.parametrize("exact_below", [0, 20_000])
def test_a_repair_by_another_process_is_noticed(open_engine, other, tmp_path, exact_below):
    folder = write(tmp_path / "articles", **{f"n{number}": lighthouse(number) for number in range(5)})
    mine = open_engine(store=Store(exact_below=exact_below))
    mine.index([folder])
    for number in range(5):
        assert cited(mine, number)[0] == f"n{number}.txt"
        other("repair")
    assert cited(mine, 3)[0] == "n3.txt"
    assert len(neighbours(mine)) == archive_of(mine).count()[1]


def test_writers_that_take_turns_lose_nothing_of_each_other(open_engine, other, tmp_path):
    """More passages than Chroma keeps outside its graph, so that a stale writer would lose some for good."""
    mine = open_engine(store=Store(exact_below=0))
    folder = tmp_path / "articles"

    def add(first: int) -> None:
        write(folder, **{f"n{first}": "\n\n".join(lighthouse(number) for number in range(first, first + 450))})

    add(0)
    mine.index([folder])
    add(1_000)
    add(2_000)
    other("index", [str(folder)])
    add(3_000)
    mine.index([folder])
    assert archive_of(mine).count()[1] > 1_000
    assert isinstance(in_use(mine).neighbours.current(), ChromaIndex), "it finds every vector that it is asked for"
    rows, _, vectors = archive_of(mine).all_vectors()
    found = np.searchsorted(rows, in_use(mine).neighbours.current().nearest_each(vectors[::13]))
    assert np.sum(vectors[found] * vectors[::13], axis=1).min() > 0.999


def test_readers_in_other_processes_are_not_kept_waiting_by_a_writer(open_engine, tmp_path):
    folder = write(tmp_path / "articles", **{f"n{number}": lighthouse(number) for number in range(5)})
    writer = open_engine()
    writer.index([folder])
    reader = engine(tmp_path / "data")
    with writer._shelf.lock():
        assert cited(reader, 3)[0] == "n3.txt"
    reader.close()
