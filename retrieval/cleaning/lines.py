"""An article's text as lines, the units that cleaning labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.cleaning import phrases
from retrieval.texts import statements
from retrieval.types import Kind, Region

_LINE = re.compile(r"\S[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？।॥۔؟][\"'”’»)\]*_\d]{0,4}$")
_ITEM = re.compile(r"[-*+•·‣◦–—]\s|\(?(?:\d{1,3}|[a-zA-Z])[.)]\s")
_NUMBERING = re.compile(r"^(?:chapter |part |section )?(?:\d{1,3}|[ivxlc]{1,6})[.:)]?\s", re.IGNORECASE)
_AMOUNT = re.compile(r"\d")
_YEAR = re.compile(r"\b(?:1\d{3}|20\d{2})(?:s|[-–/](?:\d{2}|\d{4}))?\b")
# What somebody says: the quotation marks close behind a full stop, or not at all.
_SPEECH = re.compile(r"[“\"«](?:[^”\"»]*$|.*[.,!?…][”\"»]$)")
_PROSE = 25  # characters from which a line that ends a sentence is running text
_PARAGRAPH = 60  # characters from which such a line is more than a line of verse
_LONG = 120  # characters from which any line is a paragraph of its own
_HEADING, _HEADING_WORDS = 90, 10  # most characters and words of a heading
_TITLE, _TITLE_WORDS = 200, 30


@dataclass(frozen=True, slots=True)
class Line:
    """One line without the white space round it, or the credit at the end of one."""

    start: int
    end: int
    text: str
    block: int  # lines of one block have no blank line between them
    alone: bool  # whether the block has no other line

    @property
    def is_prose(self) -> bool:
        """Whether it is running text for sure."""
        return len(self.text) >= _LONG or (len(self.text) >= _PROSE and self.ends_sentence)

    @property
    def is_paragraph(self) -> bool:
        """Whether it is running text and no line of verse either, so that a heading may stand above it."""
        return self.is_prose and len(self.text) >= _PARAGRAPH

    @property
    def ends_sentence(self) -> bool:
        """Whether it closes with the end of a sentence."""
        return _ENDS_SENTENCE.search(self.text, max(0, len(self.text) - 8)) is not None

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list."""
        return _ITEM.match(self.text) is not None

    @property
    def is_long(self) -> bool:
        """Whether it is a paragraph of its own, whatever stands next to it."""
        return len(self.text) > _LONG

    @property
    def may_be_heading(self) -> bool:
        """Whether it reads like a heading; what stands round it must say so too."""
        return (
            self._is_label(_HEADING, _HEADING_WORDS)
            and not self.text.endswith(("?", "!", "”", '"', "»", "’"))
            # A number that is neither a year nor counts chapters is a fact.
            and not _AMOUNT.search(_YEAR.sub("", _NUMBERING.sub("", self.text, count=1)))
        )

    @property
    def may_be_title(self) -> bool:
        """Whether it reads like a title; what stands round it must say so too."""
        return self._is_label(_TITLE, _TITLE_WORDS) and not _SPEECH.match(self.text)

    def _is_label(self, characters: int, words: int) -> bool:
        first = next((character for character in self.text if character.isalnum()), "")
        return (
            first != ""
            and not first.islower()
            and len(self.text) <= characters
            and len(self.text.split()) <= words
            and not self.text.endswith((".", ",", ";", ":", "。", "।", "۔", "…"))
            and not _ITEM.match(self.text)
        )


@dataclass(frozen=True, slots=True)
class Label:
    """What a line is, and why."""

    kind: Kind
    reason: str
    group: int = 0  # lines of one group are one region, whatever stands between them


def split_lines(text: str) -> list[Line]:
    """The lines of a text that are not blank.

    A photo credit at the end of a line, an author at the end of a title and the label of an author box are lines of
    their own.
    """
    blocks: list[list[tuple[int, int]]] = []
    previous = 0
    for match in _LINE.finditer(text):
        start, end = match.start(), match.start() + len(match[0].rstrip())
        if not blocks or len((text[previous:start] + "|").splitlines()) > 2:
            blocks.append([])
        blocks[-1].extend(_parts(text, start, end))
        previous = end
    return [
        Line(start, end, text[start:end], number, len(block) == 1)
        for number, block in enumerate(blocks)
        for start, end in block
    ]


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    line = text[start:end]
    author = statements.trailing_author(line) if end - start <= _TITLE else None
    cut = author[0] if author else statements.box_label_end(line) or phrases.credit_start(line)
    if cut:
        yield start, start + len(line[:cut].rstrip())
        start += cut + len(line[cut:]) - len(line[cut:].lstrip())
    yield start, end


def to_regions(lines: Sequence[Line], labels: Sequence[Label]) -> Iterator[Region]:
    """One region a line; running text and comments of one block are one region, unless their lines are long."""
    pending: tuple[Line, Line, Label] | None = None
    for line, label in zip(lines, labels, strict=True):
        if pending and _belong(pending, line, label):
            pending = pending[0], line, label
            continue
        if pending:
            yield _region(*pending)
        pending = line, line, label
    if pending:
        yield _region(*pending)


def _belong(pending: tuple[Line, Line, Label], line: Line, label: Label) -> bool:
    _, last, before = pending
    if label != before:
        return False
    return label.group > 0 or (
        label.kind in {Kind.BODY, Kind.COMMENT} and last.block == line.block and not (last.is_long or line.is_long)
    )


def _region(first: Line, last: Line, label: Label) -> Region:
    return Region(first.start, last.end, label.kind, label.reason)
