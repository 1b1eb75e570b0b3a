"""Which of a text's paragraphs, or long runs of sentences in them, stood before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from retrieval.tokens import sentence_spans
from retrieval.types import Span

_WORDS, _CHARACTERS = 8, 60  # a shorter paragraph may be a refrain and stays
_VERSE = 60  # characters; a paragraph whose lines are all shorter is verse or a list and stays
_RUN_WORDS = 25  # fewest words of a repeat within a paragraph
_WORD = re.compile(r"\S+")
_PUNCTUATION = ".,;:!?…\"'“”‘’«»()[]*_—–"


class Repeat(NamedTuple):
    """A stretch of text that stood before."""

    start: int
    end: int
    first: int  # where the first stands
    whole: bool  # whether it is the whole paragraph


class _Sentence(NamedTuple):
    start: int
    end: int
    words: tuple[str, ...]  # lower case, without punctuation

    @property
    def key(self) -> str:
        return " ".join(self.words)


def find_repeats(text: str, paragraphs: Sequence[Span]) -> Iterator[Repeat]:
    """The repeats in the paragraphs, in order; what comes first is never one.

    Sentences are compared by their words, so that punctuation and line breaks
    do not hide a repeat. Takes time linear in the text.
    """
    seen: dict[str, int] = {}
    sentences: list[_Sentence] = []
    for paragraph in paragraphs:
        first = len(sentences)
        sentences.extend(_sentences(text, paragraph))
        for number in range(first, len(sentences)):
            seen.setdefault(sentences[number].key, number)
        if not _is_verse(text[paragraph.start : paragraph.end]):
            yield from _in_paragraph(text, sentences, seen, first)


def _in_paragraph(text: str, sentences: list[_Sentence], seen: dict[str, int], first: int) -> Iterator[Repeat]:
    end = len(sentences)
    number = first
    while number < end:
        stop = number
        while stop < end and seen[sentences[stop].key] < stop:
            stop += 1
        if stop > number:
            before = _seam_before(text, sentences, seen, number) if number > first else None
            after = _seam_after(sentences, seen, stop)
            start = sentences[number].start if before is None else before
            stop += after
            run = text[start : sentences[stop - 1].end]
            whole = start == sentences[first].start and stop == end
            words = len(run.split())
            if words >= _RUN_WORDS or (whole and words >= _WORDS and len(run) >= _CHARACTERS):
                origin = seen[sentences[number].key] - (before is not None)
                yield Repeat(start, start + len(run), sentences[origin].start, whole)
        number = stop + 1


# Text pasted twice loses its full stop at the seam: "… the bridge. Two years … late The bridge …". So the sentence
# before a run may end with a repeated one, and the one behind a run may be the beginning of a longer one.


def _seam_before(text: str, sentences: list[_Sentence], seen: dict[str, int], number: int) -> int | None:
    """Where the whole sentence begins that stood before the first of the run, and that its neighbour ends with."""
    earlier = seen[sentences[number].key] - 1
    here, there = sentences[number - 1], sentences[earlier]
    size = len(there.words)
    if earlier < 0 or size < _WORDS or size >= len(here.words) or here.words[-size:] != there.words:
        return None
    starts = [match.start() for match in _WORD.finditer(text, here.start, here.end) if match[0].strip(_PUNCTUATION)]
    return starts[-size]


def _seam_after(sentences: list[_Sentence], seen: dict[str, int], stop: int) -> bool:
    """Whether the sentence behind the run begins the one that stood behind the last of the run before."""
    later = seen[sentences[stop - 1].key] + 1
    if stop == len(sentences) or later >= stop:
        return False
    here, there = sentences[stop].words, sentences[later].words
    return len(here) >= _WORDS and there[: len(here)] == here


def _sentences(text: str, paragraph: Span) -> Iterator[_Sentence]:
    for span in sentence_spans(text[paragraph.start : paragraph.end]):
        start, end = paragraph.start + span.start, paragraph.start + span.end
        words = (word.strip(_PUNCTUATION).casefold() for word in text[start:end].split())
        yield _Sentence(start, end, tuple(word for word in words if word))


def _is_verse(paragraph: str) -> bool:
    lines = paragraph.splitlines()
    return len(lines) > 1 and all(len(line.strip()) < _VERSE for line in lines)
