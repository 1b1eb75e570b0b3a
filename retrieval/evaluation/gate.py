"""A committed baseline, and whether a run has lost against it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from retrieval.errors import InputError
from retrieval.evaluation import outputs
from retrieval.evaluation.compare import Row, rows, same_questions
from retrieval.evaluation.measures import NAMED, Array
from retrieval.evaluation.runs import Run, columns, ranked

#: What a gate holds: everything that depends on the answers alone, not on the machine.
GATED = (
    *("nDCG@10", "answer@hits", "quote@1", "quote@shown", "follow-up", "span recall"),
    *("refusal precision", "refusal recall", "false refusals", "AUROC", "calibration error"),
)


class Baseline(NamedTuple):
    """Per-question numbers of a good run, small enough to commit."""

    dataset: str
    dataset_sha256: str
    measures: tuple[str, ...]
    ids: tuple[str, ...]
    columns: Mapping[str, Array]


def baseline(run: Run, measures: Sequence[str] = GATED) -> Baseline:
    """The run reduced to what the measures, as far as they are defined for it, are made from."""
    table = columns(run.outcomes)
    defined = {row.measure.name for row in rows(table, table, [NAMED[name] for name in measures])}
    wanted = tuple(name for name in measures if name in defined)
    needed = {"confidence", *(column for name in wanted for column in NAMED[name].columns)}
    ids = tuple(outcome.id for outcome in run.outcomes)
    kept = {name: table[name] for name in sorted(needed)}
    return Baseline(run.about.dataset, run.about.dataset_sha256, wanted, ids, kept)


def write(base: Baseline, path: Path) -> None:
    """Writes the baseline as JSON lines: a head, then one question a line, so that a diff can be read."""
    head = {"dataset": base.dataset, "dataset_sha256": base.dataset_sha256, "measures": base.measures}
    stored = {name: column for name, column in base.columns.items() if name != "confidence rank"}
    lines = [
        {"id": id} | {name: float(column[row]) for name, column in stored.items() if not np.isnan(column[row])}
        for row, id in enumerate(base.ids)
    ]
    outputs.write({path: "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [head, *lines])})


def read(path: Path) -> Baseline:
    """The baseline in the file.

    :raises InputError: where it is missing or not one.
    """
    try:
        head, *lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        names = sorted({name for line in lines for name in line} - {"id"})
        table = {name: np.array([line.get(name, np.nan) for line in lines], dtype=float) for name in names}
        measures = tuple(name for name in head["measures"] if NAMED[name])
        ids = tuple(line["id"] for line in lines)
        if lacking := _lacking(measures, table):
            raise ValueError(f"no line has {min(lacking)!r}")
        if np.isnan(table["confidence"]).any():
            raise ValueError("a line has no 'confidence'")
        return Baseline(head["dataset"], head["dataset_sha256"], measures, ids, ranked(table))
    except FileNotFoundError as error:
        raise InputError(f"there is no baseline at {path}", "write one with `sayso eval gate --update`") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "name a file that `--update` wrote") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} is not a baseline: {error!r}", "write a new one with `sayso eval gate --update`"
        ) from error


def _lacking(measures: Sequence[str], table: Mapping[str, Array]) -> set[str]:
    """Columns that the measures are made from and no line has, but for the ranks, which are made from the others."""
    return {name for measure in measures for name in NAMED[measure].columns} - table.keys() - {"confidence rank"}


def gate(base: Baseline, run: Run) -> list[Row]:
    """The gated measures, baseline against run.

    :raises InputError: where the run does not ask the baseline's questions.
    """
    same_questions(base.ids, [outcome.id for outcome in run.outcomes])
    if base.dataset_sha256 != run.about.dataset_sha256:
        raise InputError(
            "the questions have changed since the baseline was written", "look at a run, then use --update"
        )
    return rows(base.columns, columns(run.outcomes), [NAMED[name] for name in base.measures])


def losses(rows: Sequence[Row]) -> list[Row]:
    """The rows that are significantly worse, or no longer defined at all."""
    return [row for row in rows if (row.significant and row.gain < 0) or np.isnan(row.second)]
