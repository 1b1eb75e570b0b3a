"""Who says what: the quotes of an answer grouped by who says them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bot.lines import one_line

if TYPE_CHECKING:  # the command line names what quotes are grouped by before it needs the engine
    from retrieval.types import Answer, Citation, Reference, Span


class By(StrEnum):
    """What quotes are grouped by."""

    AUTHOR = "author"  # or the publisher where no author is stated
    ARTICLE = "article"
    DATE = "date"


class Voice(NamedTuple):
    """Who or what says some of the quotes; ``key`` tells voices of one name apart."""

    key: tuple[str, ...]
    name: str


def grouped(citations: Iterable[Citation], by: By) -> list[tuple[Voice, list[Citation]]]:
    """Each voice with what it says, in the order given: the voice of the best quote first; by date the oldest."""
    groups: dict[tuple[str, ...], tuple[Voice, list[Citation]]] = {}
    for citation in citations:
        voice = voice_of(citation, by)
        groups.setdefault(voice.key, (voice, []))[1].append(citation)
    found = list(groups.values())
    if by is By.DATE:
        found.sort(key=lambda group: group[1][0].reference.published or "9999-99")
    return found


def voice_of(citation: Citation, by: By = By.AUTHOR) -> Voice:
    """The author, publisher and date, or what of them is stated; readers who comment are a voice of their own."""
    from retrieval.types import Kind

    reference = citation.reference
    if by is By.DATE:
        return Voice((reference.published or "",), one_line(reference.published or "no date"))
    title, author = shown_title(reference), one_line(reference.author or "").strip()
    issue = ", ".join(one_line(part) for part in (reference.publisher, reference.published) if part)
    if citation.quote.hit.passage.kind is Kind.COMMENT:
        return Voice(("comment", reference.article_id), f"a reader's comment on {title}")
    if by is By.ARTICLE or not (author or reference.publisher):
        return Voice(("article", reference.article_id), " · ".join(filter(None, (title, issue))))
    return Voice(("author", author, issue), " · ".join(filter(None, (author, issue))))


def shown_title(reference: Reference) -> str:
    """The title, or the file's name where there is none."""
    return one_line(reference.title or "").strip() or one_line(Path(reference.source).name)


def differing_words(answer: Answer) -> dict[int, list[Span]]:
    """The words in which quotes contradict each other, by the number of the citation, in the article's offsets."""
    words: dict[int, list[Span]] = {}
    for difference in answer.differences:
        for number, span in zip(difference.numbers, difference.words, strict=True):
            words.setdefault(number, []).append(span)
    return words
