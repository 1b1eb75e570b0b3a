"""The engine as Sayso assembles it, with an encoder that needs no model; and what it holds, to compare."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from retrieval.assembly import assemble
from retrieval.corpus import Corpus
from retrieval.encoder import BUILT_IN
from retrieval.protocols import Encoder
from retrieval.settings import Answers, EncoderSettings, ReaderSettings, Settings
from retrieval.shelf import Edition
from retrieval.store.archive import Archive
from retrieval.store.vectors import ChromaIndex
from retrieval.types import Answer, Reply
from tests.fakes import HashingEncoder

ROOT = Path(__file__).parent.parent


def engine(data_dir: Path, encoder: Encoder | None = None, model: str = BUILT_IN, **changes: Any) -> Corpus:
    """A corpus that answers every question (threshold 0) and encodes with ``encoder``, or bags of words.

    Another ``model`` makes other bags.
    """
    plain = {"data_dir": data_dir, "answers": Answers(threshold=0.0), "reader": ReaderSettings(model="none")}
    settings = Settings(**{**plain, "encoder": EncoderSettings(model=model), **changes})

    def load(wanted: EncoderSettings, _: object = None) -> Encoder:
        return encoder or HashingEncoder(salt="" if wanted.model == BUILT_IN else wanted.model)

    return assemble(settings, load, lambda wanted: load(wanted).name)


def write(folder: Path, **texts: str) -> Path:
    """The folder, with a text file of each name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def lighthouse(number: int) -> str:
    """An article of its own: no two numbers share a passage."""
    return (
        f"The lighthouse of Cape N{number} was built in {1000 + number} by the guild of masons. "
        f"Its lamp burns {number} litres of oil in a night.\n\n"
        f"Keeper K{number} has lived in the lighthouse of Cape N{number} for many winters. "
        f"She counts the ships that pass and writes their names in a book.\n"
    )


def in_use(corpus: Corpus) -> Edition:
    """The index that the corpus asks, with its stages."""
    return corpus._shelf.current()


def archive_of(corpus: Corpus) -> Archive:
    return in_use(corpus).archive


PASSAGE = "id, article_id, start, end, kind, title, section, context, text, sentences"


def contents(corpus: Corpus) -> dict[str, Any]:
    """All that the archive and Chroma hold, without what depends on the order of writing (row ids)."""
    rows = chroma_rows(in_use(corpus).indexer.chroma)
    with archive_of(corpus).snapshot() as db:
        ids = dict(db.execute("SELECT row, id FROM passages"))
        return {
            "articles": sorted(db.execute("SELECT * FROM articles")),
            "passages": sorted(db.execute(f"SELECT {PASSAGE} FROM passages")),
            "vectors": sorted((ids[row], *rest) for row, *rest in db.execute("SELECT * FROM vectors")),
            "sentences": sorted((ids[row], v) for row, v in db.execute("SELECT * FROM sentence_vectors")),
            "outbox": db.execute("SELECT count(*) FROM outbox").fetchone()[0],
            "words": sorted((term, ids[row], column, place) for term, row, column, place in index_words(db)),
            "chroma": sorted(ids.get(row, f"no passage has row {row}") for row in rows),
        }


def index_words(db: Any) -> list[tuple[str, int, str, int]]:
    """Every word of the FTS5 index with its row, column and place."""
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, words, instance)")
    return list(db.execute("SELECT term, doc, col, offset FROM temp.vocabulary"))


def chroma_rows(index: ChromaIndex) -> list[int]:
    """Row ids of all records in Chroma."""
    index.close()  # to see what other processes wrote
    return sorted(int(row) for row in index._with_collection(lambda c: c.get(include=[])["ids"]))


def shown(reply: Reply) -> list[str]:
    """The quotes of a reply."""
    citations = reply.citations if isinstance(reply, Answer) else reply.nearest
    return [citation.quote.text for citation in citations]


def verified(corpus: Corpus, reply: Reply) -> bool:
    """Whether every quote stands in its article as it is now."""
    citations = reply.citations if isinstance(reply, Answer) else reply.nearest
    quotes = [(corpus.article(c.reference.article_id).text, c.quote) for c in citations]
    return all(text[quote.start : quote.end] == quote.text for text, quote in quotes)


def python(script: str, *arguments: object, prefix: Sequence[str] = (), **options: Any) -> subprocess.Popen[str]:
    """A Python process with ``script`` that can import Sayso and these tests."""
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True, encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> str:
    """What the process printed, once it has ended well."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out
