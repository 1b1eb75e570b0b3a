"""Noun phrases of a question: what "it" and "they" may stand for where no name does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from retrieval.followup.grammar import ASKING, AUXILIARY, PREPOSITION, SUBJECT, TIMES, possessive
from retrieval.tokens import STOP_WORDS

_NOT_IN_PHRASE = rf"(?!(?:{AUXILIARY}|{ASKING}|{PREPOSITION}|to|and|or|that|go|be|the|an?)\b)"
_PHRASE = re.compile(
    rf"\b(?:the|an?|its|their|his|her) (?P<words>(?:{_NOT_IN_PHRASE}[\w'’-]+ ?){{1,4}})"
    r"(?P<where>(?:(?:of|against|between) (?:the )?[\w-]+|(?:in|at|on|to|with) (?:the )?(?-i:[A-Z])[\w-]*)"
    r"(?: (?-i:[A-Z])[\w-]*)*)?",
    re.IGNORECASE,
)
_BEFORE_VERB = re.compile(
    rf"^(?:{PREPOSITION} )?(?:{ASKING} )?(?:.*\b)?"
    r"(?:did|does|do|will|would|can|could|should|has|had|have|(?P<be>was|were|is|are)) $",
    re.IGNORECASE,
)
_PARTICIPLE = re.compile(r"(?:ed|en|wn|ilt|eld|ade|ought|aught|ung|shot|sent|lost|left|kept|held|met|hit|put|set|cut)$")
_WHY = re.compile(r"(?:.*: )?why\b", re.IGNORECASE)
_OWNED = re.compile(r"['’]s$")

_PLURAL = re.compile(
    rf"\b(?i:do|did|are|were|have|will|can|should) (?P<thing>(?:(?!(?:{AUXILIARY}|{PREPOSITION})\b)[a-z][\w-]* )?"
    r"[a-z][\w-]*[^\Ws]s)\b"
)

_NOUN = rf"(?!{AUXILIARY}\b|else\b)[\w-]+"
_ONE = re.compile(
    rf"^(?:which|what) (?P<what>{_NOUN}(?<!s)(?: of [\w ,-]+?)?) (?P<does>did|does|do) (?P<rest>.+)$", re.IGNORECASE
)
_SEVERAL = (
    rf"^(?:{PREPOSITION} )?(?:which|what|how many) "
    rf"(?P<what>(?:{_NOUN} )?(?!(?:{AUXILIARY}|{TIMES})\b)(?:[\w-]*[^\Ws]s|people|men|women|children)(?: of [\w -]+?)?)"
)
_MANY = re.compile(rf"{_SEVERAL} (?P<does>{AUXILIARY}) (?P<rest>.+)$", re.IGNORECASE)
_MANY_WHO_DO = re.compile(rf"{_SEVERAL} (?P<verb>(?!{AUXILIARY}\b).+)$", re.IGNORECASE)


def phrases(question: str) -> Iterator[str]:
    """The definite forms of the noun phrases of a question, in order: "the security conference in Sochi"."""
    for match in _PHRASE.finditer(question):
        run: list[str] = []
        for word in match["words"].split():
            if word.lower() in STOP_WORDS:
                break
            run.append(_OWNED.sub("", word))
            if run[-1] != word:
                break
        whole = len(run) == len(match["words"].split())
        before = _BEFORE_VERB.match(question[: match.start()])
        verb = _verb(run, bool(before["be"]), whole and _WHY.match(question) is not None) if before else len(run)
        if verb < len(run):
            run, whole = run[:verb], False
        if run:
            yield f"the {' '.join(run)}{' ' + match['where'] if match['where'] and whole else ''}"


def plural(question: str) -> str:
    """The things without a name or an article that do something: "bees" of "How do bees make honey?"; "" for none."""
    match = _PLURAL.search(question)
    return match["thing"] if match and match["thing"].split()[0] not in STOP_WORDS else ""


def _verb(run: Sequence[str], passive: bool, doing: bool) -> int:
    """Where the verb stands among words that begin with its subject: "ferry leave Tarn"; their number if nowhere.

    :param passive: a form of "be" stands before them
    :param doing: then a last word in "-ing" is a verb ("why is the ferry leaving"), and not a noun ("the old building")
    """
    for place in range(1, len(run)):
        last = place + 1 == len(run)
        if run[place].islower() and (
            _PARTICIPLE.search(run[place]) or (last and doing and run[place].endswith("ing"))
            if passive
            else last or run[place + 1][0].isupper()
        ):
            return place
    return len(run)


def asked_for(question: str) -> str:
    """What a question that begins with "which" asks for: "Moscow's pact with Tarn" of "Which pact did Moscow …"."""
    match = _ONE.match(question)
    return _of(match) if match else ""


def asks_for_many(question: str) -> bool:
    """Whether a question asks for several things: "Which masons built it?"."""
    return (_MANY.match(question) or _MANY_WHO_DO.match(question)) is not None


def asked_for_many(question: str, subject: bool) -> str:
    """The same of several: "the masons that built the bridge"; ``subject``: only of those that do something."""
    match = _MANY.match(question)
    if not subject:
        return _of(match) if match else ""
    match = None if match else _MANY_WHO_DO.match(question)
    return f"the {match['what']} that {match['verb']}" if match else ""


def _of(match: re.Match[str]) -> str:
    """What is asked for, and whose it is; of the verb's other complements only what a preposition begins."""
    subject = SUBJECT.match(match["rest"])
    if not subject or _OWNED.search(subject[0]) or re.match(rf" {PREPOSITION}\b", match["rest"][subject.end() :]):
        return f"the {match['what']}"
    where = re.match(rf" \w+ (?P<where>(?:\w+ly )?{PREPOSITION} .+)", match["rest"][subject.end() :])
    return f"{possessive(subject[0])} {match['what']}{' ' + where['where'] if where else ''}"


def longest_phrase(noun: str, text: str) -> str:
    """The longest definite phrase in a text whose noun this is: "the harbour bridge" for "bridge"; "" without one."""
    words = rf"(?!(?:{AUXILIARY}|{PREPOSITION}|and|that|who)\b)[\w’'-]+"
    where = r"(?: (?:of|in|at|on|for|between|against) (?:the )?[A-Z][\w-]*(?: [A-Z][\w-]*)*)?"
    pattern = re.compile(rf"\b(?:the|an?) ((?:{words} ){{0,3}}{re.escape(noun)}{where})\b", re.IGNORECASE)
    longest = max((match[1] for match in pattern.finditer(text)), key=len, default="")
    return f"the {longest}" if len(longest) > len(noun) else ""
