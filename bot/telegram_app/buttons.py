"""The buttons under a message: what each does, and what comes back when it is pressed. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

COPY_UNITS = 256  # UTF-16 units of a text that a button copies


class Action(StrEnum):
    """What a button asks for; the words stand in ``callback_data`` of messages long sent, so they stay."""

    MORE = "more"
    SHOW = "show"
    GOOD = "good"
    BAD = "bad"
    PAGE = "page"
    SOURCE = "source"
    ONLY = "only"
    QUOTES = "quotes"
    COMMENTS = "comments"
    EVERYTHING = "everything"
    FORGET = "forget"
    NOTHING = "nothing"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Button:
    """A label with what it does: an action on a row of the chats database, a text to copy, or an address."""

    text: str
    action: Action | None = None
    row: int = 0
    argument: int = 0
    copy: str = ""
    url: str = ""

    @property
    def callback_data(self) -> str:
        """The three with colons between them, at most 49 bytes."""
        return f"{self.action}:{self.row}:{self.argument}"


Buttons = tuple[tuple[Button, ...], ...]  # rows


class Press(NamedTuple):
    """What a pressed button asks for."""

    action: Action
    row: int
    argument: int


def pressed(data: str) -> Press | None:
    """What ``callback_data`` says, or None: it comes from outside and may be anything."""
    found = re.fullmatch(r"([a-z]{1,16}):([0-9]{1,15}):([0-9]{1,15})", data, re.ASCII)
    if found is None or found[1] not in set(Action):
        return None
    return Press(Action(found[1]), int(found[2]), int(found[3]))
