from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.explain import explanation_lines, refused_at
from bot.lines import plain
from bot.sources import context_lines, paragraph, region_lines, table_lines
from retrieval.types import Abstention, Article, Hit, Kind, Passage, Quote, Reference, Region, Span, Speaker, Work
from tests.bot.fakes import BRIDGE, article, default_articles

CWD = Path("/srv")
REFERENCE = Reference("bridge", "/srv/bridge.html", "A Bridge at Last", "Jane Marsh", "Harbour Post", "1987-05-04")


def test_the_table_lines_up_wide_ids_too() -> None:
    references = [Reference("橋", "/srv/a.txt"), Reference("bridge", "/x/b.txt", "T", "A", "P", "2017")]
    assert [plain(each) for each in table_lines(references, CWD)] == [
        "  橋                  a.txt · a.txt",
        "  bridge  2017        T · A · P · /x/b.txt",
    ]


def test_regions_tell_what_is_kept_what_dropped_and_why() -> None:
    text = "Title\n\x1b[31mBody\x1b[0m of\nmany words\nGreat! says Bo\nLeave a Reply"
    regions = (
        Region(0, 5, Kind.TITLE),
        Region(6, 33, Kind.BODY),
        Region(34, 48, Kind.COMMENT, "reader"),
        Region(49, 62, Kind.FORM, "comment form"),
    )
    assert [plain(each) for each in region_lines(Article(REFERENCE, text, regions), CWD)] == [
        "  A Bridge at Last · Jane Marsh · Harbour Post, 1987-05-04",
        "  bridge.html",
        "",
        "  dropped     title      0–5            Title",
        "  kept        body       6–33           Body of many words",
        "  on request  comment    34–48          (reader) Great! says Bo",
        "  dropped     form       49–62          (comment form) Leave a Reply",
    ]


def test_a_quote_is_shown_in_its_paragraph_between_its_neighbours() -> None:
    start = BRIDGE.index("The harbour bridge")
    quoted = Span(start, BRIDGE.index("\nSteel"))
    assert [plain(each) for each in context_lines(article(REFERENCE, BRIDGE), quoted, CWD)] == [
        "  A Bridge at Last · Jane Marsh · Harbour Post, 1987-05-04",
        "  bridge.html",
        "  line 3",
        "",
        "  A Bridge at Last",
        "",
        "  »The harbour bridge reopened to traffic on 3 May 1987, two years late.«",
        "  Steel was dear that year.",
        "",
        "  Mayor Oduya designed nothing but the speech. The engineer Ines Ferro designed the bridge.",
    ]


def test_a_quote_over_two_lines_names_both() -> None:
    quoted = Span(BRIDGE.index("two years"), BRIDGE.index("that year"))
    shown = [plain(each) for each in context_lines(article(REFERENCE, BRIDGE), quoted, CWD)]
    assert "  lines 3–4" in shown
    assert "  The harbour bridge reopened to traffic on 3 May 1987, »two years late." in shown
    assert "  Steel was dear «that year." in shown


TEXTS = st.text(st.sampled_from("ab \n"), min_size=1, max_size=60)


@settings(deadline=None)
@given(TEXTS, st.data())
def test_a_paragraph_holds_its_quote_and_ends_at_empty_lines(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    quoted = Span(start, data.draw(st.integers(start + 1, len(text))))
    around = paragraph(text, quoted)
    assert 0 <= around.start <= quoted.start < quoted.end <= around.end <= len(text)
    assert "\n\n" not in text[around.start : quoted.start]
    assert "\n\n" not in text[quoted.end : around.end]
    assert around.start == 0 or text[: around.start].rstrip(" ").endswith("\n")


def test_a_paragraph_without_end_is_cut_between_words() -> None:
    text = "word " * 10_000
    around = paragraph(text, Span(25_000, 25_004))
    assert around.end - around.start <= 2_004
    assert text[around.start :].startswith("word")


def test_hostile_articles_are_shown_harmless(folder: Path) -> None:
    nasty = default_articles(folder)[2]
    shown = "\n".join(plain(each) for each in region_lines(nasty, CWD))
    assert "\x1b" not in shown
    assert "Red herring: the lighthouse keeper kept two cats 🐈 and…" in shown


HIT = Hit(Passage("p", "a", 0, 5, Kind.BODY, "Words"), 0.5, 0.25, 1.5, sentence=0.3)
QUOTE = Quote(HIT, 0, 5, "Words", 0.125, {"overlap": 0.5})


@pytest.mark.parametrize(
    ("work", "stage"),
    [(Work(), "search"), (Work(hits=(HIT,)), "quotes"), (Work(hits=(HIT,), candidates=(QUOTE,)), "confidence")],
)
def test_the_stage_that_refused_is_named(work: Work, stage: str) -> None:
    refusal = Abstention("?", "because", (), 0.0, work)
    assert refused_at(refusal) == stage
    assert f"  Decision    refused at {stage}: because" in [plain(each) for each in explanation_lines(refusal)]


def test_an_explanation_goes_through_the_stages() -> None:
    work = Work("what words", (HIT,), (), (QUOTE,), {"margin": -1.5}, 0.5, {"search": 2.25})
    assert [plain(each) for each in explanation_lines(Abstention("what?", "too unlikely", (), 0.25, work))] == [
        "  Question    what?",
        "    understood as: what words",
        "  Search      1 passage, best first; score: cosine and BM25 together",
        "      0.500  dense  0.250  sentence  0.300  lexical   1.500  a 0–5  Words",
        "  Quotes      1 candidate, best first",
        "      0.125  a 0–5  “Words”",
        "             overlap 0.50",
        "  Confidence  0.250, threshold 0.500",
        "    margin -1.50",
        "  Decision    refused at confidence: too unlikely",
        "  Time        search 2.2 ms",
    ]


def test_an_explanation_shows_whose_words_were_asked_for() -> None:
    work = Work(speaker=Speaker("Ada Quill", ("tolls", "walls"), "What about tolls?"))
    lines = [plain(each) for each in explanation_lines(Abstention("what?", "too unlikely", (), 0.25, work))]
    assert lines[1] == "    in the words of Ada Quill (2 articles): What about tolls?"


def test_an_explanation_shows_the_rerankers_score_of_the_hits_that_it_read() -> None:
    work = Work(hits=(replace(HIT, rerank=-3.5), HIT))
    lines = [plain(each) for each in explanation_lines(Abstention("what?", "too unlikely", (), 0.25, work))]
    assert "      0.500  dense  0.250  sentence  0.300  lexical   1.500  rerank  -3.500  a 0–5  Words" in lines
    assert "      0.500  dense  0.250  sentence  0.300  lexical   1.500  a 0–5  Words" in lines
