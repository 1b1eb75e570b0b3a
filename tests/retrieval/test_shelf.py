"""A new index beside the old one, which answers until the switch; every reader follows, and it can be undone."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.corpus import Corpus
from retrieval.errors import DamagedError, InputError, MismatchError
from retrieval.settings import Passages, Store
from retrieval.store.editions import Editions, drop, editions, put_in_use, strays
from tests.engine import archive_of, contents, engine, finished, in_use, lighthouse, python, shown, write

SMALLER = Passages(tokens=40)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "articles", **{f"n{number}": lighthouse(number) for number in range(6)})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def keeper(corpus: Corpus, number: int) -> list[str]:
    return [c.reference.article_id for c in corpus.ask(f"Who lives in the lighthouse of Cape N{number}?").citations]


def built_at_once(data_dir: Path, folder: Path, **changes: object) -> dict[str, object]:
    corpus = engine(data_dir, **changes)
    corpus.index([folder])
    held = contents(corpus)
    corpus.close()
    return held


# The switch


@pytest.mark.parametrize("changed", [{"model": "another"}, {"passages": SMALLER}, {"passages": Passages(overlap=20)}])
@pytest.mark.parametrize("exact_below", [0, 20_000])
def test_the_old_index_answers_until_the_new_one_is_whole(open_engine, folder, tmp_path, changed, exact_below):
    store = Store(exact_below=exact_below)
    reader = open_engine(store=store)
    reader.index([folder])
    before = keeper(reader, 3)
    seen: list[list[str]] = []

    def ask_meanwhile(stage: str, done: int, total: int) -> None:
        seen.append(keeper(reader, 3))

    report = open_engine(store=store, **changed).index([folder], progress=ask_meanwhile)
    assert (len(report.updated), report.unchanged, report.encoded) == (6, (), report.passages)
    assert len(seen) > 6
    assert all(ids == before for ids in seen)
    assert keeper(reader, 3)[0] == "n3.txt"
    assert in_use(reader).folder.name == "index-1"
    assert contents(reader) == built_at_once(tmp_path / "apart", folder, **changed)


FOLLOWER = """
import sys
from pathlib import Path
from tests.engine import engine, in_use, shown
corpus = engine(Path(sys.argv[1]))
for question in sys.stdin:
    print(in_use(corpus).folder.name, shown(corpus.ask(question))[0][:30], flush=True)
corpus.close()
"""


def test_another_process_follows_the_switch_there_and_back(open_engine, folder, data):
    corpus = open_engine()
    corpus.index([folder])
    other = python(FOLLOWER, data)

    def ask() -> str:
        print("Who lives in the lighthouse of Cape N4?", file=other.stdin, flush=True)
        return other.stdout.readline().rstrip("\n")

    assert ask() == "data Keeper K4 has lived in the lig"
    changed = open_engine(model="another")
    changed.index([folder])
    assert ask() == "index-1 Keeper K4 has lived in the lig"
    assert "another encoder (hashing, now hashing another)" in changed.rollback()
    assert ask() == "data Keeper K4 has lived in the lig"
    assert finished(other) == ""


def test_articles_of_all_folders_are_carried_over(open_engine, folder, tmp_path):
    elsewhere = write(tmp_path / "elsewhere", far=lighthouse(70))
    corpus = open_engine()
    corpus.index([folder, elsewhere])
    write(folder, n0=lighthouse(50))
    (folder / "n1.txt").unlink()
    changed = open_engine(model="another")
    report = changed.index([folder])
    assert set(report.updated) == {"n0.txt", *(f"n{n}.txt" for n in range(2, 6))}
    assert report.removed == ("n1.txt",)
    assert keeper(changed, 70)[0] == "far.txt"
    write(elsewhere, n7=lighthouse(7))
    assert changed.index([folder, elsewhere]).encoded == 1


def test_the_first_own_articles_end_the_trial_in_a_new_index_too(open_engine, folder):
    open_engine().index()
    changed = open_engine(model="another")
    changed.index([folder])
    assert {reference.article_id for reference in changed.articles()} == {f"n{number}.txt" for number in range(6)}


def test_a_build_that_was_stopped_is_carried_on_and_the_old_index_answers(open_engine, folder, data, monkeypatch):
    monkeypatch.setattr("retrieval.indexer._GROUP", 1)
    reader = open_engine()
    reader.index([folder])

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "encoding" and done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_engine(model="another").index([folder], progress=stop)
    assert keeper(reader, 5)[0] == "n5.txt"
    assert strays(editions(data)) == ["index-1"]
    report = open_engine(model="another").index([folder])
    assert report.encoded == report.passages - 3
    assert keeper(reader, 5)[0] == "n5.txt"
    assert strays(editions(data)) == []


def test_a_build_that_was_stopped_is_begun_anew_with_other_settings(open_engine, folder, data, tmp_path):
    open_engine().index([folder])

    def stop(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_engine(model="another").index([folder], progress=stop)
    third = open_engine(model="a third")
    third.index([folder])
    assert contents(third) == built_at_once(tmp_path / "apart", folder, model="a third")


def test_one_earlier_index_is_kept_and_no_more(open_engine, folder, data):
    models = ["all-MiniLM-L6-v2", "b", "c", "d"]
    for number, model in enumerate(models):
        open_engine(model=model).index([folder])
        there = {path.parent.name for path in data.glob("**/archive.sqlite3")}
        assert len(there) == min(number + 1, 2)
    assert editions(data) == Editions(data, "index-3", "index-2")
    assert not (data / "chroma").exists()


def test_a_rollback_is_undone_by_another(open_engine, folder):
    first = open_engine()
    first.index([folder])
    before = contents(first)
    open_engine(model="b").index([folder])
    after = contents(first)
    first.rollback()
    assert contents(first) == before
    first.rollback()
    assert contents(first) == after
    assert keeper(first, 2)[0] == "n2.txt"


def test_without_an_earlier_index_there_is_no_way_back(open_engine, folder):
    corpus = open_engine()
    corpus.index([folder])
    with pytest.raises(InputError, match="no earlier index"):
        corpus.rollback()


def test_a_reader_with_other_settings_is_told_until_the_switch_and_answers_after(open_engine, folder):
    open_engine().index([folder])
    waiting = open_engine(model="b")
    with pytest.raises(MismatchError):
        keeper(waiting, 1)
    open_engine(model="b").index([folder])
    assert keeper(waiting, 1)[0] == "n1.txt"


def test_a_place_outside_the_folder_holds_only_the_indexes_that_are_kept(open_engine, folder, tmp_path, caplog):
    """Each index has a collection of its own there, which goes with it."""
    store = Store(url=f"chroma:{tmp_path / 'place'}", exact_below=0)
    with caplog.at_level(logging.WARNING, "retrieval"):
        for model in ("b", "c", "d", "e"):
            corpus = open_engine(model=model, store=store)
            corpus.index([folder])
            assert keeper(corpus, 1)[0] == "n1.txt"
    chroma = in_use(corpus).indexer.chroma
    assert chroma._with_collection(lambda _: len(chroma._opened().list_collections())) == 2
    assert caplog.text == ""


# The pointer


def made(data: Path, *names: str) -> None:
    for name in names:
        (data / name).mkdir(parents=True, exist_ok=True)
        (data / name / "archive.sqlite3").touch()


@settings(max_examples=30)
@given(steps=st.lists(st.sampled_from(["build", "rollback"]), max_size=12))
def test_whatever_is_built_and_rolled_back_two_indexes_at_most_are_there(tmp_path_factory, steps):
    data = tmp_path_factory.mktemp("data")
    made(data, ".")
    chosen = editions(data)
    for step in steps:
        if step == "build":
            name = chosen.unfinished()
            assert not (data / name).exists(), "never a name that is in use"
            made(data, name)
            expected = Editions(data, name, chosen.current)
        elif chosen.previous:
            expected = Editions(data, chosen.previous, chosen.current)
        else:
            continue
        put_in_use(expected)
        chosen = editions(data)
        assert chosen == expected
        for name in strays(chosen):
            drop(data, name)
        there = {path.parent.relative_to(data).as_posix() for path in data.glob("**/archive.sqlite3")}
        assert there == {name for name in (chosen.current, chosen.previous) if name}


@pytest.mark.parametrize(
    "written", ["", "{", "[]", '{"current": 1}', '{"current": "index-1"}', '{"current": "../x", "previous": null}',
                '{"current": "index-1/../..", "previous": null}', '{"current": "index-7", "previous": null}', "\0"],
)  # fmt: skip
def test_a_pointer_that_is_none_is_refused(open_engine, folder, data, written):
    corpus = open_engine()
    corpus.index([folder])
    (data / "current.json").write_text(written)
    for act in (lambda: keeper(corpus, 1), corpus.articles, lambda: corpus.index([folder])):
        with pytest.raises(DamagedError) as caught:
            act()
        assert "sayso doctor" in caught.value.hint


def test_the_pointer_is_the_owners_alone_and_nothing_unfinished_stays(data):
    made(data, ".", "index-1")
    put_in_use(Editions(data, "index-1", "."))
    assert (data / "current.json").stat().st_mode & 0o777 == 0o600
    assert json.loads((data / "current.json").read_text()) == {"current": "index-1", "previous": "."}
    assert {path.name for path in data.iterdir()} == {"archive.sqlite3", "current.json", "index-1"}


def test_an_archive_that_is_gone_is_not_taken_for_a_new_folder(open_engine, folder, data):
    corpus = open_engine()
    corpus.index([folder])
    corpus.close()
    for file in data.glob("archive.sqlite3*"):
        file.unlink()
    again = open_engine()
    for act in (again.is_new, lambda: again.ask("Who?"), again.articles, again.repair):
        with pytest.raises(DamagedError, match="is gone, though its Chroma is there") as caught:
            act()
        assert "sayso restore" in caught.value.hint
    assert len(again.index([folder]).added) == 6
    assert shown(again.ask("Who lives in the lighthouse of Cape N3?"))
    assert archive_of(again).count()[0] == 6
