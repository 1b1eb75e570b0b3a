"""No window ever holds more than its limit, and nobody waits for another chat."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from bot.telegram_app.buckets import Buckets
from bot.telegram_app.numbers import Numbers
from bot.telegram_app.pacing import Pace, Window
from bot.telegram_app.settings import Telegram

GAPS = st.lists(st.floats(0, 3), min_size=1, max_size=60)


@given(gaps=GAPS, most=st.integers(1, 5), period=st.floats(0.1, 5))
def test_a_window_never_holds_more_than_it_may(gaps: list[float], most: int, period: float) -> None:
    window, now, times = Window(most, period), 0.0, []
    for gap in gaps:
        now += gap
        at = window.free_at(now)
        assert at >= now
        window.take(at)
        times.append(at)
    assert times == sorted(times)
    assert all(later - earlier >= period - 1e-6 for earlier, later in zip(times, times[most:], strict=False))


@given(writes=st.lists(st.tuples(st.sampled_from([1, 2, -3]), st.floats(0, 0.5)), min_size=1, max_size=80))
def test_messages_leave_within_telegrams_limits(writes: list[tuple[int, float]]) -> None:
    now = [0.0]
    pace = Pace(Telegram(), lambda: now[0])
    left: dict[int, list[float]] = {1: [], 2: [], -3: []}
    for chat_id, gap in writes:
        now[0] += gap
        left[chat_id].append(now[0] + pace.chat_delay(chat_id))
    for times in left.values():
        assert all(b - a >= 1 - 1e-6 for a, b in pairwise(times))
    assert all(b - a >= 60 - 1e-6 for a, b in zip(left[-3], left[-3][20:], strict=False))


def test_thirty_a_second_leave_in_all() -> None:
    pace = Pace(Telegram(), lambda: 100.0)
    delays = [pace.overall_delay() for _ in range(61)]
    assert delays == [0.0] * 30 + [1.0] * 30 + [2.0]


def test_a_pause_halts_one_chat_only() -> None:
    pace = Pace(Telegram(), lambda: 100.0)
    pace.pause(1, 30)
    assert (pace.chat_delay(1), pace.chat_delay(2), pace.overall_delay()) == (30, 0, 0)


def test_idle_chats_are_let_go_of_and_busy_ones_kept() -> None:
    now = [0.0]
    pace = Pace(Telegram(), lambda: now[0])
    pace.pause(1, 1_000)
    for chat_id in range(2, 2_500):
        pace.chat_delay(chat_id)
        now[0] += 0.01
    assert len(pace._chats) < 2_100
    assert pace.chat_delay(1) > 900


@example(gaps=[0.0, 0.0, 0.771412153945348, 0.0], per_minute=1)  # the sum of the waits was 1e-16 short of a minute
@given(gaps=GAPS, per_minute=st.integers(1, 60))
def test_a_bucket_gives_no_more_than_its_rate(gaps: list[float], per_minute: int) -> None:
    now = [0.0]
    buckets = Buckets(per_minute, lambda: now[0])
    given_out = 0
    for gap in gaps:
        now[0] += gap
        wait_s = buckets.take(7)
        given_out += wait_s == 0
        if wait_s:
            now[0] += wait_s
            assert buckets.take(7) == 0, "after the time told there is room"
            given_out += 1
    assert given_out <= per_minute + now[0] * per_minute / 60 + 1e-3


def test_each_user_has_a_bucket() -> None:
    buckets = Buckets(1, lambda: 0.0)
    assert [buckets.take(1), buckets.take(1), buckets.take(2)] == [0, 60, 0]
    assert [buckets.tell(1), buckets.tell(1)] == [True, False]


@given(
    seen=st.lists(st.integers(1, 60), max_size=20),
    unseen=st.integers(0, 3),
    others=st.integers(0, 5),
)
def test_a_message_just_sent_is_among_the_numbers_that_are_tried(seen: list[int], unseen: int, others: int) -> None:
    numbers = Numbers()
    numbers.see(1, 100)
    sent = 100 + 1 + min(unseen + others, 2 + others)
    for number in seen:
        if 100 + number < sent:
            numbers.see(2, 100 + number)  # other private chats share the series
    assert sent in set(numbers.where(1, 100, others))
    assert not set(numbers.where(1, 100, others)) & {100 + number for number in seen if 100 + number < sent}


def test_supergroups_have_series_of_their_own() -> None:
    numbers = Numbers()
    numbers.see(1, 500)
    numbers.see(-1_000_000_000_123, 7)
    assert (numbers.highest(2), numbers.highest(-1_000_000_000_123), numbers.highest(-1_000_000_000_124)) == (500, 7, 0)
    assert list(numbers.where(-1_000_000_000_124, 0, 5)) == []
