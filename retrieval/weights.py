"""The fitted numbers: weights of sentence features and of the evidence for an answer."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import SettingsError

FITTED = Path(__file__).parent / "models" / "weights.json"


@dataclass(frozen=True, slots=True)
class Weights:
    """Linear models over named features; a feature without a weight counts for nothing."""

    sentence: Mapping[str, float]
    confidence: Mapping[str, float]
    intercept: float

    def probability(self, evidence: Mapping[str, float]) -> float:
        """That the first quote answers, by logistic regression: ``1 / (1 + exp(-(intercept + Σ w·x)))``."""
        logit = self.intercept + sum(weight * evidence[name] for name, weight in self.confidence.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def section(reader: bool) -> str:
    """The part of a weights file for answers with a reader, or for those without."""
    return "with reader" if reader else "without reader"


def weights_file(data_dir: Path) -> Path:
    """The file that holds the weights in use."""
    calibrated = data_dir / "weights.json"
    return calibrated if calibrated.exists() else FITTED


def weights_in_use(data_dir: Path, reader: bool) -> Weights:
    """The weights that come with Sayso, or those that ``sayso eval calibrate`` left in the data folder.

    :raises SettingsError: the file in the data folder is no weights file.
    """
    file = weights_file(data_dir)
    try:
        read = json.loads(file.read_text(encoding="utf-8"))[section(reader)]
        return Weights(read["sentence"], read["confidence"]["weights"], float(read["confidence"]["intercept"]))
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"{file} holds no weights for answers {section(reader)}", "delete it, or run `sayso eval calibrate` again"
        ) from error
