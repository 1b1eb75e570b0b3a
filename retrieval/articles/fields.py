"""What a file states about its article, as strings fit for a reference."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST = 500  # characters; longer ones are not a title or a name
_UNFIT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)


def one_line(value: object) -> str | None:
    """A string with its white space collapsed; ``None`` where nothing usable is stated."""
    if not isinstance(value, str) or _UNFIT.search(value):
        return None
    line = " ".join(value.split())
    return line if 0 < len(line) <= _LONGEST else None


def names(value: object) -> str | None:
    """One name or several joined by commas, from a string, a ``{"name": …}`` or a list of either."""
    if isinstance(value, dict):
        value = value.get("name")
    if isinstance(value, list):
        return joined(names(item) for item in value if not isinstance(item, list))
    return one_line(value)


def joined(values: Iterable[str | None]) -> str | None:
    """The distinct values that are stated, in order, joined by commas."""
    return one_line(", ".join(dict.fromkeys(value for value in values if value)))


def web_url(value: object) -> str | None:
    """The value where it is an http or https address."""
    line = one_line(value)
    return line if line and _URL.fullmatch(line) else None
