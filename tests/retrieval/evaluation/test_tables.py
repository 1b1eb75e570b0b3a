from __future__ import annotations

import math

from retrieval.evaluation.compare import changes, compare
from retrieval.evaluation.measures import NAMED
from retrieval.evaluation.runs import Run, summary
from retrieval.evaluation.speed import Speed
from retrieval.evaluation.tables import (
    Table,
    chance,
    change_lines,
    comparison_table,
    figure,
    measures_table,
    speed_table,
)


def test_columns_are_aligned_text_left_and_figures_right() -> None:
    table = Table(("name", "a", ""), (("x", "1.000", "good"), ("longer", "–", "")))
    assert list(table.lines()) == ["name        a", "x       1.000  good", "longer      –"]


def test_figures() -> None:
    assert figure(0.41772) == "0.418"
    assert figure(math.nan) == "–"
    assert figure(65.82, NAMED["time"]) == "65.8 ms"
    assert chance(0.0005) == "<0.001"
    assert chance(0.03) == "0.030"


def test_a_run_and_a_comparison_have_a_row_for_each_measure(run: Run, worse: Run) -> None:
    rows = {row[0]: row for row in measures_table(summary(run.outcomes)).rows}
    assert rows["quote@1"][1] == "0.800"
    assert rows["quote@1"][3] == "5"
    compared = {row[0]: row for row in comparison_table(compare(run, worse)).rows}
    assert compared["quote@1"][1:4] == ("0.800", "0.000", "-0.800")


def test_a_measure_that_one_run_does_not_define_has_dashes(run: Run, bold: Run) -> None:
    [row] = [row for row in comparison_table(compare(run, bold)).rows if row[0] == "refusal precision"]
    assert row[2:] == ("–", "–", "–", "–", "")
    assert not any("nan" in line for line in comparison_table(compare(bold, run)).lines())


def test_changes_name_the_question_and_both_endings(run: Run, worse: Run) -> None:
    lines = list(change_lines(changes(run, worse), most=2))
    assert lines[0] == "Questions: 4 lost, 1 won, 1 other"
    assert lines[1] == "lost  q1: When was the iron bridge at Tarn opened? (right -> refused)"
    assert lines[3] == "… and 4 more"


def test_the_benchmark_shows_ratios_only_where_there_is_a_rival() -> None:
    measured = [Speed("cold", "s", 1.0, 4.0, "≤ 0.35 ×", True), Speed("--help", "s", 0.5, None, "≤ 0.4 s", False)]
    assert [row[1:] for row in speed_table(measured).rows] == [
        ("1.00", "4.00", "0.25", "≤ 0.35 ×", "reached"),
        ("0.50", "–", "–", "≤ 0.4 s", "missed"),
    ]
