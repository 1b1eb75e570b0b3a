"""One file that holds the archive and the bot's chats: written while others write, checked before it is used.

It is a ZIP of whole SQLite databases and a list of their hashes. Chroma is not in it, for it is built from the
archive, nor are settings or secrets, which lie elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from contextlib import closing
from pathlib import Path
from typing import IO

from retrieval.errors import DamagedError, InputError
from retrieval.store.archive import Archive
from retrieval.store.audit import article_faults, file_faults, orphans
from retrieval.store.chats_file import CHATS, REPLACED, fault, kept_aside, remedy
from retrieval.store.database import SCHEMA_VERSION, damaged, translated
from retrieval.store.editions import ARCHIVE, editions, is_ours, last_known

_CONTENTS = "sayso-backup.json"
_FORMAT = 1
_PIECE = 1 << 20
_LIST_BYTES = 10_000  # of the list of hashes, at most

#: What reading a ZIP that is damaged or made with malice raises.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError,
    ValueError, KeyError, TypeError, AttributeError, OverflowError,
)  # fmt: skip


def write(file: Path, archive: Path, data_dir: Path) -> int:
    """Writes the backup, whole or not at all, and returns its size in bytes.

    :raises InputError: it cannot be written, or something else is there; :raises DamagedError: the archive or the
        file of the chats is.
    """
    if is_ours(data_dir, file):
        raise InputError(f"{file} is a file that Sayso uses itself", "name another file")
    if file.is_dir() or (file.exists() and not _is_backup(file)):
        raise InputError(f"{file} is there and is no backup of Sayso", "name another file")
    try:
        with tempfile.TemporaryDirectory(dir=file.resolve().parent, prefix=".sayso-backup-") as scratch:
            copies = [_copied(archive, Path(scratch) / ARCHIVE)]
            if (data_dir / CHATS).exists():
                _require_chats(data_dir / CHATS)
                copies.append(_copied(data_dir / CHATS, Path(scratch) / CHATS))
            packed = _packed(copies, Path(scratch) / "packed")
            os.replace(packed, file)
    except OSError as error:
        said = f"the backup {file} cannot be written ({error.strerror or error})"
        raise InputError(said, "make room, or name a file elsewhere") from error
    return file.stat().st_size


def unpack(file: Path, folder: Path) -> None:
    """Puts the databases of a backup into an empty folder once they have proved whole.

    :raises InputError: it is no backup, is damaged, or comes from a newer Sayso.
    """
    hint = "nothing was changed; use another backup"
    try:
        with zipfile.ZipFile(file) as packed:
            hashes = _hashes(packed)
            wanted = sum(packed.getinfo(name).file_size for name in hashes)
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if wanted > shutil.disk_usage(folder).free:
                raise InputError(f"{file} takes {wanted / 1e6:,.0f} MB, more than the disk has room for", "make room")
            for name, expected in hashes.items():
                with packed.open(name) as source:
                    if _written(source, folder / name, packed.getinfo(name).file_size) != expected:
                        raise InputError(f"{file} is damaged: {name} is not what was written", hint)
    except FileNotFoundError as error:
        raise InputError(f"there is no file {file}", hint) from error
    except _BROKEN as error:
        raise InputError(f"{file} is no whole backup of Sayso ({error})", hint) from error
    except OSError as error:
        raise InputError(f"{file} cannot be unpacked ({error.strerror or error})", hint) from error
    with closing(Archive(folder / ARCHIVE)) as archive:
        faults = file_faults(archive) or orphans(archive) or [why for _, why in article_faults(archive)]
    if faults:
        raise InputError(f"{file} holds a damaged index ({faults[0]})", hint)
    if (folder / CHATS).exists() and (why := fault(folder / CHATS)):
        raise InputError(f"{file} holds chats that cannot be used ({why})", hint)


def put_back(folder: Path, data_dir: Path) -> None:
    """Makes the bot's chats what a backup unpacked into ``folder`` holds, if it holds any; a running bot goes on.

    It counts once the index in ``folder`` is in use: until :func:`settle`, the chats of before are at hand.
    """
    unpacked, present = folder / CHATS, data_dir / CHATS
    if not unpacked.exists():
        return
    kept = data_dir / REPLACED.format(folder.name)
    if not present.exists():
        kept.touch(0o600)  # an empty file: there were none
    elif fault(present):
        _move(present, kept)
    else:
        os.replace(_copied(present, kept.with_name(f"{kept.name}.part")), kept)
    with translated(present):
        _copy(unpacked, present)
    unpacked.unlink()


def unsettled(data_dir: Path) -> list[Path]:
    """The chats of before, of a restore that was not yet settled."""
    return sorted(data_dir.glob(REPLACED.format("*")))


def settle(data_dir: Path) -> Path | None:
    """Ends what :func:`put_back` began, also in a process that was killed, so that chats and index are of one time.

    Where the index of the backup came in use the chats of before are set aside, and where is returned; else they
    are in use again. The caller holds the lock.
    """
    aside = None
    for half_made in data_dir.glob(f"{REPLACED.format('*')}.part"):
        half_made.unlink()
    for kept in unsettled(data_dir):
        try:
            chosen = editions(data_dir)
        except DamagedError:
            chosen = last_known(data_dir)
        switched = kept.name in {REPLACED.format(name) for name in (chosen.current, chosen.previous)}
        if not switched:
            _take_back(kept, data_dir / CHATS)
        elif kept.stat().st_size:
            aside = kept_aside(data_dir)
            _move(kept, aside)
        kept.unlink(missing_ok=True)
    return aside


def _take_back(kept: Path, present: Path) -> None:
    if kept.stat().st_size and not fault(kept):
        with translated(present):
            _copy(kept, present)
        return
    for suffix in ("-wal", "-shm", ""):
        present.with_name(present.name + suffix).unlink(missing_ok=True)
    if kept.stat().st_size:
        _move(kept, present)  # damaged as it is, it may hold what can still be saved


def _move(source: Path, target: Path) -> None:
    """Moves a database and its log."""
    for suffix in ("-wal", ""):
        if (file := source.with_name(source.name + suffix)).exists():
            os.replace(file, target.with_name(target.name + suffix))


def _require_chats(path: Path) -> None:
    if why := fault(path):
        raise DamagedError(f"the chats {path} cannot be used ({why})", remedy(path))


def _is_backup(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as packed:
            return _CONTENTS in packed.namelist()
    except _BROKEN:
        return False


def _copied(database: Path, copy: Path) -> Path:
    """A copy of a database as it was at one moment, whoever writes to it; checked."""
    with translated(database):
        _copy(database, copy)
        with closing(sqlite3.connect(copy)) as made:
            found = made.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                raise damaged(database, found)
    return copy


def _copy(source: Path, target: Path) -> None:
    """Makes ``target`` equal to ``source`` in one transaction."""
    os.close(os.open(target, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)  # all pages in one step, so that no writer makes it begin again


def _packed(copies: list[Path], packed: Path) -> Path:
    hashes = {}
    private = os.fdopen(os.open(packed, os.O_CREAT | os.O_RDWR, 0o600), "wb")
    with private, zipfile.ZipFile(private, "w", zipfile.ZIP_DEFLATED) as to:
        for copy in copies:
            with copy.open("rb") as source:
                hashes[copy.name] = hashlib.file_digest(source, "sha256").hexdigest()
            to.write(copy, copy.name)
        contents = {"format": _FORMAT, "schema": SCHEMA_VERSION, "sha256": hashes}
        to.writestr(_CONTENTS, json.dumps(contents))
    return packed


def _hashes(packed: zipfile.ZipFile) -> dict[str, str]:
    """The members to take and their hashes; any other member, as one named "../x", makes it no backup."""
    names = sorted(packed.namelist())
    if _CONTENTS not in names or packed.getinfo(_CONTENTS).file_size > _LIST_BYTES:
        raise ValueError("it has no list of contents")
    contents = json.loads(packed.read(_CONTENTS))
    if contents["format"] > _FORMAT or contents["schema"] > SCHEMA_VERSION:
        raise InputError("the backup was made by a newer Sayso", "upgrade Sayso; nothing was changed")
    hashes = dict(contents["sha256"])
    if ARCHIVE not in hashes or not hashes.keys() <= {ARCHIVE, CHATS} or names != sorted([*hashes, _CONTENTS]):
        raise ValueError("its contents are not those of a backup")
    return hashes


def _written(source: IO[bytes], target: Path, size: int) -> str:
    """The hash of what was written, which is never more than ``size`` bytes, whatever the file unpacks to."""
    digest, written = hashlib.sha256(), 0
    with os.fdopen(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        while piece := source.read(_PIECE):
            written += len(piece)
            if written > size:
                raise ValueError("a member is larger than it says")
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()
