"""A follow-up to the question it stands for, by the earlier questions and what answered them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.followup.turns import Memory, Turn
from retrieval.question import cleaned
from retrieval.types import Answer, Filters, Reply

if TYPE_CHECKING:
    from retrieval.followup.pronouns import Resolution

_TURNS = 6  # earlier questions that a follow-up may reach back to
_SURER = 0.3  # by how much a question is answered more likely alone, where it begins a new subject
_CHARS = 1_000  # of each that are read, from its end, where a long one asks


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Earlier questions are answered again where what answered them is not remembered."""

    answer: Callable[[str, Filters], Reply]  # to a question that stands alone
    generation: Callable[[], int]  # of the archive: with a new one, another answer may be right
    memory: Memory

    def resolved(self, asked: str, history: Sequence[str], filters: Filters) -> str | None:
        """The question as it is understood after the earlier ones, oldest first; ``None`` where it stands alone."""
        from retrieval.followup.resolving import leans

        if not leans(asked):
            return None
        turns: list[Turn] = []
        for earlier in filter(None, (cleaned(question)[-_CHARS:] for question in history[-_TURNS:])):
            made = self._made(earlier, turns, filters)
            turn = self._turn(made.text if made else earlier, filters)
            turns.append(turn._replace(referents=made.referents) if made else turn)
        made = self._made(asked, turns, filters)
        return made.text if made else None

    def _made(self, asked: str, turns: Sequence[Turn], filters: Filters) -> Resolution | None:
        """The question resolved; ``None`` where it stands alone, or might and is answered far more surely so."""
        from retrieval.followup.resolving import may_stand_alone, resolve

        made = resolve(asked, turns)
        if made and may_stand_alone(asked):
            alone, within = self._turn(asked, filters), self._turn(made.text, filters)
            return None if alone.sure > within.sure + _SURER else made
        return made

    def keep(self, alone: str, filters: Filters, reply: Reply) -> None:
        """Remembers what answered a question."""
        self.memory.keep((self.generation(), alone, filters), _turn(alone, reply))

    def _turn(self, alone: str, filters: Filters) -> Turn:
        return self.memory.recall(
            (self.generation(), alone, filters), lambda: _turn(alone, self.answer(alone, filters))
        )


def _turn(alone: str, reply: Reply) -> Turn:
    """What a follow-up needs to know of a reply."""
    if not isinstance(reply, Answer):
        return Turn(alone, sure=reply.confidence)
    quote = reply.citations[0].quote
    answer = quote.text[quote.answer.start - quote.start : quote.answer.end - quote.start] if quote.answer else ""
    return Turn(alone, quote.text, answer, sure=reply.confidence)
