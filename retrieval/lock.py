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
        who = holder.read_text().strip() if holder.exists() else "another process"
        raise LockedError(
            f"the index in {data_dir} is being written by {who}", "wait for it to end, or stop it, and try again"
        ) from error
    except OSError as error:
        raise StoreError(
            f"the data folder {data_dir} cannot be written ({error.strerror})", "check its owner, or name another with --data"
        ) from error
    try:
        holder.write_text(f"process {os.getpid()} on {socket.gethostname()}\n")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
