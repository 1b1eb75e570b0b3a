"""Looks for inputs that break Sayso: ``python -m tests.fuzz --seconds 300``.

Hypothesis makes the inputs, of hard pieces and of any bytes, for each target in turn: readers, cleaning, passages,
questions, records, configuration, and what is shown. What breaks one is shrunk and printed, and belongs into the tests.
``tests.fuzz_led`` lets coverage lead the way.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.lines import Line, Segment
from bot.records import answered, json_line
from bot.settings import load
from bot.telegram_app.markup import Block, Run, messages
from bot.terminal import Screen
from retrieval.articles import read_articles
from retrieval.changes import Changes
from retrieval.cleaning import find_regions
from retrieval.errors import InputError, SettingsError
from retrieval.followup.resolving import resolve
from retrieval.followup.turns import Turn
from retrieval.question import checked, understood
from retrieval.types import Abstention, Article, Reference, Reply, Work
from tests.botapi.entities import read_text
from tests.retrieval.samples import SMALL, archive_of, article
from tests.retrieval.test_cleaning import assert_covered
from tests.retrieval.test_passages import require_whole

_ROUND = 1_000  # inputs between two looks at the clock

WORDS = [
    "The ferry sank. ", "Who ", "By Jane Marsh", "3 May 1987", "Mr. ", "e.g. ", "“", "\n", "\n\n", "\r\n", "- ", "# "
]  # fmt: skip
HARD = [
    "\0", "\ufeff", "\u202e", "\u2028", "e\u0301", "👩‍👩‍👧", "\u200b", "\x1b[31m", "\x1b]0;x\x07", "\x9b", "好。", "۔ ",
    "<|endoftext|>"
]  # fmt: skip
QUERY = [
    '"', "*", "NEAR(", "AND ", "OR ", "NOT ", "^", ":", "{", "'", ";", "--", "it ", "and ", "then?", "what about ",
    "he ", "that year "
]  # fmt: skip
MARKUP = [
    "<p>", "</p>", "<div class='comments'>", "<script>", "</", "<!--", "-->", "&amp;", "&#x0;", "<title>", "<meta ",
    "content=", "charset=utf-16", "<![CDATA[", "---\n", "title: x\n", "date: 2017-13-45\n", "![a](b)", "```\n",
    "[a](javascript:b)", "<table><tr><td>", "<br>", "|"
]  # fmt: skip
JSON = [
    "{", "}", "[", "]", '"text"', '"_id"', '"title"', ": ", ",", '"a"', "1e999", "NaN", "null", "\\ud800", "\\u0000",
    '"question"', '"history"', '"Who?"', '{"_id": "a", "text": "The ferry sank."}\n',
    '{"question": "Who?", "history": ["a"]}'
]  # fmt: skip
TOML = [
    "[search]\n", "[answers]\n", "hits = ", "threshold = ", "1\n", "-1\n", '"x"\n', "[", "]", "= ", "'''", "0.5\n",
    "data_dir = ", "[telegram]\n", "users = [1]\n", "inf\n", "nan\n", "0x10\n", "1979-05-27\n", "#",
    "[store]\nurl = ", "'chroma+http://a:1'\n"
]  # fmt: skip

_COMMANDS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_EARLIER = [Turn("Who built the ferry at Tarn?", "Ada Moss built the ferry at Tarn in 1874.", "Ada Moss")]


class Target(NamedTuple):
    """What takes any bytes, and the pieces that are hard for it."""

    takes: Callable[[bytes], None]
    pieces: Sequence[str]

    def inputs(self) -> st.SearchStrategy[bytes]:
        """Texts of hard pieces and of any characters, in several encodings, some cut short; or any bytes."""
        texts = st.lists(st.sampled_from(self.pieces) | st.text(max_size=6), max_size=25).map("".join)
        encoded = st.builds(
            lambda text, encoding, cut: text.encode(encoding, "replace")[cut:],
            texts, st.sampled_from(["utf-8", "utf-8", "utf-16", "cp1251"]), st.sampled_from([0, 0, 1, 3]),
        )  # fmt: skip
        return encoded | st.binary(max_size=60)


def targets(scratch: Path) -> dict[str, Target]:
    """Every target by name; what they write is in ``scratch``."""
    return {
        "txt": Target(_reads(scratch / "a.txt"), [*WORDS, *HARD]),
        "md": Target(_reads(scratch / "a.md"), [*WORDS, *HARD, *MARKUP]),
        "html": Target(_reads(scratch / "a.html"), [*WORDS, *HARD, *MARKUP]),
        "jsonl": Target(_reads(scratch / "a.jsonl"), [*WORDS, *HARD, *JSON]),
        "cleaning": Target(cleans, [*WORDS, *HARD, *MARKUP]),
        "passages": Target(cuts, [*WORDS, *HARD]),
        "questions": Target(_asks(scratch / "archive"), [*WORDS, *HARD, *QUERY]),
        "records": Target(records, [*WORDS, *HARD, *JSON]),
        "configuration": Target(_configures(scratch / "config.toml"), TOML),
        "terminal": Target(terminal, [*WORDS, *HARD]),
        "telegram": Target(telegram, [*WORDS, *HARD, *MARKUP]),
    }


def _reads(file: Path) -> Callable[[bytes], None]:
    """A target for one kind of file: each article is text that was read, whole and with an id."""

    def read(data: bytes) -> None:
        file.write_bytes(data)
        changes = Changes({})
        for item in read_articles([file], max_file_mb=1):
            if isinstance(item, Article):
                assert item.text.strip() and item.reference.article_id
                item.text.encode()
            changes.meet(item)
        for cleaned, fingerprint in changes.changed:
            assert_covered(cleaned.text, cleaned.regions)
            assert fingerprint

    return read


def cleans(data: bytes) -> None:
    """The regions of any text are in order and cover it, in both forms that have rules of their own."""
    text = _text(data)
    for source in ("/a.txt", "/a.md"):
        assert_covered(text, find_regions(Article(Reference("a", source), text)))


def cuts(data: bytes) -> None:
    """Passages of any text are exact, whole and small enough."""
    one = article(_text(data))
    require_whole(one, SMALL.cut(one), SMALL)


def _asks(folder: Path) -> Callable[[bytes], None]:
    """A target for questions that come first or later, in an archive of their own."""
    archive = archive_of(folder, article("The ferry sank at Tarn in 1874."))

    def ask(data: bytes) -> None:
        try:
            clean = checked(_text(data), 2_000)
        except InputError:
            return
        made = resolve(clean, _EARLIER)
        resolve("And when did he leave it?", [*_EARLIER, Turn(clean, clean, clean)])
        query = understood(made.text if made else clean, archive.words.document_frequency, 1)
        assert all(0 <= weight < 100 for weight in query.terms.values())
        if query.match:
            archive.words.bm25(query.match, [1])

    return ask


def records(data: bytes) -> None:
    """Any line of a batch comes out as one line of JSON."""

    def refuse(question: str, history: object) -> Reply:
        return Abstention(question, str(history), (), 0.0, Work())

    assert len(json_line(answered(data, refuse)).splitlines()) == 1


def _configures(file: Path) -> Callable[[bytes], None]:
    """A target for configurations: any file and variable is settings, or a mistake that is told."""

    def configure(data: bytes) -> None:
        file.write_bytes(data)
        try:
            load(file, None, {"SAYSO_SEARCH__HITS": data[:3].decode("latin-1").replace("\0", "")})
        except SettingsError as refusal:
            told = str(refusal)
            assert told

    return configure


def terminal(data: bytes) -> None:
    """No text commands the terminal, wrapped or not."""
    text = data.decode("utf-8", "surrogateescape")
    for width in (None, 40):
        stream = io.StringIO()
        Screen(stream, width).write([Line((Segment("“"), Segment(text, "bold")), marker=text[:9])])
        assert not _COMMANDS.search(stream.getvalue())


def telegram(data: bytes) -> None:
    """Telegram reads any text as it is meant, and links lead to pages only."""
    text = data.decode("utf-8", "surrogateescape")
    link = f"https://example.org/{text}" if len(text) % 2 else text
    for message in messages([Block((Run(text, "b"), Run(text[:9], "u", link)), folded=True), Block((Run(text * 40),))]):
        read = read_text(message.html, "HTML", None, limit=4096, caption=False)
        assert read.text == message.text.rstrip()
        assert all(each["url"].startswith(("https://", "http://")) for each in read.entities if "url" in each)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def fuzz(target: Target, times: int) -> int:
    """Gives the target up to so many inputs, and says how many; raises what breaks it, shrunk."""
    taken = 0

    @settings(
        max_examples=times, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(target.inputs())
    def give(found: bytes) -> None:
        nonlocal taken
        taken += 1
        target.takes(found)

    give()
    return taken


def main() -> int:
    """The exit code: 0 where nothing broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help="those to fuzz; none: all")
    parser.add_argument("--seconds", type=float, default=300, help="in all, in equal shares")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sayso-fuzz-") as scratch:
        found = targets(Path(scratch))
        names = chosen.targets or list(found)
        for name in names:
            taken, end = 0, time.monotonic() + chosen.seconds / len(names)
            while time.monotonic() < end:
                taken += fuzz(found[name], _ROUND)
            print(f"{name:<14}{taken:>10,} inputs", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
