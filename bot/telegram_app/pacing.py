"""When the next message may leave: so many within a time, in all, in one chat, in one group."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic

from bot.telegram_app.settings import Telegram

_CHATS_KEPT = 2_000


class Window:
    """At most ``most`` events within any ``period_s`` seconds, in the order in which they ask."""

    def __init__(self, most: int, period_s: float) -> None:
        self.period_s = period_s
        self._times: deque[float] = deque(maxlen=most)
        self._closed_until = 0.0

    def free_at(self, now: float) -> float:
        """When the next event may be."""
        first = self._times[0] + self.period_s if len(self._times) == self._times.maxlen else now
        return max(now, first, self._closed_until)

    def take(self, at: float) -> None:
        """Notes an event at a time not before :meth:`free_at`."""
        self._times.append(at)

    def close(self, until: float) -> None:
        """Nothing before ``until``: Telegram has asked for a pause."""
        self._closed_until = max(self._closed_until, until)

    def idle(self, now: float) -> bool:
        """Whether forgetting it changes nothing."""
        return self._closed_until <= now and (not self._times or self._times[-1] + self.period_s <= now)


class Pace:
    """Telegram's limits: about 30 messages a second in all, one a second in a chat, 20 a minute in a group.

    A message waits for its chat first and takes its place among all only then, so that no chat holds up another.
    """

    def __init__(self, settings: Telegram, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._chat_interval_s, self._group_per_minute = settings.chat_interval_s, settings.group_per_minute
        self._all = Window(max(1, int(settings.messages_per_second)), max(1.0, 1 / settings.messages_per_second))
        self._chats: dict[int, tuple[Window, ...]] = {}

    def chat_delay(self, chat_id: int) -> float:
        """Seconds until a message to the chat may leave; its place is taken."""
        return self._delay(self._windows(chat_id))

    def overall_delay(self) -> float:
        """Seconds until any message may leave; its place is taken."""
        return self._delay((self._all,))

    def pause(self, chat_id: int | None, seconds: float) -> None:
        """Nothing more to this chat for some seconds; without a chat, to none."""
        window = self._all if chat_id is None else self._windows(chat_id)[0]
        window.close(self._clock() + seconds)

    def _delay(self, windows: tuple[Window, ...]) -> float:
        now = self._clock()
        at = max(window.free_at(now) for window in windows)
        for window in windows:
            window.take(at)
        return at - now

    def _windows(self, chat_id: int) -> tuple[Window, ...]:
        if chat_id not in self._chats:
            if len(self._chats) >= _CHATS_KEPT:
                now = self._clock()
                busy = {key: held for key, held in self._chats.items() if not all(window.idle(now) for window in held)}
                self._chats = busy
            own = Window(1, self._chat_interval_s)
            self._chats[chat_id] = (own, Window(self._group_per_minute, 60)) if chat_id < 0 else (own,)
        return self._chats[chat_id]
