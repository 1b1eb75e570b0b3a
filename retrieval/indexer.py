"""Paths to an index: read, compare, clean, cut, encode, archive, then tell Chroma."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path

from retrieval.archive import Archive, Fingerprint
from retrieval.articles import read_articles
from retrieval.cleaning import find_regions
from retrieval.errors import MismatchError
from retrieval.metadata import with_stated_metadata
from retrieval.passages import Cutter
from retrieval.settings import Settings
from retrieval.types import Article, Encoder, IndexReport, Passage, Progress, Reference, Rejected
from retrieval.vectors import ChromaIndex

#: Part of every fingerprint: raised when cleaning or cutting changes, so that articles are indexed anew.
_CLEANING_VERSION = 1
_GROUP = 512  # passages encoded before the articles they belong to are committed
_TOLD_AT_ONCE = 2_000  # outbox rows

_LINE = re.compile(r"(?<=\.jsonl)#\d+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Indexer:
    """Writes an archive; whatever stops it, what is committed is whole and the next run carries on."""

    archive: Archive
    chroma: ChromaIndex
    encoder: Callable[[], Encoder]
    cutter: Callable[[], Cutter]
    encoder_name: str
    lock: Callable[[], AbstractContextManager[None]]
    settings: Settings

    def require_same_encoder(self) -> None:
        """Returns if the archive is new or was built with this encoder.

        :raises MismatchError: it was built with another.
        """
        built_with = self.archive.manifest().get("encoder", self.encoder_name)
        if built_with != self.encoder_name:
            raise MismatchError(
                f"the index in {self.settings.data_dir} was built with the encoder {built_with}, "
                f"now {self.encoder_name} is set",
                "set [encoder] back, or build another index in a new folder with --data",
            )

    def run(
        self, paths: Sequence[Path], progress: Progress, trial: bool = False, only_if_new: bool = False
    ) -> IndexReport:
        """Makes the archive hold what the paths hold now: adds, updates, and removes what is gone from them.

        :param trial: the paths are the articles that come with Sayso, there to be tried; the first of
            the user's own take their place
        :param only_if_new: do nothing where there is an index by now
        """
        begun = time.monotonic()
        with self.lock():
            if only_if_new and self.archive.manifest():
                return IndexReport(passages=self.archive.count()[1])
            self.require_same_encoder()  # under the lock, for another process may have built it just now
            if not self.archive.manifest():
                self.archive.write_manifest({"encoder": self.encoder_name})
            run = _Run(self.archive.fingerprints(), self.settings)
            for done, item in enumerate(read_articles(paths, self.settings.corpus.max_file_mb), start=1):
                run.meet(item)
                progress("reading", done, 0)
            roots = [os.path.realpath(path) for path in paths]
            run.settle(roots)
            self.archive.relocate(run.moved)
            encoded = self._write(run.changed, progress)
            gone = run.gone(roots)
            if self._ends_trial(trial, run):
                gone = [article_id for article_id in run.known if article_id not in run.seen]
            if gone:
                self.archive.remove(gone)
            self.tell_chroma()
        return IndexReport(
            added=tuple(run.added), updated=tuple(run.updated), unchanged=tuple(run.unchanged), removed=tuple(gone),
            rejected=tuple(run.rejected), passages=self.archive.count()[1], encoded=encoded,
            seconds=time.monotonic() - begun,
        )  # fmt: skip

    def _ends_trial(self, trial: bool, run: _Run) -> bool:
        """Whether the archive held nothing but the articles that come with Sayso, and now holds the user's own."""
        manifest = self.archive.manifest()
        before = bool(manifest.get("trial", False))
        after = (trial and (before or not run.known)) or (before and not run.seen)
        if after != before:
            self.archive.write_manifest({**manifest, "trial": after})
        return before and not after

    def tell_chroma(self) -> int:
        """Empties the outbox into Chroma; returns how many rows that were.

        A Chroma that this archive never wrote to is emptied and told everything.
        """
        self.chroma.close()  # a client from before another process's writes would undo them
        manifest = self.archive.manifest()
        if manifest.get("chroma") != self.settings.store.url:
            self.chroma.reset()
            self.archive.fill_outbox()
            self.archive.write_manifest({**manifest, "chroma": self.settings.store.url})
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
        """Cuts and encodes the articles in groups and commits them one by one; returns the number of passages."""
        if not changed:
            return 0
        progress("preparing", 0, 0)  # the first time, the encoder is exported and checked
        cutter = self.cutter()
        cut = [(article, fingerprint, cutter.cut(article)) for article, fingerprint in changed]
        total, done = sum(len(passages) for _, _, passages in cut), 0
        for group in _grouped(cut):
            together = [passage for _, _, passages in group for passage in passages]
            encoded = iter(self.encoder().encode_passages(together))
            for article, fingerprint, passages in group:
                self.archive.put(article, fingerprint, passages, [next(encoded) for _ in passages])
                done += len(passages)
                progress("encoding", done, total)
        return total


@dataclass(slots=True)
class _Run:
    """What one run has met so far."""

    known: dict[str, Fingerprint]
    settings: Settings
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    changed: list[tuple[Article, str]] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)  # id to the source that unchanged text has now
    disputed: list[Article] = field(default_factory=list)  # lines of JSONL files whose id another file has or had
    seen: dict[str, str] = field(default_factory=dict)  # article id to file
    ids: dict[str, str] = field(init=False)  # file to the id it had before

    def __post_init__(self) -> None:
        self.ids = {_file(f.source): article_id for article_id, f in self.known.items() if not _LINE.search(f.source)}

    def meet(self, item: Article | Rejected) -> None:
        """Files an article under added, updated or unchanged, or an input under rejected."""
        if isinstance(item, Rejected):
            self.rejected.append(item)
        elif not _LINE.search(item.reference.source):
            self._accept(self._named(item))
        elif self._holder(item.reference) is None:
            self._accept(item)
        else:
            self.disputed.append(item)

    def settle(self, roots: Sequence[str]) -> None:
        """Gives the disputed ids to those who claim them, once all is read, where the other file has them no more.

        The ids in a JSONL file are its author's and not changed; one that another file still has is refused.
        """
        free = set(self.gone(roots))
        for article in self.disputed:
            ref = article.reference
            if ref.article_id in free - self.seen.keys():
                self._accept(article)
            else:
                reason = f"its id {ref.article_id!r} is already used by {self._holder(ref)}"
                self.rejected.append(Rejected(ref.source, reason, failed=True))

    def _accept(self, article: Article) -> None:
        article_id = article.reference.article_id
        self.seen[article_id] = _file(article.reference.source)
        fingerprint = self._fingerprint(article)
        known = self.known.get(article_id)
        if known and known.hash == fingerprint:
            self.unchanged.append(article_id)
            if known.source != article.reference.source:
                self.moved[article_id] = article.reference.source
            return
        (self.updated if known else self.added).append(article_id)
        self.changed.append((_cleaned(article), fingerprint))

    def gone(self, roots: Iterable[str]) -> list[str]:
        """Ids of articles that were indexed from below the roots and are there no more.

        What could not be read this time is not gone, be it a file or a folder of files, nor is
        anything of a JSONL file with a bad line.
        """
        kept = [os.path.realpath(_file(item.source)) for item in self.rejected if item.failed]
        within = [root for root in roots if os.path.exists(root)]
        return [
            article_id
            for article_id, known in self.known.items()
            if article_id not in self.seen
            and _is_below(_file(known.source), within)
            and not _is_below(_file(known.source), kept)
        ]

    def _named(self, article: Article) -> Article:
        """The article of a file under the id it had, else under what it proposes, made unique."""
        file = article.reference.source
        named = replace(article.reference, article_id=self.ids.get(file, article.reference.article_id))
        if self._holder(named) is not None:
            named = replace(named, article_id=f"{named.article_id}-{hashlib.sha256(file.encode()).hexdigest()[:8]}")
        return replace(article, reference=named)

    def _holder(self, ref: Reference) -> str | None:
        """The other file that an article's id belongs to, if it is still there."""
        known, mine = self.known.get(ref.article_id), _file(ref.source)
        holders = (self.seen.get(ref.article_id), _file(known.source) if known else None)
        return next((file for file in holders if file and file != mine and os.path.exists(file)), None)

    def _fingerprint(self, article: Article) -> str:
        elsewhere = replace(article, reference=replace(article.reference, source=""))
        made_of = [astuple(elsewhere), self.settings.passages.model_dump(), _CLEANING_VERSION]
        return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def _cleaned(article: Article) -> Article:
    return with_stated_metadata(replace(article, regions=find_regions(article)))


def _is_below(file: str, paths: Iterable[str]) -> bool:
    return any(file == path or file.startswith(path.rstrip("/") + "/") for path in paths)


def _file(source: str) -> str:
    """The file of a source: that of a JSONL line is named without the line."""
    return _LINE.sub("", source)


def _grouped(cut: Sequence[tuple[Article, str, list[Passage]]]) -> Iterator[list[tuple[Article, str, list[Passage]]]]:
    group: list[tuple[Article, str, list[Passage]]] = []
    size = 0
    for item in cut:
        group.append(item)
        size += len(item[2])
        if size >= _GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group
