"""One contract for every index of neighbours, and the traps that Chroma sets."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import SettingsError, StoreError
from retrieval.protocols import VectorIndex
from retrieval.store.vectors import ChromaIndex, ExactIndex
from retrieval.types import Kind, Passage
from tests.engine import chroma_rows, finished, python
from tests.retrieval.chroma_server import ChromaServer
from tests.retrieval.hosted import HostedChroma

DIMENSION = 16

Records = dict[int, tuple[np.ndarray, bool]]  # row id to vector and whether it is a comment
Filled = Callable[[Records], VectorIndex]


def unit(vectors: np.ndarray) -> np.ndarray:
    vectors = vectors.astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def random_units(number: int, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(number, DIMENSION)))


def axis(number: int) -> np.ndarray:
    return np.eye(DIMENSION, dtype=np.float32)[number]


def passage(row: int, comment: bool = False, text: str = "Text.") -> Passage:
    return Passage(f"a#{row}", "a", 0, len(text), Kind.COMMENT if comment else Kind.BODY, text)


def fill(index: ChromaIndex, records: Records) -> None:
    rows = list(records)
    index.upsert(rows, [passage(row, records[row][1]) for row in rows], [records[row][0] for row in rows])


def exact(records: Records) -> ExactIndex:
    vectors = np.stack([vector for vector, _ in records.values()]) if records else np.zeros((0, 0), np.float32)
    comments = np.array([comment for _, comment in records.values()], bool)
    return ExactIndex(np.array(list(records), np.int64), comments, vectors)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Chroma server on loopback."""
    with ChromaServer(tmp_path_factory.mktemp("server")) as running:
        yield running.url


HOSTED = "chroma+http://hosted.example"


def placed(request: pytest.FixtureRequest) -> str:
    """The URL of a Chroma of the kind that is asked for; the hosted one has limits, and is of this process."""
    if request.param == "hosted":
        hosted = HostedChroma()
        request.getfixturevalue("monkeypatch").setattr(ChromaIndex, "_opened", lambda index: hosted)
        return HOSTED
    return str(request.getfixturevalue("server")) if request.param == "server" else "chroma:"


@pytest.fixture(params=["embedded", "server", "hosted"])
def chroma(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ChromaIndex]:
    """An empty collection, in a folder, on a server, and where everything is limited."""
    index = ChromaIndex(placed(request), tmp_path)
    yield index
    index.close()


@pytest.fixture(params=["exact", "embedded", "server", "hosted"])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Filled]:
    """Makes an index of either kind that holds the records given."""
    if request.param == "exact":
        yield exact
        return
    index = ChromaIndex(placed(request), tmp_path)

    def make(records: Records) -> ChromaIndex:
        index.reset()
        fill(index, records)
        return index

    yield make
    index.close()


# The contract


def test_the_nearest_come_best_first(filled):
    vectors = random_units(60)
    index = filled({row: (vector, False) for row, vector in enumerate(vectors, start=10)})
    question = random_units(1, seed=1)[0]
    expected = [10 + int(i) for i in np.argsort(-(vectors @ question))]
    assert index.nearest(question, 5, comments=False) == expected[:5]
    assert index.nearest(question, 60, comments=True) == expected


def test_fewer_come_where_there_are_fewer(filled):
    index = filled({1: (axis(0), False), 2: (axis(1), False)})
    assert index.nearest(axis(1), 300, comments=True) == [2, 1]
    assert index.nearest(axis(1), 1, comments=True) == [2]


def test_an_empty_index_has_no_neighbours(filled):
    assert filled({}).nearest(axis(0), 5, comments=True) == []


def test_comments_come_only_on_request(filled):
    index = filled({1: (axis(0), True), 2: (unit(axis(0) + axis(1)), False), 3: (unit(axis(0) + 2 * axis(1)), True)})
    assert index.nearest(axis(0), 3, comments=False) == [2]
    assert index.nearest(axis(0), 3, comments=True) == [1, 2, 3]


def test_comments_do_not_take_the_places_of_others(filled):
    near = {row: (unit(axis(0) + axis(1) / row), True) for row in range(1, 60)}
    index = filled({**near, 100: (axis(1), False), 101: (axis(2), False)})
    assert set(index.nearest(unit(axis(0) + axis(1)), 5, comments=False)) == {100, 101}


@pytest.mark.parametrize("every", [2, 3, 10])
def test_some_comments_among_the_nearest_change_nothing_for_the_others(filled, every):
    vectors = random_units(60)
    index = filled({row: (vector, row % every == 0) for row, vector in enumerate(vectors)})
    question = random_units(1, seed=1)[0]
    expected = [int(row) for row in np.argsort(-(vectors @ question)) if row % every]
    for k in (1, 10, 25, 60):
        assert index.nearest(question, k, comments=False) == expected[:k]


def test_ties_all_come(filled):
    index = filled({**{row: (axis(0), False) for row in (7, 3, 5)}, 1: (axis(1), False)})
    assert sorted(index.nearest(axis(0), 3, comments=True)) == [3, 5, 7]


@given(
    scores=st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=30),
    comments=st.lists(st.booleans(), min_size=30, max_size=30),
    k=st.integers(1, 40),
    wanted=st.booleans(),
)
def test_an_exact_scan_orders_ties_by_row(scores, comments, k, wanted):
    rows = np.random.default_rng(len(scores)).permutation(len(scores)).astype(np.int64)
    flags = np.array(comments[: len(scores)])
    index = ExactIndex(rows, flags, np.array(scores, np.float32)[:, None])
    records = zip(scores, rows.tolist(), flags, strict=True)
    passing = [(-score, row) for score, row, comment in records if wanted or not comment]
    assert index.nearest(np.ones(1, np.float32), k, wanted) == [row for _, row in sorted(passing)[:k]]


# Writing to Chroma


def test_an_upsert_replaces_the_whole_record(chroma):
    fill(chroma, {1: (axis(0), True), 2: (axis(1), False)})
    fill(chroma, {1: (axis(2), False)})
    assert chroma.count() == 2
    assert chroma.nearest(axis(2), 1, comments=False) == [1]
    assert chroma.nearest(axis(0), 2, comments=False) in ([1, 2], [2, 1])


def test_what_is_deleted_is_gone_and_what_was_not_there_does_not_matter(chroma):
    fill(chroma, {row: (axis(row), False) for row in range(4)})
    chroma.delete([1, 2, 77])
    chroma.delete([])
    assert chroma.count() == 2
    assert sorted(chroma.nearest(axis(1), 9, comments=True)) == [0, 3]


def test_batches_of_any_size_are_written_and_deleted(chroma):
    embedded = isinstance(chroma._place, Path)
    many = chroma._opened().get_max_batch_size() + 40 if embedded else 640
    vectors = random_units(many)
    fill(chroma, {row: (vector, False) for row, vector in enumerate(vectors)})
    assert chroma.count() == many
    assert chroma.nearest_each(vectors[::91]) == list(range(0, many, 91))
    chroma.delete(list(range(400)))
    assert chroma_rows(chroma) == list(range(400, many))


def test_a_long_text_is_stored_cut_between_characters(chroma):
    chroma.upsert([1], [passage(1, text="語" * 20_000)], [axis(0)])
    (stored,) = chroma._with_collection(lambda c: c.get(include=["documents"])["documents"])
    assert set(stored) == {"語"}
    assert 15_900 < len(stored.encode()) <= 16_000


def test_a_reset_collection_is_empty_and_usable(chroma):
    chroma.reset()
    fill(chroma, {1: (axis(0), False)})
    chroma.reset()
    assert chroma.count() == 0
    fill(chroma, {2: (axis(0), False)})
    assert chroma.nearest(axis(0), 5, comments=True) == [2]


def test_what_was_written_is_there_after_closing(chroma):
    fill(chroma, {1: (axis(0), False)})
    chroma.close()
    chroma.close()
    assert chroma.nearest(axis(0), 5, comments=True) == [1]


def test_data_folders_that_share_a_chroma_do_not_meet(tmp_path, server):
    for url in (server, f"chroma:{tmp_path / 'shared'}"):
        mine, theirs = ChromaIndex(url, tmp_path / "mine"), ChromaIndex(url, tmp_path / "theirs")
        fill(mine, {1: (axis(0), False)})
        fill(theirs, {2: (axis(0), False)})
        mine.reset()
        assert mine.count() == 0
        assert theirs.nearest(axis(0), 5, comments=True) == [2]
        mine.close()


def test_threads_share_an_index_while_one_writes_and_one_closes_it(chroma):
    vectors = random_units(80)
    fill(chroma, {row: (vector, False) for row, vector in enumerate(vectors)})
    errors: list[BaseException] = []

    def run(act: Callable[[int], None]) -> threading.Thread:
        def guarded() -> None:
            try:
                for number in range(20):
                    act(number)
            except BaseException as error:
                errors.append(error)

        return threading.Thread(target=guarded)

    def look_up(number: int) -> None:
        assert chroma.nearest(vectors[number], 1, comments=True) == [number]

    threads = [
        *(run(look_up) for _ in range(4)),
        run(lambda number: fill(chroma, {100 + number: (-vectors[number], False)})),
        run(lambda number: chroma.close()),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert chroma.count() == 100


def test_the_longest_records_are_within_the_limits_of_a_hosted_chroma(chroma):
    """Ids of articles may be paths; the limits are those that ``tests.retrieval.hosted`` enforces."""
    long = "ü" * 512
    many = [Passage(f"{long}#{row}", long, 0, 9, Kind.BODY, "語" * 6_000) for row in range(310)]
    chroma.upsert(list(range(10**15, 10**15 + 310)), many, list(random_units(310)))
    assert chroma.count() == 310
    assert len(chroma.nearest(axis(0), 300, comments=False)) == 300
    assert len(chroma.rows()) == 310
    chroma.delete(chroma.rows())
    assert chroma.count() == 0


# Other processes

WRITE = """
import sys
from pathlib import Path
import numpy as np
from tests.retrieval.store.test_vectors import ChromaIndex, fill, random_units
index = ChromaIndex(sys.argv[1], Path(sys.argv[2]))
first, last = int(sys.argv[3]), int(sys.argv[4])
vectors = random_units(last)
if "anew" in sys.argv:
    index.reset()
fill(index, {row: (vectors[row], False) for row in range(first, last)})
index.close()
"""


def test_a_collection_that_another_process_made_anew_is_found_again(tmp_path):
    index = ChromaIndex("chroma:", tmp_path)
    vectors = random_units(30)
    fill(index, {row: (vectors[row], False) for row in range(10)})
    assert index.count() == 10
    finished(python(WRITE, "chroma:", tmp_path, 20, 30, "anew"))
    index.close()  # as with every new generation; until then the client may know either state
    assert index.count() == 10
    assert index.nearest_each(vectors[20:]) == list(range(20, 30))
    index.close()


def test_a_new_client_sees_and_keeps_what_another_process_wrote(tmp_path):
    index = ChromaIndex("chroma:", tmp_path)
    vectors = random_units(3_200)
    fill(index, {row: (vectors[row], False) for row in range(1_100)})
    assert index.nearest(vectors[7], 1, comments=True) == [7]
    finished(python(WRITE, "chroma:", tmp_path, 1_100, 2_200))
    other = ChromaIndex("chroma:", tmp_path)  # of the same process: closing one closes both
    assert other.nearest(vectors[7], 1, comments=True) == [7]
    index.close()
    fill(index, {row: (vectors[row], False) for row in range(2_200, 3_200)})
    sample = list(range(0, 3_200, 19))
    assert other.nearest_each(vectors[sample]) == sample
    index.close()


def test_embedded_chroma_asks_for_no_network(tmp_path):
    """It has telemetry of its own, and a model that it fetches where it is given no vectors."""
    script = """
import sys
from pathlib import Path
from retrieval.doctor.offline import _refuse
sys.addaudithook(_refuse)
from tests.retrieval.store.test_vectors import ChromaIndex, axis, fill, random_units
index = ChromaIndex("chroma:", Path(sys.argv[1]))
fill(index, {row: (vector, False) for row, vector in enumerate(random_units(30))})
print(len(index.nearest(axis(0), 5, comments=True)))
index.close()
"""
    assert finished(python(script, tmp_path)) == "5\n"


def test_lost_neighbours_are_noticed_by_looking_vectors_up_and_not_by_counting(tmp_path):
    index = ChromaIndex("chroma:", tmp_path)
    vectors = random_units(1_500)
    fill(index, {row: (vectors[row], False) for row in range(1_500)})
    index.close()
    for part in (tmp_path / "chroma").iterdir():
        if part.is_dir():
            shutil.rmtree(part)
    assert index.count() == 1_500
    assert index.nearest_each(vectors[:40]) != list(range(40))
    index.close()


# Places

REFUSED = [
    "", "chroma", "chrom:", "http://127.0.0.1:8000", "chroma+https://127.0.0.1:8000", "chroma+http://", "chroma+http://:8000",
    "chroma+http://host:port", "chroma+http://host:99999", "chroma+http://host:0", "chroma+http://me:secret@host:8000",
    "chroma+http://host:8000/path", "chroma+http://host:8000?x=1", "chroma+cloud://x", "CHROMA:", "chroma+http://a b:1",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_a_url_of_another_form_is_refused_when_it_is_set(tmp_path, url):
    with pytest.raises(SettingsError, match=r"\[store\] url") as caught:
        ChromaIndex(url, tmp_path)
    assert "chroma+http://host:port" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("chroma:", "{data}/chroma"),
        ("chroma:/a/b", "/a/b"),
        ("chroma:~/x", "{home}/x"),
        ("chroma:~nobody-of-that-name/x", "{here}/~nobody-of-that-name/x"),
        ("chroma+http://host", ("host", 8000)),
        ("chroma+http://host.example:81/", ("host.example", 81)),
        ("chroma+http://[::1]:81", ("[::1]", 81)),
    ],
)
def test_a_url_names_a_folder_or_a_server(tmp_path, url, place):
    expected = place
    if isinstance(place, str):
        expected = Path(place.format(data=tmp_path.resolve(), home=Path.home().resolve(), here=Path.cwd()))
    assert ChromaIndex(url, tmp_path)._place == expected


def test_a_server_that_is_not_there_is_reported(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        index = ChromaIndex(f"chroma+http://127.0.0.1:{free.getsockname()[1]}", tmp_path)
        ask = lambda: index.nearest(axis(0), 1, comments=True)  # noqa: E731
        for act in (index.count, index.reset, ask, lambda: index.delete([1])):
            with pytest.raises(StoreError, match=r"Chroma at chroma\+http://127") as caught:
                act()
            assert "sayso repair" in caught.value.hint


def test_a_folder_that_holds_something_else_is_reported(tmp_path):
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"no database" * 1_000)
    index = ChromaIndex("chroma:", tmp_path)
    with pytest.raises(StoreError, match="Chroma at chroma: failed"):
        index.count()
    index.reset()
    assert index.count() == 0
    index.close()


def test_a_file_in_the_place_of_the_folder_is_reported(tmp_path):
    (tmp_path / "chroma").write_text("")
    index = ChromaIndex("chroma:", tmp_path)
    for act in (index.count, index.reset):
        with pytest.raises(StoreError, match="Chroma at chroma: failed"):
            act()


@pytest.mark.parametrize("name", ["data_level0.bin", "index_metadata.pickle"])
def test_a_folder_with_a_damaged_file_is_made_anew(tmp_path, name):
    index = ChromaIndex("chroma:", tmp_path)
    vectors = random_units(1_100)  # from 1,000 on Chroma writes these files
    records = {row: (vectors[row], False) for row in range(1_100)}
    fill(index, records)
    index.close()
    (file,) = (tmp_path / "chroma").rglob(name)
    file.write_bytes(file.read_bytes()[:50])
    index.reset()
    fill(index, records)
    assert index.nearest_each(vectors[::50]) == list(range(0, 1_100, 50))
    index.close()


def test_vectors_of_another_size_are_reported(chroma):
    fill(chroma, {1: (axis(0), False)})
    with pytest.raises(StoreError, match="failed"):
        chroma.nearest(np.ones(3, np.float32), 1, comments=True)
