from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.protocols import VectorIndex
from retrieval.question import understood
from retrieval.search import search
from retrieval.settings import Search
from retrieval.store.archive import Archive
from retrieval.types import Article, Filters, Hit, Kind
from tests.conftest import ROOT
from tests.retrieval.samples import ENCODER, archive_of, article, index_of

SENTENCES = [
    "The iron bridge at Tarn was opened in 1874 after six years of work by the masons.",
    "Ada Quill was the engineer of the bridge and had built three lighthouses before it.",
    "A ferry crosses the lake four times a day from Tarn to the orchard at Fell.",
    "The captain of the ferry, Tom Reed, retired in 2011 and was given a lamp.",
    "The orchard at Fell grows forty kinds of apple, and frost killed half in 1963.",
]


def articles() -> list[Article]:
    return [
        article(" ".join(SENTENCES[:2]), "bridge", title="The Old Bridge", author="J. Marsh", published="2003-05-01"),
        article(" ".join(SENTENCES[2:4]), "ferry", title="The Ferry", author="A. Lee", published="2011"),
        article(
            SENTENCES[4] + "\n\nI like the bridge more.",
            "orchard",
            [("I like the bridge more.", Kind.COMMENT)],
            title="Orchards",
        ),
    ]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with closing(archive_of(tmp_path_factory.mktemp("search"), *articles())) as archive:
        yield archive


def find(
    archive: Archive, asked: str, index: VectorIndex | None = None, filters: Filters = Filters(), **settings: float
) -> list[Hit]:
    query = understood(asked, archive.words.document_frequency, archive.count()[1])
    vector = ENCODER.encode_questions([asked])[0]
    return search(query, vector, archive, index or index_of(archive), Search(**settings), filters)


class Only:
    """An index that finds the same rows whatever it is asked."""

    def __init__(self, rows: Sequence[int]) -> None:
        self.rows = list(rows)

    def nearest(self, vector: np.ndarray, k: int, comments: bool) -> list[int]:
        return self.rows[:k]

    def close(self) -> None:
        pass


class Untouched(Only):
    """An index that must not be asked."""

    def nearest(self, vector: np.ndarray, k: int, comments: bool) -> list[int]:
        raise AssertionError("the index was asked")


def row_of(archive: Archive, passage_id: str) -> int:
    everything = archive.rows(Filters(comments=True))
    return next(row for row, passage in archive.passages(everything).items() if passage.id == passage_id)


# -- scores ----------------------------------------------------------------------------------------

WORDS = st.lists(
    st.sampled_from(["bridge", "ferry", "Tarn", "Ada", "captain", "apple", "1874", "zebra", "who"]),
    min_size=1,
    max_size=5,
).map(" ".join)


@given(WORDS, st.floats(0, 5), st.floats(0, 5), st.floats(0, 1))
def test_the_score_is_the_weighted_sum_of_cosines_and_bm25(
    archive: Archive, asked: str, dense: float, lexical: float, share: float
) -> None:
    query = understood(asked, archive.words.document_frequency, archive.count()[1])
    vector = ENCODER.encode_questions([asked])[0]
    hits = find(archive, asked, dense_weight=dense, lexical_weight=lexical, sentence_share=share)
    assert hits
    for hit in hits:
        row = row_of(archive, hit.passage.id)
        (encoded,) = ENCODER.encode_passages([hit.passage])
        assert hit.dense == pytest.approx(float(encoded.passage @ vector), abs=1e-6)
        assert hit.sentence == pytest.approx(float((encoded.sentences @ vector).max()), abs=2e-3)  # kept as float16
        assert hit.lexical == (archive.words.bm25(query.match, [row]).get(row, 0.0) if query.match else 0.0)
        cosine = (1 - share) * hit.dense + share * hit.sentence
        assert hit.score == pytest.approx(dense * cosine + lexical * hit.lexical)
    assert [(-hit.score, hit.passage.id) for hit in hits] == sorted((-hit.score, hit.passage.id) for hit in hits)


def test_the_best_passage_comes_first(archive: Archive) -> None:
    assert find(archive, "Who is the captain of the ferry?")[0].passage.text == SENTENCES[3]
    assert find(archive, "When was the iron bridge opened?")[0].passage.text == SENTENCES[0]


def test_a_candidate_of_one_kind_gets_both_scores(archive: Archive) -> None:
    near = row_of(archive, "ferry#1")
    hits = {hit.passage.id: hit for hit in find(archive, "Which apple kinds?", index=Only([near]))}
    assert set(hits) == {"ferry#1", "orchard#1"}
    assert (hits["ferry#1"].dense, hits["ferry#1"].lexical) == (pytest.approx(0, abs=1e-6), 0.0)
    assert hits["orchard#1"].dense > 0  # though only its words found it
    assert hits["orchard#1"].lexical > 0


def test_a_question_without_words_is_searched_by_its_vector_alone(archive: Archive) -> None:
    hits = find(archive, "?!")
    assert len(hits) == 5
    assert {hit.lexical for hit in hits} == {0.0}


def test_rows_that_the_archive_no_longer_has_are_left_out(archive: Archive) -> None:
    assert [hit.passage.id for hit in find(archive, "zebra", index=Only([999_999, row_of(archive, "ferry#1")]))] == [
        "ferry#1"
    ]


def test_nothing_found_is_no_hits(archive: Archive) -> None:
    assert find(archive, "zebra", index=Only([])) == []


def test_passages_that_the_index_was_not_yet_told_of_are_found(tmp_path: Path) -> None:
    with closing(archive_of(tmp_path, *articles())) as archive:
        archive.fill_outbox()
        found = {hit.passage.id for hit in find(archive, "zebra", index=Only([]))}
    assert found == {"bridge#1", "bridge#2", "ferry#1", "ferry#2", "orchard#1"}


# -- order -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, -1])
def test_ties_are_broken_by_passage_id_whatever_was_indexed_first(tmp_path: Path, order: int) -> None:
    same = [article("lamp rope.", "b"), article("rope lamp.", "a"), article("Lamp: rope!?", "c", title=None)][::order]
    with closing(archive_of(tmp_path, *same, article("salt bread oil.", "d"))) as archive:
        hits = find(archive, "lamp rope")
    assert [hit.passage.id for hit in hits[:2]] == ["a#1", "b#1"]
    assert hits[0].score == hits[1].score


def test_word_for_word_duplicates_are_dropped(tmp_path: Path) -> None:
    twice = [article("The ferry sank.", "b"), article("the ferry – sank!", "a"), article("It sank.", "c")]
    with closing(archive_of(tmp_path, *twice)) as archive:
        assert [hit.passage.id for hit in find(archive, "Who sank the ferry?")] == ["a#1", "c#1"]


@given(st.integers(1, 6))
def test_no_article_keeps_others_out_and_none_of_its_hits_is_lost(archive: Archive, most: int) -> None:
    asked = "bridge ferry Tarn Fell apple"
    every = find(archive, asked, per_article=300)
    spread = find(archive, asked, per_article=most)
    assert sorted(hit.passage.id for hit in spread) == sorted(hit.passage.id for hit in every)
    sources = [hit.passage.article_id for hit in every]
    surplus = [hit for place, hit in enumerate(every) if sources[:place].count(hit.passage.article_id) >= most]
    assert spread == [hit for hit in every if hit not in surplus] + surplus


def test_no_more_hits_than_asked_for(archive: Archive) -> None:
    assert [len(find(archive, "bridge ferry", hits=k)) for k in (1, 3, 300)] == [1, 3, 5]
    assert len(find(archive, "zebra", candidates=2)) == 2


def test_of_two_passages_alike_that_of_the_article_just_quoted_comes_first(tmp_path: Path) -> None:
    alike = [article(f"The {kind} of the lake closes in May.", kind) for kind in ("inn", "mill")]
    with closing(archive_of(tmp_path, *alike)) as archive:
        query = understood("When does it close?", archive.words.document_frequency, 2)
        vector = ENCODER.encode_questions([query.text])[0]
        for near in ("inn", "mill"):
            hits = search(query, vector, archive, index_of(archive), Search(), Filters(), near=near)
            assert hits[0].passage.article_id == near
        unlike = understood("Does the mill close in May?", archive.words.document_frequency, 2)
        vector = ENCODER.encode_questions([unlike.text])[0]
        hits = search(unlike, vector, archive, index_of(archive), Search(), Filters(), near="inn")
        assert hits[0].passage.article_id == "mill"


def test_another_vector_may_rank_without_changing_how_near_a_hit_is(archive: Archive) -> None:
    query = understood("zebra", archive.words.document_frequency, archive.count()[1])
    near, far = ENCODER.encode_questions(["ferry captain lamp", "orchard apple frost"])
    plain, other = (
        search(query, near, archive, index_of(archive), Search(), Filters(), ranking) for ranking in (None, far)
    )
    assert other[0].passage.article_id == "orchard" != plain[0].passage.article_id
    assert {hit.passage.id: hit.dense for hit in plain} == {hit.passage.id: hit.dense for hit in other}


# -- time ------------------------------------------------------------------------------------------


@given(WORDS.filter(lambda asked: "1874" not in asked), st.floats(0, 5))
def test_a_question_without_a_time_finds_the_same_whatever_time_weighs(
    archive: Archive, asked: str, weight: float
) -> None:
    assert find(archive, asked, time_weight=weight) == find(archive, asked, time_weight=0.0)


@given(WORDS, st.sampled_from(["in 1874", "before 1900", "in the 1960s", "after 2010", "latest"]), st.floats(0, 5))
def test_the_time_asked_about_adds_what_the_hit_says(archive: Archive, asked: str, when: str, weight: float) -> None:
    plain = {hit.passage.id: hit.score for hit in find(archive, f"{asked} {when}", time_weight=0.0)}
    for hit in find(archive, f"{asked} {when}", time_weight=weight):
        assert 0 <= hit.timely <= 1
        assert hit.score == pytest.approx(plain[hit.passage.id] + weight * hit.timely)


def test_a_passage_of_the_time_asked_about_comes_before_its_like(tmp_path: Path) -> None:
    alike = [article("The frost of 1963 killed apples.", "b"), article("The frost of 1874 killed apples.", "a")]
    with closing(archive_of(tmp_path, *alike)) as archive:
        assert find(archive, "Which frost killed apples in the 1960s?")[0].passage.id == "b#1"
        assert find(archive, "Which frost killed apples before 1900?")[0].passage.id == "a#1"


def test_the_newest_article_comes_first_where_the_latest_is_asked_for(tmp_path: Path) -> None:
    same = "The council spoke of the bridge"
    told = [article(f"{same}.", "a", published="1999"), article(f"{same} again.", "b", published="2003-05-01")]
    with closing(archive_of(tmp_path, *told)) as archive:
        assert find(archive, "What did the council say of the bridge?", time_weight=1.0)[0].passage.id == "a#1"
        assert find(archive, "What is the latest of the council on the bridge?", time_weight=1.0)[0].passage.id == "b#1"


# -- filters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(article="ferry"), {"ferry"}),
        (Filters(article="old bridge"), {"bridge"}),
        (Filters(author="lee"), {"ferry"}),
        (Filters(since="2004"), {"ferry"}),
        (Filters(until="2004-12-31"), {"bridge"}),
        (Filters(author="marsh", since="2010"), set()),
    ],
)
def test_filters_scan_what_passes_them_and_ask_no_index(archive: Archive, filters: Filters, found: set[str]) -> None:
    hits = find(archive, "bridge at Tarn", index=Untouched([]), filters=filters)
    assert {hit.passage.article_id for hit in hits} == found


def test_articles_named_by_id_are_scanned_unless_there_are_very_many(archive: Archive) -> None:
    few = Filters(articles=("ferry", "orchard"))
    scanned = find(archive, "bridge at Tarn", index=Untouched([]), filters=few)
    assert {hit.passage.article_id for hit in scanned} == {"ferry", "orchard"}
    many = Filters(articles=(*few.articles, *(f"unheard of {number}" for number in range(2_000))))
    assert find(archive, "bridge at Tarn", filters=many) == scanned
    assert find(archive, "bridge at Tarn", filters=replace(many, author="marsh")) == []


@given(WORDS)
def test_a_filter_that_all_pass_finds_what_no_filter_finds(archive: Archive, asked: str) -> None:
    dated = find(archive, asked, filters=Filters(since="0001", article=""))
    assert {hit.passage.id for hit in dated} == {"bridge#1", "bridge#2", "ferry#1", "ferry#2"}
    assert dated == [hit for hit in find(archive, asked) if hit.passage.article_id != "orchard"]


def test_comments_are_found_on_request_only(archive: Archive) -> None:
    asked = "Who likes the bridge more?"
    assert all(hit.passage.kind is not Kind.COMMENT for hit in find(archive, asked))
    assert find(archive, asked, filters=Filters(comments=True))[0].passage.kind is Kind.COMMENT
    assert all(
        hit.passage.kind is not Kind.COMMENT for hit in find(archive, asked, filters=Filters(article="orchards"))
    )


# -- the same every time ---------------------------------------------------------------------------

SCRIPT = """
import sys
from pathlib import Path
from tests.retrieval.test_search import articles, find
from tests.retrieval.samples import archive_of
archive = archive_of(Path(sys.argv[1]), *articles())
for asked in ("Who built the bridge at Tarn?", "ferry Tarn Fell bridge apple 1874", "zebra", "lamp and frost"):
    print([(hit.passage.id, hit.score, hit.dense, hit.lexical) for hit in find(archive, asked)])
"""


def test_hits_do_not_depend_on_how_this_process_hashes(tmp_path: Path) -> None:
    def run(seed: str) -> str:
        (tmp_path / seed).mkdir()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SCRIPT, str(tmp_path / seed)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert run("1") == run("2") != ""
