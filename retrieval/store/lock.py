"""One writer at a time: a lock on the data folder that says who holds it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retrieval.errors import LockedError, StoreError


@contextmanager
def writer_lock(data_dir: Path, timeout_s: float) -> Iterator[None]:
    """Holds the folder for writing; the system lets go of it when the process ends, however it ends.

    :raises LockedError: another process holds it for longer than ``timeout_s`` seconds.
    :raises StoreError: the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    holder = data_dir / "writer"
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(data_dir / "writer.lock", timeout=timeout_s, mode=0o600)
        lock.acquire()
    except Timeout as error:
        raise LockedError(
            f"the index in {data_dir} is being written by {_named(holder)}",
            "wait for it to end, or stop it, and try again",
        ) from error
    except OSError as error:
        raise _unwritable(data_dir, error) from error
    try:
        _write_name(holder)
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def writer(data_dir: Path) -> tuple[str, bool]:
    """Who writes to the folder, or was stopped in writing, and whether it still holds the lock; "" for nobody."""
    from filelock import FileLock, Timeout

    holder, file = data_dir / "writer", data_dir / "writer.lock"
    if not file.exists():
        return "", False
    try:
        with FileLock(file, timeout=0, mode=0o600):
            return (_named(holder), False) if holder.exists() else ("", False)
    except Timeout:
        return _named(holder), True


def _named(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8").strip() or "another process"
    except OSError:  # it has just taken the lock, or just let go of it
        return "another process"


def _write_name(holder: Path) -> None:
    try:
        with open(os.open(holder, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
    except OSError as error:
        raise _unwritable(holder.parent, error) from error


def _unwritable(data_dir: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the data folder {data_dir} cannot be written ({error.strerror or error})",
        "check its owner and the room on its disk, or name another with --data",
    )
