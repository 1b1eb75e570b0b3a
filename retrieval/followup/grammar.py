"""The small words of English that follow-ups are told by, as parts of patterns."""

from __future__ import annotations

import re

AUXILIARY = r"(?:did|does|do|is|are|was|were|has|have|had|will|would|can|could|should|may|might|must)"
ASKING = r"(?:whom|whose|who|what|which|when|where|why|how)"
PREPOSITION = (
    r"(?:about|after|against|at|before|between|by|during|for|from|in|into|of|on|over|since|to|towards?|under|until"
    r"|with)"
)
TIMES = r"(?:years?|times?|periods?|decade|era|season|months?|days?|summer|point)"
PEOPLE = r"(?:man|woman|person|general|president|minister|author|writer|leader|guy|lady|official|speaker)"
TRAVELS = r"(?:go|goes|going|went|gone|travel\w*|come|came|return\w*|mov(?:e|ed|es|ing)|get|got|sent|send|fly|flew)"

OPENING = re.compile(r"^(?:(?:and|but|so|or|also|then)\b[,\s]*)+", re.IGNORECASE)
#: Words that ask, then an auxiliary, then the rest: "From which port | did | the ferry leave".
INVERTED = re.compile(
    rf"^(?P<asks>(?:{PREPOSITION} )?{ASKING}\b(?: (?!{AUXILIARY}\b)[\w'’-]+){{0,8}}?)"
    rf" (?P<does>{AUXILIARY}) (?P<rest>.+)$",
    re.IGNORECASE,
)
SUBJECT = re.compile(
    r"(?:(?:[Tt]he|[Aa]n?) )?(?:[^\W\d_a-z][\w'’-]*(?: (?:[^\W\d_a-z][\w'’-]*|of(?= [^\W\d_a-z])))*|[a-z][\w-]+)"
)

_NAME_AND_VERB = re.compile(
    rf"(?P<name>(?:[Tt]he )?[^\W\d_a-z][\w'’-]*(?: [^\W_a-z][\w'’-]*)*) (?!{PREPOSITION}\b|and\b)(?P<verb>[a-z]+)"
    r"(?P<after>(?: .+)?)$"
)
_WHO = re.compile(rf"(?:who|which (?!{PREPOSITION}\b)[\w-]+) (?P<did>.+)$", re.IGNORECASE)


def asks_for_subject(question: re.Match[str]) -> bool:
    """Whether an inverted question asks who did it ("Who will lead the talks?"), so that nothing can be swapped."""
    rest = question["rest"]
    begins_noun = re.match(r"(?:the|an?|his|her|its|their|this|that|these|those) |[^\W\d_a-z]", rest) is not None
    return not begins_noun and re.match(r"(?:who|what|which)\b", question["asks"], re.IGNORECASE) is not None


def deed(question: str) -> str:
    """What somebody did, of a question for who or which: "built it" of "Which masons built it?"; "" of others."""
    asked = _WHO.match(question.rstrip(" ?"))
    frame = INVERTED.match(question)
    return asked["did"] if asked and (not frame or asks_for_subject(frame)) else ""


def stated(question: str) -> str:
    """What a question takes for granted, as a noun phrase: "Quill leaving Tarn" of "When did Quill leave Tarn?".

    "" where it asks who did it, or where the subject is no name, so that nothing tells where the verb begins.
    """
    frame = INVERTED.match(question.rstrip(" ?"))
    said = None if not frame or asks_for_subject(frame) else _NAME_AND_VERB.match(frame["rest"])
    if not frame or not said:
        return ""
    if frame["does"].lower() in {"is", "are", "was", "were"}:
        return f"{said['name']} being {said['verb']}{said['after']}"
    if frame["does"].lower() in {"did", "do", "does"}:
        return f"{said['name']} {_gerund(said['verb'])}{said['after']}"
    return ""


def _gerund(verb: str) -> str:
    """ "leaving", "stopping", "dying" of "leave", "stop", "die"."""
    if verb.endswith("ie"):
        return f"{verb[:-2]}ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")) and verb != "be":
        return f"{verb[:-1]}ing"
    doubles = re.fullmatch(r"[^aeiou]*[aeiou][^aeiouwxy]", verb)
    return f"{verb}{verb[-1]}ing" if doubles else f"{verb}ing"


def possessive(name: str) -> str:
    """ "Tarn's", "the masons'"."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def lowered(text: str) -> str:
    """The text with a small first letter, for the middle of a sentence."""
    return f"{text[:1].lower()}{text[1:]}"


def raised(text: str) -> str:
    """The text with a capital first letter."""
    return f"{text[:1].upper()}{text[1:]}"
