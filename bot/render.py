"""Replies and reports -> lines of styled text. Pure: nothing here prints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote as percent_encoded

from bot.lines import BLANK, Line, Segment, clipped, counted, line, one_line, printable
from bot.readable import readable
from bot.voices import By, differing_words, grouped, shown_title, voice_of
from retrieval.types import Abstention, Answer, Citation, IndexReport, Kind, Reference, Rejected, Reply, Span

EXPLAIN = "sayso ask --explain"  # what the sureness line points to, unless told otherwise
UNSURE_BELOW = 0.6
_SHOWN_REJECTED = 20
_FRAGMENT_WORDS = 4  # at either end of a long quote; one of up to twice as many stands whole


def reply_lines(reply: Reply, cwd: Path, how: str = EXPLAIN, by: By | None = None) -> Iterator[Line]:
    """The reply as it is read; ``how`` is the command that explains it, ``by`` what its quotes are grouped by."""
    if reply.work.resolved_question is not None:
        yield line(f"understood as: {one_line(reply.work.resolved_question).strip()}", "dim")
    yield BLANK
    yield from _answer_lines(reply, cwd, how, by) if isinstance(reply, Answer) else _abstention_lines(reply)


def quote_segments(citation: Citation, style: str = "") -> tuple[Segment, ...]:
    """The quote as it is read in three pieces; the words that answer stand out."""
    quote = citation.quote
    if quote.answer is None:
        return (Segment(readable(citation).strip(), style),)
    begin, end = quote.answer
    return (
        Segment(readable(citation, end=begin).lstrip(), style),
        Segment(readable(citation, begin, end), "bold underline"),
        Segment(readable(citation, end).rstrip(), style),
    )


def quote_line(citation: Citation, also: bool = False) -> Line:
    """“the quote” and its number, after "also" where it is not the first."""
    before = Segment("also “" if also else "“")
    return Line((before, *quote_segments(citation), Segment(f"” [{citation.number}]")))


def differing_line(citation: Citation, differing: Sequence[Span]) -> Line:
    """“the »quote«” with the differing words marked, be there colours or not, and its number."""
    here = citation.quote.start
    pieces = [Segment("“")]
    for start, end in sorted(set(differing)):
        pieces.append(Segment(readable(citation, here, start)))
        pieces.append(Segment(f"»{readable(citation, start, end)}«", "bold underline"))
        here = end
    return Line((*pieces, Segment(f"{readable(citation, here).rstrip()}” [{citation.number}]")))


def also_line(citation: Citation) -> Line:
    """Who else says what the quote above says."""
    said = ", ".join(f"{voice_of(other).name} [{other.number}]" for other in citation.also)
    return line(f"also said by {said}", "dim")


def citation_line(citation: Citation, cwd: Path) -> Line:
    """Number, who says it, and where it can be checked."""
    quote, reference = citation.quote, citation.reference
    link = fragment_link(reference.url, readable(citation))
    place = link or f"{shown_source(reference.source, cwd)}, characters {quote.start}–{quote.end}"
    comment = quote.hit.passage.kind is Kind.COMMENT
    said = f"a reader's comment on {said_by(reference, author=False)}" if comment else said_by(reference)
    return line(f"{said} · {place}", marker=f"[{citation.number}] ")


def said_by(reference: Reference, *, author: bool = True, separator: str = " · ") -> str:
    """Title · author · publisher, date; what is not stated is left out."""
    issue = ", ".join(one_line(part) for part in (reference.publisher, reference.published) if part)
    parts = [shown_title(reference), one_line(reference.author or "") if author else "", issue]
    return separator.join(part for part in parts if part)


def shown_source(source: str, cwd: Path) -> str:
    """``source`` relative to ``cwd`` when inside it."""
    inside = source.removeprefix(f"{cwd}/") if str(cwd) != "/" else source
    return one_line(inside)


def fragment_link(url: str | None, quoted: str) -> str | None:
    """The http(s) address that opens at the quoted words, else None.

    https://wicg.github.io/scroll-to-text-fragment/: ``#:~:text=start,end`` where "-",
    "," and "&" are encoded too.
    """
    words = quoted.encode("utf-8", "replace").decode().split()
    if not url or not words or not re.match(r"https?://\S+$", url) or url != printable(url):
        return None
    n = _FRAGMENT_WORDS
    pieces = [words] if len(words) <= 2 * n else [words[:n], words[-n:]]
    text = ",".join(percent_encoded(" ".join(piece), safe="").replace("-", "%2D") for piece in pieces)
    return f"{url}{'' if '#' in url else '#'}:~:text={text}"


def sureness(confidence: float) -> str:
    """The confidence in words and per cent; never a full hundred."""
    if confidence < UNSURE_BELOW:
        return f"not very sure ({confidence:.0%})".replace("%", " %")
    return "over 99 % sure" if confidence >= 0.995 else f"{confidence:.0%} sure".replace("%", " %")


def index_lines(report: IndexReport, cwd: Path) -> Iterator[Line]:
    """What a run of indexing did, and what it skipped."""
    skipped = [item for item in report.rejected if not item.failed]
    counts = {
        "added": len(report.added),
        "updated": len(report.updated),
        "unchanged": len(report.unchanged),
        "removed": len(report.removed),
        "skipped": len(skipped),
        "failed": len(report.rejected) - len(skipped),
    }
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "none found"
    size = counted(report.passages, "passage")
    yield line(f"Indexed articles: {told}. {size} in {_duration(report.seconds)}.", indent=0)
    if report.anew:
        yield line("A new index took the place of the old one; `sayso rollback` goes back to it.", indent=0)
    if skipped:
        shown = [_rejected(item, cwd) for item in skipped[:_SHOWN_REJECTED]]
        more = [f"and {len(skipped) - len(shown):,} more"] if len(skipped) > len(shown) else []
        yield line("Skipped: " + " · ".join(shown + more), indent=0)


def failure_lines(report: IndexReport, cwd: Path) -> list[Line]:
    """A line for each input with something wrong with it."""
    return [line(f"error: {_rejected(item, cwd)}", indent=0) for item in report.rejected if item.failed]


def nearest_articles(abstention: Abstention) -> list[Citation]:
    """The nearest quote of each article, nearest first."""
    nearest = {citation.reference.article_id: citation for citation in reversed(abstention.nearest)}
    return list(reversed(nearest.values()))


def _answer_lines(answer: Answer, cwd: Path, how: str, by: By | None) -> Iterator[Line]:
    differing = differing_words(answer)
    apart = [citation for citation in answer.citations if citation.number in differing]
    if apart:
        yield line(_differ(answer, apart))
        yield from _quote_lines(apart, lambda citation: differing_line(citation, differing[citation.number]))
        yield BLANK
    rest = [citation for citation in answer.citations if citation.number not in differing]
    if answer.form == "list":
        yield from _quote_lines(rest, quote_line)
    else:
        yield from _voice_lines(rest, by or (By.AUTHOR if answer.form == "comparison" else None), first=not apart)
    if rest:
        yield BLANK
    cited = [*answer.citations, *(other for citation in answer.citations for other in citation.also)]
    yield from (citation_line(citation, cwd) for citation in cited)
    yield BLANK
    yield line(f"{sureness(answer.confidence)} · {how} shows how", "dim")


def _voice_lines(citations: Sequence[Citation], by: By | None, *, first: bool) -> Iterator[Line]:
    """The quotes by voice; voices are named where that was asked for, or where one of several says more than once."""
    voices = grouped(citations, by or By.AUTHOR)
    if by is None and not (len(voices) > 1 and len(voices) < len(citations)):
        best = citations[0] if first and citations else None
        yield from _quote_lines(citations, lambda citation: quote_line(citation, also=citation is not best))
        return
    for nth, (voice, said) in enumerate(voices):
        if nth:
            yield BLANK
        yield line(voice.name, "bold")
        yield from _quote_lines(said, quote_line)


def _quote_lines(citations: Sequence[Citation], shown: Callable[[Citation], Line]) -> Iterator[Line]:
    for citation in citations:
        yield shown(citation)
        if citation.also:
            yield also_line(citation)


_PARTING = {"date": "the date", "number": "the number", "name": "the name", "negation": "whether it is so"}


def _differ(answer: Answer, apart: Sequence[Citation]) -> str:
    about = " and ".join(dict.fromkeys(_PARTING[difference.about] for difference in answer.differences))
    itself = not any(difference.voiced for difference in answer.differences)
    if itself and len({citation.reference.article_id for citation in apart}) == 1:
        return f"The source contradicts itself on {about}:"
    return f"The sources differ on {about}:"


def _abstention_lines(abstention: Abstention) -> Iterator[Line]:
    yield line("My sources don't say.")
    told = []
    for citation in nearest_articles(abstention):
        author = f" ({one_line(citation.reference.author)})" if citation.reference.author else ""
        words = clipped(readable(citation), 60).removesuffix(".")
        told.append(f"{shown_title(citation.reference)}{author}, on “{words}”")
    if not told or abstention.work.speaker is not None:  # who was asked for and is silent is named
        yield line(f"Reason: {one_line(abstention.reason)}", "dim")
    for nth, nearest_one in enumerate(told):
        yield line(f"{nearest_one}.", "dim", marker="Nearest: " if nth == 0 else " " * len("Nearest: "))


def _rejected(item: Rejected, cwd: Path) -> str:
    return f"{shown_source(item.source, cwd)} ({one_line(item.reason)})"


def _duration(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes >= 2 else f"{round(seconds)} s"
