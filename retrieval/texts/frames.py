"""Where a question may name who says a thing, and what is then asked of them: "According to Ada Quill, why …?".

Only the question's own words are read; whether a name is one of an author's is for others to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from retrieval.tokens import STOP_WORDS, stem, words


class Asks(Enum):
    """What a question wants of the one it names."""

    WORDS = "what they say on something else"
    TOPIC = "what they say of a subject"
    SELF = "who they are"


class Frame(NamedTuple):
    """A place of a question where a name may stand."""

    name: str
    asks: Asks
    question: str  # what is asked, without the frame and the name


def _set(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


def _stems(listed: str) -> frozenset[str]:
    return frozenset(map(stem, _set(listed)))


#: Verbs that say no more than that somebody says it: the question is asked without them.
_SAYS = _stems(
    "say said think thought write wrote written argue claim believe state mention report describe explain"
    " conclude maintain assert contend declare comment remark discuss"
)
#: Those by which "how" asks for an opinion: "How does Ada Quill see the strike?".
_SEES = _stems("see saw seen view regard consider assess judge describe explain")
_FEELS = re.compile(r"\s+feels?\b", re.IGNORECASE)
#: Verbs of a stand that is taken: part of what is asked.
_STANDS = _stems(
    "want propose suggest recommend advise predict expect forecast warn hope fear doubt criticise criticize blame"
    " support oppose favour favor prefer reject accept defend demand urge call praise condemn question agree disagree"
)
_VIEWS = (
    r"(?:views?|opinions?|positions?|stances?|arguments?|take(?= on\b)|thoughts|perspectives?|attitudes?|assessments?"
    r"|judge?ments?|criticisms?|claims?|verdict|conclusions?|words|mind|eyes|point of view)"
)
_WRITINGS = r"(?:articles?|columns?|op-?eds?|essays?|pieces?|papers?|editorials?)"
_VERBS = "do|does|did|is|are|was|were|has|have|had|would|will|can|could|should|might"
#: Within a question it has no capital: "Will" is a name there.
_AUXILIARY = re.compile(rf"(?:^(?i:{_VERBS})|\s(?:{_VERBS}|{_VERBS.upper()}))\s+$")
_BE = re.compile(r"is|are|was|were", re.IGNORECASE)
_PLURAL = {"does": "do", "is": "are", "was": "were", "has": "have"}
#: What follows a name that "according to" stands before: the end, a mark or a question.
_FRAME_ENDS = re.compile(
    rf"\s*(?:$|[,;:?!.(])|\s+(?:what|how|why|where|when|who|which|whether|if|{_VERBS})\b", re.IGNORECASE
)
_ACCORDING = re.compile(rf"(?:^|,?\s)(?:according to|(?:in|from) the {_VIEWS} of|as seen by)\s+$", re.IGNORECASE)
_VIEW_OF = re.compile(rf"(?:^|\s)(?:the\s+)?{_VIEWS} of\s+$", re.IGNORECASE)
_WITHIN = re.compile(r"(?:^|,?\s)(?:in|from|to)\s+$", re.IGNORECASE)
_ASKING = re.compile(r"(?:^|\s)(?P<asks>what|how|why|where|when|who|which|whether|if)\s+$", re.IGNORECASE)
_WHO = re.compile(r"\s*(?:and |so )?who(?:['’]s| is| was| are| were)\s+$", re.IGNORECASE)

_HAS_VIEW = re.compile(rf"(?:['’]s?)?\s+(?:[\w-]+\s+)?{_VIEWS}\b,?", re.IGNORECASE)
_SPEAKS = re.compile(
    rf"(?:['’]s?\s+(?:[\w-]+\s+)?{_WRITINGS})?\s+(?:(?:\w+ly|also|ever|still|himself|herself)\s+)?(?P<verb>[a-z]+)\b"
    r"(?:\s+that\b)?",
    re.IGNORECASE,
)
_STAND = re.compile(r"\s+(?:stand|come down)\b", re.IGNORECASE)
_ON = re.compile(r"\s*(?:on|about|of|regarding|concerning|towards?|over)\s+(?P<topic>\S.*)", re.IGNORECASE | re.DOTALL)
_HEADLINE = re.compile(r"\s+(?:on|about)\s+\S", re.IGNORECASE)
_GOES_ON = re.compile(r"\s+(?:(?:and|or|&)\s+)?(?![a-z])[^\W\d_]")  # the name does
_POSSESSIVE = re.compile(r"['’]s?$")
_NAME_WORD = re.compile(r"[^\W\d_][^\s,;:?!()“”\"]*")
_OPENERS = STOP_WORDS | _set("whats explain describe summarise summarize show give outline know want main compare")
_NO_NAME = STOP_WORDS - {"the"}  # "the Harbour Post"
_CAPITALISED = r"(?![a-z])[^\W\d_][^\s,;:?!()“”\"]*"
_SEVERAL = re.compile(rf"{_CAPITALISED}(?: {_CAPITALISED})*(?:, {_CAPITALISED}(?: {_CAPITALISED})*)+,? (?:and|&) [^,]+")

_BREAK = re.compile(r"[,;:?!()“”\"]")
_OPEN = frozenset({"", "what", "how", "and what", "so what", "and how"})

_LONGEST = 500  # characters; what is longer is a text and no question
_MOST_WORDS = 9  # of a name, or of several
_REACH = 60  # characters before and behind a name in which its frame is looked for
_CLOSE = "?.!, \t\r\n\xa0"


def frames(question: str) -> Iterator[Frame]:
    """The places where a name may stand; of one beginning the longest name first.

    A name in capitals is whole: "James" is none where "James Bond" is named, nor is one of "Ivo and Ada".
    """
    for before, name, after in _spots(question) if len(question) <= _LONGEST else ():
        yield from _framed(before, name, after)


def _spots(question: str) -> Iterator[tuple[str, str, str]]:
    """Every few words in a row with the text before and behind them."""
    spoken = list(_NAME_WORD.finditer(question))
    for first, begin in enumerate(spoken):
        before = question[: begin.start()]
        if _is_no_name(begin[0], before, question[begin.end() :]) or not _may_lead(before):
            continue
        for last in reversed(spoken[first : first + _MOST_WORDS]):
            name, after = question[begin.start() : last.end()], question[last.end() :]
            if _BREAK.search(name) and not _SEVERAL.fullmatch(name):
                continue
            if last[0][0].isupper() and _GOES_ON.match(after):
                continue
            owner = _POSSESSIVE.sub("", name)
            yield before, owner, question[begin.start() + len(owner) :]


def _is_no_name(word: str, before: str, after: str) -> bool:
    """Whether a word is one that no name begins with, but for a capital amid a question: "Will Young"."""
    return word.lower() in _NO_NAME and not (before and word[0].isupper() and _GOES_ON.match(after))


def _may_lead(before: str) -> bool:
    near = before[-_REACH:]
    return any(lead.search(near) for lead in (_AUXILIARY, _ACCORDING, _VIEW_OF, _WITHIN, _ASKING)) or _opens(before)


def _framed(before: str, name: str, after: str) -> Iterator[Frame]:
    near = before[-_REACH:]
    if _WHO.fullmatch(near) and not after.strip(_CLOSE):
        yield Frame(name, Asks.SELF, "Who is the author?")
        return
    lead = _ACCORDING.search(near)
    if lead and _FRAME_ENDS.match(after):
        yield _asked(name, before[: len(before) - len(lead[0])], after)
    owned = _HAS_VIEW.match(after)
    if owned and (owned[0][0] in "'’" or name.endswith("s") or not _AUXILIARY.search(near)):  # "did Ivo take"
        own = name if after[:1] in "'’" or not name.endswith("s") else name[:-1]  # "brandts view"
        for called in dict.fromkeys((name, own)):
            if lead := _WITHIN.search(near):
                yield _asked(called, before[: len(before) - len(lead[0])], after[owned.end() :])
            elif _opens(before):
                yield _asked(called, "What", after[owned.end() :])
    elif _opens(_VIEW_OF.sub("", before)) and (_VIEW_OF.search(near) or (not before and _HEADLINE.match(after))):
        yield _asked(name, "What", after)
    yield from _speaking(before, name, after)


def _speaking(before: str, name: str, after: str) -> Iterator[Frame]:
    """Frames in which the one who is named is the subject of a verb of speech."""
    near = before[-_REACH:]
    lead, speaks = _AUXILIARY.search(near), _SPEAKS.match(after)
    verb = stem(speaks["verb"].lower()) if speaks else ""
    if lead and speaks and _BE.fullmatch(lead[0].strip()) and not speaks["verb"].lower().endswith("ing"):
        return  # "was Ivo called"
    if lead:
        asking = before[: len(before) - len(lead[0])]
        how = asking.lower().endswith("how")
        if _STAND.match(after) and asking.lower().endswith("where"):
            yield _asked(name, "What", _STAND.sub("", after, count=1))
        elif how and _FEELS.match(after):
            yield _asked(name, asking, _FEELS.sub("", after, count=1))
        elif speaks and (verb in _SAYS or (how and verb in _SEES)):
            said = after[speaks.end() :]
            yield _asked(name, asking, f"of{said}" if how and verb in _SEES else said)
        elif speaks and verb in _STANDS:
            helps = _PLURAL.get(lead[0].strip().lower(), lead[0].strip())
            yield Frame(name, Asks.WORDS, f"{asking} {helps} they{after}".strip())
    elif speaks and verb in _SAYS and (lead := _ASKING.search(near)):
        asks = lead["asks"]
        yield _asked(name, "" if asks.lower() in ("whether", "if") else asks, after[speaks.end() :])


def _asked(name: str, before: str, after: str) -> Frame:
    """What is left of a question when who says it is taken out: "What about X?" where it is what they say of X."""
    before, after = before.strip(_CLOSE), after.rstrip(_CLOSE)
    about = _ON.match(after)
    if about and before.lower() in _OPEN:
        return Frame(name, Asks.TOPIC, f"What about {about['topic']}?")
    return Frame(name, Asks.WORDS, f"{before} {after.strip(_CLOSE)}".strip() + "?")


def _opens(before: str) -> bool:
    """Whether nothing is asked yet: "Tell me what is the"."""
    return len(before) <= _REACH and set(words(before)) <= _OPENERS
