"""What a chat remembers."""

from __future__ import annotations

from dataclasses import dataclass

MOST_TURNS = 6  # a follow-up rarely reaches further back, and every turn costs time to resolve


@dataclass(frozen=True, slots=True)
class Conversation:
    """The last questions of one chat, oldest first."""

    questions: tuple[str, ...] = ()

    def then(self, question: str) -> Conversation:
        """The conversation after one more question."""
        return Conversation((*self.questions, question)[-MOST_TURNS:])
