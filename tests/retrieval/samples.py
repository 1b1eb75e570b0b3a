"""Articles, passages and archives made from plain text, and strategies for texts that are hard to cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st

from retrieval.passages import Cutter
from retrieval.store.archive import Archive
from retrieval.store.vectors import ExactIndex
from retrieval.types import Article, Kind, Passage, Reference, Region
from tests.fakes import HashingEncoder

ENCODER = HashingEncoder()

#: One word a token, twenty tokens a passage.
SMALL = Cutter(
    count=lambda text: len(text.split()),
    model_count=ENCODER.count_tokens,
    tokens=20,
    overlap=0,
    max_tokens=ENCODER.max_tokens,
)


def article(text: str, article_id: str = "a", kinds: Sequence[tuple[str, Kind]] = (), **stated: str | None) -> Article:
    """An article that is all body, but for the pieces of it that ``kinds`` names, in order."""
    regions, here = [], 0
    for piece, kind in kinds:
        start = text.index(piece, here)
        regions += [Region(here, start, Kind.BODY), Region(start, start + len(piece), kind)]
        here = start + len(piece)
    regions.append(Region(here, len(text), Kind.BODY))
    shown = tuple(region for region in regions if text[region.start : region.end].strip())
    return Article(Reference(article_id, f"/articles/{article_id}.txt", **stated), text, shown)


def passages(text: str, article_id: str = "a", tokens: int = 20, **stated: str | None) -> list[Passage]:
    """The passages of an article that is all body."""
    return replace(SMALL, tokens=tokens).cut(article(text, article_id, **stated))


def archive_of(folder: Path, *articles: Article, tokens: int = 20) -> Archive:
    """An archive that holds the articles, encoded as bags of words; there is nothing left to tell Chroma."""
    archive = Archive(folder / "archive.sqlite3")
    for one in articles:
        cut = replace(SMALL, tokens=tokens).cut(one)
        archive.put(one, "", cut, ENCODER.encode_passages(cut))
    fresh, gone = archive.outbox(limit=10_000)
    archive.told([*fresh, *gone])
    return archive


def index_of(archive: Archive) -> ExactIndex:
    """The exact scan over an archive's vectors."""
    return ExactIndex(*archive.all_vectors())


_PIECES = st.sampled_from(
    ["The ferry sank.", "Nobody knew", " why; ", ", ", " – ", "Lt. Gen. ", "Col.", "U.S. ", "No. 5", "3.5", "(RATS).C",
     ". ", "? ", ".” ", "“", "\n", "\n\n", "\r\n", "\r\n\r\n", " \n \n", "\t", "- item\n", "1. one\n", "# Head\n",
     "۔ ", "ایک جملہ", "वाक्य। ", "好。", "，", "！", "👩‍👩‍👧", "e\u0301", "x" * 130, " " * 50, "word " * 20,
     "<|endoftext|>", "[SEP]", "\x00", "\u200f", "\u2028", "."]
)  # fmt: skip
TEXTS = st.text(max_size=300) | st.lists(_PIECES | st.text(max_size=8), max_size=60).map("".join)
