"""Quotes as people read them: without Markdown's marks, the list's dash, or quote marks within quote marks.

Only what is shown on a screen; records and citations keep every letter. A Markdown library renders but
does not tell where the letters stood, and the answering words are known by where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.lines import one_line
from retrieval.types import Citation

_LIST = re.compile(r"\s*(?:(?:[-*+•‣·]|>)\s+)+")
_HEADING = re.compile(r"\s*#{1,6}\s+")
_OUTER = re.compile(r"\s*(?:“[^“”]*(”)|\"[^\"]*(\")|«[^«»]*(»)|„[^„“”]*([“”]))[.,;!?…]?\s*")
_MOST = 500  # characters between a mark and its counterpart
#: CommonMark 0.31, sections 2.4 and 6; one star or underline within a word marks nothing here.
_MARKED = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    rf"|(?<!`)(?P<ticks>`+)(?!`)(?P<code>.{{1,{_MOST}}}?)(?<!`)(?P=ticks)(?!`)"
    rf"|!?\[(?P<linked>(?:[^\[\]]|\[[^\[\]]*\]){{0,{_MOST}}})\]"
    r"(?:\((?:[^()\s]|\([^()\s]*\)){0,2000}(?:\s+(?:\"[^\"]*\"|'[^']*'))?\)|\[[^\[\]]*\])"
    r"|<(?P<address>https?://[^<>\s]+)>"
    rf"|(?<!\*)(?P<stars>\*{{2,3}}|(?<!\w)\*)(?![\s*])(?P<starred>.{{1,{_MOST}}}?)(?<![\s*])(?P=stars)(?!\*)"
    rf"|(?<![\w_])(?P<lines>_{{1,3}})(?![\s_])(?P<lined>.{{1,{_MOST}}}?)(?<![\s_])(?P=lines)(?![\w_])"
    rf"|~~(?![\s~])(?P<struck>.{{1,{_MOST}}}?)(?<![\s~])~~"
    # Those of a paragraph in bold, of which the quote is a part.
    r"|\A[*_]{1,3}(?=[\w\"“‘])(?P<begun>)|(?P<ended>)(?<=[\w.!?…\"”’])[*_]{1,3}\Z",
    re.DOTALL,
)


def readable(citation: Citation, start: int | None = None, end: int | None = None) -> str:
    """The quote on one line as it is read, or of it what stands from ``start`` to ``end``, in the article's offsets."""
    quote = citation.quote
    first = 0 if start is None else start - quote.start
    last = len(quote.text) if end is None else end - quote.start
    return one_line("".join(quote.text[at] for at in _shown(citation) if first <= at < last))


def _shown(citation: Citation) -> list[int]:
    """The places in the quote's text of the letters that are shown."""
    text = citation.quote.text
    marked_up = citation.reference.source.lower().endswith((".md", ".markdown"))
    leading = _LIST.match(text) or (_HEADING.match(text) if marked_up else None)
    begin = leading.end() if leading else 0
    places = [begin + at for at in _unmarked(text[begin:])] if marked_up else list(range(begin, len(text)))
    outer = _OUTER.fullmatch("".join(text[at] for at in places))
    if outer is None:
        return places
    closing = outer.start(outer.lastindex or 0)
    opening = next(nth for nth, at in enumerate(places) if not text[at].isspace())
    return [at for nth, at in enumerate(places) if nth not in (opening, closing)]


def _unmarked(text: str) -> Iterator[int]:
    """The places of a Markdown text's letters that are no marks."""
    position = 0
    for found in _MARKED.finditer(text):
        yield from range(position, found.start())
        kind = found.lastgroup or ""
        inner = found[kind]
        nested = range(len(inner)) if kind in {"code", "address", "escaped"} else _unmarked(inner)
        yield from (found.start(kind) + at for at in nested)
        position = found.end()
    yield from range(position, len(text))
