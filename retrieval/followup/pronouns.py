"""Words that point back ("he", "that year", "there"), replaced by what they point to."""

from __future__ import annotations

import re
from typing import NamedTuple

from retrieval.followup.discourse import Discourse
from retrieval.followup.grammar import AUXILIARY, PEOPLE, PREPOSITION, TIMES, TRAVELS, possessive
from retrieval.followup.pairs import other_one
from retrieval.followup.turns import GROUP, PERSON, THING
from retrieval.tokens import STOP_WORDS

_PRONOUNS = {
    **dict.fromkeys(("he", "she", "him", "his", "her", "hers"), PERSON),
    **dict.fromkeys(("they", "them", "their", "theirs"), GROUP),
    **dict.fromkeys(("it", "its"), THING),
}
_PRONOUN = re.compile(rf"\b(?:{'|'.join(_PRONOUNS)})\b", re.IGNORECASE)
_OWNS = {"his", "its", "their"}
#: Somebody named as the subject: "When did Tarn sell its ferry?" leans on nothing.
_OWN_NAME = re.compile(rf"(?i:\b{AUXILIARY}) (?i:the )?[^\W\d_a-z][\w-]*\b")
#: What follows "her" where it is an object, and does not own what follows.
_AFTER_OBJECT = re.compile(
    rf"\s*(?:$|[?.,]|(?:{PREPOSITION}|{AUXILIARY}|and|or|the|an?|as|when|while|because|that|then|there)\b)",
    re.IGNORECASE,
)
_BEFORE_SUBJECT = re.compile(rf"(?:^|\b(?:{AUXILIARY}|that|when|while|because|if|where|why|how) )$", re.IGNORECASE)
#: "is there", "where there are": nothing is pointed at.
THERE_IS = re.compile(
    rf"\b{AUXILIARY} there\b|\bwhere there\b|(?:^|\b(?:if|that|because|and|but|what|why|how|when) )there {AUXILIARY}\b",
    re.IGNORECASE,
)
_THEN = re.compile(
    rf"\b(?:(?:in|during|at|around|of|from|by) )?(?:this|that|those|these|the same) {TIMES}(?: period)?\b"
    r"|\bback then\b|\bthen(?=\s*\??$)",
    re.IGNORECASE,
)
_NEXT_YEAR = re.compile(r"\b(?:in )?the (?:year after|(?:following|next) year)\b", re.IGNORECASE)
_YEAR_BEFORE = re.compile(r"\b(?:in )?the (?:year before|previous year)\b", re.IGNORECASE)
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_YEARS_OFF = re.compile(
    rf"\b(?P<count>{'|'.join(_COUNTS)}|\d{{1,2}}) years (?:(?P<ago>earlier|before|ago)|later|after)"
    r"(?=\s*(?:[?,.]|$))",
    re.IGNORECASE,
)
_NOUN = re.compile(rf"\b(?:this|that|these|those) (?!{AUXILIARY}\b)(?P<noun>(?-i:[a-z]{{3,}}))\b", re.IGNORECASE)


_OTHER = re.compile(r"\bthe other(?: (?:one|(?P<noun>(?-i:[a-z]+)))\b|(?=\s*\??$))", re.IGNORECASE)


class Resolution(NamedTuple):
    """A question that stands alone, and what its pronouns stood for, by kind."""

    text: str
    referents: dict[str, str]


def pointed(question: str, talk: Discourse) -> Resolution:
    """The question with what its words point to in their place; those that point to nothing known stay."""
    referents: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        word, rest = match[0].lower(), question[match.end() :]
        kind = _PRONOUNS[word]
        subject = _BEFORE_SUBJECT.search(question[: match.start()]) is not None
        taken = [other for known, other in referents.items() if known != kind]  # "it" is not "them"
        found = {
            PERSON: lambda: talk.person,
            GROUP: lambda: talk.group(subject, taken),
            THING: lambda: talk.thing(taken),
        }[kind]()
        if not found or (word == "its" and _OWN_NAME.search(question[: match.start()])):
            return match[0]
        referents[kind] = found
        owns = word in _OWNS or (word == "her" and not _AFTER_OBJECT.match(rest))
        return possessive(found) if owns else found

    def other(match: re.Match[str]) -> str:
        found = other_one(talk.turns, match["noun"] or "").other
        if found:
            referents[THING] = found
        return found or match[0]

    text = _PRONOUN.sub(named, question)
    text = _OTHER.sub(other, text)
    return Resolution(_there(_these(_then(text, talk.year), talk), talk.place), referents)


def _then(text: str, year: str) -> str:
    if not year:
        return text
    text = _THEN.sub(f"in {year}", text)
    if year.isdigit():
        text = _NEXT_YEAR.sub(f"in {int(year) + 1}", text)
        text = _YEAR_BEFORE.sub(f"in {int(year) - 1}", text)
        text = _YEARS_OFF.sub(lambda match: f"in {_years_off(match, int(year))}", text)
    return text


def _years_off(match: re.Match[str], year: int) -> int:
    count = int(match["count"]) if match["count"].isdigit() else _COUNTS[match["count"].lower()]
    return year - count if match["ago"] else year + count


def _these(text: str, talk: Discourse) -> str:
    """ "that man" is the person, "that sale" the sale spoken of."""
    if talk.that_person:
        text = re.sub(rf"\b(?:this|that) {PEOPLE}\b", lambda _: talk.that_person, text, flags=re.IGNORECASE)

    def phrase(match: re.Match[str]) -> str:
        return match[0] if match["noun"] in STOP_WORDS else talk.phrase(match["noun"]) or match[0]

    return _NOUN.sub(phrase, text)


def _there(text: str, place: str) -> str:
    if not place or THERE_IS.search(text):
        return text

    def where(match: re.Match[str]) -> str:
        before = text[: match.start()].rstrip()
        if re.search(r"\b(?:at|from|in|into|near|over|through|to|towards?)$", before):
            return place
        return f"{'to' if re.search(rf'{TRAVELS}$', before) else 'in'} {place}"

    return re.sub(r"\bthere\b", where, text, flags=re.IGNORECASE)
