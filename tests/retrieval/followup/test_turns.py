from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from retrieval.followup.turns import Memory, Turn


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(1, 5))
def test_a_memory_holds_what_was_kept_last_and_makes_the_rest_anew(keys: Sequence[int], most: int) -> None:
    memory, made = Memory(most), []

    def turn(key: int) -> Turn:
        made.append(key)
        return Turn(str(key))

    for number, key in enumerate(keys):
        last = list(dict.fromkeys(reversed(keys[:number])))[:most]
        before = len(made)
        assert memory.recall(key, lambda key=key: turn(key)) == Turn(str(key))
        if key not in keys[:number]:
            assert len(made) == before + 1
        if last and key == last[0]:
            assert len(made) == before
    assert len(memory) <= most


def test_what_is_kept_anew_takes_the_place_of_what_was_there() -> None:
    memory = Memory()
    memory.keep("a", Turn("first"))
    memory.keep("a", Turn("second"))
    assert memory.recall("a", lambda: Turn("third")) == Turn("second")
