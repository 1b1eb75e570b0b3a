from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.lines import plain
from bot.render import citation_line, failure_lines, fragment_link, index_lines, quote_line, reply_lines, sureness
from bot.voices import By
from retrieval.types import (
    Abstention,
    Answer,
    Citation,
    Difference,
    Hit,
    IndexReport,
    Kind,
    Passage,
    Quote,
    Reference,
    Rejected,
    Span,
    Speaker,
    Work,
)

CWD = Path("/home/ada")
REFERENCE = Reference(
    "bridge", "/home/ada/archive/bridge.html", "A Bridge at Last", "Jane Marsh", "Harbour Post", "1987-05-04"
)
LONG = "The harbour bridge reopened to traffic on 3 May 1987, two years late."


def quote(text: str, start: int = 812, answer: str = "", kind: Kind = Kind.BODY) -> Quote:
    hit = Hit(Passage("bridge:0", "bridge", 0, start + len(text), kind, text), 1.0, 0.5, 2.0)
    at = start + text.index(answer)
    return Quote(hit, start, start + len(text), text, 1.0, answer=Span(at, at + len(answer)) if answer else None)


def cited(number: int = 1, reference: Reference = REFERENCE, text: str = LONG, **of_quote: object) -> Citation:
    return Citation(number, reference, quote(text, **of_quote))  # type: ignore[arg-type]


def read(reply: Answer | Abstention, **options: Any) -> str:
    return "\n".join(plain(each) for each in reply_lines(reply, CWD, **options))


def test_an_answer_reads_as_designed() -> None:
    other = replace(
        REFERENCE, title="Forty Years On", author=None, published="2027-05-03", url="https://example.org/forty"
    )
    answer = Answer("?", (cited(answer="3 May 1987"), cited(2, other, "The 1987 opening.")), 0.94, Work())
    assert read(answer) == (
        "\n"
        "  “The harbour bridge reopened to traffic on 3 May 1987, two years late.” [1]\n"
        "  also “The 1987 opening.” [2]\n"
        "\n"
        "  [1] A Bridge at Last · Jane Marsh · Harbour Post, 1987-05-04 · archive/bridge.html, characters 812–881\n"
        "  [2] Forty Years On · Harbour Post, 2027-05-03 · https://example.org/forty#:~:text=The%201987%20opening.\n"
        "\n"
        "  94 % sure · sayso ask --explain shows how"
    )


def test_a_refusal_names_the_nearest_articles_once_each() -> None:
    other = Reference("steel", "/srv/steel.txt")
    nearest = (cited(1, text="the cost of the steel"), cited(2, text="again"), cited(3, other, text="word " * 40))
    assert read(Abstention("?", "too unlikely", nearest, 0.2, Work())) == (
        "\n"
        "  My sources don't say.\n"
        "  Nearest: A Bridge at Last (Jane Marsh), on “the cost of the steel”.\n"
        "           steel.txt, on “" + "word " * 11 + "word…”."
    )


def test_a_refusal_without_anything_near_gives_its_reason() -> None:
    assert read(Abstention("?", "no article is left by the filters", (), 0.0, Work())) == (
        "\n  My sources don't say.\n  Reason: no article is left by the filters"
    )


def test_a_refusal_for_an_author_says_who_is_silent() -> None:
    work = Work(speaker=Speaker("Jane Marsh", ("bridge",), "What about tolls?"))
    nearest = (cited(1, text="the cost of the steel"),)
    assert read(Abstention("?", "nothing in the article by Jane Marsh answers", nearest, 0.2, work)) == (
        "\n"
        "  My sources don't say.\n"
        "  Reason: nothing in the article by Jane Marsh answers\n"
        "  Nearest: A Bridge at Last (Jane Marsh), on “the cost of the steel”."
    )


def test_a_follow_up_shows_what_was_understood() -> None:
    reply = Abstention("and who?", "r", (), 0.0, Work(resolved_question="who designed\n the harbour bridge"))
    assert read(reply).startswith("  understood as: who designed the harbour bridge\n\n  My sources")


def test_the_answering_words_are_bold_and_underlined() -> None:
    pieces = quote_line(cited(answer="3 May 1987")).segments
    assert [piece.text for piece in pieces if piece.style] == ["3 May 1987"]
    assert {piece.style for piece in pieces} == {"", "bold underline"}


@pytest.mark.parametrize(
    ("confidence", "told"),
    [
        (1.0, "over 99 % sure"),
        (0.994, "99 % sure"),
        (0.6, "60 % sure"),
        (0.59, "not very sure (59 %)"),
        (0.0, "not very sure (0 %)"),
    ],
)
def test_sureness_is_told_in_per_cent_and_below_sixty_in_words(confidence: float, told: str) -> None:
    assert sureness(confidence) == told


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (Reference("a", "/srv/a.txt"), "[1] a.txt · /srv/a.txt, characters 0–2"),
        (Reference("a", "/home/ada/x.jsonl#3", "T"), "[1] T · x.jsonl#3, characters 0–2"),
        (Reference("a", "/home/adam/a.txt", "T"), "[1] T · /home/adam/a.txt, characters 0–2"),
        (Reference("a", "/srv/a.txt", published="2017"), "[1] a.txt · 2017 · /srv/a.txt, characters 0–2"),
        (Reference("a", "/srv/a.txt", "T", url="javascript:alert(1)"), "[1] T · /srv/a.txt, characters 0–2"),
        (Reference("a", "/srv/a\x1b[2J.txt", "T\n[2] forged"), "[1] T [2] forged · /srv/a.txt, characters 0–2"),
    ],
)
def test_a_citation_line_leaves_out_what_is_not_stated(reference: Reference, expected: str) -> None:
    assert plain(citation_line(cited(1, reference, "Hm", start=0), CWD)) == "  " + expected


def test_a_readers_comment_is_not_put_in_the_authors_mouth() -> None:
    told = plain(citation_line(cited(kind=Kind.COMMENT, start=0), CWD))
    assert told.startswith("  [1] a reader's comment on A Bridge at Last · Harbour Post, 1987-05-04 · ")


def test_quotes_over_several_lines_are_read_on_one() -> None:
    assert plain(quote_line(cited(text="two\nhard-wrapped\r\n  lines", start=0))) == "  “two hard-wrapped lines” [1]"


URL = "https://example.org/a?b=c"
WORDS = st.lists(st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=1), min_size=1, max_size=30)


@settings(deadline=None)
@given(WORDS, st.sampled_from([" ", "\n", " \t "]))
def test_a_fragment_decodes_to_words_of_the_quote(words: list[str], blank: str) -> None:
    text = blank.join(words)
    assume(text.split() == words)
    link = fragment_link(URL, text)
    assert link is not None
    fragment = link.removeprefix(f"{URL}#:~:text=")
    assert re.fullmatch(r"[A-Za-z0-9_.~%,]+", fragment)
    parts = [unquote(part) for part in fragment.split(",")]
    joined = " ".join(words)
    assert parts == [joined] or (len(parts) == 2 and joined.startswith(parts[0]) and joined.endswith(parts[1]))


@pytest.mark.parametrize(
    ("url", "text", "expected"),
    [
        (URL, "well-known, & tried", f"{URL}#:~:text=well%2Dknown%2C%20%26%20tried"),
        (URL, "1 2 3 4 5 6 7 8 9", f"{URL}#:~:text=1%202%203%204,6%207%208%209"),
        (f"{URL}#top", "word", f"{URL}#top:~:text=word"),
        ("HTTPS://example.org", "word", None),
        ("ftp://example.org", "word", None),
        ("https://example.org/a b", "word", None),
        ("https://example.org/\x1b[2J", "word", None),
        ("https://example.org/\u202egro", "word", None),
        (None, "word", None),
        (URL, "", None),
        (URL, "\ud800 x", f"{URL}#:~:text=%3F%20x"),
    ],
)
def test_links_to_the_quoted_words(url: str | None, text: str, expected: str | None) -> None:
    assert fragment_link(url, text) == expected


def test_an_index_report_reads_as_designed() -> None:
    report = IndexReport(
        added=tuple(map(str, range(200))),
        updated=tuple(map(str, range(9))),
        unchanged=("x",),
        rejected=(
            Rejected("/home/ada/articles/scan.pdf", "no reader for .pdf", False),
            Rejected("/home/ada/articles/empty.txt", "no text", False),
            Rejected("/home/ada/articles/lines.jsonl#3", "not JSON", True),
        ),
        passages=4096,
        seconds=19.3,
    )
    assert [plain(each) for each in index_lines(report, CWD)] == [
        "Indexed articles: 200 added, 9 updated, 1 unchanged, 2 skipped, 1 failed. 4,096 passages in 19 s.",
        "Skipped: articles/scan.pdf (no reader for .pdf) · articles/empty.txt (no text)",
    ]
    assert [plain(each) for each in failure_lines(report, CWD)] == ["error: articles/lines.jsonl#3 (not JSON)"]


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.04, "0.0 s"), (9.96, "10.0 s"), (119.2, "119 s"), (200.0, "3 min 20 s")]
)
def test_durations_are_short(seconds: float, told: str) -> None:
    (summary,) = index_lines(IndexReport(removed=("a",), passages=1, seconds=seconds), CWD)
    assert plain(summary) == f"Indexed articles: 1 removed. 1 passage in {told}."


def test_a_long_list_of_skipped_files_is_cut() -> None:
    rejected = tuple(Rejected(f"/srv/{n}.pdf", "no reader", False) for n in range(1, 32))
    first, second = (plain(each) for each in index_lines(IndexReport(rejected=rejected), CWD))
    assert first == "Indexed articles: 31 skipped. 0 passages in 0.0 s."
    assert second.endswith(" · /srv/20.pdf (no reader) · and 11 more")


def test_indexing_nothing_says_so() -> None:
    assert [plain(each) for each in index_lines(IndexReport(), CWD)] == [
        "Indexed articles: none found. 0 passages in 0.0 s."
    ]


OTHER = replace(REFERENCE, article_id="forty", title="Forty Years On", author=None, published="2027-05-03")


def test_sources_that_differ_stand_side_by_side_with_their_words_marked() -> None:
    here, there = "The bridge reopened in 1987.", "In 1989 the bridge reopened."
    citations = (cited(1, text=here, start=0), cited(2, OTHER, there, start=0), cited(3, text="Rain.", start=0))
    difference = Difference((1, 2), "date", (Span(23, 27), Span(3, 7)))
    assert read(Answer("?", citations, 0.94, Work(), (difference,))).startswith(
        "\n"
        "  The sources differ on the date:\n"
        "  “The bridge reopened in »1987«.” [1]\n"
        "  “In »1989« the bridge reopened.” [2]\n"
        "\n"
        "  also “Rain.” [3]\n"
        "\n"
        "  [1] A Bridge at Last"
    )


def test_a_source_that_cites_two_speakers_does_not_contradict_itself() -> None:
    citations = (cited(1, text="Ada says 4.", start=0), cited(2, text="Tom says 5.", start=0))
    difference = Difference((1, 2), "number", (Span(9, 10), Span(9, 10)), voiced=True)
    assert "  The sources differ on the number:\n  “Ada says »4«.” [1]\n  “Tom says »5«.” [2]" in read(
        Answer("?", citations, 0.9, Work(), (difference,))
    )


def test_one_source_that_says_both_contradicts_itself() -> None:
    citations = (cited(1, text="It is so.", start=0), cited(2, text="It is not so.", start=0))
    answer = Answer("?", citations, 0.9, Work(), (Difference((1, 2), "negation", (Span(3, 5), Span(3, 9))),))
    assert "  The source contradicts itself on whether it is so:\n  “It »is« so.” [1]\n  “It »is not« so.” [2]" in read(
        answer
    )


def test_who_else_says_so_is_named_and_can_be_checked() -> None:
    answer = Answer(
        "?", (replace(cited(text="Rain.", start=0), also=(cited(2, OTHER, "It rains.", start=7),)),), 0.9, Work()
    )
    told = read(answer)
    assert "  “Rain.” [1]\n  also said by Harbour Post, 2027-05-03 [2]\n" in told
    assert "  [2] Forty Years On · Harbour Post, 2027-05-03 · archive/bridge.html, characters 7–16\n" in told


THREE = cited(1, text="One.", start=0), cited(2, OTHER, "Two.", start=0), cited(3, text="Three.", start=0)
SEVERAL = Answer("?", THREE, 0.9, Work())


def test_voices_are_named_where_one_of_several_says_more_than_one_thing() -> None:
    grouped = (
        "\n"
        "  Jane Marsh · Harbour Post, 1987-05-04\n  “One.” [1]\n  “Three.” [3]\n"
        "\n"
        "  Harbour Post, 2027-05-03\n  “Two.” [2]\n"
    )
    assert read(SEVERAL).startswith(grouped)
    assert "Jane Marsh · Harbour Post, 1987-05-04\n  “One.”" not in read(
        replace(SEVERAL, citations=SEVERAL.citations[:2])
    )


def test_quotes_are_grouped_as_asked() -> None:
    assert read(SEVERAL, by=By.DATE).startswith("\n  1987-05-04\n  “One.” [1]\n  “Three.” [3]\n\n  2027-05-03\n")
    assert read(SEVERAL, by=By.ARTICLE).startswith("\n  A Bridge at Last · Harbour Post, 1987-05-04\n  “One.” [1]")
    assert read(Answer("?", SEVERAL.citations[:1], 0.9, Work()), by=By.AUTHOR).startswith("\n  Jane Marsh · ")


def test_a_list_is_read_in_its_order_and_a_comparison_names_every_voice() -> None:
    assert read(replace(SEVERAL, form="list")).startswith("\n  “One.” [1]\n  “Two.” [2]\n  “Three.” [3]\n\n  [1] ")
    two = replace(SEVERAL, citations=THREE[:2], form="comparison")
    assert read(two).startswith(
        "\n  Jane Marsh · Harbour Post, 1987-05-04\n  “One.” [1]\n\n  Harbour Post, 2027-05-03\n"
    )
