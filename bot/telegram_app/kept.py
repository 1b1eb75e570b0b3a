"""What of a reply is shown and kept, so that the buttons under an old answer work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from bot.render import nearest_articles
from retrieval.types import Answer, Citation, Difference, Reply

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Shown:
    """A reply without its working."""

    answered: bool
    confidence: float
    citations: tuple[Citation, ...]  # of an abstention the nearest, one an article
    understood: str | None = None  # what a follow-up was taken to ask
    differences: tuple[Difference, ...] = ()
    form: str = "quotes"  # as Answer has it
    suggested: tuple[str, ...] = ()  # questions to ask next


def shown(reply: Reply) -> Shown:
    """What is shown of the reply, now or after a press of a button."""
    confidence, understood = float(reply.confidence), reply.work.resolved_question
    if not isinstance(reply, Answer):
        return Shown(False, confidence, tuple(map(_bare, nearest_articles(reply))), understood)
    return Shown(True, confidence, tuple(map(_bare, reply.citations)), understood, reply.differences, reply.form)


def kept(reply: Shown) -> dict[str, Any]:
    """The reply as JSON has it."""
    record: dict[str, Any] = _form().dump_python(reply, mode="json")
    return record


def recalled(record: dict[str, Any]) -> Shown:
    """The reply that ``kept`` made the record of; other keys do not matter. :raises ValueError: where it did not."""
    return _form().validate_python(record)


@cache
def _form() -> TypeAdapter[Shown]:
    from pydantic import TypeAdapter

    return TypeAdapter(Shown)


def _bare(citation: Citation) -> Citation:
    """Without what only ``--explain`` shows: features and sentence borders."""
    hit = citation.quote.hit
    passage = replace(hit.passage, sentences=())
    return replace(citation, quote=replace(citation.quote, hit=replace(hit, passage=passage), features={}))
