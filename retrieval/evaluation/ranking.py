"""Rank-based measures of the articles found, by ir-measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Rankings = Mapping[str, Sequence[str]]  # question id -> article ids, best first
Relevant = Mapping[str, Mapping[str, int]]  # question id -> article id -> grade

DEPTH = 100  # articles ranked for a question


def rank_measures(rankings: Rankings, relevant: Relevant) -> dict[str, dict[str, float]]:
    """Question id -> name of the measure -> value, for every question with a relevant article.

    A question that found nothing scores 0 on each; it does not drop out.
    """
    import ir_measures as ir

    names = {
        ir.nDCG @ 10: "nDCG@10",
        ir.Success @ 1: "hit@1",
        ir.Success @ 5: "hit@5",
        ir.RR: "MRR",
        ir.R @ 10: "recall@10",
        ir.R @ 100: "recall@100",
    }
    qrels = [ir.Qrel(q, article, grade) for q, grades in relevant.items() for article, grade in grades.items()]
    if not qrels:
        return {}
    run = [
        ir.ScoredDoc(q, article, -float(rank))  # the rank is the score: no ties for the library to break
        for q in relevant
        for rank, article in enumerate(rankings.get(q, ())[:DEPTH])
    ]
    values: dict[str, dict[str, float]] = {}
    for metric in ir.iter_calc(list(names), qrels, run):
        values.setdefault(metric.query_id, {})[names[metric.measure]] = round(metric.value, 6)
    return values


def trec_run(rankings: Rankings, tag: str) -> str:
    """The rankings as a TREC run file: question, Q0, article, rank, score, tag; blanks in ids become underscores."""
    return "".join(
        f"{_word(q)} Q0 {_word(article)} {rank} {1 / rank:.6f} {_word(tag)}\n"
        for q, articles in rankings.items()
        for rank, article in enumerate(articles[:DEPTH], start=1)
    )


def _word(text: str) -> str:
    return "_".join(text.split()) or "_"
