"""What a chat remembers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

MOST_TURNS = 6  # a follow-up rarely reaches further back, and every turn costs time to resolve
_MOST_TOLD = 100  # texts
_SUGGESTED = 2  # times that one question is suggested


@dataclass(frozen=True, slots=True)
class Conversation:
    """The last questions of one chat, oldest first, and what was told and suggested in it."""

    questions: tuple[str, ...] = ()
    told: tuple[str, ...] = ()  # questions and the quotes that answered them
    suggested: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """What need not be suggested: asked, answered, or suggested often enough."""
        often = [each for each in dict.fromkeys(self.suggested) if self.suggested.count(each) >= _SUGGESTED]
        return (*self.told, *often)

    def then(self, question: str, quotes: Sequence[str] = ()) -> Conversation:
        """The conversation after one more question and the quotes that answered it."""
        questions, told = (*self.questions, question), (*self.told, question, *quotes)
        return replace(self, questions=questions[-MOST_TURNS:], told=told[-_MOST_TOLD:])

    def suggesting(self, questions: Sequence[str]) -> Conversation:
        """The conversation after these were suggested."""
        return replace(self, suggested=(*self.suggested, *questions)[-_MOST_TOLD:])

    def on_something_new(self) -> Conversation:
        """The conversation on a new subject: the next question leans on none before it."""
        return replace(self, questions=())
