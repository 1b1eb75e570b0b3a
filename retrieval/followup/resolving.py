"""A follow-up to a question that stands alone, by rules over the earlier questions and the quotes that answered them.

What is left out is filled in from the question before ("when?", "and Putin?"), what points back is replaced by
what it points to ("he", "that year", "there"), and a question that names nothing gets the subject before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.followup.discourse import Discourse
from retrieval.followup.ellipsis import completed
from retrieval.followup.grammar import AUXILIARY, OPENING, PEOPLE, PREPOSITION, TIMES, lowered, raised
from retrieval.followup.mentions import names
from retrieval.followup.phrases import phrases
from retrieval.followup.pronouns import THERE_IS, Resolution, pointed
from retrieval.followup.turns import PERSON, Turn
from retrieval.tokens import STOP_WORDS, words

_POINTS_BACK = re.compile(
    r"\b(?:he|she|it|they|him|his|her|hers|its|them|their|theirs|this|these|those|former|latter)\b"
    rf"|\b(?:{AUXILIARY}|{PREPOSITION}|like) that\b|\bthat (?:{TIMES}|{PEOPLE})\b|^that\b|\bthat\s*\??$"
    r"|\byears (?:earlier|later)\b"
    rf"|\b(?:else|too|as well|back then|since then)\s*\??$|\b(?:the|in) {TIMES} (?:after|before)\s*(?:[?,]|$)"
    rf"|\bthe (?:next|following|previous|same) {TIMES}\b",
    re.IGNORECASE,
)
#: "that" for all that was asked before, and not for a noun.
_EVENT = re.compile(
    rf"\b(?:{AUXILIARY}|{PREPOSITION}|announced|said|say|like|mean) (?:that|this)"
    r"(?=\s*[?,]|\s*$|\s+(?:go|goes|going|mean|matter|happen|change|affect|help|lead|work|been?|still)\b)",
    re.IGNORECASE,
)
_THAT = re.compile(
    rf"(?P<before>\b(?:{AUXILIARY}|{PREPOSITION}|announced|said|say|like|mean) )(?:that|this)\b", re.IGNORECASE
)
#: Somebody, and "before" at the end, but not "has she ever … before?" or "the year before".
_BEFORE_WHAT = re.compile(
    rf"^(?!has\b|have\b|had\b|.*\bever\b|.*\b{TIMES} before\b).*\b(?P<who>he|she|him|his|her)\b.*"
    r" (?:before|afterwards)\s*\??$",
    re.IGNORECASE,
)
_SUBJECT_FORM = {"he": "he", "him": "he", "his": "he", "she": "she", "her": "she"}
#: What somebody said or did, but not to what: "What did India say?".
_REACTS = re.compile(
    rf"^(?:what|how|why) {AUXILIARY} (?:the )?(?-i:[^\W\d_a-z])[\w-]*(?: (?-i:[^\W\d_a-z])[\w-]*){{0,3}}"
    r" (?:say|think|feel|react|respond|reply|answer|comment|object|protest|agree|disagree|decide)\s*\??$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(rf"{OPENING.pattern}|^(?:what|how) about\b", re.IGNORECASE)
_DEFINES = re.compile(r"^(?:who|what|where)(?:['’]s| is| are| was| were) (?:the|a|an)\b", re.IGNORECASE)
#: Content words from which a question stands alone: what goes on from another needs more, what names something fewer.
_ENOUGH, _ENOUGH_GOING_ON, _ENOUGH_DEFINED, _ENOUGH_NAMED = 4, 4, 3, 2
_WHOLE = 2  # content words with which a question may begin a new subject


#: What announces another subject: "OK, different topic: …", "Now something else, …".
_ANNOUNCES = re.compile(
    r"^(?:(?:ok|okay|right|so|well|now|and|but)\b[,.:]?\s+)*(?:(?:an?|the|on to an?)\s+)?"
    r"(?:(?:different|new|other|another|next)\s+(?:topic|subject|question|matter|thing)|something\s+(?:else|different|new)"
    r"|change\s+of\s+(?:topic|subject))\b\s*[:,.;–—-]\s*(?P<rest>\S.*\w.*)$",
    re.IGNORECASE | re.DOTALL,
)
_COURTESIES = frozenset({"thanks", "thank", "you", "ok", "okay", "hello", "hi", "hey", "great", "bye", "please"})


def on_something_new(question: str) -> str:
    """What is asked by a question that announces another subject: it leans on nothing; "" where none is announced."""
    announced = _ANNOUNCES.match(question)
    return raised(announced["rest"]) if announced else ""


def leans(question: str) -> bool:
    """Whether a question points back ("it", "there"), goes on ("and …") or says too little to stand alone."""
    if set(words(question)) <= _COURTESIES:  # nor does one without a word, such as "?"
        return False
    if (
        _REACTS.match(OPENING.sub("", question))
        or _POINTS_BACK.search(question)
        or (re.search(r"\bthere\b", question, re.I) and not THERE_IS.search(question))
    ):
        return True
    content = len({word for word in words(question) if not word.isdigit()} - STOP_WORDS)
    if _GOES_ON.match(question):
        return content < _ENOUGH_GOING_ON
    if names(question):
        return content < (1 if _DEFINES.match(question) else _ENOUGH_NAMED)
    return content < (_ENOUGH_DEFINED if _DEFINES.match(question) else _ENOUGH)


def may_stand_alone(question: str) -> bool:
    """Whether a question that leans may as well begin a new subject: it points back to nothing and says two words."""
    if _POINTS_BACK.search(question) or _GOES_ON.match(question) or re.search(r"\bthere\b", question, re.I):
        return False
    return len({word for word in words(question) if not word.isdigit()} - STOP_WORDS) >= _WHOLE


def resolve(question: str, turns: Sequence[Turn]) -> Resolution | None:
    """The question as it would be asked without what came before it, or ``None`` if it stands alone.

    :param turns: what was asked before, oldest first
    """
    if not turns or not leans(question):
        return None
    talk = Discourse(turns)
    bare = OPENING.sub("", question)
    if whole := completed(question, talk):
        return Resolution(whole, {})
    made = pointed(bare, talk)
    if _EVENT.search(made.text) and not talk.subject:
        made = Resolution(_of_event(talk, made.text), {})
    elif deed := _deed_before(bare, made, talk):
        made = made._replace(text=f"{made.text.rstrip(' ?').removesuffix('wards')} {deed}?")
    elif (not names(made.text) and not made.referents) or _REACTS.match(bare):
        made = Resolution(_in_full(made.text, talk) or _about(talk.matter, made.text), {})
    if made.text == bare:
        return None
    return made._replace(text=raised(made.text)) if question[:1].isupper() else made


def _deed_before(question: str, made: Resolution, talk: Discourse) -> str:
    """What follows the "before" or "after" that a question ends with: "she left" of "What did she do before?"."""
    pronoun = _BEFORE_WHAT.search(question)
    person = made.referents.get(PERSON, "")
    return talk.deed_of(person, _SUBJECT_FORM[pronoun["who"].lower()]) if pronoun and person else ""


def _of_event(talk: Discourse, question: str) -> str:
    """The question with what "that" stands for in its place: "Why did the ferry leaving Tarn matter?"."""
    if talk.event:
        return _THAT.sub(lambda match: f"{match['before']}{talk.event}", question, count=1)
    return f"{talk.question.partition(': ')[0]}: {lowered(question)}"


def _in_full(question: str, talk: Discourse) -> str:
    """The question with a thing as fully as the last one called it; "" where it names no thing of the last one."""
    found = ((thing, talk.asked_about(thing)) for thing in phrases(question) if not talk.subject)
    return next((question.replace(thing, fuller, 1) for thing, fuller in found if fuller and thing in question), "")


def _about(matter: str, question: str) -> str:
    """The question with its subject before it: "Tarn bridge: who paid?"."""
    return f"{matter}: {lowered(question)}" if set(words(matter)) - STOP_WORDS - set(words(question)) else question
