"""Whatever it is given, the engine answers with words that stand in the articles, or says what is wrong."""

from __future__ import annotations

import random
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.corpus import Corpus
from retrieval.errors import DamagedError, InputError, LockedError, SaysoError, SchemaError
from retrieval.settings import Answers, Store
from retrieval.settings import Corpus as CorpusSettings
from retrieval.types import Abstention, Answer, Filters, Reply
from tests.engine import archive_of, contents, engine, finished, lighthouse, python, verified, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = {f"n{number}": lighthouse(number) for number in range(60)}
    return write(tmp_path_factory.mktemp("bad") / "articles", **texts)


@pytest.fixture(scope="module")
def indexed(folder: Path) -> Path:
    """A data folder, closed, that tests copy before they harm it."""
    with engine(folder.parent / "data") as corpus:
        corpus.index([folder])
    return folder.parent / "data"


@pytest.fixture(scope="module")
def asked(indexed: Path):
    """A corpus that tests only ask."""
    corpus = engine(indexed, answers=Answers(threshold=0.0, max_question_chars=20_000))
    yield corpus
    corpus.close()


@pytest.fixture
def data(indexed: Path, tmp_path: Path) -> Path:
    """A copy to harm."""
    return Path(shutil.copytree(indexed, tmp_path / "data", ignore=shutil.ignore_patterns("models")))


# Questions

HOSTILE = [
    # the syntax of FTS5
    'a "quoted" word', '"', '""', "*", "N3*", "lighthouse NEAR lamp", "NEAR(lighthouse lamp, 5)", "-lighthouse",
    "lighthouse -lamp", "NOT lighthouse", "lighthouse AND", "OR OR OR", "(", ")", "text: lighthouse", "context:",
    "^lighthouse", "{text context}: lamp", "N3 + N4",
    # of SQL
    "lighthouse; DROP TABLE articles", "' OR 1=1 --", "%", "_", "\\",
    # of tokenizers
    "<|endoftext|> lighthouse <|endoftext|>", "[CLS] [SEP] [PAD]",
    # control characters, emoji, other scripts and directions
    "light\0house", "light\x07house\x1b[31m", "🗼🔥 lighthouse?", "👩‍👩‍👧‍👦", "מי גר במגדלור?",
    "\u202elighthouse\u202c", "من يسكن المنارة", "灯台守は誰ですか", "e\u0301clair", "\ud800",
    "\u0301" * 300, "\t\n lamp \r\n",
    # long ones, and ones without words
    "lighthouse " * 1_000, "a" * 20_000, "? " * 5_000, "1/2 3.5 1,000",
]  # fmt: skip
SYNTAX = ['"', "*", "NEAR", "-", "(", ")", "lighthouse", "N3", "AND", "OR", "NOT", ":", "^", "+", "'"]


def checked(corpus: Corpus, question: str, **options: Filters) -> Reply | None:
    """The reply, of which every quote stands in its article, or nothing if the question was refused."""
    try:
        reply = corpus.ask(question, **options)
    except InputError:
        return None
    assert isinstance(reply, Answer | Abstention)
    assert verified(corpus, reply)
    assert 0 <= reply.confidence <= 1
    return reply


@pytest.mark.parametrize("question", HOSTILE, ids=lambda question: ascii(question[:20]))
def test_a_hostile_question_is_a_question(asked, question):
    checked(asked, question)
    checked(asked, f"{question} lighthouse of Cape N3?")


@given(question=st.text(max_size=200))
@example(question="\ud83d")
def test_any_text_as_a_question_is_answered_or_refused(asked, question):
    checked(asked, question)


@given(words=st.lists(st.sampled_from(SYNTAX)))
def test_the_syntax_of_the_word_index_means_nothing_in_a_question(asked, words):
    checked(asked, " ".join(words))
    checked(asked, "".join(words))


@given(text=st.text(max_size=20), since=st.text(max_size=12))
def test_any_text_is_a_filter(asked, text, since):
    chosen = (Filters(article=text), Filters(author=text), Filters(since=since), Filters(until=since, comments=True))
    for filters in chosen:
        checked(asked, "Who lives in the lighthouse?", filters=filters)


@pytest.mark.parametrize("question", ["", " ", "\n\t", "\0", "\u200b", "\x1b"])
def test_a_question_of_nothing_is_refused(asked, question):
    with pytest.raises(InputError, match="empty"):
        asked.ask(question)


def test_a_question_of_one_character_is_answered_or_not(asked):
    assert checked(asked, "?") is not None
    assert checked(asked, "N") is not None


def test_a_question_longer_than_the_setting_is_refused_with_its_length(asked, indexed):
    assert checked(asked, ("lighthouse N3 " * 2_000)[:20_000]) is not None
    with pytest.raises(InputError, match="20,001 characters"):
        asked.ask("x" * 20_001)
    with engine(indexed) as corpus, pytest.raises(InputError, match="at most 2,000"):
        corpus.ask("x" * 2_001)


@given(history=st.lists(st.text(max_size=60), max_size=4))
def test_any_history_is_carried_or_not(asked, history):
    reply = asked.ask("And who lives there?", history)
    assert verified(asked, reply)


# Articles


def test_an_article_of_hostile_text_answers_in_its_own_words(open_engine, tmp_path):
    lamp = "The <|endoftext|> lamp 🗼 of \u202eCape\u202c N1 costs “5 €” — 'so' they say; "
    text = (lamp + '"quoted" NEAR it* -- done. מגדלור ישן.\n') * 3
    corpus = open_engine()
    corpus.index([write(tmp_path / "articles", hostile=text)])
    assert archive_of(corpus).count()[1] > 0
    reply = checked(corpus, "What does the lamp of Cape N1 cost?")
    assert reply is not None
    assert reply.citations[0].quote.text in text


def test_a_file_over_the_limit_is_refused_at_once(open_engine, tmp_path):
    folder = write(tmp_path / "articles", small=lighthouse(1))
    (folder / "big.txt").write_bytes(lighthouse(2).encode() * (50 * 2**20 // len(lighthouse(2)) + 1))
    report = open_engine(corpus=CorpusSettings(max_file_mb=32)).index([folder])
    assert report.added == ("small.txt",)
    assert [item.reason for item in report.rejected] == ["50.0 MB, over the limit of 32 MB"]
    assert report.failed


def test_a_book_of_many_passages_is_indexed_whole(open_engine, tmp_path):
    book = "\n\n".join(lighthouse(number) for number in range(800))
    corpus = open_engine(store=Store(url=f"chroma:{tmp_path / 'elsewhere'}"))
    corpus.index([write(tmp_path / "articles", book=book)])
    reply = checked(corpus, "Who lives in the lighthouse of Cape N777?")
    assert "K777 " in reply.citations[0].quote.text


# The data folder


def test_a_newer_index_is_left_alone(open_engine, data, folder):
    with engine(data) as corpus, archive_of(corpus)._database.writing() as db:
        db.execute("PRAGMA user_version = 99")
    corpus = open_engine(data)
    acts = [
        lambda: corpus.index([folder]),
        lambda: corpus.ask("Who?"),
        lambda: corpus.remove(["n1.txt"]),
        corpus.articles,
        corpus.repair,
    ]
    for act in acts:
        with pytest.raises(SchemaError, match="newer Sayso"):
            act()


def test_a_locked_index_answers_and_names_the_process_that_holds_it(open_engine, data, folder):
    script = """
import sys
from pathlib import Path
from tests.engine import engine
with engine(Path(sys.argv[1]))._shelf.lock():
    print("held", flush=True)
    sys.stdin.readline()
"""
    holder = python(script, data)
    assert holder.stdout.readline() == "held\n"
    corpus = open_engine(data, store=Store(lock_timeout_s=0))
    with pytest.raises(LockedError, match=f"process {holder.pid} on {socket.gethostname()}"):
        corpus.index([folder])
    assert checked(corpus, "Who lives in the lighthouse of Cape N3?") is not None
    finished(holder)
    assert len(corpus.index([folder]).unchanged) == 60


READ_ONLY = """
import sys
from pathlib import Path
from retrieval.errors import StoreError
from retrieval.settings import Store
from tests.engine import engine, shown, verified
corpus = engine(Path(sys.argv[1]), store=Store(exact_below=int(sys.argv[3]), lock_timeout_s=0))
reply = corpus.ask("Who lives in the lighthouse of Cape N3?")
assert verified(corpus, reply) and len(corpus.articles()) == 60
print(shown(reply)[0])
for act in (lambda: corpus.index([sys.argv[2]]), lambda: corpus.remove(["n1.txt"]), corpus.repair):
    try:
        act()
    except StoreError as error:
        print(error, "|", error.hint)
"""


@pytest.mark.parametrize("exact_below", [0, 20_000])
def test_a_folder_that_cannot_be_written_is_asked_and_not_indexed(data, folder, unprivileged, exact_below):
    paths = [data, *data.rglob("*")]
    for path in paths:
        path.chmod(0o500 if path.is_dir() else 0o400)
    quote, *refusals = finished(python(READ_ONLY, data, folder, exact_below, prefix=unprivileged)).splitlines()
    for path in paths:
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert quote.startswith("Keeper K3 ")
    assert len(refusals) == 3
    assert all(f"the data folder {data} cannot be written" in said and "--data" in said for said in refusals)


def test_a_full_disk_is_reported_and_what_was_there_answers(open_engine, data, tmp_path):
    """No file may grow over a size, as on a full disk; the archive's log is the first that would."""
    script = """
import resource, sys
from pathlib import Path
from retrieval.errors import StoreError
from tests.engine import engine, in_use
corpus = engine(Path(sys.argv[1]))
in_use(corpus).indexer.cutter()
limit = int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    corpus.index([sys.argv[2]])
except StoreError as error:
    print(error, "|", error.hint)
"""
    more = write(tmp_path / "more", **{f"x{number}": lighthouse(700 + number) * 9 for number in range(40)})
    said = finished(python(script, data, more, 120_000))
    assert "full or failing" in said
    assert "make room" in said
    corpus = open_engine(data)
    assert checked(corpus, "Who lives in the lighthouse of Cape N3?").citations[0].reference.article_id == "n3.txt"
    assert len(corpus.articles()) >= 60
    corpus.index([more])
    assert len(corpus.articles()) == 100
    held = contents(corpus)
    assert held["chroma"] == [record[0] for record in held["passages"]]


# Damage


def ask_all(data: Path, folder: Path) -> None:
    """Asks about every sixth article: each answer is in its file's own words, or refused with a hint."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    refusals = []
    with engine(data) as corpus:
        for number in range(0, 60, 6):
            try:
                reply = corpus.ask(f"Who lives in the lighthouse of Cape N{number}?")
            except SaysoError as error:
                refusals.append(error)
                continue
            for citation in reply.citations:
                assert citation.quote.text in texts[citation.reference.article_id]
    assert all(error.hint for error in refusals)


@pytest.mark.parametrize("left", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_archive_is_called_damaged(open_engine, data, folder, left):
    file = data / "archive.sqlite3"
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * left)])
    ask_all(data, folder)
    if left <= 0.5:
        corpus = open_engine(data)
        for act in (lambda: corpus.ask("Who?"), lambda: corpus.index([folder])):
            with pytest.raises(DamagedError, match="damaged") as caught:
                act()
            assert "sayso index" in caught.value.hint


def test_an_overwritten_header_is_called_damaged(open_engine, data, folder):
    file = data / "archive.sqlite3"
    file.write_bytes(b"\0" * 100 + file.read_bytes()[100:])
    with pytest.raises(DamagedError):
        open_engine(data).ask("Who?")


@pytest.mark.parametrize("seed", range(16))
def test_flipped_bits_never_make_a_wrong_quote_nor_a_strange_error(data, folder, seed):
    chance = random.Random(seed)
    file = data / "archive.sqlite3"
    content = bytearray(file.read_bytes())
    for _ in range(chance.choice([1, 5, 40, 400])):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(content)
    ask_all(data, folder)


@pytest.mark.parametrize("seed", range(6))
def test_pages_that_were_never_written_make_no_wrong_quote(data, folder, seed):
    chance = random.Random(seed)
    file = data / "archive.sqlite3"
    content = bytearray(file.read_bytes())
    for _ in range(3):
        page = chance.randrange(1, len(content) // 4096)
        content[page * 4096 : (page + 1) * 4096] = bytes(4096)
    file.write_bytes(content)
    ask_all(data, folder)


def test_a_damaged_archive_can_be_moved_away_and_built_again(open_engine: Callable[..., Corpus], data, folder):
    (data / "archive.sqlite3").write_bytes(b"")
    data.rename(data.with_name("away"))
    corpus = open_engine(data)
    assert len(corpus.index([folder]).added) == 60
