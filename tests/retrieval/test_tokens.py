from __future__ import annotations

import hashlib
import os
import re
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import EncoderError
from retrieval.tokens import sentence_spans, stem, token_counter, words
from tests.conftest import ROOT
from tests.retrieval.samples import TEXTS


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


# -- sentences: what holds for every text ----------------------------------------------------------


@given(TEXTS)
def test_sentences_are_in_order_disjoint_stripped_and_cover_all_that_is_not_blank(text: str) -> None:
    here = 0
    for start, end in sentence_spans(text):
        assert here <= start < end <= len(text)
        assert not text[here:start].strip()
        assert text[start:end] == text[start:end].strip()
        here = end
    assert not text[here:].strip()


@given(TEXTS)
def test_no_sentence_crosses_a_blank_line(text: str) -> None:
    assert not any(re.search(r"\n[^\S\n]*\n", sentence) for sentence in sentences(text))


@given(TEXTS)
def test_sentences_are_the_same_every_time(text: str) -> None:
    assert sentence_spans(text) == sentence_spans(text)


@pytest.mark.parametrize("blank", ["", " ", "\n", "\r\n\r\n", " \n \n\t", "\u2028\u00a0"])
def test_blank_text_has_no_sentences(blank: str) -> None:
    assert sentence_spans(blank) == []


# -- sentences: where they end ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "expected",
    [
        ["Lt. Gen. Arif Malik met Col. Orlov and Dr. Ames.", "Then he left."],
        ["The U.S. ship was No. 5 of its class.", "It sank."],
        ["Mr. Lee left at 5 p.m. on Sunday.", "See p. 12 and vol. 3."],
        ["It cost 3.5 million.", "Nobody paid."],
        ["“It is over.”", "He left."],
        ["He said: “Go home.”", "She went."],
        ["(They stayed.)", "[All of them.]", "He did."],
        ["What happened?", "Nobody knew!", "So it goes."],
        ["He wrote a book.", "Nobody read it."],
        ["They sailed round Sulawesi.", "Then they slept."],
        ["In the park.”", "Then it rained."],
        ["We asked three things: 1. Anna came. 2. Tom left."],
    ],
)
def test_sentences_end_where_a_reader_sees_it(expected: list[str]) -> None:
    if len(expected) > 1:
        assert sentences(" ".join(expected)) == expected
    else:  # the items of a list within a sentence are not cut from their numbers
        assert not any(re.fullmatch(r"\d+\.", sentence) for sentence in sentences(expected[0]))


@pytest.mark.parametrize(
    "expected",
    [
        ["The body is called the Regional Structure (RATS).", "Col-Gen Orlov came."],
        ["The pact was signed in 1963.", "The parties met again."],
        ["Nobody came (as he had said.)", "They left."],
        ["He asked “Why now?”", "They left."],
        ["The ferry sank.", "“Nobody knew,” he said."],
    ],
)
def test_a_missing_space_behind_a_full_stop_does_not_join_sentences(expected: list[str]) -> None:
    assert sentences("".join(expected)) == expected


@pytest.mark.parametrize(
    "whole", ["Version v2.Beta came.", "Open readme.Then", "Call example.com now.", "The price was 3.50 a head."]
)
def test_a_full_stop_within_a_word_or_number_ends_nothing_short(whole: str) -> None:
    assert "".join(sentences(whole)).replace(" ", "") == whole.replace(" ", "")
    assert all(len(sentence) > 3 for sentence in sentences(whole))


@pytest.mark.parametrize(
    ("expected", "between"),
    [
        (["یہ پہلا جملہ ہے۔", "یہ دوسرا جملہ ہے۔"], " "),
        (["هل هذا صحيح؟", "نعم، هذا صحيح."], " "),
        (["यह पहला वाक्य है।", "यह दूसरा वाक्य है।"], " "),
        (["यह पहला वाक्य है।", "यह दूसरा वाक्य है।"], ""),
        (["这是第一句。", "这是第二句！", "真的吗？", "是"], ""),
        (["他说：“好。”", "她走了。"], ""),
        (["これは「本。」", "次。"], ""),
    ],
)
def test_full_stops_of_other_scripts_end_sentences(expected: list[str], between: str) -> None:
    assert sentences(between.join(expected)) == expected


def test_tokenised_text_with_spaces_before_full_stops() -> None:
    assert sentences("The cat sat . The dog ran . It was late .") == ["The cat sat .", "The dog ran .", "It was late ."]


PARAGRAPH = (
    "The ferry left the northern harbour before dawn with Lt. Gen. Arif Malik and twenty of his staff aboard. "
    "It reached the island at noon, and the crew of the ship that had followed went ashore. "
    "Nobody had asked them to come."
)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("width", [40, 60, 72, 100])
def test_hard_wrapped_lines_are_read_as_one_paragraph(width: int, ending: str) -> None:
    wrapped = textwrap.fill(PARAGRAPH, width).replace("\n", ending)
    assert [" ".join(sentence.split()) for sentence in sentences(wrapped)] == sentences(PARAGRAPH)
    assert len(sentences(PARAGRAPH)) == 3


@pytest.mark.parametrize(
    "lines",
    [
        ["- a lamp", "- a rope", "- two oars"],
        ["1. One thing", "2. Another", "3. A third."],
        ["a) first", "b) second"],
        ["• Bread", "• Salt"],
        ["| lamp | 3 |", "| rope | 4 |"],
        ["Members present on the day:", "Anna Lee", "Tom Reed of the northern harbour office"],
        ["Of the ferry", "This line is much longer than its neighbour, and was not wrapped by anybody at all."],
    ],
)
def test_items_and_short_lines_stay_apart(lines: list[str]) -> None:
    assert sentences("\n".join(lines)) == lines
    assert sentences("\r\n".join(lines)) == lines


def test_an_item_that_wraps_stays_whole() -> None:
    first = "- a lamp that burns through the whole night and is lit again at\n  noon by the keeper"
    assert sentences(f"{first}\n- a rope") == [first, "- a rope"]


@pytest.mark.parametrize(
    "piece",
    ['"', "a. ", "A. ", "\n", " \n", " ", ".", "? ", "(", "x", "1.\n", "Col. ", "a.Bb", "好。", "。", "\r\n", "line\n",
     "“", "… ", "Then he left. ", "- ", '." ', "- a\n\n"],
)  # fmt: skip
def test_long_monotonous_text_is_read_to_its_end(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    spans = sentence_spans(text)
    assert sum(end - start for start, end in spans) <= len(text)
    assert bool(spans) == bool(text.strip())


def test_a_megabyte_in_one_line_is_read_to_its_end() -> None:
    text = "The ferry left at noon. " * 42_000
    assert len(sentence_spans(text)) == 42_000


# -- tokens ----------------------------------------------------------------------------------------


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ConnectionError("no network in tests")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, offline: None) -> None:
    """tiktoken as in a new process of a user without settings of their own."""
    import tiktoken.registry

    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    for name in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)


VOCABULARY = "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"


def test_tokens_are_counted_with_no_network(fresh: None, tmp_path: Path) -> None:
    count = token_counter("cl100k_base", tmp_path / "new" / "models")
    assert (count(""), count("hello world")) == (0, 2)
    assert [path.name for path in (tmp_path / "new" / "models").iterdir()] == [VOCABULARY]


def test_special_tokens_in_a_text_are_text(fresh: None, tmp_path: Path) -> None:
    count = token_counter("cl100k_base", tmp_path)
    assert count("<|endoftext|>") > 1
    assert count("a <|fim_prefix|> b") > 3


@pytest.mark.parametrize("name", ["cl200k", "", "../cl100k_base"])
def test_an_unknown_encoding_is_refused_with_the_known_ones(fresh: None, tmp_path: Path, name: str) -> None:
    with pytest.raises(EncoderError, match="cannot load the encoding") as raised:
        token_counter(name, tmp_path)
    assert "cl100k_base" in raised.value.hint
    assert "o200k_base" in raised.value.hint


def test_an_encoding_that_would_be_fetched_says_so_without_a_network(fresh: None, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="o200k_base") as raised:
        token_counter("o200k_base", tmp_path)
    assert "fetched on first use" in raised.value.hint


def test_the_environment_is_left_as_it_was(fresh: None, tmp_path: Path) -> None:
    before = dict(os.environ)
    token_counter("cl100k_base", tmp_path)
    assert dict(os.environ) == before


def test_a_users_own_folder_of_vocabularies_is_respected(
    fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(theirs))
    assert token_counter("cl100k_base", ours)("hello world") == 2
    assert os.environ["TIKTOKEN_CACHE_DIR"] == str(theirs)
    assert (theirs / VOCABULARY).exists()
    assert not ours.exists()


@pytest.mark.parametrize("damage", [b"", b"half a vocabulary"])
def test_a_damaged_vocabulary_is_unpacked_again(fresh: None, tmp_path: Path, damage: bytes) -> None:
    (tmp_path / VOCABULARY).write_bytes(damage)
    assert token_counter("cl100k_base", tmp_path)("hello world") == 2
    assert hashlib.sha256((tmp_path / VOCABULARY).read_bytes()).hexdigest().startswith("223921b76ee9")


def test_a_folder_that_cannot_be_made_is_an_error_in_plain_words(fresh: None, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(EncoderError, match="cannot load"):
        token_counter("cl100k_base", tmp_path / "file" / "models")


def test_two_processes_may_unpack_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from retrieval.tokens import token_counter; sys.stdin.readline();"
        "print(token_counter('cl100k_base', Path(sys.argv[1]))('hello world'))"
    )
    environment = {key: value for key, value in os.environ.items() if key != "TIKTOKEN_CACHE_DIR"} | {
        "PYTHONPATH": str(ROOT)
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in running:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate()[0].strip() for process in running] == ["2", "2"]
    assert [path.name for path in tmp_path.iterdir()] == [VOCABULARY]


# -- words -----------------------------------------------------------------------------------------


def test_words_are_lower_case_and_keep_their_combining_marks() -> None:
    assert words("The U.S. paid $3.5m – to “Łódź”!") == ("the", "u", "s", "paid", "3", "5m", "to", "łódź")
    assert words("यह वाक्य है") == ("यह", "वाक्य", "है")
    assert words("مُحَمَّد") == ("مُحَمَّد",)
    assert words("") == ()


@given(TEXTS)
def test_words_hold_no_blanks_and_come_in_the_order_of_the_text(text: str) -> None:
    lowered, here = text.lower(), 0
    for word in words(text):
        assert word
        assert not re.search(r"\s", word)
        here = lowered.index(word, here) + len(word)


@pytest.mark.parametrize(
    "alike",
    [
        ("visited", "visits", "visiting", "visit"),
        ("agreed", "agrees", "agree"),
        ("countries", "country"),
        ("planned", "planning", "plan", "plans"),
        ("passes", "pass", "passed"),
        ("named", "names", "name", "naming"),
    ],
)
def test_forms_of_one_word_have_one_stem(alike: tuple[str, ...]) -> None:
    assert len({stem(word) for word in alike}) == 1, {word: stem(word) for word in alike}


@given(st.text(max_size=20))
def test_a_stem_is_never_empty_and_leaves_short_and_foreign_words_alone(word: str) -> None:
    assert bool(stem(word)) == bool(word)
    if len(word) <= 3 or not word.isascii():
        assert stem(word) == word
