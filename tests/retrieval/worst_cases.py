"""Texts on which a regular expression would take longest, made from the expression itself.

Time beyond the length of a text comes from a repeat that can end in many places and is then refused. So
for every repeat of a pattern there is a text that leads up to it, goes round it to the end, and there has
what no pattern wants.
"""

from __future__ import annotations

import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator
from types import ModuleType
from typing import Any

_MANY = 20  # times from which a repeat counts as one without end
_REFUSED = "§x"
_PLAIN = ("a", "A", "1", " ", ".", "\n", "-", "“", '"', '."', "A ", "a, ", "1 ", "(", "[", "<", "#", "*", ". ", "é")
_OF_CATEGORY = {op.CATEGORY_DIGIT: "1", op.CATEGORY_SPACE: " ", op.CATEGORY_WORD: "a", op.CATEGORY_NOT_SPACE: "a"}
_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s", op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def patterns(modules: list[ModuleType]) -> set[re.Pattern[str]]:
    """Every pattern of text that the modules hold, by name or in a dict or tuple."""
    return {found for module in modules for value in vars(module).values() for found in _within(value)}


def worst_cases(pattern: re.Pattern[str]) -> set[tuple[str, str]]:
    """What leads up to each repeat, and what goes round it."""
    parsed = parser.parse(pattern.pattern, pattern.flags)
    found = set(_repeats(parsed, ""))
    units = {unit for lead, round_ in found for unit in (round_, lead + round_)} | {_sample(parsed), *_PLAIN}
    return {case for case in (*found, *(("", unit) for unit in units)) if case[1]}


def text_of(lead: str, unit: str, length: int) -> str:
    """``lead`` and as many ``unit`` as fit, then what no pattern wants."""
    return (lead + unit * (length // len(unit) + 1))[: length - len(_REFUSED)] + _REFUSED


def _within(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, dict):
        for inner in (*value, *value.values()):
            yield from _within(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _within(inner)


def _repeats(items: Any, lead: str) -> Iterator[tuple[str, str]]:
    for code, value in items:
        if code in (op.MAX_REPEAT, op.MIN_REPEAT):
            if value[1] >= _MANY:
                yield from ((lead, unit) for unit in (_sample(value[2]), *_ways(value[2])))
            yield from _repeats(value[2], lead)
        elif code is op.SUBPATTERN:
            yield from _repeats(value[3], lead)
        elif code is op.ATOMIC_GROUP:
            yield from _repeats(value, lead)
        elif code is op.BRANCH:
            for branch in value[1]:
                yield from _repeats(branch, lead)
        lead += _one(code, value)


def _ways(items: Any) -> Iterator[str]:
    """The several things that one round of a repeat may be."""
    for code, value in items:
        if code is op.IN and value[0][0] is not op.NEGATE:
            yield from (_member([member]) for member in value)
        elif code is op.BRANCH:
            yield from map(_sample, value[1])
        elif code is op.SUBPATTERN:
            yield from _ways(value[3])


def _sample(items: Any) -> str:
    """A text that the items match."""
    return "".join(_one(code, value) for code, value in items)


def _one(code: Any, value: Any) -> str:
    if code is op.LITERAL:
        return chr(value)
    if code is op.NOT_LITERAL:
        return "b" if value == ord("a") else "a"
    if code is op.ANY:
        return "a"
    if code is op.IN:
        return _member(value)
    if code is op.CATEGORY:
        return _OF_CATEGORY.get(value, "-")
    if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return _sample(value[2]) * max(value[0], 1)
    inner = {op.SUBPATTERN: lambda: value[3], op.ATOMIC_GROUP: lambda: value, op.BRANCH: lambda: value[1][0]}
    return _sample(inner[code]()) if code in inner else ""  # a look-around or an anchor takes no text


def _member(members: Any) -> str:
    """A character of a class."""
    if members[0][0] is op.NEGATE:
        return next(letter for letter in "a -1.Z,\né§" if not any(_holds(member, letter) for member in members[1:]))
    code, value = members[0]
    return chr(value[0]) if code is op.RANGE else _one(code, value)


def _holds(member: Any, letter: str) -> bool:
    code, value = member
    if code is op.LITERAL:
        return ord(letter) == value
    if code is op.RANGE:
        return value[0] <= ord(letter) <= value[1]
    return re.match(_CATEGORIES[value], letter) is not None
