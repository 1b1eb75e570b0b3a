from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.archive import Archive
from retrieval.neighbours import Neighbours
from retrieval.types import Kind
from retrieval.vectors import ExactIndex
from tests.retrieval.samples import ENCODER, SMALL, article

STEPS = st.tuples(st.sampled_from("abc"), st.sampled_from(["", "river", "stone bridge", "old stone"]), st.booleans())


def put(archive: Archive, article_id: str, text: str, comment: bool) -> None:
    one = article(text, article_id, [(text, Kind.COMMENT)] if comment else [])
    cut = SMALL.cut(one)
    archive.put(one, "", cut, ENCODER.encode_passages(cut))


@settings(max_examples=30)
@given(st.lists(st.lists(STEPS, max_size=3), max_size=6), st.booleans())
def test_a_scan_that_goes_on_finds_what_one_begun_anew_finds(rounds, comments):
    """Articles come, change and go between questions; an empty text takes its article out."""
    vector = ENCODER.encode_questions(["the old stone bridge over the river"])[0]
    with TemporaryDirectory() as folder, closing(Archive(Path(folder) / "archive.sqlite3")) as archive:
        going_on = Neighbours(archive, lambda: None)
        for steps in rounds:
            for name, text, comment in steps:
                if text:
                    put(archive, name, text, comment)
                else:
                    archive.remove([name])
            rows, flags, matrix = archive.all_vectors()
            index = going_on.current()
            assert index.nearest(vector, 10, comments) == ExactIndex(rows, flags, matrix).nearest(vector, 10, comments)
            assert rows.tolist() == archive.vector_rows().tolist()
            assert going_on.current() is index
