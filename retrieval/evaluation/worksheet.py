"""Passages of a corpus, drawn for writing questions to them by hand."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from retrieval.errors import InputError
from retrieval.evaluation.indexes import Corpus
from retrieval.types import Article, Filters, Kind

SHORTEST = 120  # characters of a paragraph worth a question
_SEED = 7
#: What a row wants of the person who fills it in, by whether the article is to answer.
_WANTED = {
    True: "a question that the passage answers; as answers, words exactly as they stand there, any of which will do; "
    "as history, the earlier questions of a follow-up, whose kind is follow-up",
    False: "a question that sounds as if the passage answered it, though the articles do NOT; no answers",
}


def worksheet(corpus: Corpus, size: int) -> str:
    """``questions.jsonl`` with ``size`` empty questions, each with a paragraph and what is wanted of it.

    The paragraphs are spread over the articles, and where there are fewer the
    sheet is shorter. Every fourth record is for a question that sounds as if the
    article answered it, though it does not. A record whose question stays empty
    does not count when the sheet is run.

    :raises InputError: where no paragraph is long enough.
    """
    records = (_record(number, *drawn) for number, drawn in zip(range(1, size + 1), _spread(corpus), strict=False))
    sheet = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    if not sheet:
        raise InputError(
            f"no article has a paragraph of {SHORTEST} characters or more", "write the questions to a file of your own"
        )
    return sheet


def _record(number: int, article: Article, paragraph: str) -> dict[str, Any]:
    answerable = number % 4 != 0
    return {
        "wanted": _WANTED[answerable],
        "id": f"q{number:03}",
        "question": "",
        "kind": "plain" if answerable else "unanswerable",
        "answerable": answerable,
        "answers": [],
        "articles": [article.reference.article_id],
        "history": [],
        "title": article.reference.title,
        "passage": paragraph,
    }


def _spread(corpus: Corpus) -> Iterator[tuple[Article, str]]:
    """Paragraphs in random order, one of each article before the second of any; the same order every time."""
    dice = random.Random(_SEED)
    ids = sorted(reference.article_id for reference in corpus.articles(Filters()))
    dice.shuffle(ids)
    drawn = []
    for article in map(corpus.article, ids):
        paragraphs = _paragraphs(article)
        dice.shuffle(paragraphs)
        drawn.append([(article, paragraph) for paragraph in paragraphs])
    for round_ in zip_longest(*drawn):
        yield from (pair for pair in round_ if pair)


def _paragraphs(article: Article) -> list[str]:
    body = (article.text[region.start : region.end] for region in article.regions if region.kind is Kind.BODY)
    paragraphs = (paragraph.strip() for text in body for paragraph in re.split(r"\n\s*\n", text))
    return [paragraph for paragraph in paragraphs if len(paragraph) >= SHORTEST]
