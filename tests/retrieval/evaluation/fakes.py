"""An honest small engine: paragraphs found by the words they share with the question, kept in the data folder."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from retrieval.protocols import Progress
from retrieval.settings import Settings
from retrieval.types import (
    Abstention,
    Answer,
    Article,
    Citation,
    Filters,
    Hit,
    IndexReport,
    Kind,
    Passage,
    Quote,
    Reference,
    Region,
    Reply,
    Span,
    Work,
)

STOPWORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "did",
        "does",
        "for",
        "how",
        "in",
        "is",
        "it",
        "many",
        "of",
        "on",
        "that",
        "the",
        "they",
        "to",
        "was",
        "what",
        "when",
        "where",
        "who",
    ]
)

ARTICLES = {
    "bridge": (
        "The Old Bridge",
        "The iron bridge at Tarn was opened in 1874 after six years of work.\n\n"
        "Its engineer was Ada Quill. She had built three lighthouses before.",
    ),
    "orchard": (
        "Orchards of the North",
        "The orchard at Fell grows forty kinds of apple.\n\nFrost killed half of the trees in 1963.",
    ),
    "ferry": (
        "The Ferry",
        "A ferry carries apple crates over the lake.\n\nIts captain, Tom Reed, retired in 2011.",
    ),
}

QUESTIONS = [
    {
        "id": "q1",
        "question": "When was the iron bridge at Tarn opened?",
        "kind": "date",
        "answers": ["in 1874"],
        "articles": ["bridge"],
    },
    {"id": "q2", "question": "Who was engineer?", "kind": "plain", "answers": ["Ada Quill"], "articles": ["bridge"]},
    {
        "id": "q3",
        "question": "How many kinds of apple grow at Fell?",
        "kind": "plain",
        "answers": ["forty kinds"],
        "articles": ["orchard"],
    },
    {
        "id": "q4",
        "question": "Who is captain of the ferry?",
        "kind": "plain",
        "answers": ["Tom Reed"],
        "articles": ["ferry"],
    },
    {
        "id": "q5",
        "question": "When did they retire?",
        "kind": "follow-up",
        "answers": ["retired in 2011"],
        "articles": ["ferry"],
        "history": ["Who is captain?"],
    },
    {
        "id": "q6",
        "question": "What does a whale weigh?",
        "kind": "unanswerable",
        "answerable": False,
        "answers": [],
        "articles": [],
    },
    {
        "id": "q7",
        "question": "Who owns the orchard at Fell?",
        "kind": "unanswerable",
        "answerable": False,
        "answers": [],
    },
]


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower())) - STOPWORDS


class FakeCorpus:
    """What ``Open`` gives: articles in ``articles.json`` of the data folder."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.file = settings.data_dir / "articles.json"

    def __enter__(self) -> FakeCorpus:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def index(self, paths: Sequence[str | Path], *, progress: Progress | None = None) -> IndexReport:
        records = [record for path in paths for record in _read(Path(path))]
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(records))
        if progress:
            progress("reading", len(records), len(records))
        count = sum(len(_paragraphs(record["text"])) for record in records)
        return IndexReport(tuple(record["id"] for record in records), passages=count, encoded=count, seconds=0.5)

    def articles(self, filters: Filters) -> list[Reference]:
        return [self.article(record["id"]).reference for record in self._records()]

    def article(self, article_id: str) -> Article:
        record = next(record for record in self._records() if record["id"] == article_id)
        reference = Reference(article_id, record["source"], record["title"])
        regions = tuple(Region(span.start, span.end, Kind.BODY) for span in _paragraphs(record["text"]))
        return Article(reference, record["text"], regions)

    def ask(self, question: str, history: Sequence[str] = ()) -> Reply:
        resolved = f"{history[-1]} {question}" if history else None
        hits = self._hits(words(resolved or question))[: self.settings.search.hits]
        candidates = tuple(_quote(hit) for hit in hits)
        confidence = hits[0].score if hits else 0.0
        work = Work(resolved, hits, (), candidates, {"overlap": confidence}, self.settings.answers.threshold)
        citations = tuple(
            Citation(number, self.article(quote.hit.passage.article_id).reference, quote)
            for number, quote in enumerate(candidates[:3], start=1)
        )
        if confidence >= self.settings.answers.threshold:
            return Answer(question, citations, confidence, work)
        return Abstention(question, "too few words in common", citations, confidence, work)

    def _hits(self, wanted: frozenset[str]) -> tuple[Hit, ...]:
        found = []
        for record in self._records():
            for span in _paragraphs(record["text"]):
                text = record["text"][span.start : span.end]
                common = len(wanted & words(text))
                score = common / len(wanted) * self.settings.search.dense_weight if common else 0.0
                passage = Passage(f"{record['id']}:{span.start}", record["id"], *span, Kind.BODY, text)
                found.append(Hit(passage, min(score, 1.0), min(score, 1.0), float(common)))
        return tuple(sorted((hit for hit in found if hit.score), key=lambda hit: (-hit.score, hit.passage.id)))

    def _records(self) -> list[dict[str, str]]:
        records: list[dict[str, str]] = json.loads(self.file.read_text())
        return records


def _quote(hit: Hit) -> Quote:
    passage = hit.passage
    year = re.search(r"\d{4}", passage.text)
    answer = Span(passage.start + year.start(), passage.start + year.end()) if year else None
    return Quote(hit, passage.start, passage.end, passage.text, hit.score, answer=answer)


def _paragraphs(text: str) -> list[Span]:
    return [Span(*found.span()) for found in re.finditer(r"[^\n]+", text)]


def _read(path: Path) -> list[dict[str, str]]:
    if path.suffix != ".jsonl":
        return [{"id": f"file:{path.stem}", "source": str(path), "title": path.stem, "text": path.read_text()}]
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [
        {"id": line["_id"], "source": f"{path}#{number}", "title": line["title"], "text": line["text"]}
        for number, line in enumerate(lines, start=1)
    ]


def write_folder(folder: Path) -> Path:
    """Articles as text files with a ``questions.jsonl`` beside them."""
    folder.mkdir(parents=True)
    for name, (_, text) in ARTICLES.items():
        (folder / f"{name}.txt").write_text(text)
    (folder / "questions.jsonl").write_text("".join(json.dumps(question) + "\n" for question in QUESTIONS))
    return folder


def write_beir(folder: Path) -> Path:
    """The same in BEIR form, with character spans of the first gold answer."""
    folder.mkdir(parents=True)
    corpus = [{"_id": name, "title": title, "text": text} for name, (title, text) in ARTICLES.items()]
    queries = []
    for question in QUESTIONS:
        record = {"_id": question["id"], "text": question["question"], "answers": question["answers"]}
        record["answerable"] = question.get("answerable", True)
        record["history"] = [turn for earlier in question.get("history", []) for turn in (earlier, "An answer.")]
        if question["answers"]:
            name, answer = question["articles"][0], question["answers"][0]
            start = ARTICLES[name][1].index(answer)
            record |= {"doc": name, "references": [[start, start + len(answer)]]}
        queries.append(record)
    rows = [f"{question['id']}\t{name}\t1" for question in QUESTIONS for name in question.get("articles", [])]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(line) + "\n" for line in corpus))
    (folder / "queries.jsonl").write_text("".join(json.dumps(line) + "\n" for line in queries))
    (folder / "qrels.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *rows]) + "\n")
    return folder
