"""The settings of the engine, with their defaults, ranges and reasons.

``bot.settings`` reads them from TOML and the environment; a program may build
them itself: ``retrieval.open(Settings(data=Path("…")))``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """Strict and frozen: an unknown key, a wrong type or a value out of range is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Corpus(Section):
    """Which articles are indexed when no path is named."""

    paths: list[str] = Field(
        [], description="what `sayso index` reads without PATH; none: the articles that come with Sayso"
    )
    max_file_mb: int = Field(64, ge=1, le=4096, description="a larger file is reported and skipped")
    urls: bool = Field(False, description="whether `sayso index https://…` fetches pages; the only use of the network")
    max_page_mb: int = Field(8, ge=1, le=256, description="a larger page is not fetched")
    page_timeout_s: float = Field(30.0, gt=0, le=600, description="how long fetching one page may take")


class Passages(Section):
    """How articles are cut."""

    tokens: int = Field(160, ge=16, le=8192, description="largest passage, in tiktoken tokens; whole sentences")
    overlap: int = Field(0, ge=0, le=1024, description="tokens of the last passage that open the next")
    tokenizer: str = Field("cl100k_base", description="tiktoken encoding that counts them")


class EncoderSettings(Section):
    """The sentence encoder."""

    model: str = Field(
        "all-MiniLM-L6-v2", description="the one in the box, or any sentence-transformers name or folder"
    )
    precision: Literal["int8", "fp32"] = Field("int8", description="of the encoder in the box; fp32 is half as fast")
    threads: int = Field(0, ge=0, le=256, description="0: one for each core")
    batch: int = Field(32, ge=1, le=1024, description="texts encoded at once by a model that is not in the box")


class Store(Section):
    """The archive and the nearest-neighbour index over it."""

    url: str = Field("chroma:", description="chroma: (in the data folder), chroma:PATH or chroma+http://host:port")
    exact_below: int = Field(20_000, ge=0, description="passages up to which an exact scan answers instead of Chroma")
    timeout_s: float = Field(10.0, gt=0, le=600, description="how long a Chroma server may take for an answer")
    lock_timeout_s: float = Field(5.0, ge=0, le=600, description="how long a writer waits for another")


class Search(Section):
    """From a question to passages."""

    candidates: int = Field(50, ge=1, le=300, description="passages from each of dense and lexical search")
    hits: int = Field(20, ge=1, le=300, description="passages kept after fusion")
    dense_weight: float = Field(1.0, ge=0, le=100, description="weight of the cosine")
    sentence_share: float = Field(0.4, ge=0, le=1, description="of the cosine, what its nearest sentence's counts for")
    lexical_weight: float = Field(0.02, ge=0, le=100, description="weight of the BM25 score")
    time_weight: float = Field(0.1, ge=0, le=100, description="added to a passage of the time asked about")
    per_article: int = Field(6, ge=1, le=300, description="hits of one article before others get their turn")


class Rerank(Section):
    """A model that puts the best passages in a better order."""

    model: str = Field("none", description="none, or any sentence-transformers CrossEncoder's name or folder")
    passages: int = Field(20, ge=1, le=300, description="best passages that it puts in order")


class ReaderSettings(Section):
    """The model that finds the words that answer."""

    model: str = Field(
        "built-in", description="built-in, none, or any Hugging Face question-answering model's name or folder"
    )
    passages: int = Field(4, ge=1, le=50, description="best passages that it reads")


class Answers(Section):
    """From passages to quotes."""

    quotes: int = Field(3, ge=1, le=10, description="most quotes in one answer")
    quote_chars: int = Field(400, ge=40, le=4000, description="longest quote of more than one sentence, in characters")
    threshold: float = Field(0.35, ge=0, le=1, description="abstain below this confidence")
    max_question_chars: int = Field(2_000, ge=1, le=20_000, description="a longer question is refused")


class Settings(Section):
    """All settings of the engine."""

    data_dir: Path = Field(Path(".sayso"), strict=False, description="folder that holds the index")
    corpus: Corpus = Corpus()
    passages: Passages = Passages()
    encoder: EncoderSettings = EncoderSettings()
    store: Store = Store()
    search: Search = Search()
    rerank: Rerank = Rerank()
    reader: ReaderSettings = ReaderSettings()
    answers: Answers = Answers()


def default_corpus() -> Path:
    """The articles that come with Sayso: in a checkout beside the packages, installed within one."""
    packages = Path(__file__).parent
    beside, within = packages.parent / "seeds", packages / "seeds"
    return beside if beside.is_dir() else within
