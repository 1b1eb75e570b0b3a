"""Files that a measurement ends in: tried before the questions are asked, replaced only when they are whole."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from retrieval.errors import InputError


def try_folder(folder: Path) -> None:
    """Makes the folder, and those above it, and tries whether files can be written there.

    :raises InputError: they cannot.
    """
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _try_beside(folder / "tried")


def try_file(file: Path) -> None:
    """Makes the folders above the file, and tries whether it can be written; what it holds stays.

    :raises InputError: it cannot.
    """
    with _told(file):
        if file.is_dir():
            raise InputError(f"{file} is a folder", "name a file")
        file.parent.mkdir(parents=True, exist_ok=True)
        if not _special(file):
            _try_beside(file.resolve())


def write(texts: Mapping[Path, str]) -> None:
    """Writes the files in UTF-8, all beside their places before the first is replaced: a failure leaves the old ones.

    :raises InputError: one cannot be written.
    """
    beside: dict[Path, Path] = {}  # unfinished -> where it belongs
    try:
        for path, text in texts.items():
            with _told(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                target = path if _special(path) else path.resolve()  # a link stays one
                unfinished = target if _special(path) else _unfinished(target)
                if unfinished != target:
                    beside[unfinished] = target
                unfinished.write_text(text, encoding="utf-8")
        for unfinished, target in beside.items():
            with _told(target):
                unfinished.replace(target)
    finally:
        for unfinished in beside:
            unfinished.unlink(missing_ok=True)


def _special(path: Path) -> bool:
    """Whether it is a pipe or a device, which nothing can take the place of."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _unfinished(target: Path) -> Path:
    return target.with_name(f"{target.name}.{os.getpid()}")


def _try_beside(target: Path) -> None:
    _unfinished(target).touch()
    _unfinished(target).unlink()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror})", "name another place") from error
