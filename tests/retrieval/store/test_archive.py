"""The truth: whatever goes in comes out, as one state, and nothing is forgotten."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import DamagedError, InputError
from retrieval.store.archive import Archive
from retrieval.types import SEARCHED, Article, Encoded, Filters, Kind, Passage, Reference, Region, Span
from tests.engine import index_words

DIMENSION = 8
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80)
IDS = TEXT.filter(bool)
STATED = st.none() | TEXT


@pytest.fixture
def archive(tmp_path: Path):
    made = Archive(tmp_path / "archive.sqlite3")
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared_archive(tmp_path_factory: pytest.TempPathFactory):
    """One for the many examples of a property, which remove what they put."""
    made = Archive(tmp_path_factory.mktemp("archive") / "archive.sqlite3")
    yield made
    made.close()


def unit(vector: np.ndarray) -> np.ndarray:
    return (vector / np.linalg.norm(vector)).astype(np.float32)


@st.composite
def records(draw, article_id: st.SearchStrategy[str] = IDS) -> tuple[Article, list[Passage], list[Encoded]]:
    """An article, some passages of it, and vectors as an encoder might give them."""
    reference = Reference(draw(article_id), *(draw(TEXT), *(draw(STATED) for _ in range(5))))
    text = draw(TEXT)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)) | {0, len(text)})
    spans = [Span(*pair) for pair in pairwise(cuts)]
    regions = tuple(Region(*span, draw(st.sampled_from(Kind)), draw(TEXT)) for span in spans)
    passages = [
        Passage(
            id=f"{reference.article_id}#{number}",
            article_id=reference.article_id,
            start=span.start,
            end=span.end,
            kind=draw(st.sampled_from(sorted(SEARCHED))),
            text=text[span.start : span.end],
            sentences=(span,) * draw(st.integers(0, 3)),
            title=reference.title or "",
            section=draw(TEXT),
        )
        for number, span in enumerate(spans, start=1)
    ]
    random = np.random.default_rng(draw(st.integers(0, 9)))
    vectors = [
        Encoded(
            unit(random.normal(size=DIMENSION)),
            random.normal(size=(len(passage.sentences), DIMENSION)).astype(np.float16).astype(np.float32),
        )
        for passage in passages
    ]
    return Article(reference, text, regions), passages, vectors


def all_rows(archive: Archive) -> list[int]:
    return archive.rows(Filters(comments=True))


def stored_words(archive: Archive) -> list[tuple[str, int, str, int]]:
    with archive.snapshot() as db:
        return sorted(index_words(db))


@given(record=records())
def test_what_goes_in_comes_out_equal(shared_archive, record):
    archive, (article, passages, encoded) = shared_archive, record
    archive.put(article, "hash", passages, encoded)
    rows = all_rows(archive)

    assert archive.article(article.reference.article_id) == article
    assert archive.references() == [article.reference]
    assert archive.fingerprints() == {article.reference.article_id: (article.reference.source, "hash")}
    assert list(archive.passages(rows).values()) == passages
    assert archive.count() == (1, len(passages))
    for row, vectors in zip(rows, encoded, strict=True):
        np.testing.assert_array_equal(archive.vectors([row])[row], vectors.passage)
    sentences = archive.sentence_vectors(passages, DIMENSION)
    for passage, vectors in zip(passages, encoded, strict=True):
        np.testing.assert_array_equal(sentences[passage.id], vectors.sentences)
    everything = archive.all_vectors()
    assert everything[0].tolist() == rows
    assert everything[1].tolist() == [passage.kind is Kind.COMMENT for passage in passages]
    for stored, vectors in zip(everything[2], encoded, strict=True):
        np.testing.assert_array_equal(stored, vectors.passage)
    assert archive.not_comments(rows) == [r for r, p in archive.passages(rows).items() if p.kind is not Kind.COMMENT]

    archive.remove([article.reference.article_id])
    assert archive.count() == (0, 0)
    assert archive.vectors(rows) == archive.passages(rows) == {}
    with archive.snapshot() as db:
        assert db.execute("SELECT count(*) FROM sentence_vectors").fetchone() == (0,)
    assert stored_words(archive) == []


STEP = st.sampled_from(["put", "put", "remove", "tell"])
STEPS = st.lists(st.tuples(STEP, records(st.sampled_from("abc"))), max_size=8)


@given(steps=STEPS)
def test_whatever_is_written_words_and_outbox_follow_the_passages(shared_archive, steps):
    archive = shared_archive
    archive.remove("abc")
    archive.told(archive.outbox(limit=1_000)[1])
    ever: set[int] = set()
    told: set[int] = set()  # what a Chroma would hold

    def tell() -> None:
        while any(box := archive.outbox(limit=3)):
            fresh, gone = box
            assert set(archive.passages(fresh)) == set(fresh) == set(archive.vectors(fresh))
            told.update(fresh)
            told.difference_update(gone)
            archive.told([*fresh, *gone])

    for step, (article, passages, encoded) in steps:
        before, had = archive.generation(), set(all_rows(archive))
        if step == "put":
            archive.put(article, "hash", passages, encoded)
            new = set(all_rows(archive)) - had
            assert len(new) == len(passages)
            assert not new & ever, "a row id was used twice"
            ever |= new
        elif step == "remove":
            archive.remove([article.reference.article_id])
        else:
            tell()
            assert told == had
            continue
        assert archive.generation() > before
    tell()
    assert told == set(all_rows(archive)) == set(archive.all_vectors()[0].tolist())
    words = stored_words(archive)
    archive.words.rebuild()
    assert stored_words(archive) == words
    archive.fill_outbox()
    assert archive.outbox(limit=1_000) == (all_rows(archive), [])
    archive.remove("abc")


def plain(
    article_id: str, text: str = "One sentence.", kind: Kind = Kind.BODY, **stated: str
) -> tuple[Article, str, list[Passage], list[Encoded]]:
    """What :meth:`Archive.put` takes, of an article that is one passage."""
    article = Article(Reference(article_id, f"/{article_id}", **stated), text)
    whole = Span(0, len(text))
    passage = Passage(f"{article_id}#1", article_id, *whole, kind, text, (whole,), stated.get("title", ""))
    vector = unit(np.ones(DIMENSION))[None]
    return article, "hash", [passage], [Encoded(vector[0], vector)]


def test_a_reader_sees_one_state_while_another_process_writes(archive, tmp_path):
    archive.put(*plain("a"))
    writer = Archive(tmp_path / "archive.sqlite3")
    with archive.snapshot():
        state = archive.generation()
        writer.put(*plain("b"))
        writer.remove(["a"])
        assert archive.generation() == state
        assert [r.article_id for r in archive.references()] == ["a"]
        assert archive.words.document_frequency("sentence") == 1
        assert archive.article("a").text == "One sentence."
        assert len(archive.all_vectors()[0]) == 1
    assert archive.generation() > state
    assert [r.article_id for r in archive.references()] == ["b"]
    writer.close()


def test_every_kind_of_write_grows_the_generation(archive):
    def put() -> None:
        archive.put(*plain("a"))

    writes = [
        put,
        put,
        lambda: archive.relocate({"a": "/elsewhere"}),
        lambda: archive.write_manifest({"encoder": "x"}),
        lambda: archive.told(archive.outbox(10)[0]),
        archive.fill_outbox,
        archive.words.rebuild,
        lambda: archive.remove(["a"]),
    ]
    seen = [archive.generation()]
    for write in writes:
        write()
        seen.append(archive.generation())
    assert seen == sorted(set(seen))
    archive.references()
    archive.words.best('"one"', 3, Filters())
    assert archive.generation() == seen[-1], "reading is not writing"


def test_a_put_that_fails_leaves_the_article_as_it_was(archive):
    archive.put(*plain("a"))
    before = archive.generation()
    article, _, passages, encoded = plain("a", "Another text.")
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        archive.put(article, "other", passages * 2, encoded)
    assert archive.article("a").text == "One sentence."
    assert archive.fingerprints()["a"].hash == "hash"
    assert archive.generation() == before


def test_a_manifest_is_empty_before_the_first_and_what_was_written_after(archive):
    assert archive.manifest() == {}
    assert not archive.exists(), "asking made no file"
    archive.write_manifest({"encoder": "x", "n": 1})
    archive.write_manifest({"encoder": "y"})
    assert archive.manifest() == {"encoder": "y"}


def test_an_unknown_article_is_an_error_of_the_user(archive):
    with pytest.raises(InputError, match="'nobody'"):
        archive.article("nobody")


def test_more_rows_than_one_statement_takes(archive):
    article, fingerprint, _, (vector,) = plain("a")
    many = [Passage(f"a#{n}", "a", 0, 13, Kind.BODY, "One sentence.") for n in range(1_203)]
    archive.put(article, fingerprint, many, [vector] * len(many))
    rows = all_rows(archive)
    assert (
        len(archive.passages(rows))
        == len(archive.vectors(rows))
        == len(archive.words.bm25('"sentence"', rows))
        == 1_203
    )


@pytest.mark.parametrize("size", [1, 2, 7, 32])
def test_a_sample_is_spread_over_all_rows(archive, size):
    assert archive.sample(size) == []
    for number in range(20):
        archive.put(*plain(f"a{number}"))
    archive.remove([f"a{number}" for number in range(5, 9)])
    rows, sample = all_rows(archive), archive.sample(size)
    assert sample == sorted(set(sample))
    assert set(sample) <= set(rows)
    assert 1 <= len(sample) <= size
    assert sample[0] == rows[0]
    assert size == 1 or sample[-1] == rows[-1]


# Filters


def found(archive: Archive, **filters: str) -> set[str]:
    """Article ids that pass, by every way of asking, which must agree."""
    chosen = Filters(**filters)
    ids = {reference.article_id for reference in archive.references(chosen)}
    assert {p.article_id for p in archive.passages(archive.rows(chosen)).values()} == ids
    assert {p.article_id for p in archive.passages(archive.words.best('"sentence"', 99, chosen)).values()} == ids
    return ids


def test_an_article_is_named_by_its_id_or_words_of_its_title(archive):
    archive.put(*plain("one", title="A Bridge at Last"))
    archive.put(*plain("two", title="one"))
    archive.put(*plain("three"))
    assert found(archive) == {"one", "two", "three"}
    assert found(archive, article="bridge at") == {"one"}
    assert found(archive, article="one") == {"one", "two"}
    assert found(archive, article="three") == {"three"}
    assert found(archive, article="thre") == set(), "an id is named whole"


@pytest.mark.parametrize(
    ("author", "asked"),
    [
        ("Élodie Ångström", "élodie"),
        ("élodie ångström", "ÅNGSTRÖM"),
        ("Иван Петров", "ПЕТРОВ"),
        ("José", "Jose\u0301"),
        ("Groß", "GROSS"),
    ],
)
def test_names_compare_without_case_in_any_script(archive, author, asked):
    archive.put(*plain("a", author=author))
    archive.put(*plain("b", author="Somebody Else"))
    archive.put(*plain("c"))
    assert found(archive, author=asked) == {"a"}


HOSTILE = ["%", "_", "' OR 1=1 --", '"', "'; DROP TABLE articles; --", "\\", "*", "?", "a%", "[a]", "\u202e", "\n"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["article", "author", "since", "until"])
def test_a_filter_is_plain_text(archive, field, text):
    archive.put(*plain("a", title="Plain", author="Plain"))
    assert found(archive, **{field: text}) == set()
    archive.put(*plain("b", title=f"x{text}y", author=f"x{text}y"))
    if field in ("article", "author"):
        assert found(archive, **{field: text}) == {"b"}
    assert archive.count() == (2, 2)


DAYS = st.dates().map(lambda day: day.isoformat())
PARTIAL = st.tuples(DAYS, st.sampled_from([4, 7, 10])).map(lambda pair: pair[0][: pair[1]])


@given(published=st.none() | PARTIAL, since=st.none() | PARTIAL, until=st.none() | PARTIAL)
def test_an_article_passes_if_a_day_of_its_date_lies_in_the_range(shared_archive, published, since, until):
    shared_archive.put(*plain("dated", **({"published": published} if published else {})))
    expected = not (since or until)
    if published and (since or until):
        in_time = since is None or last_day(published) >= first_day(since)
        expected = in_time and (until is None or first_day(published) <= last_day(until))
    assert found(shared_archive, since=since, until=until) == ({"dated"} if expected else set())
    shared_archive.remove(["dated"])


def first_day(date: str) -> str:
    return date + "-01-01"[len(date) - 10 :] if len(date) < 10 else date


def last_day(date: str) -> str:
    return date + "-99-99"[len(date) - 10 :] if len(date) < 10 else date


def test_filters_hold_together(archive):
    archive.put(*plain("a", author="Jane Marsh", published="1987-05-04"))
    archive.put(*plain("b", author="Jane Marsh", published="2027"))
    archive.put(*plain("c", author="John Reed", published="1987"))
    assert found(archive, author="marsh", until="1999") == {"a"}


def test_articles_are_listed_by_title_without_case(archive):
    for article_id, title in (("1", "beta"), ("2", "Alpha"), ("3", "éclair"), ("4", "Zeta")):
        archive.put(*plain(article_id, title=title))
    archive.put(*plain("gamma"))
    assert [r.title or r.article_id for r in archive.references()] == ["Alpha", "beta", "gamma", "Zeta", "éclair"]


# Damage


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE passages SET sentences = '[[1,'",
        "UPDATE passages SET sentences = '7'",
        "UPDATE passages SET kind = 'bodx'",
        "UPDATE vectors SET vector = x'00'",
        f"UPDATE vectors SET vector = x'{'0000807f' + '00' * 4 * (DIMENSION - 1)}'",  # infinity
        f"UPDATE vectors SET vector = x'{'0000c07f' + '00' * 4 * (DIMENSION - 1)}'",  # no number
        f"UPDATE vectors SET vector = x'{'0000803e' * DIMENSION}'",  # shorter than one
        "UPDATE sentence_vectors SET vectors = x'000000'",
        "UPDATE sentence_vectors SET vectors = x''",
        "DELETE FROM sentence_vectors",
        "UPDATE articles SET regions = '[[0]]'",
        "UPDATE articles SET text = 'One sentemce.'",
        "UPDATE articles SET source = '/b'",
        "UPDATE articles SET title = 'Another'",
        "UPDATE articles SET author = 'Another'",
        "UPDATE articles SET published = '2001'",
        "UPDATE articles SET url = 'https://example.org'",
    ],
)
def test_a_damaged_record_is_reported_as_such(archive, harm):
    article, fingerprint, passages, encoded = plain("a")
    archive.put(article, fingerprint, passages, encoded)
    with archive._database.writing() as db:
        db.execute(harm)

    def read_everything() -> None:
        archive.article("a")
        rows = all_rows(archive)
        archive.passages(rows)
        archive.vectors(rows)
        archive.sentence_vectors(passages, DIMENSION)

    with pytest.raises(DamagedError, match="damaged"):
        read_everything()


def test_a_damaged_manifest_is_reported_as_such(archive):
    archive.write_manifest({"encoder": "x"})
    with archive._database.writing() as db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'manifest'", (json.dumps({"encoder": "x"})[:-3],))
    with pytest.raises(DamagedError, match="damaged"):
        archive.manifest()
