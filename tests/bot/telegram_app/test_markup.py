"""Whatever the text: what Telegram parses is the text, in parts that it takes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.telegram_app.buttons import Action, Button
from bot.telegram_app.markup import PART_UNITS, Block, Message, Run, messages, named, paragraph, units
from tests.botapi.entities import Formatted, read_text

NASTY = (
    "<b>", "</b>", "<blockquote expandable>", "&amp;", "&", "<", ">", '"', "'", "&lt;b&gt;", "<a href=\"x\">",
    "\u202e", "\u2067", "\u200b", "\u200d", "👩‍👩‍👧‍👦", "🇵🇰", "e\u0301", "قطتان", "\x00", "\x1b[31m", "\n\n\n",
    " \n ", "\ud800", "𝔘𝔫𝔦",
)  # fmt: skip
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(NASTY)).map("".join))
long_texts = st.builds(lambda text, times: text * times, texts, st.sampled_from([1, 1, 2, 90, 400]))
hrefs = st.one_of(
    st.none(),
    texts,
    st.builds(lambda tail: f"https://example.org/{tail}", texts),
    st.just("javascript:alert(1)"),
    st.just("https://example.org/" + "&" * 900),
)
runs = st.builds(Run, long_texts, st.sampled_from(["", "b", "i", "u"]), hrefs)
blocks = st.builds(Block, st.lists(runs, max_size=4).map(tuple), st.booleans())


def parsed(message: Message) -> Formatted:
    """The message as Telegram reads it; a refusal fails the test."""
    return read_text(message.html, "HTML", None, limit=4096, caption=False)


def visible(text: str) -> str:
    """The text without blanks and without what has no width."""
    return re.sub(r"\s", "", named(text))


@given(st.lists(blocks, max_size=5))
def test_every_part_is_parsed_back_to_its_text_and_is_neither_empty_nor_too_long(given_blocks: list[Block]) -> None:
    for message in messages(given_blocks):
        assert parsed(message).text == message.text.rstrip()
        assert visible(message.text) and units(message.text) <= PART_UNITS
        assert len(message.html.encode()) <= 32_768
        assert set(re.findall(r"&[^;]*;", message.html)) <= {"&lt;", "&gt;", "&amp;", "&quot;"}


@given(st.lists(blocks, max_size=5))
def test_the_parts_together_say_what_the_blocks_say(given_blocks: list[Block]) -> None:
    said = "".join(visible(run.text) for block in given_blocks for run in block.runs)
    assert "".join(visible(message.text) for message in messages(given_blocks)) == said


@given(st.lists(blocks, min_size=1, max_size=5))
def test_links_lead_to_http_and_nowhere_else(given_blocks: list[Block]) -> None:
    for message in messages(given_blocks):
        for entity in parsed(message).entities:
            assert entity["type"] != "text_link" or entity["url"].startswith(("http://", "https://"))


@settings(max_examples=30)
@given(st.text(alphabet="word. \n", min_size=4_000, max_size=9_000))
def test_a_cut_keeps_words_whole(text: str) -> None:
    together = "".join(re.sub(r"\s+", " ", message.text.strip()) + " " for message in messages([paragraph(text)]))
    assert together.split() == text.split() or max(map(len, text.split())) > PART_UNITS // 2


@pytest.mark.parametrize("sentence", ["The ferry left at nine. ", "فیری نو بجے روانہ ہوئی۔ ", "船は九時に出た。"])
def test_sentences_stay_whole_where_there_are_any(sentence: str) -> None:
    parts = messages([paragraph(sentence * 800)])
    assert len(parts) > 1 and all(part.text.strip().endswith(sentence.strip()[-3:]) for part in parts)


@pytest.mark.parametrize("character", ["a", "👩‍👩‍👧‍👦", "e\u0301", "👍🏽"])
def test_without_blanks_a_cut_falls_between_letters(character: str) -> None:
    parts = messages([paragraph(character * 3_000)])
    assert len(parts) > 1 or character == "a"
    assert all(part.text == character * (len(part.text) // len(character)) for part in parts)


def test_bold_goes_on_in_the_next_part() -> None:
    first, second = messages([Block((Run("word " * 1_000, "b"),), folded=True)])
    for part in (first, second):
        assert part.html.startswith("<blockquote expandable><b>word") and part.html.endswith("</b></blockquote>")


@pytest.mark.parametrize("length", [1, 3_900, 3_901, 4_096, 4_097, 20_000])
def test_as_few_parts_as_hold_the_text(length: int) -> None:
    assert len(messages([paragraph("a" * length)])) == -(-length // PART_UNITS)


def test_parts_are_split_where_blocks_meet_and_the_last_has_the_buttons() -> None:
    rows = ((Button("More", Action.MORE, 3),),)
    parts = messages([paragraph("a" * 2_000), paragraph("b" * 1_800), paragraph("c" * 200)], rows)
    assert [part.text for part in parts] == ["a" * 2_000 + "\n\n" + "b" * 1_800, "c" * 200]
    assert [part.buttons for part in parts] == [(), rows]


def test_more_entities_than_telegram_shows_make_a_second_part() -> None:
    lines = [Block((Run(f"word {nth}", "b"),)) for nth in range(150)]
    assert all(len(parsed(message).entities) <= 100 for message in messages(lines))


def test_links_longer_than_telegram_takes_in_one_message_make_a_second_part() -> None:
    lines = [Block((Run(f"{nth}", href="https://example.org/" + "a" * 1_900),)) for nth in range(10)]
    parts = messages(lines)
    assert len(parts) > 1
    for part in parts:
        assert sum(len(entity["url"]) for entity in parsed(part).entities) < 9_500


def test_nothing_to_read_is_no_message() -> None:
    assert messages([paragraph(" \u200b\n\u2060"), Block(())]) == []


def test_a_quotation_stands_right_under_its_text() -> None:
    [message] = messages([paragraph("said"), Block((Run("who"),), folded=True)])
    assert message.html == "said\n<blockquote expandable>who</blockquote>"


@given(texts)
def test_a_name_has_no_line_feeds_and_nothing_that_turns_or_hides(text: str) -> None:
    assert not re.search("[\n\r\t\x00-\x1f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", named(text))
