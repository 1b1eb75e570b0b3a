"""Passages of a corpus, drawn for writing questions to them by hand."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from retrieval.evaluation.indexes import Corpus
from retrieval.types import Article, Filters, Kind

_SHORTEST = 120  # characters of a paragraph worth a question
_SEED = 7


def worksheet(corpus: Corpus, size: int) -> str:
    """``questions.jsonl`` with ``size`` empty questions, each with a paragraph that is to answer it.

    The paragraphs are spread over the articles; every fourth record is for a
    question that sounds as if the article answered it, though it does not. A
    record whose question stays empty does not count when the sheet is run.
    """
    records = (_record(number, *drawn) for number, drawn in zip(range(1, size + 1), _spread(corpus), strict=False))
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _record(number: int, article: Article, paragraph: str) -> dict[str, Any]:
    answerable = number % 4 != 0
    return {
        "id": f"q{number:03}",
        "question": "",
        "kind": "plain" if answerable else "unanswerable",
        "answerable": answerable,
        "answers": [],  # words of the passage, exactly as they stand there
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
    return [paragraph for paragraph in paragraphs if len(paragraph) >= _SHORTEST]
