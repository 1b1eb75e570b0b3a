"""The message numbers that are known, from which follows where an unseen message must be.

Telegram numbers the messages of all private chats and small groups of a bot in one series, those of each
supergroup in one of its own, upwards: a message sent now gets a higher number than any that is known.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice

_SUPERGROUPS = -1_000_000_000_000  # their numbers lie below
_REMEMBERED = 512
_MARGIN = 3  # numbers above all known ones that others' messages may have taken
_MOST = 64  # tried in one search


class Numbers:
    """Message numbers as they come by."""

    def __init__(self) -> None:
        self._highest: dict[int, int] = {}  # by series
        self._seen: dict[int, deque[int]] = {}

    def see(self, chat_id: int, number: int) -> None:
        """A message with this number is known."""
        series = _series(chat_id)
        self._highest[series] = max(number, self._highest.get(series, 0))
        self._seen.setdefault(series, deque(maxlen=_REMEMBERED)).append(number)

    def highest(self, chat_id: int) -> int:
        """The highest number known in the series of this chat, 0 if none is."""
        return self._highest.get(_series(chat_id), 0)

    def where(self, chat_id: int, above: int, others: int) -> Iterator[int]:
        """Numbers that a message unseen so far may have, if it was sent when ``above`` was the highest known.

        :param others: messages that are being sent elsewhere and have no number that is known yet
        """
        if above == 0:
            return
        seen = set(self._seen.get(_series(chat_id), ()))
        last = max(self.highest(chat_id), above) + _MARGIN + others
        yield from islice((number for number in range(above + 1, last + 1) if number not in seen), _MOST)


def _series(chat_id: int) -> int:
    return chat_id if chat_id < _SUPERGROUPS else 0
