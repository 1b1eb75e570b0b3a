"""Keeping Sayso in order: doctor, repair, backup, restore, rollback."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.lines import Line, line
from bot.session import Session, command

if TYPE_CHECKING:
    from retrieval.doctor import Check

CLEAN, TO_DO = 0, 1

_NAME_COLUMNS = 17


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the program's."""
    for run in (repair, doctor, backup, restore, rollback):
        command(app)(run)


def doctor(
    session: Session,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON a check.")] = False,
) -> None:
    """Look for what is wrong, and say what to do about it."""
    from retrieval.doctor import Status

    well = True
    for check in checks(session, os.environ):
        well = well and check.status is Status.OK
        if as_json:
            record = {"check": check.name, "status": check.status, "found": check.found, "remedy": check.remedy or None}
            session.write_json(record)
        elif not session.quiet or check.status is not Status.OK:
            session.out.write(check_lines(check))
    raise typer.Exit(CLEAN if well else TO_DO)


def repair(session: Session) -> None:
    """Rebuild the search indexes from the articles that are stored."""
    with session.corpus() as corpus:
        session.out.say(corpus.repair())


def backup(session: Session, file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")]) -> None:
    """Save the index and the bot's chats to one file."""
    with session.corpus() as corpus:
        session.out.say(corpus.backup(file))


def restore(
    session: Session, file: Annotated[Path, typer.Argument(metavar="FILE", help="What `sayso backup` wrote.")]
) -> None:
    """Check a backup and put what it holds in use."""
    with session.corpus() as corpus:
        session.out.say(corpus.restore(file))


def rollback(session: Session) -> None:
    """Go back to the index before the last restore or rebuild."""
    with session.corpus() as corpus:
        session.out.say(corpus.rollback())


def checks(session: Session, environ: Mapping[str, str]) -> Iterator[Check]:
    """Every check of the settings, the machine and the data folder.

    :raises SaysoError: the settings cannot be read, or the data folder cannot be looked into.
    """
    from bot.settings import TOKEN_VARIABLE
    from retrieval.doctor import Check, Status, examine

    settings = session.settings()
    yield Check("configuration", Status.OK, f"read; the data folder is {settings.data_dir}")
    yield token_check(environ.get(TOKEN_VARIABLE, ""))
    yield from examine(settings)


def token_check(token: str) -> Check:
    """Whether the bot's token looks like one; it is never shown."""
    from bot.settings import TOKEN_SHAPE, TOKEN_VARIABLE
    from retrieval.doctor import Check, Status

    if not token:
        return Check("Telegram token", Status.OK, f"{TOKEN_VARIABLE} is not set; only `sayso telegram` needs it")
    if TOKEN_SHAPE.fullmatch(token):
        return Check("Telegram token", Status.OK, f"{TOKEN_VARIABLE} has the form of a token")
    remedy = "copy it again as BotFather gave it: digits, a colon, 35 letters and digits"
    return Check("Telegram token", Status.FAIL, f"{TOKEN_VARIABLE} has not the form of a token", remedy)


def check_lines(check: Check) -> Iterator[Line]:
    """What was found and, where something is to be done, what."""
    marker = f"{check.status:<4}  {check.name:<{_NAME_COLUMNS}}"
    yield line(check.found, indent=0, marker=marker)
    if check.remedy:
        yield line(check.remedy, indent=0, marker=" " * 6 + " " * _NAME_COLUMNS + "→ ")
