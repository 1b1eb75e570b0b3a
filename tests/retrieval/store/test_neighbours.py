from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.store.archive import Archive
from retrieval.store.neighbours import Neighbours
from retrieval.store.vectors import ChromaIndex, ExactIndex
from retrieval.types import Kind
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


@pytest.mark.parametrize("every", [1, 2, 10])
@pytest.mark.parametrize("k", [1, 8, 40])
def test_comments_take_no_places_of_what_chroma_finds(tmp_path, every, k):
    """Each article is nearer than the next, and one of ``every`` is a comment."""
    words = [f"stone bridge {'river ' * number}" for number in range(30)]
    vector = ENCODER.encode_questions(["stone bridge"])[0]
    with closing(Archive(tmp_path / "archive.sqlite3")) as archive, closing(ChromaIndex("chroma:", tmp_path)) as chroma:
        for number, text in enumerate(words):
            put(archive, f"{number:02}", text, number % every == 0)
        fresh, _ = archive.outbox(100)
        passages, vectors = archive.passages(fresh), archive.vectors(fresh)
        chroma.upsert(fresh, [passages[row] for row in fresh], [vectors[row] for row in fresh])
        archive.told(fresh)
        archive.write_manifest({"chroma": "chroma:", "chroma_seal": chroma.digest()})
        neighbours = Neighbours(archive, lambda: chroma)
        assert neighbours.current() is chroma
        rows, flags, matrix = archive.all_vectors()
        near = dict(zip(rows.tolist(), (matrix @ vector).tolist(), strict=True))
        for comments in (False, True):
            found = neighbours.nearest(vector, k, comments)
            expected = ExactIndex(rows, flags, matrix).nearest(vector, k, comments)
            assert [near[row] for row in found] == pytest.approx([near[row] for row in expected])  # some tie
            assert comments or not any(flags[np.isin(rows, found)])
