"""Earlier questions with what answered them, and a memory of them, so that none need be answered again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from retrieval.types import Span

PERSON, GROUP, THING = "person", "group", "thing"  # what pronouns stand for: he and she, they, it

_MOST = 512  # turns remembered; a chat has few, a Telegram bot has many chats


class Place(NamedTuple):
    """Where an article answered an earlier question of a conversation; offsets are the article's."""

    article_id: str
    quote: Span
    answer: Span | None = None  # the words that answered, where they are known


class Turn(NamedTuple):
    """One earlier question, and what answered it."""

    question: str  # as it was understood
    quote: str = ""  # empty where nothing answered
    answer: str = ""  # the words of the quote that answer, where they are known
    referents: Mapping[str, str] = MappingProxyType({})  # what its pronouns stood for, by kind
    sure: float = 0.0  # how likely it was answered
    place: Place | None = None  # of the quote
    passage: str = ""  # that the quote stands in


class Memory:
    """The turns used last, by key; safe to use from threads."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._turns: OrderedDict[Hashable, Turn] = OrderedDict()
        self._guard = threading.Lock()

    def __len__(self) -> int:
        return len(self._turns)

    def keep(self, key: Hashable, turn: Turn) -> Turn:
        """The turn, which is remembered."""
        with self._guard:
            self._turns[key] = turn
            self._turns.move_to_end(key)
            while len(self._turns) > self._most:
                self._turns.popitem(last=False)
        return turn

    def recall(self, key: Hashable, make: Callable[[], Turn]) -> Turn:
        """The turn remembered under a key, made now if there is none."""
        with self._guard:
            known = self._turns.get(key)
            if known:
                self._turns.move_to_end(key)
        return known or self.keep(key, make())
