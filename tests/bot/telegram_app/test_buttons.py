"""What a button carries is small enough for Telegram and comes back as it was; nothing else does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.telegram_app.buttons import Action, Button, Press, pressed
from tests.bot.telegram_app.test_markup import texts


@given(st.sampled_from(Action), st.integers(0, 10**15 - 1), st.integers(0, 10**15 - 1))
def test_a_button_says_what_it_does_in_64_bytes_and_is_understood(action: Action, row: int, argument: int) -> None:
    data = Button("x", action, row, argument).callback_data
    assert len(data.encode()) <= 64
    assert pressed(data) == Press(action, row, argument)


@given(
    st.one_of(texts, st.sampled_from(["more:1", "more:-1:0", "drop:1:2", "more:١:0", "more:1:2\n", "more:" + "9" * 60]))
)
def test_foreign_callback_data_is_nobodys_press(data: str) -> None:
    assert pressed(data) is None
