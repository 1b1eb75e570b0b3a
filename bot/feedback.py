"""``sayso eval import-feedback``: 👍 and 👎 from the chats as questions with known answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.session import Session

if TYPE_CHECKING:
    from bot.chats import Vote


def import_feedback(
    session: Session,
    database: Annotated[Path, typer.Argument(metavar="DB", help="The chats database, such as .sayso/chats.sqlite3.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The questions.")],
) -> None:
    """Write what people found answered as a set of questions that `eval run` takes."""
    from bot.chats import Chats
    from retrieval.errors import InputError

    if not database.is_file():
        raise InputError(f"there is no chats database at {database}", "it is chats.sqlite3 in the data folder")
    if out.exists():
        raise InputError(f"{out} exists, and may hold questions", "name another file with --out")
    chats = Chats(database)
    try:
        records = feedback_records(chats.votes())
    finally:
        chats.close()
    out.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    ready = sum(bool(record["question"]) for record in records)
    session.say(f"{ready} questions are in {out}; try them with: sayso eval run {out} --corpus PATH")
    if ready < len(records):
        waiting = len(records) - ready
        session.say(f'{waiting} more wait there for an answer: write it, and move "asked" to "question"')


@dataclass(slots=True)
class _Judged:
    """All votes on the replies to one question; a quote or a refusal counts by its balance."""

    quotes: dict[tuple[str, str], int] = field(default_factory=dict)  # (article id, words) -> 👍 less 👎
    refused: int = 0  # the same for "my sources don't say"


def feedback_records(votes: Iterable[Vote]) -> list[dict[str, Any]]:
    """A record a question, in the form of ``questions.jsonl``, in order of first asking.

    A 👍 says that the quote shown first holds the answer. A 👎 says that it does not, but not what does: where
    nothing else is known the record has its question under "asked" and an empty "question", which does not
    count until a person has found the answer. A follow-up is told as it was understood.
    """
    judged: dict[str, _Judged] = {}
    for vote in votes:
        question = judged.setdefault((vote.reply["understood"] or vote.question).strip(), _Judged())
        balance = 1 if vote.good else -1
        if vote.reply["answered"]:
            first = vote.reply["citations"][0]
            key = (first["reference"]["article_id"], first["quote"]["text"])
            question.quotes[key] = question.quotes.get(key, 0) + balance
        else:
            question.refused += balance
    return [_record(question, found) for question, found in judged.items()]


def _record(question: str, judged: _Judged) -> dict[str, Any]:
    good = [key for key, balance in judged.quotes.items() if balance > 0]
    known = bool(good) or judged.refused > 0
    record: dict[str, Any] = {
        "id": f"f{hashlib.sha256(question.encode()).hexdigest()[:12]}",  # the same in each export
        "question": question if known else "",
        "kind": "feedback",
        "answerable": bool(good) or judged.refused <= 0,
        "answers": list(dict.fromkeys(words for _, words in good)),
        "articles": list(dict.fromkeys(article for article, _ in good)),
        "history": [],
    }
    if not known:
        record["asked"] = question
        record["rejected"] = [words for _, words in judged.quotes]
    return record
