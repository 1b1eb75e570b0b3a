"""Filters as SQL."""

from __future__ import annotations

import json
import os

from retrieval.types import Filters, Kind


def kinds(filters: Filters) -> str:
    """SQL that keeps readers' comments out of ``passages p``, unless they are asked for."""
    return "" if filters.comments else f"AND p.kind != '{Kind.COMMENT}'"


def condition(filters: Filters) -> tuple[str, list[str]]:
    """SQL for the filters over ``articles a``; values are always bound, never pasted.

    A date stated less precisely than the filter's, or more, passes if some day of it does.
    """
    clauses, values = ["1"], []
    if filters.article:
        path = real_path(filters.article)
        lines = "OR instr(a.source, ? || '#') = 1" if path.lower().endswith(".jsonl") else ""
        clauses.append(f"(a.id = ? OR instr(folded(coalesce(a.title, '')), folded(?)) OR a.source = ? {lines})")
        values += [filters.article, filters.article, path, *([path] if lines else [])]
    if filters.author:
        clauses.append("instr(folded(coalesce(a.author, '')), folded(?))")
        values.append(filters.author)
    if filters.articles:
        clauses.append("a.id IN (SELECT value FROM json_each(?))")  # one value, for they may be thousands
        values.append(json.dumps(filters.articles))
    if filters.since:
        clauses.append("a.published >= substr(?, 1, length(a.published))")
        values.append(filters.since)
    if filters.until:
        clauses.append("substr(a.published, 1, length(?)) <= ?")
        values += [filters.until, filters.until]
    return " AND ".join(clauses), values


def real_path(name: str) -> str:
    """The file that a name may be the path of, as an article's source has it."""
    return name if "\0" in name else os.path.realpath(os.path.expanduser(name))
