"""The commands for admins."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from telegram import Document

from bot.lines import clipped
from bot.telegram_app.articles import names_none, number_of, sources_page
from bot.telegram_app.commands import reply
from bot.telegram_app.documents import downloaded
from bot.telegram_app.markup import named
from bot.telegram_app.messages import notice, numbered
from bot.telegram_app.service import Handler, Incoming, Service
from bot.telegram_app.uploads import RefusedUploadError, require_size, stored
from bot.voices import shown_title
from retrieval.errors import InputError, LockedError
from retrieval.types import IndexReport

if TYPE_CHECKING:
    from retrieval.corpus import Corpus

_MB = 1 << 20
_SHOWN_CHARS = 80  # of the name of an article that there is not


def for_admins(handler: Handler) -> Handler:
    """``handler`` for admins; a word for all others."""

    async def guarded(service: Service, incoming: Incoming) -> None:
        if service.members.is_admin(incoming.user_id):
            await handler(service, incoming)
        else:
            await reply(incoming, notice(incoming.texts("access.admins_only")))

    return guarded


async def stats(service: Service, incoming: Incoming) -> None:
    """/stats since the start of the process."""
    metrics, engine = service.metrics, service.engine
    minutes, _ = divmod(int(monotonic() - service.begun), 60)
    hours, minutes = divmod(minutes, 60)
    told = incoming.texts(
        "stats.text", questions=metrics.questions, answered=metrics.answered, abstained=metrics.abstained,
        errors=metrics.errors, queued=engine.in_hand, median=f"{engine.median_s():.2f}",
        articles=len(await engine.run(engine.corpus.articles)), uptime=f"{hours}:{minutes:02}",
    )  # fmt: skip
    await reply(incoming, notice(told))


async def reload(service: Service, incoming: Incoming) -> None:
    """/reload: the configured articles, read again."""
    await reply(incoming, notice(incoming.texts("index.begun")))
    try:
        report = await service.engine.run_long(service.engine.corpus.index)
    except LockedError:
        await reply(incoming, notice(incoming.texts("index.busy")))
        return
    told = incoming.texts(
        "index.reloaded", added=len(report.added), updated=len(report.updated), removed=len(report.removed),
        failed=sum(item.failed for item in report.rejected), articles=await _articles(service),
    )  # fmt: skip
    await reply(incoming, notice(told))


async def index(service: Service, incoming: Incoming) -> None:
    """/index as a document's caption, or in reply to one."""
    most = service.settings.telegram.upload_mb * _MB
    document = _document(incoming)
    if document is None:
        size = f"{service.settings.telegram.upload_mb} MB"
        await reply(incoming, notice(incoming.texts("index.how", size=size)))
        return
    try:
        require_size(document.file_size, most)
        await reply(incoming, notice(incoming.texts("index.begun")))
        data = await downloaded(service.sender.bot, document.file_id, most, service.settings.telegram.timeout_s)
        path = stored(uploads(service), document.file_name, data)
        report = await service.engine.run_long(service.engine.corpus.index, [path])
    except RefusedUploadError as refused:
        reason = incoming.texts(f"refused.{refused.reason}", size=f"{most // _MB} MB")
        await reply(incoming, notice(incoming.texts("index.refused", reason=reason)))
    except LockedError:
        await reply(incoming, notice(incoming.texts("index.busy")))
    else:
        await reply(incoming, notice(await _indexed(service, incoming, report, named(document.file_name or ""))))


async def remove(service: Service, incoming: Incoming) -> None:
    """/remove and an article's number in the list, its id, or words of its title; where several have them, a list."""
    wanted, texts = incoming.arguments, incoming.texts
    if not wanted:
        await reply(incoming, notice(texts("index.remove_usage")))
        return
    try:
        title = await service.engine.run_long(_removed, service.engine.corpus, wanted, uploads(service))
    except LockedError:
        await reply(incoming, notice(texts("index.busy")))
    except InputError:
        if len(numbered(await service.engine.run(service.engine.corpus.articles), wanted)) > 1:
            listed = await sources_page(service, incoming, 1, wanted)
            await reply(incoming, [*notice(texts("index.remove_which")), *listed])
        else:
            await reply(incoming, notice(texts("source.unknown", number=clipped(named(wanted), _SHOWN_CHARS))))
    else:
        await reply(incoming, notice(texts("index.removed", title=title)))


async def allow(service: Service, incoming: Incoming) -> None:
    """/allow and a number, or in reply to somebody; in a group without either, the group."""
    number = _number(incoming)
    if number is None:
        await reply(incoming, notice(incoming.texts("access.usage", command="allow")))
        return
    service.members.allow(number, incoming.user_id)
    await reply(incoming, notice(incoming.texts("access.allowed", number=number)))


async def deny(service: Service, incoming: Incoming) -> None:
    """/deny, named like /allow."""
    number = _number(incoming)
    if number is None:
        told = incoming.texts("access.usage", command="deny")
    elif service.members.deny(number, incoming.user_id):
        told = incoming.texts("access.denied", number=number)
    else:
        told = incoming.texts("access.itself")
    await reply(incoming, notice(told))


def uploads(service: Service) -> Path:
    """The folder of the documents that were sent."""
    return service.settings.data_dir / "uploads"


async def _indexed(service: Service, incoming: Incoming, report: IndexReport, name: str) -> str:
    """What is said of an upload that was read."""
    articles = (*report.added, *report.updated, *report.unchanged)
    if not articles:
        return incoming.texts("index.failed", name=name)
    article = await service.engine.run(service.engine.corpus.article, articles[0])
    title = named(shown_title(article.reference))
    if report.unchanged:
        return incoming.texts("index.unchanged", title=title)
    return incoming.texts("index.added", title=title, articles=await _articles(service))


async def _articles(service: Service) -> int:
    return len(await service.engine.run(service.engine.corpus.articles))


def _removed(corpus: Corpus, wanted: str, folder: Path) -> str:
    """The title of the article that was removed; if it was sent as a document, that goes too."""
    references = corpus.articles()
    if names_none(wanted):
        raise InputError("there is no such article")
    number = number_of(wanted) or 0
    article = corpus.article(references[number - 1].article_id if 1 <= number <= len(references) else wanted)
    corpus.remove([article.reference.article_id])
    source = Path(article.reference.source)
    if source.parent == folder.resolve():
        with suppress(FileNotFoundError):
            source.unlink()
    return named(shown_title(article.reference))


def _document(incoming: Incoming) -> Document | None:
    message = incoming.message
    if message is None or message.document is not None:
        return message.document if message is not None else None
    return message.reply_to_message.document if message.reply_to_message is not None else None


def _number(incoming: Incoming) -> int | None:
    """Whom a command means."""
    given, message = incoming.arguments, incoming.message
    if given:
        digits = given.removeprefix("-")
        return int(given) if digits.isdecimal() and len(digits) <= 15 else None
    replied = message.reply_to_message if message is not None else None
    if replied is not None and replied.from_user is not None and not replied.from_user.is_bot:
        return replied.from_user.id
    return None if incoming.private else incoming.chat_id
