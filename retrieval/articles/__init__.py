"""Files to articles: finding them, reading them, and saying which were left out and why."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from retrieval.articles.decoding import decode
from retrieval.articles.markdown import markdown_article
from retrieval.articles.records import read_records
from retrieval.articles.webpages import declared_charset, web_article
from retrieval.errors import InputError
from retrieval.types import Article, Reference, Rejected

__all__ = ["read_articles"]

_MB = 1 << 20
_DOCUMENTS = frozenset({".pdf", ".doc", ".docx", ".odt", ".rtf", ".epub"})  # that other programs save as text


class _File(NamedTuple):
    """A file to read and the id that its article gets."""

    path: Path
    article_id: str


def read_articles(paths: Sequence[Path], max_file_mb: int) -> Iterator[Article | Rejected]:
    """Every article of the files and folders named, and every input that is none, with the reason.

    Paths are read in the order given, folders recursively and sorted. A file
    is read once, however often it is named; hidden files in folders are passed
    over. ``max_file_mb`` is in units of 2**20 bytes. Never raises for a file.
    """
    read: set[str] = set()
    for path in paths:
        for found in _found(path):
            if isinstance(found, Rejected):
                yield found
            elif (real := os.path.realpath(found.path)) not in read:
                read.add(real)
                yield from _read(_File(Path(real), found.article_id), found.path, max_file_mb)


def _found(path: Path) -> Iterator[_File | Rejected]:
    if os.path.isdir(path):
        yield from _in_folder(Path(os.path.realpath(path)))
        return
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # a path with a NUL character
        yield Rejected(_shown(path), "no such file or folder", failed=True)
    except OSError as error:
        yield Rejected(_shown(path), f"cannot be read: {error.strerror}", failed=True)
    else:
        yield _File(path, path.name)


def _in_folder(root: Path) -> Iterator[_File | Rejected]:
    unreadable: list[OSError] = []
    files: set[Path] = set()
    links: set[Path] = set()
    for folder, subfolders, names in os.walk(root, onerror=unreadable.append):  # does not follow links
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        seen = {Path(folder, name) for name in (*names, *subfolders) if not name.startswith(".")}
        links |= {path for path in seen if os.path.islink(path)}
        files |= {path for path in seen - links if path.name in names}
    for path in sorted(files | links, key=lambda path: path.relative_to(root).as_posix()):
        target = Path(os.path.realpath(path))
        if not target.is_relative_to(root):
            yield Rejected(_shown(path), "a link that leads out of the folder", failed=False)
        # A link to what is read in its own place adds nothing; one into a hidden folder does.
        elif path in files or not (target in files or os.path.isdir(target)):
            yield _File(path, path.relative_to(root).as_posix())
    for error in unreadable:
        yield Rejected(_shown(error.filename), f"cannot be read: {error.strerror}", failed=True)


def _read(file: _File, named: Path, max_file_mb: int) -> Iterator[Article | Rejected]:
    """The articles of one file; every error of the file itself becomes a rejection."""
    suffix = named.suffix.lower()
    try:
        status = file.path.stat()
        if not stat.S_ISREG(status.st_mode):
            yield Rejected(_shown(named), "not a regular file", failed=False)
        elif suffix != ".jsonl" and suffix not in _READERS:
            yield Rejected(_shown(named), _no_reader(suffix), failed=False)
        elif _shown(file.path) != str(file.path) or _shown(file.article_id) != file.article_id:
            yield Rejected(_shown(named), "a file name that is not UTF-8", failed=True)
        elif status.st_size > max_file_mb * _MB:
            reason = f"{status.st_size / _MB:,.1f} MB, over the limit of {max_file_mb:,} MB"
            yield Rejected(_shown(named), reason, failed=True)
        elif suffix == ".jsonl":
            yield from _records(file)
        else:
            article = _READERS[suffix](Reference(file.article_id, str(file.path)), file.path.read_bytes())
            yield article if article.text.strip() else Rejected(_shown(named), "no text", failed=False)
    except OSError as error:
        yield Rejected(_shown(named), f"cannot be read: {error.strerror or error}", failed=True)
    except InputError as error:
        yield Rejected(_shown(named), str(error), failed=True)


def _no_reader(suffix: str) -> str:
    advice = "; save it as text first" if suffix in _DOCUMENTS else ""
    return f"no reader for {suffix or 'files without an extension'}{advice}"


def _records(file: _File) -> Iterator[Article | Rejected]:
    empty = True
    for record in read_records(file.path):
        empty = False
        yield record
    if empty:
        yield Rejected(str(file.path), "no text", failed=False)


def _shown(path: Path | str) -> str:
    """The path with bytes that are no UTF-8 replaced, so that it can be printed and stored."""
    return os.fsencode(path).decode("utf-8", "replace")


def _text(reference: Reference, data: bytes) -> Article:
    return Article(reference, decode(data))


def _markdown(reference: Reference, data: bytes) -> Article:
    return markdown_article(reference, decode(data))


def _webpage(reference: Reference, data: bytes) -> Article:
    return web_article(reference, decode(data, declared_charset(data)))


_READERS: dict[str, Callable[[Reference, bytes], Article]] = {
    ".txt": _text,
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": _webpage,
    ".htm": _webpage,
}
