"""Nearest neighbours over the archive's vectors: an exact scan, or Chroma.

Both give row ids only. Cosines are taken from the archive's own vectors, so that a score never
depends on which of the two found the passage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import numpy as np

from retrieval.errors import SettingsError, StoreError
from retrieval.types import Kind, Passage

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

T = TypeVar("T")

_COLLECTION = "sayso-passages"
_BATCH = 300  # what hosted Chroma takes in one write
_DOCUMENT_BYTES = 16_000  # and in one document


class ExactIndex:
    """A scan over all vectors: exact, and for some ten thousand passages also the fastest."""

    def __init__(self, rows: np.ndarray, comments: np.ndarray, matrix: np.ndarray) -> None:
        """:param rows: int64 ``(n,)``; ``comments``: bool ``(n,)``; ``matrix``: float32 ``(n, d)``, unit rows."""
        self._rows, self._comments, self._matrix = rows, comments, matrix

    def nearest(self, vector: np.ndarray, k: int, comments: bool) -> list[int]:
        """Row ids of the at most ``k`` nearest passages, best first, ties by row id."""
        if not len(self._rows):
            return []
        scores = self._matrix @ vector
        if not comments:
            scores = np.where(self._comments, -np.inf, scores)
        k = min(k, len(scores))
        best = np.argpartition(-scores, k - 1)[:k]
        best = best[np.lexsort((self._rows[best], -scores[best]))]
        return [int(self._rows[i]) for i in best if scores[i] > -np.inf]

    def close(self) -> None:
        """Nothing to close."""


class ChromaIndex:
    """A collection in embedded Chroma or on a Chroma server; always given its vectors."""

    def __init__(self, url: str, data_dir: Path) -> None:
        """:param url: ``chroma:`` (in the data folder), ``chroma:PATH`` or ``chroma+http://host:port``."""
        self._url, self._data_dir = url, data_dir
        self._client: ClientAPI | None = None
        _parsed(url, data_dir)

    def nearest(self, vector: np.ndarray, k: int, comments: bool) -> list[int]:
        """Row ids of the at most ``k`` nearest passages, best first."""
        where: Any = None if comments else {"comment": False}

        def query(collection: Collection) -> list[int]:
            found = collection.query(query_embeddings=[vector.tolist()], n_results=k, where=where, include=[])
            return [int(row) for row in found["ids"][0]]

        return self._with_collection(query)

    def upsert(self, rows: Sequence[int], passages: Sequence[Passage], vectors: Sequence[np.ndarray]) -> None:
        """Adds whole records, or replaces them."""

        def write(collection: Collection) -> None:
            for start in range(0, len(rows), _BATCH):
                some = slice(start, start + _BATCH)
                collection.upsert(
                    ids=[str(row) for row in rows[some]],
                    embeddings=[vector.tolist() for vector in vectors[some]],
                    documents=[_clipped(passage.text) for passage in passages[some]],
                    metadatas=[{"article": p.article_id, "passage": p.id, "comment": p.kind is Kind.COMMENT} for p in passages[some]],
                )

        if rows:
            self._with_collection(write)

    def delete(self, rows: Sequence[int]) -> None:
        """Takes records out; those that are not there do not matter."""

        def remove(collection: Collection) -> None:
            for start in range(0, len(rows), _BATCH):
                collection.delete(ids=[str(row) for row in rows[start : start + _BATCH]])

        if rows:
            self._with_collection(remove)

    def reset(self) -> None:
        """Takes all records out."""
        from chromadb.errors import NotFoundError

        with _translated(self._url):
            try:
                self._opened().delete_collection(_COLLECTION)
            except NotFoundError:
                return

    def count(self) -> int:
        """Records in the collection."""
        return self._with_collection(lambda collection: collection.count())

    def close(self) -> None:
        """Closes the client, so that the next query sees what other processes wrote."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _with_collection(self, act: Callable[[Collection], T]) -> T:
        """Runs ``act`` on the collection, reopened once if another process made it anew."""
        from chromadb.errors import NotFoundError

        with _translated(self._url):
            try:
                return act(self._collection())
            except NotFoundError:
                self.close()
                return act(self._collection())

    def _collection(self) -> Collection:
        return self._opened().get_or_create_collection(
            _COLLECTION,
            embedding_function=None,  # or Chroma downloads a model
            configuration={"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 24}},
        )

    def _opened(self) -> ClientAPI:
        if self._client is None:
            import chromadb
            from chromadb.config import Settings

            settings = Settings(anonymized_telemetry=False)
            place = _parsed(self._url, self._data_dir)
            if isinstance(place, Path):
                place.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._client = chromadb.PersistentClient(str(place), settings=settings)
            else:
                self._client = chromadb.HttpClient(host=place[0], port=place[1], settings=settings)
        return self._client


def _parsed(url: str, data_dir: Path) -> Path | tuple[str, int]:
    """A folder, or host and port.

    :raises SettingsError: the URL is of no form that Sayso knows.
    """
    if url.startswith("chroma:"):
        path = url.removeprefix("chroma:")
        return Path(path).expanduser() if path else data_dir / "chroma"
    parts = urlsplit(url)
    if parts.scheme == "chroma+http" and parts.hostname:
        return parts.hostname, parts.port or 8000
    raise SettingsError(f"[store] url = {url!r} is not understood", "chroma:, chroma:PATH or chroma+http://host:port")


def _clipped(text: str) -> str:
    return text.encode()[:_DOCUMENT_BYTES].decode(errors="ignore")


@contextmanager
def _translated(url: str) -> Iterator[None]:
    """Turns what Chroma and its transport raise into a :class:`StoreError`."""
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, OSError, ValueError, RuntimeError) as error:
        said = (str(error).splitlines() or [""])[0]
        raise StoreError(
            f"Chroma at {url} failed: {type(error).__name__}: {said}",
            "the archive is safe: `sayso repair` builds Chroma again from it",
        ) from error
