"""Questions without a clause of their own ("when?", "and Putin?"), completed from the question before."""

from __future__ import annotations

import re

from retrieval.followup.discourse import Discourse
from retrieval.followup.grammar import (
    ASKING,
    AUXILIARY,
    INVERTED,
    OPENING,
    PREPOSITION,
    TIMES,
    asks_for_subject,
    deed,
    lowered,
    raised,
)
from retrieval.followup.mentions import is_place, names, years
from retrieval.followup.pairs import other_one
from retrieval.followup.phrases import phrases
from retrieval.tokens import words

_FRAGMENT = re.compile(
    rf"^(?P<asks>(?:{PREPOSITION} )?{ASKING}(?: else)?|{PREPOSITION} (?:what|which|how)(?: \w+){{1,3}}?"
    r"|(?:what|which) (?:year|date|day|month|city|country|place)|how (?:much|many|long|often|old)(?: more)?(?: \w+s)?)"
    r"(?P<event> (?:is|was|were|are) (?:that|this)| did (?:that|this|it) (?:happen|occur|take place))?\s*\??$",
    re.IGNORECASE,
)
_OF_A_THING = re.compile(r"(?:what|who|how(?: \w+)?)$", re.IGNORECASE)  # "what was that?", "how long is this?"
_NEW = re.compile(
    rf"^(?:(?:(?:what|how) )?about )?(?P<new>(?:(?!(?:{ASKING}|{AUXILIARY}|any\w*|else|other|there|it|this)\b)[^?,])+?)"
    rf"(?P<then> (?:that|this|the same) {TIMES})?\s*\??$",
    re.IGNORECASE,
)
_PLACED = re.compile(rf"(?P<preposition>(?!about\b){PREPOSITION}) .+", re.IGNORECASE)
_DEFINITE = re.compile(r"the\b", re.IGNORECASE)
_OFFERS = re.compile(rf"(?:(?:what|how) about|{PREPOSITION})\b", re.IGNORECASE)
_HOW_MUCH = re.compile(r"how (?P<much>(?:much|many|long|often|old|big|high|far)\b.*)", re.IGNORECASE)
_COUNTED = re.compile(r"(?:which|what) (?P<what>.*\ws)$", re.IGNORECASE)
_THE_OTHER = re.compile(r"^(?:(?:what|how) about )?the other(?: (?:one|(?P<noun>[a-z]+)))?\s*\??$", re.IGNORECASE)
_DETERMINER = re.compile(r"(?:the|an?|his|her|its|their|some)\b", re.IGNORECASE)
_SHORT_ANSWER = 8  # words
_VERBLESS = 4  # words; more are taken for a sentence
_SENTENCE = 3  # fewest words of a question that can be asked again


def completed(question: str, talk: Discourse) -> str:
    """The question in the frame of the last one; "" where it has a clause of its own, or the last one has none."""
    bare = OPENING.sub("", question)
    if len(words(talk.question)) < _SENTENCE:
        return ""
    fragment = _FRAGMENT.match(bare)
    if fragment and not (fragment["event"] and _OF_A_THING.match(fragment["asks"])):
        why = _why(talk) if fragment["asks"].lower() == "why" else ""
        return why or _asked_again(fragment["asks"], talk.question)
    if the_other := _THE_OTHER.match(bare):
        one, other = other_one(talk.turns, the_other["noun"] or "")
        return f"{talk.question.replace(one, other, 1)}?" if one else ""
    goes_on = bare != question or _OFFERS.match(bare)
    return _substituted(bare, talk) if goes_on or names(bare) or years(bare) else ""


def _why(talk: Discourse) -> str:
    """Why the one who answered "who?" did it: "Why is it that Ada Quill left?"; "" where nobody is known to have."""
    did, answer = deed(talk.clause), talk.last.answer
    if not did or not 0 < len(answer.split()) < _SHORT_ANSWER:
        return ""
    before = talk.question.removesuffix(talk.clause)
    return f"{before}{'why' if before else 'Why'} is it that {_lowered_article(answer)} {did}?"


def _lowered_article(answer: str) -> str:
    return lowered(answer) if _DETERMINER.match(answer) else answer


def _asked_again(asks: str, last: str) -> str:
    """The last question with other question words: "Where did it sink?" for "where?" after "When did it sink?"."""
    frame = INVERTED.match(last)
    much = _HOW_MUCH.fullmatch(frame["asks"]) if frame and asks.lower() == "why" else None
    if frame and much:
        return f"Why {frame['does']} {frame['rest']} so {much['much']}?"
    if frame and not asks_for_subject(frame):
        counted = _COUNTED.match(frame["asks"]) if asks.lower() == "how many" else None
        if counted:
            return f"{raised(asks)} {counted['what']} {frame['does']} {frame['rest']}?"
        return f"{raised(asks)} {frame['does']} {frame['rest']}?"
    if re.match(rf"{AUXILIARY}\b", last, re.IGNORECASE):
        return f"{raised(asks)} {lowered(last)}?"
    return f"{last}, and {lowered(asks)}?"


def _substituted(question: str, talk: Discourse) -> str:
    """The last question asked of something else: "and Tom Reed?" after "When did Ada Quill visit Tarn?"."""
    match = _NEW.match(question)
    if not match or len(words(match["new"])) > _VERBLESS:
        return ""
    last = f"{talk.question} in {talk.year}" if match["then"] and talk.year else talk.question
    placed = _PLACED.match(match["new"])
    if placed:
        return f"{_placed(last, placed)}?"
    old = _counterpart(match["new"], talk)
    return f"{last.replace(old, match['new'], 1)}?" if old else ""


def _placed(last: str, new: re.Match[str]) -> str:
    """The question with a phrase in place of the one that its preposition begins, or else at its end."""
    if years(new[0]):
        found = re.search(rf"(?<!^)\b{PREPOSITION} (?:1\d|20)\d\d\b", last, re.IGNORECASE)
        return f"{last[: found.start()]}{new[0]}{last[found.end() :]}" if found else f"{last} {new[0]}"
    name = rf"(?:the )?(?:[^\W\d_a-z][\w-]*(?: [^\W\d_a-z][\w-]*)*|\d+|[a-z]\w+(?=$| {PREPOSITION}\b))"
    same = re.search(rf"(?<!^)\b(?i:{new['preposition']}) (?!(?i:{ASKING})\b){name}", last)
    return f"{last[: same.start()]}{new[0]}{last[same.end() :]}" if same else f"{last} {new[0]}"


def _counterpart(new: str, talk: Discourse) -> str:
    """What in the last question a new name, year or noun stands in place of; "" where there is nothing like it."""
    last = talk.question
    if years(new):
        return next((match[0] for match in re.finditer(r"(?:\bin )?\b(?:1\d|20)\d\d\b", last)), "")
    named = [name.text for name in names(last)]
    if named and names(new):
        place = is_place(names(new)[0].text, f"{new} {talk.text}")
        return next((name for name in named if is_place(name, last) == place), named[0])
    nouns = re.findall(rf"\b{PREPOSITION} ((?:the )?[a-z]\w+)\b(?! [A-Z])", last)
    if not nouns and _DEFINITE.match(new):
        nouns = [phrase for phrase in phrases(talk.clause) if phrase in last]
    return nouns[-1] if nouns else named[0] if named else ""
