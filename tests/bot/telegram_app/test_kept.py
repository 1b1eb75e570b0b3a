"""What is kept of a reply is all that its buttons need, and comes back as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.telegram_app.kept import kept, recalled, shown
from retrieval.settings import Settings
from retrieval.types import Answer, Difference, Span
from tests.bot.fakes import Library, default_articles

QUESTIONS = ["When did the harbour bridge reopen?", "Who paid for steel paint on Thursday?", "Why?"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_reply_comes_back_through_json_as_it_was(question: str) -> None:
    corpus = Library(default_articles(Path("/articles"))).open(Settings())
    corpus.index()
    reply = corpus.ask(question)
    again = recalled(json.loads(json.dumps({**kept(shown(reply)), "quotes": 3})))
    assert again == shown(reply)
    assert again.answered == isinstance(reply, Answer)


def test_form_and_differences_are_kept() -> None:
    corpus = Library(default_articles(Path("/articles"))).open(Settings())
    corpus.index()
    parting = Difference((1, 2), "date", (Span(3, 7), Span(5, 9)))
    reply = corpus.ask(QUESTIONS[0])
    assert isinstance(reply, Answer)
    again = recalled(json.loads(json.dumps(kept(shown(replace(reply, differences=(parting,), form="list"))))))
    assert (again.differences, again.form) == ((parting,), "list")


@pytest.mark.parametrize("record", [{}, {"answered": True}, {"answered": True, "confidence": "x", "citations": 1}])
def test_what_was_not_kept_is_not_recalled(record: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        recalled(record)
