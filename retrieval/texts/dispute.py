"""Whether two speakers whom one article cites contradict each other, or its author himself.

An article that says two things about one thing is mostly telling of a change, of parts or of two things;
only where it names who says the one and who the other, or says both in the same words, does it speak of the same.
"""

from __future__ import annotations

import re

from retrieval.texts.agreement import UNRELATED, Relation, Stance, held_against
from retrieval.texts.attribution import attribution
from retrieval.texts.claims import Claim, claim, key
from retrieval.texts.quantities import AMOUNT, Number, dates
from retrieval.texts.scope import limits

#: An author who tells that a thing changed, or at which of several times it was so.
_CHANGE = re.compile(
    r"\b(?:first|original(?:ly)?|initial(?:ly)?|planned|budget(?:ed)?|in the end|eventually|finally|later|then|once|now"
    r"|used to|so far|today|meanwhile|revised|corrected|corrects?|earlier|former(?:ly)?|previous(?:ly)?|last|next"
    r"|this (?:year|month|week|season)|since|still|already|no longer|(?:rose|risen|rises?|grew|grown|fell|fallen|falls?"
    r"|climbed|swelled|shrank|dropped|increased|decreased|went|gone|came) (?:\w+ )?(?:from|to|up|down)|from \S+ to)\b",
    re.IGNORECASE,
)
#: "He lost 40 sheep": each speaks of his own.
_OWN = re.compile(r"\b(?:he|she|his|her|they|their|we|our|us|i|my)\b", re.IGNORECASE)
_FIGURE = r"figure|number|sum|total|toll|bill|cost|price|amount|count"
_BACK = re.compile(rf"\b(?:it|them|that|the (?:{_FIGURE}))\b")
_LARGE = 1_000_000


def tells_change(*sentences: str) -> bool:
    """Whether a sentence tells of a change or of one of several times."""
    return any(_CHANGE.search(sentence) for sentence in sentences)


def disputed(earlier: str, later: str, *, near: bool) -> Relation:
    """How two sentences of one article differ where each cites a speaker of its own; unrelated in all other cases.

    :param near: the later follows so closely that "it" in it may be what the earlier speaks of
    """
    one, other = attribution(earlier), attribution(later)
    if one is None or other is None or not one.is_of_another(other) or tells_change(earlier, later):
        return UNRELATED
    opening = [_opening(each.said) for each in (one, other)]
    a, b = map(claim, opening)
    own = any(_OWN.search(each.said) for each in (one, other))
    whole = claim(earlier), claim(later)
    if own or a.leans or a.mood != b.mood or whole[0].told != whole[1].told or limits(earlier) != limits(later):
        return UNRELATED
    found = UNRELATED if _says_more(a, b) or _says_more(b, a) else held_against(a, b)
    if found.stance is not Stance.DIFFER and near and (_BACK.search(opening[1]) or not b.terms):
        completed = _completed(b, a)
        found = held_against(a, completed) if completed else UNRELATED
    return found if found.stance is Stance.DIFFER and _of_one_time(found, earlier, later) else UNRELATED


def self_contradiction(one: str, other: str) -> Relation:
    """How two sentences differ that one author says in the same words but for what differs; else unrelated."""
    if attribution(one) or attribution(other) or tells_change(one, other) or _OWN.search(one) or _OWN.search(other):
        return UNRELATED
    a, b = claim(one), claim(other)
    found = UNRELATED if _says_more(a, b) or _says_more(b, a) else held_against(a, b)
    return found if found.certain and _of_one_time(found, one, other) else UNRELATED


def _of_one_time(found: Relation, one: str, other: str) -> bool:
    return found.about == "date" or len(dates(one)) == len(dates(other))


def _says_more(a: Claim, b: Claim) -> bool:
    """Whether ``a`` has words, other than what it counts, or a name that ``b`` lacks: "5 goals in the cup", "in Osk".

    Where each has a name of its own, that may be what they differ in.
    """
    counted = {key(word) for number in a.numbers for word in number.unit[:1]}
    named = any(name.keys.isdisjoint(b.words) for name in a.names) and len(a.names) != len(b.names)
    return named or bool(a.terms.keys() - b.words - counted)


def _opening(said: str) -> str:
    """What is said up to the first mark: what follows, as in "cost 4 million, no more than was promised", explains it.

    As long as the sentence, so that offsets stay what they were.
    """
    mark = re.search(r"(?<=\w)[,;:–—](?=\s)", said)
    return said[: mark.start()].ljust(len(said)) if mark else said


def _completed(said: Claim, before: Claim) -> Claim | None:
    """What is said of "it", as said of what was spoken of before; None where it says more than that."""
    own = {term for term in said.terms if not re.fullmatch(_FIGURE, term)}
    if own - before.words or len(said.names) > 1:
        return None
    names = said.names or before.names
    return said._replace(
        terms={**{term: said.terms[term] for term in own}, **before.terms},
        names=names,
        words=frozenset(before.terms) | own | frozenset(k for name in names for k in name.keys),
        numbers=tuple(_of_unit(number, before.numbers) for number in said.numbers),
        leans=False,
    )


def _of_unit(number: Number, before: tuple[Number, ...]) -> Number:
    """The number, as one of what was counted before where it names nothing else."""
    if len(before) != 1 or "percent" in (*before[0].unit, *number.unit):
        return number
    large = min(number.high, before[0].high) >= _LARGE
    bare = not number.unit and before[0].unit != (AMOUNT,)
    amount = large and AMOUNT in (*number.unit, *before[0].unit)
    return number._replace(unit=before[0].unit) if bare or amount else number
