from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import InputError
from retrieval.evaluation import gate
from retrieval.evaluation.runs import Run


def many(run: Run) -> Run:
    """The run's questions eight times over, enough for a test to tell."""
    copies = (o.model_copy(update={"id": f"{o.id}-{n}"}) for n in range(8) for o in run.outcomes)
    return run._replace(outcomes=tuple(copies))


def test_a_baseline_survives_writing(run: Run, tmp_path: Path) -> None:
    base = gate.baseline(run)
    gate.write(base, tmp_path / "base.jsonl")
    again = gate.read(tmp_path / "base.jsonl")
    assert again[:4] == base[:4]
    for name, column in base.columns.items():
        assert np.array_equal(column, again.columns[name], equal_nan=True)


def test_the_run_it_was_written_from_passes(run: Run, tmp_path: Path) -> None:
    gate.write(gate.baseline(run), tmp_path / "base.jsonl")
    rows = gate.gate(gate.read(tmp_path / "base.jsonl"), run)
    assert rows
    assert all(row.difference.p == 1 for row in rows)
    assert gate.losses(rows) == []


def test_a_significant_loss_is_found_and_a_gain_is_none(run: Run, worse: Run) -> None:
    lost = gate.losses(gate.gate(gate.baseline(many(run)), many(worse)))
    assert {"quote@1", "false refusals", "follow-up"} <= {row.measure.name for row in lost}
    assert "refusal recall" not in {row.measure.name for row in lost}
    won = gate.losses(gate.gate(gate.baseline(many(worse)), many(run)))
    assert "quote@1" not in {row.measure.name for row in won}
    assert "refusal recall" in {row.measure.name for row in won}


def test_a_measure_that_can_no_longer_be_made_is_lost(run: Run) -> None:
    answered = tuple(o.model_copy(update={"values": {**o.values, "refused": 0.0}}) for o in run.outcomes)
    lost = gate.losses(gate.gate(gate.baseline(run), run._replace(outcomes=answered)))
    assert [row.measure.name for row in lost] == ["refusal precision"]


def test_other_or_changed_questions_are_refused(run: Run) -> None:
    base = gate.baseline(run)
    with pytest.raises(InputError, match="did not ask the same questions"):
        gate.gate(base, run._replace(outcomes=run.outcomes[1:]))
    with pytest.raises(InputError, match="questions have changed"):
        gate.gate(base._replace(dataset_sha256="0"), run)


@pytest.mark.parametrize(
    "content", ["", "{}", '{"dataset": "a"', '{"dataset": "d", "dataset_sha256": "", "measures": ["no"]}']
)
def test_what_is_no_baseline_is_told(content: str, tmp_path: Path) -> None:
    (tmp_path / "base.jsonl").write_text(content)
    with pytest.raises(InputError, match="not a baseline"):
        gate.read(tmp_path / "base.jsonl")


def test_a_missing_baseline_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no baseline"):
        gate.read(tmp_path / "base.jsonl")


def test_a_baseline_that_lacks_a_column_is_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "base.jsonl"
    gate.write(gate.baseline(run), path)
    head, *lines = [json.loads(line) for line in path.read_text().splitlines()]
    for lacking in ("confidence", *(name for name in lines[0] if name not in ("id", "confidence"))):
        without = [{name: value for name, value in line.items() if name != lacking} for line in lines]
        path.write_text("".join(json.dumps(line) + "\n" for line in [head, *without]))
        with pytest.raises(InputError, match="not a baseline"):
            gate.read(path)
    one = [{name: value for name, value in lines[0].items() if name != "confidence"}, *lines[1:]]
    path.write_text("".join(json.dumps(line) + "\n" for line in [head, *one]))
    with pytest.raises(InputError, match="not a baseline"):
        gate.read(path)


def test_a_folder_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        gate.read(tmp_path)
