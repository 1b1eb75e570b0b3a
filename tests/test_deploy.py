"""What the unit, the image and their README name is there: commands, options, settings, files, modules' pages."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from bot.cli import app
from bot.settings import TOKEN_VARIABLE, known_settings, load
from retrieval.store.chats_file import CHATS
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "sayso-telegram.service").read_text(encoding="utf-8")
IMAGE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
GUIDE = (DEPLOY / "README.md").read_text(encoding="utf-8")


def values(name: str) -> list[str]:
    """What the unit says of one directive."""
    return re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)


def require_command(arguments: list[str]) -> None:
    """Fails where ``sayso`` has no such command or option, without running it."""
    command: Any = typer.main.get_command(app)
    name: str | None = "sayso"
    while command is not None:
        with command.make_context(name, arguments) as context:
            rest = context._protected_args + context.args
            if not isinstance(context.command, TyperGroup):
                return
            name, command, arguments = context.command.resolve_command(context, rest)


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_the_unit_starts_a_command_that_there_is() -> None:
    [start] = values("ExecStart")
    program, *arguments = shlex.split(start)
    assert Path(program).name == "sayso" and arguments[-1] == "telegram"
    require_command(arguments)


def test_the_image_starts_a_command_that_there_is() -> None:
    [entry] = re.findall(r"^ENTRYPOINT (\[.*\])$", IMAGE, re.MULTILINE)
    commands = re.findall(r"^CMD (\[.*\])$", IMAGE, re.MULTILINE)
    assert tomllib.loads(f"x = {entry}")["x"] == ["sayso"]
    require_command(tomllib.loads(f"x = {commands[-1]}")["x"])


@pytest.mark.parametrize("text", [UNIT, IMAGE, GUIDE], ids=["unit", "image", "guide"])
def test_every_variable_is_one_that_sayso_reads(text: str) -> None:
    given = dict(re.findall(r"\b(SAYSO_[A-Z_]+)=([^\s'\"…]+)", text))
    given.pop(TOKEN_VARIABLE, None)
    load(None, None, given)  # refuses what it does not know
    others = set(re.findall(r"\bSAYSO_[A-Z_]+\b", text)) - given.keys() - {TOKEN_VARIABLE}
    assert others <= {"SAYSO_TELEGRAM_BASE_URL", "SAYSO_TELEGRAM_BASE_FILE_URL"}


def test_the_health_port_is_the_one_that_is_asked() -> None:
    ports = set(re.findall(r"HEALTH_PORT=(\d+)", UNIT + IMAGE)) | set(re.findall(r"127\.0\.0\.1:(\d+)/healthz", IMAGE))
    assert len(ports) == 1 and f"({ports.pop()} in the unit and the image" in GUIDE


def test_every_setting_of_the_guide_is_one_that_there_is(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    assert len(blocks) >= 3
    for number, block in enumerate(blocks):
        file = tmp_path / f"{number}.toml"
        file.write_text(block, encoding="utf-8")
        load(file, None, {})
    keys = {".".join(key) for key in known_settings()}
    for section, name in re.findall(r"`\[(\w+)\] (\w+)`", GUIDE):
        assert f"{section}.{name}" in keys


def test_every_command_of_the_guide_is_one_that_there_is() -> None:
    commands = re.findall(r"^\$ sayso (.*)$", GUIDE, re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        require_command(shlex.split(command))


def test_the_chats_are_in_the_file_that_a_backup_takes() -> None:
    assert f'"{CHATS}"' in (ROOT / "bot" / "telegram_app" / "running.py").read_text(encoding="utf-8")
    assert f"`{CHATS}`" in GUIDE


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    ignore = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [name for line in re.findall(r"^COPY (?!--from)(.*)$", IMAGE, re.MULTILINE) for name in line.split()[:-1]]
    assert {"bot", "retrieval", "seeds", "pyproject.toml"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists() and f"!{name}" in ignore


def test_neither_runs_as_root_and_both_stop_with_sigterm() -> None:
    assert values("DynamicUser") == ["yes"] and values("NoNewPrivileges") == ["yes"]
    assert re.search(r"^USER sayso$", IMAGE, re.MULTILINE) and "STOPSIGNAL SIGTERM" in IMAGE
    assert int(values("TimeoutStopSec")[0]) > 10 and not values("KillSignal")


def test_no_secret_is_written_into_either() -> None:
    for text in (UNIT, IMAGE):
        assert not re.search(rf"{TOKEN_VARIABLE}\s*=", text)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "sayso-telegram.service"
    unit.write_text(UNIT.replace("/opt/sayso/bin/sayso", "/bin/true"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert "sayso-telegram.service" not in done.stderr, done.stderr
