"""A page on its way to being cleaned: its lines, and what each turned out to be."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from retrieval.cleaning.lines import Label, Line, split_lines
from retrieval.types import Article, Kind

_RECORD = re.compile(r"\.jsonl#\d+$")


BODY = Label(Kind.BODY, "")

#: Line numbers with their labels.
Labels = Iterable[tuple[int, Label]]


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of an article and what each is; a line without a label is the author's so far."""

    article: Article
    lines: list[Line]
    comments: frozenset[int]  # lines that the page's markup calls a reader's
    labels: dict[int, Label] = field(default_factory=dict)

    @property
    def is_record(self) -> bool:
        """Whether it is a line of a JSONL file: a text with no page round it."""
        return _RECORD.search(self.article.reference.source) is not None

    @property
    def is_marked_up(self) -> bool:
        """Whether its markup says what is a title and a heading."""
        return self.is_markdown or self.article.reference.source.lower().endswith((".html", ".htm"))

    @property
    def is_markdown(self) -> bool:
        """Whether the text is Markdown."""
        return self.article.reference.source.lower().endswith((".md", ".markdown"))

    @property
    def last(self) -> int:
        """The number of the last line without a label; -1 where all have one."""
        return next((number for number in reversed(range(len(self.lines))) if number not in self.labels), -1)

    def free(self, numbers: Iterable[int] | None = None) -> list[int]:
        """The lines, of all or of these, that have no label yet."""
        among = range(len(self.lines)) if numbers is None else numbers
        return [number for number in among if number not in self.labels]

    def run(self, find: Callable[[Page], Labels]) -> None:
        """Labels what a pass finds; a label that stands is kept."""
        for number, label in list(find(self)):
            self.labels.setdefault(number, label)


def open_page(article: Article) -> Page:
    """The article's lines, with what the reader of its markup stated."""
    lines = split_lines(article.text)
    starts = [line.start for line in lines]
    labels: dict[int, Label] = {}
    comments: set[int] = set()
    for count, region in enumerate(article.regions, start=1):
        stated = range(bisect_left(starts, region.start), bisect_left(starts, region.end))
        if region.kind is Kind.COMMENT:
            comments.update(stated)
        elif region.kind is not Kind.BODY:
            labels |= dict.fromkeys(stated, Label(region.kind, region.reason, group=count))
    return Page(article, lines, frozenset(comments), labels)
