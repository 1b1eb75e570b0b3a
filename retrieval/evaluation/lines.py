"""Lines of the files that a dataset is made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from retrieval.errors import InputError

Record = TypeVar("Record", bound=BaseModel)


def text_lines(path: Path) -> Iterator[str]:
    """Each line of a file in UTF-8, with its end.

    :raises InputError: it is a folder or cannot be read, or a line is not UTF-8.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield line.decode("utf-8")
                except UnicodeDecodeError as error:
                    raise InputError(f"{path}, line {number}: not UTF-8", "save the file as UTF-8") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "name a file, and see who may read it") from error


def records(path: Path, form: type[Record]) -> Iterator[Record]:
    """The records of a file of JSON lines, empty lines left out.

    :raises InputError: the file cannot be read, or a line is no such record.
    """
    for number, line in enumerate(text_lines(path), start=1):
        if line.strip():
            try:
                yield form.model_validate_json(line)
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(str(part) for part in first["loc"])
                raise InputError(
                    f"{path}, line {number}: {where}: {first['msg']}".replace(": :", ":"),
                    "mend the line or leave it out",
                ) from error
