"""What front ends hold: one data folder, to index, to ask, to look into."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType

import numpy as np

from retrieval.answerer import Answerer
from retrieval.archive import Archive
from retrieval.errors import InputError, StoreError
from retrieval.indexer import Indexer
from retrieval.settings import Settings
from retrieval.suggestions import suggestions
from retrieval.types import Article, Filters, IndexReport, Progress, Reference, Reply, VectorIndex
from retrieval.vectors import ChromaIndex, ExactIndex

_SAMPLE = 32  # passages that Chroma must find by their own vectors
_SAME = 0.9999  # cosine of a vector with itself, rounding allowed

_ALL = Filters()
_log = logging.getLogger(__name__)


def _silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


class Corpus:
    """A person's articles and the answers in them; a context manager, safe to use from several threads."""

    def __init__(
        self, settings: Settings, archive: Archive, indexer: Indexer, answerer: Answerer,
        neighbours: Neighbours, default_paths: Sequence[Path],
    ) -> None:  # fmt: skip
        self.settings = settings
        self._archive, self._indexer, self._answerer, self._neighbours = archive, indexer, answerer, neighbours
        self._default_paths = default_paths

    def index(
        self, paths: Sequence[str | Path] = (), *, progress: Progress | None = None, only_if_new: bool = False
    ) -> IndexReport:
        """Reads the paths, or the configured ones, and makes the index hold what they hold now.

        The articles that come with Sayso are there to be tried: the first article of the user's own takes their place.

        :param only_if_new: do nothing where another process has begun an index in the meantime.
        :raises LockedError: another process is indexing; :raises MismatchError: with another encoder.
        """
        chosen = [Path(os.path.expanduser(path)) for path in paths] or list(self._default_paths)
        trial = not paths and not self.settings.corpus.paths
        return self._indexer.run(chosen, progress or _silent, trial=trial, only_if_new=only_if_new)

    def is_new(self) -> bool:
        """Whether there is no index yet."""
        return not self._archive.exists()

    def is_empty(self) -> bool:
        """Whether no article is indexed."""
        return self.is_new() or self._archive.count()[0] == 0

    def ask(self, question: str, history: Sequence[str] = (), *, filters: Filters = _ALL) -> Reply:
        """An answer or an abstention; ``history`` holds the earlier questions, oldest first.

        :raises InputError: the question is empty or too long, or nothing is indexed.
        """
        self._indexer.require_same_encoder()
        if self.is_empty():
            raise InputError(f"nothing is indexed in {self.settings.data_dir}", "run `sayso index FOLDER` first")
        if filters != replace(_ALL, comments=filters.comments) and not self._archive.references(filters):
            raise InputError("no article passes the filters", "`sayso sources` lists the articles with author and date")
        return self._answerer.ask(question, history, filters)

    def suggestions(self, reply: Reply, *, filters: Filters = _ALL) -> list[str]:
        """At most three follow-up questions that the articles answer with confidence; none after an abstention.

        Asks the engine up to eight questions, so call it once the reply is shown. They stand alone: no history.
        """
        return suggestions(reply, lambda question: self._answerer.ask(question, (), filters), self._answerer.passages)

    def articles(self, filters: Filters = _ALL) -> list[Reference]:
        """The indexed articles, by title."""
        return [] if self.is_empty() else self._archive.references(filters)

    def article(self, article_id: str) -> Article:
        """An article with its text and regions, by its id, its file's path, or words of its title if no other has them.

        :raises InputError: there is none such.
        """
        return self._archive.article(self._ids([article_id])[0])

    def remove(self, articles: Sequence[str]) -> list[str]:
        """Takes articles out of the index, named as for :meth:`article`; returns their ids. The files stay.

        :raises InputError: one is unknown; then nothing is removed.
        """
        with self._indexer.lock():
            ids = self._ids(articles)
            self._archive.remove(ids)
            self._indexer.tell_chroma()
        return ids

    def repair(self) -> str:
        """Builds the word index and Chroma anew from the archive, encoding nothing; says what was done."""
        with self._indexer.lock():
            self._archive.rebuild_words()
            self._archive.fill_outbox()
            self._indexer.chroma.reset()
            told = self._indexer.tell_chroma()
        return f"Built the word index and Chroma again from the archive: {told:,} passages."

    def _ids(self, names: Sequence[str]) -> list[str]:
        """The ids that people mean by an id, a path or a title."""
        known = {} if self.is_empty() else {reference.article_id: reference for reference in self._archive.references()}
        by_source = {reference.source: reference.article_id for reference in known.values()}
        found = []
        for name in names:
            titled = [] if name in known or not known else self._archive.references(Filters(article=name))
            path = by_source.get(os.path.realpath(os.path.expanduser(name)))
            chosen = name if name in known else path or (titled[0].article_id if len(titled) == 1 else None)
            if chosen is None:
                near = get_close_matches(name, known, n=1, cutoff=0.5)
                meant = f"did you mean {near[0]!r}? " if near else ""
                raise InputError(f"there is no article {name!r}", f"{meant}`sayso sources` lists them")
            found.append(chosen)
        return found

    def close(self) -> None:
        """Closes files and connections; the corpus is not used afterwards."""
        self._neighbours.close()
        self._indexer.chroma.close()
        self._archive.close()

    def __enter__(self) -> Corpus:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Neighbours:
    """The nearest-neighbour index for the archive's present generation, opened anew when that changes.

    Chroma answers only where it holds what the archive holds; else an exact scan of the archive does.
    """

    def __init__(self, archive: Archive, open_index: Callable[[], VectorIndex]) -> None:
        self._archive, self._open_index = archive, open_index
        self._generation: int | None = None
        self._index: VectorIndex | None = None
        self._guard = threading.Lock()

    def current(self) -> VectorIndex:
        """The index; another process's write is seen because every write grows the generation."""
        generation = self._archive.generation()
        with self._guard:
            if self._index is None or generation != self._generation:
                self._close()
                self._index, self._generation = self._trusted(self._open_index()), generation
            return self._index

    def close(self) -> None:
        """Closes the index."""
        with self._guard:
            self._close()

    def _trusted(self, index: VectorIndex) -> VectorIndex:
        if not isinstance(index, ChromaIndex):
            return index
        if not any(self._archive.outbox(limit=1)):  # else it is only behind, as while somebody indexes
            lack = self._lack(index)
            if not lack:
                return index
            _log.warning("%s; until `sayso repair` has built it again, the archive is scanned", lack)
        index.close()
        return ExactIndex(*self._archive.all_vectors())

    def _lack(self, chroma: ChromaIndex) -> str:
        """What keeps Chroma from answering; empty if nothing does.

        Its count stays right where its graph of neighbours is lost, so some passages are looked up by
        their own vectors.
        """
        passages = self._archive.count()[1]
        sample = self._archive.vectors(self._archive.sample(_SAMPLE))
        try:
            held, found = chroma.count(), chroma.nearest_each(np.stack(list(sample.values())))
        except StoreError as error:
            return str(error)
        if held != passages:
            return f"Chroma holds {held:,} of {passages:,} passages"
        theirs = self._archive.vectors([row for row in found if row is not None])
        alike = [row in theirs and theirs[row] @ own > _SAME for row, own in zip(found, sample.values(), strict=True)]
        return "" if sum(alike) >= len(alike) - 1 else "Chroma has lost vectors"

    def _close(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None
