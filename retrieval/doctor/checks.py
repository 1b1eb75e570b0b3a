"""The result of one check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"  # works, but something is to be done
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it came out, what was found, and what to do where something is to be done."""

    name: str
    status: Status
    found: str
    remedy: str = ""


def ok(name: str, found: str) -> Check:
    """All is well."""
    return Check(name, Status.OK, found)


def warn(name: str, found: str, remedy: str) -> Check:
    """It works, and something is to be done."""
    return Check(name, Status.WARN, found, remedy)


def fail(name: str, found: str, remedy: str) -> Check:
    """It does not work."""
    return Check(name, Status.FAIL, found, remedy)


def listed(faults: list[str], most: int = 3) -> str:
    """The first faults, and how many more there are."""
    more = f"; and {len(faults) - most:,} more" if len(faults) > most else ""
    return "; ".join(faults[:most]) + more
