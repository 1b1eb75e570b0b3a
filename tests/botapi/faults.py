"""Things that go wrong on the way to Telegram and back, on request."""

from __future__ import annotations

import fnmatch
import random
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["429", "409", "502", "drop", "reset", "timeout", "bad_json"]

#: Kinds where by default the work was done and only the answer is lost.
_AFTER_THE_WORK = {"reset", "timeout"}
_REFUSED = {"429", "409"}


@dataclass
class Fault:
    """A rule: which calls fail, how often, and how.

    ``429`` ``409`` ``502``  a refusal, with ``retry_after`` for 429
    ``drop``                 the connection is closed in silence
    ``reset``                the connection is reset
    ``timeout``              no answer for ``seconds``, then the connection is closed
    ``bad_json``             status 200 and a page of HTML

    Several kinds take turns. ``done`` says whether the call does its work before it fails, so that
    a resend shows as a duplicate; None: it does for reset and timeout. What Telegram itself refuses,
    429 and 409, is never done.
    """

    kind: Kind | tuple[Kind, ...]
    method: str = "*"  # a name or pattern, such as "send*"
    nth: tuple[int, ...] = ()  # which of the matching calls, from 1; none named: any
    probability: float = 1.0
    times: int | None = None  # how often at most
    retry_after: int = 1
    seconds: float = 30.0
    done: bool | None = None
    seen: int = field(default=0, init=False)
    struck: int = field(default=0, init=False)

    def strikes(self, method: str, dice: random.Random) -> Strike | None:
        """The failure that this call meets; None if it goes through. Counts the call."""
        if not fnmatch.fnmatchcase(method.lower(), self.method.lower()):
            return None
        self.seen += 1
        spent = self.times is not None and self.struck >= self.times
        if spent or (self.nth and self.seen not in self.nth) or dice.random() >= self.probability:
            return None
        kinds = (self.kind,) if isinstance(self.kind, str) else self.kind
        kind = kinds[self.struck % len(kinds)]
        self.struck += 1
        done = kind in _AFTER_THE_WORK if self.done is None else self.done and kind not in _REFUSED
        return Strike(kind, done, self.retry_after, self.seconds)


@dataclass(frozen=True)
class Strike:
    """One failure of one call."""

    kind: Kind
    done: bool
    retry_after: int
    seconds: float
