"""Which index of a data folder answers: one is in use, the one before it is kept, a new one is built beside them.

The first lies in the data folder itself, later ones in ``index-1``, ``index-2``, … within it. A small file names
the one in use; replacing that file is the switch, and every reader looks at it before each question.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from retrieval.errors import DamagedError, StoreError

ARCHIVE, CHROMA = "archive.sqlite3", "chroma"
POINTER = "current.json"
#: What a data folder holds of ours, by the first part of its path there.
_OURS = (
    f"{ARCHIVE}*", f"{POINTER}*", CHROMA, "index-*", "chats.*", "models", "weights.json", "history", "uploads",
    "writer", "writer.lock",
)  # fmt: skip
_FIRST = "."
_NAME = re.compile(r"\.|index-[1-9]\d{0,8}")
_HINT = "run `sayso doctor`; `sayso restore FILE` brings back a backup"


@dataclass(frozen=True, slots=True)
class Editions:
    """The names of the index in use and of the one before it, which are folders within the data folder."""

    data_dir: Path
    current: str = _FIRST
    previous: str | None = None

    @property
    def folder(self) -> Path:
        """Where the index in use lies."""
        return self.data_dir / self.current

    def unfinished(self) -> str:
        """The name under which a new index is built; what lies there is not in use."""
        taken = [_number(name) for name in (self.current, self.previous) if name]
        return f"index-{max(taken) + 1}"

    def switched(self, name: str) -> Editions:
        """The same folder with the index ``name`` in use, and the present one kept behind it."""
        return Editions(self.data_dir, name, self.current)


def require_folder(data_dir: Path) -> None:
    """Nothing, where the data folder is there or may be made.

    :raises StoreError: it, or what it lies in, is no folder.
    """
    there = next(place for place in (data_dir, *data_dir.absolute().parents) if os.path.exists(place))
    if "\0" in str(data_dir) or (there == data_dir and not there.is_dir()):
        raise StoreError(f"the data folder {str(data_dir)!r} is no folder", "name another with --data")
    if not there.is_dir():
        raise StoreError(f"the data folder {data_dir} lies in {there}, which is no folder", "name another with --data")


def editions(data_dir: Path) -> Editions:
    """What the pointer says; without one, the index in the data folder itself is in use.

    :raises DamagedError: the pointer is no longer what was written, or names an index that is not there.
    """
    pointer = data_dir / POINTER
    try:
        written = json.loads(pointer.read_bytes())
        found = Editions(data_dir, written["current"], written["previous"])
        if not all(_NAME.fullmatch(name) for name in (found.current, found.previous or _FIRST)):
            raise ValueError("no name of an index")
    except FileNotFoundError:
        return Editions(data_dir)
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedError(f"{pointer}, which names the index in use, is damaged ({error})", _HINT) from error
    except OSError as error:
        raise StoreError(f"{pointer} cannot be read ({error.strerror or error})", "check the folder's owner") from error
    if not (found.folder / ARCHIVE).exists():
        raise DamagedError(f"the index in use, {found.folder}, is missing", _HINT)
    return found


def last_known(data_dir: Path) -> Editions:
    """The newest index that is there, for where nothing says which is in use."""
    return Editions(data_dir, max(_there(data_dir), key=_number, default=_FIRST))


def put_in_use(chosen: Editions) -> None:
    """Writes the pointer, whole and in one step, so that it survives a crash; then every reader follows."""
    pointer = chosen.data_dir / POINTER
    fresh = pointer.with_name(f"{POINTER}.{os.getpid()}")
    try:
        with open(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump({"current": chosen.current, "previous": chosen.previous}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, pointer)
        _sync(chosen.data_dir)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        said = f"the data folder {chosen.data_dir} cannot be written ({error.strerror or error})"
        raise StoreError(said, "the index in use is as it was; make room, or check the folder's owner") from error


def strays(chosen: Editions) -> list[str]:
    """Names of the indexes that are neither in use nor kept: an unfinished one, or one that was replaced."""
    return sorted(_there(chosen.data_dir) - {chosen.current, chosen.previous})


def scraps(chosen: Editions) -> list[Path]:
    """Files that a process was killed in making."""
    places = dict.fromkeys([chosen.data_dir, chosen.folder])
    return sorted(path for place in places for name in (ARCHIVE, POINTER) for path in place.glob(f"{name}.*"))


def is_ours(data_dir: Path, path: Path) -> bool:
    """Whether a path, be it there or not, is one that Sayso uses itself in the data folder."""
    place, folder = path.resolve(), data_dir.resolve()
    if not place.is_relative_to(folder) or place == folder:
        return False
    first = place.relative_to(folder).parts[0]
    return any(fnmatch(first, pattern) for pattern in _OURS)


def drop(data_dir: Path, name: str) -> None:
    """Deletes an index that is not in use, the archive last, so that a rest of one is recognised."""
    folder = data_dir / name
    shutil.rmtree(folder / CHROMA, ignore_errors=True)
    for suffix in ("-wal", "-shm", ""):
        (folder / (ARCHIVE + suffix)).unlink(missing_ok=True)
    if name != _FIRST:
        shutil.rmtree(folder, ignore_errors=True)


def _there(data_dir: Path) -> set[str]:
    """Names of the indexes in the folder, be they whole or not."""
    found = {path.name for path in data_dir.glob("index-*") if _NAME.fullmatch(path.name)}
    return found | {_FIRST} if (data_dir / ARCHIVE).exists() else found


def _number(name: str) -> int:
    return 0 if name == _FIRST else int(name.removeprefix("index-"))


def _sync(folder: Path) -> None:
    """Makes the folder's entries last through a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
