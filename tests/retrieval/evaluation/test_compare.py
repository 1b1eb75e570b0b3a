from __future__ import annotations

import pytest

from retrieval.errors import InputError
from retrieval.evaluation.compare import changes, compare
from retrieval.evaluation.outcomes import Outcome
from retrieval.evaluation.runs import Run


def test_a_run_equals_itself(run: Run) -> None:
    rows = compare(run, run)
    assert {row.measure.name for row in rows} >= {"quote@1", "AUROC", "nDCG@10", "refusal recall"}
    assert not any(row.difference.value or row.significant for row in rows)
    assert changes(run, run) == []


def test_a_fall_is_a_negative_gain_whichever_way_the_measure_points(run: Run, worse: Run) -> None:
    rows = {row.measure.name: row for row in compare(run, worse)}
    assert rows["quote@1"].gain == pytest.approx(-0.8)
    assert rows["false refusals"].difference.value == pytest.approx(1.0)
    assert rows["false refusals"].gain == pytest.approx(-1.0)
    assert rows["refusal recall"].gain == pytest.approx(0.5)


def test_losses_come_first_then_gains_then_the_rest(run: Run, worse: Run) -> None:
    found = changes(run, worse)
    assert [(change.gain, change.second.id) for change in found] == [
        (-1, "q1"),
        (-1, "q2"),
        (-1, "q3"),
        (-1, "q5"),
        (1, "q7"),
        (0, "q4"),
    ]


def of_another_set(run: Run, size: int) -> tuple[Outcome, ...]:
    """So many outcomes of questions with other ids."""
    return tuple(outcome.model_copy(update={"id": f"other {outcome.id}"}) for outcome in run.outcomes[:size])


def test_runs_of_other_questions_are_not_compared(run: Run) -> None:
    with pytest.raises(InputError, match=r"did not ask the same questions: 4 only in the first$"):
        compare(run, run._replace(outcomes=run.outcomes[:3]))
    with pytest.raises(InputError, match=r"questions: 5 only in the first, 3 only in the second$"):
        compare(run._replace(outcomes=run.outcomes[:5]), run._replace(outcomes=of_another_set(run, 3)))
    with pytest.raises(InputError, match="another order"):
        compare(run, run._replace(outcomes=run.outcomes[::-1]))
