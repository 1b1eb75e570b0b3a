"""A server and one person who talks to the bot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.botapi import BotApi, Person


@pytest.fixture(autouse=True)
def timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """PTB warns as long as ``retry_after`` is a number."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api


@pytest.fixture
def ann(api: BotApi) -> Person:
    return Person(api, "Ann")
