"""Blocks of styled text -> messages in Telegram's HTML, none too long, tags balanced. Pure.

Text is cut before it becomes HTML, so no tag is ever cut; it is escaped here and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from bot.lines import printable
from bot.telegram_app.buttons import Buttons

PART_UNITS = 3_900  # UTF-16 units of one message; Telegram takes 4,096
_PART_BYTES = 30_000  # of its HTML; the Bot API server refuses more than 32,768
_PART_ENTITIES = 90  # Telegram shows the first 100
_PART_ENTITY_BYTES = 8_000  # with the addresses of links; "ENTITIES_TOO_LONG" comes at about 9,500
_ENTITY_BYTES = 24  # of one without its address
_HREF_BYTES = 2_048

#: What has no width and may deceive in a name: bidi controls, joiners, soft hyphens, tags, fillers.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffc\U000e0000-\U000e0fff]"
)
_SENTENCE_END = re.compile(r"[.!?…\u06d4\u061f\u0964]['\"”’»)\]]*\s+|[。！？]['\"”’」』]*|\n+")
_SPACE = re.compile(r"\s+")
_LINK = re.compile(r"https?://[^\s/]\S*")

Style = Literal["", "b", "i", "u"]


class Run(NamedTuple):
    """Text of one style; with ``href`` a link."""

    text: str
    style: Style = ""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph; ``folded`` makes it a quotation that opens at a tap."""

    runs: tuple[Run, ...]
    folded: bool = False

    @property
    def text(self) -> str:
        """What is read of it."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its HTML, the text that is left of it after parsing, and its buttons."""

    html: str
    text: str
    buttons: Buttons = ()


def paragraph(text: str, style: Style = "") -> Block:
    """A block of one style."""
    return Block((Run(text, style),))


def messages(blocks: Sequence[Block], buttons: Buttons = ()) -> list[Message]:
    """As few messages as hold the blocks; the buttons are under the last. None where there is nothing to read."""
    parts: list[list[Block]] = []
    for block in blocks:
        for piece in _cut(_tidied(block)):
            if parts and _fits([*parts[-1], piece]):
                parts[-1].append(piece)
            else:
                parts.append([piece])
    return [
        Message(_html(part), _text(part), buttons if nth == len(parts) else ()) for nth, part in enumerate(parts, 1)
    ]


def named(text: str) -> str:
    """A name or title on one line, without characters that have no width."""
    return _SPACE.sub(" ", _INVISIBLE.sub("", printable(text))).strip()


def units(text: str) -> int:
    """Length in UTF-16 units, as Telegram counts offsets."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _tidied(block: Block) -> Block:
    runs = (_tidied_run(run) for run in block.runs)
    return replace(block, runs=tuple(run for run in runs if run.text))


def _tidied_run(run: Run) -> Run:
    """The run without control characters, its blanks squeezed, its address dropped where it is not http(s)."""
    text = re.sub(r"[^\S\n]+", " ", printable(run.text))
    text = re.sub(r" ?\n ?", "\n", text)
    return Run(re.sub(r"\n{3,}", "\n\n", text), run.style, run.href if _is_link(run.href) else None)


def _is_link(href: str | None) -> bool:
    """Whether it is an http(s) address that can be sent as it is."""
    return (
        href is not None
        and bool(_LINK.fullmatch(href))
        and href == printable(href)
        and len(href.encode()) <= _HREF_BYTES
    )


def _cut(block: Block) -> Iterator[Block]:
    """The block in pieces that fit; those in which nothing can be seen are left out."""
    while not _fits([block]):
        whole = units(block.text)
        head, block = _divided(block, _border(block.text, PART_UNITS if whole > PART_UNITS else whole // 2))
        if _visible(head.text):
            yield head
    if _visible(block.text):
        yield block


def _border(text: str, most: int) -> int:
    """Where to cut, at most ``most`` units in: after a sentence, else at a blank, else between two letters."""
    end = len(text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore"))
    for border in (_SENTENCE_END, _SPACE):
        ends = [found.end() for found in border.finditer(text, end // 2, end)]
        if ends:
            return ends[-1]
    letter = end
    while letter > end - 16 and letter > 1 and _joined(text[letter - 1], text[letter]):
        letter -= 1
    return letter if letter > end - 16 else end


def _joined(before: str, after: str) -> bool:
    """Whether two characters are drawn as one."""
    return (
        before == "\u200d"
        or after == "\u200d"
        or unicodedata.category(after)[0] == "M"
        or ("\U0001f3fb" <= after <= "\U0001f3ff")
    )


def _divided(block: Block, at: int) -> tuple[Block, Block]:
    head: list[Run] = []
    tail: list[Run] = []
    for run in block.runs:
        if run.text[:at]:
            head.append(run._replace(text=run.text[:at]))
        if run.text[at:]:
            tail.append(run._replace(text=run.text[at:]))
        at = max(0, at - len(run.text))
    return replace(block, runs=tuple(head)), replace(block, runs=tuple(tail))


def _visible(text: str) -> bool:
    return bool(_INVISIBLE.sub("", text).strip())


def _fits(part: Sequence[Block]) -> bool:
    runs = [run for block in part for run in block.runs]
    entities = sum(block.folded for block in part) + sum(bool(run.style) + bool(run.href) for run in runs)
    addresses = sum(len((run.href or "").encode()) for run in runs)
    return (
        units(_text(part)) <= PART_UNITS
        and entities <= _PART_ENTITIES
        and entities * _ENTITY_BYTES + addresses <= _PART_ENTITY_BYTES
        and len(_html(part).encode()) <= _PART_BYTES
    )


def _text(part: Sequence[Block]) -> str:
    return "".join(_gap(part, nth) + block.text for nth, block in enumerate(part))


def _html(part: Sequence[Block]) -> str:
    return "".join(_gap(part, nth) + _block_html(block) for nth, block in enumerate(part))


def _gap(part: Sequence[Block], nth: int) -> str:
    """Between blocks: an empty line; a quotation stands off by itself."""
    if nth == 0:
        return ""
    return "\n" if part[nth].folded or part[nth - 1].folded else "\n\n"


def _block_html(block: Block) -> str:
    inside = "".join(_run_html(run) for run in block.runs)
    return f"<blockquote expandable>{inside}</blockquote>" if block.folded else inside


def _run_html(run: Run) -> str:
    text = escaped(run.text)
    if run.href is not None:
        text = f'<a href="{escaped(run.href)}">{text}</a>'
    return f"<{run.style}>{text}</{run.style}>" if run.style else text


def escaped(text: str) -> str:
    """``text`` with the four references that Telegram knows by name."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
