"""What became of one question: the reply, the gold, and where it went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from retrieval.evaluation.datasets import FOLLOW_UP, Question
from retrieval.evaluation.quoting import exact_match, f1, overlap, quotes_answer
from retrieval.types import Answer, Citation, Hit, Reply, Span

SPAN_PASSAGES = 5  # Chroma's report retrieves five chunks a question
_CLIP = 400  # characters kept of a passage
_SEEN = 10  # passages kept of a question


class Stage(StrEnum):
    """How a question ended. With a gold answer it is looked for; without one, the article quoted decides."""

    RIGHT = "right"
    REFUSED_RIGHTLY = "refused rightly"
    NOT_RETRIEVED = "not retrieved"  # no passage found holds the answer
    NOT_QUOTED = "not quoted"  # a passage does, the first quote does not
    REFUSED = "refused"  # a passage does, yet the question was refused
    ANSWERED = "answered though unanswerable"
    UNJUDGED = "not judged"  # the dataset does not say

    @property
    def good(self) -> bool:
        """Whether the user was served rightly."""
        return self in (Stage.RIGHT, Stage.REFUSED_RIGHTLY)


class _Saved(BaseModel):
    model_config = ConfigDict(frozen=True)


class Shown(_Saved):
    """A quote of the reply; of a refusal, what came nearest."""

    article: str
    title: str
    start: int
    end: int
    text: str
    core: str  # the words of it that answer; the whole quote where none are marked


class Seen(_Saved):
    """A passage that was found, its text clipped."""

    article: str
    start: int
    end: int
    score: float
    text: str
    gold: bool  # it holds the answer


class Outcome(_Saved):
    """All that a comparison or a report needs to know of one question."""

    id: str
    text: str
    kind: str
    history: tuple[str, ...]
    resolved: str | None
    answerable: bool | None
    gold: tuple[str, ...]
    relevant: tuple[str, ...]
    stage: Stage
    refused: bool
    reason: str
    confidence: float
    quotes: tuple[Shown, ...]
    passages: tuple[Seen, ...]
    values: Mapping[str, float]  # column of a measure -> value; absent where the measure is not about it


def judge(question: Question, reply: Reply, longest_quote: int, ms: float) -> Outcome:
    """The reply to the question against what is known of the answer.

    :param longest_quote: characters beyond which a quote does not count; 0: no limit.
    """
    refused = not isinstance(reply, Answer)
    citations = reply.citations if isinstance(reply, Answer) else reply.nearest
    quotes = [_shown(citation) for citation in citations]
    hits = reply.work.hits
    good = [_is_right(question, quote.text, quote.article, longest_quote) for quote in quotes]
    found = [_is_right(question, hit.passage.text, hit.passage.article_id, 0) for hit in hits]
    stage = _stage(question, refused, bool(good and good[0]), any(found))
    return Outcome(
        id=question.id,
        text=question.text,
        kind=question.kind,
        history=question.history,
        resolved=reply.work.resolved_question,
        answerable=question.answerable,
        gold=question.gold,
        relevant=tuple(question.relevant),
        stage=stage,
        refused=refused,
        reason="" if isinstance(reply, Answer) else reply.reason,
        confidence=round(reply.confidence, 4),
        quotes=tuple(quotes),
        passages=tuple(_seen(hit, bool(gold)) for hit, gold in zip(hits[:_SEEN], found, strict=False)),
        values=_refusal_values(question, refused, bool(good and good[0]))
        | _quote_values(question, [] if refused else quotes, good, found)
        | _span_values(question, hits)
        | ({"follow-up": float(stage is Stage.RIGHT)} if question.kind == FOLLOW_UP and is_judged(question) else {})
        | {"ms": round(ms, 2)},
    )


def is_judged(question: Question) -> bool:
    """Whether the dataset says what a right answer to an answerable question is."""
    return bool(question.answerable and (question.gold or question.relevant))


def _is_right(question: Question, text: str, article: str, longest: int) -> bool:
    """Whether words of an article answer: by the gold answers, or where there are none by the article."""
    if not is_judged(question):
        return False
    return quotes_answer(text, question.gold, longest) if question.gold else article in question.relevant


def _stage(question: Question, refused: bool, right: bool, found: bool) -> Stage:
    if question.answerable is False:
        return Stage.REFUSED_RIGHTLY if refused else Stage.ANSWERED
    if not is_judged(question):
        return Stage.UNJUDGED
    if right and not refused:
        return Stage.RIGHT
    if not found:
        return Stage.NOT_RETRIEVED
    return Stage.REFUSED if refused else Stage.NOT_QUOTED


def _refusal_values(question: Question, refused: bool, right: bool) -> dict[str, float]:
    """Columns for refusing and for the confidence: ``right`` judges the best quote even where it was held back."""
    if question.answerable is None:
        return {}
    judged = {"right": float(right)} if is_judged(question) or not question.answerable else {}
    return {"refused": float(refused), "answerable": float(question.answerable)} | judged


def _quote_values(
    question: Question, quotes: Sequence[Shown], good: Sequence[bool], found: Sequence[bool]
) -> dict[str, float]:
    """Columns of questions with a gold answer; a refusal shows no quote and so misses."""
    if not (question.answerable and question.gold):
        return {}
    core = quotes[0].core if quotes else ""
    return {
        "quote@1": float(bool(quotes) and good[0]),
        "quote@shown": float(bool(quotes) and any(good)),
        "answer@hits": float(any(found)),
        "EM": exact_match(core, question.gold) if quotes else 0.0,
        "F1": f1(core, question.gold),
    }


def _span_values(question: Question, hits: Sequence[Hit]) -> dict[str, float]:
    if not question.references:
        return {}
    retrieved = [(hit.passage.article_id, Span(hit.passage.start, hit.passage.end)) for hit in hits[:SPAN_PASSAGES]]
    scores = overlap(retrieved, question.references)
    return {"span recall": scores.recall, "span precision": scores.precision, "span IoU": scores.iou}


def _shown(citation: Citation) -> Shown:
    quote = citation.quote
    core = quote.text[quote.answer.start - quote.start : quote.answer.end - quote.start] if quote.answer else quote.text
    return Shown(
        article=citation.reference.article_id,
        title=citation.reference.title or "",
        start=quote.start,
        end=quote.end,
        text=quote.text,
        core=core,
    )


def _seen(hit: Hit, gold: bool) -> Seen:
    passage = hit.passage
    return Seen(
        article=passage.article_id,
        start=passage.start,
        end=passage.end,
        score=hit.score,
        text=passage.text[:_CLIP] + ("…" if len(passage.text) > _CLIP else ""),
        gold=gold,
    )
