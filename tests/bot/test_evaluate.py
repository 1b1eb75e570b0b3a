from __future__ import annotations

import json
from pathlib import Path

import pytest

import retrieval
from bot.evaluate import app
from tests.bot.conftest import Sayso
from tests.bot.fakes import Library

QUESTIONS = [
    {
        "id": "when",
        "question": "When did the harbour bridge reopen to traffic?",
        "kind": "date",
        "answers": ["3 May 1987"],
        "articles": ["1987-05-04"],
    },
    {
        "id": "who",
        "question": "Who designed the bridge?",
        "kind": "plain",
        "answers": ["Ines Ferro"],
        "articles": ["1987-05-04"],
    },
    {"id": "none", "question": "What does a violin weigh?", "kind": "unanswerable", "answerable": False},
]


@pytest.fixture
def dataset(folder: Path, library: Library) -> str:
    """A dataset whose articles the library holds: it reads no files."""
    (folder / "set").mkdir()
    (folder / "set" / "bridge.txt").write_text("what the library has")
    lines = "".join(json.dumps(question) + "\n" for question in QUESTIONS)
    (folder / "set" / "questions.jsonl").write_text(lines)
    return "set"


def test_a_run_prints_its_measures_and_is_kept(sayso: Sayso, dataset: str, folder: Path) -> None:
    done = sayso("eval", "run", dataset, "--out", "first")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].split() == ["measure", "value", "95", "%", "interval", "questions"]
    assert "quote@1" in done.out
    assert {file.name for file in (folder / "first").iterdir()} == {"run.json", "questions.jsonl", "run.trec"}
    assert "The run is in first" in done.err


def test_quiet_says_nothing_but_the_result(sayso: Sayso, dataset: str) -> None:
    done = sayso("eval", "run", dataset, "--out", "first", "--quiet")
    assert (done.code, done.err) == (0, "")


def test_without_out_runs_are_kept_in_the_data_folder(sayso: Sayso, dataset: str, folder: Path) -> None:
    assert sayso("eval", "run", dataset, "--data", "store").code == 0
    [kept] = (folder / "store" / "evaluation" / "runs").iterdir()
    assert kept.name.startswith("set-")


def test_a_changed_setting_reaches_the_engine_and_the_comparison(sayso: Sayso, dataset: str, library: Library) -> None:
    sayso("eval", "run", dataset, "--out", "a")
    sayso("eval", "run", dataset, "--out", "b", "--set", "answers.threshold=1.0")
    assert library.opened_with[-1].answers.threshold == 1.0
    compared = sayso("eval", "compare", "a", "b")
    assert compared.code == 0
    assert "Questions: 1 lost, 0 won, 0 other" in compared.out
    assert "lost  when: When did the harbour bridge reopen to traffic? (right -> refused)" in compared.out


def test_a_gate_passes_its_own_baseline(sayso: Sayso, dataset: str) -> None:
    assert sayso("eval", "gate", "base.jsonl", dataset, "--update").code == 0
    held = sayso("eval", "gate", "base.jsonl", dataset)
    assert held.code == 0
    assert held.out.endswith("Nothing was lost.\n")


def test_a_gate_ends_with_one_where_something_is_lost(sayso: Sayso, dataset: str, folder: Path) -> None:
    many = [{**question, "id": f"{question['id']}{n}"} for n in range(6) for question in QUESTIONS]
    (folder / "set" / "questions.jsonl").write_text("".join(json.dumps(question) + "\n" for question in many))
    sayso("eval", "gate", "base.jsonl", dataset, "--update")
    held = sayso("eval", "gate", "base.jsonl", dataset, "--set", "answers.threshold=1.0")
    assert held.code == 1
    assert "Lost: quote@1, quote@shown" in held.out


def test_a_sweep_shows_each_point_under_the_default(sayso: Sayso, dataset: str, folder: Path) -> None:
    (folder / "grid.toml").write_text('measures = ["quote@1"]\n[grid]\n"answers.threshold" = [0.5, 1.0]\n')
    done = sayso("eval", "sweep", "grid.toml", dataset)
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()[:4]] == [
        "settings",
        "default",
        "answers.threshold=0.5",
        "answers.threshold=1.0",
    ]


def test_a_report_is_one_page(sayso: Sayso, dataset: str, folder: Path) -> None:
    sayso("eval", "run", dataset, "--out", "a")
    assert sayso("eval", "report", "a", "-o", "page.html").code == 0
    assert (folder / "page.html").read_text().startswith("<!doctype html>")


def test_a_worksheet_never_overwrites_questions(sayso: Sayso, folder: Path) -> None:
    made = sayso("eval", "make-questions", "--out", "mine.jsonl")
    assert made.code == 0
    assert "Fill in question and answers" in made.err
    (folder / "mine.jsonl").write_text("precious")
    again = sayso("eval", "make-questions", "--out", "mine.jsonl")
    assert again.code == 2
    assert "mine.jsonl exists" in again.err
    assert (folder / "mine.jsonl").read_text() == "precious"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["run", "nowhere"], "no dataset at nowhere"),
        (["run", "set", "--set", "search.depth=1"], "there is no setting 'search.depth'"),
        (["run", "set", "--set", "answers.threshold=7"], "answers.threshold cannot be 7"),
        (["compare", "set", "set"], "set holds no run"),
        (["gate", "none.jsonl", "set"], "no baseline at none.jsonl"),
        (["sweep", "none.toml", "set"], "none.toml cannot be read"),
        (["report", "set"], "set holds no run"),
        (["speed", "--sizes", "1000,many"], "'1000,many' is not a list of numbers"),
        (["speed", "--sizes", "5"], "'5' is not a list of numbers"),
    ],
)
def test_a_mistake_is_one_line_and_a_hint(sayso: Sayso, dataset: str, arguments: list[str], complaint: str) -> None:
    done = sayso("eval", *arguments)
    assert done.code == 2
    assert complaint in done.err
    assert "hint:" in done.err
    assert "Traceback" not in done.err


def test_without_a_dataset_the_questions_that_come_with_sayso_are_asked(sayso: Sayso, library: Library) -> None:
    done = sayso("eval", "run", "--limit", "2", "--out", "seeds")
    assert done.code == 0
    assert len(Path("seeds/questions.jsonl").read_text().splitlines()) == 2
    [paths] = library.indexed_paths
    seeds = Path(retrieval.__file__).parents[1] / "seeds"
    assert {Path(path).parent for path in paths} == {seeds}
    assert not any(Path(path).name == "questions.jsonl" for path in paths)


def test_every_command_has_a_help_line() -> None:
    assert all(command.callback and command.callback.__doc__ for command in app.registered_commands)
    assert [command.name for command in app.registered_commands] == [
        "run",
        "measures",
        "compare",
        "gate",
        "sweep",
        "report",
        "make-questions",
        "speed",
        "fit",
        "calibrate",
        "import-feedback",
    ]


def test_every_measure_is_explained(sayso: Sayso) -> None:
    from retrieval.evaluation.measures import MEASURES

    lines = sayso("eval", "measures").out.splitlines()
    assert [line[:20].strip() for line in lines] == [measure.name for measure in MEASURES]
    assert all(len(line) > 30 for line in lines)
