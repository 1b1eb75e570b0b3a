"""The server that tests start: its clock, its faults, its record, and what answers each call."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tests.botapi.catalogue import METHODS
from tests.botapi.faults import Fault, Strike
from tests.botapi.limits import Limits
from tests.botapi.parameters import Parameters
from tests.botapi.refusal import Refusal
from tests.botapi.webhook import Webhook
from tests.botapi.wire import Server
from tests.botapi.world import World

Found = TypeVar("Found")
TOKEN = "6120003417:AAE0-loopback_token_of_the_tests_01"


@dataclass
class Call:
    """One call of the bot, with what came of it; ``error`` and ``fault`` are empty if all went well."""

    method: str
    parameters: dict[str, Any]
    at: float = field(default_factory=time.monotonic)
    error: str = ""
    fault: str = ""
    result: Any = None


class BotApi:
    """A Bot API server for one bot on a free loopback port; a context manager that starts and stops it.

    With ``limits`` it also keeps Telegram's limits of messages a second, with 429. ``seed`` decides
    which calls faults with a probability strike.
    """

    def __init__(self, *, token: str = TOKEN, seed: int = 0, limits: bool = False) -> None:
        self.token = token
        self.world = World()
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.limits = Limits() if limits else None
        self.webhook = Webhook(self.world)
        self._dice = random.Random(seed)
        self._server = Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="botapi", daemon=True)

    def __enter__(self) -> BotApi:
        self._thread.start()
        self.webhook.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self.world.changed:
            self.world.closing = True
            self.world.updates.close()
        self.webhook.join()
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    @property
    def base_url(self) -> str:
        """What ``telegram.Bot(base_url=…)`` takes."""
        return f"http://127.0.0.1:{self._server.server_port}/bot"

    @property
    def base_file_url(self) -> str:
        """What ``telegram.Bot(base_file_url=…)`` takes."""
        return f"http://127.0.0.1:{self._server.server_port}/file/bot"

    def inject(self, *faults: Fault) -> None:
        """From now on calls fail by these rules; the first that strikes wins."""
        with self.world.changed:
            self.faults.extend(faults)

    def heal(self) -> None:
        """No call fails any more."""
        with self.world.changed:
            self.faults.clear()

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method, in order, those that failed included."""
        with self.world.changed:
            return [call for call in self.calls if call.method == method]

    def wait_for(self, predicate: Callable[[], Found], seconds: float = 5.0) -> Found:
        """What the predicate gives once it is true; AssertionError if it stays false."""
        return self.world.wait_for(predicate, seconds)

    def push(self, update: dict[str, Any]) -> int | None:
        """Any update at all, known to the Bot API or not; its update_id."""
        return self.world.updates.add(update)

    def call(self, token: str, method: str, given: Parameters) -> tuple[dict[str, Any], Strike | None]:
        """The answer to one call, and the failure that it meets on the way."""
        self._admit(token)
        with self.world.changed:  # a long poll lets go of it while it waits
            call, strike = self._record(method, given.values)
            try:
                if strike is None or strike.done:
                    call.result = self._work(method, given)
            except Refusal as refusal:
                call.error = str(refusal)
                if strike is None:
                    raise
            finally:
                self.world.changed.notify_all()
        return {"ok": True, "result": call.result}, strike

    def download(self, token: str, path: str) -> tuple[bytes, Strike | None]:
        """The content of a file; on record, and for faults, as the method "file"."""
        self._admit(token)
        with self.world.changed:
            _, strike = self._record("file", {"path": path})
            file = next((file for file in self.world.files.values() if file.path == path), None)
        if file is None:
            raise Refusal("", 404)
        return file.content, strike

    def hold(self, seconds: float) -> None:
        """Comes back after that time, or when the server ends."""
        with self.world.changed:
            self.world.changed.wait_for(lambda: self.world.closing, seconds)

    def _admit(self, token: str) -> None:
        if token != self.token:
            raise Refusal("", 401 if re.fullmatch(r"\d+:[\w-]{35}", token) else 404)

    def _record(self, method: str, parameters: dict[str, Any]) -> tuple[Call, Strike | None]:
        strikes = (fault.strikes(method, self._dice) for fault in self.faults)
        strike = next((strike for strike in strikes if strike), None)
        self.calls.append(Call(method, parameters, fault=strike.kind if strike else ""))
        self.world.changed.notify_all()
        return self.calls[-1], strike

    def _work(self, method: str, given: Parameters) -> Any:
        work = METHODS.get(method.lower())
        if work is None:
            raise Refusal("method not found", 404)
        if self.limits:
            self.limits.check(method, given.text("chat_id"))
        return work(self.world, given)
