from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.errors import EncoderError, InputError
from retrieval.hub import loaded


class Hub:
    """Loads what it is told to have, and notes what it was asked for."""

    def __init__(self, on_disk: bool, on_hub: bool, error: Exception | None = None) -> None:
        self.there = {True: on_disk, False: on_hub}
        self.error = error or OSError("no such model")
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, name: str, here_only: bool) -> str:
        self.asked.append((name, here_only))
        if not self.there[here_only]:
            raise self.error
        return f"the model {name}"


def test_a_model_on_this_disk_is_not_asked_for_elsewhere() -> None:
    hub = Hub(on_disk=True, on_hub=True)
    assert loaded("reader", "ada/tiny", hub, "") == "the model ada/tiny"
    assert hub.asked == [("ada/tiny", True)]


def test_a_model_that_is_not_on_this_disk_is_fetched() -> None:
    hub = Hub(on_disk=False, on_hub=True)
    assert loaded("reader", "ada/tiny", hub, "") == "the model ada/tiny"
    assert hub.asked == [("ada/tiny", True), ("ada/tiny", False)]


def test_a_model_that_is_nowhere_is_an_error_with_advice() -> None:
    with pytest.raises(EncoderError) as raised:
        loaded("reader", "ada/tiny", Hub(on_disk=False, on_hub=False), "take another")
    assert str(raised.value) == "the reader 'ada/tiny' is not on this disk and cannot be fetched (OSError)"
    assert raised.value.hint == "take another"


def test_a_folder_is_read_and_never_looked_for_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "tiny").mkdir()
    hub = Hub(on_disk=False, on_hub=True, error=EOFError())
    with pytest.raises(EncoderError, match=r"the reader '~/tiny' cannot be loaded from that folder \(EOFError\)"):
        loaded("reader", "~/tiny", hub, "")
    assert hub.asked == [(str(tmp_path / "tiny"), True)]


def test_an_error_of_ours_says_what_it_says() -> None:
    own = InputError("not this one", "another")
    with pytest.raises(InputError) as raised:
        loaded("reader", "ada/tiny", Hub(on_disk=False, on_hub=False, error=own), "")
    assert raised.value is own
