"""``sayso ask``: one question, or a batch of records. Both return the exit code."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bot.explain import explanation_lines
from bot.lines import BLANK, counted
from bot.records import Record, answered, encodable, reply_record
from bot.render import reply_lines
from bot.session import Session
from bot.voices import By
from retrieval.errors import InputError
from retrieval.types import Answer, Filters, Reply

if TYPE_CHECKING:
    from retrieval.corpus import Corpus

ANSWERED, ABSTAINED, UNREADABLE = 0, 1, 2


def ask_one(
    session: Session, question: str, earlier: Sequence[str], chosen: Filters, *,
    as_json: bool, explain: bool, by: By | None,
) -> int:  # fmt: skip
    """Answers one question on standard output; with both options the explanation goes to standard error."""
    with session.corpus() as corpus:
        session.ensure_indexed(corpus)
        tell_undated(session, corpus, chosen)
        reply = corpus.ask(encodable(question), [encodable(text) for text in earlier], filters=chosen)
    if as_json:
        session.write_json(reply_record(reply))
    else:
        session.out.write(reply_lines(reply, session.cwd, by=by))
    if explain:
        (session.err if as_json else session.out).write([BLANK, *explanation_lines(reply)])
    return ANSWERED if isinstance(reply, Answer) else ABSTAINED


def ask_batch(session: Session, source: str, chosen: Filters) -> int:
    """Answers each record of the file ``source`` ("-": standard input), in order.

    Of a file several are asked at once; where more may come later, each is answered before the next is read.
    """
    exit_code = ANSWERED
    with _opened(source) as records, session.corpus() as corpus:
        session.ensure_indexed(corpus)
        tell_undated(session, corpus, chosen)

        def ask(question: str, history: Sequence[str]) -> Reply:
            return corpus.ask(question, history, filters=chosen)

        for record in in_order(records, ask, at_once=_cores() + 1 if _is_whole(records) else 1):
            session.write_json(record)
            if record["kind"] == "error":
                exit_code = UNREADABLE
    return exit_code


def in_order(lines: Iterable[bytes], ask: Callable[[str, Sequence[str]], Reply], at_once: int) -> Iterator[Record]:
    """A record out for each line that is not blank, in their order, while up to ``at_once`` are being asked.

    Threads, not one batch for the models: a text is run alone so that its scores depend on nothing else, and in a
    batch it takes no less time. With 1, a record is out before the next line is read.
    """
    asked: deque[Future[Record]] = deque()
    most = 2 * at_once - 1  # or a slow question would leave the other threads without work
    pool = ThreadPoolExecutor(at_once, "ask")
    try:
        for raw in lines:
            if raw.strip():
                asked.append(pool.submit(answered, raw, ask))
            if len(asked) >= most:
                yield asked.popleft().result()
        while asked:
            yield asked.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def asked_question(argument: str | None) -> str:
    """The question of the command line, or of standard input where that is "-" or missing."""
    if argument is not None and argument != "-":
        return argument
    if argument is None and sys.stdin.isatty():
        raise InputError("there is no question", 'sayso ask "When did the harbour bridge reopen?"')
    return sys.stdin.buffer.read().decode("utf-8", "surrogateescape").strip()


def filters(article: str | None, author: str | None, since: str | None, until: str | None, comments: bool) -> Filters:
    """The options as filters. :raises InputError: where a date is none, or the two are crossed."""
    for option, value in (("--since", since), ("--until", until)):
        if value is not None and not _is_date(value):
            raise InputError(f"{option} {value!r} is not a date", "write it as 2017, 2017-03 or 2017-03-15")
    if since and until and since[: len(until)] > until:
        raise InputError(f"--since {since} is after --until {until}", "no article can be both")
    return Filters(article, author, since, until, comments)


def tell_undated(session: Session, corpus: Corpus, chosen: Filters) -> None:
    """Says how many articles a filter by date leaves out because they have none."""
    if chosen.since is None and chosen.until is None:
        return
    undated = sum(not known.published for known in corpus.articles(replace(chosen, since=None, until=None)))
    if undated:
        left_out = "has no date and was" if undated == 1 else "have no date and were"
        session.say(f"{counted(undated, 'article')} {left_out} left out.")


def _is_date(text: str) -> bool:
    """Whether ``text`` is an ISO date, as precise as it may be."""
    try:
        date.fromisoformat(text + "0000-01-01"[len(text) :])
    except ValueError:
        return False
    return re.fullmatch("[0-9]{4}(-[0-9]{2}){0,2}", text) is not None


def _is_whole(records: BinaryIO) -> bool:
    """Whether all of it is there, as of a file, so that reading ahead never waits for somebody to write."""
    try:
        return stat.S_ISREG(os.fstat(records.fileno()).st_mode)
    except OSError:  # no file at all
        return False


def _cores() -> int:
    """Those this process may use; not every system says."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _opened(source: str) -> Iterator[BinaryIO]:
    if source == "-":
        yield sys.stdin.buffer
        return
    try:
        records = Path(source).open("rb")  # noqa: SIM115  closed below; only opening may fail here
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}", "check --batch") from None
    with records:
        yield records
