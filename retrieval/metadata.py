"""What an article's own text states about it, where its file did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from retrieval.texts import statements
from retrieval.types import Article, Kind, Region


def with_stated_metadata(article: Article) -> Article:
    """The article with title, author, publisher, date and address filled in from its text.

    Reads the regions that cleaning found, never the body's prose and never a
    comment. What the reference states already stays; what nothing states stays
    ``None``.
    """
    reference = article.reference
    return replace(
        article,
        reference=replace(
            reference,
            title=reference.title or _title(article),
            author=reference.author or _author(article),
            publisher=reference.publisher or _publisher(article),
            published=reference.published or _published(article),
            url=reference.url or next((o for o in _origins(article) if statements.is_url(o)), None),
        ),
    )


def _title(article: Article) -> str | None:
    titles = (
        statements.heading_text(article.text[region.start : region.end].splitlines()[0])  # the second is an underline
        for region in article.regions
        if region.kind is Kind.TITLE
    )
    discussed = (statements.discussion(line) for line in _lines(article, Kind.FORM))
    return next((title for title in (*titles, *discussed) if title), None)


def _author(article: Article) -> str | None:
    metadata = _lines(article, Kind.METADATA)
    bylines = (byline.author for byline in map(statements.byline, metadata) if byline)
    behind_titles = (trailing[1] for line in metadata if (trailing := statements.trailing_author(f"… {line}")))
    boxes = (statements.introduced(line) for line in _lines(article, Kind.ABOUT))
    above_contacts = (
        name for name, below in pairwise(metadata) if statements.is_name(name) and statements.is_contact(below)
    )
    return next((author for author in (*bylines, *behind_titles, *boxes, *above_contacts) if author), None)


def _publisher(article: Article) -> str | None:
    origins = (origin for origin in _origins(article) if not statements.is_url(origin))
    bylines = (byline.publisher for byline in map(statements.byline, _lines(article, Kind.METADATA)) if byline)
    return next((publisher for publisher in (*origins, *bylines) if publisher), None)


def _published(article: Article) -> str | None:
    """The date above the body; one below it may be a comment's."""
    lines = [_line(article, region) for region in _above_body(article.regions)]
    bylines = (byline.published for byline in map(statements.byline, lines) if byline)
    return next((date for date in (*map(statements.dateline, lines), *bylines) if date), None)


def _above_body(regions: Sequence[Region]) -> Iterator[Region]:
    for region in regions:
        if region.kind in {Kind.BODY, Kind.COMMENT}:
            return
        if region.kind is Kind.METADATA:
            yield region


def _origins(article: Article) -> list[str]:
    return [origin for line in _lines(article, Kind.METADATA) if (origin := statements.origin(line))]


def _lines(article: Article, kind: Kind) -> list[str]:
    return [_line(article, region) for region in article.regions if region.kind is kind]


def _line(article: Article, region: Region) -> str:
    return " ".join(article.text[region.start : region.end].split())
