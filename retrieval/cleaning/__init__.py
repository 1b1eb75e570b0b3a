"""Which stretches of an article are its author's words, and which are the page's.

Cleaning selects and never rewrites: an article's text stays as it was read,
and every stretch of it gets a kind and a reason that a person can check.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from retrieval.cleaning import frame, furniture
from retrieval.cleaning.lines import to_regions
from retrieval.cleaning.page import BODY, Page, open_page
from retrieval.cleaning.repeats import Repeat, find_repeats
from retrieval.types import Article, Kind, Region, Span

__all__ = ["find_regions"]

#: In this order: what an earlier pass has labelled, a later one leaves alone.
_PASSES = (
    furniture.markdown,
    furniture.discussions,
    furniture.forms,
    furniture.captions,
    frame.tail,
    frame.head,
    frame.headings,
)


def find_regions(article: Article) -> tuple[Region, ...]:
    """The regions of an article's text: in order, not overlapping, covering all that is not blank.

    Regions that the article has already, from a reader that knew its markup,
    are kept. Deterministic, and linear in the text but for its few lines of
    furniture. In doubt a line is body.
    """
    page = open_page(article)
    if not (page.is_record and len(page.lines) == 1):  # a passage of one paragraph has no page round it
        for find in _PASSES:
            page.run(find)
    labels = [page.labels.get(number, BODY) for number in range(len(page.lines))]
    regions = list(to_regions(page.lines, labels))
    return tuple(_without_repeats(page, regions))


def _without_repeats(page: Page, regions: Sequence[Region]) -> Iterator[Region]:
    """The regions, with what repeats in the body cut out and marked."""
    text = page.article.text
    body = [Span(region.start, region.end) for region in regions if region.kind is Kind.BODY]
    repeats = find_repeats(text, body) if len(page.lines) > 1 or not page.is_record else iter(())
    repeat = next(repeats, None)
    for region in regions:
        position = region.start
        while repeat and repeat.end <= region.end:
            yield from _stripped(text, position, repeat.start)
            yield _marked(repeat)
            position, repeat = repeat.end, next(repeats, None)
        if position == region.start:
            yield region
        else:
            yield from _stripped(text, position, region.end)


def _marked(repeat: Repeat) -> Region:
    what = "paragraph" if repeat.whole else "sentences"
    return Region(repeat.start, repeat.end, Kind.DUPLICATE, f"repeats the {what} at {repeat.first}")


def _stripped(text: str, start: int, end: int) -> Iterator[Region]:
    piece = text[start:end]
    if piece.strip():
        start += len(piece) - len(piece.lstrip())
        yield Region(start, start + len(piece.strip()), Kind.BODY)
