"""Keeping an index: mended, backed up, restored, taken back. Each says in a line what was done."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from retrieval.errors import DamagedError, InputError, MismatchError, StoreError
from retrieval.indexer import Indexer
from retrieval.shelf import Shelf
from retrieval.store import audit
from retrieval.store import backup as backups
from retrieval.store.archive import Archive
from retrieval.store.manifest import require_same


def repair(shelf: Shelf) -> str:
    """Builds the word index and Chroma anew; where the archive is damaged, what is whole of it becomes a new one.

    :raises DamagedError: nothing of the archive can be used.
    """
    with shelf.lock():
        present = shelf.current()
        if unknown := audit.manifest_faults(present.archive):
            raise _lost(present.archive, unknown[0])
        faults = _faults(present.archive)
        if not faults:
            told = present.indexer.tell_chroma(anew=True)
            shelf.tidy()
            return f"Built the word index and Chroma again from the archive: {told:,} passages."
        with shelf.beside(anew=True) as new:
            new.archive.write_manifest(present.archive.manifest())
            lost = _salvage(present.archive, new.archive, new.folder / "damaged.sqlite3")
            new.indexer.tell_chroma(anew=True)
            articles, passages = new.archive.count()
    whole = f"{articles:,} articles, {passages:,} passages"
    done = f"The archive was damaged ({faults[0]}); a new one holds what is whole of it: {whole}."
    return f"{done} Lost: {', '.join(lost)}; `sayso index` with their folders reads them again." if lost else done


def _faults(archive: Archive) -> list[str]:
    """What is wrong with an archive that new words cannot mend."""
    if faults := audit.file_faults(archive) or audit.orphans(archive):
        return faults
    try:
        archive.words.rebuild()
    except DamagedError as error:
        return [str(error)]
    return audit.word_faults(archive) or [why for _, why in audit.article_faults(archive)]


def rollback(shelf: Shelf) -> str:
    """Puts the index of before in use again, and keeps the present one in its place.

    :raises InputError: there is none.
    """
    with shelf.lock():
        before = shelf.current().indexer
        edition = shelf.roll_back()
        articles, passages = edition.archive.count()
    done = f"The index of before is in use again: {articles:,} articles, {passages:,} passages."
    return done + _advice(edition.archive, before)


def backup(shelf: Shelf, file: Path) -> str:
    """Writes a backup.

    :raises InputError: it cannot be written; :raises DamagedError: the archive is damaged.
    """
    settle(shelf)
    archive = shelf.current().archive
    replaced = ", in place of the backup that was there" if file.exists() else ""
    size = backups.write(file, archive.path, shelf.data_dir)
    return f"Wrote {archive.count()[0]:,} articles to {file} ({size / 1e6:,.1f} MB){replaced}."


def restore(shelf: Shelf, file: Path) -> str:
    """Puts what a backup holds in use; what it replaces is kept.

    :raises InputError: the file cannot be used; then nothing has changed.
    """
    with shelf.lock():
        try:
            with shelf.beside(anew=True) as new:
                backups.unpack(file, new.folder)
                new.indexer.tell_chroma(anew=True)
                articles, passages = new.archive.count()
                advice = _advice(new.archive, new.indexer)
                backups.put_back(new.folder, shelf.data_dir)  # before the switch: if it fails, nothing is switched
        finally:
            kept = backups.settle(shelf.data_dir)
    done = f"Restored {articles:,} articles, {passages:,} passages; `sayso rollback` takes it back."
    aside = f" The chats of before are kept in {kept}, and rollback leaves chats alone." if kept else ""
    return done + aside + advice


def settle(shelf: Shelf) -> None:
    """Ends a restore that was stopped, so that chats and index are of one time.

    :raises LockedError: it has not been stopped.
    """
    if backups.unsettled(shelf.data_dir):
        with shelf.lock():
            pass


def _advice(archive: Archive, asked: Indexer) -> str:
    """What to do where an archive was built otherwise than the settings ask for."""
    try:
        require_same(archive.manifest(), asked.settings, asked.encoder_name)
    except MismatchError as error:
        return f" Mind that {error}: {error.hint}."
    return ""


def _salvage(archive: Archive, fresh: Archive, copy: Path) -> list[str]:
    """Writes all articles that can be read whole to ``fresh``; returns the ids of the others.

    They are read from a copy, on which the indexes of the tables are made anew as far as that goes.

    :raises DamagedError: there is none.
    """
    try:
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for suffix in ("", "-wal"):
            if (file := archive.path.with_name(archive.path.name + suffix)).exists():
                shutil.copy2(file, copy.with_name(copy.name + suffix))
    except OSError as error:
        raise StoreError(f"{copy.parent} cannot be written ({error.strerror or error})", "make room first") from error
    with closing(Archive(copy)) as damaged:
        damaged.reindex()
        found = audit.articles_with_rows(damaged)
        lost = []
        for article_id, rows in found.items():
            try:
                fresh.put(*audit.record(damaged, article_id, rows))
            except (DamagedError, InputError):
                lost.append(article_id)
    for suffix in ("", "-wal", "-shm"):
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)
    if len(lost) == len(found):
        raise _lost(archive, "no article can be read")
    return lost


def _lost(archive: Archive, why: str) -> DamagedError:
    return DamagedError(
        f"nothing of the index {archive.path} can be used ({why})",
        f"`sayso restore FILE` brings back a backup; or move {archive.path.parent} away and run `sayso index` again",
    )
