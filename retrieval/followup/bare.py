"""What a question without a name or an article is about: "hybrid war", "trade between Tarn and Fell"."""

from __future__ import annotations

import re

from retrieval.followup.grammar import ASKING, AUXILIARY, INVERTED, PREPOSITION
from retrieval.tokens import STOP_WORDS

_WORD = rf"(?!(?:{AUXILIARY}|{ASKING}|{PREPOSITION}|and|or|that|to|it|this|there)\b)[a-z][\w'’-]*"
_NAMED = r"(?:the )?[^\W\d_a-z][\w-]*(?: (?:and (?:the )?)?[^\W\d_a-z][\w-]*)*"
_DEFINED = re.compile(
    rf"(?i:what)(?:['’]s| is| are| was| were) (?P<thing>{_WORD}(?: {_WORD}){{0,2}}(?: of {_WORD}(?: {_WORD})?)?)$"
)
_SAID_ABOUT = re.compile(
    rf"(?i:what) (?:did|does|do|has|have) .+ (?:say|said|says|think|write|written|wrote|argue|claim|believe|know) "
    rf"(?:about|of|on) (?P<thing>{_WORD}(?: [\w'’-]+){{0,3}})$"
)
_BETWEEN = re.compile(rf"(?P<thing>{_WORD} (?:between|of|in|with|against) {_NAMED})\b")
_DOES = re.compile(rf"(?i:why|how|when|where|how (?:much|many|often|long)) (?:do|does|did) (?P<thing>{_WORD}) [a-z]+$")
_IS = re.compile(rf"(?i:is|are|was|were) (?P<thing>{_WORD}(?: {_WORD})?) \w+(?:ing|ed|wn)$")
_NO_NOUN = re.compile(r"\w+(?:ing|ed|wn)$|(?:one|two|some|most|many|any|none|part|half)$")


def bare_subject(question: str) -> str:
    """What a question asks to have explained, asks to be told about, or begins with; "" where it does none of these.

    "hybrid war" of "What is hybrid war?", "bees" of "What did Quill say about bees?" and of "Why do bees hum?",
    "trade between Tarn and Fell" of "Why is trade between Tarn and Fell low?".
    """
    frame = INVERTED.match(question)
    found = _DEFINED.match(question) or _SAID_ABOUT.match(question) or _IS.match(question)
    if frame and not found:
        found = _BETWEEN.match(frame["rest"]) or _DOES.match(question)
    first = found["thing"].split()[0] if found else ""
    return found["thing"] if found and first not in STOP_WORDS and not _NO_NOUN.match(first) else ""
