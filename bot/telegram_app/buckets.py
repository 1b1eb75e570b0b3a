"""A token bucket for each user: so many questions at once, and as many a minute."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import monotonic

_KEPT = 10_000
_WHOLE = 1 - 1e-6  # of a token: what was waited for to the second must not miss it by rounding


class Buckets:
    """https://en.wikipedia.org/wiki/Token_bucket, one for each user, full at first."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._capacity, self._rate, self._clock = float(per_minute), per_minute / 60, clock
        self._held: dict[int, tuple[float, float]] = {}  # tokens, and when that was
        self._told: set[int] = set()

    def take(self, user_id: int) -> int:
        """0 if the user may ask now; else seconds until then, as a whole number."""
        now = self._clock()
        tokens, since = self._held.pop(user_id, (self._capacity, now))
        tokens = min(self._capacity, tokens + (now - since) * self._rate)
        may_ask = tokens >= _WHOLE
        if len(self._held) >= _KEPT:
            del self._held[next(iter(self._held))]  # whoever was quiet the longest
        self._held[user_id] = (max(tokens - 1, 0.0) if may_ask else tokens, now)
        if may_ask:
            self._told.discard(user_id)
        return 0 if may_ask else math.ceil((1 - tokens) / self._rate)

    def tell(self, user_id: int) -> bool:
        """Whether to tell a user to wait: once, or each message of a flood would cause another."""
        first = user_id not in self._told
        self._told.add(user_id)
        return first
