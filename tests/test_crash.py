"""A sample of ``python -m tests.crash``: stopped at random moments, Sayso loses nothing."""

from __future__ import annotations

from tests.engine import finished, python


def test_whatever_stops_sayso_it_carries_on():
    said = finished(python("import sys; from tests.crash import main; sys.exit(main(6, seed=3))"))
    assert said.endswith("6 trials, 0 failures\n")
