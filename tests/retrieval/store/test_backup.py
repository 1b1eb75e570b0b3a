"""A backup is one moment of the archive and the chats, proved before it replaces anything, and holds nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chats import Chats
from retrieval.corpus import Corpus
from retrieval.doctor.folder import folder_checks
from retrieval.errors import DamagedError, InputError, LockedError, MismatchError, StoreError
from retrieval.settings import Store
from retrieval.store.lock import writer_lock
from tests.engine import archive_of, contents, finished, in_use, lighthouse, python, shown, write

QUESTION = "Who lives in the lighthouse of Cape N3?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "articles", **{f"n{number}": lighthouse(number) for number in range(6)})


@pytest.fixture
def corpus(open_engine: Callable[..., Corpus], folder: Path) -> Corpus:
    made = open_engine(store=Store(lock_timeout_s=0))
    made.index([folder])
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "sayso.backup"


@pytest.fixture
def kept(corpus: Corpus, file: Path) -> Path:
    file.parent.mkdir()
    corpus.backup(file)
    return file


def chats(data: Path) -> list[str]:
    with closing(sqlite3.connect(data / "chats.sqlite3")) as db:
        return [text for (text,) in db.execute("SELECT words FROM words ORDER BY row")]


def chat(data: Path, text: str) -> None:
    with closing(Chats(data / "chats.sqlite3")) as bot:
        bot.keep_words(1, text)


def test_what_is_restored_is_what_was_backed_up(corpus, kept, folder):
    before = contents(corpus)
    corpus.remove(["n3.txt", "n4.txt"])
    write(folder, n9=lighthouse(9))
    corpus.index([folder])
    assert "Restored 6 articles" in corpus.restore(kept)
    assert contents(corpus) == before
    assert shown(corpus.ask(QUESTION))[0].startswith("Keeper K3 ")


def test_a_new_folder_is_filled_from_a_backup_and_goes_on(corpus, kept, open_engine, folder, tmp_path):
    moved = open_engine(data_dir=tmp_path / "new")
    moved.restore(kept)
    assert contents(moved) == contents(corpus)
    report = moved.index([folder])
    assert (len(report.unchanged), report.encoded) == (6, 0)
    write(folder, n0=lighthouse(100))
    assert moved.index([folder]).updated == ("n0.txt",)


@pytest.mark.parametrize("lost", ["archive.sqlite3", "current.json"])
def test_what_is_lost_is_brought_back(corpus, kept, tmp_path, lost):
    corpus.restore(kept)
    before = contents(corpus)
    corpus.close()
    for path in (tmp_path / "data").rglob(f"{lost}*"):
        path.write_text("")
    corpus.restore(kept)
    assert contents(corpus) == before


def test_what_a_restore_replaces_is_kept_for_a_rollback(corpus, kept):
    corpus.remove(["n3.txt"])
    after = contents(corpus)
    corpus.restore(kept)
    corpus.rollback()
    assert contents(corpus) == after


def test_a_backup_is_smaller_than_what_it_holds_and_its_owners_alone(corpus, kept, tmp_path):
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.stat().st_size < (tmp_path / "data" / "archive.sqlite3").stat().st_size
    assert [path.name for path in kept.parent.iterdir()] == [kept.name], "nothing unfinished stays"


def test_a_backup_replaces_an_older_one_and_nothing_else(corpus, kept, tmp_path):
    corpus.remove(["n3.txt"])
    said = corpus.backup(kept)
    assert said.startswith("Wrote 5 articles") and said.endswith("in place of the backup that was there.")
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")
    for place in (precious, tmp_path):
        with pytest.raises(InputError, match="is no backup of Sayso"):
            corpus.backup(place)
    assert precious.read_text() == "mine"


@pytest.mark.parametrize(
    "name", ["chats.sqlite3", "chats.sqlite3-wal", "archive.sqlite3", "current.json", "index-7", "chroma/x", "models/x"]
)
def test_a_backup_never_takes_a_name_that_the_data_folder_uses_itself(corpus, tmp_path, name):
    there = everything(tmp_path)
    with pytest.raises(InputError, match="Sayso uses itself"):
        corpus.backup(tmp_path / "data" / name)
    assert everything(tmp_path) == there
    assert "Wrote 6 articles" in corpus.backup(tmp_path / "data" / "kept.backup"), "others may lie there"


def test_of_nothing_there_is_no_backup(open_engine, file):
    with pytest.raises(InputError, match="nothing is indexed"):
        open_engine().backup(file)


def test_a_backup_that_cannot_be_written_is_reported(corpus, tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        corpus.backup(tmp_path / "nowhere" / "x")


def test_a_damaged_archive_is_not_backed_up(corpus, kept, tmp_path):
    corpus.close()
    path = tmp_path / "data" / "archive.sqlite3"
    content = bytearray(path.read_bytes())
    with closing(sqlite3.connect(path)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'articles'").fetchone()
    content[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    before = kept.read_bytes()
    with pytest.raises(DamagedError):
        corpus.backup(kept)
    assert kept.read_bytes() == before, "the older backup stays"


# Chats, settings and secrets


def test_the_chats_of_the_bot_come_along_while_it_writes(corpus, file, tmp_path):
    data = tmp_path / "data"
    chat(data, "first")
    file.parent.mkdir()
    corpus.backup(file)
    chat(data, "second")
    aside = data / "chats.before-restore-1.sqlite3"
    with closing(Chats(data / "chats.sqlite3")) as bot:
        assert bot.words(2, 1) == "second"
        assert f"kept in {aside}, and rollback leaves chats alone" in corpus.restore(file)
        assert (bot.words(1, 1), bot.words(2, 1)) == ("first", ""), "a running bot goes on"
        bot.keep_words(1, "third")
    assert chats(data) == ["first", "third"]
    assert aside.stat().st_mode & 0o077 == 0
    before = aside.read_bytes()
    corpus.rollback()
    assert chats(data) == ["first", "third"]
    assert "chats.before-restore-2.sqlite3" in corpus.restore(file)
    assert aside.read_bytes() == before, "what was kept is never overwritten"
    os.replace(aside, data / "chats.sqlite3")
    assert chats(data) == ["first", "second"]


@pytest.mark.parametrize("statement", ["PRAGMA user_version = 99", "DROP TABLE words", "PRAGMA user_version = 0"])
def test_chats_that_no_bot_of_this_version_wrote_are_not_backed_up(corpus, file, tmp_path, statement):
    data = tmp_path / "data"
    chat(data, "first")
    file.parent.mkdir()
    with closing(sqlite3.connect(data / "chats.sqlite3")) as db:
        db.execute(statement)
    with pytest.raises(DamagedError, match=r"the chats .*chats\.sqlite3") as caught:
        corpus.backup(file)
    assert "move" in caught.value.hint and "repair" not in caught.value.hint
    assert not file.exists()


def test_damaged_chats_are_replaced_and_kept_aside(corpus, file, tmp_path):
    data = tmp_path / "data"
    chat(data, "first")
    file.parent.mkdir()
    corpus.backup(file)
    (data / "chats.sqlite3").write_bytes(b"no database" * 1_000)
    for log in data.glob("chats.sqlite3-*"):
        log.unlink()
    corpus.restore(file)
    assert chats(data) == ["first"]
    assert (data / "chats.before-restore-1.sqlite3").read_bytes().startswith(b"no database")


def test_without_chats_in_a_backup_those_that_are_there_stay(corpus, kept, tmp_path):
    chat(tmp_path / "data", "mine")
    corpus.restore(kept)
    assert chats(tmp_path / "data") == ["mine"]


def test_nothing_but_the_two_databases_is_in_a_backup(corpus, file, tmp_path):
    secret = "123456789:AAFsecretsecretsecretsecretsecretsec"
    for name in ("config.toml", ".env", "history", "token"):
        (tmp_path / "data" / name).write_text(secret)
    file.parent.mkdir()
    corpus.backup(file)
    with zipfile.ZipFile(file) as packed:
        assert sorted(packed.namelist()) == ["archive.sqlite3", "sayso-backup.json"]
        assert not any(secret.encode() in packed.read(name) for name in packed.namelist())


# While others write

WRITER = """
import sys
from pathlib import Path
from tests.engine import engine, lighthouse, write
corpus = engine(Path(sys.argv[1]))
print("ready", flush=True)
number = 0
while True:
    write(Path(sys.argv[2]), **{f"w{i}": lighthouse(1000 + 10 * number + i) for i in range(3)})
    corpus.index([sys.argv[2]])
    number += 1
"""


def test_a_backup_taken_while_another_writes_is_one_moment(corpus, file, tmp_path, open_engine):
    file.parent.mkdir()
    other = python(WRITER, tmp_path / "data", tmp_path / "written")
    try:
        assert other.stdout.readline() == "ready\n"
        for number in range(4):
            corpus.backup(file)
            with open_engine(data_dir=tmp_path / f"copy{number}") as copy:
                copy.restore(file)
                assert {f"n{n}.txt" for n in range(6)} <= {ref.article_id for ref in copy.articles()}
                held = contents(copy)
                assert held["chroma"] == [passage[0] for passage in held["passages"]]
    finally:
        other.kill()
        other.communicate()


def test_a_restore_waits_for_no_writer(corpus, kept, tmp_path):
    with writer_lock(tmp_path / "data", 0), pytest.raises(LockedError):
        corpus.restore(kept)


# What is refused; and then nothing has changed


def repacked(kept: Path, change: Callable[[dict[str, bytes], dict[str, object]], None]) -> Path:
    """A backup like ``kept``, with changed members and list of contents."""
    with zipfile.ZipFile(kept) as old:
        members = {name: old.read(name) for name in old.namelist()}
    listed = json.loads(members.pop("sayso-backup.json"))
    change(members, listed)
    made = kept.with_name("changed.backup")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members.items():
            new.writestr(name, content)
        new.writestr("sayso-backup.json", json.dumps(listed))
    return made


def with_member(name: str) -> Callable[..., None]:
    def change(members: dict[str, bytes], listed: dict[str, object]) -> None:
        members[name] = b"x"
        listed["sha256"][name] = hashlib.sha256(b"x").hexdigest()

    return change


def newer_schema(members: dict[str, bytes], listed: dict[str, object]) -> None:
    listed["schema"] = 99


def newer_format(members: dict[str, bytes], listed: dict[str, object]) -> None:
    listed["format"] = 99


def newer_archive(members: dict[str, bytes], listed: dict[str, object]) -> None:
    changed_archive(members, listed, "PRAGMA user_version = 99")


def passage_astray(members: dict[str, bytes], listed: dict[str, object]) -> None:
    changed_archive(members, listed, "UPDATE passages SET start = start + 1")


def changed_archive(members: dict[str, bytes], listed: dict[str, object], statement: str) -> None:
    """The archive after ``statement``, with the hash that belongs to it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        content = bytearray(members["archive.sqlite3"])
        content[18:20] = b"\x01\x01"  # a database in memory has no log
        db.deserialize(bytes(content))
        db.execute(statement)
        members["archive.sqlite3"] = db.serialize()
    listed["sha256"]["archive.sqlite3"] = hashlib.sha256(members["archive.sqlite3"]).hexdigest()


def with_chats(content: bytes) -> Callable[..., None]:
    def change(members: dict[str, bytes], listed: dict[str, object]) -> None:
        members["chats.sqlite3"] = content
        listed["sha256"]["chats.sqlite3"] = hashlib.sha256(content).hexdigest()

    return change


def database(statements: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(statements)
        return db.serialize()


def no_archive(members: dict[str, bytes], listed: dict[str, object]) -> None:
    del members["archive.sqlite3"], listed["sha256"]["archive.sqlite3"]


def other_archive(members: dict[str, bytes], listed: dict[str, object]) -> None:
    members["archive.sqlite3"] = b"SQLite format 3\0" + b"\xff" * 8192
    listed["sha256"]["archive.sqlite3"] = hashlib.sha256(members["archive.sqlite3"]).hexdigest()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (newer_schema, "newer Sayso"),
        (newer_format, "newer Sayso"),
        (newer_archive, "newer Sayso"),
        (passage_astray, "damaged index"),
        (with_chats(b"junk" * 3_000), "chats that cannot be used"),
        (with_chats(database("CREATE TABLE songs (title TEXT)")), "are not those of chats"),
        (with_chats(database("CREATE TABLE songs (title TEXT); PRAGMA user_version = 1")), "are not those of chats"),
        (with_chats(database("CREATE TABLE words (row); PRAGMA user_version = 99")), "newer Sayso"),
        (no_archive, "are not those of a backup"),
        (other_archive, "damaged"),
        (with_member("../escaped"), "are not those of a backup"),
        (with_member("/tmp/escaped"), "are not those of a backup"),
        (with_member("models/../../escaped"), "are not those of a backup"),
        (with_member("current.json"), "are not those of a backup"),
        (lambda members, listed: members.update(extra=b"x"), "are not those of a backup"),
        (lambda members, listed: listed["sha256"].update({"archive.sqlite3": "0" * 64}), "is not what was written"),
        (lambda members, listed: listed.pop("sha256"), "no whole backup"),
    ],
)
def test_what_is_no_sound_backup_changes_nothing(corpus, kept, tmp_path, change, said):
    before, there = contents(corpus), everything(tmp_path)
    made = repacked(kept, change)
    with pytest.raises((InputError, StoreError), match=said):
        corpus.restore(made)
    made.unlink()
    assert everything(tmp_path) == there
    assert contents(corpus) == before


def everything(folder: Path) -> set[str]:
    """Names of all files but those that come and go with a connection."""
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
    return {name for name in names if not name.endswith(("-wal", "-shm"))}


def test_a_file_that_is_no_backup_is_refused(corpus, tmp_path, kept):
    (tmp_path / "text").write_text("no backup")
    (tmp_path / "empty").touch()
    for path in (tmp_path / "text", tmp_path / "empty", tmp_path / "missing", tmp_path):
        with pytest.raises(InputError):
            corpus.restore(path)


@settings(max_examples=12)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans())
def test_a_backup_with_a_bit_flipped_or_its_end_cut_is_refused_or_whole(corpus, kept, place, bit, cut):
    before = contents(corpus)
    content = bytearray(kept.read_bytes())
    at = int(place * len(content))
    if cut:
        del content[at:]
    else:
        content[at] ^= 1 << bit
    damaged = kept.with_name("damaged.backup")
    damaged.write_bytes(content)
    try:
        corpus.restore(damaged)
    except InputError:
        assert in_use(corpus).archive.exists()
    assert contents(corpus) == before


def test_a_member_that_unpacks_to_more_than_it_says_is_refused(corpus, kept, tmp_path):
    """A ZIP bomb: the list of members says little, the stream goes on."""
    content = bytearray(kept.read_bytes())
    with zipfile.ZipFile(kept) as packed:
        info = packed.getinfo("archive.sqlite3")
        size = info.file_size.to_bytes(4, "little")
    while (at := content.find(size)) != -1:
        content[at : at + 4] = (1_000).to_bytes(4, "little")
    kept.write_bytes(content)
    with pytest.raises(InputError):
        corpus.restore(kept)
    assert archive_of(corpus).count()[0] == 6


def test_a_backup_of_another_encoder_is_asked_once_the_setting_agrees(open_engine, folder, file, tmp_path):
    file.parent.mkdir()
    other = open_engine(data_dir=tmp_path / "other", model="another")
    other.index([folder])
    other.backup(file)
    assert "was built with another encoder (hashing another, now hashing)" in open_engine().restore(file)
    with pytest.raises(MismatchError):
        open_engine().ask(QUESTION)
    assert shown(open_engine(model="another").ask(QUESTION))[0].startswith("Keeper K3 ")


KILLED = """
import os, signal, sys
from pathlib import Path
import retrieval.store.backup, retrieval.shelf
from tests.engine import engine
target = {"backup": retrieval.store.backup, "shelf": retrieval.shelf}[sys.argv[3]]
setattr(target, sys.argv[4], lambda *arguments: os.kill(os.getpid(), signal.SIGKILL))
engine(Path(sys.argv[1])).restore(Path(sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("where", "step"), [("backup", "_written"), ("backup", "article_faults"), ("shelf", "put_in_use")]
)
def test_a_restore_that_is_killed_changes_nothing(corpus, kept, tmp_path, where, step):
    corpus.remove(["n5.txt"])
    before = contents(corpus)
    process = python(KILLED, tmp_path / "data", kept, where, step)
    process.communicate()
    assert process.returncode == -9
    assert contents(corpus) == before
    assert "Restored 6 articles" in corpus.restore(kept)
    assert os.path.exists(tmp_path / "data" / "index-1" / "archive.sqlite3")


@pytest.fixture
def with_chats(corpus: Corpus, file: Path, tmp_path: Path) -> Path:
    """A backup with other articles and other chats than there are now."""
    chat(tmp_path / "data", "first")
    file.parent.mkdir()
    corpus.backup(file)
    chat(tmp_path / "data", "second")
    corpus.remove(["n5.txt"])
    return file


def killed(data: Path, kept: Path, where: str, step: str) -> None:
    process = python(KILLED, data, kept, where, step)
    process.communicate()
    assert process.returncode == -9


@pytest.mark.parametrize(
    "go_on", [lambda corpus: corpus.settle(), lambda corpus: corpus.repair(), lambda corpus: corpus.remove(["n4.txt"])]
)
def test_a_restore_killed_between_chats_and_index_leaves_both_as_they_were(corpus, with_chats, tmp_path, go_on):
    data, before = tmp_path / "data", contents(corpus)
    killed(data, with_chats, "shelf", "put_in_use")
    assert contents(corpus) == before
    check = next(check for check in folder_checks(corpus.settings, data) if check.name == "leftovers")
    assert "of a restore that was stopped" in check.found and "`sayso repair`" in check.remedy
    go_on(corpus)
    assert chats(data) == ["first", "second"]
    assert [path.name for path in data.glob("chats.*")] == ["chats.sqlite3"]
    assert "chats.before-restore-1" in corpus.restore(with_chats)
    assert chats(data) == ["first"]


def test_a_restore_killed_after_the_switch_is_a_whole_one(corpus, with_chats, tmp_path):
    data = tmp_path / "data"
    killed(data, with_chats, "backup", "kept_aside")
    corpus.rollback()  # of the index alone
    corpus.rollback()
    assert (chats(data), corpus.article("n5.txt").reference.article_id) == (["first"], "n5.txt")
    assert [path.name for path in sorted(data.glob("chats.*"))] == ["chats.before-restore-1.sqlite3", "chats.sqlite3"]


@pytest.mark.parametrize("there", [b"", b"no database" * 1_000])
def test_chats_that_were_not_there_or_damaged_are_so_again(corpus, with_chats, tmp_path, there):
    data = tmp_path / "data"
    for file in data.glob("chats.sqlite3*"):
        file.unlink()
    if there:
        (data / "chats.sqlite3").write_bytes(there)
    killed(data, with_chats, "shelf", "put_in_use")
    assert chats(data) == ["first"]
    corpus.settle()
    assert [path.read_bytes() for path in data.glob("chats.*")] == ([there] if there else [])


def test_a_restore_that_fails_at_the_switch_leaves_the_chats(corpus, with_chats, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr("retrieval.shelf.put_in_use", full)
    with pytest.raises(StoreError, match="full"):
        corpus.restore(with_chats)
    assert chats(tmp_path / "data") == ["first", "second"]


def test_a_full_disk_leaves_the_older_backup(corpus, kept, tmp_path):
    script = """
import resource, sys
from pathlib import Path
from retrieval.errors import SaysoError
from tests.engine import engine
corpus = engine(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    corpus.backup(Path(sys.argv[2]))
except SaysoError as error:
    print(type(error).__name__)
"""
    before = kept.read_bytes()
    assert finished(python(script, tmp_path / "data", kept)) in {"InputError\n", "StoreError\n"}
    assert kept.read_bytes() == before
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]
