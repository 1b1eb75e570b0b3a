"""Whether two sentences say the same, contradict each other, or speak of different things.

Rules over what each claims, made to be right rather than complete: two sentences differ only where
they speak of the same happening and exactly one thing in them cannot be true of both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import product
from typing import NamedTuple

from retrieval.texts.claims import Claim, Name, Sign, claim
from retrieval.texts.clauses import clauses
from retrieval.texts.lexicon import EXCLUSIVE, GIVING, ONCE, PEOPLE, REPEATED, TAKING
from retrieval.texts.quantities import Date, Number
from retrieval.texts.sameness import same
from retrieval.texts.scope import apart, limits
from retrieval.texts.wording import wording
from retrieval.tokens import stem
from retrieval.types import Span

_FEWEST = 3  # things that two sentences must share
_SAME_HAPPENING = 0.5  # share from which a date or number may differ
_SAME_THING = 0.75  # share from which a name or a sign may
_SAME_AUTHOR = 0.8  # share from which an author contradicts himself rather than goes on
_ONE_NAME = 0.6  # likeness from which two spellings may be of one name
_PLACE = frozenset({"in", "at", "near", "on", "off", "to", "from"})  # one place may lie within another
_NOBODY = re.compile(r"nobody|no[ -]one|none", re.IGNORECASE)
_NEAR_CHARS = 25  # from a number to the verb that it goes with


class Stance(StrEnum):
    """How what one sentence says stands to what another says."""

    AGREE = "agree"
    DIFFER = "differ"
    UNRELATED = "unrelated"


class Relation(NamedTuple):
    """How two sentences stand to each other and, where they differ, what about and in which words of each."""

    stance: Stance
    about: str = ""  # "date", "number", "name" or "negation"
    one: Span = Span(0, 0)
    other: Span = Span(0, 0)
    certain: bool = False  # they share so much that even one author would contradict himself
    named: bool = False  # they share a name, so that "the season" is not one here and another there
    voiced: bool = False  # one article cites each from another speaker


UNRELATED = Relation(Stance.UNRELATED)


def relation(one: str, other: str) -> Relation:
    """How two sentences stand to each other; offsets are those of each sentence. Symmetric.

    Unless they differ as wholes, what one says in a relative clause, and outside of it, is held against the other.
    """
    found = held_against(claim(one), claim(other))
    if found.stance is Stance.DIFFER or not (clauses(one) or clauses(other)):
        return found
    pairs = product(clauses(one) or (one,), clauses(other) or (other,))
    differing = {found for a, b in pairs if (found := held_against(claim(a), claim(b))).stance is Stance.DIFFER}
    return differing.pop() if len(differing) == 1 else found


def held_against(a: Claim, b: Claim) -> Relation:
    """How what two sentences claim stands to each other."""
    if "asked" in (a.mood, b.mood) or not a.words or not b.words or _different_things(a, b):
        return UNRELATED
    found = [difference for differs in _DIFFERENCES for difference in [differs(a, b)] if difference is not None]
    if not found:
        return Relation(Stance.AGREE, named=_share_a_name(a, b)) if same(a, b) else UNRELATED
    if len(found) > 1 or found[0] is UNRELATED or not _comparable(a, b):
        return UNRELATED
    return found[0]._replace(certain=_share(a, b) >= _SAME_AUTHOR, named=_share_a_name(a, b))


def _comparable(a: Claim, b: Claim) -> bool:
    """Whether the sentences may contradict each other: both tell, as a fact, of one thing, and name it themselves."""
    shared, terms = len(a.words & b.words), len(a.terms.keys() & b.terms.keys())
    alike = shared >= _FEWEST or (shared == 2 and terms >= _SAME_THING * min(len(a.terms), len(b.terms)))
    mine, theirs = _only(a, b), _only(b, a)
    hanging = (a.leans and theirs) or (b.leans and mine)
    strangers = max(len(mine), len(theirs)) > 1 and (len(mine), len(theirs)) == (len(a.names), len(b.names))
    of_one_time = a.told == b.told and {_tense(a), _tense(b)} != {"present", "past"}
    of_one_scope = a.mood == b.mood in ("stated", "future") and of_one_time and limits(a.text) == limits(b.text)
    return alike and of_one_scope and not (hanging or strangers or a.again or b.again)


def _tense(a: Claim) -> str:
    """ "present" or "past" where the auxiliaries of a sentence are of that time alone."""
    said = wording(a.text).empty
    present, past = bool(said & {"is", "are", "has", "have"}), bool(said & {"was", "were", "had"})
    return "" if present == past else "present" if present else "past"


def _share(a: Claim, b: Claim) -> float:
    """Shared content, of that of the sentence that has less."""
    return len(a.words & b.words) / min(len(a.words), len(b.words))


def _different_things(a: Claim, b: Claim) -> bool:
    """Whether something marks the sentences as telling of two things, however alike they are otherwise."""
    events = a.events - b.events, b.events - a.events
    return (
        (bool(a.events and b.events) and a.events.isdisjoint(b.events))
        or bool(events[0] and events[1])
        or any(a.marks[name] != b.marks[name] for name in a.marks.keys() & b.marks.keys())
        or _swapped(a, b)
        or _handed_on(a, b)
        or _namesakes(a, b)
    )


def _swapped(a: Claim, b: Claim) -> bool:
    """Whether a preposition governs one name here and another there, though both names stand in both."""
    shared = {name.keys for name in a.names} & {name.keys for name in b.names}
    roles = [{name.role: name.keys for name in claimed.names if name.keys in shared} for claimed in (a, b)]
    return any(roles[0][role] != roles[1][role] for role in roles[0].keys() & roles[1].keys() & {"to", "from", "by"})


def _handed_on(a: Claim, b: Claim) -> bool:
    """Whether one gives, or sells, in the one sentence and takes in the other."""
    said = [wording(c.text).items for c in (a, b)]
    subjects = [next((item.name for item in items if not item.role), "") for items in said]
    stems = [{stem(item.word) for item in items} for items in said]
    turned = any(x & GIVING and y & TAKING for x, y in (stems, stems[::-1]))
    return turned and subjects[0] == subjects[1]


def _namesakes(a: Claim, b: Claim) -> bool:
    """Whether two names are alike in part only: "the Tarn Treaty" and "the Fell Treaty"."""
    pairs = [(x.keys - y.keys, y.keys - x.keys) for x in a.names for y in b.names if x.keys & y.keys]
    return any(
        all(len(key) > 1 for key in x | y) and x and y and x.isdisjoint(b.words) and y.isdisjoint(a.words)
        for x, y in pairs
    )


def _only(a: Claim, b: Claim) -> list[Name]:
    """The names of ``a`` that ``b`` knows nothing of."""
    return [name for name in a.names if name.keys.isdisjoint(b.words)]


def _share_a_name(a: Claim, b: Claim) -> bool:
    return len(_only(a, b)) < len(a.names) or len(_only(b, a)) < len(b.names)


def _clashing_dates(a: Claim, b: Claim) -> tuple[Date, Date] | None:
    """The first date of each, where no date of one fits one of the other."""
    if a.dates and b.dates and not any(x.fits(y) for x in a.dates for y in b.dates):
        return a.dates[0], b.dates[0]
    return None


def _clashing_numbers(a: Claim, b: Claim) -> tuple[Number, Number] | None:
    """The first two numbers of one unit that do not fit, where none of that unit do."""
    pairs = [(x, y) for x in a.numbers for y in b.numbers if set(x.unit) & set(y.unit)]
    return pairs[0] if pairs and not any(x.fits(y) for x, y in pairs) else None


def _dates_differ(a: Claim, b: Claim) -> Relation | None:
    clash = _clashing_dates(a, b)
    if clash is None:
        return None
    repeatable = bool((a.events | b.events) & REPEATED) or "season" in a.marks.keys() & b.marks
    counted = a.numbers and b.numbers
    predicate = a.events & b.events - (set() if counted else {"transfer"}) or a.terms.keys() & b.terms.keys() & ONCE
    points = len(a.dates) == len(b.dates) == 1 and clash[0].is_point and clash[1].is_point and a.dated == b.dated
    certain = _share(a, b) >= _SAME_HAPPENING and predicate and points and not repeatable and not apart(a, b)
    return Relation(Stance.DIFFER, "date", clash[0].span, clash[1].span) if certain else UNRELATED


def _numbers_differ(a: Claim, b: Claim) -> Relation | None:
    clash = _clashing_numbers(a, b)
    if clash is None:
        return None
    counted = [sum(bool(set(x.unit) & set(n.unit)) for n in c.numbers) for c, x in ((a, clash[0]), (b, clash[1]))]
    alike = counted == [1, 1] and _counts_alike(*clash)
    certain = _share(a, b) >= _SAME_HAPPENING and alike and not apart(a, b)
    return Relation(Stance.DIFFER, "number", clash[0].span, clash[1].span) if certain else UNRELATED


def _counts_alike(x: Number, y: Number) -> bool:
    """Whether the same words stand before what is counted: not "400 members" and "30 active members"."""
    shared = next(word for word in x.unit if word in y.unit)
    return x.unit[: x.unit.index(shared)] == y.unit[: y.unit.index(shared)]


def _names_differ(a: Claim, b: Claim) -> Relation | None:
    """Not ``None`` where each sentence has names that the other lacks: then nothing else in them contradicts."""
    mine, theirs = _only(a, b), _only(b, a)
    if not mine or not theirs:
        return None
    shared = a.terms.keys() & b.terms.keys()
    fewer = min(len(a.terms), len(b.terms))
    lone = len(mine) == len(theirs) == 1 and _role(mine[0]) == _role(theirs[0]) not in _PLACE
    exclusive = (a.events & b.events & EXCLUSIVE) or (shared & EXCLUSIVE)
    certain = (
        lone and exclusive and not _spelt_alike(mine[0], theirs[0]) and len(shared) >= max(1.0, _SAME_THING * fewer)
    )
    return Relation(Stance.DIFFER, "name", mine[0].span, theirs[0].span) if certain else UNRELATED


def _role(name: Name) -> str:
    """Who opens an active sentence stands behind "by" in a passive one."""
    return "by" if name.role == "^" else name.role


def _spelt_alike(x: Name, y: Name) -> bool:
    """Whether two names may be one in two spellings: "Munich" and "München"."""
    return any(SequenceMatcher(None, m, n).ratio() >= _ONE_NAME for m in x.keys for n in y.keys if m[0] == n[0])


def _signs_differ(a: Claim, b: Claim) -> Relation | None:
    opposite = sorted(name for name in a.signs.keys() & b.signs.keys() if a.signs[name].sign != b.signs[name].sign)
    if not opposite:
        return None
    mine, theirs = a.signs[opposite[0]], b.signs[opposite[0]]
    same_time = _clashing_dates(a, b) is None and len(a.dates) == len(b.dates)
    certain = _share(a, b) >= _SAME_THING and same_time and len(opposite) == 1
    of_one = _denies(a, b, mine) if mine.negated else _denies(b, a, theirs) if theirs.negated else not apart(a, b)
    if not certain or not of_one or (mine.negated and theirs.negated):
        return UNRELATED
    return Relation(Stance.DIFFER, "negation", _counted(a, mine), _counted(b, theirs))


def _denies(denied: Claim, told: Claim, sign: Sign) -> bool:
    """Whether one denies no less than the other tells; who denies it of people says nothing of animals."""
    of_people = _NOBODY.match(denied.text, sign.span.start) is not None
    people = any(not PEOPLE.isdisjoint(number.unit[:2]) for number in told.numbers)
    return denied.terms.keys() <= told.words and (people or not of_people)


def _counted(claimed: Claim, sign: Sign) -> Span:
    """The words of the sign with the number before them, if any: "three people died"."""
    near = [n.span.start for n in claimed.numbers if 0 < sign.span.start - n.span.end < _NEAR_CHARS]
    return Span(min(near, default=sign.span.start), sign.span.end)


_DIFFERENCES: tuple[Callable[[Claim, Claim], Relation | None], ...] = (
    _dates_differ, _numbers_differ, _names_differ, _signs_differ,
)  # fmt: skip
