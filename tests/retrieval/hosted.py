"""A Chroma in memory that refuses what hosted Chroma refuses: too many records, too long a document, …"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

_RECORDS, _RESULTS = 300, 300
_ID_BYTES, _DOCUMENT_BYTES = 128, 16_384
_KEYS, _KEY_BYTES, _VALUE_BYTES = 32, 36, 8_182
_PREDICATES = 8


class QuotaExceededError(Exception):
    """More than the host takes."""


def _within(number: int, most: int, what: str) -> None:
    if number > most:
        raise QuotaExceededError(f"{number:,} {what}, at most {most:,} are taken")


@dataclass
class HostedCollection:
    """Records by id; the nearest are found exactly."""

    vectors: dict[str, np.ndarray] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    metadatas: dict[str, dict[str, Any]] = field(default_factory=dict)

    def upsert(
        self, ids: Sequence[str], embeddings: Sequence[Sequence[float]], documents: Sequence[str],
        metadatas: Sequence[dict[str, Any]],
    ) -> None:  # fmt: skip
        _within(len(ids), _RECORDS, "records in a write")
        for document in documents:
            _within(len(document.encode()), _DOCUMENT_BYTES, "bytes of a document")
        for metadata in metadatas:
            _within(len(metadata), _KEYS, "keys")
            for key, value in metadata.items():
                _within(len(key.encode()), _KEY_BYTES, "bytes of a key")
                _within(len(str(value).encode()), _VALUE_BYTES, "bytes of a value")
        for record, vector, document, metadata in zip(ids, embeddings, documents, metadatas, strict=True):
            _within(len(record.encode()), _ID_BYTES, "bytes of an id")
            self.vectors[record] = np.asarray(vector, np.float32)
            self.documents[record] = document
            self.metadatas[record] = {**self.metadatas.get(record, {}), **metadata}  # merged, as Chroma does

    def query(
        self, query_embeddings: Sequence[Sequence[float]], n_results: int, include: Sequence[str],
        where: dict[str, Any] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        _within(n_results, _RESULTS, "results")
        _within(len(where or {}), _PREDICATES, "predicates")
        passing = [key for key, held in self.metadatas.items() if not where or where.items() <= held.items()]
        return {"ids": [self._nearest(np.asarray(one), passing)[:n_results] for one in query_embeddings]}

    def get(
        self, include: Sequence[str], ids: Sequence[str] | None = None, limit: int | None = None, offset: int = 0
    ) -> dict[str, Any]:
        kept = [key for key in (self.vectors if ids is None else ids) if key in self.vectors]
        kept = kept[offset : None if limit is None else offset + limit]
        return {
            "ids": kept,
            "documents": [self.documents[key] for key in kept],
            "embeddings": [self.vectors[key] for key in kept],
        }

    def delete(self, ids: Sequence[str]) -> None:
        _within(len(ids), _RECORDS, "records in a write")
        for record in ids:
            for held in (self.vectors, self.documents, self.metadatas):
                held.pop(record, None)

    def count(self) -> int:
        return len(self.vectors)

    def _nearest(self, vector: np.ndarray, among: list[str]) -> list[str]:
        cosines = {key: float(self.vectors[key] @ vector) for key in among}
        return sorted(cosines, key=lambda key: (-cosines[key], key))


@dataclass
class HostedChroma:
    """What a client of it is asked for."""

    collections: dict[str, HostedCollection] = field(default_factory=dict)

    def get_or_create_collection(self, name: str, embedding_function: None, configuration: object) -> HostedCollection:
        _within(len(name.encode()), _ID_BYTES, "bytes of a name")
        return self.collections.setdefault(name, HostedCollection())

    def delete_collection(self, name: str) -> None:
        del self.collections[name]
