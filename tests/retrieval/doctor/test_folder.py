"""What the doctor finds in a data folder, and that what he prescribes mends it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import takewhile
from pathlib import Path

import pytest

from bot.chats import Chats
from retrieval.corpus import Corpus
from retrieval.doctor import Check, Status
from retrieval.doctor.folder import folder_checks
from retrieval.errors import DamagedError, StoreError
from retrieval.settings import Passages, Settings, Store
from retrieval.store.lock import writer_lock
from retrieval.store.probe import compared
from tests.engine import archive_of, contents, engine, finished, in_use, lighthouse, python, shown, write

SMALL = Passages(tokens=40)
BY_CHROMA = Store(exact_below=0)
QUESTION = "Who lives in the lighthouse of Cape N7?"


def made(folder: Path, articles: int) -> Path:
    """A data folder with nothing wrong: one long article, and one that is short."""
    text = "\n\n".join(lighthouse(number) for number in range(articles))
    with engine(folder / "data", passages=SMALL, store=BY_CHROMA) as corpus:
        corpus.index([write(folder / "articles", long=text, n7000=lighthouse(7000))])
    return folder / "data"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("small"), 12)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with more passages than Chroma keeps outside its graph, so that it has files to lose."""
    return made(tmp_path_factory.mktemp("large"), 560)


@pytest.fixture
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the small folder, or of the large one where a test asks for it."""
    chosen = request.getfixturevalue(getattr(request, "param", "small"))
    shutil.copytree(chosen, tmp_path / "data")
    (tmp_path / "data").chmod(0o700)
    return tmp_path / "data"


LARGE = pytest.mark.parametrize("data", ["large"], indirect=True)


@pytest.fixture
def opened(data: Path):
    with engine(data, passages=SMALL, store=BY_CHROMA) as corpus:
        yield corpus


def troubles(data: Path, chroma: bool = True) -> dict[str, Check]:
    """The checks that did not end well; the encoder of tests is none that the doctor knows.

    :param chroma: also look at Chroma, in a process of its own
    """
    settings = Settings(data_dir=data, passages=SMALL)
    checks = folder_checks(settings, data)
    done = list(checks if chroma else takewhile(lambda check: check.name != "settings", checks))
    assert all(bool(check.remedy) == (check.status is not Status.OK) for check in done)
    return {check.name: check for check in done if check.status is not Status.OK and check.name != "settings"}


def tamper(data: Path, *statements: str) -> None:
    with closing(sqlite3.connect(data / "archive.sqlite3", isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


# What is sound


def test_of_a_sound_folder_nothing_is_said_and_nothing_is_changed(data):
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file() and "chroma" not in path.parts}
    assert troubles(data) == {}
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("there", [False, True])
def test_a_new_folder_is_sound(tmp_path, there):
    if there:
        (tmp_path / "new").mkdir(mode=0o700)
    assert troubles(tmp_path / "new") == {}
    assert (tmp_path / "new").exists() == there


def test_of_a_folder_of_others_no_more_is_said_than_that_it_holds_no_index(tmp_path):
    write(tmp_path / "letters", letter="Dear keeper, the lamp of Tarn is out.")
    (tmp_path / "letters").chmod(0o755)
    (check,) = folder_checks(Settings(data_dir=tmp_path / "letters"), tmp_path / "letters")
    assert check.found == f"there is no index in {tmp_path / 'letters'}; `sayso index` begins one"
    assert check.status is Status.OK


def test_every_check_is_named_once(data):
    names = [check.name for check in folder_checks(Settings(data_dir=data), data)]
    assert len(names) == len(set(names)) == 11


# Chroma: found, answered without, and mended by repair


def gone(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in range(40, len(content), max(1, len(content) // 20)):
        content[place] ^= 0x50
    path.write_bytes(content)


@LARGE
@pytest.mark.parametrize(
    ("name", "harm"),
    [
        ("header.bin", halved),
        ("data_level0.bin", emptied),
        ("index_metadata.pickle", gone),
    ],
)
def test_a_damaged_file_of_the_graph_is_found_not_opened_and_mended(data, opened, name, harm, caplog):
    (file,) = (data / "chroma").rglob(name)
    harm(file)
    assert troubles(data)["Chroma"].remedy == "run `sayso repair`"
    assert shown(opened.ask(QUESTION))[0].startswith("Keeper K7 "), "the archive is scanned"
    assert "sayso repair" in caplog.text
    mend(opened, data)


@pytest.mark.parametrize("harm", [gone, flipped])
def test_a_damaged_database_of_chroma_is_found_and_mended(data, opened, harm):
    harm(data / "chroma" / "chroma.sqlite3")
    assert troubles(data)["Chroma"].status is Status.FAIL
    assert shown(opened.ask(QUESTION))[0].startswith("Keeper K7 ")
    mend(opened, data)


def test_a_folder_of_chroma_that_is_gone_is_found_and_mended(data, opened):
    shutil.rmtree(data / "chroma")
    assert troubles(data)["Chroma"].status is Status.FAIL
    assert shown(opened.ask(QUESTION))[0].startswith("Keeper K7 ")
    mend(opened, data)


@LARGE
def test_a_graph_that_is_gone_is_found_and_mended(data, opened):
    shutil.rmtree(next((data / "chroma").glob("*-*")))
    assert troubles(data)["Chroma"].status is Status.FAIL
    assert shown(opened.ask(QUESTION))[0].startswith("Keeper K7 ")
    mend(opened, data)


def mend(corpus: Corpus, data: Path) -> None:
    corpus.repair()
    assert troubles(data) == {}
    assert shown(corpus.ask(QUESTION))[0].startswith("Keeper K7 ")
    held = contents(corpus)
    assert held["chroma"] == [passage[0] for passage in held["passages"]]


def change_chroma(act: Callable[[Corpus], None]) -> Callable[[Corpus], None]:
    """Writes behind the archive's back and seals it, as an error of ours would."""

    def harm(corpus: Corpus) -> None:
        act(corpus)
        archive, chroma = archive_of(corpus), in_use(corpus).indexer.chroma
        archive.write_manifest({**archive.manifest(), "chroma_seal": chroma.digest()})
        chroma.close()

    return harm


@change_chroma
def lose_rows(corpus: Corpus) -> None:
    in_use(corpus).indexer.chroma.delete([3, 4])


@change_chroma
def add_a_row(corpus: Corpus) -> None:
    passages, vectors = archive_of(corpus).passages([5]), archive_of(corpus).vectors([5])
    in_use(corpus).indexer.chroma.upsert([99_999], [passages[5]], [vectors[5]])


@change_chroma
def exchange_vectors(corpus: Corpus) -> None:
    passages, vectors = archive_of(corpus).passages([5, 6]), archive_of(corpus).vectors([5, 6])
    in_use(corpus).indexer.chroma.upsert([5, 6], [passages[5], passages[6]], [vectors[6], vectors[5]])


@pytest.mark.parametrize(
    ("harm", "said"),
    [(lose_rows, "2 are missing"), (add_a_row, "1 are not the archive's"), (exchange_vectors, "2 have another vector")],
)
def test_chroma_is_compared_with_the_archive_row_by_row(data, opened, harm, said):
    harm(opened)
    assert said in troubles(data)["Chroma"].found
    mend(opened, data)


def test_what_chroma_has_yet_to_be_told_is_found_and_told(data, opened):
    tamper(data, "INSERT INTO outbox VALUES (3, 0)")
    assert "has not been told everything" in troubles(data)["Chroma"].found
    mend(opened, data)


@LARGE
def test_a_process_that_chroma_ends_is_reported(data):
    (file,) = (data / "chroma").rglob("data_level0.bin")
    emptied(file)
    with pytest.raises(StoreError, match=r"ended the process \(SIG|failed") as caught:
        compared("chroma:", data)
    assert "sayso repair" in caught.value.hint


# The archive


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DELETE FROM vectors WHERE row = 3", "records"),
        ("DELETE FROM sentence_vectors WHERE row = 3", "records"),
        ("INSERT INTO vectors SELECT 77777, comment, vector FROM vectors WHERE row = 1", "records"),
        ("DELETE FROM articles WHERE id = 'n7000.txt'", "records"),
        ("UPDATE articles SET text = replace(text, 'winters', 'summers') WHERE id = 'n7000.txt'", "articles"),
        ("UPDATE articles SET regions = '[[' WHERE id = 'n7000.txt'", "articles"),
        ("UPDATE passages SET start = start + 1 WHERE article_id = 'n7000.txt'", "articles"),
        ("UPDATE passages SET sentences = '[[0, 999999]]' WHERE article_id = 'n7000.txt'", "articles"),
        ("UPDATE passages SET kind = 'nonsense' WHERE article_id = 'n7000.txt'", "articles"),
        ("UPDATE vectors SET vector = zeroblob(1024) || x'0000c07f' WHERE row = 3", "articles"),
        ("UPDATE sentence_vectors SET vectors = x'00' WHERE row = 3", "articles"),
        ("UPDATE vectors SET comment = 1 WHERE row = 3", "articles"),
        ("UPDATE articles SET author = 'Another' WHERE id = 'n7000.txt'", "articles"),
        ("UPDATE passages SET section = 'Another' WHERE article_id = 'n7000.txt'", "articles"),
    ],
)
def test_a_record_that_is_not_what_was_written_is_found_and_what_is_whole_is_saved(data, opened, statement, name):
    tamper(data, statement)
    assert troubles(data, chroma=False)[name].remedy == "run `sayso repair`"
    said = opened.repair()
    assert "The archive was damaged" in said
    assert troubles(data, chroma=False) == {}
    kept = {reference.article_id for reference in opened.articles()}
    lost = {"long.txt", "n7000.txt"} - kept
    assert len(lost) <= 1
    assert all(article_id in said.partition("Lost: ")[2] for article_id in lost)


def test_words_that_fts5_has_lost_are_found_and_mended(data, opened):
    tamper(data, "INSERT INTO words(words) VALUES ('delete-all')")
    assert set(troubles(data)) == {"words"}
    before = contents(opened)["passages"]
    mend(opened, data)
    assert contents(opened)["passages"] == before


def test_words_whose_records_are_damaged_are_found_and_mended(data, opened):
    tamper(data, "UPDATE words_data SET block = x'ff00ff' WHERE id > 10")
    assert "words" in troubles(data)
    mend(opened, data)


def test_words_whose_tables_are_others_are_made_in_a_new_archive(data, opened):
    change = "UPDATE sqlite_schema SET sql = replace(sql, 'sz BLOB', 'rz BLOB') WHERE name = 'words_docsize'"
    tamper(data, "PRAGMA writable_schema = ON", change)
    assert "words" in troubles(data, chroma=False)
    assert "The archive was damaged" in opened.repair()
    assert troubles(data, chroma=False) == {}
    assert len(opened.articles()) == 2


@pytest.mark.parametrize("harm", [gone, halved, emptied])
def test_an_archive_that_is_lost_is_never_answered_from(data, harm):
    harm(data / "archive.sqlite3")
    found = troubles(data)
    assert found, "it is found"
    with engine(data, passages=SMALL) as corpus, pytest.raises(StoreError) as caught:
        corpus.ask(QUESTION)
    assert isinstance(caught.value, DamagedError)
    assert "sayso" in caught.value.hint


def test_pages_that_were_overwritten_are_found_and_what_is_whole_is_saved(data, opened):
    opened.close()
    file = data / "archive.sqlite3"
    content = bytearray(file.read_bytes())
    with closing(sqlite3.connect(file)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'passages_by_article'").fetchone()
    content[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    file.write_bytes(content)
    assert "sayso repair" in troubles(data)["index"].remedy
    with engine(data, passages=SMALL, store=BY_CHROMA) as corpus:
        assert "The archive was damaged" in corpus.repair()
        assert troubles(data) == {}
        assert len(corpus.articles()) == 2


@pytest.mark.parametrize("value", ["{", "[]", "{}", "7", '{"chroma": "chroma:"}'])
def test_an_index_that_does_not_say_how_it_was_built_is_refused(data, opened, value):
    tamper(data, f"UPDATE meta SET value = '{value}' WHERE key = 'manifest'")
    assert "sayso restore" in troubles(data, chroma=False)["manifest"].remedy
    with pytest.raises(DamagedError, match="nothing of the index") as caught:
        opened.repair()
    assert "sayso restore" in caught.value.hint


def test_what_is_saved_of_a_damaged_archive_keeps_its_encoder(data, opened):
    tamper(data, "DELETE FROM vectors WHERE row = 3")
    built = archive_of(opened).manifest()
    with engine(data, model="another", passages=SMALL, store=BY_CHROMA) as corpus:
        corpus.repair()
    assert archive_of(opened).manifest()["encoder"] == built["encoder"] == "hashing"


# Others


def test_a_writer_that_was_killed_is_named(data):
    script = """
import os, signal, sys
from pathlib import Path
from retrieval.store.lock import writer_lock
with writer_lock(Path(sys.argv[1]), 0):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    process = python(script, data)
    process.communicate()
    found = troubles(data, chroma=False)["lock"]
    assert f"process {process.pid} on " in found.found
    assert "sayso index" in found.remedy


def test_a_writer_at_work_is_no_trouble(data):
    script = """
import sys
from pathlib import Path
from retrieval.doctor.folder import lock
print(lock(Path(sys.argv[1])))
"""
    with writer_lock(data, 0):
        said = finished(python(script, data))
    assert f"process {os.getpid()} on " in said
    assert "'ok'" in said


@pytest.mark.parametrize("path", [".", "archive.sqlite3", "chroma/chroma.sqlite3"])
def test_what_others_may_read_is_found(data, path):
    (data / path).chmod(0o755)
    found = troubles(data, chroma=False)["permissions"]
    assert found.remedy == f"chmod -R go= {data}"


def test_an_unfinished_index_is_found_and_tidied_away(data, opened):
    (data / "index-1").mkdir(mode=0o700)
    shutil.copy2(data / "archive.sqlite3", data / "index-1")
    assert "index-1" in troubles(data)["leftovers"].found
    opened.repair()
    assert troubles(data) == {}


def test_what_was_left_half_made_is_found_and_tidied_away(data, opened, tmp_path):
    for name in ("archive.sqlite3.4711", "archive.sqlite3.4711-journal", "current.json.4711"):
        (data / name).touch(mode=0o600)
    assert "archive.sqlite3.4711" in troubles(data, chroma=False)["leftovers"].found
    opened.index([write(tmp_path / "more", n8=lighthouse(8))])
    assert troubles(data, chroma=False) == {}


def test_a_pointer_that_is_none_is_found(data):
    (data / "current.json").touch(mode=0o600)
    assert troubles(data, chroma=False)["index"].status is Status.FAIL


def test_an_index_of_a_newer_sayso_is_named(data):
    tamper(data, "PRAGMA user_version = 99")
    found = troubles(data, chroma=False)["index"]
    assert "newer Sayso" in found.found
    assert "upgrade" in found.remedy


def test_settings_other_than_those_of_the_index_are_found(data):
    (check,) = (check for check in folder_checks(Settings(data_dir=data), data) if check.name == "settings")
    assert check.status is Status.WARN
    assert "sayso index" in check.remedy


def test_chats_are_looked_into(data):
    file = data / "chats.sqlite3"
    Chats(file).close()
    assert troubles(data, chroma=False) == {}
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA user_version = 99")
    assert "newer Sayso" in troubles(data, chroma=False)["chats"].found
    file.write_bytes(b"no database" * 1_000)
    found = troubles(data, chroma=False)["chats"]
    assert found.status is Status.FAIL
    assert str(file) in found.found and f"move {file} away" in found.remedy
