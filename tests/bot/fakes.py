"""An honest small corpus in memory: whole sentences, matched by the words they share with the question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.errors import InputError
from retrieval.protocols import Progress
from retrieval.settings import Settings
from retrieval.types import (
    Abstention,
    Answer,
    Article,
    Citation,
    Filters,
    Hit,
    IndexReport,
    Kind,
    Passage,
    Quote,
    Reference,
    Region,
    Rejected,
    Reply,
    Span,
    Work,
)

BRIDGE = (
    "A Bridge at Last\n\n"
    "The harbour bridge reopened to traffic on 3 May 1987, two years late.\n"
    "Steel was dear that year.\n\n"
    "Mayor Oduya designed nothing but the speech. The engineer Ines Ferro designed the bridge.\n\n"
    "Leave a Reply\n"
)
FORTY = (
    "Forty Years On\n\nThe 1987 opening drew forty thousand people to the harbour bridge, by the town's own count.\n"
)
NASTY = "\x1b[31mRed\x1b[0m herring: the \u202elighthouse\u202c keeper kept \x9b1mtwo\x07 cats 🐈 and قطتان.\n"

STOPWORDS = frozenset(
    "a and at by did does in is it its many of on or s that the to was were what when where who whose".split()  # noqa: SIM905
)
EVERYTHING = Filters()


def article(reference: Reference, text: str) -> Article:
    """Each line a region: the title first, forms by their words, else body."""
    regions = []
    for found in re.finditer(r"[^\n]+", text):
        kind, reason = Kind.BODY, ""
        if found.group() == reference.title:
            kind = Kind.TITLE
        elif found.group() == "Leave a Reply":
            kind, reason = Kind.FORM, "comment form"
        regions.append(Region(found.start(), found.end(), kind, reason))
    return Article(reference, text, tuple(regions))


def default_articles(folder: Path) -> list[Article]:
    return [
        article(
            Reference(
                "bridge",
                f"{folder}/archive/1987-05-04.html",
                "A Bridge at Last",
                "Jane Marsh",
                "Harbour Post",
                "1987-05-04",
            ),
            BRIDGE,
        ),
        article(
            Reference(
                "forty",
                f"{folder}/forty.html",
                "Forty Years On",
                None,
                "Harbour Post",
                "2027-05-03",
                "https://example.org/forty",
            ),
            FORTY,
        ),
        article(
            Reference("nasty", "/elsewhere/nasty\x1b]0;owned\x07.txt", "Cats\nof \x1b[5mthe Coast", "E. \u202eTar"),
            NASTY,
        ),
    ]


def long_article(paragraphs: int) -> Article:
    """So many paragraphs that are each worth a row of a worksheet."""
    text = "".join(f"Paragraph {number} goes on {'and on ' * 20}.\n" for number in range(paragraphs))
    return article(Reference("long", "/elsewhere/long.txt", "Long"), text)


@dataclass
class Library:
    """What lies in a data folder between runs; ``open`` stands in for ``retrieval.open``."""

    available: list[Article]
    rejected: tuple[Rejected, ...] = ()
    stored: dict[str, Article] = field(default_factory=dict)
    opened_with: list[Settings] = field(default_factory=list)
    asked: list[tuple[str, tuple[str, ...], Filters]] = field(default_factory=list)
    indexed_paths: list[tuple[Path | str, ...]] = field(default_factory=list)
    interrupt: bool = False  # whether the next indexing is met by Ctrl-C
    suggested: tuple[str, ...] = ()  # after every answer
    failure: Exception | None = None  # what the next question raises

    def open(self, settings: Settings) -> FakeCorpus:
        self.opened_with.append(settings)
        return FakeCorpus(self, settings)


def words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if word not in STOPWORDS}


def sentences(found: Article) -> list[Span]:
    """Sentences of the body, without the blanks around them."""
    spans = []
    for region in found.regions:
        if region.kind is Kind.BODY:
            body = found.text[region.start : region.end]
            spans += [
                Span(region.start + part.start(), region.start + part.end())
                for part in re.finditer(r"\S.*?[.?!](?=\s|$)", body)
            ]
    return spans


@dataclass
class FakeCorpus:
    library: Library
    settings: Settings

    def __enter__(self) -> FakeCorpus:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        pass

    def is_new(self) -> bool:
        return not self.library.stored

    def is_empty(self) -> bool:
        return not self.library.stored

    def settle(self) -> None: ...

    def index(
        self, paths: Sequence[str | Path] = (), *, progress: Progress | None = None, only_if_new: bool = False
    ) -> IndexReport:
        self.library.indexed_paths.append(tuple(paths))
        added = []
        for nth, found in enumerate(self.library.available, 1):
            if self.library.interrupt:
                raise KeyboardInterrupt
            if found.reference.article_id not in self.library.stored:
                self.library.stored[found.reference.article_id] = found
                added.append(found.reference.article_id)
            if progress is not None:
                progress("reading", nth, len(self.library.available))
        unchanged = [known for known in self.library.stored if known not in added]
        passages = sum(len(sentences(found)) for found in self.library.stored.values())
        if progress is not None and added:
            progress("encoding", passages, passages)
        return IndexReport(
            tuple(added), unchanged=tuple(unchanged), rejected=self.library.rejected, passages=passages, seconds=1.25
        )

    def ask(self, question: str, history: Sequence[str] = (), *, filters: Filters = EVERYTHING) -> Reply:
        self.library.asked.append((question, tuple(history), filters))
        if self.library.failure is not None:
            raise self.library.failure
        limit = self.settings.answers.max_question_chars
        if not question.strip() or len(question) > limit:
            raise InputError(f"a question has 1 to {limit:,} characters, not {len(question.strip()):,}", "shorten it")
        resolved = f"{question} ({history[-1]})" if history and question.startswith("and ") else None
        wanted = words(resolved or question)
        hits = [
            self._hit(found, span, wanted)
            for found in self.library.stored.values()
            if filters.author is None or filters.author in (found.reference.author or "")
            for span in sentences(found)
        ]
        hits = sorted((hit for hit in hits if hit.score > 0), key=lambda hit: (-hit.score, hit.passage.id))
        candidates = tuple(self._quote(hit) for hit in hits)
        confidence = candidates[0].score if candidates else 0.0
        threshold = self.settings.answers.threshold
        work = Work(
            resolved, tuple(hits), (), candidates, {"overlap": confidence}, threshold, {"search": 1.5, "quotes": 0.25}
        )
        citations = tuple(
            Citation(number, self.library.stored[quote.hit.passage.article_id].reference, quote)
            for number, quote in enumerate(candidates[:2], 1)
        )
        if confidence >= threshold:
            return Answer(question, citations, confidence, work)
        reason = "no passage shares a word with it" if not candidates else "no quote is likely enough to answer"
        return Abstention(question, reason, citations, confidence, work)

    def suggestions(self, reply: Reply, *, filters: Filters = EVERYTHING, known: Sequence[str] = ()) -> list[str]:
        return [each for each in self.library.suggested if each not in known] if isinstance(reply, Answer) else []

    def articles(self, filters: Filters = EVERYTHING) -> list[Reference]:
        return [found.reference for found in self.library.stored.values()]

    def article(self, article_id: str) -> Article:
        if "\0" in article_id:
            raise ValueError("embedded null byte")  # as the engine's look for a file of that name
        if article_id not in self.library.stored:
            raise InputError(f"there is no article {article_id}", "sayso sources lists them")
        return self.library.stored[article_id]

    def remove(self, article_ids: Sequence[str]) -> list[str]:
        if unknown := [asked for asked in article_ids if asked not in self.library.stored]:
            raise InputError(f"there is no article {', '.join(unknown)}", "sayso sources lists them")
        for known in article_ids:
            del self.library.stored[known]
        return list(article_ids)

    def version(self) -> tuple[str, int]:
        return "", hash(frozenset(self.library.stored))

    def repair(self) -> str:
        return f"Rebuilt both indexes from {len(self.library.stored)} articles."

    def _hit(self, found: Article, span: Span, wanted: set[str]) -> Hit:
        text = found.text[span.start : span.end]
        overlap = len(wanted & words(text)) / max(1, len(wanted))
        reference = found.reference
        passage = Passage(
            f"{reference.article_id}:{span.start}", reference.article_id, *span, Kind.BODY, text, reference.title or ""
        )
        return Hit(passage, overlap, overlap / 2, 5 * overlap)

    def _quote(self, hit: Hit) -> Quote:
        passage = hit.passage
        date = re.search(r"\d+ \w+ \d{4}", passage.text)
        answer = Span(passage.start + date.start(), passage.start + date.end()) if date else None
        return Quote(hit, passage.start, passage.end, passage.text, hit.score, {"overlap": hit.score}, answer)
