"""What a conversation is about: whom "he" may be, where "there" is, which year was spoken of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

from retrieval.followup.bare import bare_subject
from retrieval.followup.grammar import AUXILIARY, INVERTED, PREPOSITION, TIMES, deed, stated
from retrieval.followup.mentions import Name, is_defined, is_place, longest_forms, names, titled, years
from retrieval.followup.phrases import asked_for, asked_for_many, asks_for_many, longest_phrase, phrases, plural
from retrieval.followup.subjects import BEGINS, stems, weights
from retrieval.followup.turns import GROUP, PERSON, THING, Turn
from retrieval.tokens import words

_IN_QUESTION, _IN_QUOTE = 4.0, 1.0
_UNLIKELY = 0.3  # up to here a name is taken for a thing's
_RECENT = 2  # turns that "it" reaches back
_SHORT_ANSWER = 8  # words
_WHOLE = 2  # content words with which a question has a subject of its own
#: A thing that is no name, and neither a clause nor several things.
_NOUN_PHRASE = re.compile(
    rf"(?:(?:the|an?) )?(?P<bare>(?!{TIMES}\b)(?-i:[a-z])(?:(?!\b(?:{AUXILIARY}|and)\b)[\w '’-])+)", re.IGNORECASE
)
_ASKS_WHO = re.compile(rf"who\b(?! (?:were\b|are\b|{AUXILIARY} [^\W\d_]))", re.IGNORECASE)
_ASKS_WHOM = re.compile(r"whom?\b", re.IGNORECASE)
_BEFORE_CLAUSE = re.compile(r"^(?:.*: |(?:in|at|on|by|after|before) [^,]+, )", re.IGNORECASE)
#: Things that act and are seldom what was done: they come behind other things.
_ACTS = re.compile(
    r"^the (?:[\w-]+ )?(?:council|government|parliament|court|committee|commission|board|company|firm|police|army"
    r"|ministry|club|union|party|team|bank|church)$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(rf"^(?:I|we|you|he|she|it|they)\b|\b{AUXILIARY}\b", re.IGNORECASE)
_ASKS_WHAT = re.compile(r"(?:what|which)\b", re.IGNORECASE)


class Discourse:
    """Earlier turns, oldest first and at least one, and whom and what they name."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self.turns = turns
        self.last = turns[-1]
        self.question = self.last.question.rstrip(" ?")
        self.clause = _bare(self.question)
        self.text = "\n".join(f"{turn.question}\n{turn.quote}" for turn in turns)
        self._weights = weights(turns)

    @cached_property
    def subject(self) -> str:
        """The name that was put before the questions by itself; "" where none was."""
        opening = self.turns[0].question
        return opening if [name.text for name in names(opening)] == [opening] else ""

    @cached_property
    def topic(self) -> str:
        """The subject, else the name most spoken of; "" where there is none."""
        if self.subject:
            return self.subject
        scores: dict[str, float] = {}
        for weight, turn in zip(self._weights, self.turns, strict=True):
            for counts, text in ((_IN_QUESTION * weight, turn.question), (_IN_QUOTE * min(1.0, weight), turn.quote)):
                for name in {self._full(name): None for name in names(text)}:
                    scores[name] = scores.get(name, 0.0) + counts
        return max(scores, key=lambda name: scores[name], default="")

    @cached_property
    def person(self) -> str:
        """Who "he" or "she" is, as a question called them in two words or more, else in the fullest form."""
        named = ((turn.question, name) for turn in self.turns for name in names(turn.question))
        called = [titled(name, question) for question, name in named if self._full(name) == self._person]
        return max((form for form in called if " " in form), key=len, default=self._person)

    @cached_property
    def _person(self) -> str:
        """In the fullest form: who answered "who?", else who it was before, else the person most asked about."""
        for turn, weight in zip(reversed(self.turns), reversed(self._weights), strict=True):
            if found := self._who_answered(turn) or turn.referents.get(PERSON, ""):
                return found
            if weight == BEGINS:
                break
        if self.subject and names(self.subject)[0].person:
            return self.subject
        for texts in ([turn.question for turn in self.turns], [turn.quote for turn in self.turns]):
            scores: dict[str, float] = {}
            for weight, text in zip(self._weights, texts, strict=True):
                for name in map(self._full, names(text)):
                    scores[name] = scores.get(name, 0.0) + weight * self.likely_person(name)
            best = max(scores, key=lambda name: scores[name], default="")
            if best and scores[best]:
                return best
        return "" if is_place(self.topic, self.text) else self.topic

    @cached_property
    def that_person(self) -> str:
        """Who "that man" is: whom the last answer named, else who "he" is."""
        return self._who_answered(self.last, _ASKS_WHOM) or self.person

    @cached_property
    def event(self) -> str:
        """What the last question took for granted, with its answer where it asked "what?"; "" where it asked "who?" or
        the answer is not known.
        """
        granted, answer = stated(self.clause), self.last.answer
        if not granted or not _ASKS_WHAT.match(self.clause):
            return granted
        return f"{granted} {answer}" if answer and not _CLAUSE.search(answer) else ""

    def deed_of(self, person: str, pronoun: str) -> str:
        """What the last question says that a person did, to stand after "before": "she left", "leaving Tarn"; "" if it
        says nothing of the kind.
        """
        if self._who_answered(self.last) == person and (did := deed(self.clause)):
            return f"{pronoun} {did}"
        said = stated(self.clause)
        name = next((name.text for name in names(said) if said.startswith(name.text)), "")
        return said.removeprefix(name).lstrip() if name and self._fullest(name) == self._fullest(person) else ""

    def group(self, subject: bool, taken: Collection[str] = ()) -> str:
        """What "they" or "them" are, no place; ``subject``: the pronoun does something; ``taken``: not one of these."""
        last = self.last.referents.get(GROUP, "")
        things = "" if self.topic and self.topic in self.question else plural(self.clause)
        found = last or asked_for_many(self.clause, subject) or self._did_it or things or self.topic
        return "" if is_place(found, self.text) or _is_one_of(found, taken) else found

    def thing(self, taken: Collection[str] = ()) -> str:
        """What "it" is; "" where only people were spoken of; ``taken``: not one of these."""
        return next((found for found in self._things() if found and not _is_one_of(found, taken)), "")

    def _things(self) -> Iterator[str]:
        """What "it" may be, the likeliest first."""
        yield self.last.referents.get(THING, "")
        yield bare_subject(self.clause)
        yield self._what_answered
        yield asked_for(self.question)
        if self.subject and self.likely_person(self.subject) <= _UNLIKELY:
            yield self.subject
        for turn in reversed(self.turns[-_RECENT:]):
            yield from self._things_in(turn.question)
        if self.likely_person(self.topic) <= _UNLIKELY:
            yield self.topic
        elif not self.subject:
            yield self.event

    @cached_property
    def matter(self) -> str:
        """What a question that names nothing is about: the subject, else what the last question was about.

        That is all of the last question where it names nothing definite and none of what was spoken of before.
        """
        if self.subject:
            return self.subject
        last = self._about_its_own
        phrase = asked_for(last) or asked_for_many(last, subject=False) or next(phrases(last), "") or bare_subject(last)
        if not self.topic or self.topic in last:  # an older subject gives way
            return ", ".join(filter(None, (phrase, self.topic if self.topic not in phrase else "")))
        said = {word for word in stems(last) if not word.isdigit()}
        return phrase or (self.question if len(said) >= _WHOLE and not said & stems(self.topic) else self.topic)

    @cached_property
    def _about_its_own(self) -> str:
        """The last question, without what was put before it where its own subject is another thing."""
        frame = INVERTED.match(self.clause)
        own = next(phrases(self.clause), "") if frame and frame["rest"].startswith("the ") else ""
        before = self.question.removesuffix(self.clause)
        return self.clause if own and not stems(own) & stems(before) else self.question

    @cached_property
    def place(self) -> str:
        """Where "there" is: the last place named; "" where there is none."""
        texts = [text for turn in reversed(self.turns) for text in (turn.question, turn.answer, turn.quote)]
        places = ([name.text for name in names(text) if is_place(name.text, text)] for text in texts)
        return next((found[-1] for found in places if found), "")

    @cached_property
    def year(self) -> str:
        """The year last spoken of, as written: "1983", "1974-1993"; "" where there is none."""
        texts = [text for turn in reversed(self.turns) for text in (turn.answer, turn.question, turn.quote)]
        return next((found[0] for text in texts if (found := years(text))), "")

    def asked_about(self, thing: str) -> str:
        """The fuller phrase of the last question: "the closure of the library" for "the closure"; "" without one."""
        noun = thing.removeprefix("the ")
        fuller = re.compile(rf"the (?:(?!{PREPOSITION}\b)[\w'’-]+ )*{re.escape(noun)}(?: {PREPOSITION} .+)?$")
        return next((found for found in phrases(self.clause) if found != thing and fuller.match(found)), "")

    def phrase(self, noun: str) -> str:
        """The fuller phrase of the last turns whose noun this is; "" where there is none."""
        texts = [f"{turn.question}\n{turn.quote}" for turn in reversed(self.turns[-_RECENT - 1 :])]
        return next((found for text in texts if (found := longest_phrase(noun, text))), "")

    def likely_person(self, name: str) -> float:
        """How likely a name is a person's, 0 to 1, by its forms and by what was said of it."""
        pointed_at = {kind for turn in self.turns for kind, found in turn.referents.items() if found == name}
        if pointed_at & {PERSON, THING}:
            return float(PERSON in pointed_at)
        forms = self._forms_of.get(name, [])
        is_thing = 0.0 in forms or is_defined(name, self.text) or is_place(name, self.text)
        return 0.0 if is_thing else max(forms, default=0.0)

    @cached_property
    def _forms(self) -> dict[str, float]:
        """Every form of every name, and the likelihood that it is a person's."""
        forms: dict[str, float] = {}
        for name in (name for turn in self.turns for text in (turn.question, turn.quote) for name in names(text)):
            forms[name.text] = max(name.person, forms.get(name.text, 0.0))
        return forms

    @cached_property
    def _longest(self) -> dict[str, str]:
        return longest_forms(self._forms)

    @cached_property
    def _forms_of(self) -> dict[str, list[float]]:
        """The likelihoods of all forms of a name, by its fullest."""
        forms: dict[str, list[float]] = {}
        for form, person in self._forms.items():
            forms.setdefault(self._fullest(form), []).append(person)
        return forms

    def _fullest(self, form: str) -> str:
        return max(form, self._longest.get(form.lower(), ""), key=len)

    def _full(self, name: Name) -> str:
        return self._fullest(name.text)

    def _who_answered(self, turn: Turn, asks: re.Pattern[str] = _ASKS_WHO) -> str:
        """The one person whom the answer to a question for somebody names; "" without one."""
        bare = _bare(turn.question)
        if not asks.match(bare):
            return ""
        asked = {self._full(name) for name in names(turn.question)}
        found = dict.fromkeys(map(self._full, names(turn.answer or turn.quote)))
        people = [name for name in found if name not in asked and self._may_answer(name, turn.answer)]
        if bare != turn.question:  # it is about what stands before it, unless a name is all of the answer
            people = [name for name in people if _is_all(name, turn.answer)]
        return people[0] if len(people) == 1 or (people and not turn.answer) else ""

    @cached_property
    def _did_it(self) -> str:
        """The name that is all of the answer to "which firm did it?"; "" without one."""
        asks_which = _ASKS_WHAT.match(self.clause) and not INVERTED.match(self.clause)
        found = names(self.last.answer) if asks_which else ()
        return found[0].text if len(found) == 1 and _is_all(found[0].text, self.last.answer) else ""

    @cached_property
    def _what_answered(self) -> str:
        """The thing that a short answer to "what?" names or, to "which pact?", is; "" without one."""
        answer = self.last.answer
        if (
            not 0 < len(answer.split()) < _SHORT_ANSWER
            or not _ASKS_WHAT.match(self.clause)
            or asks_for_many(self.clause)
        ):
            return ""
        is_noun = asked_for(self.clause) and _NOUN_PHRASE.fullmatch(answer)
        if is_noun:
            return f"the {is_noun['bare']}"
        found = names(answer)
        return self._with_article(found[0].text) if len(found) == 1 and found[0].person <= _UNLIKELY else ""

    def _with_article(self, name: str) -> str:
        """ "the Tarn Accord", where the last quote speaks of it so."""
        spoken_of = rf"\bthe {re.escape(name)}(?:\W*$|[.,;:]| (?:{PREPOSITION}|{AUXILIARY}|and|which|that)\b)"
        return f"the {name}" if re.search(spoken_of, self.last.quote) else name

    def _may_answer(self, name: str, answer: str) -> bool:
        likely = self.likely_person(name)
        return likely > _UNLIKELY or (likely > 0 and _is_all(name, answer))

    def _things_in(self, question: str) -> list[str]:
        found = list(phrases(question))
        named = [name.text for name in names(question) if self.likely_person(self._full(name)) <= _UNLIKELY]
        found += [name for name in named if not any(name in phrase for phrase in found)]
        return sorted(found, key=lambda thing: _ACTS.search(thing) is not None)


def _is_one_of(name: str, taken: Collection[str]) -> bool:
    """Whether it is one of those, be it with or without an article."""
    return name.lower().removeprefix("the ") in {other.lower().removeprefix("the ") for other in taken}


def _is_all(name: str, answer: str) -> bool:
    return len(words(answer)) <= len(words(name)) + 1


def _bare(question: str) -> str:
    """A question without what was put before it: "what did Fell decide" of "In 1874, what did Fell decide"."""
    return _BEFORE_CLAUSE.sub("", question)
