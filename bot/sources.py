"""The articles themselves: the list of them, what of one is kept, and a quote among its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bot.lines import BLANK, Line, Segment, clipped, line, one_line
from bot.render import said_by, shown_source
from retrieval.types import SEARCHED, Article, Kind, Reference, Region, Span

_CONTEXT_CHARS = 1_000  # of the paragraph on either side of the quote
_REGION_COLUMNS = 60
_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")


def table_lines(references: Sequence[Reference], cwd: Path) -> Iterator[Line]:
    """A line an article: id, date, who says it, and the file."""
    from rich.cells import cell_len

    ids = [one_line(reference.article_id) for reference in references]
    widest = max(map(cell_len, ids), default=0)
    for shown, reference in zip(ids, references, strict=True):
        date = one_line(reference.published or "")
        marker = f"{shown}{' ' * (widest - cell_len(shown))}  {date:<10}  "
        yield line(f"{_undated(reference)} · {shown_source(reference.source, cwd)}", marker=marker)


def region_lines(article: Article, cwd: Path) -> Iterator[Line]:
    """Every stretch of the article: kept or dropped, what it is, where, why, and how it begins."""
    yield from _title_lines(article, cwd)
    yield BLANK
    for region in article.regions:
        reason = f"({one_line(region.reason)}) " if region.reason else ""
        place = f"{region.start}–{region.end}"
        text = clipped(article.text[region.start : region.end], _REGION_COLUMNS)
        yield line(f"{reason}{text}", marker=f"{_fate(region):<10}  {region.kind:<9}  {place:<13}  ")


def context_lines(article: Article, quoted: Span, cwd: Path) -> Iterator[Line]:
    """The paragraph with the quote marked, and the line before and after it."""
    text = article.text
    around = paragraph(text, quoted)
    yield from _title_lines(article, cwd)
    first = text.count("\n", 0, quoted.start) + 1
    last = first + text.count("\n", quoted.start, quoted.end)
    yield line(f"line {first}" if first == last else f"lines {first}–{last}", "dim")
    yield BLANK
    before, after = text[: around.start].rstrip(), text[around.end :].lstrip()
    if before:
        yield line(_last(before), "dim")
        yield BLANK
    pieces = (
        Segment(text[around.start : quoted.start]),
        Segment(f"»{text[quoted.start : quoted.end]}«", "bold"),
        Segment(text[quoted.end : around.end]),
    )
    yield from _split(pieces)
    if after:
        yield BLANK
        yield line(clipped(after.partition("\n")[0], 2 * _REGION_COLUMNS), "dim")


def paragraph(text: str, quoted: Span) -> Span:
    """The stretch between empty lines around ``quoted``, at most 1,000 characters longer on either side."""
    low, high = max(0, quoted.start - _CONTEXT_CHARS), min(len(text), quoted.end + _CONTEXT_CHARS)
    starts = [found.end() for found in _EMPTY_LINE.finditer(text, low, quoted.start)]
    end = _EMPTY_LINE.search(text, quoted.end, high)
    if not starts and low > 0:  # cut in the middle: begin with a whole word
        starts = [found.end() for found in [re.compile(r"\s").search(text, low, quoted.start)] if found]
    return Span(starts[-1] if starts else low, end.start() if end else high)


def _title_lines(article: Article, cwd: Path) -> Iterator[Line]:
    reference = article.reference
    yield line(said_by(reference), "bold")
    yield line(" · ".join(filter(None, (shown_source(reference.source, cwd), one_line(reference.url or "")))))


def _undated(reference: Reference) -> str:
    return said_by(replace(reference, published=None))


def _fate(region: Region) -> str:
    if region.kind is Kind.COMMENT:
        return "on request"
    return "kept" if region.kind in SEARCHED else "dropped"


def _last(text: str) -> str:
    """The last line of ``text``, its beginning left out where it is long."""
    row = one_line(text.rpartition("\n")[2]).strip()
    return row if len(row) <= 2 * _REGION_COLUMNS else "…" + row[-2 * _REGION_COLUMNS :].partition(" ")[2]


def _split(segments: Sequence[Segment]) -> Iterator[Line]:
    """Lines as they stand in the text."""
    row: list[Segment] = []
    for text, style in segments:
        first, *others = text.split("\n")
        row.append(Segment(first, style))
        for part in others:
            yield Line(tuple(row))
            row = [Segment(part, style)]
    yield Line(tuple(row))
