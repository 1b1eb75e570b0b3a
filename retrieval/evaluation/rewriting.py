"""Follow-ups against what a person made of them: whether a question is understood as it was meant."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from retrieval.evaluation.datasets import Question
from retrieval.evaluation.outcomes import Outcome, Stage
from retrieval.evaluation.quoting import rewrite_f1
from retrieval.followup.resolving import resolve
from retrieval.followup.turns import Turn

#: What the answerers of QuAC say where the article holds no answer (Choi et al. 2018).
_UNANSWERED = "I don't know."
_QUALIFIER = re.compile(r"\s*\([^)]*\)|,.*")  # "Hugo (film)"


def rewritten(question: Question) -> Outcome:
    """The question as it is understood after its dialogue; nothing is searched.

    The subject of the conversation, where it is known, goes before the dialogue as a turn of its own, as the
    askers of QuAC saw the article's title. First turns have no measure: nothing was said before them.
    """
    begun = time.perf_counter()
    turns = [Turn(_QUALIFIER.sub("", question.subject))] if question.subject else []
    for asked, answer in _pairs(question.dialogue):
        made = resolve(asked, turns)
        answer = "" if answer.startswith(_UNANSWERED) else answer
        turns.append(Turn(made.text, answer, answer, made.referents) if made else Turn(asked, answer, answer))
    made = resolve(question.text, turns) if question.history else None
    spent = (time.perf_counter() - begun) * 1000
    score = {"rewrite F1": rewrite_f1(made.text if made else question.text, question.rewrite)}
    return Outcome(
        id=question.id,
        text=question.text,
        kind=question.kind,
        history=question.history,
        resolved=made.text if made else None,
        answerable=None,
        gold=(question.rewrite,),
        relevant=(),
        stage=Stage.UNJUDGED,
        refused=False,
        reason="",
        confidence=0.0,
        quotes=(),
        passages=(),
        values={"ms": round(spent, 2), **(score if question.history else {})},
    )


def _pairs(dialogue: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip(dialogue[::2], dialogue[1::2], strict=True))
