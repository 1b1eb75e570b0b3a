"""The fitted numbers: weights of sentence features and of the evidence for an answer."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from retrieval.errors import SettingsError

FITTED = Path(__file__).parent / "models" / "weights.json"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Confidence(_Record):
    intercept: FiniteFloat
    weights: Annotated[dict[str, FiniteFloat], Field(min_length=1)]


class _Section(_Record):
    sentence: Annotated[dict[str, FiniteFloat], Field(min_length=1)]
    confidence: _Confidence


@dataclass(frozen=True, slots=True)
class Weights:
    """Linear models over named features; a feature without a weight counts for nothing."""

    sentence: Mapping[str, float]
    confidence: Mapping[str, float]
    intercept: float

    def probability(self, evidence: Mapping[str, float]) -> float:
        """That the first quote answers, by logistic regression: ``1 / (1 + exp(-(intercept + Σ w·x)))``.

        :raises SettingsError: a weight is of something that is no evidence.
        """
        if unknown := sorted(self.confidence.keys() - evidence.keys()):
            raise SettingsError(
                f"there is a weight for {unknown[0]!r}, which is no evidence for an answer",
                "delete weights.json in the data folder, or run `sayso eval calibrate` again",
            )
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

    :raises SettingsError: the file is no weights file, or a weight in it is no number.
    """
    file = weights_file(data_dir)
    try:
        read = _Section.model_validate(json.loads(file.read_text(encoding="utf-8"))[section(reader)])
    except (OSError, ValidationError, ValueError, KeyError, TypeError) as error:
        own = "delete it: then those that come with Sayso are used"
        raise SettingsError(
            f"{file} holds no weights for answers {section(reader)}", "install Sayso again" if file == FITTED else own
        ) from error
    return Weights(read.sentence, read.confidence.weights, read.confidence.intercept)
