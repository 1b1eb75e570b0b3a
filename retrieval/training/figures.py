"""What the reader is worth on questions that it was not trained on, with 95 % bootstrap intervals."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np

from retrieval.evaluation.bootstrap import Statistic, estimate
from retrieval.evaluation.measures import auroc, mean
from retrieval.evaluation.quoting import contains, exact_match, f1
from retrieval.reader import Reader, assembled
from retrieval.tokens import sentence_spans
from retrieval.training.examples import Example, read_folder
from retrieval.training.mixture import kept_out
from retrieval.types import Kind, Passage, Reading, Span

_BLOCK = 64  # questions read at once
_RUNS = 30
_SAMPLE = 300  # questions of each set that only shows a change of domain
_OTHER_DOMAINS = ("squadshifts_amazon_reviews", "squadshifts_reddit")


class Outcome(NamedTuple):
    """The reader's best sentence and words for one question."""

    margin: float
    sentence: str
    words: str


def measure(graph: Path, data: Path, evidence: Path | None, seed: int, threads: int) -> dict[str, list[float] | float]:
    """Figures of one graph by name: ``[value, low, high, questions]``, and milliseconds for five passages.

    :param data: the folder that was trained from, with ``tydiqa_en_dev`` beside the others.
    :param evidence: the folder of nq_qed: real search questions with the sentence that answers.
    """
    reader = assembled(graph, threads)
    dev = read_folder(data / "tydiqa_en_dev")
    sets = {
        "tydi": dev,
        "tydi as typed": [replace(example, question=example.question.lower().rstrip(" ?")) for example in dev],
        "tydi untitled": [replace(example, title="") for example in dev],
        "squad2": [example for example in kept_out(data) if example.answers],
    }
    for name in _OTHER_DOMAINS:
        sets[name] = _sample(read_folder(data / name), _SAMPLE, seed)
    figures: dict[str, list[float] | float] = {}
    for name, examples in sets.items():
        figures |= _spans(name, examples, read_best(reader, examples))
    unseen = kept_out(data)
    margins = [outcome.margin for outcome in read_best(reader, unseen)]
    figures["squad2 auroc"] = _figure(auroc, margins, [bool(example.answers) for example in unseen])
    if evidence is not None:
        figures |= _sentences(reader, evidence)
    figures["milliseconds"] = milliseconds(reader, [passage(example) for example in _sample(dev, 60, seed)])
    return figures


def _sample(examples: list[Example], most: int, seed: int) -> list[Example]:
    return Random(seed).sample(examples, min(most, len(examples)))


def _spans(name: str, examples: Sequence[Example], outcomes: Sequence[Outcome]) -> dict[str, list[float] | float]:
    pairs = list(zip(examples, outcomes, strict=True))
    return {
        f"{name} exact match": _figure(mean, [exact_match(o.words, e.answered) for e, o in pairs]),
        f"{name} f1": _figure(mean, [f1(o.words, e.answered) for e, o in pairs]),
        f"{name} sentence": _figure(mean, [contains(o.sentence, e.answered) for e, o in pairs]),
    }


def _sentences(reader: Reader, evidence: Path) -> dict[str, list[float] | float]:
    """nq_qed, gold passage: the chosen sentence holds an answer; it is the one that entails the answer."""
    corpus = {record["_id"]: record for record in _lines(evidence / "corpus.jsonl")}
    queries = [record for record in _lines(evidence / "queries.jsonl") if record["answerable"]]
    passages = [_ruled(corpus[query["doc"]]) for query in queries]
    outcomes = _best(reader, [query["text"] for query in queries], passages)
    pairs = list(zip(queries, outcomes, strict=True))
    single = [o.sentence.strip() == q["sentence"].strip() for q, o in pairs if q["type"] == "single_sentence"]
    return {
        "nq sentence holds answer": _figure(mean, [contains(o.sentence, q["answers"]) for q, o in pairs]),
        "nq sentence entails answer": _figure(mean, single),
    }


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _ruled(record: dict[str, Any]) -> Passage:
    """A passage with the sentences that its set states."""
    text, starts = record["text"], record["sentence_starts"]
    spans = tuple(Span(a, b) for a, b in zip(starts, [*starts[1:], len(text)], strict=True) if b > a)
    return Passage(record["_id"], record["_id"], 0, len(text), Kind.BODY, text, spans, record["title"])


def passage(example: Example) -> Passage:
    """An example's text as a passage, with its article's title."""
    spans = tuple(sentence_spans(example.text))
    return Passage("", example.article, 0, len(example.text), Kind.BODY, example.text, spans, example.title)


def read_best(reader: Reader, examples: Sequence[Example]) -> list[Outcome]:
    """Each question's best sentence in its own text."""
    return _best(reader, [example.question for example in examples], [passage(example) for example in examples])


def _best(reader: Reader, questions: Sequence[str], passages: Sequence[Passage]) -> list[Outcome]:
    outcomes = []
    for start in range(0, len(questions), _BLOCK):
        block = slice(start, start + _BLOCK)
        for place, readings in zip(passages[block], reader.read(questions[block], passages[block]), strict=True):
            outcomes.append(_outcome(place, readings))
    return outcomes


def _outcome(place: Passage, readings: Sequence[Reading]) -> Outcome:
    best = max(range(len(readings)), key=lambda i: readings[i].margin)
    (a, b), (c, d) = place.sentences[best], readings[best].span
    return Outcome(readings[best].margin, place.text[a:b], place.text[c:d])


def _figure(statistic: Statistic, *columns: Sequence[float]) -> list[float]:
    return [round(float(x), 4) for x in estimate(statistic, [np.array(column, dtype=np.float64) for column in columns])]


def milliseconds(reader: Reader, passages: Sequence[Passage], words: int = 150) -> float:
    """Median time to read the five passages that come nearest to ``words`` words."""
    five = sorted(passages, key=lambda p: abs(len(p.text.split()) - words))[:5]
    taken = []
    for _ in range(_RUNS):
        begun = time.perf_counter()
        reader.read("when did the council decide to rebuild the old harbour", five)
        taken.append(1000 * (time.perf_counter() - begun))
    return round(statistics.median(taken), 1)
