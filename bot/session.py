"""What every command has in hand: the common options, where to write, and the corpus."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.terminal import Screen, progress, screen
from bot.voices import By

if TYPE_CHECKING:
    from bot.settings import Settings
    from retrieval.corpus import Corpus
    from retrieval.protocols import Progress
    from retrieval.types import IndexReport

ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings file to use instead of config.toml.")
]
DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Folder of the index, instead of .sayso or SAYSO_DATA_DIR.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress and no messages, only results and errors.")]
#: Those of asking.
ArticleOption = Annotated[
    str | None, typer.Option("--article", metavar="ARTICLE", help="Only this: id, path or words of the title.")
]
AuthorOption = Annotated[str | None, typer.Option("--author", metavar="NAME", help="Only articles by this author.")]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="Only from this date on: 2017, 2017-03 or 2017-03-15.")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Only up to this date, which counts too.")
]
CommentsOption = Annotated[bool, typer.Option("--comments", help="Let readers' comments answer too.")]
ByOption = Annotated[By | None, typer.Option("--by", help="Group the quotes, and name each group.")]


def _homeless() -> bool:
    """Whether the current folder was deleted."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


class Interrupted(Exception):
    """Ctrl-C at a point about which there is something to say; ``hint`` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a command: results go to ``out``, messages to ``err``."""

    config: Path | None = None
    data: Path | None = None
    quiet: bool = False
    out: Screen = field(default_factory=lambda: screen(sys.stdout))
    err: Screen = field(default_factory=lambda: screen(sys.stderr))
    cwd: Path = field(default_factory=lambda: Path(os.environ.get("PWD", "/")) if _homeless() else Path.cwd())

    def settings(self) -> Settings:
        """The settings that the options, the environment and the file make."""
        from bot.settings import load

        return load(self.config, self.data, os.environ)

    def corpus(self) -> Corpus:
        """The corpus of these settings, to be used in ``with``."""
        import retrieval

        return retrieval.open(self.settings())

    def say(self, text: str) -> None:
        """A message, unless the user wants none."""
        if not self.quiet:
            self.err.say(text)

    def show(self, lines: Iterable[str]) -> None:
        """Plain lines of a result, such as a table's."""
        for line in lines:
            self.out.say(line)

    def listening(self) -> AbstractContextManager[Progress | None]:
        """Progress on standard error, unless the user wants none."""
        return nullcontext() if self.quiet else progress(self.err)

    def write_json(self, record: dict[str, Any]) -> None:
        """One line of JSON on standard output, at once."""
        from bot.records import json_line

        self.out.stream.write(json_line(record, self.out.stream.encoding) + "\n")
        self.out.stream.flush()

    def index(self, corpus: Corpus, paths: Sequence[Path | str] = (), *, only_if_new: bool = False) -> IndexReport:
        """Indexes with progress; failures are told even when quiet."""
        from bot.render import failure_lines

        try:
            with self.listening() as listener:
                report = corpus.index(paths, progress=listener, only_if_new=only_if_new)
        except KeyboardInterrupt:
            message = "interrupted: what is indexed so far is kept"
            raise Interrupted(message, "run the same command again to carry on") from None
        self.err.write(failure_lines(report, self.cwd))
        return report

    def ensure_indexed(self, corpus: Corpus) -> None:
        """Indexes the configured corpus where there is no index yet."""
        if corpus.is_new():
            from bot.render import index_lines

            self.say("Nothing is indexed yet: reading the configured articles first.")
            report = self.index(corpus, only_if_new=True)
            if not self.quiet:
                self.err.write(index_lines(report, self.cwd))


def command(app: typer.Typer, name: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers a function of ``(session, …)`` as a command that also takes the common options.

    They may stand before the command's name as well; after it they win.
    """

    def register(run: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(run, eval_str=True)
        own = list(signature.parameters.values())[1:]
        common = {"config": (ConfigOption, None), "data": (DataOption, None), "quiet": (QuietOption, False)}

        def with_session(ctx: typer.Context, config: Path | None, data: Path | None, quiet: bool, **given: Any) -> None:
            before: Session = ctx.obj
            run(Session(config or before.config, data or before.data, quiet or before.quiet), **given)

        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters = [
            inspect.Parameter("ctx", keyword, annotation=typer.Context),
            *(parameter.replace(kind=keyword) for parameter in own),
            *(inspect.Parameter(key, keyword, default=value, annotation=hint) for key, (hint, value) in common.items()),
        ]
        with_session.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        with_session.__doc__ = run.__doc__
        app.command(name or run.__name__)(with_session)
        return run

    return register
