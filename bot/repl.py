"""The chat loop, over lines that come from anywhere and a screen that goes anywhere."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot.conversation import Conversation
from bot.explain import explanation_lines
from bot.lines import BLANK, Line, error_lines, line, one_line
from bot.records import encodable
from bot.render import citation_line, quote_line, reply_lines
from bot.sources import context_lines, table_lines
from bot.terminal import Screen
from bot.voices import By
from retrieval.errors import InputError
from retrieval.types import Abstention, Citation, Filters, Reply, Span

if TYPE_CHECKING:
    from prompt_toolkit.completion import Completion
    from prompt_toolkit.document import Document
    from prompt_toolkit.history import History

    from retrieval.corpus import Corpus

PROMPT = "? "
HISTORY_FILE = "history"
EVERYTHING = Filters()
_MORE = 3  # quotes that /more adds
_LONGEST_NUMBER = 9  # digits

COMMANDS = {
    "/show": "N: the paragraph that quote N stands in",
    "/more": "further quotes that were considered",
    "/sources": "the articles that may answer",
    "/explain": "how the last reply came about",
    "/new": "a new subject: the next question stands alone",
    "/help": "this list; a number asks what was suggested",
    "/quit": "leave (so does Ctrl-D)",
}

#: The next line typed. :raises EOFError: at the end; :raises KeyboardInterrupt: on Ctrl-C.
Reader = Callable[[], str]


class Chat:
    """One chat: its turns, the last reply, and the citations shown for it."""

    def __init__(
        self, corpus: Corpus, out: Screen, cwd: Path, filters: Filters = EVERYTHING, *,
        by: By | None = None, editing: bool = True,
    ) -> None:  # fmt: skip
        """:param editing: lines are typed, so that Ctrl-C drops one; from a pipe it ends the chat."""
        self.corpus, self.out, self.cwd, self.filters = corpus, out, cwd, filters
        self.by, self.editing = by, editing
        self.conversation = Conversation()
        self.reply: Reply | None = None
        self.shown: list[Citation] = []
        self.suggested: list[str] = []

    def run(self, read: Reader) -> None:
        """Answers line after line until the end or /quit. What the user got wrong is said, and the chat goes on."""
        while True:
            before = self.reply
            try:
                text = read().strip()
                if text.split()[:1] == ["/quit"]:
                    return
                if text:
                    if not self.editing:  # what comes through a pipe is seen nowhere else
                        self.out.write([line(one_line(text), indent=0, marker=PROMPT)])
                    self.out.write(self._respond(text))
                    self.out.write([BLANK])
                if self.editing and self.reply is not before:
                    self.out.write(self._suggest())  # after the answer, which it must not hold up
            except InputError as error:
                self.out.write([*error_lines(str(error), error.hint), BLANK])
            except KeyboardInterrupt:
                if not self.editing:
                    raise
            except EOFError:
                return

    def _respond(self, text: str) -> Iterator[Line]:
        if 0 < _number(text) <= len(self.suggested):
            return self._ask_suggested(self.suggested[_number(text) - 1])
        if text.isdecimal() and len(text) == 1:  # a longer number may be a year that is asked about
            return iter([line(f"Nothing with the number {text} was suggested.")])
        if not text.startswith("/"):
            return self._ask(text, self.conversation.questions)
        name, _, argument = text.partition(" ")
        commands: dict[str, Callable[[], Iterator[Line]]] = {
            "/show": lambda: self._show(argument.strip()),
            "/more": self._more,
            "/sources": lambda: table_lines(self.corpus.articles(self.filters), self.cwd),
            "/explain": lambda: explanation_lines(self._last_reply()),
            "/new": self._new,
            "/help": lambda: (line(what, marker=f"{command:<10}") for command, what in COMMANDS.items()),
        }
        if name not in commands:
            raise InputError(f"there is no command {name}", "the commands are " + " ".join(COMMANDS))
        return commands[name]()

    def _suggest(self) -> Iterator[Line]:
        known = self.conversation.known
        self.suggested = self.corpus.suggestions(self._last_reply(), filters=self.filters, known=known)
        self.conversation = self.conversation.suggesting(self.suggested)
        for number, question in enumerate(self.suggested, start=1):
            yield line(one_line(question), "dim", marker=f"{number}  ")
        if self.suggested:
            yield BLANK

    def _ask_suggested(self, question: str) -> Iterator[Line]:
        yield line(one_line(question), "dim")
        yield from self._ask(question, ())  # it stands alone

    def _ask(self, question: str, earlier: Sequence[str]) -> Iterator[Line]:
        reply = self.corpus.ask(encodable(question), earlier, filters=self.filters)
        self.reply = reply
        cited = reply.nearest if isinstance(reply, Abstention) else reply.citations
        answered = () if isinstance(reply, Abstention) else [citation.quote.text for citation in cited]
        self.conversation = self.conversation.then(question, answered)
        self.shown = [*cited, *(other for citation in cited for other in citation.also)]
        return reply_lines(reply, self.cwd, how="/explain", by=self.by)

    def _new(self) -> Iterator[Line]:
        self.conversation = self.conversation.on_something_new()
        yield line("The next question stands alone.", "dim")

    def _show(self, argument: str) -> Iterator[Line]:
        self._last_reply()
        numbers = [citation.number for citation in self.shown]
        if _number(argument) not in numbers:
            known = f"/show {numbers[0]} to /show {numbers[-1]}" if numbers else "ask something first"
            raise InputError(f"there is no quote {argument or 'without a number'}", known)
        quote = self.shown[numbers.index(_number(argument))].quote
        article = self.corpus.article(quote.hit.passage.article_id)
        return context_lines(article, Span(quote.start, quote.end), self.cwd)

    def _more(self) -> Iterator[Line]:
        places = {(shown.quote.hit.passage.article_id, shown.quote.start) for shown in self.shown}
        fresh: list[Citation] = []
        for quote in self._last_reply().work.candidates:
            place = (quote.hit.passage.article_id, quote.start)
            if place not in places and len(fresh) < _MORE:
                places.add(place)
                number = len(self.shown) + len(fresh) + 1
                fresh.append(Citation(number, self.corpus.article(place[0]).reference, quote))
        self.shown += fresh
        if not fresh:
            yield line("There are no further quotes.")
            return
        yield BLANK
        yield from (quote_line(citation) for citation in fresh)
        yield BLANK
        yield from (citation_line(citation, self.cwd) for citation in fresh)

    def _last_reply(self) -> Reply:
        if self.reply is None:
            raise InputError("nothing has been asked yet", "type a question")
        return self.reply


def _number(text: str) -> int:
    """The number that was typed; 0 for anything else, and for one that numbers nothing."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else 0


def completions(typed: str, titles: list[str]) -> list[tuple[str, int]]:
    """``(replacement, characters it replaces)``: commands at the start of a line, titles from two letters on."""
    if typed.startswith("/"):
        return [(name, len(typed)) for name in COMMANDS if name.startswith(typed)]
    begun = [typed[found.start() :] for found in re.finditer(r"(?<!\S)\S.", typed)]
    return [(title, len(part)) for part in begun for title in titles if title.lower().startswith(part.lower())]


def reader(corpus: Corpus, stdin: TextIO, stdout: TextIO) -> Reader:
    """Line editing with history and completion on a terminal; elsewhere the lines as they are, without a prompt."""
    if stdin.isatty() and stdout.isatty():
        return _editing(corpus)

    def read() -> str:
        raw = stdin.buffer.readline()
        if not raw:
            raise EOFError
        return raw.decode("utf-8", "surrogateescape")

    return read


def _editing(corpus: Corpus) -> Reader:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer, Completion

    titles = [one_line(found.title) for found in corpus.articles() if found.title]

    class Titles(Completer):
        def get_completions(self, document: Document, _event: object) -> Iterator[Completion]:
            for text, replaced in completions(document.text_before_cursor, titles):
                yield Completion(text, start_position=-replaced)

    history = _history(corpus.settings.data_dir / HISTORY_FILE)
    session: PromptSession[str] = PromptSession(history=history, completer=Titles(), complete_while_typing=False)
    return lambda: session.prompt(PROMPT)


def _history(path: Path) -> History:
    """Questions of earlier chats, readable by their owner alone; of this chat only where the folder takes no file."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    except OSError:
        return InMemoryHistory()
    os.fchmod(descriptor, 0o600)
    os.close(descriptor)
    return FileHistory(str(path))
