"""Cleaning: each kind of noise is found, and what only looks like noise is kept."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.articles import read_articles
from retrieval.cleaning import find_regions, phrases
from retrieval.types import Article, Kind, Reference, Region

FERRY = "The ferry came back to the harbour on 3 May 1987 after two years in the yard of a neighbouring town."
ENGINE = "The engine had failed in winter, and the council did not find the money for a new one until spring."
CREW = "Eleven people sail on her now, and most of them had waited on shore for the whole of the two years."
LONG = f"{FERRY} {ENGINE} {CREW}"
LOG = " ".join(f"On day {day} she lay in fog off the northern cape." for day in range(2, 12))
REAL = Path(__file__).parents[3] / "shared" / "seeds"


def article(text: str, source: str = "/corpus/a.txt", title: str | None = None) -> Article:
    return Article(Reference("a", source, title=title), text)


def page(*blocks: str) -> str:
    return "\n\n".join(blocks)


def kinds(text: str, source: str = "/corpus/a.txt", title: str | None = None) -> dict[str, Kind]:
    """What each stretch of the text is."""
    return {text[r.start : r.end]: r.kind for r in find_regions(article(text, source, title))}


def assert_covered(text: str, regions: tuple[Region, ...]) -> None:
    position = 0
    for region in regions:
        assert position <= region.start < region.end <= len(text)
        assert not text[position : region.start].strip()
        assert text[region.start : region.end].strip()
        position = region.end
    assert not text[position:].strip()


# Above the article


def test_section_title_and_author_stand_above() -> None:
    text = page("Harbour", "A Long Way Home for the Harbour Ferry – Dr Jane Marsh", "March 15, 2017", FERRY)
    assert kinds(text) == {
        "Harbour": Kind.METADATA,
        "A Long Way Home for the Harbour Ferry": Kind.TITLE,
        "– Dr Jane Marsh": Kind.METADATA,
        "March 15, 2017": Kind.METADATA,
        FERRY: Kind.BODY,
    }


@pytest.mark.parametrize(
    "byline",
    [
        *("By Jane Marsh", "By", "BY JANE MARSH", "By Jane Marsh | 3 May 1987", "Author: J. Marsh"),
        *("By Jane Marsh | The Harbour Post | 3 May 1987", "*Jane Marsh, columnist — 1987-05-03*"),
    ],
)
def test_a_byline_is_metadata(byline: str) -> None:
    found = kinds(page("A Long Way Home", byline, FERRY))
    assert (found["A Long Way Home"], found[byline]) == (Kind.TITLE, Kind.METADATA)


def test_lines_without_blank_lines_between_them_are_told_apart() -> None:
    text = "\n".join(["A Long Way Home", "By Jane Marsh", LONG, "Why it left", f"{LONG} It was so."])
    found = kinds(text)
    assert (found["A Long Way Home"], found["By Jane Marsh"]) == (Kind.TITLE, Kind.METADATA)
    assert found["Why it left"] is Kind.HEADING


def test_headings_stand_between_paragraphs() -> None:
    text = page("A Long Way Home", "The sea casts a long shadow", FERRY, "Why it left in 1985", ENGINE)
    assert kinds(text)["The sea casts a long shadow"] is Kind.HEADING
    assert kinds(text)["Why it left in 1985"] is Kind.HEADING


# Below the article


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Source: Harbour Post", Kind.METADATA),
        ("Originally published at https://example.org/a", Kind.METADATA),
        ("One comment", Kind.FORM),
        ("Leave a Reply", Kind.FORM),
        ("Leave a\N{NO-BREAK SPACE}comment", Kind.FORM),
        ("Comments are closed.", Kind.FORM),
        ("Your email address will not be published. Required fields are marked *", Kind.FORM),
        ('You may use these HTML tags and attributes: <a href="" title=""> ' + "<b> " * 200, Kind.FORM),
        ("This site uses Akismet to reduce spam. Learn how your comment data is processed.", Kind.FORM),
        ("Must Read", Kind.FORM),
        ("[email protected]", Kind.FORM),
        ("14 replies on “A Long Way Home”", Kind.FORM),
        ("The writer can be reached at [email protected]", Kind.METADATA),
        ("*The author is Research Associate with the Harbour Institute, a think tank in Port Ellen.", Kind.ABOUT),
        ("Jane Marsh is a researcher at the Harbour Institute in Port Ellen.", Kind.ABOUT),
        ("Share", Kind.FORM),
        ("Share this article", Kind.FORM),
        ("Sign up for our newsletter", Kind.FORM),
        ("Sign up for our weekly newsletter and never miss a ferry.", Kind.FORM),
        ("Read also: Why the ferry left", Kind.FORM),
        ("See also: The crew of the harbour ferry", Kind.FORM),
        ("Related: Forty years on", Kind.FORM),
        ("* * *", Kind.FORM),
    ],
)
def test_what_stands_below_an_article(line: str, kind: Kind) -> None:
    assert kinds(page("A Long Way Home", FERRY, ENGINE, line))[line.strip()] is kind


@pytest.mark.parametrize("label", ["About the author:", "About the author –", "**About the author:**"])
@pytest.mark.parametrize("between", [" ", "\n", "\n\n"])
def test_a_labelled_author_box_is_told_from_its_label(label: str, between: str) -> None:
    box = "Samuel Ortiz keeps bees in Port Ellen and writes about ferries. He is 40."
    found = kinds(page(FERRY, ENGINE, f"{label}{between}{box}", "Share this article", "Sign up for our newsletter"))
    assert (found[label], found[box]) == (Kind.FORM, Kind.ABOUT)
    assert found[ENGINE] is Kind.BODY


@pytest.mark.parametrize("line", ["Read also: Why it left", "Sign up for our newsletter", "Share this article"])
def test_teasers_between_paragraphs_are_forms(line: str) -> None:
    assert kinds(page("A Long Way Home", FERRY, line, ENGINE))[line] is Kind.FORM


@pytest.mark.parametrize("title", ["“We never gave up”", '"Never again": the long way home of a ferry'])
def test_a_title_in_quotation_marks_is_a_title(title: str) -> None:
    assert kinds(page(title, "By Jane Marsh", FERRY, ENGINE))[title] is Kind.TITLE


@pytest.mark.parametrize("line", ["“We never gave up.”", "“Why did she leave?”"])
def test_what_somebody_says_on_top_is_no_title(line: str) -> None:
    assert kinds(page(line, FERRY, ENGINE))[line] is Kind.BODY


def test_the_authors_name_above_the_contact_is_metadata_even_twice() -> None:
    text = page(FERRY, "Jane Marsh\nJane Marsh\nThe writer can be reached at [email protected]", "Must Read")
    regions = find_regions(article(text))
    assert [r.kind for r in regions] == [Kind.BODY, *[Kind.METADATA] * 3, Kind.FORM]


def test_readers_comments_are_kept_apart_with_their_frame() -> None:
    text = (
        f"A Long Way Home\n\n{FERRY}\n\n2 thoughts on “A Long Way Home\n\n"
        "  • March 15, 2017 at 12:41 pm\n    Permalink\n\n    I sailed on her first trip, and it was cold.\n\n"
        "    Reply\n  • Tom Reed says:\n    March 16, 2017 at 2:27 pm\n\n    So did I.\n    It was lovely.\n\n"
        "    Reply\n\nLeave a Reply\n"
    )
    found = kinds(text)
    assert [t for t, kind in found.items() if kind is Kind.COMMENT] == [
        "I sailed on her first trip, and it was cold.",
        "So did I.\n    It was lovely.",
    ]
    assert found["• March 15, 2017 at 12:41 pm"] is Kind.METADATA
    assert found["• Tom Reed says:"] is Kind.METADATA
    assert found["Permalink"] is found["Reply"] is found["Leave a Reply"] is Kind.FORM


def test_comments_are_found_by_their_frame_alone() -> None:
    text = page(FERRY, "March 15, 2017 at 12:41 pm\nPermalink", "I sailed on her first trip.", "Reply")
    assert kinds(text)["I sailed on her first trip."] is Kind.COMMENT


# Photographs


def test_captions_and_credits_are_told_from_prose() -> None:
    text = page(
        "The ferry on her way home.Photo: Tom Reed/Harbour Post.\nHer bow at dawn. Photo: Tom Reed / Harbour Post",
        FERRY,
        "Image credit: Harbour Museum",
        f"{LOG} Photo: Tom Reed",
    )
    assert kinds(text) == {
        "The ferry on her way home.": Kind.CAPTION,
        "Photo: Tom Reed/Harbour Post.": Kind.CAPTION,
        "Her bow at dawn.": Kind.CAPTION,
        "Photo: Tom Reed / Harbour Post": Kind.CAPTION,
        FERRY: Kind.BODY,
        "Image credit: Harbour Museum": Kind.CAPTION,
        LOG: Kind.BODY,
        "Photo: Tom Reed": Kind.CAPTION,
    }


# Repeats


def test_a_repeated_paragraph_is_dropped_and_the_first_stays() -> None:
    text = page(LONG, "It was spring.", textwrap.fill(LONG.rstrip("."), 70))
    first, second, third = find_regions(article(text))
    assert (first.kind, second.kind, third.kind) == (Kind.BODY, Kind.BODY, Kind.DUPLICATE)
    assert third.reason == "repeats the paragraph at 0"


def test_a_paragraph_of_sentences_that_stood_before_is_dropped() -> None:
    text = page(f"{FERRY} {ENGINE}", CREW, f"{CREW} {FERRY}")
    assert [r.kind for r in find_regions(article(text))] == [Kind.BODY, Kind.BODY, Kind.DUPLICATE]


def test_a_long_run_within_a_paragraph_is_cut_out_and_the_rest_stays() -> None:
    text = page(f"{LONG} She is blue.", f"She is loved. {LONG} Nobody minds.")
    regions = find_regions(article(text))
    assert [(text[r.start : r.end], r.kind) for r in regions[1:]] == [
        ("She is loved.", Kind.BODY),
        (LONG, Kind.DUPLICATE),
        ("Nobody minds.", Kind.BODY),
    ]
    assert regions[2].reason == "repeats the sentences at 0"


def test_text_pasted_twice_without_a_full_stop_at_the_seam_is_cut_there() -> None:
    text = page(f"{LONG.rstrip('.')} {LONG}", f"{LONG} She is blue.")
    regions = find_regions(article(text))
    assert [(text[r.start : r.end], r.kind) for r in regions] == [
        (LONG.rstrip("."), Kind.BODY),
        (LONG, Kind.DUPLICATE),
        (LONG, Kind.DUPLICATE),
        ("She is blue.", Kind.BODY),
    ]


def test_a_refrain_stays() -> None:
    stanza = "Row the boat and sing, my dear,\nfor the night is dark and long,\nand the harbour light is near."
    text = page(stanza, "The nets are in.", stanza, "The nets are in.")
    assert set(kinds(text).values()) == {Kind.BODY}


# What only looks like noise


@pytest.mark.parametrize(
    "block",
    [
        "By 2014 the ferry had carried a million people, and the harbour had grown round it.",
        "By land and by sea they came",
        "The form below said “Leave a Reply”, and nobody ever did.",
        "He wrote “Photo: Tom Reed” under each picture, and the paper printed it.",
        "It was late.",
        "“There is no harbour without a storm in the years of its building.”",
        "- By Jane Marsh\n- Source: Harbour Post",
        "Source: the harbour master told us so, and he should know",
        "3 May 1987 was the day on which she came home.",
        "Jane Marsh is a researcher at the Harbour Institute in Port Ellen.",
        "The author is right, and the ferry is not.",
        "Reply",
        "Share",
        "Ferry tickets cost 40 pence",
        "Open on weekdays\n\nClosed on Sundays\n\nFree for children",
        "See also: the second annex of the treaty, which nobody has read.",
        "Related: she was the ferry's sister ship, and as slow.",
        "About the author nothing is known, not even a name.",
        "Comments are closed to visitors of the gallery, said the sign.",
        "What next?",
        "x\n=\ny",
    ],
)
def test_in_the_midst_of_an_article_it_is_body_or_a_heading_at_most(block: str) -> None:
    found = kinds(page("A Long Way Home", FERRY, block, ENGINE, CREW))
    mine = {kind for text, kind in found.items() if text in block}
    assert mine <= ({Kind.HEADING} if block in {"Reply", "Share", "By land and by sea they came"} else {Kind.BODY})


def test_questions_and_replies_are_no_discussion() -> None:
    text = page("Question", "When did the ferry come back to the harbour, and why?", "Reply", FERRY, "Question", ENGINE)
    assert kinds(text)[FERRY] is kinds(text)[ENGINE] is Kind.BODY
    assert Kind.COMMENT not in kinds(text).values()


def test_a_poem_is_body_but_for_its_title() -> None:
    lines = ["Row the boat", "And sing my dear", "The night is long", "The harbour near"]
    assert set(kinds("\n\n".join(lines)).values()) == {Kind.BODY}
    assert set(kinds("\n".join(lines)).values()) == {Kind.BODY}


@pytest.mark.parametrize(
    "text", ["A Long Way Home", "Leave a Reply", "By Jane Marsh", f"{FERRY} {FERRY}", "Photo: Tom Reed", LONG]
)
def test_a_record_of_one_paragraph_is_body_entirely(text: str) -> None:
    assert kinds(text, "/corpus/c.jsonl#3", title="A Long Way Home") == {text: Kind.BODY}


def test_a_longer_record_is_only_cleared_of_what_is_certain() -> None:
    text = page("A Long Way Home", "By Jane Marsh", FERRY, "The crew", CREW, "Leave a Reply")
    found = kinds(text, "/corpus/c.jsonl#3", title="A long way home")
    assert found.pop("A Long Way Home") is Kind.TITLE
    assert found.pop("Leave a Reply") is Kind.FORM
    assert set(found.values()) == {Kind.BODY}


# Markup


def test_markdown_says_what_is_a_heading(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        f"---\ntitle: A Long Way Home\nauthor:\n\n---\n\n# A Long Way Home\n\n{FERRY}\n\n"
        f"Why it left\n-----------\n\n{ENGINE}\n\n"
        "![The ferry](ferry.jpg)\n\n[Home](https://example.org)\n\n```\n# no heading\n\nx = 1\n```\n\n"
        "| Year | Trips |\n|------|-------|\n| 1987 | 40 |\n\n- one\n- two\n\n***\n\n## The crew\n\nNot a heading\n\n"
        f"{CREW}\n\n<!-- draft -->\n"
    )
    (read,) = read_articles([tmp_path / "a.md"], 1)
    assert isinstance(read, Article)
    found = [(read.text[r.start : r.end], r.kind) for r in find_regions(read)]
    assert found[0][0].endswith("author:\n\n---")
    assert [kind for _, kind in found if kind is not Kind.BODY] == [
        Kind.METADATA, Kind.TITLE, Kind.HEADING, Kind.CAPTION, Kind.FORM, Kind.FORM, Kind.HEADING, Kind.FORM,
    ]  # fmt: skip
    assert ("Why it left\n-----------", Kind.HEADING) in found
    assert ("| Year | Trips |\n|------|-------|\n| 1987 | 40 |", Kind.BODY) in found
    assert ("- one\n- two", Kind.BODY) in found
    assert ("Not a heading", Kind.BODY) in found


def test_a_readers_comment_that_the_markup_marks_is_split_from_its_buttons() -> None:
    text = page(FERRY, "I sailed on her first trip.", "Reply")
    start = len(FERRY) + 2
    marked = Article(Reference("a", "/a.html"), text, (Region(start, len(text), Kind.COMMENT, "reader's comment"),))
    assert [r.kind for r in find_regions(marked)] == [Kind.BODY, Kind.COMMENT, Kind.FORM]


# Invariants

BLOCKS = st.sampled_from(
    [
        *(FERRY, ENGINE, LONG, LONG.rstrip("."), "A Long Way Home", "Home – Dr Jane Marsh", "# Home", "Home\n===="),
        *("By Jane Marsh", "By", "March 15, 2017", "Leave a Reply", "Permalink", "Reply", "2 thoughts on “Home"),
        *("• March 15, 2017 at 12:41 pm", "Photo: Tom Reed", f"{FERRY}Photo: Tom Reed/Post", "***", "Source: Post"),
        *("```", "| a |", "![](a)", "\r", "\x0b", "\u2028", "\N{NO-BREAK SPACE}"),
        *("Jane Marsh is a researcher at Port.", "The writer can be reached at a@b.c"),
    ]
)
ENDS = st.sampled_from(["\n\n", "\n", " ", "\r\n\r\n", ""])
TEXTS = st.lists(st.tuples(BLOCKS | st.text(max_size=30), ENDS), max_size=14)
SOURCES = st.sampled_from(["/a.txt", "/a.md", "/a.html", "/a.jsonl#1"])


@given(TEXTS, SOURCES, st.none() | st.just("A Long Way Home"))
def test_regions_are_in_order_and_cover_all_that_is_not_blank(
    parts: list[tuple[str, str]], source: str, title: str | None
) -> None:
    text = "".join(block + end for block, end in parts)
    given_article = article(text, source, title)
    regions = find_regions(given_article)
    assert_covered(text, regions)
    assert regions == find_regions(given_article)
    assert all(region.reason for region in regions if region.kind is not Kind.BODY)


@given(TEXTS)
def test_what_is_dropped_as_a_repeat_is_kept_elsewhere(parts: list[tuple[str, str]]) -> None:
    text = "".join(block + end for block, end in parts)
    regions = find_regions(article(text))
    kept = {word for r in regions if r.kind is Kind.BODY for word in re.findall(r"\w+", text[r.start : r.end])}
    for region in regions:
        if region.kind is Kind.DUPLICATE:
            assert {*re.findall(r"\w+", text[region.start : region.end])} <= kept


WORST = ["a ", "By ", "A. ", "(", "[", "[]", "![] ", "<!-- ", "•", "Photo: ", "1 ", "— ", "Jane ", "x. Photo: ", "\t"]
WORST += ["“", "|", "#", "= ", "\n", "May 1, ", "1 comment on “", "the author is a ", "reply\n"]


@pytest.mark.parametrize("unit", WORST)
@pytest.mark.parametrize("source", ["/a.txt", "/a.md"])
def test_long_lines_of_anything_are_cleaned(unit: str, source: str) -> None:
    text = unit * (100_000 // len(unit))
    assert_covered(text, find_regions(article(text, source)))
    assert phrases.credit_start(text) is None


# The real articles, which are not part of the repository


@pytest.mark.skipif(not REAL.is_dir(), reason="the real articles are not here")
def test_the_noise_of_the_real_articles_is_found() -> None:
    found: dict[str, list[tuple[Kind, str]]] = {}
    for read in read_articles([REAL], 1):
        assert isinstance(read, Article)
        regions = find_regions(read)
        assert_covered(read.text, regions)
        noise = [(r.kind, read.text[r.start : r.end][:34]) for r in regions if r.kind is not Kind.BODY]
        found[read.reference.article_id[:3]] = noise
    assert {name: [kind.value for kind, _ in noise] for name, noise in found.items()} == {
        "000": ["metadata", "title", "metadata", "duplicate", "metadata", "form", "form"],
        "001": ["title", "metadata", "form", "form", "form", "form"],
        "002": ["title", "heading", "duplicate", "duplicate", "metadata", "metadata", "metadata", "form"],
        "003": ["title", "metadata", "about", "form", *["metadata", "form", "comment", "form"] * 2, "form", "form"],
        "004": [*["caption"] * 4, *["heading"] * 3, "about", "form", "form"],
    }
    assert (Kind.METADATA, "Source: Dunya News") in found["000"]
    assert (Kind.HEADING, "History casts a long shadow") in found["002"]
    assert (Kind.HEADING, "Pick a policy and wear it like arm") in found["004"]
