"""Paths to an index: read, compare, clean, cut, encode, archive, then tell Chroma."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from retrieval.articles import read_articles
from retrieval.changes import Changes
from retrieval.errors import MismatchError, StoreError
from retrieval.passages import Cutter
from retrieval.protocols import Encoder, Progress
from retrieval.settings import Settings
from retrieval.store.archive import Archive
from retrieval.store.manifest import described, require_same
from retrieval.store.probe import compared
from retrieval.store.vectors import ChromaIndex
from retrieval.types import Article, Encoded, IndexReport, Passage

_GROUP = 128  # passages encoded before the articles they belong to are committed
_TOLD_AT_ONCE = 2_000  # outbox rows
_CARRIED_AT_ONCE = 500  # articles held in memory

_Cut = tuple[Article, str, list[Passage]]  # an article, its fingerprint and its passages


@dataclass(frozen=True, slots=True)
class Indexer:
    """Writes an archive; whatever stops it, what is committed is whole and the next run carries on.

    Who calls it holds the writer's lock.
    """

    folder: Path  # of the archive and its Chroma
    archive: Archive
    chroma: ChromaIndex
    encoder: Callable[[], Encoder]
    cutter: Callable[[], Cutter]
    encoder_name: str
    settings: Settings

    def has_same_settings(self) -> bool:
        """Whether the archive is new or was built with this encoder and these passages."""
        try:
            self.require_same_settings()
        except MismatchError:
            return False
        return True

    def require_same_settings(self) -> None:
        """Returns if the archive is new or was built with this encoder and these passages.

        :raises MismatchError: it was built otherwise.
        """
        require_same(self.archive.manifest(), self.settings, self.encoder_name)

    def run(self, paths: Sequence[Path], progress: Progress, trial: bool = False) -> IndexReport:
        """Makes the archive hold what the paths hold now: adds, updates, and removes what is gone from them.

        :param trial: the paths are the articles that come with Sayso, there to be tried; the first of
            the user's own take their place
        """
        begun = time.monotonic()
        self.write_manifest()
        changes = Changes(self.archive.fingerprints())
        for done, item in enumerate(read_articles(paths, self.settings.corpus.max_file_mb), start=1):
            changes.meet(item)
            progress("reading", done, 0)
        roots = [os.path.realpath(path) for path in paths]
        changes.settle(roots)
        self.archive.relocate(changes.moved)
        encoded = self._write(changes.changed, progress)
        gone = changes.gone(roots)
        if self._ends_trial(trial, changes):
            gone = [article_id for article_id in changes.known if article_id not in changes.seen]
        if gone:
            self.archive.remove(gone)
        self.tell_chroma()
        return IndexReport(
            added=tuple(changes.added), updated=tuple(changes.updated), unchanged=tuple(changes.unchanged),
            removed=tuple(gone), rejected=tuple(changes.rejected), passages=self.archive.count()[1], encoded=encoded,
            seconds=time.monotonic() - begun,
        )  # fmt: skip

    def carry_over(self, other: Archive, progress: Progress) -> int:
        """Makes the archive hold the articles of another, cut and encoded anew; returns the number of passages.

        What an earlier run carried over already is left as it is.
        """
        ours, theirs = self.archive.fingerprints(), other.fingerprints()
        self.write_manifest(trial=other.manifest().get("trial", False))
        if gone := sorted(ours.keys() - theirs.keys()):
            self.archive.remove(gone)
        wanted = sorted(article_id for article_id, known in theirs.items() if ours.get(article_id) != known)
        done = 0
        for start in range(0, len(wanted), _CARRIED_AT_ONCE):
            some = wanted[start : start + _CARRIED_AT_ONCE]
            done += self._write([(other.article(article_id), theirs[article_id].hash) for article_id in some], progress)
        return done

    def write_manifest(self, **more: object) -> None:
        """Notes what the archive is built with, and ``more``, where that is not noted yet."""
        before = self.archive.manifest()
        built = described(self.settings, self.encoder_name)
        if {**before, **built, **more} != before:
            self.archive.write_manifest({**before, **built, **more})

    def _ends_trial(self, trial: bool, changes: Changes) -> bool:
        """Whether the archive held nothing but the articles that come with Sayso, and now holds the user's own."""
        before = bool(self.archive.manifest().get("trial", False))
        after = (trial and (before or not changes.known)) or (before and not changes.seen)
        self.write_manifest(trial=after)
        return before and not after

    def tell_chroma(self, anew: bool = False) -> int:
        """Empties the outbox into Chroma; returns how many rows that were.

        A Chroma that this archive never wrote to, or that cannot be opened safely, is emptied and told everything.

        :param anew: empty it in any case
        """
        self.chroma.close()  # a client from before another process's writes would undo them
        manifest = self.archive.manifest()
        if anew or manifest.get("chroma") != self.settings.store.url or not self._opens(manifest.get("chroma_seal")):
            self.archive.write_manifest({**manifest, "chroma": None})  # if this is stopped, it is begun again
            self.chroma.reset()
            self.archive.fill_outbox()
            manifest = {**manifest, "chroma": self.settings.store.url, "chroma_seal": None}
            self.archive.write_manifest(manifest)
        if manifest.get("chroma_seal") != "" and not any(self.archive.outbox(1)):
            return 0
        self.archive.write_manifest({**manifest, "chroma_seal": ""})  # until it is whole, nobody vouches for it
        told = self._empty_outbox()
        self.archive.write_manifest({**manifest, "chroma_seal": self.chroma.digest()})
        return told

    def _opens(self, seal: str | None) -> bool:
        """Whether Chroma's files are as they were left; those that a killed writer left are tried by another process.

        :param seal: their digest; ``None`` where none was taken, empty where a writer did not end
        """
        now = self.chroma.digest()
        if seal is None or now is None:
            return True
        if seal:
            return now == seal
        try:
            compared(self.settings.store.url, self.folder)
        except StoreError:
            return False
        return True

    def _empty_outbox(self) -> int:
        told = 0
        while True:
            fresh, gone = self.archive.outbox(_TOLD_AT_ONCE)
            if not fresh and not gone:
                return told
            passages, vectors = self.archive.passages(fresh), self.archive.vectors(fresh)
            self.chroma.upsert(fresh, [passages[row] for row in fresh], [vectors[row] for row in fresh])
            self.chroma.delete(gone)
            self.archive.told([*fresh, *gone])
            told += len(fresh) + len(gone)

    def _write(self, changed: Sequence[tuple[Article, str]], progress: Progress) -> int:
        """Cuts and encodes the articles in groups and commits them one by one; returns the number of passages.

        The groups are encoded in a thread of their own while others are cut and committed, which takes a quarter as
        long: onnxruntime leaves Python free.
        """
        if not changed:
            return 0
        progress("preparing", 0, 0)  # the first time, the encoder is exported and checked
        cutter, encoder = self.cutter(), self.encoder()
        ahead = ThreadPoolExecutor(1, "encode")
        coming: deque[tuple[list[_Cut], Future[list[Encoded]]]] = deque()
        total = done = 0
        try:
            for group in _grouped((article, fingerprint, cutter.cut(article)) for article, fingerprint in changed):
                if coming and coming[0][1].done():  # or the vectors of a quick encoder would pile up
                    for count in self._commit(*coming.popleft()):
                        done += count
                        progress("encoding", done, 0)
                coming.append((group, ahead.submit(_encoded, encoder, group)))
                total += sum(len(passages) for _, _, passages in group)
            while coming:
                for count in self._commit(*coming.popleft()):
                    done += count
                    progress("encoding", done, total)
        finally:
            ahead.shutdown(cancel_futures=True)
        return total

    def _commit(self, group: Sequence[_Cut], encoding: Future[list[Encoded]]) -> Iterator[int]:
        """Writes the articles one by one; the passages of each."""
        encoded = iter(encoding.result())
        for article, fingerprint, passages in group:
            self.archive.put(article, fingerprint, passages, [next(encoded) for _ in passages])
            yield len(passages)


def _encoded(encoder: Encoder, group: Sequence[_Cut]) -> list[Encoded]:
    return encoder.encode_passages([passage for _, _, passages in group for passage in passages])


def _grouped(cut: Iterable[_Cut]) -> Iterator[list[_Cut]]:
    group: list[_Cut] = []
    size = 0
    for item in cut:
        group.append(item)
        size += len(item[2])
        if size >= _GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group
