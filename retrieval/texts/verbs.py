"""Statements to what one asks after "when" or "why": "Ada built the mill" to "did Ada build the mill"."""

from __future__ import annotations

import re

#: Past form to base form; what follows is told by rules.
_IRREGULAR_FORMS = """
went:go came:come took:take gave:give made:make met:meet held:hold began:begin led:lead became:become sent:send
put:put won:win lost:lose broke:break brought:bring built:build bought:buy fell:fall felt:feel found:find
fought:fight got:get grew:grow kept:keep knew:know left:leave paid:pay ran:run said:say saw:see sold:sell
stood:stand taught:teach told:tell thought:think wrote:write sank:sink rose:rise drew:draw chose:choose spoke:speak
died:die agreed:agree
"""
_REGULAR_VERBS = """
accept achieve acquire add adopt agree announce appoint approve argue arrive ask attack attend ban burn call cancel
carry change charge claim close complete conclude condemn conduct confirm continue create cross decide declare
decline deliver demand deny deploy design develop discover discuss end enter establish expand expect express extend
face finish follow form found gain grant happen help host impose improve increase introduce invade invent invite
join kill last launch lift mend move name need normalise obtain offer open oppose order pass plan play present
produce promise propose provide publish pull push raise reach receive recognise refuse reject release remain remove
repair report request resign restore return seek seem serve settle share show sign start stay stop succeed suffer
suggest supply support suspend test threaten train travel try turn use veto visit vote want warn welcome withdraw
witness work
"""
_IRREGULAR = dict(pair.split(":") for pair in _IRREGULAR_FORMS.split())
_REGULAR = _REGULAR_VERBS.split()
_DOUBLING = frozenset({"ban", "plan", "stop", "travel", "cancel"})
_BE = frozenset({"is", "are", "was", "were", "has", "have", "had", "will", "would", "can", "could", "may", "must"})


def _past(base: str) -> str:
    if base.endswith("e"):
        return f"{base}d"
    if base.endswith("y") and base[-2] not in "aeou":
        return f"{base[:-1]}ied"
    return f"{base}{base[-1]}ed" if base in _DOUBLING else f"{base}ed"


def _third(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeou":
        return f"{base[:-1]}ies"
    return f"{base}es" if base.endswith(("s", "sh", "ch", "x", "o")) else f"{base}s"


_BASES = {**{_past(base): base for base in _REGULAR}, **_IRREGULAR}
_PRESENT = {_third(base): base for base in {*_REGULAR, *_IRREGULAR.values()}}
_NO_SUBJECT = re.compile(
    r"(?:at|in|on|by|from|with|for|of|to|under|during|over|among|between|there|it)\b", re.IGNORECASE
)
_NOT_IN_SUBJECT = re.compile(r"who|which|that|after|before|when|while|since|because|if|until|although|though|as")
_LONGEST_SUBJECT = 8  # words


def inverted(clause: str) -> str:
    """The clause with its verb before its subject; "" where the first verb is not one whose base form is known."""
    words = clause.split()
    past = _BE | _BASES.keys()
    known = past if any(word in past for word in words[1:]) else _PRESENT.keys()  # "exchange visits took place"
    spoken = [word in known and words[n + 1 : n + 2] != ["by"] for n, word in enumerate(words)]  # not "built by Ada"
    place = next((n for n, is_verb in enumerate(spoken) if n and is_verb), 0)
    opens_otherwise = _NO_SUBJECT.match(clause) or any(_NOT_IN_SUBJECT.fullmatch(word) for word in words[:place])
    goes_on = re.search(rf"\b(?:and|or|but) (?:{'|'.join(known)}|[a-z]+ed)\b", " ".join(words[place + 1 :]))
    if not 0 < place <= _LONGEST_SUBJECT or opens_otherwise or goes_on:
        return ""
    subject, verb, rest = " ".join(words[:place]), words[place], " ".join(words[place + 1 :])
    if verb in _BE:
        follows = rest.partition(" ")[0]
        return f"{verb} {subject} {rest}" if follows else ""
    does, base = ("did", _BASES[verb]) if verb in _BASES else ("does", _PRESENT[verb])
    return f"{does} {subject} {base} {rest}".rstrip()
