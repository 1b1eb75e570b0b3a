"""What the reader learns from: one question, one passage, and where the answer stands, if it does."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

from retrieval.tokens import STOP_WORDS
from retrieval.types import Span


@dataclass(frozen=True, slots=True)
class Example:
    """A question on a text. No ``answers``: the text does not say."""

    question: str
    text: str
    answers: tuple[Span, ...]  # of the text
    whole: bool  # the answers are whole sentences: any words of them are right
    source: str  # the folder that it comes from
    article: str
    title: str  # of the article, for people; empty where there is none
    origin: str = "asked"  # or "bm25", "swapped": how an unanswerable one was made

    @property
    def answered(self) -> list[str]:
        """The answers' words."""
        return [self.text[span.start : span.end] for span in self.answers]


#: Folders whose ``doc`` is a title.
_TITLED = frozenset({"tydiqa_en", "tydiqa_en_dev", "squadshifts_new_wiki", "squad2_train10", "squad2_devA", "selqa"})


def read_folder(folder: Path) -> list[Example]:
    """The examples of ``folder/train.jsonl``, in order."""
    with (folder / "train.jsonl").open(encoding="utf-8") as lines:
        return [_example(json.loads(line), folder.name) for line in lines]


def _example(record: Mapping[str, Any], source: str) -> Example:
    spans = [Span(start, start + len(words)) for start, words in record["answers"] if words]
    sentences = [Span(start, end) for start, end in record.get("sent") or ()]
    answers = tuple(dict.fromkeys(spans or sentences)) if record["answerable"] else ()
    title = str(record["doc"]).replace("_", " ") if source in _TITLED else ""
    return Example(
        record["question"].strip(), record["context"], answers, not spans, source, str(record["doc"]), title
    )  # fmt: skip


def held_out(example: Example, percent: int = 35) -> bool:
    """Whether its article is kept for development: a fixed hash of the article, so no run sees another part."""
    return _percentile(example.article) < percent


def share(examples: Iterable[Example], percent: int) -> list[Example]:
    """About ``percent`` of the examples, always the same ones."""
    return [e for e in examples if _percentile(f"{e.question}\n{e.text}") < percent]


def _percentile(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") % 100


def save(examples: Iterable[Example], path: Path) -> None:
    """Writes one example a line; the file appears only once it is whole."""
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(e), ensure_ascii=False) + "\n" for e in examples)
    unfinished.replace(path)


def load(path: Path) -> Iterator[Example]:
    """The examples that :func:`save` wrote."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield Example(**{**record, "answers": tuple(Span(*span) for span in record["answers"])})


def as_typed(question: str, random: Random) -> str:
    """The question as a person might type it: bare key words, lower case, no mark, two letters changed over."""
    if random.random() < 0.1:
        kept = [word for word in re.findall(r"[\w'’-]+", question) if word.lower() not in STOP_WORDS]
        if len(kept) >= 3:
            return " ".join(kept).lower()
    if random.random() < 0.4:
        question = question.rstrip(" ?")
    if random.random() < 0.25:
        question = question.lower()
    if random.random() < 0.04:
        question = _mistyped(question, random)
    return question


def _mistyped(question: str, random: Random) -> str:
    places = [match.start() for match in re.finditer(r"(?<=[a-z]{2})[a-z](?=[a-z]{2})", question)]
    if not places:
        return question
    i = random.choice(places)
    return question[:i] + question[i + 1] + question[i] + question[i + 2 :]
