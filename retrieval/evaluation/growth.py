"""How Sayso's speed, memory and disk grow with the number of passages, beside the naive script and the bare model."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

import retrieval
from retrieval.encoder import load_encoder
from retrieval.errors import InputError
from retrieval.evaluation.asked import Asked, Job, percentile, timed
from retrieval.evaluation.projection import Projection, open_filled
from retrieval.evaluation.speed import Speed, naive, output, script, seconds
from retrieval.evaluation.synthetic import Synthetic, synthetic, vocabulary
from retrieval.protocols import Encoder, Progress
from retrieval.settings import Settings
from retrieval.store.archive import Archive
from retrieval.store.editions import ARCHIVE, editions
from retrieval.store.vectors import ChromaIndex, ExactIndex
from retrieval.types import Kind, Passage, Span

FILE = "speed.json"
_ROUNDS = 3  # of what is started anew
_NEAREST = 10  # of recall@10
_BARE = 128  # passages that the bare model encodes


class Rival(BaseModel):
    """What the naive script takes for the same texts."""

    model_config = ConfigDict(frozen=True)

    rate: float  # texts encoded a second
    cold_s: float
    warm_ms: float  # the median
    right: float


class Size(BaseModel):
    """The figures of one number of passages."""

    model_config = ConfigDict(frozen=True)

    passages: int
    filled: bool  # with vectors of projected words, so ``index_rate`` is that of all but the encoder
    index_rate: float  # passages a second
    bare_rate: float  # of the encoder alone
    bare_ms: float  # of the encoder alone, for a question
    bytes_a_passage: float  # on disk
    idle_mb: float
    cold_s: float  # `sayso ask`, from nothing to the answer
    first_s: float  # the first question of a process that has loaded its packages
    p50_ms: float
    p95_ms: float
    p99_ms: float
    one_by_one: float  # questions answered a second
    at_once: float  # the same, several being asked at once
    update_s: float  # one article
    after_update_s: float  # the question after it
    right: float  # share of planted answers found
    recall: float  # share of the ten nearest that Chroma finds
    naive: Rival | None = None  # only where the texts are encoded


class Growth(BaseModel):
    """All sizes of one run, the smallest first."""

    model_config = ConfigDict(frozen=True)

    started: str  # ISO 8601, UTC
    sizes: tuple[Size, ...]


#: What is shown of each size: name and unit, the value where there is one, decimals.
FIGURES: tuple[tuple[str, Callable[[Size], float | None], int], ...] = (
    ("indexing, passages/s", lambda size: size.index_rate, 0),
    ("  over the bare encoder's", lambda size: None if size.filled else size.index_rate / size.bare_rate, 2),
    ("  over the naive script's", lambda size: size.index_rate / size.naive.rate if size.naive else None, 2),
    ("disk, bytes a passage", lambda size: size.bytes_a_passage, 0),
    ("memory, idle, MB", lambda size: size.idle_mb, 0),
    ("a question from a cold start, s", lambda size: size.cold_s, 2),
    ("  over the naive script's", lambda size: size.cold_s / size.naive.cold_s if size.naive else None, 2),
    ("the first question, s", lambda size: size.first_s, 2),
    ("a question, p50, ms", lambda size: size.p50_ms, 1),
    ("  over the bare encoder's", lambda size: size.p50_ms / size.bare_ms, 1),
    ("  over the naive script's", lambda size: size.p50_ms / size.naive.warm_ms if size.naive else None, 1),
    ("a question, p95, ms", lambda size: size.p95_ms, 1),
    ("a question, p99, ms", lambda size: size.p99_ms, 1),
    ("questions a second, several at once", lambda size: size.at_once, 1),
    ("  over one by one", lambda size: size.at_once / size.one_by_one, 2),
    ("updating one article, s", lambda size: size.update_s, 2),
    ("the first question after it, s", lambda size: size.after_update_s, 2),
    ("planted answers found", lambda size: size.right, 2),
    ("recall@10 of Chroma", lambda size: size.recall, 3),
)


def growth(
    settings: Settings, command: Sequence[str], sizes: Sequence[int], encode_up_to: int, progress: Progress | None
) -> Growth:
    """The figures of each size, in a temporary folder.

    :param command: what starts Sayso, such as ``["sayso"]``
    :param encode_up_to: above so many passages the index is filled with projections of words (see
        :mod:`retrieval.evaluation.projection`), as encoding 100,000 takes a quarter of an hour and more
    :raises SaysoError: where one of the programs fails
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    with TemporaryDirectory(prefix="sayso-speed-") as name:
        folder = Path(name)
        measured = [
            _size(settings, command, folder, size, size > encode_up_to, progress) for size in sorted(set(sizes))
        ]
    return Growth(started=started, sizes=tuple(measured))


def write(found: Growth, folder: Path) -> None:
    """Puts the figures in a folder that ``sayso eval report`` takes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(found.model_dump_json(indent=1), encoding="utf-8")


def read(folder: Path) -> Growth:
    """The figures in a folder. :raises InputError: they are not what :func:`write` wrote."""
    try:
        return Growth.model_validate_json((folder / FILE).read_bytes())
    except (ValidationError, OSError) as error:
        raise InputError(f"the figures in {folder} cannot be read: {error}", "make them again") from error


def aims(found: Growth) -> list[Speed]:
    """What the largest size should reach; growth is against the smallest."""
    first, last = found.sizes[0], found.sizes[-1]
    at = f"{last.passages:,} passages"
    ratio, encoded = last.p95_ms / first.p95_ms, [size for size in found.sizes if not size.filled]
    faster = last.at_once / last.one_by_one
    return [
        Speed(f"p95, warm, {at}", "ms", last.p95_ms, None, "≤ 60", last.p95_ms <= 60),
        Speed(f"the same over that at {first.passages:,}", "times", ratio, None, "≤ 2.5", ratio <= 2.5),
        Speed(f"several at once over one by one, {at}", "times", faster, None, "≥ 3", faster >= 3),
        Speed(f"memory, idle, {at}", "MB", last.idle_mb, None, "≤ 700", last.idle_mb <= 700),
        Speed(f"updating one article, {at}", "s", last.update_s, None, "≤ 1", last.update_s <= 1),
        Speed(f"recall@{_NEAREST} of Chroma, {at}", "share", last.recall, None, "≥ 0.99", last.recall >= 0.99),
        *(
            Speed(f"indexing over the bare encoder, {size.passages:,}", "times", share, None, "≥ 0.85", share >= 0.85)
            for size in encoded[-1:]
            for share in [size.index_rate / size.bare_rate]
        ),
    ]


def _size(
    settings: Settings, command: Sequence[str], folder: Path, size: int, filled: bool, progress: Progress | None
) -> Size:
    here = folder / str(size)
    (here / "sayso").mkdir(parents=True)
    models = settings.data_dir.resolve() / "models"  # one export of the encoder for all sizes
    models.mkdir(parents=True, exist_ok=True)
    (here / "sayso" / "models").symlink_to(models)
    large = settings.corpus.model_copy(update={"max_file_mb": 4096})
    own = settings.model_copy(update={"data_dir": here / "sayso", "corpus": large})
    made = synthetic(vocabulary(), size)
    rate, passages = _indexed(own, filled, here, made, progress)
    bytes_ = sum(path.stat().st_size for path in own.data_dir.rglob("*") if path.is_file())
    rival = None if filled else _rival(here, made)
    ask = [*command, "--data", str(own.data_dir), "ask", made.planted[0].question]
    cold_s = median(seconds(ask, may_refuse=True) for _ in range(_ROUNDS))
    encoder = load_encoder(own.encoder, models)
    asked = [planted.question for planted in made.planted]
    vectors = (Projection(encoder, vocabulary()) if filled else encoder).encode_questions(asked)
    recall = _recall(own, vectors)
    told = _asked(Job(settings=own, filled=filled, planted=made.planted, scratch=here / "tollhouse.txt"))
    return Size(
        passages=passages, filled=filled, index_rate=rate, bare_rate=_bare_rate(encoder, made.texts[:_BARE]),
        bare_ms=median(timed(partial(encoder.encode_questions, [q])) for q in asked) * 1000,
        bytes_a_passage=bytes_ / passages, idle_mb=told.idle_mb, cold_s=cold_s, first_s=told.first_s,
        p50_ms=percentile(told.ms, 0.5), p95_ms=percentile(told.ms, 0.95), p99_ms=percentile(told.ms, 0.99),
        one_by_one=told.one_by_one, at_once=told.at_once, update_s=told.update_s, after_update_s=told.after_update_s,
        right=told.right, recall=recall, naive=rival,
    )  # fmt: skip


def _indexed(
    settings: Settings, filled: bool, folder: Path, made: Synthetic, progress: Progress | None
) -> tuple[float, int]:
    """Passages indexed a second, and how many there are."""
    made.write(folder / "articles.jsonl")
    first = folder / "first.txt"
    first.write_text("The first article only makes the engine load its models.\n", encoding="utf-8")
    with (open_filled if filled else retrieval.open)(settings) as corpus:
        corpus.index([first])
        report = corpus.index([folder / "articles.jsonl"], progress=progress)
    return report.encoded / report.seconds, report.passages


def _asked(job: Job) -> Asked:
    file = job.scratch.with_name("job.json")
    file.write_text(job.model_dump_json(), encoding="utf-8")
    return Asked.model_validate_json(output([sys.executable, "-m", "retrieval.evaluation.asked", str(file)]))


def _rival(folder: Path, made: Synthetic) -> Rival:
    measured = naive(folder, made)
    ask = script("ask", str(folder / "naive"), made.planted[0].question)
    cold_s = median(seconds(ask) for _ in range(_ROUNDS))
    return Rival(rate=measured["texts_per_s"], cold_s=cold_s, warm_ms=median(measured["ms"]), right=measured["right"])


def _recall(settings: Settings, vectors: np.ndarray) -> float:
    """The share of the nearest passages by an exact scan that Chroma gives too."""
    folder = editions(settings.data_dir).folder
    with closing(Archive(folder / ARCHIVE)) as archive:
        exact = ExactIndex(*archive.all_vectors())
    with closing(ChromaIndex(settings.store.url, folder)) as chroma:
        shares = []
        for vector in vectors:
            nearest = set(exact.nearest(vector, _NEAREST, comments=True))
            shares.append(len(nearest & set(chroma.nearest(vector, _NEAREST, comments=True))) / len(nearest))
    return float(np.mean(shares))


def _bare_rate(encoder: Encoder, texts: Sequence[str]) -> float:
    """Texts that the encoder encodes a second when it does nothing else."""
    passages = [
        Passage(str(number), "bare", 0, len(text), Kind.BODY, text, (Span(0, len(text)),))
        for number, text in enumerate(texts)
    ]
    return len(passages) / timed(lambda: encoder.encode_passages(passages))
