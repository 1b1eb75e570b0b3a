"""The file of the bot's chats as far as the engine keeps it; what its tables hold is the bot's alone to know."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

from retrieval.errors import DamagedError
from retrieval.store.database import address, translated

CHATS = "chats.sqlite3"
REPLACED = "chats.replaced-by-{}.sqlite3"  # the chats of before, until the restored index of that name is in use
#: As the bot makes them; a test compares.
VERSION = 1
TABLES = frozenset({"journal", "deliveries", "members", "preferences", "answers", "votes", "words"})


def fault(path: Path) -> str:
    """Why the bot could not use the file; empty where it can. One without tables is new, and whole.

    :raises StoreError: it cannot be looked into, for a lock or the disk.
    """
    try:
        writable = os.access(path.parent, os.W_OK)
        with translated(path), closing(sqlite3.connect(address(path, writable), uri=True)) as db:
            found = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            version = db.execute("PRAGMA user_version").fetchone()[0]
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    except DamagedError as error:
        return str(error.__cause__).splitlines()[0]
    if found != "ok":
        return str(found).splitlines()[0]
    if version > VERSION:
        return f"of a newer Sayso: schema {version}, this one reads {VERSION}"
    if (version < VERSION and tables) or (version == VERSION and not tables >= TABLES):
        return "its tables are not those of chats"
    return ""


def remedy(path: Path) -> str:
    """What to do about chats that cannot be used."""
    return f"`sayso restore FILE` brings back a backup; or move {path} away, and the bot begins anew"


def kept_aside(data_dir: Path) -> Path:
    """Where the chats of before a restore are kept: a name that is not taken."""
    places = (data_dir / f"chats.before-restore-{number}.sqlite3" for number in count(1))
    return next(place for place in places if not place.exists())
