"""Presses of buttons: each does one thing and ends with a word, or silence, on the pressed button."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from telegram import CallbackQuery
from telegram.error import BadRequest

from bot.chats import Asked
from bot.telegram_app.articles import article_of, only, sources_page, titled
from bot.telegram_app.buttons import Action, Press, pressed
from bot.telegram_app.engine import Busy
from bot.telegram_app.kept import recalled
from bot.telegram_app.markup import Message, messages, paragraph
from bot.telegram_app.messages import notice, paragraph_messages, reply_messages, settings_messages, source_messages
from bot.telegram_app.questions import MOST_QUOTES, Question, answer, replaced
from bot.telegram_app.service import Incoming, Service
from retrieval.errors import InputError
from retrieval.types import Citation, Span

_TOAST_CHARS = 200


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press, and the message under which the button stands."""

    service: Service
    incoming: Incoming
    press: Press
    message_id: int
    question_id: int | None  # the message that this one replies to

    async def edit(self, messages: list[Message]) -> None:
        """Shows something else in place of the message."""
        await replaced(self.service, self.incoming, self.question_id, messages, (self.message_id,))

    async def send(self, messages: list[Message]) -> None:
        """Sends messages in reply to what the pressed one replies to."""
        await self.incoming.send(messages, self.question_id)


async def press(service: Service, incoming: Incoming) -> None:
    """Does what a button says, if it is its presser's."""
    query = incoming.update.callback_query
    if query is None or query.message is None:
        return
    wanted = pressed(query.data or "")
    told = ""
    if wanted is not None:
        asked = service.chats.asked(wanted.row) if wanted.action in _OF_ANSWERS and wanted.row else None
        if not _is_own(incoming, query, asked):
            told = incoming.texts("problem.foreign_button")
        elif wanted.action in _OF_ANSWERS and wanted.row and asked is None:
            told = incoming.texts("answer.kept_no_more")
        else:
            it = Pressed(service, incoming, wanted, query.message.message_id, _question(incoming))
            try:
                told = await _act(it, asked)
            except Busy as busy:
                told = incoming.texts("problem.busy", seconds=busy.seconds)
    with suppress(BadRequest):  # too old: nobody looks at the button any more
        await service.sender.bot.answer_callback_query(query.id, told[:_TOAST_CHARS] or None)


#: Actions whose row is that of an answer, if there is one.
_OF_ANSWERS = frozenset({Action.MORE, Action.SHOW, Action.GOOD, Action.BAD, Action.ONLY, Action.ASK})


def _question(incoming: Incoming) -> int | None:
    """The message that the pressed one replies to."""
    replied = incoming.message.reply_to_message if incoming.message is not None else None
    return replied.message_id if replied is not None else None


def _is_own(incoming: Incoming, query: CallbackQuery, asked: Asked | None) -> bool:
    """Whether the presser is who asked; in a private chat there is nobody else."""
    if asked is not None:
        return asked.user_id == incoming.user_id and asked.chat_id == incoming.chat_id
    if incoming.private:
        return True
    message = incoming.message
    replied = message.reply_to_message if message is not None else None
    return replied is not None and replied.from_user is not None and replied.from_user.id == query.from_user.id


async def _act(it: Pressed, asked: Asked | None) -> str:
    """The word on the button; empty for none."""
    if asked is not None and it.press.action in _OF_ANSWERS:
        return await _on_answer(it, asked)
    match it.press.action:
        case Action.ONLY:
            return await _only(it, None)
        case Action.PAGE:
            words = it.service.chats.words(it.press.row, it.incoming.user_id)
            await it.edit(await sources_page(it.service, it.incoming, it.press.argument, words))
        case Action.SOURCE:
            return await _source(it)
        case Action.QUOTES | Action.COMMENTS | Action.EVERYTHING:
            await _set(it)
        case Action.FORGET:
            it.service.chats.forget(it.incoming.chat_id, it.incoming.user_id)
            await it.edit(notice(it.incoming.texts("forget.done")))
        case Action.NOTHING:
            await it.edit(notice(it.incoming.texts("forget.kept")))
    return ""


async def _on_answer(it: Pressed, asked: Asked) -> str:
    match it.press.action:
        case Action.MORE:
            return await _more(it, asked)
        case Action.SHOW:
            return await _show(it, asked)
        case Action.ASK:
            return await _ask(it, asked)
        case Action.ONLY:
            return await _only(it, asked)
        case vote:
            good = vote is Action.GOOD
            it.service.chats.vote(asked.row, it.incoming.user_id, good)
            it.service.metrics.votes += 1
            return it.incoming.texts("feedback.good" if good else "feedback.bad")


async def _more(it: Pressed, asked: Asked) -> str:
    reply = recalled(asked.reply)
    if it.press.argument > len(reply.citations):
        return it.incoming.texts("answer.no_more")
    shown = reply_messages(reply, it.incoming.texts, asked.row, it.press.argument)
    numbers = await replaced(it.service, it.incoming, asked.question_id, shown, asked.messages or (it.message_id,))
    it.service.chats.sent(asked.row, numbers)
    return ""


def _cited(asked: Asked, number: int) -> Citation | None:
    return next((citation for citation in recalled(asked.reply).citations if citation.number == number), None)


async def _show(it: Pressed, asked: Asked) -> str:
    citation, texts = _cited(asked, it.press.argument), it.incoming.texts
    if citation is None:
        return texts("answer.kept_no_more")
    try:
        article = await it.service.engine.run(it.service.engine.corpus.article, citation.reference.article_id)
    except InputError:
        return texts("answer.gone")
    quote = citation.quote
    if article.text[quote.start : quote.end] != quote.text:
        return texts("answer.changed")
    span = Span(quote.start, quote.end)
    await it.send(paragraph_messages(article, span, texts, asked.row, citation.number))
    return ""


async def _only(it: Pressed, asked: Asked | None) -> str:
    citation = _cited(asked, it.press.argument) if asked is not None else None
    wanted = citation.reference.article_id if citation is not None else None
    if asked is None:
        found = await article_of(it.service, it.press.argument)
        wanted = found.reference.article_id if found is not None else None
    title = await only(it.service, it.incoming.chat_id, wanted) if wanted is not None else None
    texts = it.incoming.texts
    return texts("start.article", title=title) if title is not None else texts("answer.gone")


async def _ask(it: Pressed, asked: Asked) -> str:
    """Asks what was suggested, in a message that the answer replies to."""
    suggested = recalled(asked.reply).suggested
    if not 1 <= it.press.argument <= len(suggested):
        return it.incoming.texts("answer.kept_no_more")
    text = suggested[it.press.argument - 1]
    for number in await it.incoming.send(messages([paragraph(text)])):
        await answer(it.service, it.incoming, Question(text, number, alone=True))
    return ""


async def _source(it: Pressed) -> str:
    number, texts = it.press.argument, it.incoming.texts
    article = await article_of(it.service, number)
    if article is None:
        return texts("source.unknown", number=number)
    await it.send(source_messages(number, article, texts))
    return ""


async def _set(it: Pressed) -> None:
    chats, texts, argument = it.service.chats, it.incoming.texts, it.press.argument
    wanted = chats.preferences(it.incoming.chat_id)
    match it.press.action:
        case Action.QUOTES:
            wanted = replace(wanted, quotes=min(max(1, argument), MOST_QUOTES))
        case Action.COMMENTS:
            wanted = replace(wanted, comments=bool(argument))
        case _:
            wanted = replace(wanted, article=None)
    chats.prefer(it.incoming.chat_id, wanted)
    quotes = wanted.quotes or it.service.settings.telegram.quotes
    title = await titled(it.service, wanted.article)
    await it.edit(settings_messages(quotes, MOST_QUOTES, wanted.comments, title, texts))
