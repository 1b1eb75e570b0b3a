"""What paths hold now against what the archive holds: which articles are new, changed, the same or gone."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field, replace

from retrieval.cleaning import find_regions
from retrieval.metadata import with_stated_metadata
from retrieval.store.archive import Fingerprint
from retrieval.types import Article, Reference, Rejected

#: Part of every fingerprint: raised when cleaning changes, so that articles are indexed anew.
_CLEANING_VERSION = 1

_LINE = re.compile(r"(?<=\.jsonl)#\d+$", re.IGNORECASE)


@dataclass(slots=True)
class Changes:
    """What one run has met so far, and what follows from it."""

    known: dict[str, Fingerprint]
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
        fingerprint = _fingerprint(article)
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


def _fingerprint(article: Article) -> str:
    elsewhere = replace(article, reference=replace(article.reference, source=""))
    made_of = [astuple(elsewhere), _CLEANING_VERSION]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def _cleaned(article: Article) -> Article:
    return with_stated_metadata(replace(article, regions=find_regions(article)))


def _is_below(file: str, paths: Iterable[str]) -> bool:
    return any(file == path or file.startswith(path.rstrip("/") + "/") for path in paths)


def _file(source: str) -> str:
    """The file of a source: that of a JSONL line is named without the line."""
    return _LINE.sub("", source)
