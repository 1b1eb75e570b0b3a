"""What lies in a data folder: which index is in use, whether it is whole, whether Chroma holds the same."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from retrieval.doctor.checks import Check, fail, listed, ok, warn
from retrieval.encoder import encoder_name
from retrieval.errors import LockedError, MismatchError, SaysoError, StoreError
from retrieval.settings import Settings
from retrieval.store import audit
from retrieval.store.archive import Archive
from retrieval.store.backup import unsettled
from retrieval.store.chats_file import CHATS, fault, remedy
from retrieval.store.editions import ARCHIVE, CHROMA, Editions, editions, is_ours, scraps, strays
from retrieval.store.lock import writer
from retrieval.store.manifest import require_same
from retrieval.store.probe import Comparison, compared
from retrieval.store.vectors import ChromaIndex

_REPAIR = "run `sayso repair`"
_AGAIN = "wait for the other process to end, and run `sayso doctor` again"
_RESTORE = "`sayso restore FILE` brings back a backup; `sayso index` with your folders builds it anew"
#: Files of ours that hold what the articles say, or what was asked.
_PRIVATE = ("*.sqlite3*", "writer*", "current.json", "history", "chroma/**/*", "index-*/**/*")


def folder_checks(settings: Settings, data_dir: Path) -> Iterator[Check]:
    """The checks of the data folder and of the index in use."""
    if not data_dir.exists() or not any(is_ours(data_dir, path) for path in data_dir.iterdir()):
        yield ok("index", f"there is no index in {data_dir}; `sayso index` begins one")
        return
    yield permissions(data_dir)
    yield lock(data_dir)
    if (data_dir / CHATS).exists():
        yield chats(data_dir / CHATS)
    try:
        chosen = editions(data_dir)
    except StoreError as error:
        yield fail("index", str(error), error.hint)
        return
    yield leftovers(chosen)
    if not (chosen.folder / ARCHIVE).exists():
        if (chosen.folder / CHROMA).exists():
            yield fail("index", f"{chosen.folder / ARCHIVE} is gone, though its Chroma is there", _RESTORE)
        else:
            yield ok("index", f"nothing is indexed yet in {data_dir}; `sayso index` begins")
        return
    with closing(Archive(chosen.folder / ARCHIVE)) as archive:
        yield from _archive_checks(settings, archive)


def _archive_checks(settings: Settings, archive: Archive) -> Iterator[Check]:
    first = schema(archive)
    yield first
    if first.remedy:
        return
    checks: dict[str, Callable[[], Check]] = {
        "manifest": partial(_found, "manifest", audit.manifest_faults, archive, _RESTORE),
        "archive file": partial(_found, "archive file", audit.file_faults, archive, _REPAIR),
        "records": partial(_found, "records", audit.orphans, archive, _REPAIR),
        "words": partial(_found, "words", audit.word_faults, archive, _REPAIR),
        "articles": partial(articles, archive),
        "settings": partial(manifest, settings, archive),
        "Chroma": partial(chroma, settings, archive),
    }
    for name, check in checks.items():
        try:
            yield check()
        except LockedError as error:
            yield warn(name, str(error), _AGAIN)
        except SaysoError as error:
            yield fail(name, str(error), error.hint or _REPAIR)


def _found(name: str, faults: Callable[[Archive], list[str]], archive: Archive, remedy: str) -> Check:
    found = faults(archive)
    return fail(name, listed(found), remedy) if found else ok(name, "whole")


def schema(archive: Archive) -> Check:
    """Whether the archive opens, and is of a version that this Sayso reads."""
    try:
        articles_, passages = archive.count()
    except StoreError as error:
        return fail("index", str(error), error.hint)
    return ok("index", f"{archive.path}: {articles_:,} articles, {passages:,} passages")


def articles(archive: Archive) -> Check:
    """Whether each article can be read whole: passages stand in its text, vectors are finite and of length 1."""
    faults = [f"{article_id}: {fault}" for article_id, fault in audit.article_faults(archive)]
    if faults:
        return fail("articles", listed(faults), _REPAIR)
    return ok("articles", "every passage stands in its article, every vector has length 1")


def manifest(settings: Settings, archive: Archive) -> Check:
    """Whether the index was built with the encoder and passages that are set now."""
    try:
        require_same(archive.manifest(), settings, encoder_name(settings.encoder))
    except MismatchError as error:
        return warn("settings", str(error), error.hint)
    return ok("settings", "the index was built with the encoder and passages that are set")


def chroma(settings: Settings, archive: Archive) -> Check:
    """Whether Chroma holds the archive's passages, row by row, and finds them."""
    index = ChromaIndex(settings.store.url, archive.path.parent)
    built = archive.manifest()
    seal = built.get("chroma_seal")
    if any(archive.outbox(1)) or built.get("chroma") != settings.store.url or seal == "":
        return warn("Chroma", "has not been told everything; the archive answers meanwhile", _REPAIR)
    if not index.exists():
        return fail("Chroma", "is gone; the archive answers meanwhile", _REPAIR)
    if seal is not None and index.digest() != seal:
        return fail("Chroma", "its files are not what was written; the archive answers meanwhile", _REPAIR)
    found = compared(settings.store.url, archive.path.parent)
    if not found.equal:
        return fail("Chroma", _told(found), _REPAIR)
    return ok("Chroma", f"holds the same {found.archived:,} passages")


def _told(found: Comparison) -> str:
    lack = {
        "are missing": found.missing,
        "are not the archive's": found.foreign,
        "have another vector": found.altered,
        "are not found by their own vectors": found.unfound,
    }
    return f"of {found.archived:,} passages " + ", ".join(f"{count:,} {what}" for what, count in lack.items() if count)


def lock(data_dir: Path) -> Check:
    """Whether somebody writes, or was stopped in writing."""
    who, writing = writer(data_dir)
    if writing:
        return ok("lock", f"{who} is writing")
    if who:
        return warn("lock", f"{who} was stopped while it wrote", "run `sayso index` again: it carries on")
    return ok("lock", "nobody is writing")


def chats(path: Path) -> Check:
    """Whether the bot can use the file of its chats."""
    try:
        why = fault(path)
    except LockedError as error:
        return warn("chats", str(error), _AGAIN)
    except StoreError as error:
        return fail("chats", str(error), error.hint)
    return fail("chats", f"{path} cannot be used ({why})", remedy(path)) if why else ok("chats", "whole")


def leftovers(chosen: Editions) -> Check:
    """Whether there are indexes and files that nothing uses."""
    found = [f"the unused index {name}" for name in strays(chosen)]
    found += [f"the half-made {path.name}" for path in scraps(chosen)]
    found += [f"{path.name} of a restore that was stopped" for path in unsettled(chosen.data_dir)]
    if found:
        remedy = "run `sayso index`, which carries on or tidies up, or `sayso repair`, which tidies up"
        return warn("leftovers", listed(found), remedy)
    kept = f"; {chosen.previous} is kept for `sayso rollback`" if chosen.previous else ""
    return ok("leftovers", f"none{kept}")


def permissions(data_dir: Path) -> Check:
    """Whether the folder and what it holds are its owner's alone."""
    remedy = f"chmod -R go= {data_dir}"
    if stat.S_IMODE(data_dir.stat().st_mode) & 0o077:
        return warn("permissions", f"others may look into {data_dir}", remedy)
    private = {path for pattern in _PRIVATE for path in data_dir.glob(pattern)}
    open_ = sorted(str(path.relative_to(data_dir)) for path in private if _is_open(path))
    if open_:
        return warn("permissions", f"others may read {listed(open_)}", remedy)
    if not os.access(data_dir, os.W_OK):
        return warn("permissions", f"{data_dir} cannot be written", "index and repair as its owner")
    return ok("permissions", "the folder and its files are their owner's alone")


def _is_open(path: Path) -> bool:
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
