from __future__ import annotations

import gc
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from retrieval.encoder import embedding_text, load_encoder
from retrieval.passages import Cutter
from retrieval.settings import EncoderSettings
from retrieval.tokens import token_counter
from retrieval.types import SEARCHED, Article, Kind, Passage, Reference, Region
from tests.retrieval.samples import SMALL, TEXTS, article, passages


@pytest.fixture(scope="session")
def real(exported: Path) -> Cutter:
    """Cuts with tiktoken and the default model's own tokenizer, as Sayso does by default."""
    encoder = load_encoder(EncoderSettings(), exported)
    return Cutter(token_counter("cl100k_base", exported), encoder.count_tokens, 160, 0, encoder.max_tokens)


def require_whole(one: Article, cut: list[Passage], cutter: Cutter) -> None:
    """Everything that holds for the passages of any article."""
    covered: set[int] = set()
    for number, passage in enumerate(cut, start=1):
        assert (passage.id, passage.article_id) == (f"{one.reference.article_id}#{number}", one.reference.article_id)
        assert passage.text == one.text[passage.start : passage.end]
        assert passage.text == passage.text.strip() != ""
        assert passage.sentences[0].start == passage.start
        assert passage.sentences[-1].end == passage.end
        assert all(a.end <= b.start for a, b in zip(passage.sentences, passage.sentences[1:], strict=False))
        assert all(one.text[start:end].strip() for start, end in passage.sentences)
        assert not any(
            one.text[a.end : b.start].strip() for a, b in zip(passage.sentences, passage.sentences[1:], strict=False)
        )
        assert passage.end - passage.start == 1 or cutter.count(passage.text) <= cutter.tokens
        assert (
            passage.end - passage.start == 1 or cutter.model_count([embedding_text(passage)[0]])[0] <= cutter.max_tokens
        )
        covered.update(range(passage.start, passage.end))
    for region in one.regions:
        inside = {place for place in range(region.start, region.end) if not one.text[place].isspace()}
        assert inside <= covered if region.kind in SEARCHED else not inside & covered


KINDS = st.sampled_from([Kind.BODY, Kind.BODY, Kind.HEADING, Kind.FORM, Kind.COMMENT, Kind.ABOUT, Kind.CAPTION])


@st.composite
def articles(draw: st.DrawFn) -> Article:
    """Pieces of any text, each of some kind, with a title of any text."""
    pieces = draw(st.lists(st.tuples(TEXTS, KINDS), max_size=6))
    regions, text = [], ""
    for piece, kind in pieces:
        if piece.strip():
            regions.append(Region(len(text), len(text) + len(piece), kind))
        text += piece + draw(st.sampled_from(["", "\n", "\n\n"]))
    return Article(Reference("a", "/a.txt", title=draw(st.none() | TEXTS)), text, tuple(regions))


# -- what holds for every article ------------------------------------------------------------------


@given(articles(), st.integers(2, 40), st.integers(0, 30))
def test_passages_are_exact_whole_and_small_enough(one: Article, tokens: int, overlap: int) -> None:
    cutter = replace(SMALL, tokens=tokens, overlap=overlap)
    require_whole(one, cutter.cut(one), cutter)


@given(articles(), st.sampled_from([(16, 0), (40, 10), (160, 0), (160, 40)]))
def test_no_passage_is_more_than_the_real_encoder_reads(real: Cutter, one: Article, sizes: tuple[int, int]) -> None:
    cutter = replace(real, tokens=sizes[0], overlap=sizes[1])
    require_whole(one, cutter.cut(one), cutter)


@given(articles())
@settings(max_examples=30)
def test_the_encoders_own_limit_holds_where_tokens_would_allow_more(real: Cutter, one: Article) -> None:
    cutter = replace(real, tokens=8192, overlap=1024, max_tokens=64)
    require_whole(one, cutter.cut(one), cutter)


@given(articles())
def test_the_same_article_is_cut_the_same_way(one: Article) -> None:
    assert SMALL.cut(one) == SMALL.cut(one)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "word " * 20_000,
        "a, b; " * 5_000,
        "👩‍👩‍👧‍👦" * 3_000,
        "好" * 5_000,
        "好，" * 3_000,
        "یک " * 3_000,
        "क्षि" * 2_000,
        "a" + " " * 100_000 + "b",
        "a" + " \n" * 50_000 + "b.",
        "a – " * 5_000,
        "a" + " " * 50_000 + "– b",
        "=" * 20_000,
        "\u200b" * 5_000,
        "\x00" * 5_000,
        "<|endoftext|>" * 2_000,
        "[SEP] [CLS] [MASK] [PAD] " * 500,
        "\n".join(["one word", "1.", "- x"] * 2_000),
        ("The ferry sank. " * 30 + "\n\n\n\n \t\n\n") * 20,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_hard_texts_are_cut_whole(real: Cutter, text: str) -> None:
    one = article(text, title="On hard texts")
    require_whole(one, real.cut(one), real)


def test_a_sentence_of_a_megabyte_is_cut_without_recursion_running_deep(real: Cutter) -> None:
    one = article("word, " * 170_000)
    cut = replace(real, tokens=8192, max_tokens=8192).cut(one)
    assert cut[0].start == 0
    assert cut[-1].end == len(one.text.rstrip())
    assert max(len(passage.text) for passage in cut) < 60_000
    gc.collect()


# -- sizes -----------------------------------------------------------------------------------------

SENTENCES = [f"Ferry number {n} left at noon." for n in range(12)]  # six words each


def test_passages_are_filled_with_whole_sentences() -> None:
    cut = passages(" ".join(SENTENCES), tokens=21)
    assert [len(passage.sentences) for passage in cut] == [3, 3, 3, 3]
    assert [
        passage.text[s.start - passage.start : s.end - passage.start] for passage in cut for s in passage.sentences
    ] == SENTENCES


def test_a_short_article_is_one_passage() -> None:
    assert [passage.text for passage in passages("The ferry sank.\n\nNobody knew.")] == [
        "The ferry sank.\n\nNobody knew."
    ]


def test_a_new_paragraph_opens_a_passage_once_the_last_is_worth_one() -> None:
    text = " ".join(SENTENCES[:2]) + "\n\n" + " ".join(SENTENCES[2:3])
    assert [len(p.sentences) for p in passages(text, tokens=28)] == [2, 1]  # two sentences fill half of it
    assert [len(p.sentences) for p in passages(text, tokens=40)] == [3]


@given(st.integers(14, 60), st.integers(0, 40))
def test_a_passage_opens_with_as_many_tokens_of_the_last_as_asked(tokens: int, overlap: int) -> None:
    cut = replace(SMALL, tokens=tokens, overlap=overlap).cut(article(" ".join(SENTENCES)))
    for before, here in pairwise(cut):
        shared = [sentence for sentence in here.sentences if sentence in before.sentences]
        assert list(here.sentences[: len(shared)]) == shared
        assert list(before.sentences[len(before.sentences) - len(shared) :]) == shared
        assert len(shared) * 7 <= overlap
        assert before.start < here.start
        assert before.end < here.end
        if overlap >= 7 and tokens >= 3 * 7:
            assert shared


def test_no_overlap_means_no_sentence_twice() -> None:
    spans = [span for passage in passages(" ".join(SENTENCES)) for span in passage.sentences]
    assert len(spans) == len(set(spans))


def test_a_long_sentence_is_cut_at_the_ends_of_its_clauses() -> None:
    clauses = [
        "the old ferry left the northern harbour long before dawn,",
        "it carried the staff of twenty and all of their horses;",
        "nobody on the island had been told that it would come,",
        "so the gates of the harbour were found to be shut",
    ]
    cut = passages(" ".join(clauses), tokens=12)
    assert [passage.text for passage in cut] == clauses


def test_chinese_is_cut_behind_its_commas(real: Cutter) -> None:
    cut = replace(real, tokens=40).cut(article("我们去了那个很远很远的地方，" * 20))
    assert len(cut) > 1
    assert all(passage.text.endswith("，") for passage in cut)


def test_a_sentence_without_clauses_is_cut_between_words() -> None:
    cut = passages("word " * 100, tokens=12)
    assert all(set(passage.text.split()) == {"word"} for passage in cut)


def test_halves_of_a_long_sentence_share_a_passage_with_their_neighbours() -> None:
    long = " ".join(["ferry"] * 19 + ["left;"] + ["horse"] * 6 + ["stayed."])
    cut = passages(f"{long} It rained.", tokens=24)
    assert cut[-1].text.endswith("It rained.")
    assert len(cut[-1].sentences) > 1


# -- regions ---------------------------------------------------------------------------------------


def test_dropped_regions_are_never_inside_a_passage() -> None:
    one = article("The ferry sank. Photo: a ferry Nobody knew.", kinds=[("Photo: a ferry", Kind.CAPTION)])
    assert [passage.text for passage in SMALL.cut(one)] == ["The ferry sank.", "Nobody knew."]


def test_a_heading_opens_a_passage_and_gives_its_section() -> None:
    one = article(
        "Before all.\n\n## The  ferry ##\n\nIt sank.\n\nThe crew\n========\n\nIt swam.",
        kinds=[("## The  ferry ##", Kind.HEADING), ("The crew\n========", Kind.HEADING)],
        title="On ferries",
    )
    assert [(passage.text, passage.section, passage.context) for passage in SMALL.cut(one)] == [
        ("Before all.", "", "On ferries"),
        ("It sank.", "The ferry", "On ferries · The ferry"),
        ("It swam.", "The crew", "On ferries · The crew"),
    ]


def test_comments_and_lines_on_the_author_keep_their_kind_and_stay_apart() -> None:
    one = article(
        "It sank.\n\nA. Lee is a pilot.\n\nWell said!\n\nNot so.",
        kinds=[("A. Lee is a pilot.", Kind.ABOUT), ("Well said!", Kind.COMMENT), ("Not so.", Kind.COMMENT)],
    )
    assert [(passage.text, passage.kind) for passage in SMALL.cut(one)] == [
        ("It sank.", Kind.BODY),
        ("A. Lee is a pilot.", Kind.ABOUT),
        ("Well said!", Kind.COMMENT),
        ("Not so.", Kind.COMMENT),
    ]


def test_neighbouring_body_regions_share_passages() -> None:
    text = "It sank.\n\nNobody knew."
    one = Article(Reference("a", "/a"), text, (Region(0, 8, Kind.BODY), Region(10, len(text), Kind.BODY)))
    assert [passage.text for passage in SMALL.cut(one)] == [text]


@pytest.mark.parametrize("text", ["", " \n\n "])
def test_an_article_without_body_has_no_passages(text: str) -> None:
    assert SMALL.cut(article(text)) == []
    assert SMALL.cut(Article(Reference("a", "/a"), "All of it dropped.", (Region(0, 18, Kind.FORM),))) == []


# -- context ---------------------------------------------------------------------------------------


@given(TEXTS)
@settings(max_examples=50)
def test_title_and_section_leave_room_for_the_text(real: Cutter, title: str) -> None:
    assume(title.strip())
    one = article(f"Begin.\n\n{title}\n\n" + "The ferry sank. " * 60, kinds=[(title, Kind.HEADING)], title=title * 20)
    cut = real.cut(one)
    require_whole(one, cut, real)
    assert max(len(passage.sentences) for passage in cut) >= 10


@pytest.mark.parametrize("title", ["word " * 100_000, "x" * 1_000_000, "好" * 100_000])
def test_an_endless_title_is_clipped(real: Cutter, title: str) -> None:
    one = article("The ferry sank.", title=title)
    (passage,) = real.cut(one)
    assert len(passage.title) <= 10_000
    require_whole(one, [passage], real)


def test_a_short_title_is_kept_with_single_blanks() -> None:
    (passage,) = passages("It sank.", title="The  ferry\nof Tarn")
    assert passage.title == "The ferry of Tarn"
