"""Paths to an index: what is new, what is gone, and that no interruption loses or doubles anything."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from retrieval.corpus import Corpus
from retrieval.errors import LockedError, MismatchError, StoreError
from retrieval.settings import Passages, Store
from retrieval.store.lock import writer_lock
from retrieval.types import Encoded, Filters, IndexReport, Passage
from tests.engine import ROOT, archive_of, contents, engine, finished, lighthouse, python, write
from tests.fakes import HashingEncoder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "articles", one=lighthouse(1), two=lighthouse(2), three=lighthouse(3))


def sorted_parts(report: IndexReport) -> dict[str, list[str]]:
    parts = {name: sorted(getattr(report, name)) for name in ("added", "updated", "unchanged", "removed")}
    return {name: ids for name, ids in parts.items() if ids}


def lines(path: Path, *records: dict[str, str] | str) -> Path:
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records), encoding="utf-8")
    return path


def record(number: int, article_id: str | None = None) -> dict[str, str]:
    return {"id": article_id or f"r{number}", "title": f"Cape N{number}", "text": lighthouse(number)}


def sources(corpus: Corpus) -> dict[str, str]:
    return {reference.article_id: reference.source for reference in corpus.articles()}


# Added, updated, unchanged, removed


def test_a_first_run_adds_everything_and_a_second_nothing(open_engine, folder):
    corpus = open_engine()
    report = corpus.index([folder])
    assert sorted_parts(report) == {"added": ["one.txt", "three.txt", "two.txt"]}
    assert report.passages == report.encoded == archive_of(corpus).count()[1] > 0
    before, generation = contents(corpus), archive_of(corpus).generation()
    report = corpus.index([folder])
    assert sorted_parts(report) == {"unchanged": ["one.txt", "three.txt", "two.txt"]}
    assert report.encoded == 0
    assert contents(corpus) == before
    assert archive_of(corpus).generation() == generation, "nothing was written"


def test_what_changed_is_updated_and_what_is_gone_is_removed(open_engine, folder):
    corpus = open_engine()
    corpus.index([folder])
    write(folder, one=lighthouse(10), four=lighthouse(4))
    (folder / "two.txt").unlink()
    report = corpus.index([folder])
    assert sorted_parts(report) == {
        "added": ["four.txt"], "updated": ["one.txt"], "unchanged": ["three.txt"], "removed": ["two.txt"],
    }  # fmt: skip
    assert contents(corpus) == built_at_once(folder)


def built_at_once(*paths: Path, **changes: object) -> dict[str, object]:
    """What an index holds that was built from the paths in one go."""
    other = engine(paths[0].parent / "at once", **changes)
    other.index(paths)
    held = contents(other)
    other.close()
    return held


def test_a_changed_file_leaves_no_word_and_no_vector_behind(open_engine, folder):
    corpus = open_engine()
    corpus.index([folder])
    write(folder, one="The windmill of Oss grinds barley for four villages. It stands on a hill.\n")
    corpus.index([folder])
    assert archive_of(corpus).words.document_frequency("windmill") == 1
    assert archive_of(corpus).words.best('"n1"', 9, Filters()) == []
    assert contents(corpus) == built_at_once(folder)


def test_a_renamed_file_keeps_its_article(open_engine, folder):
    corpus = open_engine()
    corpus.index([folder])
    (folder / "one.txt").rename(folder / "uno.txt")
    report = corpus.index([folder])
    assert sorted_parts(report) == {"added": ["uno.txt"], "unchanged": ["three.txt", "two.txt"], "removed": ["one.txt"]}
    assert contents(corpus) == built_at_once(folder)


def test_a_moved_folder_is_recognised(open_engine, folder):
    corpus = open_engine()
    corpus.index([folder])
    moved = folder.rename(folder.with_name("moved"))
    report = corpus.index([moved])
    assert sorted_parts(report) == {"unchanged": ["one.txt", "three.txt", "two.txt"]}
    assert report.encoded == 0
    assert set(sources(corpus).values()) == {str(path) for path in moved.iterdir()}


def test_only_what_was_named_is_looked_at(open_engine, folder, tmp_path):
    corpus = open_engine()
    other = write(tmp_path / "other", five=lighthouse(5))
    corpus.index([folder, other])
    (folder / "one.txt").unlink()
    (other / "five.txt").unlink()
    report = corpus.index([other])
    assert report.removed == ("five.txt",)
    assert set(sources(corpus)) == {"one.txt", "two.txt", "three.txt"}


def test_a_folder_whose_name_begins_like_another_is_another(open_engine, folder):
    corpus = open_engine()
    write(folder.with_name("articles and more"), five=lighthouse(5))
    corpus.index([folder, folder.with_name("articles and more")])
    (folder.with_name("articles and more") / "five.txt").unlink()
    assert corpus.index([folder]).removed == ()


def test_a_path_that_is_gone_itself_is_an_error_and_removes_nothing(open_engine, folder):
    corpus = open_engine()
    corpus.index([folder])
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    report = corpus.index([folder])
    assert report.failed
    assert len(sources(corpus)) == 3


def test_other_passage_settings_cut_everything_anew(open_engine, folder):
    corpus = open_engine()
    corpus.index([folder])
    corpus.close()
    smaller = Passages(tokens=16)
    again = open_engine(passages=smaller)
    report = again.index([folder])
    assert sorted_parts(report) == {"updated": ["one.txt", "three.txt", "two.txt"]}
    assert contents(again) == built_at_once(folder, passages=smaller)


def test_an_article_without_a_sentence_to_search_is_kept_without_passages(open_engine, folder):
    corpus = open_engine()
    write(folder, empty="\n\n", heading="---\ntitle: x\n---\n")
    report = corpus.index([folder])
    assert "empty.txt" not in report.added
    assert [item.reason for item in report.rejected] == ["no text"]
    assert corpus.index([folder]).encoded == 0


def test_an_emptied_file_is_removed(open_engine, folder):
    corpus = open_engine()
    corpus.index([folder])
    (folder / "one.txt").write_text("")
    assert corpus.index([folder]).removed == ("one.txt",)


# What cannot be read


def index_as(prefix: Sequence[str], data_dir: Path, *paths: Path) -> dict[str, list[str]]:
    script = """
import json, sys
from pathlib import Path
from tests.engine import engine
corpus = engine(Path(sys.argv[1]))
report = corpus.index(sys.argv[2:])
print(json.dumps({"removed": report.removed, "failed": [item.source for item in report.rejected if item.failed]}))
corpus.close()
"""
    return json.loads(finished(python(script, data_dir, *paths, prefix=prefix)))


@pytest.mark.parametrize("named", ["the folder", "the file", "a link to the file", "a relative path"])
def test_a_file_that_becomes_unreadable_keeps_its_article(open_engine, folder, tmp_path, unprivileged, named):
    corpus = open_engine()
    corpus.index([folder])
    file, link = folder / "one.txt", tmp_path / "link.txt"
    link.symlink_to(file)
    relative = Path(os.path.relpath(file, ROOT))
    file.chmod(0)
    path = {"the folder": folder, "the file": file, "a link to the file": link, "a relative path": relative}[named]
    failed = str(file if path == folder else path)
    assert index_as(unprivileged, tmp_path / "data", path) == {"removed": [], "failed": [failed]}
    assert "one.txt" in sources(corpus)
    file.chmod(0o600)
    assert corpus.index([folder]).unchanged


def test_a_folder_that_becomes_unreadable_keeps_its_articles(open_engine, folder, tmp_path, unprivileged):
    inner = write(folder / "inner", deep=lighthouse(7))
    corpus = open_engine()
    corpus.index([folder])
    inner.chmod(0)
    assert index_as(unprivileged, tmp_path / "data", folder) == {"removed": [], "failed": [str(inner)]}
    inner.chmod(0o700)
    assert "inner/deep.txt" in sources(corpus)


def test_a_file_that_grows_over_the_limit_keeps_its_article(open_engine, folder):
    corpus = open_engine()
    corpus.index([folder])
    with (folder / "one.txt").open("r+b") as file:
        file.truncate(65 << 20)
    report = corpus.index([folder])
    assert report.failed
    assert report.removed == ()


# JSON lines


def test_a_bad_line_is_reported_and_takes_nothing_with_it(open_engine, tmp_path):
    corpus = open_engine()
    file = lines(tmp_path / "x.jsonl", record(1), record(2), record(3))
    corpus.index([file])
    lines(file, record(1), '{"id": "r2", "text"', record(4))
    report = corpus.index([file])
    assert sorted_parts(report) == {"added": ["r4"], "unchanged": ["r1"]}
    assert [item.source for item in report.rejected if item.failed] == [f"{file}#2"]
    assert set(sources(corpus)) == {"r1", "r2", "r3", "r4"}
    lines(file, record(1), record(4))
    assert corpus.index([file]).removed == ("r2", "r3")


def test_shifted_lines_are_unchanged_and_their_places_noted(open_engine, tmp_path):
    corpus = open_engine()
    file = lines(tmp_path / "x.jsonl", record(1), record(2))
    corpus.index([file])
    lines(file, record(3), "", record(1), record(2))
    report = corpus.index([file])
    assert sorted_parts(report) == {"added": ["r3"], "unchanged": ["r1", "r2"]}
    assert report.encoded == 1
    assert sources(corpus) == {"r1": f"{file}#3", "r2": f"{file}#4", "r3": f"{file}#1"}
    assert contents(corpus) == built_at_once(file)


def test_two_lines_of_one_file_with_one_id(open_engine, tmp_path):
    corpus = open_engine()
    report = corpus.index([lines(tmp_path / "x.jsonl", record(1, "same"), record(2, "same"))])
    assert report.added == ("same",)
    assert [item.failed for item in report.rejected] == [True]
    assert "N1" in corpus.article("same").text


def test_an_id_that_another_file_holds_is_refused(open_engine, tmp_path):
    corpus = open_engine()
    first = lines(tmp_path / "a.jsonl", record(1, "same"))
    second = lines(tmp_path / "b.jsonl", record(2, "same"), record(3))
    for _ in range(2):  # and again, when both are known
        report = corpus.index([first, second])
        assert [item.source for item in report.rejected] == [f"{second}#1"]
        assert "a.jsonl" in report.rejected[0].reason
        assert set(sources(corpus)) == {"same", "r3"}
        assert "N1" in corpus.article("same").text


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_line_that_moves_to_another_file_stays_an_article(open_engine, tmp_path, order):
    corpus = open_engine()
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    corpus.index([lines(a, record(1), record(2)), lines(b, record(3))])
    lines(a, record(1))
    lines(b, record(3), record(2))
    report = corpus.index([{"a": a, "b": b}[name] for name in order])
    assert sorted_parts(report) == {"unchanged": ["r1", "r2", "r3"]}
    assert report.rejected == ()
    assert sources(corpus)["r2"] == f"{b}#2"


def test_files_of_one_name_in_two_folders_are_both_kept(open_engine, tmp_path):
    corpus = open_engine()
    a, b = write(tmp_path / "a", one=lighthouse(1)), write(tmp_path / "b", one=lighthouse(2))
    first = corpus.index([a])
    second = corpus.index([b])
    assert first.added == ("one.txt",)
    assert len(second.added) == 1
    assert second.removed == ()
    assert sources(corpus) == {"one.txt": str(a / "one.txt"), second.added[0]: str(b / "one.txt")}
    for paths in ([a, b], [b, a], [b]):
        assert sorted_parts(corpus.index(paths)).keys() == {"unchanged"}
    assert contents(corpus) == built_at_once(a, b)


def test_a_file_and_a_line_with_one_id(open_engine, tmp_path):
    folder = write(tmp_path / "a", one=lighthouse(1))
    lines(folder / "x.jsonl", record(2, "one.txt"))
    corpus = open_engine()
    report = corpus.index([folder])
    assert len(report.rejected) == 1
    assert set(sources(corpus)) == {"one.txt"}


# Interruptions


class Interrupted(HashingEncoder):
    """Stops the run at its n-th batch of passages."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self._left = batches

    def encode_passages(self, passages: Sequence[Passage]) -> list[Encoded]:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt
        return super().encode_passages(passages)


@pytest.fixture
def groups(monkeypatch):
    """Every article is a group of its own."""
    monkeypatch.setattr("retrieval.indexer._GROUP", 1)
    monkeypatch.setattr("retrieval.indexer._TOLD_AT_ONCE", 2)


BEFORE = {f"n{number}": lighthouse(number) for number in range(6)}


def change(folder: Path) -> None:
    """Changes, adds, removes and renames articles."""
    write(folder, n0=lighthouse(100), n1=lighthouse(101), x1=lighthouse(201))
    (folder / "n4.txt").unlink()
    (folder / "n5.txt").rename(folder / "m5.txt")


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """A folder, and what an index holds that was built of it in one go, once it was changed."""
    folder = write(tmp_path_factory.mktemp("many") / "articles", **BEFORE)
    change(folder)
    return folder, built_at_once(folder)


@pytest.fixture
def many(expected: tuple[Path, dict[str, object]]) -> Path:
    """That folder, before it is changed."""
    folder, _ = expected
    for path in folder.iterdir():
        path.unlink()
    return write(folder, **BEFORE)


@pytest.mark.parametrize("batches", range(4))
def test_a_run_interrupted_while_encoding_is_carried_on(open_engine, many, expected, groups, batches):
    corpus = open_engine()
    corpus.index([many])
    corpus.close()
    change(many)
    stopped = open_engine(encoder=Interrupted(batches))
    with pytest.raises(KeyboardInterrupt):
        stopped.index([many])
    assert archive_of(stopped).count()[0] >= len(BEFORE), "nothing is lost meanwhile"
    stopped.close()
    again = open_engine()
    assert again.index([many]).encoded == 4 - batches
    assert contents(again) == expected[1]


@pytest.mark.parametrize(
    ("method", "call"),
    [("put", 1), ("put", 2), ("remove", 0), ("remove", 1), ("relocate", 0), ("told", 0), ("told", 1), ("outbox", 2)],
)
def test_a_run_interrupted_before_or_after_a_write_is_carried_on(open_engine, many, expected, groups, method, call):
    corpus = open_engine()
    corpus.index([many])
    change(many)
    archive, left = archive_of(corpus), call
    real = getattr(archive, method)

    def stop(*arguments: object) -> object:
        nonlocal left
        left -= 1
        if left == 0:
            real(*arguments)
        if left <= 0:
            raise KeyboardInterrupt
        return real(*arguments)

    setattr(archive, method, stop)
    with pytest.raises(KeyboardInterrupt):
        corpus.index([many])
    corpus.close()
    again = open_engine()
    again.index([many])
    assert contents(again) == expected[1]


KILLED = """
import os, signal, sys
from pathlib import Path
import retrieval.indexer
from tests.engine import engine, archive_of, in_use
retrieval.indexer._GROUP, retrieval.indexer._TOLD_AT_ONCE = 1, 2
corpus = engine(Path(sys.argv[1]))
target = {"archive": archive_of(corpus), "chroma": in_use(corpus).indexer.chroma}[sys.argv[3]]
real, left = getattr(target, sys.argv[4]), int(sys.argv[5])
def die(*arguments):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)
object.__setattr__(target, sys.argv[4], die)
corpus.index([sys.argv[2]])
print("not killed")
"""


@pytest.mark.parametrize(
    ("where", "method", "calls"),
    [("archive", "put", 3), ("archive", "told", 1), ("chroma", "upsert", 0), ("chroma", "upsert", 2)],
)
def test_a_killed_run_is_carried_on(open_engine, many, expected, tmp_path, where, method, calls):
    change(many)
    process = python(KILLED, tmp_path / "data", many, where, method, calls)
    out, _ = process.communicate()
    assert process.returncode == -9, out
    corpus = open_engine()
    corpus.index([many])
    assert contents(corpus) == expected[1]


def test_a_run_stopped_by_the_user_leaves_an_index_that_answers(open_engine, many, expected, tmp_path):
    change(many)
    script = """
import sys, time
from pathlib import Path
import retrieval.indexer
from tests.engine import engine
retrieval.indexer._GROUP = 1
def progress(stage, done, total):
    if stage == "encoding" and done == 3:
        print("three", flush=True)
        time.sleep(60)
engine(Path(sys.argv[1])).index([sys.argv[2]], progress=progress)
"""
    process = python(script, tmp_path / "data", many)
    assert process.stdout.readline() == "three\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert err.rstrip().endswith("KeyboardInterrupt")
    corpus = open_engine()
    assert len(corpus.articles()) == 3
    assert corpus.ask("Who lives in the lighthouse?")
    assert len(corpus.index([many]).added) == 3
    assert contents(corpus) == expected[1]


# Chroma


def test_what_chroma_did_not_take_it_is_told_later(open_engine, folder, tmp_path):
    corpus = open_engine()
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "chroma").write_text("in the way")
    with pytest.raises(StoreError, match="Chroma") as caught:
        corpus.index([folder])
    assert "the archive is safe" in caught.value.hint
    assert archive_of(corpus).count()[0] == 3
    (tmp_path / "data" / "chroma").unlink()
    report = corpus.index([folder])
    assert report.encoded == 0
    assert contents(corpus) == built_at_once(folder)


def test_repair_heals_what_chroma_did_not_take(open_engine, folder, tmp_path):
    url = f"chroma:{tmp_path / 'place'}"
    (tmp_path / "place").write_text("in the way")
    corpus = open_engine(store=Store(url=url))
    with pytest.raises(StoreError):
        corpus.index([folder])
    (tmp_path / "place").unlink()
    assert "3 passages" in corpus.repair()
    assert contents(corpus) == built_at_once(folder)


def test_another_chroma_is_told_everything(open_engine, folder, tmp_path):
    corpus = open_engine()
    corpus.index([folder])
    corpus.close()
    moved = open_engine(store=Store(url=f"chroma:{tmp_path / 'elsewhere'}"))
    report = moved.index([folder])
    assert report.encoded == 0
    assert contents(moved) == built_at_once(folder)


def test_an_index_begun_anew_beside_an_old_chroma_holds_nothing_of_it(open_engine, folder, tmp_path):
    corpus = open_engine()
    corpus.index([folder])
    corpus.close()
    for path in (tmp_path / "data").glob("archive.sqlite3*"):
        path.unlink()
    (folder / "one.txt").unlink()
    again = open_engine()
    again.index([folder])
    assert contents(again) == built_at_once(folder)


# Who may write


def test_an_index_of_another_encoder_is_not_asked(open_engine, folder, tmp_path):
    open_engine().index([folder])
    other = open_engine(model="another")
    with pytest.raises(MismatchError) as caught:
        other.ask("Who?")
    assert str(caught.value) == (
        f"the index in {tmp_path / 'data'} was built with another encoder (hashing, now hashing another)"
    )
    assert caught.value.hint == "run `sayso index` to build a new one beside it, or set [encoder] model back"


def test_an_index_of_other_passages_is_not_asked(open_engine, folder, tmp_path):
    open_engine().index([folder])
    other = open_engine(passages=Passages(tokens=40, overlap=8))
    with pytest.raises(MismatchError) as caught:
        other.ask("Who?")
    assert str(caught.value).endswith("other passages (tokens = 160, now 40; overlap = 0, now 8)")
    assert "set [passages] back" in caught.value.hint


def test_the_encoder_is_compared_under_the_lock(open_engine, folder, tmp_path):
    """Two processes begin on an empty folder; the second finds what the first has made of it meanwhile."""
    second = open_engine(model="another")
    real = second._shelf.lock
    first = open_engine()

    def lock_after_the_first():
        first.index([folder])
        return real()

    second._shelf.lock = lock_after_the_first
    assert len(second.index([folder]).updated) == 3, "built beside it"
    assert archive_of(second).manifest()["encoder"] == "hashing another"
    assert (tmp_path / "data" / "archive.sqlite3").exists()


@pytest.mark.parametrize("act", ["index", "remove", "repair"])
def test_nothing_is_written_while_another_writes(open_engine, folder, tmp_path, act):
    corpus = open_engine(store=Store(lock_timeout_s=0))
    corpus.index([folder])
    before = archive_of(corpus).generation()
    acts = {
        "index": lambda: corpus.index([folder]),
        "remove": lambda: corpus.remove(["one.txt"]),
        "repair": corpus.repair,
    }
    with writer_lock(tmp_path / "data", 0), pytest.raises(LockedError):
        acts[act]()
    assert archive_of(corpus).generation() == before
    acts[act]()


def test_a_new_folder_that_another_holds_gets_no_archive(open_engine, folder, tmp_path):
    corpus = open_engine(store=Store(lock_timeout_s=0))
    with writer_lock(tmp_path / "data", 0), pytest.raises(LockedError):
        corpus.index([folder])
    assert not archive_of(corpus).exists(), "the manifest is written under the lock"


def test_the_lock_is_free_after_an_error(open_engine, folder):
    corpus = open_engine(encoder=Interrupted(0))
    with pytest.raises(KeyboardInterrupt):
        corpus.index([folder])
    with corpus._shelf.lock():
        pass


def test_progress_ends_at_the_total(open_engine, folder):
    told: list[tuple[str, int, int]] = []
    report = open_engine().index([folder], progress=lambda *step: told.append(step))
    assert [step for step in told if step[0] == "reading"] == [("reading", n, 0) for n in (1, 2, 3)]
    encoding = [step for step in told if step[0] == "encoding"]
    assert encoding[-1] == ("encoding", report.encoded, report.encoded)
