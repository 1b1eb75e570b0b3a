"""Metadata: what the text of an article states about it, and nothing that it does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.articles import read_articles
from retrieval.cleaning import find_regions
from retrieval.metadata import with_stated_metadata
from retrieval.texts import statements
from retrieval.types import Article, Reference

FERRY = "The ferry came back to the harbour on 3 May 1987 after two years in the yard of a neighbouring town."
ENGINE = "The engine had failed in winter, and the council did not find the money for a new one until spring."
REAL = Path(__file__).parents[3] / "shared" / "seeds"


def stated(*blocks: str, **known: str) -> Reference:
    """The reference after both stages, for an article of these paragraphs."""
    found = Article(Reference("a", "/corpus/Jane_Marsh-2017-03-15.txt", **known), "\n\n".join(blocks))
    return with_stated_metadata(replace(found, regions=find_regions(found))).reference


def fields(reference: Reference) -> tuple[str | None, ...]:
    return reference.title, reference.author, reference.publisher, reference.published, reference.url


def test_title_author_publisher_and_date_are_read_from_the_page() -> None:
    head = "News", "A Long Way Home – Dr Jane Marsh", "Published: 15 March 2017"
    reference = stated(*head, FERRY, "Source: Harbour Post")
    assert fields(reference) == ("A Long Way Home", "Dr Jane Marsh", "Harbour Post", "2017-03-15", None)


def test_nothing_is_guessed_from_a_file_name_or_prose() -> None:
    assert fields(stated(FERRY, ENGINE)) == (None, None, None, None, None)


def test_what_the_file_states_already_stays() -> None:
    known = {"title": "Home", "author": "Tom Reed", "publisher": "Gazette", "published": "2001", "url": "https://a.org"}
    reference = stated("Home", "By Jane Marsh", "March 15, 2017", FERRY, "Source: Harbour Post", **known)
    assert fields(reference) == tuple(known.values())


@pytest.mark.parametrize(
    "line", ["14 replies on “A Long Way Home”", "2 thoughts on “A Long Way Home", 'One thought on "A Long Way Home"']
)
def test_the_title_is_read_from_the_count_of_comments(line: str) -> None:
    assert stated(FERRY, ENGINE, line).title == "A Long Way Home"


@pytest.mark.parametrize(
    ("blocks", "author"),
    [
        (("Home at Last", "By Jane Marsh", FERRY), "Jane Marsh"),
        (("Home at Last", "By Jane Marsh and Tom van Dyk | 15 March 2017", FERRY), "Jane Marsh and Tom van Dyk"),
        (("Home at Last", "By", FERRY), None),
        (("Home at Last", FERRY, "Jane Marsh is a researcher at the Harbour Institute."), "Jane Marsh"),
        ((FERRY, "Jane Marsh\nJane Marsh\nThe writer can be reached at [email protected]"), "Jane Marsh"),
        ((FERRY, "*The author is Research Associate with the Harbour Institute."), None),
        (("Home at Last", "By 2014 the ferry had carried a million people and more.", FERRY), None),
        ((FERRY, "Jane Marsh is a researcher at the Harbour Institute.", ENGINE), None),
        (("Home at Last – A Memoir", FERRY), None),
    ],
)
def test_authors(blocks: tuple[str, ...], author: str | None) -> None:
    assert stated(*blocks).author == author


@pytest.mark.parametrize(
    ("line", "author", "publisher", "published"),
    [
        ("By Ada Lang | The Evening Ledger | 11 October 2023", "Ada Lang", "The Evening Ledger", "2023-10-11"),
        ("By Ada Lang | 11 October 2023 | The Evening Ledger", "Ada Lang", "The Evening Ledger", "2023-10-11"),
        ("*Harold Finch, columnist — 2024-02-19*", "Harold Finch", None, "2024-02-19"),
        ("By Harold Finch, Staff Writer", "Harold Finch", None, None),
        ("By Samuel Ortiz, 5 January 2021", "Samuel Ortiz", None, "2021-01-05"),
        ("By Samuel Ortiz, January 5, 2021", "Samuel Ortiz", None, "2021-01-05"),
        ("By Samuel Ortiz | January 5, 2021 - 10:30 am", "Samuel Ortiz", None, "2021-01-05"),
        ("By Samuel Ortiz | Opinion | 5 January 2021", "Samuel Ortiz", None, "2021-01-05"),
        ("By Samuel Ortiz | Staff Writer | 5 January 2021", "Samuel Ortiz", None, "2021-01-05"),
        ("By Land | Over Sea", None, None, None),
        ("By Samuel Ortiz | 40 pence | 5 January 2021", None, None, None),
        ("Port Ellen — 5 January 2021", None, None, None),
        ("Harold Finch, columnist", None, None, None),
    ],
)
def test_bylines_state_author_publisher_and_date(
    line: str, author: str | None, publisher: str | None, published: str | None
) -> None:
    reference = stated("Home at Last", line, FERRY, ENGINE)
    assert fields(reference)[1:4] == (author, publisher, published)
    assert reference.title == "Home at Last"


def test_a_title_in_quotation_marks_is_read() -> None:
    assert stated("“Home at Last”", "By Jane Marsh", FERRY, ENGINE).title == "“Home at Last”"


def test_a_labelled_author_box_states_the_author() -> None:
    assert stated(FERRY, "About the author: Samuel Ortiz lives in Port Ellen. He is 40.").author == "Samuel Ortiz"
    assert stated(FERRY, "About the author: The author lives in Port Ellen.").author is None


def test_the_date_of_a_comment_or_a_change_is_not_the_articles() -> None:
    comment = "• March 15, 2017 at 12:41 pm\nPermalink\n\nI sailed on her.\n\nReply"
    assert stated("Home at Last", "Updated: 3 May 2018", FERRY, "1 comment", comment).published is None
    assert stated("Home at Last", FERRY, "March 15, 2017").published is None


@pytest.mark.parametrize(
    ("line", "publisher", "url"),
    [
        ("Source: https://example.org/a?b=c", None, "https://example.org/a?b=c"),
        ("Originally published at https://example.org/a.", None, "https://example.org/a"),
        ("This article was first published in The Harbour Post.", "The Harbour Post", None),
        ("Source: ftp://example.org/a", None, None),
        ("Source: the harbour master told us so", None, None),
    ],
)
def test_publisher_and_address(line: str, publisher: str | None, url: str | None) -> None:
    reference = stated("Home at Last", FERRY, ENGINE, line)
    assert (reference.publisher, reference.url) == (publisher, url)


def test_front_matter_that_is_broken_states_nothing_by_the_back_door(tmp_path: Path) -> None:
    broken = "---\nBy Jane Marsh\nauthor: Jane Marsh\ntitle: [\ndate: 2017-03-15\n---\n\n"
    (tmp_path / "a.md").write_text(broken + FERRY)
    (read,) = read_articles([tmp_path / "a.md"], 1)
    assert isinstance(read, Article)
    assert fields(with_stated_metadata(replace(read, regions=find_regions(read))).reference) == (None,) * 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jane Marsh", True),
        ("Tom van Dyk", True),
        ("al Hassan Ali", True),
        ("Jane Marsh & Tom Reed", True),
        ("J. R. O’Neill-Smith", True),
        ("جین مارش", True),
        ("and Jane", False),
        ("Jane went home", False),
        ("Jane 2", False),
        ("", False),
    ],
)
def test_names(text: str, expected: bool) -> None:
    assert statements.is_name(text) is expected


RECOGNISERS = [
    statements.byline, statements.trailing_author, statements.dateline, statements.is_change_date, statements.origin,
    statements.discussion, statements.is_contact, statements.about_author, statements.is_name, statements.heading_text,
    statements.introduced, statements.box_label_end, statements.is_box_label,
]  # fmt: skip


@pytest.mark.parametrize("recognise", RECOGNISERS)
@pytest.mark.parametrize("unit", ["By ", "A ", "a - ", "May 1, ", "1 reply on “", "the author is ", "x@", "# ", "–"])
def test_every_recogniser_takes_a_line_of_any_length(recognise: object, unit: str) -> None:
    assert callable(recognise)
    for length in (statements.LONGEST, 100_000):
        recognise((unit * length)[:length])


@given(st.text(max_size=200), st.sampled_from(["/a.txt", "/a.md", "/a.html", "/a.jsonl#1"]))
def test_only_the_reference_changes_and_only_where_nothing_stood(text: str, source: str) -> None:
    before = Article(Reference("a", source, author="Tom Reed"), text)
    before = replace(before, regions=find_regions(before))
    after = with_stated_metadata(before)
    assert (after.text, after.regions) == (before.text, before.regions)
    assert after.reference.author == "Tom Reed"
    assert with_stated_metadata(after) == after


@pytest.mark.skipif(not REAL.is_dir(), reason="the real articles are not here")
def test_the_references_of_the_real_articles() -> None:
    found = {}
    for read in read_articles([REAL], 1):
        assert isinstance(read, Article)
        reference = with_stated_metadata(replace(read, regions=find_regions(read))).reference
        found[reference.article_id[:3]] = fields(reference)
    opinion = "Pakistan-Russia Relations: Regional Peace And Connectivity – OpEd"
    ties = "Pakistan – Russia strategic ties Efficacy over regional confrontation"
    act = "Pakistan-Russia relationship depends on a crafty balancing act"
    assert found == {
        "000": ("Pakistan Explores the Russian Option", "Dr Hasan Askari Rizvi", "Dunya News", None, None),
        "001": (ties, "Muhammad Javed Siddique", None, None, None),
        "002": ("Pak-Russia ties: prospects and challenges", "Wali Ejaz Nekokara", None, None, None),
        "003": (opinion, None, None, None, None),
        "004": (act, "Ume Farwa", None, None, None),
    }
