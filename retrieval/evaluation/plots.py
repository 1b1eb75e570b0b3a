"""Curves over the number of passages, as points of a unit square for whatever draws them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from retrieval.evaluation.growth import Growth, Size

#: Title with unit, and the figures of :class:`Size` that one plot shows.
_PLOTS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("a question, warm, ms", (("p50_ms", "half"), ("p95_ms", "95 %"), ("p99_ms", "99 %"))),
    ("seconds", (("cold_s", "cold start"), ("update_s", "updating one article"), ("after_update_s", "question after"))),
    ("memory, idle, MB", (("idle_mb", "memory"),)),
    ("questions a second", (("at_once", "several at once"), ("one_by_one", "one by one"))),
    ("indexing, passages a second", (("index_rate", "indexing"),)),
)
_TICKS = 4


class Dot(NamedTuple):
    """A measured value and where it stands, both coordinates 0 to 1."""

    x: float
    y: float
    title: str


class Curve(NamedTuple):
    """One figure over all sizes."""

    name: str
    dots: tuple[Dot, ...]


class Tick(NamedTuple):
    """A mark on an axis, 0 to 1."""

    at: float
    text: str


class Plot(NamedTuple):
    """Curves of one unit; passages grow to the right by their logarithm."""

    title: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    curves: tuple[Curve, ...]


def plots(found: Growth) -> Iterator[Plot]:
    """A plot for each unit."""
    least, most = (math.log(found.sizes[i].passages) for i in (0, -1))

    def across(size: Size) -> float:
        return (math.log(size.passages) - least) / (most - least) if most > least else 0.5

    for title, figures in _PLOTS:
        top = _round_up(max(getattr(size, field) for size in found.sizes for field, _ in figures))
        curves = tuple(
            Curve(
                name,
                tuple(
                    Dot(across(size), value / top, f"{name}, {size.passages:,} passages: {value:,.4g}")
                    for size in found.sizes
                    for value in [getattr(size, field)]
                ),
            )
            for field, name in figures
        )
        yield Plot(
            title,
            tuple(Tick(across(size), f"{size.passages:,}") for size in found.sizes),
            tuple(Tick(step / _TICKS, f"{top * step / _TICKS:,.4g}") for step in range(_TICKS + 1)),
            curves,
        )


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 8 times a power of ten; 1 for nought."""
    if value <= 0:
        return 1.0
    power = float(10 ** math.floor(math.log10(value)))
    return next(factor * power for factor in (1, 2, 4, 8, 10) if factor * power >= value)
