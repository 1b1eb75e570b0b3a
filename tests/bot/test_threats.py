"""The lines of the threat model that no single module holds: what is on the disk, on the terminal and in the log."""

from __future__ import annotations

import json
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import retrieval
from bot.terminal import Screen
from retrieval.settings import Settings, Store
from tests.bot.conftest import Sayso
from tests.engine import engine, lighthouse, write

TOKEN = "1234567890:AAFq7-Zx_0123456789abcdefghijklmnop"
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x1b]8;;https://bad.example\x1b\\click\x1b]8;;\x1b\\\x9b31m\u202ekcab\u202c\r\x08\x7f"
MARKUP = "<script>alert(1)</script><b>bold</b> [red]rich[/red] **strong** [link](javascript:alert(1)) `code` &lt;"
COMMANDS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch, sayso: Sayso, folder: Path) -> Sayso:
    """The command line over the engine itself, with an encoder that needs no model."""

    def opened(settings: Settings) -> object:
        return engine(settings.data_dir, store=settings.store, answers=settings.answers)

    monkeypatch.setattr(retrieval, "open", opened)
    (folder / "config.toml").write_text("[answers]\nthreshold = 0.0\n")
    return sayso


@pytest.fixture
def hostile(folder: Path) -> Path:
    """Articles that say in text, title, author, address and file name what a terminal or a browser would obey."""
    place = write(folder / "articles", one=lighthouse(1))
    (place / f"{MARKUP[:20].replace('/', '_')}\x1b[31m.md").write_text(
        f'---\ntitle: "The lamp {MARKUP}"\nauthor: "Keeper {MARKUP}"\n---\n\n'
        f"The harbour lamp {ESCAPES} is {MARKUP} lit by keeper Ada {ESCAPES} at nine.\n",
        encoding="utf-8",
    )
    record = {"id": f"id {ESCAPES}", "title": f"Ferry {MARKUP}", "text": f"The ferry {ESCAPES} left {MARKUP} at ten."}
    (place / "more.jsonl").write_text(json.dumps({**record, "url": "javascript:alert(1)"}) + "\nnot JSON \x1b[31m\n")
    return place


def test_no_article_title_or_question_commands_the_terminal(real: Sayso, hostile: Path) -> None:
    ask, bad, ferry = "ask", f"no{ESCAPES}", f"id {ESCAPES}"
    commands = [
        ["index", "articles"], ["index", bad], ["sources"], ["sources", "--json"], ["sources", "--show", ferry],
        ["sources", "--show", bad], [ask, f"Who lit the harbour lamp {ESCAPES}?"],
        [ask, "--explain", "When did it leave?"], [ask, "--by", "author", "When did the ferry leave?"],
        [ask, "--context", f"the ferry {ESCAPES}", "And it left?"],
        [ask, "--json", f"Who lit the lamp {ESCAPES}?"], ["restore", bad], ["--config", bad, "sources"],
        ["--data", bad, "sources"], [bad], ["chat"], ["remove", bad], ["remove", ferry],
    ]  # fmt: skip
    for command in commands:
        _, out, err = real(*command, stdin=f"Who lit the lamp {ESCAPES}?\n/show 1\n/explain\n/{ESCAPES}\n")
        assert not COMMANDS.search(out + err), command
        assert "owned" not in out or "--json" in command, command


def test_what_looks_like_the_terminals_own_markup_is_shown_as_it_is_written(
    real: Sayso, hostile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal with colours too, where text is painted by rich, which has a markup of its own."""
    screen = Screen.__init__
    monkeypatch.setattr(
        Screen, "__init__", lambda self, stream, width=None, colour=False: screen(self, stream, 500, True)
    )
    real("index", "articles")
    out = real("ask", "When did the ferry leave?")[1]
    assert "[red]rich[/red]" in out
    codes = set(re.findall(r"\x1b\[([\d;]*)m", out))
    assert codes <= {"", "0", "1", "2", "3", "4", "1;4", "1;3", "2;3"}, codes
    assert not re.search("\x1b(?!\\[[\\d;]*m)", out)


def test_a_name_that_is_sql_or_a_pattern_names_nothing(real: Sayso, hostile: Path) -> None:
    real("index", "articles")
    before = real("sources")[1]
    for name in ("' OR 1=1 --", '"; DROP TABLE articles; --', "%", "_%", "id*", "one' --", "../one.txt", "a.id"):
        assert real("remove", name)[0] == 2
        assert real("sources", "--show", name)[0] == 2
        for option in ("--article", "--author"):
            _, out, err = real("ask", option, name, "Who lives in the lighthouse of Cape N1?")
            assert "K1" not in out
            assert "unexpected" not in err
    assert real("sources")[1] == before


def below(place: Path) -> Iterator[Path]:
    yield place
    yield from place.rglob("*")


def test_what_sayso_writes_is_its_owners_alone_whatever_the_umask(folder: Path) -> None:
    articles = write(folder / "articles", one=lighthouse(1), two=lighthouse(2))
    data = folder / "data"
    before = os.umask(0o000)
    try:
        with engine(data, store=Store(exact_below=0)) as corpus:
            corpus.index([articles])
            corpus.ask("Who lives in the lighthouse of Cape N1?")
            corpus.backup(folder / "kept")
            corpus.restore(folder / "kept")
            corpus.repair()
            corpus.rollback()
            corpus.remove(["one.txt"])
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (*below(data), folder / "kept")}
    assert len(modes) > 8
    wrong = {str(path): oct(mode) for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)}
    assert wrong == {}


def test_the_token_is_in_nothing_that_sayso_says_or_writes(
    real: Sayso, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SAYSO_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("SAYSO_DEBUG", "1")
    write(folder / "articles", one=lighthouse(1))
    ask = ("ask", "Who lives in the lighthouse of Cape N1?")
    commands = [
        ["index", "articles"], [*ask, "--explain"], [*ask, "--json"], ["sources", "--json"], ["doctor"],
        ["doctor", "--json"], ["repair"], ["backup", "kept"], ["restore", "kept"], ["restore", "articles/one.txt"],
        ["remove", "nothing"], ["--config", "secret.toml", "doctor"], ["--data", "articles/one.txt", "telegram"],
    ]  # fmt: skip
    (folder / "secret.toml").write_text(f'[telegram]\ntoken = "{TOKEN}"\n')
    for command in commands:
        _, out, err = real(*command)
        assert TOKEN[11:] not in out + err, command
    assert TOKEN[11:] not in caplog.text
    with zipfile.ZipFile(folder / "kept") as kept:
        contents = [kept.read(name) for name in kept.namelist()]
    written = [path.read_bytes() for path in below(folder) if path.is_file() and path.name != "secret.toml"]
    assert not [content for content in (*contents, *written) if TOKEN[11:].encode() in content]


@pytest.mark.parametrize("command", [["doctor"], ["ask", "Who?"], ["sources"], ["telegram"]])
def test_a_password_in_an_address_is_not_repeated(real: Sayso, folder: Path, command: list[str]) -> None:
    (folder / "config.toml").write_text('[store]\nurl = "chroma+http://jane:Tr0ub4dor@chroma.example:8000"\n')
    _, out, err = real(*command)
    assert "Tr0ub4dor" not in out + err


@pytest.mark.parametrize("command", [["ask", "Who?"], ["index"], ["doctor"], ["repair"]])
def test_a_data_folder_that_lies_in_a_file_is_a_mistake_in_one_line(real: Sayso, command: list[str]) -> None:
    code, _, err = real("--data", "/dev/null/x", *command)
    assert code == 2
    assert err.splitlines() == [
        "error: the data folder /dev/null/x lies in /dev/null, which is no folder", "hint:  name another with --data",
    ]  # fmt: skip
