"""What front ends hold: one data folder, to index, to ask, to look into."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from retrieval.answerer import Answerer
from retrieval.archive import Archive
from retrieval.errors import InputError, MismatchError
from retrieval.indexer import Indexer
from retrieval.settings import Settings
from retrieval.types import Article, Filters, IndexReport, Progress, Reference, Reply, VectorIndex


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

    def index(self, paths: Sequence[str | Path] = (), *, progress: Progress | None = None) -> IndexReport:
        """Reads the paths, or the configured ones, and makes the index hold what they hold now.

        :raises LockedError: another process is indexing; :raises MismatchError: with another encoder.
        """
        self._require_same_encoder()
        chosen = [Path(path).expanduser() for path in paths] or list(self._default_paths)
        return self._indexer.run(chosen, progress or _silent)

    def is_empty(self) -> bool:
        """Whether nothing has been indexed yet."""
        return not self._archive.exists() or self._archive.count()[0] == 0

    def ask(self, question: str, history: Sequence[str] = (), *, filters: Filters = Filters()) -> Reply:
        """An answer or an abstention; ``history`` holds the earlier questions, oldest first.

        :raises InputError: the question is empty or too long, or nothing is indexed.
        """
        self._require_same_encoder()
        if self.is_empty():
            raise InputError(f"nothing is indexed in {self.settings.data_dir}", "run `sayso index FOLDER` first")
        return self._answerer.ask(question, history, filters)

    def articles(self, filters: Filters = Filters()) -> list[Reference]:
        """The indexed articles, by title."""
        return [] if self.is_empty() else self._archive.references(filters)

    def article(self, article_id: str) -> Article:
        """An article with its text and regions.

        :raises InputError: there is none of that id.
        """
        return self._archive.article(article_id)

    def remove(self, article_ids: Sequence[str]) -> list[str]:
        """Takes articles out of the index; returns their ids. The files stay.

        :raises InputError: an id is unknown; then nothing is removed.
        """
        with self._indexer.lock():
            known = set() if self.is_empty() else {reference.article_id for reference in self._archive.references()}
            unknown = [article_id for article_id in article_ids if article_id not in known]
            if unknown:
                raise InputError(f"there is no article {', '.join(map(repr, unknown))}", "`sayso sources` lists them")
            self._archive.remove(article_ids)
            self._indexer.tell_chroma()
        return list(article_ids)

    def repair(self) -> str:
        """Builds the word index and Chroma anew from the archive, encoding nothing; says what was done."""
        with self._indexer.lock():
            self._archive.rebuild_words()
            self._indexer.chroma.reset()
            told = self._indexer.tell_chroma()
        return f"Built the word index and Chroma again from the archive: {told:,} passages."

    def close(self) -> None:
        """Closes files and connections; the corpus is not used afterwards."""
        self._neighbours.close()
        self._indexer.chroma.close()
        self._archive.close()

    def __enter__(self) -> Corpus:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _require_same_encoder(self) -> None:
        if not self._archive.exists():
            return
        wanted = self._indexer.encoder_name
        built_with = self._archive.manifest().get("encoder", wanted)
        if built_with != wanted:
            raise MismatchError(
                f"the index in {self.settings.data_dir} was built with the encoder {built_with}, now {wanted} is set",
                "set [encoder] back, or build another index in a new folder with --data",
            )


class Neighbours:
    """The nearest-neighbour index for the archive's present generation, opened anew when that changes."""

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
                self._index, self._generation = self._open_index(), generation
            return self._index

    def close(self) -> None:
        """Closes the index."""
        with self._guard:
            self._close()

    def _close(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None
