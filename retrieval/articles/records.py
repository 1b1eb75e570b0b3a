"""JSON lines: one article a line."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path

from retrieval.articles.fields import names, one_line, web_url
from retrieval.errors import InputError
from retrieval.texts.dates import iso_date
from retrieval.types import Article, Reference, Rejected

_UNFIT = re.compile(r"[\x00\ud800-\udfff]")  # what neither SQLite nor UTF-8 can hold
_LONGEST_ID = 512  # characters
_OPTIONAL = ("title", "publisher", "published", "url")


def read_records(path: Path) -> Iterator[Article | Rejected]:
    """The articles of a corpus file, in its order; a line that is none comes as rejected, with its number.

    "date" is taken for "published" where that is missing, and "author" may be
    a list of names. Raises :class:`OSError` where the file cannot be read and
    :class:`InputError` where it is not UTF-8.
    """
    first_line: dict[str, int] = {}
    with path.open("rb") as file:
        for number, data in enumerate(file, start=1):
            if number == 1:
                data = _without_mark(data)
            if not data.strip():
                continue
            source = f"{path}#{number}"
            try:
                record = _parsed(data)
                if not first_line and _is_question(record):
                    yield Rejected(str(path), "a question set, not articles", failed=False)
                    return
                article = _article(record, source)
            except InputError as error:
                yield Rejected(source, str(error), failed=True)
                continue
            article_id = article.reference.article_id
            if first_line.setdefault(article_id, number) != number:
                reason = f"line {number} has the id {article_id!r} of line {first_line[article_id]}"
                yield Rejected(source, reason, failed=True)
            elif not article.text.strip():
                yield Rejected(source, "no text", failed=False)
            else:
                yield article


def _without_mark(data: bytes) -> bytes:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise InputError("UTF-16; JSON lines must be UTF-8")
    return data.removeprefix(codecs.BOM_UTF8)


def _parsed(data: bytes) -> dict[str, object]:
    try:
        record = json.loads(data.decode("utf-8").rstrip())
    except UnicodeDecodeError as error:
        raise InputError("not valid UTF-8") from error
    except json.JSONDecodeError as error:
        raise InputError(f"not valid JSON at column {error.colno}: {error.msg}") from error
    except ValueError as error:  # a number of more than 4,300 digits
        raise InputError(f"not valid JSON: {error}") from error
    except RecursionError as error:
        raise InputError("nested too deeply") from error
    if not isinstance(record, dict):
        raise InputError("not a JSON object")
    return record


def _is_question(record: dict[str, object]) -> bool:
    return isinstance(record.get("question"), str) and "text" not in record


def _article(record: dict[str, object], source: str) -> Article:
    identity = record.get("_id", record.get("id"))
    if isinstance(identity, int) and not isinstance(identity, bool):
        identity = str(identity)
    if identity is None or identity == "":
        raise InputError('no "_id" or "id"')
    article_id, text = _string("id", identity), _string("text", record.get("text"))
    if len(article_id) > _LONGEST_ID:
        raise InputError(f'"id" has {len(article_id):,} characters, at most {_LONGEST_ID} are taken')
    fields = {name: _string(name, record[name]) for name in _OPTIONAL if record.get(name) is not None}
    reference = Reference(
        article_id,
        source,
        title=one_line(fields.get("title")),
        author=_author(record.get("author")),
        publisher=one_line(fields.get("publisher")),
        published=iso_date(fields.get("published") or one_line(record.get("date")) or ""),
        url=web_url(fields.get("url")),
    )
    return Article(reference, text)


def _author(value: object) -> str | None:
    stated = value if isinstance(value, list) else [] if value is None else [value]
    return names([_string("author", name) for name in stated])


def _string(name: str, value: object) -> str:
    if value is None:
        raise InputError(f'no "{name}"')
    if not isinstance(value, str):
        raise InputError(f'"{name}" is not a string')
    if _UNFIT.search(value):
        raise InputError(f'"{name}" holds characters that are no text (NUL or half a surrogate pair)')
    return value
