"""The indexes of a data folder, opened: the one in use, and a new one while it is built beside it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from retrieval.answerer import Answerer
from retrieval.errors import DamagedError, InputError, StoreError
from retrieval.indexer import Indexer
from retrieval.settings import Settings
from retrieval.store.archive import Archive
from retrieval.store.backup import settle
from retrieval.store.editions import ARCHIVE, Editions, drop, editions, last_known, put_in_use, scraps, strays
from retrieval.store.manifest import adopted
from retrieval.store.neighbours import Neighbours

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Edition:
    """One index of the data folder, and the stages that work on it."""

    folder: Path
    archive: Archive
    indexer: Indexer
    answerer: Answerer
    neighbours: Neighbours

    def close(self) -> None:
        """Closes files and connections."""
        self.neighbours.close()
        self.indexer.chroma.close()
        self.archive.close()


class Shelf:
    """Opens the index in use, notices when it is another, and puts new ones in its place."""

    def __init__(
        self, settings: Settings, data_dir: Path, open_edition: Callable[[Path, Settings], Edition],
        lock: Callable[[], AbstractContextManager[None]],
    ) -> None:  # fmt: skip
        self.settings, self.data_dir, self._lock = settings, data_dir, lock
        self._open_edition = open_edition
        self._opened: list[Edition] = []  # the last is in use; a thread may still be asking one that was replaced
        self._current = ""
        self._guard = threading.Lock()

    def current(self) -> Edition:
        """The index in use. Where another was put in use meanwhile, that one, with the settings it was built with.

        :raises DamagedError: it is missing.
        """
        chosen = editions(self.data_dir)
        with self._guard:
            if not self._opened or chosen.current != self._current:
                if self._opened:
                    self._opened[-1].neighbours.close()
                    with closing(Archive(chosen.folder / ARCHIVE)) as archive:
                        self.settings = adopted(self.settings, archive.manifest())
                self._opened.append(self._open_edition(chosen.folder, self.settings))
                self._current = chosen.current
            return self._opened[-1]

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the folder for writing; a restore that was stopped there is ended first.

        :raises LockedError: another process holds it.
        """
        with self._lock():
            settle(self.data_dir)
            yield

    @contextmanager
    def beside(self, anew: bool = False) -> Iterator[Edition]:
        """A new index, to be filled in the block; put in use when that ends well, with the present one kept behind it.

        One that was left unfinished with the same settings is carried on. The caller holds the lock.

        :param anew: begin with an empty one in any case, even where the present one is lost, and leave nothing where
            the block fails
        """
        try:
            chosen = editions(self.data_dir)
        except DamagedError:
            if not anew:
                raise
            chosen = last_known(self.data_dir)
        name = chosen.unfinished()
        if anew or not self._open_edition(self.data_dir / name, self.settings).indexer.has_same_settings():
            self._drop(name)
        with closing(self._open_edition(self.data_dir / name, self.settings)) as new:
            try:
                yield new
            except BaseException:
                new.close()
                if anew:
                    self._drop(name)
                raise
        put_in_use(chosen.switched(name))
        self.tidy()

    def roll_back(self) -> Edition:
        """The index of before, which is in use again; the present one is kept in its place. The caller holds the lock.

        :raises InputError: there is none.
        """
        chosen = editions(self.data_dir)
        if chosen.previous is None or not (self.data_dir / chosen.previous / ARCHIVE).exists():
            raise InputError("there is no earlier index to go back to", "one is kept when a new one takes its place")
        put_in_use(Editions(self.data_dir, chosen.previous, chosen.current))
        return self.current()

    def tidy(self) -> None:
        """Deletes indexes that are neither in use nor kept, and what was left half made. The caller holds the lock."""
        chosen = editions(self.data_dir)
        for name in strays(chosen):
            self._drop(name)
        for path in scraps(chosen):
            path.unlink()

    def close(self) -> None:
        """Closes all that was opened."""
        with self._guard:
            for edition in self._opened:
                edition.close()
            self._opened.clear()

    def _drop(self, name: str) -> None:
        with closing(self._open_edition(self.data_dir / name, self.settings)) as old:
            if old.archive.exists():
                try:
                    old.indexer.chroma.reset()  # on a server, where it has a collection of its own
                except StoreError as error:
                    _log.warning("what Chroma holds of a deleted index stays there: %s", error)
        drop(self.data_dir, name)
