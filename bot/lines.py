"""Lines of styled text, and what makes text safe to show on a terminal.

A line knows neither width nor colours; ``bot.terminal`` wraps and paints it.
Imports nothing of the engine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

#: Escape sequences whole (CSI, OSC and its kin, two-character ones), then any control character left over.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f\n]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[\t\r\x0b\x0c\x85\u2028\u2029]")


class Segment(NamedTuple):
    """Text and the rich style in which it is shown."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: indented, its marker before the first row, wrapped under itself."""

    segments: tuple[Segment, ...] = ()
    indent: int = 2
    marker: str = ""


BLANK = Line(indent=0)


def line(text: str, style: str = "", *, indent: int = 2, marker: str = "") -> Line:
    """One line of one style."""
    return Line((Segment(text, style),), indent, marker)


def printable(text: str) -> str:
    """``text`` without escape sequences, control characters and bidi overrides; line feeds stay."""
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", _SEQUENCE.sub("", _SPACE.sub(" ", text))))


def one_line(text: str) -> str:
    """``text`` fit for a terminal with each run of blanks as one space."""
    return re.sub(r"\s+", " ", printable(text))


def counted(number: int, noun: str) -> str:
    """ "1 passage", "2,310 passages"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def clipped(text: str, width: int) -> str:
    """``text`` on one line, cut after a word to at most ``width`` characters."""
    whole = one_line(text).strip()
    if len(whole) <= width:
        return whole
    head, _, _ = whole[:width].rpartition(" ")
    return (head or whole[: width - 1]) + "…"


def plain(item: Line) -> str:
    """The line as one row of text."""
    return (" " * item.indent + item.marker + "".join(segment.text for segment in item.segments)).rstrip()


def error_lines(message: str, hint: str = "") -> list[Line]:
    """What happened and, where known, what to do."""
    happened = [line(message, indent=0, marker="error: ")]
    return happened + ([line(hint, indent=0, marker="hint:  ")] if hint else [])
