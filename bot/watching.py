"""``sayso index --watch``: indexes again whenever the paths have changed and then kept still."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.render import failure_lines, index_lines
from bot.session import Session
from retrieval.errors import InputError, StoreError
from retrieval.settings import default_corpus

if TYPE_CHECKING:
    from retrieval.corpus import Corpus

_QUIET_S = 2.0  # without a change, after which what was being written is taken to be whole
_PATIENCE_S = 300.0  # after which what never keeps still is read as it is
_AGAIN_S = 30.0  # until an index that cannot be written is tried again
_TICK_MS = 500

#: Folders to the paths that changed in them, as they change; none at all every ``_TICK_MS`` without a change.
Changes = Callable[[Sequence[Path]], Iterator[set[Path]]]


def keep_indexed(session: Session, corpus: Corpus, paths: Sequence[Path | str]) -> None:
    """Indexes the paths, then again whenever they change, until Ctrl-C; readers go on with what is committed.

    :raises InputError: a path is not there, or is an address.
    """
    followed = _followed(session, paths)
    session.out.write(index_lines(session.index(corpus, paths), session.cwd))
    session.say("Watching for changes; Ctrl-C ends it.")
    try:
        follow(session, corpus, paths, followed)
    except KeyboardInterrupt:
        session.say("Stopped watching; what is indexed is kept.")


def follow(
    session: Session, corpus: Corpus, paths: Sequence[Path | str], followed: Sequence[Path],
    changes: Changes | None = None, now: Callable[[], float] = time.monotonic,
) -> None:  # fmt: skip
    """Indexes the paths after each change of what is followed, once all is quiet; tries again what cannot be written.

    :param followed: the real paths; ``changes``: as the system tells them, where none are given; ``now``: seconds
    """
    data_dir = Path(os.path.realpath(os.path.expanduser(corpus.settings.data_dir)))
    folders = sorted({path if path.is_dir() else path.parent for path in followed})
    first = last = now()  # something may have changed since the index was begun
    pending, not_before = True, 0.0
    for changed in (changes or _changes)(folders):
        if any(_is_read(path, followed) and not path.is_relative_to(data_dir) for path in changed):
            last = now()
            first = first if pending else last
            pending = True
        quiet = now() >= last + _QUIET_S or now() >= first + _PATIENCE_S
        if not pending or not quiet or now() < not_before:
            continue
        try:
            report = corpus.index(paths)
        except StoreError as error:  # another process writes, or the disk is full
            session.say(f"{error}; trying again in {_AGAIN_S:.0f} s")
            not_before = now() + _AGAIN_S
            continue
        pending = False
        session.err.write(failure_lines(report, session.cwd))
        if report.added or report.updated or report.removed:
            session.out.write(index_lines(report, session.cwd))


def _followed(session: Session, paths: Sequence[Path | str]) -> list[Path]:
    named = paths or session.settings().corpus.paths or [default_corpus()]
    found = [Path(os.path.realpath(os.path.expanduser(path))) for path in named]
    for path, name in zip(found, named, strict=True):
        if not path.exists():
            raise InputError(f"{name} is not there to be watched", "--watch takes files and folders of this machine")
    return found


def _is_read(changed: Path, followed: Sequence[Path]) -> bool:
    """Whether what changed is followed, or is below it and not hidden, and so would be read."""
    within = [changed.relative_to(path) for path in followed if changed.is_relative_to(path)]
    return any(not any(part.startswith(".") for part in inner.parts) for inner in within)


def _changes(folders: Sequence[Path]) -> Iterator[set[Path]]:
    """What changed, as the system tells it; a folder that another takes the place of has changed, and is followed."""
    from watchfiles import watch

    while True:
        known = _identities(folders)
        there = [folder for folder, identity in zip(folders, known, strict=True) if identity]
        if not there:
            time.sleep(_TICK_MS / 1000)
            yield set()
            continue
        for found in watch(
            *there, watch_filter=None, rust_timeout=_TICK_MS, yield_on_timeout=True, ignore_permission_denied=True
        ):
            yield {Path(path) for _, path in found}
            if _identities(folders) != known:
                yield set(folders)
                break


def _identities(folders: Sequence[Path]) -> list[tuple[int, int] | None]:
    """What tells a folder from another of the same name; ``None`` where there is none."""
    found: list[tuple[int, int] | None] = []
    for folder in folders:
        try:
            status = folder.stat()
        except OSError:
            found.append(None)
        else:
            found.append((status.st_dev, status.st_ino))
    return found
