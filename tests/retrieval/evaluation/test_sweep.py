from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.errors import SettingsError
from retrieval.evaluation.datasets import load
from retrieval.evaluation.sweep import read_grid, sweep
from retrieval.settings import Settings
from tests.retrieval.evaluation.fakes import FakeCorpus


def grid(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "grid.toml"
    path.write_text(text)
    return path


def test_a_grid_is_every_combination_however_the_names_are_written(tmp_path: Path) -> None:
    quoted = read_grid(grid(tmp_path, '[grid]\n"search.hits" = [1, 2]\n"answers.threshold" = [0.3]\n'))
    nested = read_grid(grid(tmp_path, "[grid]\nsearch.hits = [1, 2]\nanswers.threshold = [0.3]\n"))
    assert quoted == nested
    assert quoted.points == ({"search.hits": 1, "answers.threshold": 0.3}, {"search.hits": 2, "answers.threshold": 0.3})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("grid = [", "cannot be read"),
        ("", "no lists under"),
        ("grid = 3", "no lists under"),
        ("measures = 5\n[grid]\nsearch.hits = [3]\n", "no list of names"),
        ("measures = [5]\n[grid]\nsearch.hits = [3]\n", "no list of names"),
        ("[grid]\nsearch.hits = 3\n", "no lists under"),
        ('measures = ["best"]\n[grid]\nsearch.hits = [3]\n', "no measure 'best'"),
    ],
)
def test_a_grid_that_says_nothing_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        read_grid(grid(tmp_path, text))


def test_each_point_is_tested_against_the_default(folder: Path, tmp_path: Path, settings: Settings) -> None:
    points = read_grid(grid(tmp_path, 'measures = ["quote@1"]\n[grid]\nsearch.dense_weight = [0.1, 1.0]\n'))
    base, trials = sweep(load(folder), settings, FakeCorpus, points)
    assert base.about.label == "default"
    assert [trial.run.about.label for trial in trials] == ["search.dense_weight=0.1", "search.dense_weight=1.0"]
    assert [row.measure.name for trial in trials for row in trial.rows] == ["quote@1", "quote@1"]
    assert trials[0].rows[0].gain == pytest.approx(-0.8)
    assert trials[1].rows[0].gain == 0


def test_p_values_are_adjusted_for_the_number_of_points(folder: Path, tmp_path: Path, settings: Settings) -> None:
    dataset = load(folder)
    one = read_grid(grid(tmp_path, 'measures = ["quote@1"]\n[grid]\nsearch.dense_weight = [0.1]\n'))
    many = read_grid(grid(tmp_path, 'measures = ["quote@1"]\n[grid]\nsearch.dense_weight = [0.1, 1.0, 2.0]\n'))
    [alone] = sweep(dataset, settings, FakeCorpus, one)[1]
    among = sweep(dataset, settings, FakeCorpus, many)[1][0]
    assert among.rows[0].difference.p == pytest.approx(min(1.0, 3 * alone.rows[0].difference.p))


def test_a_mistake_in_the_grid_shows_before_the_first_run(folder: Path, tmp_path: Path, settings: Settings) -> None:
    def never(settings: Settings) -> FakeCorpus:
        raise AssertionError("opened")

    with pytest.raises(SettingsError, match=r"search\.hits"):
        sweep(load(folder), settings, never, read_grid(grid(tmp_path, "[grid]\nsearch.hits = [0]\n")))


def test_a_grid_that_is_not_in_utf_8_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "grid.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_grid(tmp_path / "grid.toml")
