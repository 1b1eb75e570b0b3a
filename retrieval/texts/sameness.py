"""Whether two sentences say the same: all that matters in the one stands in the other, in the same role.

There is no parser: roles are told by order and by prepositions. What has another place has to take its
preposition with it, or to be a side of a passive or of a compound ("a ban on nets", "the nets ban").
In doubt they do not say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from retrieval.texts.attribution import attribution
from retrieval.texts.claims import Claim
from retrieval.texts.wording import Item, Wording, wording

_FEWEST = 3  # things that two sentences must share
_BEING = frozenset({"is", "are", "was", "were", "been", "being"})
_PRESENT, _PAST = frozenset({"is", "are"}), frozenset({"was", "were", "had", "did"})
#: Where a thing is or what it is of, which a compound says without a word.
_JOINING = frozenset({"", "of", "on", "over", "in", "at", "for"})


def same(a: Claim, b: Claim) -> bool:
    """Whether two claims, which do not differ, say the same: neither less nor more than the other."""
    one, other = wording(a.text), wording(b.text)
    dates = [[date[:4] for date in c.dates] for c in (a, b)]
    speakers = [found.speaker if (found := attribution(c.text)) else () for c in (a, b)]
    return (
        speakers[0] == speakers[1]
        and a.mood == b.mood != "conditional"
        and not (a.leans or b.leans)
        and one.denials == other.denials
        and dates[0] == dates[1]
        and len(one.items) + len(a.dates) >= _FEWEST
        and sorted(item.name for item in one.items) == sorted(item.name for item in other.items)
        and _of_one_tense(one, other)
        and _in_one_order(one, other)
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


def _in_one_order(one: Wording, other: Wording) -> bool:
    """Whether the items stand in one order but for what takes its role along."""
    a, b = one.items, other.items
    by = [any(item.role == "by" for item in items) for items in (a, b)]
    if by[0] == by[1]:
        return _corresponding(a, b)
    return _corresponding(_active(a), b) if by[0] else _corresponding(a, _active(b))


def _active(items: Sequence[Item]) -> list[Item]:
    """The items of a passive in the order of the active: who, did, what, and all else."""
    first = next(place for place, item in enumerate(items) if item.role == "by")
    last = next((place for place in range(first, len(items)) if items[place].role not in ("by", "of")), len(items))
    who = [item._replace(role="", head="") if item.role == "by" else item for item in items[first:last]]
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
