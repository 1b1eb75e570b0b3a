"""Telegram's limits of messages a second, kept by the server when a test asks for it."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque

from tests.botapi.refusal import Refusal

#: (most, seconds): 30 a second in all, one a second in a chat with short bursts, 20 a minute in a group.
IN_ALL, IN_A_CHAT, IN_A_GROUP = (30, 1.0), (4, 4.0), (20, 60.0)


class Limits:
    """Counts what is sent and edited in sliding windows; what is too much is refused and not counted."""

    def __init__(self) -> None:
        self._sent: defaultdict[str, deque[float]] = defaultdict(deque)

    def check(self, method: str, chat_id: str | None) -> None:
        """Raises 429 with ``retry_after`` if the message would be one too many."""
        if not method.lower().startswith(("send", "editmessage")) or method.lower() == "sendchataction" or not chat_id:
            return
        now = time.monotonic()
        windows = {"all": IN_ALL, chat_id: IN_A_GROUP if chat_id.startswith("-") else IN_A_CHAT}
        for name, (most, seconds) in windows.items():
            sent = self._sent[name]
            while sent and sent[0] <= now - seconds:
                sent.popleft()
            if len(sent) >= most:
                wait = max(1, math.ceil(sent[0] + seconds - now))
                raise Refusal(f"Too Many Requests: retry after {wait}", 429, retry_after=wait)
        for name in windows:
            self._sent[name].append(now)
