"""How a reply came about: what ``--explain`` and ``/explain`` print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.lines import Line, clipped, counted, line, one_line
from retrieval.types import Abstention, Hit, Quote, Reply

_TEXT_COLUMNS = 70


def explanation_lines(reply: Reply) -> Iterator[Line]:
    """Question, hits, candidates, evidence and the decision, in the order of the stages."""
    work = reply.work
    yield _heading("Question", one_line(reply.question).strip())
    if work.resolved_question is not None:
        yield line(f"understood as: {one_line(work.resolved_question).strip()}", indent=4)
    if work.speaker is not None:
        name, asked, own = work.speaker.name, work.speaker.question, counted(len(work.speaker.articles), "article")
        yield line(f"in the words of {one_line(name)} ({own}): {one_line(asked)}", indent=4)
    yield _heading("Search", f"{counted(len(work.hits), 'passage')}, best first; score: cosine and BM25 together")
    yield from (_hit_line(hit) for hit in work.hits)
    yield _heading("Quotes", f"{counted(len(work.candidates), 'candidate')}, best first")
    for quote in work.candidates:
        yield from _candidate_lines(quote)
    yield _heading("Confidence", f"{reply.confidence:.3f}, threshold {work.threshold:.3f}")
    if work.evidence:
        yield line(_values(work.evidence), indent=4)
    yield _heading("Decision", _decision(reply))
    if work.timings_ms:
        spent = " · ".join(f"{one_line(stage)} {ms:.1f} ms" for stage, ms in work.timings_ms.items())
        yield _heading("Time", spent)


def refused_at(abstention: Abstention) -> str:
    """The stage that refused: search, quotes or confidence."""
    if not abstention.work.hits:
        return "search"
    return "confidence" if abstention.work.candidates else "quotes"


def _decision(reply: Reply) -> str:
    if isinstance(reply, Abstention):
        return f"refused at {refused_at(reply)}: {one_line(reply.reason)}"
    return f"answered with {counted(len(reply.citations), 'quote')}"


def _heading(name: str, text: str) -> Line:
    return line(text, marker=f"{name:<11} ")


def _hit_line(hit: Hit) -> Line:
    place = f"{one_line(hit.passage.article_id)} {hit.passage.start}–{hit.passage.end}"
    scores = f"{hit.score:7.3f}  dense {hit.dense:6.3f}  sentence {hit.sentence:6.3f}  lexical {hit.lexical:7.3f}"
    if hit.rerank is not None:
        scores += f"  rerank {hit.rerank:7.3f}"
    if hit.timely:
        scores += f"  time {hit.timely:.2f}"
    return line(f"{place}  {clipped(hit.passage.text, _TEXT_COLUMNS)}", indent=4, marker=f"{scores}  ")


def _candidate_lines(quote: Quote) -> Iterator[Line]:
    place = f"{one_line(quote.hit.passage.article_id)} {quote.start}–{quote.end}"
    yield line(f"{place}  “{clipped(quote.text, _TEXT_COLUMNS)}”", indent=4, marker=f"{quote.score:7.3f}  ")
    if quote.features:
        yield line(_values(quote.features), "dim", indent=13)


def _values(named: Mapping[str, float]) -> str:
    """The values that are not 0."""
    return " · ".join(f"{one_line(name)} {value:.2f}" for name, value in named.items() if round(value, 2))
