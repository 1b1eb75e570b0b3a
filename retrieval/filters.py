"""Filters as SQL."""

from __future__ import annotations

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
        clauses.append("(a.id = ? OR instr(folded(coalesce(a.title, '')), folded(?)))")
        values += [filters.article, filters.article]
    if filters.author:
        clauses.append("instr(folded(coalesce(a.author, '')), folded(?))")
        values.append(filters.author)
    if filters.since:
        clauses.append("a.published >= substr(?, 1, length(a.published))")
        values.append(filters.since)
    if filters.until:
        clauses.append("substr(a.published, 1, length(?)) <= ?")
        values += [filters.until, filters.until]
    return " AND ".join(clauses), values
