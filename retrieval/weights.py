"""The fitted numbers: weights of sentence features and of the evidence for an answer."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FITTED = Path(__file__).parent / "models" / "weights.json"


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


def fitted_weights(reader: bool, path: Path = _FITTED) -> Weights:
    """The weights that come with Sayso, for answers with a reader or without; or those of another such file."""
    read = json.loads(path.read_text(encoding="utf-8"))["with reader" if reader else "without reader"]
    return Weights(read["sentence"], read["confidence"]["weights"], read["confidence"]["intercept"])
