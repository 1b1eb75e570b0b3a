"""Article to passages: whole sentences, no longer than the encoder reads.

A passage is ``article.text[start:end]``: a run of neighbouring sentences of one region
kind under one heading. Paragraphs are kept whole where they fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from retrieval.tokens import TokenCounter, sentence_spans
from retrieval.types import SEARCHED, Article, Kind, Passage, Region, Span

#: The model's own token counts of several texts, special tokens included.
CountTokens = Callable[[Sequence[str]], list[int]]

#: A sentence, or part of one, and its tokens by tiktoken and by the model.
_Piece = tuple[Span, tuple[int, int]]

_CONTEXT_SHARE = 0.3  # of what the encoder reads, at most, for title and section
_FILLED = 0.5  # of a passage's budget; from here a new paragraph opens a new passage
_CHARS_A_TOKEN = 32  # a text with more than this is cut without being counted, which takes long where words do not end
_REACH = 2_000  # characters either side of a long sentence's middle in which a place to cut it is looked for
_CLAUSE_END = re.compile(r"(?<=[;:,؛،–—])\s+|(?<!\s)\s++(?=[–—-]\s)|(?<=[；：，、])")
_BLANK = re.compile(r"\s+")
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Cutter:
    """How passages are cut: at most ``tokens`` by ``count``, and ``max_tokens`` by ``model_count``."""

    count: TokenCounter
    model_count: CountTokens
    tokens: int
    overlap: int
    max_tokens: int

    def cut(self, article: Article) -> list[Passage]:
        """The passages of ``article`` in order, their ids ``article_id#n`` counted from 1.

        Every character of a body region that is not white space lies in a passage.
        """
        title = article.reference.title or ""
        sections = _sections(article)
        runs = [run for region, section in sections for run in self._runs(article.text, region, section, title)]
        return [
            Passage(
                id=f"{article.reference.article_id}#{number}",
                article_id=article.reference.article_id,
                start=run.spans[0].start,
                end=run.spans[-1].end,
                kind=run.kind,
                text=article.text[run.spans[0].start : run.spans[-1].end],
                sentences=run.spans,
                title=run.title,
                section=run.section,
            )
            for number, run in enumerate(runs, start=1)
        ]

    def _runs(self, text: str, region: Region, section: str, title: str) -> Iterator[_Run]:
        title, section = self._clipped(title), self._clipped(section)
        context = " · ".join(part for part in (title, section) if part)
        lead = f"{context}. " if context else ""  # as the encoder reads it
        before, empty = self.model_count([lead, ""])
        sentences = [
            Span(region.start + start, region.start + end)
            for start, end in sentence_spans(text[region.start : region.end])
        ]
        pieces = list(self._pieces(text, sentences, lead, before - empty))
        for run in _packed(text, pieces, (self.tokens, self.max_tokens - before), self.overlap):
            for spans in self._fitting(text, run, lead):
                yield _Run(spans, region.kind, title, section)

    def _pieces(self, text: str, spans: Sequence[Span], lead: str, before: int) -> Iterator[_Piece]:
        """The spans, cut where one does not fit by itself, with their tokens by tiktoken and by the model.

        The blank before the next span is counted in. All are counted at once, for that is half the work of cutting.

        :param before: the model's tokens of the lead
        """
        counted = [span for span in spans if span.end - span.start <= _CHARS_A_TOKEN * self.tokens]
        texts = [text[span.start : span.end] for span in counted]
        totals = self.model_count([lead + part for part in texts])
        sizes = [(self.count(part) + 1, total - before) for part, total in zip(texts, totals, strict=True)]
        known = dict(zip(counted, sizes, strict=True))
        for span in spans:
            size = known.get(span, (self.tokens + 2, 0))
            if span.end - span.start == 1 or (size[0] <= self.tokens + 1 and before + size[1] <= self.max_tokens):
                yield span, size
            else:
                yield from self._pieces(text, [half for (half,) in _halves(text, span)], lead, before)

    def _fitting(self, text: str, run: tuple[Span, ...], lead: str) -> Iterator[tuple[Span, ...]]:
        """``run`` if it fits as a whole, else its halves: of its sentences, or of its only one.

        The whole is counted since its tokens may be more than those of its sentences together.
        """
        whole = Span(run[0].start, run[-1].end)
        if whole.end - whole.start == 1 or self._fits(text[whole.start : whole.end], lead):
            yield run
            return
        middle = len(run) // 2
        for half in (run[:middle], run[middle:]) if middle else _halves(text, whole):
            yield from self._fitting(text, half, lead)

    def _fits(self, passage: str, lead: str) -> bool:
        return (
            len(passage) <= _CHARS_A_TOKEN * self.tokens
            and self.count(passage) <= self.tokens
            and self.model_count([lead + passage])[0] <= self.max_tokens
        )

    def _clipped(self, context: str) -> str:
        """As many of the words as may go before every passage."""
        words = context[: _CHARS_A_TOKEN * self.max_tokens].split()[: self.max_tokens]
        while words and self.model_count([" ".join(words)])[0] > _CONTEXT_SHARE * self.max_tokens:
            words = words[: max(len(words) * 3 // 4, len(words) - 8)]
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class _Run:
    spans: tuple[Span, ...]
    kind: Kind
    title: str
    section: str


def _sections(article: Article) -> Iterator[tuple[Region, str]]:
    """The regions to search, neighbours of one kind joined, each with the heading above it."""
    section = ""
    joined: Region | None = None
    for region in article.regions:
        if region.kind in SEARCHED and joined and joined.kind == region.kind and region.kind is Kind.BODY:
            joined = Region(joined.start, region.end, joined.kind)
            continue
        if joined:
            yield joined, section
        joined = region if region.kind in SEARCHED else None
        if region.kind is Kind.HEADING:
            section = " ".join(article.text[region.start : region.end].strip("#=-* \t\r\n").split())
    if joined:
        yield joined, section


def _halves(text: str, span: Span) -> Iterator[tuple[Span]]:
    """Both sides of the clause end nearest the middle, else of the nearest blank, else of the middle."""
    middle = (span.start + span.end) // 2
    reach = min(_REACH, (span.end - span.start) * 2 // 5)
    cut = middle
    for pattern in (_CLAUSE_END, _BLANK):
        if cuts := [match.end() for match in pattern.finditer(text, middle - reach, middle + reach)]:
            cut = min(cuts, key=lambda place: (abs(place - middle), place))
            break
    for start, end in ((span.start, cut), (cut, span.end)):
        kept = text[start:end].strip()
        if kept:
            start = text.index(kept, start)
            yield (Span(start, start + len(kept)),)


def _packed(text: str, pieces: Iterable[_Piece], limits: tuple[int, int], overlap: int) -> Iterator[tuple[Span, ...]]:
    """Runs of pieces that stay within both limits; a run opens with up to ``overlap`` tokens of the last."""
    run: list[_Piece] = []
    fresh = 0  # pieces of the run that no earlier run holds
    for piece in pieces:
        if fresh and (not _fits([*run, piece], limits) or _opens_paragraph(text, run, piece, limits)):
            yield tuple(span for span, _ in run)
            run, fresh = _tail(run, overlap), 0
            while run and not _fits([*run, piece], limits):
                run = run[1:]
        run.append(piece)
        fresh += 1
    if fresh:
        yield tuple(span for span, _ in run)


def _fits(run: Sequence[_Piece], limits: tuple[int, int]) -> bool:
    return all(sum(sizes[i] for _, sizes in run) <= limits[i] for i in (0, 1))


def _opens_paragraph(text: str, run: Sequence[_Piece], piece: _Piece, limits: tuple[int, int]) -> bool:
    """Whether ``piece`` opens a paragraph and the run is already worth a passage of its own."""
    new_paragraph = _PARAGRAPH_BREAK.search(text, run[-1][0].end, piece[0].start) is not None
    return new_paragraph and sum(sizes[0] for _, sizes in run) >= _FILLED * limits[0]


def _tail(run: Sequence[_Piece], overlap: int) -> list[_Piece]:
    kept: list[_Piece] = []
    for piece in reversed(run):
        if sum(sizes[0] for _, sizes in kept) + piece[1][0] > overlap:
            break
        kept.insert(0, piece)
    return kept if len(kept) < len(run) else kept[1:]
