"""The README cannot drift: its commands are run and their output compared."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.cli import run
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


class Shown(NamedTuple):
    """A command of a console block and the lines shown under it."""

    command: str
    output: str


def transcripts() -> Iterator[Shown]:
    """Every ``$ sayso …`` with its output, in order, from the console blocks."""
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            if command.startswith("sayso "):
                yield Shown(command, output.strip("\n"))


def test_every_transcript_in_the_readme_is_what_sayso_prints(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAYSO_DATA_DIR", str(data_dir))
    shown = list(transcripts())
    assert len(shown) >= 3
    run(["--quiet", "index", "seeds"])
    capsys.readouterr()
    for command, output in shown:
        run(shlex.split(command)[1:])
        printed = capsys.readouterr()
        assert _comparable(printed.out) == _comparable(output), command


def _comparable(text: str) -> str:
    """Without what differs from run to run: times, and the blank lines around."""
    text = re.sub(r"\b\d+(?:\.\d+)? (ms|s)\b", r"N \1", text)
    text = re.sub(r'"(\w+)": \d+\.\d+(?=[,}])', r'"\1": N', text)
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def test_the_first_screen_has_both_set_up_commands() -> None:
    screen = "\n".join(README.splitlines()[:40])
    commands = re.findall(r"^\$ (python3 -m venv .*)$", screen, re.MULTILINE)
    assert len(commands) == 2
    assert "sayso ask" in commands[0]
    assert "pytest" in commands[1]


def test_the_example_program_runs(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = next(
        block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "retrieval.open" in block
    )
    monkeypatch.chdir(ROOT)
    exec(compile(program.replace("my-data", str(data_dir)), "README.md", "exec"), {"__name__": "example"})
    assert capsys.readouterr().out.strip() in README


def test_every_command_of_the_program_is_in_the_readme() -> None:
    from bot.cli import app

    names = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert all(f"sayso {name}" in README for name in names), names


def test_every_environment_variable_in_the_readme_is_read() -> None:
    from bot.settings import OTHER_VARIABLES, known_settings

    known = {"SAYSO_" + "__".join(key).upper() for key in known_settings()} | OTHER_VARIABLES
    assert set(re.findall(r"\bSAYSO_[A-Z_]+[A-Z]\b", README)) <= known


def test_the_dependencies_are_justified() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(lines)["project"]
    extras = project["optional-dependencies"].values()
    for dependency in [*project["dependencies"], *(each for extra in extras for each in extra)]:
        line = next(line for line in lines.splitlines() if f'"{dependency}"' in line)
        assert "# " in line, dependency


def test_nothing_names_a_registry_or_a_path_of_this_machine() -> None:
    tracked = [path for path in ROOT.rglob("*") if path.is_file() and path.suffix in {".py", ".md", ".toml"}]
    own = [path for path in tracked if not {".venv", ".git", "build"} & set(path.relative_to(ROOT).parts)]
    hosts = re.compile("py" + r"pi\.org|npm" + r"js\.(?:org|com)|" + re.escape(os.sep + "work" + os.sep))
    assert not [path for path in own if hosts.search(path.read_text(encoding="utf-8"))]


def test_the_rows_of_a_question_file_are_read_as_the_readme_says(tmp_path: Path) -> None:
    from retrieval.evaluation.datasets import load

    (rows,) = re.findall(r"```jsonl\n(.*?)```", README, re.DOTALL)
    (tmp_path / "questions.jsonl").write_text(rows, encoding="utf-8")
    (tmp_path / "bridge.txt").write_text("The bridge.", encoding="utf-8")
    plain, follow_up, without = load(tmp_path).questions
    assert (plain.kind, plain.gold, plain.relevant) == ("date", ("on 3 May 1987",), {"bridge.txt": 1})
    assert (follow_up.kind, follow_up.history) == ("follow-up", ("When did the harbour bridge reopen?",))
    assert (without.kind, without.answerable) == ("unanswerable", False)
