"""How fast Sayso is beside a script that does the naive thing, in one run on one machine."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from retrieval.errors import SaysoError
from retrieval.evaluation.indexes import Open
from retrieval.evaluation.quoting import contains
from retrieval.evaluation.synthetic import Planted, Synthetic, synthetic, vocabulary
from retrieval.protocols import Progress
from retrieval.settings import Settings
from retrieval.types import Answer

_ROUNDS = 5  # of what is started anew


class Speed(NamedTuple):
    """One line of the table; ``naive`` and ``ratio`` are ``None`` where there is nothing to compare with."""

    what: str
    unit: str
    sayso: float
    naive: float | None
    aim: str
    reached: bool

    @property
    def ratio(self) -> float | None:
        """Sayso's figure over the naive script's."""
        return self.sayso / self.naive if self.naive else None


def speed(
    settings: Settings, open: Open, command: Sequence[str], passages: int, progress: Progress | None = None
) -> list[Speed]:
    """Cold and warm questions, indexing and ``--help``, over about ``passages`` synthetic passages.

    :param command: what starts Sayso, such as ``["sayso"]``.
    :raises SaysoError: where one of the programs fails.
    """
    made = synthetic(vocabulary(), passages)
    with TemporaryDirectory(prefix="sayso-speed-") as name:
        folder = Path(name)
        made.write(folder / "articles.jsonl")
        here = settings.model_copy(update={"data_dir": folder / "sayso"})
        rate, count, warm, right = _sayso(here, open, folder, made.planted, progress)
        bare = naive(folder, made)
        question = made.planted[0].question
        ask = [*command, "--data", str(here.data_dir), "ask", question]
        rival = script("ask", str(folder / "naive"), question)
        cold = [
            (seconds(ask, may_refuse=True), seconds(rival)) for _ in range(_ROUNDS)
        ]  # in turns: a slow spell hits both
        help_s = median(seconds([*command, "--help"]) for _ in range(_ROUNDS))
    cold_s, bare_s = (median(times) for times in zip(*cold, strict=True))
    warm_ms = median(warm)
    return [
        Speed("one question, cold", "s", cold_s, bare_s, "≤ 0.35 ×", cold_s <= 0.35 * bare_s),
        Speed(f"one question, warm, {count:,} passages", "ms", warm_ms, median(bare["ms"]), "≤ 30 ms", warm_ms <= 30),
        Speed("indexing", "passages/s", rate, bare["texts_per_s"], "≥ 1.8 ×", rate >= 1.8 * bare["texts_per_s"]),
        Speed("--help", "s", help_s, None, "≤ 0.4 s", help_s <= 0.4),
        Speed("planted answers found", "share", right, bare["right"], "no worse", right >= bare["right"]),
    ]


def _sayso(
    settings: Settings, open: Open, folder: Path, planted: Sequence[Planted], progress: Progress | None
) -> tuple[float, int, list[float], float]:
    """Passages indexed a second, their number, milliseconds a question, and the share answered rightly first."""
    first = folder / "first.txt"
    first.write_text("The first article only makes the engine load its models.\n", encoding="utf-8")
    with open(settings) as corpus:
        corpus.index([first])
        report = corpus.index([folder / "articles.jsonl"], progress=progress)
        corpus.ask(planted[0].question)
        times, right = [], 0
        for question, answer in planted:
            begun = time.perf_counter()
            reply = corpus.ask(question)
            times.append((time.perf_counter() - begun) * 1000)
            right += isinstance(reply, Answer) and contains(reply.citations[0].quote.text, [answer])
    return report.encoded / report.seconds, report.passages, times, right / len(planted)


def naive(folder: Path, made: Synthetic) -> dict[str, Any]:
    """What the naive script measures over the same texts; ``right`` is the share of its best texts with the answer."""
    texts, questions = folder / "texts.json", folder / "questions.json"
    texts.write_text(json.dumps(made.texts), encoding="utf-8")
    questions.write_text(json.dumps([planted.question for planted in made.planted]), encoding="utf-8")
    measured: dict[str, Any] = json.loads(output(script("build", str(texts), str(questions), str(folder / "naive"))))
    pairs = zip(measured["found"], made.planted, strict=True)
    return measured | {"right": sum(contains(text, [fact.answer]) for text, fact in pairs) / len(made.planted)}


def script(*arguments: str) -> list[str]:
    """The command that runs the naive script."""
    # -P: modules beside the script are not on its path, where they would hide packages of the same name
    return [sys.executable, "-P", str(Path(__file__).with_name("naive.py")), *arguments]


def seconds(command: Sequence[str], *, may_refuse: bool = False) -> float:
    """How long a command takes."""
    begun = time.perf_counter()
    output(command, may_refuse=may_refuse)
    return time.perf_counter() - begun


def output(command: Sequence[str], *, may_refuse: bool = False) -> str:
    """Standard output of a command that ends well; a refusal of Sayso's, exit code 1, is an answer too."""
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode not in ((0, 1) if may_refuse else (0,)):
        said = " / ".join(done.stderr.split("\n")[-3:]).strip(" /") or "nothing"
        raise SaysoError(f"{' '.join(command)} ended with {done.returncode} and said: {said}", "run it by itself")
    return done.stdout
