"""What Sayso keeps is its owner's alone; what a user has it write elsewhere is as their umask says."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.umask import as_the_user, keep_private
from tests.bot.conftest import Sayso
from tests.bot.fakes import Library, long_article


@pytest.fixture(autouse=True)
def begun(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The umask of a process that begins as ``sayso`` does, for a user with the umask 026."""
    monkeypatch.setattr("bot.umask._of_user", None)
    before = os.umask(0o026)
    keep_private()
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def dataset(folder: Path) -> str:
    (folder / "set").mkdir()
    (folder / "set" / "bridge.txt").write_text("what the library has")
    questions = [{"id": "w", "question": "Who designed the bridge?", "kind": "plain", "answers": ["Ines Ferro"],
                  "articles": ["1987-05-04"]}]  # fmt: skip
    (folder / "set" / "questions.jsonl").write_text("".join(json.dumps(each) + "\n" for each in questions))
    return "set"


def test_reports_runs_baselines_and_worksheets_are_the_users_own(
    sayso: Sayso, dataset: str, library: Library, folder: Path
) -> None:
    library.available.append(long_article(1))
    commands = [
        ("run", dataset, "--out", "kept"), ("report", "kept", "-o", "page.html"),
        ("make-questions", "-o", "mine.jsonl"), ("gate", "base.jsonl", dataset, "--update"),
    ]  # fmt: skip
    for command in commands:
        assert sayso("eval", *command).code == 0
    assert mode(folder / "kept") == 0o751
    written = [*(folder / "kept").iterdir(), folder / "page.html", folder / "mine.jsonl", folder / "base.jsonl"]
    assert {str(path): oct(mode(path)) for path in written if mode(path) != 0o640} == {}


def test_a_run_in_the_data_folder_is_private(sayso: Sayso, dataset: str, folder: Path) -> None:
    assert sayso("eval", "run", dataset, "--data", "store").code == 0
    kept = (folder / "store" / "evaluation" / "runs").rglob("*")
    assert {path.is_dir(): mode(path) for path in kept} == {True: 0o700, False: 0o600}


def test_all_is_private_again_after_the_block_however_it_ends(folder: Path) -> None:
    with pytest.raises(FileNotFoundError), as_the_user():
        (folder / "missing" / "theirs").write_text("")
    (folder / "ours").write_text("")
    assert mode(folder / "ours") == 0o600
