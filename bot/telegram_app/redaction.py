"""The service's log: a line a record, without secrets, without what people asked and without their names.

Three rules keep it so. Secrets are taken out of every line when it is complete, whatever part they stood
in. Our own messages name numbers, never texts of users. Of other packages' messages, which may quote a
whole update, only numbers are filled in; of exceptions whose words may quote their input, only the type
and the lines of code are told.
"""

from __future__ import annotations

import json
import logging
import re
import sqlite3
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

from retrieval.errors import SaysoError

_REDACTED = "<token>"
_TOKEN = re.compile(r"[0-9]{5,}(?::|%3[Aa])[A-Za-z0-9_-]{20,}")  # any bot's
_OURS = ("bot", "retrieval")
_CHATTY = ("httpx", "httpcore", "tornado.access", "apscheduler", "chromadb")  # httpx logs each URL, token and all
_QUOTING_NOTHING = (SaysoError, OSError, sqlite3.Error, MemoryError)
_QUOTING_NOTHING_OF = ("telegram.error", "httpx", "httpcore")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Redactor:
    """Takes secrets out of texts and exceptions."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        parts = {part for secret in secrets for part in (secret, secret.partition(":")[2]) if len(part) >= 8}
        known = "|".join(re.escape(part) for part in sorted(parts, key=len, reverse=True))
        self._secret = re.compile(f"{_TOKEN.pattern}|{known}" if known else _TOKEN.pattern)

    def text(self, text: str) -> str:
        """``text`` with "<token>" in place of each secret, and of whatever looks like a bot's token."""
        return self._secret.sub(_REDACTED, text)

    def error(self, error: BaseException) -> None:
        """Rewrites the words of an exception, and of those that led to it, in place."""
        for each in _chain(error):
            each.args = tuple(self.text(part) if isinstance(part, str) else part for part in each.args)
            if isinstance(message := getattr(each, "message", None), str):  # PTB keeps it twice
                each.message = self.text(message)  # type: ignore[attr-defined]


def set_up(stream: TextIO, form: Literal["json", "text"], redactor: Redactor, level: int = logging.INFO) -> None:
    """Makes ``stream`` the one place where this process logs; warnings of Python go there too."""
    handler = _Handler(stream)
    handler.setFormatter(Lines(form, redactor))
    root = logging.getLogger()
    for other in root.handlers[:]:
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("telegram.ext").addFilter(_news)
    logging.captureWarnings(True)


def _news(record: logging.LogRecord) -> bool:
    """Not what PTB's retry loop logs: it raises the same, or hands it over, and then it is told in our words."""
    return record.module != "networkloop"


class _Handler(logging.StreamHandler[TextIO]):
    """Python's own words for a record that cannot be written would quote it."""

    def handleError(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):  # the stream itself is gone
            self.stream.write(f"a record of {record.name} at line {record.lineno} cannot be written\n")


class Lines(logging.Formatter):
    """A record as a line of JSON, or as text with ``key=value`` at its end and a traceback under it."""

    def __init__(self, form: Literal["json", "text"], redactor: Redactor) -> None:
        super().__init__()
        self._form, self._redactor = form, redactor

    def format(self, record: logging.LogRecord) -> str:
        """The complete line, without secrets."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        error = record.exc_info[1] if record.exc_info else None
        told = {"time": when, "level": record.levelname.lower(), "logger": record.name, "message": _message(record)}
        fields = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        trace = "".join(_trace(error)) if error is not None else ""
        if self._form == "json":
            errors = {"error": trace} if trace else {}
            return self._redactor.text(json.dumps({**told, **fields, **errors}, ensure_ascii=False, default=str))
        line = " ".join([*told.values(), *(f"{key}={value}" for key, value in fields.items())])
        return self._redactor.text("\n".join([line.replace("\n", "\\n"), *trace.rstrip().splitlines()]))


def _message(record: logging.LogRecord) -> str:
    """Our own words in full; another package's template with numbers only."""
    if record.name.partition(".")[0] in _OURS:
        return record.getMessage()
    arguments = record.args if isinstance(record.args, tuple) else ()
    first = str(record.msg).partition("\n")[0]
    try:
        return first % tuple(_bare(argument) for argument in arguments)
    except (TypeError, ValueError):  # the template wants other numbers, or names
        return first


def _bare(argument: object) -> Any:
    return argument if isinstance(argument, (int, float)) else f"<{type(argument).__name__}>"


def _trace(error: BaseException) -> Iterator[str]:
    """The lines of code that led to the error and to those before it, oldest first."""
    for nth, each in enumerate(reversed(list(_chain(error)))):
        yield "then:\n" if nth else ""
        yield from traceback.format_tb(each.__traceback__)
        told = isinstance(each, _QUOTING_NOTHING) or type(each).__module__.startswith(_QUOTING_NOTHING_OF)
        yield f"{type(each).__module__}.{type(each).__qualname__}{f': {each}' if told else ''}\n"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, then what caused it, and so on; each once."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
