from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.errors import InputError
from retrieval.evaluation.asked import percentile
from retrieval.evaluation.growth import FIGURES, FILE, Growth, Rival, Size, aims, growth, read, write
from retrieval.evaluation.plots import plots
from retrieval.evaluation.report import render
from retrieval.evaluation.tables import growth_table
from retrieval.settings import Settings

SMALL = Size(
    passages=1_000, filled=False, index_rate=90, bare_rate=100, bare_ms=4, bytes_a_passage=9_000, idle_mb=300,
    cold_s=1, first_s=0.5, p50_ms=20, p95_ms=30, p99_ms=40, one_by_one=25, at_once=80,
    update_s=0.2, after_update_s=0.1, right=0.9, recall=1,
    naive=Rival(rate=45, cold_s=8, warm_ms=10, right=0.4),
)  # fmt: skip
LARGE = SMALL.model_copy(update={"passages": 100_000, "filled": True, "p95_ms": 59.0, "naive": None})
FOUND = Growth(started="2030-01-02T03:04:05+00:00", sizes=(SMALL, LARGE))

positive = st.floats(1e-3, 1e9)
rivals = st.builds(Rival, rate=positive, cold_s=positive, warm_ms=positive, right=positive)
figures = {name: positive for name, field in Size.model_fields.items() if field.annotation is float}
sizes = st.builds(Size, passages=st.integers(10, 10**7), naive=st.none() | rivals, **figures)


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({}, []),
        ({"p95_ms": 61.0}, ["p95, warm, 100,000 passages"]),
        ({"at_once": 74.0}, ["several at once over one by one, 100,000 passages"]),
        ({"idle_mb": 701.0}, ["memory, idle, 100,000 passages"]),
        ({"update_s": 1.1}, ["updating one article, 100,000 passages"]),
        ({"recall": 0.98}, ["recall@10 of Chroma, 100,000 passages"]),
        ({"index_rate": 1.0}, []),  # of a filled index it says nothing
    ],
)
def test_each_aim_is_missed_alone(change: dict[str, float], missed: list[str]) -> None:
    found = aims(Growth(started="", sizes=(SMALL, LARGE.model_copy(update=change))))
    assert [line.what for line in found if not line.reached] == missed


def test_growth_and_the_encoders_share_have_aims_too() -> None:
    slow = SMALL.model_copy(update={"p95_ms": 20.0, "index_rate": 80.0})
    found = aims(Growth(started="", sizes=(slow, LARGE)))
    assert [line.what for line in found if not line.reached] == [
        "the same over that at 1,000",
        "indexing over the bare encoder, 1,000",
    ]


@given(st.lists(positive, min_size=1, max_size=50), st.floats(0, 1))
def test_a_percentile_is_a_measured_time_with_the_share_below_it(times: list[float], share: float) -> None:
    found = percentile(times, share)
    assert found in times
    assert sum(time <= found for time in times) >= share * len(times)


@settings(max_examples=20)
@given(st.lists(sizes, min_size=1, max_size=4, unique_by=lambda size: size.passages))
def test_dots_stay_within_their_plot_and_the_figures_within_the_table(found: list[Size]) -> None:
    grown = Growth(started="", sizes=tuple(sorted(found, key=lambda size: size.passages)))
    for plot in plots(grown):
        dots = [dot for curve in plot.curves for dot in curve.dots]
        assert len(dots) == len(plot.curves) * len(found)
        assert all(0 <= dot.x <= 1 and 0 <= dot.y <= 1 for dot in dots)
    assert "<polyline" in render([], [grown])


def test_the_table_marks_what_was_filled_and_leaves_open_what_has_no_rival() -> None:
    table = growth_table(FOUND)
    assert table.head == ("passages", "1,000", "100,000*", "last / first")
    rows = [row for row in table.rows if row[0] == "  over the naive script's"]
    assert [row[1:] for row in rows] == [("2.00", "–", "–"), ("0.12", "–", "–"), ("2.0", "–", "–")]
    assert len(table.rows) == len(FIGURES)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write(FOUND, tmp_path / "new" / "folder")
    assert read(tmp_path / "new" / "folder") == FOUND
    (tmp_path / "new" / "folder" / FILE).write_text('{"sizes": 1}')
    with pytest.raises(InputError):
        read(tmp_path / "new" / "folder")


def test_a_real_index_is_measured(data_dir: Path) -> None:
    command = [sys.executable, "-m", "bot"]
    [size] = growth(Settings(data_dir=data_dir), command, [20], encode_up_to=0, progress=None).sizes
    assert (size.filled, size.naive, size.recall) == (True, None, 1.0)
    assert 20 <= size.passages < 40
    assert 0 < size.p50_ms <= size.p95_ms <= size.p99_ms
    assert size.right > 0.5
