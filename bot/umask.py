"""Whose the files are that Sayso writes: its own are their owner's alone, those a user asks for are as theirs are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_PRIVATE = 0o077
_of_user: int | None = None  # until :func:`keep_private` has taken its place


def keep_private() -> None:
    """Makes what is written from now on its owner's alone, in the whole process."""
    global _of_user
    _of_user = os.umask(_PRIVATE)


@contextmanager
def as_the_user() -> Iterator[None]:
    """For a block that writes what a user asked for, outside the data folder: who may read it is as their umask says.

    Not for backups and chats, which are private whatever the umask.
    """
    if _of_user is None:
        yield
        return
    os.umask(_of_user)
    try:
        yield
    finally:
        os.umask(_PRIVATE)
