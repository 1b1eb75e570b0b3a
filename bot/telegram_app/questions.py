"""Questions: a new one is answered, an edited one has its answer edited."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from telegram.error import BadRequest

from bot.chats import Asked, Preferences
from bot.conversation import MOST_TURNS
from bot.telegram_app.engine import Busy
from bot.telegram_app.kept import Shown, kept, shown
from bot.telegram_app.markup import Message
from bot.telegram_app.messages import notice, reply_messages
from bot.telegram_app.service import Incoming, Service
from bot.telegram_app.suggesting import suggest
from bot.telegram_app.texts import Texts
from bot.telegram_app.typing import typing
from retrieval.errors import InputError
from retrieval.types import Answer, Citation, Filters, Reply

if TYPE_CHECKING:
    from retrieval.corpus import Corpus

_CONVERSATION_S = 3_600.0  # an older question is no longer what a follow-up leans on
MOST_QUOTES = 8  # kept of an answer for "More"


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked and by which message."""

    text: str
    message_id: int
    alone: bool = False  # it leans on no earlier question


class Replied(NamedTuple):
    """What is shown of a reply, and the reply."""

    shown: Shown
    reply: Reply


async def answer(service: Service, incoming: Incoming, question: Question) -> None:
    """Answers a question with a reply to it, and keeps both."""
    before = service.chats.asked_in(incoming.chat_id, question.message_id)
    if before is not None and before.question == question.text and before.messages:
        return  # answered; Telegram also reports edits that change no word
    begun, old = monotonic(), before.messages if before is not None else ()
    told = _refusal(service, incoming.texts, incoming.user_id, question.text)
    replied = None
    turns = _turns(service, incoming, before)
    if told is None:
        service.metrics.questions += 1
        preferences = service.chats.preferences(incoming.chat_id)
        history = () if question.alone else [turn.question for turn in turns]
        try:
            async with typing(service.sender.bot, incoming.chat_id, incoming.thread_id):
                replied = await service.engine.run(ask, service.engine.corpus, question.text, history, preferences)
        except Busy as busy:
            service.metrics.busy += 1
            told = notice(incoming.texts("problem.busy", seconds=busy.seconds))
        except InputError:
            words = "problem.not_indexed" if service.engine.corpus.is_empty() else "answer.gone"
            told = notice(incoming.texts(words))
    if replied is None:
        await replaced(service, incoming, question.message_id, told or [], old)
        return
    reply = replied.shown
    service.metrics.answered += reply.answered
    service.metrics.abstained += not reply.answered
    asked = _asked(incoming, question, reply, before)
    row = service.chats.keep(asked)
    quotes = preferences.quotes or service.settings.telegram.quotes
    messages = reply_messages(reply, incoming.texts, row, quotes)
    numbers = await replaced(service, incoming, question.message_id, messages, old)
    service.metrics.took(monotonic() - begun)
    service.chats.sent(row, numbers)
    asked = replace(asked, row=row)
    await suggest(service, incoming, asked, replied.reply, [*turns, asked], preferences)


def ask(corpus: Corpus, question: str, history: Sequence[str], preferences: Preferences) -> Replied:
    """The corpus's reply; an answer has further quotes for "More" behind its own."""
    filters = Filters(article=preferences.article, comments=preferences.comments)
    reply = corpus.ask(question, history, filters=filters)
    return Replied(shown(with_further(corpus, reply) if isinstance(reply, Answer) else reply), reply)


def with_further(corpus: Corpus, answer: Answer) -> Answer:
    """The answer, its citations followed by the next best quotes that were considered; lists are complete."""
    if answer.form != "quotes":
        return answer
    known = {citation.reference.article_id: citation.reference for citation in answer.citations}
    citations = list(answer.citations)
    for quote in answer.work.candidates:
        if len(citations) == MOST_QUOTES:
            break
        article_id = quote.hit.passage.article_id
        others = [c.quote for c in citations if c.reference.article_id == article_id]
        if any(quote.start < other.end and other.start < quote.end for other in others):
            continue
        if article_id not in known:
            known[article_id] = corpus.article(article_id).reference
        citations.append(Citation(len(citations) + 1, known[article_id], quote))
    return replace(answer, citations=tuple(citations))


def _refusal(service: Service, texts: Texts, user_id: int, question: str) -> list[Message] | None:
    """What is said instead of looking at the question: None where it is looked at, nothing in a flood."""
    most = service.settings.telegram.question_chars
    if len(question) > most:
        return notice(texts("problem.too_long", most=most, given=len(question)))
    wait_s = service.buckets.take(user_id)
    if wait_s == 0:
        return None
    service.metrics.too_fast += 1
    return notice(texts("problem.too_fast", seconds=wait_s)) if service.buckets.tell(user_id) else []


def _turns(service: Service, incoming: Incoming, before: Asked | None) -> list[Asked]:
    """What this user asked here earlier, oldest first; of an edited question what was asked before it."""
    here = (incoming.chat_id, incoming.thread_id, incoming.user_id)
    turns = service.chats.turns(*here, MOST_TURNS + 1, _CONVERSATION_S)
    earlier = [turn for turn in turns if before is None or turn.row < before.row]
    return earlier[-MOST_TURNS:]


def _asked(incoming: Incoming, question: Question, reply: Shown, before: Asked | None) -> Asked:
    return Asked(
        chat_id=incoming.chat_id,
        thread_id=incoming.thread_id,
        user_id=incoming.user_id,
        question_id=question.message_id,
        question=question.text,
        reply=kept(reply),
        messages=before.messages if before is not None else (),
    )


async def replaced(
    service: Service, incoming: Incoming, question_id: int | None, messages: Sequence[Message], old: Sequence[int]
) -> tuple[int, ...]:
    """Puts the messages in place of ``old`` ones, sending and deleting as needed; their numbers."""
    numbers: list[int] = []
    fresh, standing = list(messages), list(old)
    while standing and fresh and await service.sender.edit(incoming.chat_id, standing[0], fresh[0]):
        numbers.append(standing.pop(0))
        fresh.pop(0)
    for surplus in standing:
        with suppress(BadRequest):  # it may be gone, or too old to be deleted
            await service.sender.bot.delete_message(incoming.chat_id, surplus)
    return (*numbers, *await incoming.send(fresh, None if numbers else question_id))
