"""``@bot question`` in any chat: quotes to send, at the pace of typing and no faster than the engine."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from telegram import (
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.chats import Preferences
from bot.lines import clipped
from bot.readable import readable
from bot.render import said_by
from bot.telegram_app.buckets import Buckets
from bot.telegram_app.engine import Busy
from bot.telegram_app.kept import Shown
from bot.telegram_app.markup import named
from bot.telegram_app.messages import quote_messages
from bot.telegram_app.questions import ask
from bot.telegram_app.service import Incoming, Service
from bot.telegram_app.texts import Texts
from retrieval.errors import InputError

if TYPE_CHECKING:
    from retrieval.corpus import Corpus

_QUIET_S = 0.4  # without a keystroke, before a question is looked at
_EXPIRED_S = 8.0  # after which Telegram takes no answer
_CACHED = 500  # replies
_CACHE_S = 300
_TELEGRAMS_CACHE_S = 60  # cannot be emptied when an article goes
_AT_ONCE = 2  # inline questions in the engine; those in chats come first
_TITLE_CHARS, _DESCRIPTION_CHARS = 100, 120


class _Found(NamedTuple):
    """A reply, when it was found, and in which version of the index."""

    reply: Shown
    at: float
    version: tuple[str, int]


class Inline:
    """Answers inline queries; a newer one of the same user takes the place of one that waits."""

    def __init__(self, buckets: Buckets, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._buckets, self._sleep = buckets, sleep
        self._newest: dict[int, str] = {}
        self._cache: OrderedDict[str, _Found] = OrderedDict()
        self._engine = asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, service: Service, incoming: Incoming) -> None:
        """Answers, unless a newer query has come in the meantime."""
        query = incoming.update.inline_query
        if query is None:
            return
        begun, question = monotonic(), " ".join(query.query.split())
        reply = None
        if question:
            self._newest[incoming.user_id] = query.id
            try:
                reply = await self._reply(service, incoming.user_id, query.id, question)
            except (Busy, InputError):
                reply = None
            if self._superseded(incoming.user_id, query.id) or monotonic() - begun > _EXPIRED_S:
                return
            del self._newest[incoming.user_id]
        results = _results(reply, incoming.texts) if reply is not None else []
        words = incoming.texts("inline.abstained" if reply is not None else "inline.ask")
        service.metrics.inline += 1
        with suppress(BadRequest):  # too late
            await service.sender.bot.answer_inline_query(
                query.id, results, cache_time=_TELEGRAMS_CACHE_S if reply is not None else 1, is_personal=True,
                button=None if results else InlineQueryResultsButton(words, start_parameter="inline"),
            )  # fmt: skip

    async def _reply(self, service: Service, user_id: int, query_id: str, question: str) -> Shown | None:
        """The reply, from the cache where it is; None where it is not to be had."""
        corpus, cached = service.engine.corpus, self._cache.get(question)
        if cached is not None and monotonic() - cached.at < _CACHE_S:
            if cached.version == await service.engine.run(corpus.version):
                return cached.reply
            self._cache.clear()  # of an index that has changed
        await self._sleep(_QUIET_S)
        if self._superseded(user_id, query_id) or len(question) > service.settings.telegram.question_chars:
            return None
        async with self._engine:
            if self._superseded(user_id, query_id) or self._buckets.take(user_id):
                return None
            found = await service.engine.run(_found, corpus, question)
        self._cache[question] = found
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return found.reply

    def _superseded(self, user_id: int, query_id: str) -> bool:
        return self._newest.get(user_id) != query_id


def _found(corpus: Corpus, question: str) -> _Found:
    version = corpus.version()  # before: where the index changes meanwhile, the reply counts as old
    return _Found(ask(corpus, question, (), Preferences()).shown, monotonic(), version)


def _results(reply: Shown, texts: Texts) -> list[InlineQueryResultArticle]:
    """A result a quote; the message that it sends has the citation."""
    results = []
    for citation in reply.citations if reply.answered else ():
        messages = quote_messages(citation, texts)
        if len(messages) == 1:
            content = InputTextMessageContent(
                messages[0].html, ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
            )
            results.append(
                InlineQueryResultArticle(
                    str(citation.number), clipped(named(readable(citation)), _TITLE_CHARS), content,
                    description=clipped(named(said_by(citation.reference)), _DESCRIPTION_CHARS),
                )
            )  # fmt: skip
    return results
