"""The command line. Exit codes: 0 answered or done, 1 abstained, 2 error, 130 Ctrl-C, 141 nobody reads on.

Nothing of the engine is imported before a command needs it, so ``--help`` is quick.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from bot.lines import counted, error_lines
from bot.maintenance import add_to
from bot.session import (
    ArticleOption,
    AuthorOption,
    ByOption,
    CommentsOption,
    ConfigOption,
    DataOption,
    Interrupted,
    QuietOption,
    Session,
    SinceOption,
    UntilOption,
    command,
)
from bot.terminal import screen
from bot.umask import keep_private

DONE, ERROR, INTERRUPTED, NOT_READ = 0, 2, 130, 141

#: Commands that a module's own ``app`` holds; it is imported when one of them is called.
_ELSEWHERE = {"eval": ("bot.evaluate", "Measure how good the answers are.")}


class Elsewhere(TyperCommand):
    """A name and a help line that stand for ``module.app`` until it is called."""

    def __init__(self, name: str, module: str, summary: str) -> None:
        super().__init__(name, help=summary, rich_markup_mode=None)
        self.module = module

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the real command, which then runs in place of this one."""
        real = typer.main.get_command(import_module(self.module).app)
        return real.make_context(info_name, args, parent=parent, **extra)


class Commands(TyperGroup):
    """The commands of this file, then those elsewhere."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order of the help."""
        return [*super().list_commands(ctx), *_ELSEWHERE]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, or None."""
        if cmd_name in _ELSEWHERE:
            return Elsewhere(cmd_name, *_ELSEWHERE[cmd_name])
        return super().get_command(ctx, cmd_name)


app = typer.Typer(cls=Commands, add_completion=False, rich_markup_mode=None)


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):  # one may have been closed: sayso … >&-
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
    logging.basicConfig(format="warning: %(message)s", level=logging.WARNING)  # on standard error
    keep_private()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code of one command; the only place where an error becomes words."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a letter that the terminal lacks is no error
    try:
        with typer.main.get_command(app).make_context("sayso", list(arguments)) as context:
            context.command.invoke(context)
        sys.stdout.flush()
    except typer.Exit as end:
        return end.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at exit
        return NOT_READ
    except Interrupted as stop:
        screen(sys.stderr).write(error_lines(str(stop), stop.hint))
        return INTERRUPTED
    except KeyboardInterrupt:
        screen(sys.stderr).write(error_lines("interrupted"))
        return INTERRUPTED
    except Exception as error:
        message, hint = _told(error)
        screen(sys.stderr).write(error_lines(message, hint))
        return ERROR
    return DONE


def _told(error: Exception) -> tuple[str, str]:
    """What happened and what to do, for a user's mistake or a mistake of ours."""
    from retrieval.errors import SaysoError

    if os.environ.get("SAYSO_DEBUG"):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, SaysoError):
        return str(error), error.hint
    if isinstance(error, OSError) and error.filename is None and error.errno == errno.ENOSPC:
        return "standard output cannot be written: no space left", "make room, or write elsewhere"
    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        return error.format_message(), f"{context.command_path} --help" if context else "sayso --help"
    return f"unexpected {type(error).__name__}: {error}", "set SAYSO_DEBUG=1 for the traceback"


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"sayso {version('sayso')}")
        except PackageNotFoundError:
            typer.echo("sayso (run from its sources, not installed)")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def common(
    ctx: typer.Context,
    config: ConfigOption = None,
    data: DataOption = None,
    quiet: QuietOption = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Answer questions from your own articles, in their own words, or say that they don't."""
    del version  # its callback has done the work
    ctx.obj = Session(config, data, quiet)
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help(), err=True)
        raise typer.Exit(ERROR)


@command(app)
def index(
    session: Session,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH", help="Text, Markdown, HTML, JSONL files, folders, https://…; none: the configured."
        ),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay and index what changes, until Ctrl-C.")] = False,
) -> None:
    """Read articles into the index; what is unchanged is left alone."""
    from bot.render import index_lines
    from retrieval.errors import InputError

    if "" in (paths or ()):  # as a Path it would be the current folder
        raise InputError("a PATH is empty", "name a file or a folder: sayso index articles/")
    named = [path if "://" in path else Path(path) for path in paths or ()]
    with session.corpus() as corpus:
        if watch:
            from bot.watching import keep_indexed

            keep_indexed(session, corpus, named)
            return
        report = session.index(corpus, named)
        session.out.write(index_lines(report, session.cwd))
    raise typer.Exit(ERROR if report.failed else DONE)


@command(app)
def ask(
    session: Session,
    question: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUESTION", help="What you want to know; - or none: from standard input."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reply as one line of JSON.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show how the reply came about.")] = False,
    context: Annotated[
        list[str] | None,
        typer.Option(
            "--context", metavar="EARLIER", help="A question asked before, which this one leans on; may be repeated."
        ),
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option(
            "--batch", metavar="FILE", help="With --json: a file of questions as JSON lines; -: standard input."
        ),
    ] = None,
    article: ArticleOption = None,
    author: AuthorOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    comments: CommentsOption = False,
    by: ByOption = None,
) -> None:
    """Answer with exact quotes, or say that the sources don't."""
    from bot.asking import ask_batch, ask_one, asked_question, filters

    chosen = filters(article, author, since, until, comments)
    if batch is None:
        asked = asked_question(" ".join(question) if question is not None else None)
        raise typer.Exit(ask_one(session, asked, context or (), chosen, as_json=as_json, explain=explain, by=by))
    if question or explain or context or by or not as_json:
        raise typer.BadParameter("--batch goes with --json, and takes no QUESTION, --context, --explain or --by")
    raise typer.Exit(ask_batch(session, batch, chosen))


@command(app)
def chat(
    session: Session,
    article: ArticleOption = None,
    author: AuthorOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    comments: CommentsOption = False,
    by: ByOption = None,
) -> None:
    """Ask one question after another; /help lists the commands."""
    from bot.asking import filters, tell_undated
    from bot.repl import Chat, reader

    chosen = filters(article, author, since, until, comments)
    with session.corpus() as corpus:
        session.ensure_indexed(corpus)
        tell_undated(session, corpus, chosen)
        typed = sys.stdin.isatty() and sys.stdout.isatty()
        Chat(corpus, session.out, session.cwd, chosen, by=by, editing=typed).run(reader(corpus, sys.stdin, sys.stdout))


@command(app)
def telegram(session: Session) -> None:
    """Run the Telegram bot whose token is in SAYSO_TELEGRAM_TOKEN."""
    from bot.telegram_app.start import serve

    serve(session)


@command(app)
def sources(
    session: Session,
    show: Annotated[
        str | None, typer.Option("--show", metavar="ARTICLE", help="Show what of it is kept, what dropped, and why.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON an article.")] = False,
) -> None:
    """List the indexed articles, or show what is kept of one."""
    from bot.records import article_record, reference_record
    from bot.sources import region_lines, table_lines

    with session.corpus() as corpus:
        if show is not None:
            shown = corpus.article(show)
            if as_json:
                session.write_json(article_record(shown))
            else:
                session.out.write(region_lines(shown, session.cwd))
            return
        known = corpus.articles()
        if not known:
            session.say("Nothing is indexed yet; `sayso index` reads the configured articles.")
        if as_json:
            for reference in known:
                session.write_json(reference_record(reference))
        else:
            session.out.write(table_lines(known, session.cwd))


@command(app)
def remove(
    session: Session,
    articles: Annotated[list[str], typer.Argument(metavar="ARTICLE", help="Id, path or words of the title.")],
) -> None:
    """Take articles out of the index; their files stay."""
    with session.corpus() as corpus:
        removed = corpus.remove(articles)
    session.out.say(f"Removed {counted(len(removed), 'article')}: {', '.join(removed)}")


add_to(app)
