"""Chosen quotes to citations, each compared with its article, letter for letter."""

from __future__ import annotations

from itertools import count

from retrieval.errors import DamagedError, InputError
from retrieval.selection import Choice
from retrieval.store.archive import Archive
from retrieval.types import Article, Citation, Quote

_INDEX_AGAIN = "index the article again: `sayso remove` it, then `sayso index` its folder"


def cited(archive: Archive, choice: Choice) -> tuple[Citation, ...]:
    """The quotes, numbered from 1; those that say the same as one of them stand with it, numbered after them all.

    :raises DamagedError: a quote does not stand in its article.
    """
    numbers = count(len(choice.quotes) + 1)
    return tuple(
        _cited(archive, number, quote, tuple(_cited(archive, next(numbers), other) for other in repeats))
        for number, (quote, repeats) in enumerate(zip(choice.quotes, choice.repeats, strict=True), start=1)
    )


def _cited(archive: Archive, number: int, quote: Quote, also: tuple[Citation, ...] = ()) -> Citation:
    article = _article(archive, quote.hit.passage.article_id)
    if article.text[quote.start : quote.end] != quote.text:
        raise DamagedError(f"a passage of {article.reference.article_id} is not what its article says", _INDEX_AGAIN)
    return Citation(number, article.reference, quote, also)


def _article(archive: Archive, article_id: str) -> Article:
    try:
        return archive.article(article_id)
    except InputError as error:
        raise DamagedError(f"the index has passages of {article_id} but not the article", _INDEX_AGAIN) from error
