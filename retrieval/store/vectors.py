"""Nearest neighbours over the archive's vectors: an exact scan, or Chroma.

Both give row ids only. Cosines are taken from the archive's own vectors, so that a score never
depends on which of the two found the passage.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from retrieval.store.clients import GUARD, closed, identity, opened, owners_alone, place_of, took_too_long, translated
from retrieval.types import Kind, Passage

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

T = TypeVar("T")

_COLLECTION = "sayso-passages"
_HOSTED_BATCH = 300  # what hosted Chroma takes in one write
_OWN_BATCH = 2_000  # after each Chroma writes down its graph's ids, all of them: 1.7 times as quick as by 300
_DOCUMENT_BYTES = 16_000  # and in one document
MOST_FOUND = 300  # and gives in one query
_PAGE = 5_000  # ids asked of a server at once

#: By default Chroma writes its graph after each 1,000 records, and puts those that came since into it whenever the
#: folder is opened: at 100,000 passages that took 1.2 s, on every update and in each reader after it.
_GRAPH: Any = {
    "space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 24, "sync_threshold": 100
}  # fmt: skip


class ExactIndex:
    """A scan over all vectors: exact, and for some ten thousand passages also the fastest."""

    def __init__(self, rows: np.ndarray, comments: np.ndarray, matrix: np.ndarray) -> None:
        """:param rows: int64 ``(n,)``; ``comments``: bool ``(n,)``; ``matrix``: float32 ``(n, d)``, unit rows."""
        self._rows, self._comments, self._matrix = rows, comments, matrix

    def nearest(self, vector: np.ndarray, k: int, comments: bool) -> list[int]:
        """Row ids of the at most ``k`` nearest passages, best first, ties by row id."""
        if not len(self._rows):
            return []
        scores = np.einsum("ij,j->i", self._matrix, vector)  # BLAS would wait for its threads on a busy machine
        if not comments:
            scores = np.where(self._comments, -np.inf, scores)
        k = min(k, len(scores))
        last = np.partition(scores, -k)[-k]  # all that tie with it compete for the last places
        best = np.flatnonzero(scores >= last)
        best = best[np.lexsort((self._rows[best], -scores[best]))][:k]
        return [int(self._rows[i]) for i in best if scores[i] > -np.inf]

    def close(self) -> None:
        """Nothing to close."""


class ChromaIndex:
    """A collection in embedded Chroma or on a Chroma server; always given its vectors.

    A place outside the data folder may serve several; each has a collection of its own there.
    """

    def __init__(self, url: str, data_dir: Path, timeout_s: float = 10.0) -> None:
        """:param url: ``chroma:`` (in the data folder), ``chroma:PATH`` or ``chroma+http://host:port``.

        :param data_dir: the folder of the archive that this is the index of
        :param timeout_s: how long a server may take for an answer
        """
        self._url, self._data_dir, self._timeout_s = url, data_dir, timeout_s
        self._place = place_of(url, data_dir)
        self._shared = self._place != place_of("chroma:", data_dir)
        self._kept: tuple[ClientAPI, Collection] | None = None  # finding the collection takes as long as a query

    @property
    def on_server(self) -> bool:
        """Whether it is elsewhere, and so may be away for a while."""
        return not isinstance(self._place, Path)

    @property
    def _batch(self) -> int:
        return _HOSTED_BATCH if self.on_server else _OWN_BATCH

    @property
    def _name(self) -> str:
        return f"{_COLLECTION}-{identity(self._data_dir)}" if self._shared else _COLLECTION

    def nearest(self, vector: np.ndarray, k: int, comments: bool) -> list[int]:
        """Row ids of the at most ``k`` nearest passages, best first.

        Without comments it is slow: Chroma walks over all records then, which takes 17 times as long at 40,000.
        """
        where: Any = None if comments else {"comment": False}

        def query(collection: Collection) -> list[int]:
            vectors: Any = [vector.tolist()]
            found = collection.query(query_embeddings=vectors, n_results=k, where=where, include=[])
            return [int(row) for row in found["ids"][0]]

        return self._with_collection(query)

    def nearest_each(self, vectors: np.ndarray) -> list[int | None]:
        """The row id nearest to each vector, ``None`` where Chroma finds none.

        :param vectors: float32 ``(n, d)``
        """

        def query(collection: Collection) -> list[int | None]:
            found = collection.query(query_embeddings=vectors.tolist(), n_results=1, include=[])
            return [int(rows[0]) if rows else None for rows in found["ids"]]

        return self._with_collection(query)

    def upsert(self, rows: Sequence[int], passages: Sequence[Passage], vectors: Sequence[np.ndarray]) -> None:
        """Adds whole records, or replaces them."""
        for start in range(0, len(rows), self._batch):
            some = slice(start, start + self._batch)
            batch: dict[str, Any] = {
                "ids": [str(row) for row in rows[some]],
                "embeddings": [vector.tolist() for vector in vectors[some]],
                "documents": [_clipped(passage.text) for passage in passages[some]],
                "metadatas": [
                    {"article": passage.article_id, "passage": passage.id, "comment": passage.kind is Kind.COMMENT}
                    for passage in passages[some]
                ],
            }
            self._with_collection(partial(_upsert, batch))

    def delete(self, rows: Sequence[int]) -> None:
        """Takes records out; those that are not there do not matter."""
        for start in range(0, len(rows), self._batch):
            self._with_collection(partial(_remove, [str(row) for row in rows[start : start + self._batch]]))

    def reset(self) -> None:
        """Takes all records out; the folder in the data folder is made anew, as it may be damaged."""
        with GUARD, translated(self._url):
            if self._shared or not isinstance(self._place, Path):
                self._with_collection(lambda _: self._opened().delete_collection(self._name))
                self._kept = None
                return
            self.close()
            if self._place.exists():
                shutil.rmtree(self._place)

    def count(self) -> int:
        """Records in the collection."""
        return self._with_collection(lambda collection: int(collection.count()))

    def rows(self) -> list[int]:
        """Row ids of all records."""

        def get(collection: Collection) -> list[int]:
            if not self.on_server:
                return [int(row) for row in collection.get(include=[])["ids"]]
            pages = (collection.get(include=[], limit=_PAGE, offset=start)["ids"] for start in count(0, _PAGE))
            return [int(row) for page in takewhile(bool, pages) for row in page]

        return self._with_collection(get)

    def stored(self, rows: Sequence[int]) -> dict[int, np.ndarray]:
        """Vectors by row id, as Chroma holds them; rows that are not there are left out."""

        def get(collection: Collection) -> dict[int, np.ndarray]:
            found: Any = collection.get(ids=[str(row) for row in rows], include=["embeddings"])
            return {int(row): np.asarray(v) for row, v in zip(found["ids"], found["embeddings"], strict=True)}

        return self._with_collection(get) if rows else {}

    def exists(self) -> bool:
        """Whether there is anything to open; always true of a server."""
        return not isinstance(self._place, Path) or (self._place / "chroma.sqlite3").exists()

    def digest(self) -> str | None:
        """sha256 over the files of the graph, which only writing changes; ``None`` where others write them too.

        Chroma trusts these files: one that is cut short or altered ends the process that reads it. A graph
        that was never written has no metadata, and files that mean nothing.
        """
        if self._shared or not isinstance(self._place, Path):
            return None
        total = hashlib.sha256()
        for graph in sorted(metadata.parent for metadata in self._place.glob("*/index_metadata.pickle")):
            for path in sorted(graph.iterdir()):
                with path.open("rb") as file:
                    part = hashlib.file_digest(file, "sha256").digest()
                total.update(os.fsencode(path.relative_to(self._place)) + b"\0" + part)
        return total.hexdigest()

    def close(self) -> None:
        """Closes the client, so that the next use sees what other processes wrote."""
        closed(self._place)

    def _with_collection(self, act: Callable[[Collection], T]) -> T:
        """Runs ``act`` on the collection; if that fails before its time is up, once more with a new client.

        A client outlives neither what another process makes anew nor a server's restart.
        """
        with GUARD, translated(self._url), owners_alone():
            try:
                return act(self._collection())
            except Exception as error:  # Chroma's own share no base with those of its transport
                self.close()
                if self.on_server and took_too_long(error):
                    raise
                return act(self._collection())

    def _collection(self) -> Collection:
        client = self._opened()
        if self._kept is None or self._kept[0] is not client:
            found = client.get_or_create_collection(
                self._name,
                embedding_function=None,  # or Chroma downloads a model
                configuration={"hnsw": _GRAPH},
            )
            self._kept = client, found
        return self._kept[1]

    def _opened(self) -> ClientAPI:
        return opened(self._place, self._timeout_s)


def _upsert(batch: dict[str, Any], collection: Collection) -> None:
    collection.upsert(**batch)


def _remove(ids: list[str], collection: Collection) -> None:
    collection.delete(ids=ids)


def _clipped(text: str) -> str:
    return text.encode()[:_DOCUMENT_BYTES].decode(errors="ignore")
