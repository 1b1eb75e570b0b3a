"""doctor, backup, restore and rollback from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import retrieval
from bot import maintenance
from retrieval.doctor import Check, Status
from tests.bot.conftest import Sayso
from tests.engine import engine, lighthouse, write

TOKEN = "1234567890:AAFq7-Zx_0123456789abcdefghijklmnop"


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch, sayso: Sayso, folder: Path) -> Sayso:
    """The command line over the engine itself, with an encoder that needs no model and two articles."""
    monkeypatch.setattr(retrieval, "open", lambda settings: engine(settings.data_dir, model=settings.encoder.model))
    write(folder / "articles", one=lighthouse(1), two=lighthouse(2))
    assert sayso("index", "articles")[0] == 0
    return sayso


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the doctor's examination end as it is told."""

    def end(*checks: Check) -> None:
        monkeypatch.setattr("retrieval.doctor.examine", lambda settings: iter(checks))

    return end


def test_a_backup_is_restored_and_taken_back(real: Sayso) -> None:
    code, out, err = real("backup", "kept")
    assert (code, err) == (0, "")
    assert out.startswith("Wrote 2 articles to kept (")
    assert real("remove", "one.txt")[0] == 0
    assert real("restore", "kept") == (
        0,
        "Restored 2 articles, 2 passages; `sayso rollback` takes it back.\n",
        "",
    )
    assert real("sources")[1].count("\n") == 2
    assert real("rollback") == (0, "The index of before is in use again: 1 articles, 1 passages.\n", "")
    assert real("sources")[1].count("\n") == 1


def test_another_encoder_is_asked_for_a_new_index_which_can_be_taken_back(real: Sayso, folder: Path) -> None:
    (folder / "config.toml").write_text('[encoder]\nmodel = "another"\n')
    assert real("ask", "Who lives in the lighthouse of Cape N1?") == (
        2,
        "",
        "error: the index in .sayso was built with another encoder (hashing, now hashing another)\n"
        "hint:  run `sayso index` to build a new one beside it, or set [encoder] model back\n",
    )
    code, out, _ = real("index", "articles")
    assert code == 0
    assert out.startswith("Indexed articles: 2 updated. 2 passages in ")
    assert out.endswith("\nA new index took the place of the old one; `sayso rollback` goes back to it.\n")
    assert real("ask", "Who lives in the lighthouse of Cape N1?")[0] == 0
    assert "Mind that the index in .sayso was built with another encoder" in real("rollback")[1]
    (folder / "config.toml").unlink()
    assert real("ask", "Who lives in the lighthouse of Cape N1?")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["restore", "missing"], "there is no file missing"),
        (["restore", "articles/one.txt"], "articles/one.txt is no whole backup of Sayso"),
        (["backup", "articles/one.txt"], "articles/one.txt is there and is no backup of Sayso"),
        (["backup", "nowhere/x"], "the backup nowhere/x cannot be written"),
        (["rollback"], "there is no earlier index to go back to"),
    ],
)
def test_what_cannot_be_done_is_told_in_two_lines(real: Sayso, arguments: list[str], message: str) -> None:
    code, out, err = real(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")
    assert "\nhint:  " in err


def test_a_clean_bill_of_health(sayso: Sayso, examined: Callable[..., None]) -> None:
    examined(Check("disk", Status.OK, "9 GB free"))
    code, out, err = sayso("doctor", "--data", "kept")
    assert (code, err) == (0, "")
    assert out == (
        "ok    configuration    read; the data folder is kept\n"
        "ok    Telegram token   SAYSO_TELEGRAM_TOKEN is not set; only `sayso telegram` needs it\n"
        "ok    disk             9 GB free\n"
    )


@pytest.mark.parametrize("status", [Status.WARN, Status.FAIL])
def test_what_is_to_be_done_is_said_and_the_exit_code_is_one(
    sayso: Sayso, examined: Callable[..., None], status: Status
) -> None:
    examined(Check("Chroma", status, "is gone", "run `sayso repair`"), Check("disk", Status.OK, "9 GB free"))
    code, out, _ = sayso("doctor", "--quiet")
    assert (code, out) == (1, f"{status:<4}  Chroma           is gone\n{' ' * 23}→ run `sayso repair`\n")


def test_json_is_one_record_a_check(sayso: Sayso, examined: Callable[..., None]) -> None:
    examined(Check("Chroma", Status.FAIL, "is gone", "run `sayso repair`"))
    code, out, _ = sayso("doctor", "--json")
    records = [json.loads(row) for row in out.splitlines()]
    assert code == 1
    assert [record["check"] for record in records] == ["configuration", "Telegram token", "Chroma"]
    assert records[2] == {"check": "Chroma", "status": "fail", "found": "is gone", "remedy": "run `sayso repair`"}
    assert records[0]["remedy"] is None


def test_settings_that_cannot_be_read_are_told_and_nothing_else_is_checked(sayso: Sayso, folder: Path) -> None:
    (folder / "config.toml").write_text("[search]\nhitz = 3\n")
    code, out, err = sayso("doctor")
    assert (code, out) == (2, "")
    assert "config.toml, line 2" in err


def test_a_data_folder_that_is_none_cannot_be_checked(sayso: Sayso, folder: Path) -> None:
    (folder / "file").write_text("")
    code, _, err = sayso("doctor", "--data", "file")
    assert code == 2
    assert "the data folder 'file' is no folder" in err


def test_hostile_names_reach_the_terminal_harmless(sayso: Sayso, examined: Callable[..., None]) -> None:
    examined(Check("articles", Status.FAIL, "\x1b]0;owned\x07bad\nname", "run \x1b[31m`sayso repair`"))
    _, out, _ = sayso("doctor")
    assert "\x1b" not in out
    assert "bad name" in out


def test_the_token_is_judged_by_its_form_and_never_shown(
    sayso: Sayso, examined: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    examined()
    for token, code in ((TOKEN, 0), (TOKEN[:-20], 1), (f" {TOKEN}", 1), ("secret", 1)):
        monkeypatch.setenv("SAYSO_TELEGRAM_TOKEN", token)
        for arguments in (["doctor"], ["doctor", "--json"]):
            ended, out, err = sayso(*arguments)
            assert ended == code
            assert token.strip() not in out + err


@given(token=st.text(min_size=1, max_size=60) | st.from_regex(r"\d{3,12}:[\w-]{10,50}", fullmatch=True))
def test_no_token_of_any_form_is_shown(token: str) -> None:
    check = maintenance.token_check(token)
    shown = f"{check.found} {check.remedy}"
    assert len(token) < 8 or token not in shown
