"""A library in place of the engine, and a way to run the command line in a folder of its own."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

import retrieval
from bot.cli import run
from tests.bot.fakes import Library, default_articles


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


Sayso = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, no settings around it, no SAYSO_ variables."""
    import os

    for name in [name for name in os.environ if name.startswith("SAYSO_")] + ["NO_COLOR", "COLUMNS"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def library(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library(default_articles(folder))
    monkeypatch.setattr(retrieval, "open", library.open)
    return library


@pytest.fixture
def sayso(library: Library, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Sayso:
    """Runs one command line on the library; ``stdin`` is what is piped in."""

    def sayso(*arguments: str, stdin: str | bytes = b"") -> Outcome:
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
        code = run(arguments)
        return Outcome(code, *capfd.readouterr())

    return sayso
