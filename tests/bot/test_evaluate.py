from __future__ import annotations

import json
from pathlib import Path

import pytest

import retrieval
from bot.evaluate import app
from tests.bot.conftest import Sayso
from tests.bot.fakes import Library, long_article

QUESTIONS: list[dict[str, object]] = [
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


def test_a_worksheet_never_overwrites_questions(sayso: Sayso, library: Library, folder: Path) -> None:
    library.available.append(long_article(1))
    made = sayso("eval", "make-questions", "--out", "mine.jsonl")
    assert made.code == 0
    (folder / "mine.jsonl").write_text("precious")
    again = sayso("eval", "make-questions", "--out", "mine.jsonl")
    assert again.code == 2
    assert "mine.jsonl exists" in again.err
    assert (folder / "mine.jsonl").read_text() == "precious"


def test_a_worksheet_says_what_its_rows_want_and_why_there_are_fewer(sayso: Sayso, library: Library) -> None:
    library.available.append(long_article(9))
    assert sayso("eval", "make-questions", "--size", "4", "--out", "small.jsonl").err.endswith(
        "4 rows are in small.jsonl. Fill in question and answers (words of the passage, exactly as they stand there);\n"
        "the row of kind unanswerable wants a question that the articles do NOT answer, and no answers.\n"
        "Then: sayso eval run small.jsonl --corpus PATH\n"
    )
    fewer = sayso("eval", "make-questions", "--size", "40", "--out", "large.jsonl").err.splitlines()
    assert fewer[0] == "9 rows, not 40: the articles have no more paragraphs of 120 characters or more."
    assert fewer[2].startswith("the 2 rows of kind unanswerable want a question")


def test_a_worksheet_without_rows_is_not_written(sayso: Sayso, folder: Path) -> None:
    made = sayso("eval", "make-questions", "--out", "mine.jsonl")
    assert made.code == 2
    assert "no article has a paragraph" in made.err
    assert not (folder / "mine.jsonl").exists()


def test_a_run_says_which_articles_it_reads_and_how_many_questions_it_asks(sayso: Sayso, dataset: str) -> None:
    beside = sayso("eval", "run", dataset, "--out", "a").err.splitlines()
    assert beside[0] == "Articles: set/bridge.txt, beside the questions; --corpus names others"
    assert "Asking 3 questions" in beside
    Path("set/more.txt").write_text("more")
    beside = sayso("eval", "run", dataset, "--out", "a", "--limit", "1").err.splitlines()
    assert beside[0] == "Articles: 2 files in set, beside the questions; --corpus names others"
    assert "Asking 1 question" in beside
    assert sayso("eval", "run", dataset, "--corpus", "set", "--out", "a").err.startswith("Articles: 2 files in set\n")


def test_mistakes_in_the_questions_are_told_even_when_quiet(sayso: Sayso, dataset: str, folder: Path) -> None:
    rows = [QUESTIONS[0] | {"answers": ["5 May 1987"]}, *QUESTIONS[1:], {"question": ""}]
    (folder / "set" / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    told = "warning: 1 of 4 rows left out: no question\nwarning: when: no article holds the answer “5 May 1987”\n"
    assert sayso("eval", "run", dataset, "--out", "a", "--quiet").err == told
    assert sayso("eval", "gate", "base.jsonl", dataset, "--update", "--quiet").err == told
    (folder / "grid.toml").write_text('[grid]\n"answers.threshold" = [0.5]\n')
    assert sayso("eval", "sweep", "grid.toml", dataset, "--quiet").err == told
    assert sayso("eval", "fit", dataset, "-o", "weights.json", "--quiet").err.startswith(told)
    assert sayso("eval", "calibrate", dataset, "--quiet").err.startswith(told)


def test_a_fit_wants_each_set_once(sayso: Sayso, dataset: str, folder: Path) -> None:
    twice = sayso("eval", "fit", dataset, f"{dataset}/questions.jsonl", "-o", "weights.json")
    assert (twice.code, (folder / "weights.json").exists()) == (2, False)
    assert "one and the same" in twice.err


def test_only_the_questions_that_a_limit_leaves_must_be_askable(sayso: Sayso, dataset: str, folder: Path) -> None:
    rows = [*QUESTIONS[:1], {"question": "long " * 500, "id": "endless"}, *QUESTIONS[1:]]
    (folder / "set" / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert "question endless" in sayso("eval", "run", dataset, "--out", "a").err
    assert sayso("eval", "run", dataset, "--out", "a", "--limit", "2").code == 0


def test_questions_without_gold_are_counted(sayso: Sayso, dataset: str, folder: Path) -> None:
    rows = [QUESTIONS[0] | {"answers": []}, *QUESTIONS[1:]]
    (folder / "set" / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert "1 question has no gold answer in the articles' words" in sayso("eval", "run", dataset, "--out", "a").err
    rows[1] = QUESTIONS[1] | {"answers": []}
    (folder / "set" / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert "2 questions have no gold answer in the articles' words" in sayso("eval", "run", dataset, "--out", "a").err


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


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "set", "--out", "in-the-way"],
        ["run", "set", "--out", "/proc/x"],
        ["gate", "set", "set", "--update"],
        ["gate", "set", "set"],
        ["make-questions", "-o", "in-the-way/mine.jsonl"],
        ["fit", "set", "-o", "set"],
        ["fit", "set", "-o", "in-the-way"],
        ["speed", "--sizes", "10", "-o", "in-the-way"],
        ["run", "set", "--set", "search.hits.x.y=1"],
        ["run", "set", "--set", "answers.max_question_chars=30"],
    ],
)
def test_what_cannot_be_done_is_told_before_anything_is_indexed(
    sayso: Sayso, dataset: str, library: Library, folder: Path, arguments: list[str]
) -> None:
    (folder / "in-the-way").write_text("precious")
    done = sayso("eval", *arguments)
    assert (done.code, library.opened_with) == (2, [])
    assert "hint:" in done.err
    assert "unexpected" not in done.err
    assert (folder / "in-the-way").read_text() == "precious"


def test_a_report_makes_the_folder_that_it_goes_into(sayso: Sayso, dataset: str, folder: Path) -> None:
    sayso("eval", "run", dataset, "--out", "a")
    assert sayso("eval", "report", "a", "-o", "pages/page.html").code == 0
    assert (folder / "pages" / "page.html").exists()


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
        "speed",
        "make-questions",
        "fit",
        "calibrate",
        "import-feedback",
    ]


def test_the_help_names_the_kinds_that_are_measured(sayso: Sayso) -> None:
    shown = " ".join(sayso("eval", "run", "--help").out.split())
    assert '"follow-up", which a question with a history is' in shown
    assert '"unanswerable"' in shown


def test_every_measure_is_explained(sayso: Sayso) -> None:
    from retrieval.evaluation.measures import MEASURES

    lines = sayso("eval", "measures").out.splitlines()
    assert [line[:20].strip() for line in lines] == [measure.name for measure in MEASURES]
    assert all(len(line) > 30 for line in lines)
