"""Follow-up questions that the articles can answer, made from statements near the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from retrieval.templates import NAME, questions
from retrieval.texts.lexicon import EVENTS
from retrieval.tokens import STOP_WORDS, stem, words
from retrieval.types import Answer, Citation, Kind, Passage, Reply, Span

MOST = 3
_TRIED = 8  # questions asked of the engine in search of them
_SURE = 0.6  # confidence from which an answer is worth suggesting
_NEAR = 2  # passages on either side of the one quoted
_FAMILIAR = 0.75  # share of words from which a question was asked or answered before


def suggestions(
    reply: Reply,
    ask: Callable[[str], Reply],
    passages_of: Callable[[str], Sequence[Passage]],
    known: Sequence[str] = (),
) -> list[str]:
    """At most three questions, each answered with confidence by words that the reply did not show.

    Those that share a name with the reply come first.

    :param ask: the engine, for a question that stands alone
    :param passages_of: all passages of an article, in order
    :param known: questions and quotes of earlier on, which are not asked for again
    """
    kept: list[str] = []
    if not isinstance(reply, Answer):
        return kept
    told = (*known, reply.question, *(citation.quote.text for citation in reply.citations))
    familiar = [_content(text) for text in told]
    tried = 0
    for question, passage, source in _candidates(reply, passages_of):
        asked = _content(question)
        if len(kept) == MOST or tried == _TRIED:
            break
        if any(len(asked & other) >= _FAMILIAR * len(asked) for other in familiar):
            continue
        tried += 1
        if _answered(ask(question), passage, source):
            kept.append(question)
            familiar += [asked, _content(passage.text[source.start - passage.start : source.end - passage.start])]
    return kept


def _answered(reply: Reply, passage: Passage, source: Span) -> bool:
    """Whether the engine answers with confidence, and first of all by the statement that the question was made from."""
    if not isinstance(reply, Answer) or reply.confidence < _SURE:
        return False
    best = reply.citations[0].quote
    return best.hit.passage.id == passage.id and best.start <= source.start < best.end


def _candidates(reply: Answer, passages_of: Callable[[str], Sequence[Passage]]) -> list[tuple[str, Passage, Span]]:
    """Questions with the passage and statement that each was made from: first those that share a telling name with the
    reply, then those that share one which most passages have; of others only those on the neighbourhood of a quote.
    """
    near = dict.fromkeys(p for citation in reply.citations for p in _neighbours(citation, passages_of))
    passages = list(near | dict.fromkeys(hit.passage for hit in reply.work.hits if hit.passage.kind is Kind.BODY))
    spoken = [_names(passage.text) for passage in passages]
    here = _names(" ".join((" ", reply.question, *(citation.quote.text for citation in reply.citations))))
    telling = {name for name in here if 2 * sum(name in names for names in spoken) <= len(passages)}
    ranked: list[list[tuple[str, Passage, Span]]] = [[], [], []]
    for question, passage, source in _in_turn(passages):
        asked = _names(question)
        if asked & here or passage in near:
            ranked[0 if asked & telling else 1 if asked & here else 2].append((question, passage, source))
    return [candidate for rank in ranked for candidate in rank]


def _in_turn(passages: Sequence[Passage]) -> Iterator[tuple[str, Passage, Span]]:
    """Questions with what each was made from: one a passage, then a second one of each, and so on."""
    waiting = [(passage, questions(passage)) for passage in passages]
    while waiting:
        for passage, made in list(waiting):
            if (question := next(made, None)) is None:
                waiting.remove((passage, made))
            else:
                yield question[0], passage, question[1]


def _neighbours(citation: Citation, passages_of: Callable[[str], Sequence[Passage]]) -> Iterator[Passage]:
    """Passages of the article, those that follow the quote first."""
    quoted = citation.quote.hit.passage
    passages = [p for p in passages_of(quoted.article_id) if p.kind is Kind.BODY]
    here = next((place for place, passage in enumerate(passages) if passage.id == quoted.id), 0)
    yield from passages[here : here + _NEAR + 1]
    yield from reversed(passages[max(0, here - _NEAR) : here])


def _names(text: str) -> set[str]:
    """Stems of the capitalised words and figures of a text, but for its first word."""
    return {stem(word) for name in NAME.findall(text) for word in words(name) if word not in STOP_WORDS}


def _content(text: str) -> set[str]:
    """What a text tells, by whatever words: "went" and "visited" are one."""
    return {EVENTS.get(stem(word), stem(word)) for word in words(text) if word not in STOP_WORDS}
