"""Questions suggested under an answer, as buttons: made once the answer stands, for it must not wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.chats import Asked, Preferences
from bot.conversation import Conversation
from bot.telegram_app.kept import Shown, kept, recalled
from bot.telegram_app.messages import reply_messages
from bot.telegram_app.service import Incoming, Service
from retrieval.types import Filters, Reply

if TYPE_CHECKING:
    from retrieval.corpus import Corpus


async def suggest(
    service: Service, incoming: Incoming, asked: Asked, reply: Reply, turns: Sequence[Asked], preferences: Preferences
) -> None:
    """Puts buttons that ask further questions under an answer, in a private chat and where nobody else waits.

    In a group an edit more for each answer would soon meet Telegram's limit.

    :param turns: the conversation, with this question
    """
    shown, engine = recalled(asked.reply), service.engine
    if not (shown.answered and incoming.private and service.settings.telegram.suggestions) or engine.in_hand:
        return
    quotes = preferences.quotes or service.settings.telegram.quotes
    suggested = await engine.run(_suggested, engine.corpus, reply, preferences, known(turns, quotes))
    now = service.chats.asked(asked.row)
    if not suggested or now is None or now.question != asked.question:  # forgotten or edited meanwhile
        return
    added = replace(shown, suggested=tuple(suggested))
    service.chats.add(asked.row, kept(added))
    last = reply_messages(added, incoming.texts, asked.row, quotes)[-1]
    if now.messages:
        await service.sender.edit(incoming.chat_id, now.messages[-1], last)


def known(turns: Sequence[Asked], quotes: int) -> tuple[str, ...]:
    """What was asked, answered and suggested twice in these turns, of which ``quotes`` each were shown."""
    conversation = Conversation()
    for turn in turns:
        reply: Shown = recalled(turn.reply)
        told = [citation.quote.text for citation in reply.citations[:quotes]] if reply.answered else []
        conversation = conversation.then(turn.question, told).suggesting(reply.suggested)
    return conversation.known


def _suggested(corpus: Corpus, reply: Reply, preferences: Preferences, known: Sequence[str]) -> list[str]:
    filters = Filters(article=preferences.article, comments=preferences.comments)
    return corpus.suggestions(reply, filters=filters, known=known)
