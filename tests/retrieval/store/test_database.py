"""One SQLite file: transactions, what its errors mean in plain words, and who may read it."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.errors import DamagedError, LockedError, SchemaError, StoreError
from retrieval.store import database
from retrieval.store.audit import article_faults
from retrieval.store.database import Database
from tests.engine import archive_of, engine, finished, lighthouse, python, shown
from tests.engine import write as write_articles


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "archive.sqlite3"


@pytest.fixture
def file(path: Path):
    made = Database(path)
    yield made
    made.close()


def note(db: sqlite3.Connection, key: str) -> None:
    db.execute("INSERT INTO meta VALUES (?, '')", (key,))


def write(file: Database, key: str) -> None:
    with file.writing() as db:
        note(db, key)


def keys(file: Database) -> set[str]:
    with file.reading() as db:
        return {key for (key,) in db.execute("SELECT key FROM meta")} - {"generation"}


def generation(file: Database) -> int:
    with file.reading() as db:
        return int(db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0])


def test_a_file_exists_from_its_first_use_on(file):
    assert not file.exists()
    keys(file)
    assert file.exists()


def test_only_the_owner_may_read_folder_and_files(file, path):
    with file.writing() as db:
        note(db, "a")
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()} == {0o600}


def test_a_folder_name_of_characters_that_mean_something_in_an_address(tmp_path):
    for name in ("100% sure?", "a#b", "é & 中", "x?mode=ro"):
        made = Database(tmp_path / name / "archive.sqlite3")
        with made.writing() as db:
            note(db, "a")
        assert keys(made) == {"a"}
        assert made.path.is_file()
        made.close()


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_write_that_is_stopped_leaves_nothing(file, stop):
    def write_and_stop() -> None:
        with file.writing() as db:
            note(db, "a")
            raise stop

    before = generation(file)
    with pytest.raises(stop):
        write_and_stop()
    assert keys(file) == set()
    assert generation(file) == before
    with file.writing() as db:  # and the next one is not in its way
        note(db, "b")
    assert keys(file) == {"b"}
    assert generation(file) == before + 1


def test_a_reader_sees_one_state_while_another_writes(file, path):
    other = Database(path)
    with file.reading():
        assert keys(file) == set()
        with other.writing() as db:
            note(db, "a")
        assert keys(other) == {"a"}
        assert keys(file) == set()
    assert keys(file) == {"a"}
    other.close()


def test_each_thread_has_a_state_of_its_own(file):
    seen: list[set[str]] = []

    def write_and_read() -> None:
        with file.writing() as db:
            note(db, "a")
        seen.append(keys(file))

    with file.reading():
        assert keys(file) == set()
        other = threading.Thread(target=write_and_read)
        other.start()
        other.join()
        assert keys(file) == set()
    assert seen == [{"a"}]


def test_a_new_file_appears_whole(path):
    errors: list[BaseException] = []
    start = threading.Barrier(7)

    def read_as_soon_as_it_is_there() -> None:
        mine = Database(path)
        start.wait()
        try:
            while not mine.exists():
                pass
            keys(mine)
        except BaseException as error:
            errors.append(error)
        finally:
            mine.close()

    threads = [threading.Thread(target=read_as_soon_as_it_is_there) for _ in range(6)]
    for thread in threads:
        thread.start()
    writer = Database(path)
    start.wait()
    with writer.writing() as db:
        note(db, "a")
    for thread in threads:
        thread.join()
    assert errors == []
    assert {p.name.partition("-")[0] for p in path.parent.iterdir()} == {"archive.sqlite3"}, "nothing unfinished stays"
    writer.close()


def test_threads_write_one_after_the_other(file):
    keys(file)
    threads = [threading.Thread(target=write, args=(file, f"n{n}")) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert keys(file) == {f"n{n}" for n in range(6)}
    assert generation(file) == 6


def test_a_file_made_by_a_newer_sayso_is_left_alone(file, path):
    with file.writing() as db:
        db.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(SchemaError, match=r"newer Sayso \(schema 99") as caught:
        generation(Database(path))
    assert "upgrade" in caught.value.hint


def test_a_writer_that_does_not_end_is_reported(file, path, monkeypatch):
    monkeypatch.setattr(database, "_BUSY_MS", 20)
    other = Database(path)
    with file.writing(), pytest.raises(LockedError, match="another process"), other.writing():
        pass
    other.close()


def test_a_full_disk_is_reported_and_harms_nothing(file):
    with file.writing() as db:
        note(db, "a")
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(StoreError, match="disk is full") as caught, file.writing() as db:
        db.execute("INSERT INTO meta VALUES ('big', ?)", ("x" * 1_000_000,))
    assert "make room" in caught.value.hint
    assert keys(file) == {"a"}


@pytest.mark.parametrize("content", [b"words, enough to be read. " * 40, b"SQLite format 3\0" + b"\xff" * 4096, b""])
def test_a_file_that_is_no_database_is_called_damaged(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(DamagedError, match=r"is damaged") as caught:
        generation(Database(path))
    assert "sayso index" in caught.value.hint


def test_a_file_without_its_tables_is_called_damaged(file):
    with file.writing() as db:
        db.execute("DROP TABLE articles")
    with pytest.raises(DamagedError), file.reading() as db:
        db.execute("SELECT * FROM articles")


def test_bytes_that_are_no_text_are_called_damaged_in_one_short_line(file):
    with file.writing() as db:
        db.execute("INSERT INTO meta VALUES ('x', CAST(? AS TEXT))", (b"\xff\n" * 5_000,))
    with pytest.raises(DamagedError) as caught, file.reading() as db:
        db.execute("SELECT value FROM meta").fetchall()
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


def test_a_place_that_cannot_be_a_folder_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        generation(Database(tmp_path / "file" / "archive.sqlite3"))


READ = """
import sys
from pathlib import Path
from retrieval.store.audit import article_faults
from retrieval.store.database import Database
file = Database(Path(sys.argv[1]))
with file.reading() as db:
    print(*sorted(key for (key,) in db.execute("SELECT key FROM meta")))
"""


def test_a_folder_that_cannot_be_written_is_read(file, path, unprivileged):
    with file.writing() as db:
        note(db, "a")
    file.close()
    path.parent.chmod(0o500)
    assert finished(python(READ, path, prefix=unprivileged)).split() == ["a", "generation"]
    path.parent.chmod(0o700)


def test_what_a_killed_writer_committed_is_read_where_nothing_can_be_written(file, path, tmp_path, unprivileged):
    with file.writing() as db:
        note(db, "a")
    left = tmp_path / "left"
    shutil.copytree(path.parent, left)  # with its log, as a writer leaves it that is killed
    assert (left / "archive.sqlite3-wal").stat().st_size
    left.chmod(0o500)
    assert finished(python(READ, left / "archive.sqlite3", prefix=unprivileged)).split() == ["a", "generation"]
    left.chmod(0o700)


RELEASED = Path(__file__).parent / "released"


def made_by(version: int, path: Path) -> Path:
    """The stored archive of a schema that was released: three articles."""
    path.parent.mkdir(parents=True)
    path.write_bytes(
        gzip.decompress((Path(__file__).parent / "released" / f"schema-{version}.sqlite3.gz").read_bytes())
    )
    return path


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def test_an_archive_of_each_released_schema_is_stored():
    stored = sorted(path.name for path in RELEASED.iterdir())
    assert stored == [f"schema-{number}.sqlite3.gz" for number in range(1, database.SCHEMA_VERSION)]


@pytest.mark.parametrize("released", range(1, database.SCHEMA_VERSION))
def test_an_index_of_a_released_schema_is_brought_up_to_date_and_answers(tmp_path, released):
    path = made_by(released, tmp_path / "data" / "archive.sqlite3")
    with engine(tmp_path / "data") as corpus:
        assert shown(corpus.ask("Who lives in the lighthouse of Cape N2?"))[0].startswith("Keeper K2 ")
        assert version(path) == database.SCHEMA_VERSION
        articles = write_articles(tmp_path / "articles", n7=lighthouse(7))
        assert corpus.index([articles]).added == ("n7.txt",)
        assert "4 passages" in corpus.repair()
        assert len(corpus.articles()) == 4
        assert list(article_faults(archive_of(corpus))) == []


@pytest.mark.parametrize("released", range(1, database.SCHEMA_VERSION))
def test_a_new_archive_has_the_tables_of_one_that_was_brought_up_to_date(tmp_path, file, path, released):
    keys(file)
    older = Database(made_by(released, tmp_path / "older" / "archive.sqlite3"))
    schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"
    with older.reading() as one, file.reading() as other:
        assert one.execute(schema).fetchall() == other.execute(schema).fetchall()
    older.close()


def test_threads_that_open_an_older_archive_bring_it_up_to_date_once(tmp_path):
    older = Database(made_by(1, tmp_path / "older" / "archive.sqlite3"))
    errors: list[BaseException] = []

    def open_it() -> None:
        try:
            keys(older)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    older.close()


def test_a_migration_that_is_stopped_changes_nothing(tmp_path, monkeypatch):
    path = made_by(1, tmp_path / "older" / "archive.sqlite3")
    steps = database._MIGRATIONS[1]
    monkeypatch.setitem(database._MIGRATIONS, 1, (*steps, "CREATE TABLE seals (again TEXT)"))
    with pytest.raises(StoreError):
        keys(Database(path))
    assert version(path) == 1
    monkeypatch.setitem(database._MIGRATIONS, 1, steps)
    made = Database(path)
    assert "manifest" in keys(made)
    made.close()


def test_an_older_archive_that_cannot_be_written_says_what_to_do(tmp_path, unprivileged):
    path = made_by(1, tmp_path / "older" / "archive.sqlite3")
    path.parent.chmod(0o500)
    _, err = python(READ, path, prefix=unprivileged).communicate()
    path.parent.chmod(0o700)
    assert "SchemaError: the index in" in err
    assert "older Sayso" in err
