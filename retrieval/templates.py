"""Statements to the questions that they answer, by templates.

Only verbs whose forms are known are changed, so that no grammar is guessed: "Ada Quill opened the bridge in 1874"
asks "Who opened the bridge in 1874?" and "When did Ada Quill open the bridge?".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.texts.lexicon import COUNTRIES, EVENTS, SMALL_NUMBERS
from retrieval.texts.quantities import dates
from retrieval.texts.verbs import inverted
from retrieval.tokens import STOP_WORDS, stem, words
from retrieval.types import Passage, Span

_WORDS = range(4, 18)  # of a question

#: What only the article around a statement makes clear.
_LEANS = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|this|these|those|there|then|such|former|latter|same|again"
    r"|both|other|another|we|our|you|i|my|now|today|ago|currently|recently|thus|therefore|however"
    r"|(?:last|next) (?:year|month|week)|the (?:(?:two|country|countries|sides?|parties|author|writer|article)\b"
    r"|(?-i:[a-z]+)(?=\?$)))\b|[“”\"]",
    re.IGNORECASE,
)
#: What only joins a statement to the one before it.
_ADDING = re.compile(r" (?:also|too|as well)\b|\bthe then (?=[A-Z])")
#: A capitalised word or a figure, other than the first word.
NAME = re.compile(r"(?<=\s)(?:[^\W\d_a-z][\w’'-]*|[\w-]*\d[\w-]*)")
_CLAUSE_END = re.compile(r",(?!\d)|[;:–—(]|\s-\s|[.!?]?$")
_SUBJECT = re.compile(
    r"(?P<subject>(?:The )?[A-Z][\w’'.-]*(?:(?: of| de| bin| al)? [A-Z][\w’'.-]*)*)(?:,[^,]{3,80},)? (?P<verb>[a-z]+)\b"
)
#: What "The …" is that a sentence begins with; a council that "will decide" is none.
_THING = re.compile(
    r"The (?!first|second|third|last|other|only)(?:[a-z][\w’'-]* ){1,3}?"
    r"(?P<verb>is|was|are|were|has|have|had|will(?! (?:decide|vote|meet|rule|announce|discuss|say|consider"
    r"|choose|publish|present|debate|ask)\b)|came|made|began|led)\b"
)
_SOME = frozenset({"Several", "Many", "Some", "Most", "Few"})
#: "was Colonel-General Yevgeny Sysoyev": a name of two words is taken for a person's.
_IS_PERSON = re.compile(r"(?P<is>is|was) (?:[A-Z][\w’'-]+ ){1,4}?[A-Z][\w’'-]+(?=[,.]|$)")
_LIST_GOES_ON = re.compile(r",\s+[\w’'-]+(?:\s[\w’'-]+){0,2},?\s+(?:and|or)\b")
_SINGULAR = {"have": "has", "are": "is", "were": "was"}
_FEWEST_TOLD = 2  # content words of what is asked about a subject
_COUNTRY_WORDS = frozenset(word for name in COUNTRIES.values() for word in name.split("-")) | COUNTRIES.keys()
_LONG_NAME = 5  # letters of a country, from which what begins so is of it
_STATES = frozenset({"union", "federation", "republic", "states", "kingdom"})
#: What a name ends in that is nobody's.
_THINGS = frozenset(
    """agreement treaty accord pact act plan policy programme program project pipeline corridor initiative conference
    summit meeting exercise exercises declaration war wars road belt way mills complex plant bridge sea ocean bay island
    peninsula mountains river lake valley pass region province city airport port station doctrine crisis incident
    embargo statement resolution charter constitution group deal company corporation firm works factory foundry brewery
    hotel school college university hospital cathedral mosque theatre museum library canal quay lighthouse society
    council committee gazette festival railway""".split()  # noqa: SIM905  as in STOP_WORDS
)
#: Those that are also last names: a thing's only behind "The".
_HOUSES = frozenset(
    """bank hall house inn church chapel temple tower castle palace court market square street gate park garden dam lock
    pier dock club party office post fair cup prize line""".split()  # noqa: SIM905
)
#: What is done to things, and what they do: whose name is not known for a person's may be a thing's then.
_OF_THINGS = re.compile(
    r"(?:(?:was|were|is|are|has been|have been|had been) (?:\w+ly )?)(?:founded|established|built|rebuilt|erected|hit"
    r"|burned|burnt|opened|reopened|closed|demolished|restored|launched|located|situated|designed|constructed|completed"
    r"|inaugurated|moved|flooded|destroyed|damaged|sold|bought|named|made|struck|owned)\b|(?:burned|burnt|collapsed|sank"
    r"|stands?|stood|runs?|ran|opened|reopened|closed|went bankrupt)\b(?! (?:the|a|an|[A-Z]))"
)
_SUBORDINATE = re.compile(r"(?:what|when|while|after|before|although|though|if|as|since|not)\b", re.IGNORECASE)
_BECAUSE = re.compile(r"^(?P<clause>[^,;:]{20,120}?),? because\b")
_COUNTED_HEADING = re.compile(
    rf"(?:The )?(?P<heading>(?P<whose>[\w’'-]+['’]s )?(?:{'|'.join(SMALL_NUMBERS)}) [\w-]+s\b.*)", re.IGNORECASE
)
_VERBS = frozenset(
    """is was are were has had have will would can could may must does did went came took gave made met held began led
    became sent put won lost broke brought built bought fell felt found fought got grew kept knew left paid ran said saw
    sold stood taught told thought wrote sank rose drew chose spoke""".split()  # noqa: SIM905  as in STOP_WORDS
)


def questions(passage: Passage) -> Iterator[tuple[str, Span]]:
    """Questions that stand alone, each with the statement of the passage that answers it, in the article's offsets."""
    heading = _COUNTED_HEADING.fullmatch(passage.section)
    if heading and passage.sentences:
        named = heading["heading"]
        asked = f"What are {named if heading['whose'] else f'the {named[:1].lower()}{named[1:]}'}?"
        if NAME.search(asked):
            yield asked, passage.sentences[0]
    for span in passage.sentences:
        sentence = passage.text[span.start - passage.start : span.end - passage.start]
        for made in _of_sentence(sentence, passage.text):
            question = _ADDING.sub("", made)
            if len(question.split()) in _WORDS and NAME.search(question) and not _LEANS.search(question):
                yield question, span


def _of_sentence(sentence: str, passage: str) -> Iterator[str]:
    """The questions that one statement answers, for a person to ask."""
    subject = _SUBJECT.match(sentence)
    named = subject and _is_verb(subject["verb"]) and _is_name(subject["subject"], passage)
    if subject and named and (who := _who(subject["subject"], passage)):
        told = sentence[subject.start("verb") :]
        yield from () if who == "Who" and _OF_THINGS.match(told) else _asking(who, told)
    if thing := _THING.match(sentence):
        person = _IS_PERSON.match(sentence, thing.start("verb"))
        if person:
            yield f"Who {person['is']} {sentence[: thing.start('verb')].strip().replace('The ', 'the ', 1)}?"
        else:
            yield from _asking("What", sentence[thing.start("verb") :])
    found = dates(sentence)
    if len(found) == 1 and found[0].is_point and _dates_the_clause(sentence, found[0].span):
        clause = _clause(_without(sentence, found[0].span))
        yield from _inverted("When", clause, passage)
    if reason := _BECAUSE.match(sentence):
        yield from _inverted("Why", reason["clause"], passage)


def _who(subject: str, passage: str) -> str:
    """The words that ask for a subject: a country, a thing, somebody called by a full name; "" where none is sure."""
    bare = subject.removeprefix("The ")
    named = bare.lower().split()
    if not _STATES.issuperset(named) and all(word in _STATES or _is_of_country(word) for word in named):
        return "Which country"
    if named[-1] in _THINGS:
        return "What"
    if named[-1] in _HOUSES:
        return "What" if bare != subject else ""
    full = rf"\b[A-Z][\w’'.-]+ (?:(?:bin|al|de) )?{re.escape(bare)}\b(?! [A-Z])"
    return "Who" if " " in bare or re.search(full, passage) else ""


def _is_of_country(word: str) -> bool:
    """ "Russia" and "Russian"."""
    return word in _COUNTRY_WORDS or any(word.startswith(name) for name in _COUNTRY_WORDS if len(name) >= _LONG_NAME)


def _asking(who: str, predicate: str) -> Iterator[str]:
    clause = _clause(predicate)
    told = {word for word in _content(clause) if not word.isdigit()}
    enough = len(told) >= _FEWEST_TOLD
    verb, _, rest = clause.partition(" ")
    if who == "What" and verb in _SINGULAR:
        return
    if _is_statement(clause) and enough and not re.match(r"\w+ not\b", clause):
        yield f"{who} {_SINGULAR.get(verb, verb)} {rest}?"


def _inverted(asks: str, clause: str, passage: str) -> Iterator[str]:
    """ "When did …?", for a statement that begins with a name or with a word that is certainly none."""
    clause = re.sub(r" (?:either|partly|mainly|largely|only|just|simply|precisely)$", "", clause)
    first = clause.partition(" ")[0]
    common = first.lower() in STOP_WORDS or first.lower() in SMALL_NUMBERS or first in _SOME
    turned = inverted(clause[:1].lower() + clause[1:] if common else clause)
    if turned and _is_statement(clause) and (common or _is_name(first, passage)):
        yield f"{asks} {turned}?"


def _is_statement(clause: str) -> bool:
    """Whether the clause says something by itself, and one thing only."""
    _, says_that, said = clause.partition(" that ")
    joined = re.search(r"\band (?:[A-Z][\w’'-]+ )+(\w+)", clause)
    return (
        clause[:1].isalpha()
        and not _SUBORDINATE.match(clause)
        and any(_is_verb(word) for word in clause.split())
        and not (joined and _is_verb(joined[1]))
        and (not says_that or any(_is_verb(word) for word in said.split()))
    )


def _clause(text: str) -> str:
    """The text up to the first comma or other mark."""
    end = _CLAUSE_END.search(text)
    if end and _LIST_GOES_ON.match(text, end.start()):
        return ""
    return " ".join(text[: end.start() if end else len(text)].split()).rstrip(".")


def _without(sentence: str, span: Span) -> str:
    """The sentence without its date and the preposition before it."""
    before = re.sub(r"\b(?:in|on|by|since|of|during)\s+(?:the\s+)?$", "", sentence[: span.start], flags=re.IGNORECASE)
    return (before.rstrip() + " " + sentence[span.end :].lstrip(" ,")).strip()


def _is_verb(word: str) -> bool:
    inflected = (word.endswith("ed") and len(word) > 4) or (word.endswith("s") and stem(word) in EVENTS)
    return word in _VERBS or (inflected and word.islower())


def _is_name(subject: str, passage: str) -> bool:
    """Whether the words are capitalised wherever they stand, not only because they open the sentence."""
    bare = re.escape(re.sub("['’]s?$", "", subject))
    return " " in subject.removeprefix("The ") or re.search(rf"[a-z,] {bare}\b", passage) is not None


def _dates_the_clause(sentence: str, date: Span) -> bool:
    """Whether a date opens the sentence or stands in its first clause."""
    return len(_clause(sentence[: date.start] + "x")) > date.start - 2


def _content(text: str) -> set[str]:
    return {stem(word) for word in words(text) if word not in STOP_WORDS}
