"""A Bot API server, a library with articles in it, and the bot between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.bot.fakes import Library, default_articles
from tests.bot.telegram_app.harness import Running, running, settings
from tests.botapi import BotApi

Start = Callable[..., Running]


@pytest.fixture
def api() -> Iterator[BotApi]:
    with BotApi() as api:
        yield api


@pytest.fixture
def shelf(folder: Path) -> Library:
    """The default articles, indexed."""
    library = Library(default_articles(folder))
    library.stored = {found.reference.article_id: found for found in library.available}
    return library


@pytest.fixture
def start(api: BotApi, shelf: Library, tmp_path: Path) -> Iterator[Start]:
    """Starts the bot with some [telegram] settings; it ends with the test, or by ``stop``."""
    with ExitStack() as stack:

        def start(**changes: Any) -> Running:
            return stack.enter_context(running(settings(api, tmp_path / "data", **changes), shelf, api.token))

        yield start
