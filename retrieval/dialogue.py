"""A follow-up to the question it stands for, by the earlier questions and what answered them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from retrieval.followup.turns import Memory, Place, Turn
from retrieval.question import cleaned
from retrieval.types import Answer, Filters, Reply, Span

if TYPE_CHECKING:
    from retrieval.followup.pronouns import Resolution

_TURNS = 6  # earlier questions that a follow-up may reach back to
_SURER = 1.3  # by how many logits an answer is likelier to one alone, where it begins a new subject: .65 against .35
_CHARS = 1_000  # of each that are read, from its end, where a long one asks


class Understood(NamedTuple):
    """A question as it was asked and as it stands alone, and where the articles answered those it goes on from."""

    asked: str
    text: str
    said: tuple[Place, ...] = ()  # oldest first

    @classmethod
    def alone(cls, asked: str) -> Understood:
        """A question that goes on from none."""
        return cls(asked, asked)

    @property
    def resolved(self) -> str | None:
        """As it stands alone; ``None`` where it was asked so."""
        return self.text if self.text != self.asked else None

    @property
    def article_id(self) -> str:
        """Of the article quoted last; "" where none was."""
        return self.said[-1].article_id if self.said else ""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Earlier questions are answered again where what answered them is not remembered."""

    answer: Callable[[Understood, Filters], Reply]
    generation: Callable[[], int]  # of the archive: with a new one, another answer may be right
    memory: Memory

    def resolved(self, asked: str, history: Sequence[str], filters: Filters) -> Understood | None:
        """The question as it is understood after the earlier ones, oldest first; ``None`` where it stands alone."""
        from retrieval.followup.resolving import leans, on_something_new

        if new := on_something_new(asked):
            return Understood(asked, new)
        if not leans(asked):
            return None
        turns: list[Turn] = []
        for earlier in filter(None, (cleaned(question)[-_CHARS:] for question in history[-_TURNS:])):
            if new := on_something_new(earlier):
                turns = [self._turn(Understood(earlier, new), filters)]
                continue
            made = self._made(earlier, turns, filters)
            turn = self._turn(_within(earlier, made, turns) if made else Understood.alone(earlier), filters)
            turns.append(turn._replace(referents=made.referents) if made else turn)
        made = self._made(asked, turns, filters)
        return _within(asked, made, turns) if made else None

    def _made(self, asked: str, turns: Sequence[Turn], filters: Filters) -> Resolution | None:
        """The question resolved; ``None`` where it stands alone, or might and is answered far more surely so."""
        from retrieval.followup.resolving import may_stand_alone, resolve

        made = resolve(asked, turns)
        if made and may_stand_alone(asked):
            alone = self._turn(Understood.alone(asked), filters)
            within = self._turn(_within(asked, made, turns), filters)
            return None if _begins_anew(alone, within) else made
        return made

    def keep(self, question: Understood, filters: Filters, reply: Reply) -> None:
        """Remembers what answered a question."""
        self.memory.keep((self.generation(), question, filters), _turn(question.text, reply))

    def _turn(self, question: Understood, filters: Filters) -> Turn:
        return self.memory.recall(
            (self.generation(), question, filters), lambda: _turn(question.text, self.answer(question, filters))
        )


def _begins_anew(alone: Turn, within: Turn) -> bool:
    """Whether it is answered far more surely as it was asked, or as surely in the same words."""
    same = alone.place is not None and alone.place == within.place
    return _logit(alone.sure) > _logit(within.sure) + _SURER or (same and alone.sure >= within.sure)


def _logit(probability: float) -> float:
    kept = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))


def _within(asked: str, made: Resolution, turns: Sequence[Turn]) -> Understood:
    """The question and what was said before; an answer that is asked for once more ("…, and when?") is yet to say."""
    last = turns[-1]
    again = made.text.startswith(f"{last.question.rstrip(' ?')}, and ")
    places = [turn.place for turn in turns if turn.place]
    if again and last.place:
        places[-1] = last.place._replace(answer=None)
    return Understood(asked, made.text, tuple(places))


def _turn(alone: str, reply: Reply) -> Turn:
    """What a follow-up needs to know of a reply."""
    if not isinstance(reply, Answer):
        return Turn(alone, sure=reply.confidence)
    quote = reply.citations[0].quote
    answer = quote.text[quote.answer.start - quote.start : quote.answer.end - quote.start] if quote.answer else ""
    place = Place(quote.hit.passage.article_id, Span(quote.start, quote.end), quote.answer)
    return Turn(alone, quote.text, answer, sure=reply.confidence, place=place, passage=quote.hit.passage.text)
