"""Who may answer: everybody, or the one whose words are asked for, by their own articles or as others quote them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from retrieval.speakers import Asked
from retrieval.texts.attribution import attribution
from retrieval.texts.frames import Asks
from retrieval.texts.lexicon import LIGHT
from retrieval.texts.names import key, spoken
from retrieval.tokens import stem, words
from retrieval.types import Abstention, Answer, Candidate, Filters, Hit, Kind, Query, Quote, Reply

_TOPIC_PROOF = 0.25  # share of the threshold that is enough for a quote that holds the whole subject asked about
_SURER = 0.3  # by how much others must be surer of what somebody says than their own articles are
_SAID = (
    "says?|said|tells?|told|asks?|asked|argues?|argued|claims?|claimed|insists?|insisted|believes?|believed|thinks?"
    "|thought|warns?|warned|adds|added"
)
#: Whoever writes "he said", or names somebody behind a quotation, writes of somebody else.
_REPORTS = re.compile(
    rf"\b(?:he|she|they) (?:\w+ )?(?:{_SAID})\b|[”\"],? (?:(?!I\b)[\w’'.-]+ ){{0,4}}?(?:{_SAID})\b", re.IGNORECASE
)


class Hearing:
    """Everybody may answer; what is left out otherwise is left out by the methods below."""

    def filters(self, given: Filters) -> Filters:
        """The filters for what is searched."""
        return given

    def hits(self, hits: Sequence[Hit]) -> list[Hit]:
        """The passages that may answer."""
        return list(hits)

    def sentences(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The sentences that may answer."""
        return list(candidates)

    def reported(self, candidates: Sequence[Candidate]) -> list[Candidate]:  # noqa: ARG002  others report nothing
        """The sentences that may answer better, but for somebody else."""
        return []

    def witnesses(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        """The passages whose other sentences may contradict or repeat an answer."""
        return hits

    def ranked(self, query: Query, candidates: Sequence[Candidate]) -> list[Candidate]:  # noqa: ARG002  see below
        """The sentences in the order in which they are quoted."""
        return list(candidates)

    def proof(self, query: Query, ranked: Sequence[Quote]) -> float:  # noqa: ARG002
        """What share of the threshold is enough."""
        return 1.0

    def silence(self) -> str:
        """Why there is no answer, where nobody else may give one; else ""."""
        return ""


EVERYBODY = Hearing()


class OwnWords(Hearing):
    """The articles of the one who is asked for answer, and seldom name their author."""

    def __init__(self, asked: Asked) -> None:
        self._speaker, self._asks, self._authors = asked.speaker, asked.asks, asked.authors

    def filters(self, given: Filters) -> Filters:
        """Readers who comment on an article are not its author."""
        return replace(given, articles=self._speaker.articles, comments=False)

    def hits(self, hits: Sequence[Hit]) -> list[Hit]:
        """Only a sentence on the author tells who that is, and it is not what they say."""
        return [hit for hit in hits if (hit.passage.kind is Kind.ABOUT) is (self._asks is Asks.SELF)]

    def sentences(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """What an author reports of others may be quoted to refute it; what a paper reports it says."""
        return [one for one in candidates if not self._is_reported(one.text)]

    def reported(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """What an author reports of others."""
        return [one for one in candidates if self._is_reported(one.text)]

    def _is_reported(self, sentence: str) -> bool:
        if self._asks is Asks.SELF or not self._authors:
            return False
        own = any(_may_be_of(sentence, name.plain) for name in self._authors)
        return not own or _REPORTS.search(sentence) is not None

    def witnesses(self, hits: Sequence[Hit]) -> Sequence[Hit]:
        """What an author reports of others is no contradiction."""
        return () if self._authors else hits

    def ranked(self, query: Query, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Those that hold the whole subject asked about come first."""
        return sorted(
            candidates, key=lambda one: one.asks or (self._asks is Asks.TOPIC and not _holds(query, one.text))
        )

    def proof(self, query: Query, ranked: Sequence[Quote]) -> float:
        """A sentence on the author tells who that is; one by the author that holds the whole subject asked about is
        what they say of it, whatever it is.
        """
        if self._asks is Asks.SELF:
            return 0.0
        return _TOPIC_PROOF if self._asks is Asks.TOPIC and ranked and _holds(query, ranked[0].text) else 1.0

    def silence(self) -> str:
        """It says whose articles do not answer."""
        name, many = self._speaker.name, len(self._speaker.articles)
        theirs = f"the article by {name}" if many == 1 else f"the {many:,} articles by {name}"
        told = "says who that is" if self._asks is Asks.SELF else "seems to answer the question"
        return f"nothing in {theirs} {told}"


class Quoted(Hearing):
    """Any text that names the one who is asked for may answer: it may quote them."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def hits(self, hits: Sequence[Hit]) -> list[Hit]:
        """Who an author is is not what they say."""
        if self._asked.asks is Asks.SELF:
            return list(hits)
        return [hit for hit in hits if hit.passage.kind is not Kind.ABOUT and self._named(hit, hit.passage.text)]

    def sentences(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Those that name the speaker or follow one that does, but for what they cite from others."""
        if self._asked.asks is Asks.SELF:
            return list(candidates)
        named = [one for one in candidates if self._named(one.hit, _with_the_one_before(one))]
        return [one for one in named if _may_be_of(one.text, self._asked.called, whole=False)]

    def witnesses(self, hits: Sequence[Hit]) -> Sequence[Hit]:  # noqa: ARG002
        """What others say is beside the question."""
        return ()

    def _named(self, hit: Hit, text: str) -> bool:
        """Whether the text, or the title or section above it, names the speaker."""
        called = self._asked.called
        said = tuple(map(key, spoken(f"{hit.passage.context} {text}")))
        return any(said[start : start + len(called)] == called for start in range(len(said)))


def unheard(asked: Asked) -> str:
    """Why nobody may answer for one who has written nothing and is named nowhere."""
    return f"no article is by {asked.speaker.name} or has the name"


def better(own: Reply, others: Reply) -> Reply:
    """The speaker's own words where they answer, unless others are much surer of what the speaker says."""
    if isinstance(others, Abstention):
        return own
    return own if isinstance(own, Answer) and others.confidence <= own.confidence + _SURER else others


def _holds(query: Query, text: str) -> bool:
    """Whether a text has all words of what is asked about."""
    return query.terms.keys() <= {stem(word) for word in words(text)}


def _may_be_of(sentence: str, name: Collection[str], *, whole: bool = True) -> bool:
    """Whether the sentence names no speaker or one of this name, and of no other if it is the whole name."""
    cited = attribution(sentence)
    if cited is None:
        return True
    speaker, own = {key(word) for word in cited.speaker}, {stem(word) for word in name if word not in LIGHT}
    return speaker <= own if whole else own <= speaker


def _with_the_one_before(candidate: Candidate) -> str:
    passage, position = candidate.hit.passage, candidate.position
    start, end = passage.sentences[max(0, position - 1)].start, passage.sentences[position].end
    return passage.text[start - passage.start : end - passage.start]
