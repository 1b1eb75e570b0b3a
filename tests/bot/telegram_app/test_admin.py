"""What admins do: figures, indexing, uploads that lie, removing."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from retrieval.errors import LockedError
from retrieval.types import IndexReport
from tests.bot.fakes import FakeCorpus, Library
from tests.bot.telegram_app.conftest import Start
from tests.bot.telegram_app.test_commands import told
from tests.botapi import BotApi, Message, Person

QUESTION = "When did the harbour bridge reopen to traffic?"


@pytest.fixture
def boss(api: BotApi, start: Start) -> Person:
    person = Person(api, "Boss")
    start(admins=[person.id], upload_mb=1)
    return person


def said_of(api: BotApi, person: Person, upload: Message) -> str:
    """What becomes of it, after the word that it has begun."""
    return api.wait_for(lambda: [m for m in person.received if m.reply_to is upload and m.text != "Indexing…"])[0].text


def test_stats_count(api: BotApi, boss: Person) -> None:
    told(api, boss, QUESTION)
    told(api, boss, "Who painted zebras?")
    shown = told(api, boss, "/stats").text
    for line in ("Questions: 2", "Answered: 1", "Not in the sources: 1", "Errors: 0", "Articles: 3"):
        assert line in shown


def test_reload_reads_the_configured_articles(api: BotApi, boss: Person, shelf: Library) -> None:
    del shelf.stored["forty"]
    assert said_of(api, boss, boss.says("/reload")).startswith("Read again. Added: 1")
    assert "forty" in shelf.stored


def test_remove_takes_a_number_or_an_id(api: BotApi, boss: Person, shelf: Library) -> None:
    assert told(api, boss, "/remove 1").text == "Removed: A Bridge at Last."
    assert told(api, boss, "/remove forty").text == "Removed: Forty Years On."
    assert told(api, boss, "/remove forty").text.startswith("There is no article")
    assert told(api, boss, "/remove").text.startswith("Write the article's number")
    assert set(shelf.stored) == {"nasty"}


def test_remove_lists_the_articles_that_a_name_may_mean_and_removes_none(
    api: BotApi, boss: Person, shelf: Library
) -> None:
    told(api, boss, "/remove AT")
    api.wait_for(lambda: len(boss.received) == 2)
    first, listed = boss.received
    assert first.text.startswith("Nothing was removed, for several articles")
    assert "1. A Bridge at Last" in listed.text and "3. Cats of the Coast" in listed.text
    assert "Forty Years On" not in listed.text and set(shelf.stored) == {"bridge", "forty", "nasty"}
    assert told(api, boss, "/remove 3").text == "Removed: Cats of the Coast."


def test_a_document_is_kept_under_our_own_name_and_indexed(
    api: BotApi, boss: Person, shelf: Library, tmp_path: Path
) -> None:
    upload = boss.uploads(b"The quay was mended in 1990.", "../../etc/<b>quay\u202e.exe", caption="/index")
    assert said_of(api, boss, upload)
    [(path,)] = shelf.indexed_paths
    assert Path(path).parent == tmp_path / "data" / "uploads"
    assert Path(path).suffix == ".txt" and "<" not in Path(path).name and "\u202e" not in Path(path).name
    assert Path(path).read_text() == "The quay was mended in 1990."


def test_index_also_answers_a_document_or_says_how(api: BotApi, boss: Person, shelf: Library) -> None:
    assert told(api, boss, "/index").text.startswith("Send a document")
    upload = boss.uploads(b"The quay was mended in 1990.")
    command = boss.says("/index", reply_to=upload)
    assert said_of(api, boss, command)
    assert len(shelf.indexed_paths) == 1


@pytest.mark.parametrize(
    ("content", "name", "claimed", "reason"),
    [
        (b"PK\x03\x04" + b"\0" * 40, "notes.txt", None, "an archive"),
        (b"%PDF-1.7 and more", "notes.md", None, "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "page.html", None, "a picture"),
        (b"", "empty.txt", None, "empty"),
        (b"a " * 700_000, "large.txt", None, "larger than 1 MB"),
        (b"a " * 700_000, "liar.txt", 10, "larger than 1 MB"),
    ],
)
def test_uploads_that_lie_are_refused(
    api: BotApi, boss: Person, shelf: Library, content: bytes, name: str, claimed: int | None, reason: str
) -> None:
    upload = boss.uploads(content, name, size=claimed, caption="/index")
    assert reason in said_of(api, boss, upload)
    assert shelf.indexed_paths == []


def test_indexing_twice_at_once_says_so(api: BotApi, boss: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> None:
        raise LockedError("the index is being written")

    monkeypatch.setattr(FakeCorpus, "index", locked)
    assert said_of(api, boss, boss.says("/reload")).startswith("Somebody is indexing already")


@pytest.mark.parametrize("command", ["/reload", "/index"])
def test_indexing_is_acknowledged_at_once_and_the_chat_goes_on(
    api: BotApi, boss: Person, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    indexed, told_to_end = FakeCorpus.index, threading.Event()

    def slow(self: FakeCorpus, *given: Any, **named: Any) -> IndexReport:
        told_to_end.wait(20)
        return indexed(self, *given, **named)

    monkeypatch.setattr(FakeCorpus, "index", slow)
    said = boss.says("/reload") if command == "/reload" else boss.uploads(b"The quay was mended.", caption="/index")
    try:
        begun = api.wait_for(lambda: [m for m in boss.received if m.reply_to is said])
        assert [m.text for m in begun] == ["Indexing…"]
        assert "reopened" in told(api, boss, QUESTION).text
    finally:
        told_to_end.set()
    assert said_of(api, boss, said)
