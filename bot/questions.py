"""Sets of questions about one's own articles: ``sayso eval make-questions``, and what is wrong with those written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.lines import counted
from bot.session import Session
from bot.umask import as_the_user

if TYPE_CHECKING:
    from retrieval.evaluation.datasets import Dataset
    from retrieval.settings import Settings


def make_questions(
    session: Session,
    size: Annotated[int, typer.Option("--size", "-n", min=1, metavar="N", help="Questions on the sheet.")] = 40,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The sheet.")] = Path("questions.jsonl"),
) -> None:
    """Write passages of your articles to a sheet, for you to add questions that `eval run` asks."""
    from retrieval.errors import InputError
    from retrieval.evaluation import outputs
    from retrieval.evaluation.worksheet import SHORTEST, worksheet

    if out.exists():
        raise InputError(f"{out} exists, and may hold questions", "name another file with --out")
    with as_the_user():
        outputs.try_file(out)  # before anything is indexed
    with session.corpus() as corpus:
        session.ensure_indexed(corpus)
        sheet = worksheet(corpus, size)
    with as_the_user():
        outputs.write({out: sheet})
    rows = [json.loads(row) for row in sheet.splitlines()]
    if len(rows) < size:
        few = counted(len(rows), "row")
        session.say(f"{few}, not {size}: the articles have no more paragraphs of {SHORTEST} characters or more.")
    are = "1 row is" if len(rows) == 1 else f"{len(rows)} rows are"
    session.say(f"{are} in {out}. Fill in question and answers (words of the passage, exactly as they stand there);")
    if bare := sum(not row["answerable"] for row in rows):
        want = "the row of kind unanswerable wants" if bare == 1 else f"the {bare} rows of kind unanswerable want"
        session.say(f"{want} a question that the articles do NOT answer, and no answers.")
    session.say(f"Then: sayso eval run {out} --corpus PATH")


def tell_mistakes(session: Session, dataset: Dataset, settings: Settings) -> None:
    """Tells mistakes in a dataset, even when quiet: they would pass for bad answers."""
    import retrieval
    from retrieval.evaluation.checks import warnings

    with session.listening() as listener:
        found = list(warnings(dataset, settings, retrieval.open, listener))
    for warning in found:
        session.err.say(f"warning: {warning}")
