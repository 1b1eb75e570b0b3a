"""The commands for everyone; /ask stands with the questions."""

from __future__ import annotations

import base64
import binascii
from importlib.metadata import PackageNotFoundError, version

from bot.lines import clipped
from bot.telegram_app.articles import article_of, number_of, only, sources_page, titled
from bot.telegram_app.markup import Message
from bot.telegram_app.messages import (
    forget_messages,
    help_messages,
    history_messages,
    notice,
    privacy_messages,
    settings_messages,
    source_messages,
)
from bot.telegram_app.questions import MOST_QUOTES, Question, answer
from bot.telegram_app.service import Incoming, Service

_HISTORY = 20  # questions
_EVER_S = 1e10
_SHOWN_CHARS = 40  # of a number that is none of an article


async def start(service: Service, incoming: Incoming) -> None:
    """/start; ``a-…`` and ``q-…`` behind it, as in a link, name an article or ask a question."""
    kind, _, coded = incoming.arguments.partition("-")
    payload = _decoded(coded) if kind in ("a", "q") else ""
    if kind == "q" and payload and incoming.message is not None:
        await answer(service, incoming, Question(payload, incoming.message.message_id))
    elif kind == "a" and payload:
        title = await only(service, incoming.chat_id, payload)
        words = incoming.texts("start.gone") if title is None else incoming.texts("start.article", title=title)
        await reply(incoming, notice(words))
    else:
        await reply(incoming, notice(incoming.texts("start.welcome")))


async def help(service: Service, incoming: Incoming) -> None:
    """/help, with the admins' commands for admins, in private."""
    admin = incoming.private and service.members.is_admin(incoming.user_id)
    await reply(incoming, help_messages(incoming.texts, service.username, admin=admin))


async def sources(service: Service, incoming: Incoming) -> None:
    """/sources, with words to filter them."""
    await reply(incoming, await sources_page(service, incoming, 1, incoming.arguments))


async def source(service: Service, incoming: Incoming) -> None:
    """/source and a number of the list."""
    given = incoming.arguments
    if not given.isdecimal():
        await reply(incoming, notice(incoming.texts("source.usage")))
        return
    number = number_of(given)
    article = await article_of(service, number) if number is not None else None
    if number is None or article is None:
        await reply(incoming, notice(incoming.texts("source.unknown", number=clipped(given, _SHOWN_CHARS))))
    else:
        await reply(incoming, source_messages(number, article, incoming.texts))


async def settings(service: Service, incoming: Incoming) -> None:
    """/settings of this chat."""
    wanted = service.chats.preferences(incoming.chat_id)
    quotes = wanted.quotes or service.settings.telegram.quotes
    title = await titled(service, wanted.article)
    await reply(incoming, settings_messages(quotes, MOST_QUOTES, wanted.comments, title, incoming.texts))


async def history(service: Service, incoming: Incoming) -> None:
    """/history: the user's own questions here."""
    turns = service.chats.turns(incoming.chat_id, incoming.thread_id, incoming.user_id, _HISTORY, _EVER_S)
    await reply(incoming, history_messages([turn.question for turn in turns], incoming.texts))


async def forget(service: Service, incoming: Incoming) -> None:
    """/forget asks; the button deletes."""
    del service
    await reply(incoming, forget_messages(incoming.texts))


async def privacy(service: Service, incoming: Incoming) -> None:
    """/privacy: what is kept."""
    await reply(incoming, privacy_messages(incoming.texts, service.settings.telegram.retention_days))


async def about(service: Service, incoming: Incoming) -> None:
    """/about: what this is."""
    articles = len(await service.engine.run(service.engine.corpus.articles))
    await reply(incoming, notice(incoming.texts("about.text", version=_version(), articles=articles)))


async def reply(incoming: Incoming, messages: list[Message]) -> None:
    """Sends the messages in reply to the command, so that a group sees whose they are."""
    await incoming.send(messages, incoming.message.message_id if incoming.message is not None else None)


def payload_of(kind: str, text: str) -> str | None:
    """What a link to the bot ends with to name an article ("a") or ask a question ("q"); None if it is too long."""
    coded = f"{kind}-{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}"
    return coded if len(coded) <= 64 else None


def _decoded(coded: str) -> str:
    """The text of a payload, empty if it is none."""
    try:
        return base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _version() -> str:
    try:
        return version("sayso")
    except PackageNotFoundError:
        return "(not installed)"
