"""Fits ``models/weights.json``: the weights of sentence features, and the confidence.

Both are linear models over features that ``--explain`` shows. Every dataset counts the same,
whatever its size, and each is left out once, to show what a fit does on questions it has not seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from retrieval.errors import InputError, SettingsError
from retrieval.evaluation import outputs
from retrieval.evaluation.datasets import Dataset, Question, check_askable
from retrieval.evaluation.indexes import Open, prepared
from retrieval.evaluation.measures import auroc, calibration_error
from retrieval.evaluation.quoting import contains
from retrieval.evaluation.runs import resolved_questions
from retrieval.protocols import Progress
from retrieval.settings import Settings
from retrieval.types import Filters, Work
from retrieval.weights import FITTED, section, weights_in_use

#: What the confidence is made from, of all that ``retrieval.confidence.evidence`` offers.
EVIDENCE = ("sentence cosine", "best passage cosine", "crowd cosine", "lead", "overlap with context", "score")
#: The same where there is a reader.
EVIDENCE_READ = (
    *("margin", "share", "answer words", "asks why"),
    *("sentence cosine", "crowd cosine", "behind best hit"),
)

_RIDGE = 1e-3  # penalty on squared weights of standardised features
_LEAST = 20  # characters of a sentence that may be part of a longer gold answer


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as numbers."""

    features: np.ndarray  # (sentences, features)
    gold: np.ndarray  # bool (sentences,): the sentence holds a gold answer
    evidence: np.ndarray  # (names of evidence,)
    right: bool  # the first quote holds a gold answer, and the question has one
    answerable: bool


class Observed(NamedTuple):
    """A dataset as numbers."""

    name: str
    features: tuple[str, ...]
    evidence: tuple[str, ...]
    asked: tuple[Asked, ...]

    @property
    def seen(self) -> np.ndarray:
        """The evidence, of shape ``(questions, names of evidence)``."""
        return np.array([asked.evidence for asked in self.asked])

    @property
    def right(self) -> np.ndarray:
        """1.0 where the first quote is right, else 0.0, of shape ``(questions,)``."""
        return np.array([float(asked.right) for asked in self.asked])


class Confidence(NamedTuple):
    """A logistic regression over evidence."""

    intercept: float
    weights: Mapping[str, float]


class Quality(NamedTuple):
    """How good a confidence is on questions that it was not fitted on."""

    auroc: float  # right against wrong
    calibration_error: float
    brier: float


def observe(dataset: Dataset, settings: Settings, open: Open, progress: Progress | None = None) -> Observed:
    """The dataset's questions, asked and judged sentence by sentence; those that it does not judge are left out.

    :raises InputError: none is judged, or the engine would refuse one.
    """
    check_askable(dataset, settings.answers.max_question_chars)
    with open(prepared(settings, dataset.corpus, open, progress)) as corpus:
        questions = list(resolved_questions(dataset.questions, corpus.articles(Filters())))
        works = []
        for number, question in enumerate(questions, start=1):
            works.append(corpus.ask(question.text, question.history).work)
            if progress:
                progress("asking", number, len(questions))
    asked = zip(questions, works, strict=True)
    judged = [(q, work) for q, work in asked if work.sentences and (q.gold or q.answerable is False)]
    if not judged:
        raise InputError(
            f"no question of {dataset.name} is judged",
            "questions need answers in the articles' own words, or to be unanswerable",
        )
    features = tuple(sorted({name for _, work in judged for name in work.sentences[0].features}))
    evidence = EVIDENCE_READ if "margin" in features else EVIDENCE
    return Observed(
        dataset.name,
        features,
        evidence,
        tuple(_asked(q, w, features, evidence) for q, w in judged),
    )


def sentence_weights(observed: Sequence[Observed]) -> dict[str, float]:
    """Weights that make the gold sentence score best: conditional logit (McFadden 1974).

    The likelihood of a question is the softmax mass of its gold sentences, so several may be right.

    :raises InputError: no sentence is a gold one.
    """
    rows = [(asked, 1 / len(data.asked)) for data in observed for asked in data.asked if asked.gold.any()]
    if not rows:
        raise InputError("no question has its answer in the articles' own words", "add questions that have")
    names = observed[0].features
    everything = np.concatenate([asked.features for asked, _ in rows])
    spread = np.maximum(everything.std(axis=0), 1e-6)
    scaled = [(asked.features / spread, asked.gold, weight) for asked, weight in rows]
    total = sum(weight for _, weight in rows)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = _RIDGE * float(w @ w), 2 * _RIDGE * w
        for x, gold, weight in scaled:
            scores = x @ w
            right = logsumexp(scores[gold])
            value -= weight / total * float(right - logsumexp(scores))
            target = np.where(gold, np.exp(scores - right), 0.0)
            gradient -= weight / total * (x.T @ (target - np.exp(scores - logsumexp(scores))))
        return value, gradient

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B")
    return {name: round(float(w), 4) for name, w in zip(names, found.x / spread, strict=True)}


def sentence_accuracy(data: Observed, weights: Mapping[str, float]) -> float:
    """The share of answerable questions whose best sentence holds a gold answer."""
    vector = np.array([weights[name] for name in data.features])
    right = [bool(asked.gold[np.argmax(asked.features @ vector)]) for asked in data.asked if asked.answerable]
    return float(np.mean(right)) if right else float("nan")


def confidence(observed: Sequence[Observed]) -> Confidence:
    """The probability that the first quote is right, fitted on all the datasets with equal weight.

    :raises InputError: all first quotes are right, or none is.
    """
    x = np.concatenate([data.seen for data in observed])
    y = np.concatenate([data.right for data in observed])
    if len(set(y.tolist())) < 2:
        raise InputError("every first quote is right, or none is", "add questions that no article answers, or others")
    each = np.concatenate([np.full(len(data.asked), len(x) / len(observed) / len(data.asked)) for data in observed])
    return logistic(x, y, each, observed[0].evidence)


def quality(data: Observed, fitted: Confidence) -> Quality:
    """The measures of a confidence on one dataset."""
    return measured(probabilities(data.seen, fitted), data.right)


def measured(predicted: np.ndarray, right: np.ndarray) -> Quality:
    """The measures of probabilities against what came true, both of shape ``(questions,)``."""
    return Quality(
        float(auroc(predicted, right)),
        float(calibration_error(predicted, right)),
        float(np.mean((predicted - right) ** 2)),
    )


def probabilities(x: np.ndarray, fitted: Confidence) -> np.ndarray:
    """What a confidence says of evidence ``(questions, names)``."""
    return np.asarray(1 / (1 + np.exp(-(fitted.intercept + x @ np.array(list(fitted.weights.values()))))))


def logistic(x: np.ndarray, y: np.ndarray, weight: np.ndarray, names: Sequence[str]) -> Confidence:
    """A logistic regression over ``x`` of shape ``(questions, names)``, standardised and with a ridge penalty."""
    from sklearn.linear_model import LogisticRegression

    middle, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    model = LogisticRegression(C=0.3, max_iter=2000).fit((x - middle) / spread, y, sample_weight=weight)
    slopes = model.coef_[0] / spread
    intercept = float(model.intercept_[0] - slopes @ middle)
    return Confidence(round(intercept, 4), {n: round(float(s), 4) for n, s in zip(names, slopes, strict=True)})


def calibrated(data_dir: Path) -> Path:
    """Where the confidence lies that was fitted on the user's own questions."""
    return data_dir / "weights.json"


def in_use(data_dir: Path, data: Observed) -> Confidence:
    """The confidence that answers are given with now, over the dataset's evidence."""
    used = weights_in_use(data_dir, reader="margin" in data.features)
    return Confidence(used.intercept, {name: used.confidence.get(name, 0.0) for name in data.evidence})


def known_weights(target: Path) -> dict[str, Any]:
    """What the weights file holds, or where there is none, what the one that comes with Sayso does.

    :raises SettingsError: it is no weights file.
    """
    source = target if target.exists() else FITTED
    try:
        known = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{source} is no weights file", "name another file") from error
    if not isinstance(known, dict) or not all(isinstance(part, dict) for part in known.values()):
        raise SettingsError(f"{source} is no weights file", "name another file")
    return known


def write(target: Path, fitted: Confidence, sentence: Mapping[str, float] | None = None) -> None:
    """Puts a fit into a weights file, under the way of reading that it is for; the rest stays as it is."""
    known = known_weights(target)
    part = known.setdefault(section(reader="margin" in fitted.weights), {})
    if sentence is not None:
        part["sentence"] = dict(sentence)
    part["confidence"] = {"intercept": fitted.intercept, "weights": dict(fitted.weights)}
    outputs.write({target: json.dumps(known, indent=1) + "\n"})


def _asked(question: Question, work: Work, features: Sequence[str], wanted: Sequence[str]) -> Asked:
    return Asked(
        features=np.array([[s.features[name] for name in features] for s in work.sentences]),
        gold=np.array([_holds(sentence.text, question.gold) for sentence in work.sentences]),
        evidence=np.array([work.evidence[name] for name in wanted]),
        right=bool(question.answerable and _holds(work.candidates[0].text, question.gold)),
        answerable=bool(question.answerable),
    )


def _holds(text: str, gold: Sequence[str]) -> bool:
    """Whether the text holds a gold answer, or is a good part of one."""
    return contains(text, gold) or (len(text) >= _LEAST and any(contains(answer, [text]) for answer in gold))
