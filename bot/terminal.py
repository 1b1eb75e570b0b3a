"""Lines -> a stream: wrapped to its width, painted where it can show it; and progress."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from bot.lines import Line, Segment, counted, line, plain, printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from retrieval.protocols import Progress

_BAR_COLUMNS = 39


@dataclass(frozen=True, slots=True)
class Screen:
    """Where lines are written. ``width`` None: not wrapped; ``colour`` False: no escape codes at all."""

    stream: TextIO
    width: int | None = None
    colour: bool = False

    def write(self, lines: Iterable[Line]) -> None:
        """Writes each line as it comes; all that reaches a terminal passes ``printable`` here."""
        for item in lines:
            pieces = tuple(Segment(printable(text).replace("\n", " "), style) for text, style in item.segments)
            safe = Line(pieces, item.indent, printable(item.marker).replace("\n", " "))
            if self.width is None and not self.colour:
                self.stream.write(plain(safe) + "\n")
            else:
                self._paint(safe)
        self.stream.flush()

    def say(self, text: str) -> None:
        """Writes one plain line from the left edge."""
        self.write([line(text, indent=0)])

    def console(self) -> Console:
        """A rich console that adds nothing of its own."""
        from rich.console import Console

        return Console(
            file=self.stream,
            color_system="standard" if self.colour else None,
            force_terminal=self.colour,
            width=self.width,
            highlight=False,
            emoji=False,
            markup=False,
            legacy_windows=False,
        )

    def _paint(self, item: Line) -> None:
        console = self.console()
        for row in _rows(item, self.width):
            console.print(row, soft_wrap=True)


def screen(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Screen:
    """``stream`` as what it is: colours and wrapping on a terminal, plain whole lines elsewhere."""
    if not stream.isatty():
        return Screen(stream)
    dumb = bool(environ.get("NO_COLOR")) or environ.get("TERM", "dumb") in ("dumb", "")
    return Screen(stream, max(20, shutil.get_terminal_size().columns), not dumb)


def _rows(item: Line, width: int | None) -> Iterator[Text]:
    """The line's rows, the text of all of them in one column."""
    from rich.text import Text

    text = Text.assemble(*item.segments)
    left = " " * item.indent + item.marker
    rows = text.divide(_breaks(text.plain, max(10, width - len(left)))) if width else [text]
    for nth, row in enumerate(rows):
        row.rstrip()
        yield Text.assemble(left if nth == 0 else " " * len(left), row) if row.plain or nth == 0 else row


def _breaks(text: str, columns: int) -> Iterator[int]:
    """Where rows of at most ``columns`` begin. A longer word is cut, a link never (rich does both or none)."""
    from rich.cells import cell_len, chop_cells

    used = cell_len(text) - cell_len(text.lstrip())
    for word in re.finditer(r"(\S+)\s*", text):
        start, pieces = word.start(), [word[1]]
        if used and used + cell_len(word[1]) > columns:
            yield start
            used = 0
        if cell_len(word[1]) > columns and "://" not in word[1]:
            pieces = chop_cells(word[1], columns)
        for piece in pieces[:-1]:
            start += len(piece)
            yield start
        used += cell_len(pieces[-1]) + len(word[0]) - len(word[1])


@contextmanager
def progress(on: Screen) -> Iterator[Progress]:
    """A listener that draws bars on a terminal and writes a few lines elsewhere."""
    if on.colour:
        with _bars(on) as listener:
            yield listener
    else:
        yield _Milestones(on)


@dataclass(slots=True)
class _Milestones:
    """Names each stage once, then every doubling from a thousand on."""

    on: Screen
    next_told: dict[str, int] = field(default_factory=dict)

    def __call__(self, stage: str, done: int, total: int) -> None:
        unit = counted(total, "question") if stage == "asking" else _UNITS.get(stage, "")
        if stage not in self.next_told:
            self.next_told[stage] = 1000
            self.on.say(f"{stage.capitalize()} {unit}".rstrip())
        if done >= self.next_told[stage]:
            self.on.say(f"{stage.capitalize()} {_counted(done, total)}")
            while self.next_told[stage] <= done:
                self.next_told[stage] *= 2


_UNITS = {"reading": "articles", "preparing": "the encoder", "encoding": "passages"}


def _counted(done: int, total: int) -> str:
    """How far a stage is; a total of 0 is not known yet."""
    return f"{done:,}/{total:,}" if total else f"{done:,}" if done else ""


@contextmanager
def _bars(on: Screen) -> Iterator[Progress]:
    from rich.progress import BarColumn, Progress, TaskID, TextColumn

    columns = (TextColumn("{task.description:<10}"), BarColumn(_BAR_COLUMNS), TextColumn("{task.fields[told]}"))
    with Progress(*columns, console=on.console()) as display:
        tasks: dict[str, TaskID] = {}

        def listener(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = display.add_task(stage.capitalize(), total=total or None, told="")
            display.update(tasks[stage], completed=done, total=total or None)
            task = next(task for task in display.tasks if task.id == tasks[stage])
            told = _counted(done, total)
            if stage == "encoding":
                told += " passages" + _pace(task.speed, None if done >= total else task.time_remaining)
            display.update(tasks[stage], told=told)

        yield listener


def _pace(speed: float | None, left_s: float | None) -> str:
    rate = f" · {speed:,.0f}/s" if speed else ""
    return rate + (f" · {left_s:,.0f} s left" if left_s is not None else "")
