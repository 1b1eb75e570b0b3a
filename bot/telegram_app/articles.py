"""The articles as a chat sees them: numbered, in pages, one of them chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.telegram_app.markup import Message, named
from bot.telegram_app.messages import numbered, sources_messages
from bot.telegram_app.service import Incoming, Service
from bot.voices import shown_title
from retrieval.errors import InputError
from retrieval.types import Article

if TYPE_CHECKING:
    from retrieval.corpus import Corpus

_MOST_DIGITS = 9  # of an article's number
_MOST_NAME = 1_000  # characters of an id, path or title


async def sources_page(service: Service, incoming: Incoming, page: int, words: str) -> list[Message]:
    """One page of the list; ``words`` filter it."""
    found = numbered(await service.engine.run(service.engine.corpus.articles), words)
    row = service.chats.keep_words(incoming.user_id, words) if words else 0
    return sources_messages(found, incoming.texts, page, words, row)


def number_of(given: str) -> int | None:
    """The number that somebody writes for an article; None for what is none, or longer than any list."""
    return int(given) if given.isdecimal() and len(given) <= _MOST_DIGITS else None


def names_none(words: str) -> bool:
    """Whether no id, path or title can be so: it comes from outside and may hold anything."""
    return "\0" in words or len(words) > _MOST_NAME


async def article_of(service: Service, number: int) -> Article | None:
    """The article of that number in the list, None if there is none."""
    return await service.engine.run(_article, service.engine.corpus, number)


async def only(service: Service, chat_id: int, article_id: str) -> str | None:
    """Lets only this article answer in the chat; its title, None if there is no such article."""
    title = await titled(service, article_id)
    if title is not None:
        service.chats.prefer(chat_id, replace(service.chats.preferences(chat_id), article=article_id))
    return title


async def titled(service: Service, article_id: str | None) -> str | None:
    """The title of an article, its id where it is gone; None for none."""
    if article_id is None or names_none(article_id):
        return None
    try:
        article = await service.engine.run(service.engine.corpus.article, article_id)
    except InputError:
        return None
    return named(shown_title(article.reference))


def _article(corpus: Corpus, number: int) -> Article | None:
    references = corpus.articles()
    return corpus.article(references[number - 1].article_id) if 1 <= number <= len(references) else None
