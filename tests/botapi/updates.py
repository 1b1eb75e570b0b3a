"""The queue of updates: long polling with Telegram's confirmation, one poller at a time."""

from __future__ import annotations

import itertools
import threading
from typing import Any

from tests.botapi.refusal import Refusal

#: Sent only when ``allowed_updates`` names them.
ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}
_OTHER_POLL = "terminated by other getUpdates request; make sure that only one bot instance is running"
_WEBHOOK = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


class Updates:
    """Updates not yet confirmed, oldest first. An update leaves when a higher offset is asked for."""

    def __init__(self, changed: threading.Condition, first: int = 783_114_205) -> None:
        self._changed = changed
        self._numbers = itertools.count(first)
        self._open = True
        self.polls = 0  # begun so far; only the last may still wait
        self.waiting = False
        self.allowed: set[str] = set()
        self.pending: list[dict[str, Any]] = []
        self.webhook: dict[str, Any] = {}

    def add(self, update: dict[str, Any]) -> int | None:
        """The update's number; None if the bot asked not to get its kind."""
        (kind,) = update
        if kind not in self.allowed if self.allowed else kind in ON_REQUEST:
            return None
        with self._changed:
            number = next(self._numbers)
            self.pending.append({"update_id": number, **update})
            self._changed.notify_all()
            return number

    def confirm(self, offset: int) -> None:
        """Forget all updates before the offset; a negative one counts from the end."""
        if offset < 0:
            self.pending = self.pending[offset:]
        elif offset > 0:
            self.pending = [u for u in self.pending if u["update_id"] >= offset]
        self._changed.notify_all()

    def poll(self, offset: int, limit: int, timeout: float, allowed: list[str] | None) -> list[dict[str, Any]]:
        """Up to ``limit`` updates from the offset on, waiting up to ``timeout`` seconds for the first."""
        with self._changed:
            if self.webhook:
                raise Refusal(_WEBHOOK, 409)
            if allowed is not None:
                self.allowed = set(allowed)
            self.confirm(offset)
            self.polls += 1
            mine = self.polls
            self.waiting = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.pending or self.polls != mine or not self._open, timeout)
            if self.polls != mine:
                raise Refusal(_OTHER_POLL, 409)
            self.waiting = False
            return self.pending[: limit if 1 <= limit <= 100 else 100]

    def close(self) -> None:
        """Ends the poll that waits."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
