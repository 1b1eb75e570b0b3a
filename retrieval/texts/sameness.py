"""Whether two sentences say the same: all that matters in the one stands in the other, in the same role.

There is no parser: roles are told by order and by prepositions. What has another place has to take its
preposition with it, or to be a side of a passive or of a compound ("a ban on nets", "the nets ban").
In doubt they do not say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from retrieval.texts.claims import Claim
from retrieval.texts.lexicon import REPEATED
from retrieval.texts.quantities import Date
from retrieval.texts.wording import Item, Wording, wording

_FEWEST = 3  # things that two sentences must share
_BEING = frozenset({"is", "are", "was", "were", "been", "being"})
_PRESENT, _PAST = frozenset({"is", "are"}), frozenset({"was", "were", "had", "did"})
#: Where a thing is or what it is of, which a compound says without a word.
_JOINING = frozenset({"", "of", "on", "over", "in", "at", "for"})


def same(a: Claim, b: Claim) -> bool:
    """Whether two claims, which do not differ, say the same."""
    one, other = wording(a.text), wording(b.text)
    if len(one.items) > len(other.items):
        a, b, one, other = b, a, other, one
    added = _beyond(other.items, one.items)
    bound = a.numbers or one.denials or a.events & REPEATED
    return (
        a.mood == b.mood != "conditional"
        and not (a.leans or b.leans)
        and one.denials == other.denials
        and len(one.items) + len(a.dates) >= _FEWEST
        and not _beyond(one.items, other.items)
        and not (bound and (added or len(a.dates) != len(b.dates)))
        and _of_one_time(a.dates, b.dates)
        and _of_one_tense(one, other)
        and _in_one_order(one, other, added)
    )


def _beyond(items: Sequence[Item], others: Sequence[Item]) -> list[Item]:
    """The items that the others lack."""
    left = Counter(item.name for item in others)
    lacking: list[Item] = []
    for item in items:
        if left[item.name]:
            left[item.name] -= 1
        else:
            lacking.append(item)
    return lacking


def _of_one_time(dates: Sequence[Date], others: Sequence[Date]) -> bool:
    """Whether the dates of one are those of the other, be they less exact there, or one has none."""
    return not (dates and others) or (
        len(dates) == len(others) and all(any(x.fits(y) and x.as_open_as(y) for y in others) for x in dates)
    )


def _of_one_tense(one: Wording, other: Wording) -> bool:
    if any(one.empty & x and other.empty & y for x, y in ((_PRESENT, _PAST), (_PAST, _PRESENT))):
        return False
    pairs = [(x, y) for x in one.items for y in other.items if x.name == y.name]
    present = _is_passive(one) != _is_passive(other) and not (one.empty | other.empty) & _PAST
    return present or all(_ending(x.word) == _ending(y.word) for x, y in pairs)


def _ending(word: str) -> str:
    return next((ending for ending in ("ed", "s") if word.endswith(ending)), "")


def _is_passive(wording: Wording) -> bool:
    return bool(wording.empty & _BEING)


def _in_one_order(one: Wording, other: Wording, added: Sequence[Item]) -> bool:
    """Whether the items stand in one order but for what takes its role along; ``added`` are those of the other alone.

    All that may be added is who did what a passive tells of.
    """
    a, b = list(one.items), [item for item in other.items if item not in added]
    if added:
        by = all(item.role == "by" for item in added)
        subject = list(other.items[: len(added)]) == list(added) and all(i.capital and not i.role for i in added)
        if not _is_passive(one) or any(item.role == "by" for item in a) or by == subject:
            return False
        if subject:
            a = _verb_first(a, b[0])
    elif (by := [any(item.role == "by" for item in items) for items in (a, b)])[0] != by[1]:
        a, b = (_active(a), b) if by[0] else (a, _active(b))
    return _corresponding(a, b)


def _verb_first(items: Sequence[Item], verb: Item) -> list[Item]:
    return sorted(items, key=lambda item: item.name != verb.name)


def _active(items: Sequence[Item]) -> list[Item]:
    """The items of a passive in the order of the active: who, did, what, and all else."""
    first = next(place for place, item in enumerate(items) if item.role == "by")
    last = next((place for place in range(first, len(items)) if items[place].role != "by"), len(items))
    who = [item._replace(role="", head="") for item in items[first:last]]
    return [*who, *items[max(0, first - 1) : first], *items[: max(0, first - 1)], *items[last:]]


def _corresponding(a: Sequence[Item], b: Sequence[Item]) -> bool:
    """Whether each item has the role of its like, and any two that change places may."""
    places: dict[int, int] = {}
    for here, item in enumerate(a):
        there = next((n for n, o in enumerate(b) if o.name == item.name and n not in places.values()), None)
        if there is None or not _of_one_role(item, b[there]):
            return False
        places[here] = there
    return all(
        places[x] < places[y] or _may_move(a[x], b[places[x]]) or _may_move(a[y], b[places[y]])
        or _is_compound(a, x, b[places[x]], b[places[y]]) or _is_compound(b, places[y], a[y], a[x])
        for x, y in combinations(range(len(a)), 2)
    )  # fmt: skip


def _of_one_role(x: Item, y: Item) -> bool:
    return x.role == y.role or {x.role, y.role} <= _JOINING


def _may_move(x: Item, y: Item) -> bool:
    return x.role == y.role and x.role not in ("", "of", "by")


def _is_compound(items: Sequence[Item], first: int, parted: Item, head: Item) -> bool:
    """Whether an item stands side by side with a later one here, and there behind it and a preposition."""
    if not (parted.role in _JOINING and parted.role and parted.head == head.name):
        return False
    last = next((n for n in range(first, len(items)) if items[n].name == head.name), first)
    return last > first and all(item.joined for item in items[first + 1 : last + 1])
