"""Where the subject of a conversation changes, and what a mention before or after that counts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from retrieval.followup.mentions import names
from retrieval.followup.turns import Turn
from retrieval.tokens import STOP_WORDS, stem, words

BEGINS = 2.0  # what a mention counts more where a subject begins
_CHANGED = 0.4  # what it still counts when the subject has changed since


def weights(turns: Sequence[Turn]) -> list[float]:
    """What a mention in each turn counts: most where a subject begins, little before the last change of subject.

    A question that names something and shares no word with all that was said before changes it.
    """
    counts = [BEGINS]
    heard: set[str] = set()
    for before, turn in pairwise(turns):
        heard |= stems(f"{before.question} {before.quote}")
        changes = bool(names(turn.question)) and not stems(turn.question) & heard
        counts = [*(count * _CHANGED for count in counts), BEGINS] if changes else [*counts, 1.0]
    return counts


def stems(text: str) -> set[str]:
    """Of the content words of a text."""
    return {stem(word) for word in words(text) if word not in STOP_WORDS}
