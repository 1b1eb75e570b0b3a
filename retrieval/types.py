"""The vocabulary: every record that passes between stages.

Offsets count characters (code points) of ``Article.text`` and are half-open,
``text[start:end]``. A score goes up with better. All records are frozen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np


class Kind(StrEnum):
    """What a stretch of an article's text is."""

    BODY = "body"  # the author's own words: the only kind that answers unasked, with ABOUT
    ABOUT = "about"  # a sentence on the author ("… is a researcher at …"): metadata that may answer
    COMMENT = "comment"  # a reader's words: answer only on request
    TITLE = "title"
    HEADING = "heading"
    METADATA = "metadata"  # front matter, byline, date line, "Source: …"
    DUPLICATE = "duplicate"  # a paragraph that stood before
    FORM = "form"  # what the page's forms, widgets and footers say
    CAPTION = "caption"  # captions and credits of photographs


SEARCHED = frozenset({Kind.BODY, Kind.ABOUT, Kind.COMMENT})  # become passages; search skips all others


class Span(NamedTuple):
    """Half-open character offsets."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Region:
    """One stretch of an article and why it is kept or dropped."""

    start: int
    end: int
    kind: Kind
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """What is known of an article without its text; ``None`` is "not stated"."""

    article_id: str
    source: str  # absolute path of the file it was read from; "path#line" in a JSONL file
    title: str | None = None
    author: str | None = None
    publisher: str | None = None
    published: str | None = None  # ISO 8601, as precise as stated: "2017", "2017-03", "2017-03-15"
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A source document: its text exactly as read, and what each stretch of it is."""

    reference: Reference
    text: str = field(repr=False)
    regions: tuple[Region, ...] = ()  # in order, not overlapping; together they cover all that is not blank


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input that did not become an article."""

    source: str
    reason: str
    failed: bool  # True: something is wrong with it; False: it is simply not for Sayso


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of one article that is searched: ``text == article.text[start:end]``."""

    id: str
    article_id: str
    start: int
    end: int
    kind: Kind
    text: str = field(repr=False)
    sentences: tuple[Span, ...] = ()  # of the article's text, in order, all within start and end
    title: str = ""
    section: str = ""

    @property
    def context(self) -> str:
        """Title and section, which are encoded and searched with the text."""
        return " · ".join(part for part in (self.title, self.section) if part)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles may answer."""

    article: str | None = None  # an article id, or words of a title
    author: str | None = None  # words of the author's name
    since: str | None = None  # ISO date, inclusive
    until: str | None = None  # ISO date, inclusive
    comments: bool = False


class Expected(StrEnum):
    """What kind of words would answer a question."""

    PERSON = "person"
    DATE = "date"
    NUMBER = "number"
    PLACE = "place"
    REASON = "reason"
    ANYTHING = "anything"


class Period(NamedTuple):
    """The time that a question asks about."""

    first: int  # year
    last: int  # year, inclusive
    latest: bool = False  # the newest there is


@dataclass(frozen=True, slots=True)
class Query:
    """A question that stands alone, and what search and extraction need to know of it."""

    text: str
    terms: Mapping[str, float]  # stems of its content words, and how telling each is in this corpus (IDF)
    unknown: frozenset[str]  # content words, unstemmed, that occur nowhere in the corpus
    names: frozenset[str]  # stems of capitalised words that do not open the question
    numbers: frozenset[str]
    expected: Expected
    match: str  # the FTS5 expression for its terms; empty where it has none
    period: Period | None = None
    rare: str = ""  # the same for its rarest terms, where the others are so common that they alone do not count


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that search found, with the scores that put it there."""

    passage: Passage
    score: float
    dense: float  # cosine of question and passage
    lexical: float  # BM25, 0 where no term of the question occurs
    rerank: float | None = None  # the reranker's score, where it read the passage
    sentence: float = 0.0  # cosine of question and the passage's nearest sentence
    timely: float = 0.0  # how well it fits the time asked about, 0 to 1; 0 where none is


class Reading(NamedTuple):
    """What a reader says of one sentence."""

    margin: float  # score of the best span minus that of "no answer", in logits
    span: Span  # the words, in the article's offsets, within the sentence


class Candidate(NamedTuple):
    """One sentence of one hit, with its features and their weighted sum."""

    hit: Hit
    position: int  # in ``hit.passage.sentences``
    features: Mapping[str, float]
    score: float
    answer: Span | None = None  # the words that answer, where a reader pointed at them

    @property
    def text(self) -> str:
        """The sentence."""
        passage, span = self.hit.passage, self.hit.passage.sentences[self.position]
        return passage.text[span.start - passage.start : span.end - passage.start]

    @property
    def asks(self) -> bool:
        """Whether it is a question itself, such as an interviewer's: it comes behind all that says something."""
        return self.text.rstrip("”\"’') ").endswith("?")


@dataclass(frozen=True, slots=True)
class Quote:
    """Exact words of one passage: ``text == article.text[start:end]``."""

    hit: Hit
    start: int
    end: int
    text: str
    score: float
    features: Mapping[str, float] = field(default_factory=dict, repr=False)
    answer: Span | None = None  # the words in it that answer, in the article's offsets


class Place(NamedTuple):
    """Where an article answered an earlier question of a conversation; offsets are the article's."""

    article_id: str
    quote: Span
    answer: Span | None = None  # the words that answered, where they are known


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quote and the article that says it."""

    number: int
    reference: Reference
    quote: Quote
    also: tuple[Citation, ...] = ()  # other articles that say the same; numbered after the quotes that are shown


@dataclass(frozen=True, slots=True)
class Difference:
    """Two quotes that cannot both be right."""

    numbers: tuple[int, int]  # of their citations
    about: str  # "date", "number", "name" or "negation"
    words: tuple[Span, Span]  # in which they part, in their articles' offsets


@dataclass(frozen=True, slots=True)
class Work:
    """How a reply came about, stage by stage; what ``--explain`` prints."""

    resolved_question: str | None = None  # None where the question stands alone
    hits: tuple[Hit, ...] = ()
    sentences: tuple[Candidate, ...] = ()  # of the hits that were read, best first
    candidates: tuple[Quote, ...] = ()  # the quotes considered, best first
    evidence: Mapping[str, float] = field(default_factory=dict)  # what the confidence was made from
    threshold: float = 0.0
    timings_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """One to three cited quotes, the best first."""

    question: str
    citations: tuple[Citation, ...]
    confidence: float
    work: Work = field(repr=False)
    differences: tuple[Difference, ...] = ()
    form: str = "quotes"  # or "list", in the article's order, or "comparison", a quote of each voice


@dataclass(frozen=True, slots=True)
class Abstention:
    """A refusal, the reason for it, and what came nearest."""

    question: str
    reason: str
    nearest: tuple[Citation, ...]
    confidence: float
    work: Work = field(repr=False)


Reply = Answer | Abstention


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one indexing run did. Article ids are listed in the order met."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    passages: int = 0  # in the whole index, after the run
    encoded: int = 0  # passages encoded in this run
    seconds: float = 0.0
    anew: bool = False  # a new index took the place of the old one, with another encoder or other passages

    @property
    def failed(self) -> bool:
        """Whether some input has something wrong with it."""
        return any(item.failed for item in self.rejected)


class Encoded(NamedTuple):
    """One passage as vectors of unit length, float32."""

    passage: np.ndarray  # (dimension,)
    sentences: np.ndarray  # (number of the passage's sentences, dimension)
