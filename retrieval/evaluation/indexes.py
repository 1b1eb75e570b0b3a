"""Indexes made for evaluation, kept so that a further run only asks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import retrieval
from retrieval.protocols import Progress
from retrieval.settings import Settings
from retrieval.types import Article, Filters, IndexReport, Reference, Reply

#: Modules that only answer: a change in them leaves an index as it was. Any other may have shaped it.
_ANSWERING = frozenset(
    {"search", "rerank", "reader", "hub_reader", "question", "extract", "confidence", "weights"}
    | {"answerer", "assembly", "settings", "errors", "followup", "period", "timing", "language", "dialogue", "citing"}
    | {"vocabulary", "verbs", "selection", "agreement", "claims", "clauses", "lists", "comparison", "suggestions"}
    | {"attribution", "dispute", "templates", "frames", "speakers", "hearing", "expected", "lexicon", "quantities"}
    | {"continuity", "casing", "names", "scope", "wording", "sameness"}
)


class Corpus(Protocol):
    """What evaluation needs of the engine."""

    def index(self, paths: Sequence[str | Path], *, progress: Progress | None = None) -> IndexReport:
        """Read, cut and encode what is new under the paths."""

    def ask(self, question: str, history: Sequence[str] = ()) -> Reply:
        """An answer or an abstention."""

    def articles(self, filters: Filters) -> list[Reference]:
        """What is indexed."""

    def article(self, article_id: str) -> Article:
        """One article with its text."""


Open = Callable[[Settings], AbstractContextManager[Corpus]]


def digest(paths: Iterable[Path]) -> str:
    """sha256 over names and contents of the files; their folder does not matter."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def prepared(settings: Settings, paths: Sequence[Path], open: Open, progress: Progress | None = None) -> Settings:
    """``settings`` with a data folder that holds the index of the files, made now unless it was before.

    It lies in ``evaluation/indexes`` of the data folder under a key of the
    files' contents, the settings that shape an index and the code that makes it.
    """
    folder = settings.data_dir / "evaluation" / "indexes" / _key(settings, paths)
    finished = folder / "indexed.json"
    indexed = settings.model_copy(update={"data_dir": folder / "data"})
    (settings.data_dir / "models").mkdir(parents=True, exist_ok=True)
    indexed.data_dir.mkdir(parents=True, exist_ok=True)
    for shared in ("models", "weights.json"):  # one export of the encoder, and one confidence, for all indexes
        if not (indexed.data_dir / shared).is_symlink():
            (indexed.data_dir / shared).symlink_to((settings.data_dir / shared).resolve())
    if not finished.exists():
        with open(indexed) as corpus:
            report = corpus.index(paths, progress=progress)
        finished.write_text(
            json.dumps({"passages": report.passages, "seconds": round(report.seconds, 1)}), encoding="utf-8"
        )
    return indexed


def _key(settings: Settings, paths: Sequence[Path]) -> str:
    shaping = settings.model_dump_json(
        include={"corpus", "passages", "encoder"}, exclude={"encoder": {"threads", "batch"}}
    )
    parts = [shaping, digest(paths), digest(_code())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _code() -> list[Path]:
    folder = Path(retrieval.__file__).parent
    own = Path(__file__).parent
    files = (file for file in folder.rglob("*.py") if own not in file.parents)
    return sorted(file for file in files if _ANSWERING.isdisjoint(file.relative_to(folder).with_suffix("").parts))
