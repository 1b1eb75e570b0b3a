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

_CONTEXT_SHARE = 0.3  # of what the encoder reads, at most, for title and section
_FILLED = 0.5  # of a passage's budget; from here a new paragraph opens a new passage
_CLAUSE_END = re.compile(r"(?<=[;:])\s+|(?<=,)\s+|\s+(?=[–—-]\s)|(?<=[–—])\s+")
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
        runs = [run for region, section in _sections(article) for run in self._runs(article.text, region, section, title)]
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
        budget = self.max_tokens * _CONTEXT_SHARE
        title, section = self._clipped(title, budget), self._clipped(section, budget)
        context = " · ".join(part for part in (title, section) if part)
        room = self.max_tokens - (self.model_count([context])[0] if context else 2)
        sentences = [Span(region.start + s.start, region.start + s.end) for s in sentence_spans(text[region.start : region.end])]
        pieces = [piece for sentence in sentences for piece in self._fitting(text, sentence, room)]
        sizes = self._sizes(text, pieces)
        for spans in _packed(text, list(zip(pieces, sizes, strict=True)), (self.tokens, room), self.overlap):
            yield _Run(spans, region.kind, title, section)

    def _sizes(self, text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
        """Tokens of each span, by tiktoken and by the model; the next span's blank is counted in."""
        texts = [text[span.start : span.end] for span in spans]
        return list(zip((self.count(t) + 1 for t in texts), self.model_count(texts) if texts else [], strict=True))

    def _fitting(self, text: str, span: Span, room: int) -> Iterator[Span]:
        """``span``, or where it is too long its clauses, words or, at the worst, characters."""
        ((mine, models),) = self._sizes(text, [span])
        if (mine <= self.tokens and models <= room) or span.end - span.start < 2:
            yield span
            return
        middle = _best_cut(text, span)
        for half in (Span(span.start, middle), Span(middle, span.end)):
            kept = text[half.start : half.end].strip()
            if kept:
                start = text.index(kept, half.start)
                yield from self._fitting(text, Span(start, start + len(kept)), room)

    def _clipped(self, context: str, budget: float) -> str:
        words = context.split()
        while words and self.model_count([" ".join(words)])[0] > budget:
            words = words[: max(len(words) * 3 // 4, len(words) - 8)] if len(words) > 1 else []
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


def _best_cut(text: str, span: Span) -> int:
    """Where to cut a long sentence: the clause end nearest its middle, else a blank, else the middle."""
    middle = (span.start + span.end) // 2
    for pattern in (_CLAUSE_END, re.compile(r"\s+")):
        cuts = [m.end() for m in pattern.finditer(text, span.start, span.end) if span.start < m.end() < span.end]
        near = [cut for cut in cuts if abs(cut - middle) <= (span.end - span.start) * 0.4]
        if near:
            return min(near, key=lambda cut: (abs(cut - middle), cut))
    return middle


def _packed(
    text: str, pieces: Iterable[tuple[Span, tuple[int, int]]], limits: tuple[int, int], overlap: int
) -> Iterator[tuple[Span, ...]]:
    """Runs of pieces that stay within both limits; a run opens with up to ``overlap`` tokens of the last."""
    run: list[tuple[Span, tuple[int, int]]] = []
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


def _fits(run: Sequence[tuple[Span, tuple[int, int]]], limits: tuple[int, int]) -> bool:
    return all(sum(sizes[i] for _, sizes in run) <= limits[i] for i in (0, 1))


def _opens_paragraph(
    text: str, run: Sequence[tuple[Span, tuple[int, int]]], piece: tuple[Span, tuple[int, int]], limits: tuple[int, int]
) -> bool:
    """Whether ``piece`` opens a paragraph and the run is already worth a passage of its own."""
    new_paragraph = _PARAGRAPH_BREAK.search(text, run[-1][0].end, piece[0].start) is not None
    return new_paragraph and sum(sizes[0] for _, sizes in run) >= _FILLED * limits[0]


def _tail(run: Sequence[tuple[Span, tuple[int, int]]], overlap: int) -> list[tuple[Span, tuple[int, int]]]:
    kept: list[tuple[Span, tuple[int, int]]] = []
    for piece in reversed(run):
        if sum(sizes[0] for _, sizes in kept) + piece[1][0] > overlap:
            break
        kept.insert(0, piece)
    return kept if len(kept) < len(run) else kept[1:]
