"""What front ends hold: one data folder, to index, to ask, to look into, to keep in order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType

from retrieval import naming, upkeep
from retrieval.errors import DamagedError, InputError
from retrieval.pages import fetch_page, is_address, keep_pages
from retrieval.protocols import Progress
from retrieval.settings import Settings
from retrieval.shelf import Shelf
from retrieval.store.archive import Archive
from retrieval.store.editions import CHROMA
from retrieval.suggestions import suggestions
from retrieval.types import Article, Filters, IndexReport, Reference, Rejected, Reply

_ALL = Filters()


def _silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


class Corpus:
    """A person's articles and the answers in them; a context manager, safe to use from several threads."""

    def __init__(self, shelf: Shelf, default_paths: Sequence[Path]) -> None:
        self._shelf = shelf
        self._default_paths = default_paths

    @property
    def settings(self) -> Settings:
        """Those given, but the encoder and passages of the index in use where another process has changed it."""
        return self._shelf.settings

    @property
    def _archive(self) -> Archive:
        return self._shelf.current().archive

    def index(
        self, paths: Sequence[str | Path] = (), *, progress: Progress | None = None, only_if_new: bool = False
    ) -> IndexReport:
        """Reads the paths, or the configured ones, and makes the index hold what they hold now.

        The articles that come with Sayso are there to be tried: the first article of the user's own takes their place.
        Where the encoder or the passages are set otherwise than before, a new index of all articles is built beside
        the old one, which answers until the new one is whole. A path may be the https address of a page, which is
        fetched where the settings allow it.

        :param only_if_new: do nothing where another process has begun an index in the meantime.
        :raises LockedError: another process is indexing.
        """
        fetched, refused = self._fetched([path for path in paths if isinstance(path, str) and is_address(path)])
        named = [Path(os.path.expanduser(path)) for path in paths if not is_address(str(path))]
        chosen = [*named, *fetched] if paths else list(self._default_paths)
        trial = not paths and not self.settings.corpus.paths
        told = progress or _silent
        with self._shelf.lock():
            present = self._shelf.current()  # under the lock, for another process may have built it just now
            if only_if_new and present.archive.manifest():
                return IndexReport(passages=present.archive.count()[1])
            if present.indexer.has_same_settings():
                self._shelf.tidy()
                report = present.indexer.run(chosen, told, trial)
                return replace(report, rejected=(*refused, *report.rejected))
            with self._shelf.beside() as new:
                carried = new.indexer.carry_over(present.archive, told)
                report = new.indexer.run(chosen, told, trial)
        made = report.updated + report.unchanged  # of which each was cut and encoded anew
        rejected = (*refused, *report.rejected)
        encoded = report.encoded + carried
        return replace(report, updated=made, unchanged=(), rejected=rejected, encoded=encoded, anew=True)

    def _fetched(self, addresses: Sequence[str]) -> tuple[list[Path], list[Rejected]]:
        """Files with the pages at these addresses, and what could not be had."""
        limits = self.settings.corpus
        if addresses and not limits.urls:
            raise InputError("pages are not fetched unless you allow it", "set [corpus] urls = true, or save the page")
        fetch = partial(fetch_page, max_mb=limits.max_page_mb, timeout_s=limits.page_timeout_s)
        return keep_pages(addresses, self._shelf.data_dir / "pages", fetch)

    def is_new(self) -> bool:
        """Whether there is no index yet.

        :raises DamagedError: there was one, and its archive is gone.
        """
        present = self._shelf.current()
        if present.archive.exists():
            return False
        if (present.folder / CHROMA).exists():
            raise DamagedError(
                f"the index {present.archive.path} is gone, though its Chroma is there",
                "`sayso restore FILE` brings back a backup; `sayso index` with your folders builds it anew",
            )
        return True

    def is_empty(self) -> bool:
        """Whether no article is indexed."""
        return self.is_new() or self._archive.count()[0] == 0

    def version(self) -> tuple[str, int]:
        """Changes with every write to the index, by whichever process; what was found before may not be found now."""
        archive = self._archive
        return str(archive.path), 0 if self.is_new() else archive.generation()

    def ask(self, question: str, history: Sequence[str] = (), *, filters: Filters = _ALL) -> Reply:
        """An answer or an abstention; ``history`` holds the earlier questions, oldest first.

        :raises InputError: the question is empty or too long, or nothing is indexed.
        """
        present = self._shelf.current()
        present.indexer.require_same_settings()
        if self.is_empty():
            raise InputError(f"nothing is indexed in {self.settings.data_dir}", "run `sayso index FOLDER` first")
        filters = naming.with_id(filters, present.archive)
        if filters != replace(_ALL, comments=filters.comments) and not present.archive.references(filters):
            raise InputError("no article passes the filters", "`sayso sources` lists the articles with author and date")
        return present.answerer.ask(question, history, filters)

    def suggestions(self, reply: Reply, *, filters: Filters = _ALL, known: Sequence[str] = ()) -> list[str]:
        """At most three follow-up questions that the articles answer with confidence; none after an abstention.

        Asks the engine up to eight questions, so call it once the reply is shown. They stand alone: no history.
        None asks again what ``known`` holds: questions and quotes of the same conversation.
        """
        answerer, meant = self._shelf.current().answerer, naming.with_id(filters, self._archive)
        return suggestions(reply, lambda question: answerer.ask(question, (), meant), answerer.passages, known)

    def articles(self, filters: Filters = _ALL) -> list[Reference]:
        """The indexed articles, by title."""
        return [] if self.is_empty() else self._archive.references(naming.with_id(filters, self._archive))

    def article(self, name: str) -> Article:
        """An article with its text and regions, by its id or how it alone begins, its path, or words of its title.

        An article of a ``.jsonl`` file is also ``path#id``.

        :raises InputError: there is none such.
        """
        return self._archive.article(naming.article_id(name, self._archive))

    def remove(self, articles: Sequence[str]) -> list[str]:
        """Takes articles out of the index, named as for :meth:`article` or all of a ``.jsonl`` file; returns their ids.

        The files stay.

        :raises InputError: one is unknown; then nothing is removed.
        """
        with self._shelf.lock():
            present = self._shelf.current()
            ids = naming.article_ids(articles, present.archive)
            present.archive.remove(ids)
            present.indexer.tell_chroma()
        return ids

    def repair(self) -> str:
        """Builds the word index and Chroma anew from the archive, encoding nothing; says what was done.

        Where the archive itself is damaged, what is whole of it becomes a new one.

        :raises InputError: there is none; :raises DamagedError: nothing of it can be used.
        """
        if self.is_new():
            raise InputError(f"nothing is indexed in {self.settings.data_dir}", "there is nothing to repair")
        return upkeep.repair(self._shelf)

    def rollback(self) -> str:
        """Puts the index of before in use again and keeps the present one in its place; says what was done.

        :raises InputError: there is none.
        """
        return upkeep.rollback(self._shelf)

    def backup(self, file: Path) -> str:
        """Writes the articles, all that was made of them, and the bot's chats to one file; says what was done.

        Others may read and write meanwhile. :raises InputError: the file cannot be written, or nothing is indexed.
        """
        if self.is_empty():
            raise InputError(f"nothing is indexed in {self.settings.data_dir}", "there is nothing to back up")
        return upkeep.backup(self._shelf, file)

    def restore(self, file: Path) -> str:
        """Puts what a backup holds in use; says what was done.

        The index it replaces is kept for :meth:`rollback`, the chats in a file beside them, which is named.

        :raises InputError: the file is no backup, is damaged, or comes from a newer Sayso; then nothing has changed.
        """
        return upkeep.restore(self._shelf, file)

    def settle(self) -> None:
        """Ends a restore that was stopped, so that chats and index are of one time; a bot calls it before it begins.

        :raises LockedError: it has not been stopped.
        """
        upkeep.settle(self._shelf)

    def close(self) -> None:
        """Closes files and connections; the corpus is not used afterwards."""
        self._shelf.close()

    def __enter__(self) -> Corpus:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
