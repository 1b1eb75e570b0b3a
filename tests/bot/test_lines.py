from __future__ import annotations

import io
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.lines import Line, Segment, clipped, counted, error_lines, line, one_line, plain, printable
from bot.terminal import Screen, progress, screen

FORBIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069]")
SGR = re.compile(r"\x1b\[[0-9;]*m")
HOSTILE = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(
            ["\x1b[31m", "\x1b]0;title\x07", "\x9b2J", "\x1b", "\u202e", "\u2066", "\x00", "\r", "\n", "🐈‍⬛", "قطة"]
        ),
    )
).map("".join)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def controls(text: str) -> list[str]:
    return [letter for letter in text if unicodedata.category(letter) in ("Cc", "Cs") or FORBIDDEN.match(letter)]


def shown(*lines: Line, width: int | None = None, colour: bool = False) -> str:
    stream = io.StringIO()
    Screen(stream, width, colour).write(lines)
    return stream.getvalue()


@settings(deadline=None)
@given(HOSTILE)
def test_printable_text_drives_no_terminal(text: str) -> None:
    assert [left for left in controls(printable(text)) if left != "\n"] == []


@settings(deadline=None)
@given(HOSTILE, HOSTILE, st.sampled_from([None, 20, 60]), st.booleans())
def test_whatever_the_line_a_screen_writes_only_its_own_codes(
    text: str, mark: str, width: int | None, colour: bool
) -> None:
    written = shown(Line((Segment(text, "bold"), Segment(text)), marker=mark), width=width, colour=colour)
    assert [left for left in controls(SGR.sub("", written) if colour else written) if left != "\n"] == []


@settings(deadline=None)
@given(HOSTILE)
def test_one_line_is_one_line(text: str) -> None:
    assert re.findall(r"[^\S ]|  ", one_line(text)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x07", "link"),
        ("\x9b31mred", "red"),
        ("\x1b]0;never ended, and then the text", "0;never ended, and then the text"),
        ("a\tb\x08c", "a bc"),
        ("abc\u202edcba\u202c", "abcdcba"),
        ("می‌خواهم 👩‍👩‍👧 ‏עברית", "می‌خواهم 👩‍👩‍👧 ‏עברית"),
        ("lone \ud800 half", "lone \ufffd half"),
    ],
)
def test_printable_takes_out_codes_and_leaves_scripts_alone(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_a_line_feed_in_a_text_cannot_begin_a_line_of_its_own() -> None:
    assert shown(line("title\n[2] forged")) == "  title [2] forged\n"


def test_plain_lines_are_not_wrapped() -> None:
    assert shown(line("word " * 50, marker="[1] ")) == "  [1] " + ("word " * 50).rstrip() + "\n"


def test_wrapped_rows_stand_under_the_first_behind_its_marker() -> None:
    assert shown(line("one two three four five", marker="[1] "), width=20) == "  [1] one two three\n      four five\n"


def test_wide_letters_count_twice_and_words_without_end_are_cut() -> None:
    assert shown(line("橋橋橋 橋橋橋 橋"), width=12) == "  橋橋橋\n  橋橋橋 橋\n"
    assert shown(line("橋" * 12), width=12) == "  橋橋橋橋橋\n  橋橋橋橋橋\n  橋橋\n"


@settings(deadline=None)
@given(st.text(st.sampled_from("ab 橋é-")), st.integers(20, 40))
def test_wrapping_loses_no_word_and_keeps_to_the_width(text: str, width: int) -> None:
    rows = shown(line(text), width=width).splitlines()
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")
    assert all(sum(2 if letter == "橋" else 1 for letter in row) <= width for row in rows)


def test_a_link_longer_than_the_screen_stays_whole() -> None:
    link = "https://example.org/" + "a" * 40
    assert link in shown(line(f"see {link}"), width=20)


def test_styles_show_only_where_there_are_colours() -> None:
    styled = Line((Segment("when: "), Segment("in May", "bold underline")))
    assert shown(styled, width=40, colour=True) == "  when: \x1b[1;4min May\x1b[0m\n"
    assert shown(styled, width=40) == shown(styled) == "  when: in May\n"


@pytest.mark.parametrize(
    ("environ", "colour"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({}, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(environ: dict[str, str], colour: bool) -> None:
    found = screen(Terminal(), environ)
    assert (found.colour, found.width is None) == (colour, False)
    piped = screen(io.StringIO(), environ)
    assert (piped.colour, piped.width) == (False, None)


@settings(deadline=None)
@given(st.text(), st.integers(2, 80))
def test_clipped_text_is_short_and_marks_what_is_missing(text: str, width: int) -> None:
    found = clipped(text, width)
    assert len(found) <= width + 1
    assert found == one_line(text).strip() or found.endswith("…")


def test_counts_agree_with_their_nouns() -> None:
    assert [counted(number, "passage") for number in (0, 1, 2310)] == ["0 passages", "1 passage", "2,310 passages"]


def test_an_error_says_what_happened_and_what_to_do() -> None:
    assert [plain(each) for each in error_lines("no", "yes")] == ["error: no", "hint:  yes"]
    assert [plain(each) for each in error_lines("no")] == ["error: no"]


def test_progress_without_colours_is_a_few_lines() -> None:
    stream = io.StringIO()
    with progress(Screen(stream)) as listener:
        for done in range(0, 10_001, 10):
            listener("encoding", done, 10_000)
    told = stream.getvalue()
    assert told == "Encoding passages\n" + "".join(f"Encoding {n},000/10,000\n" for n in (1, 2, 4, 8))


def test_progress_on_a_terminal_draws_a_bar_for_each_stage() -> None:
    stream = Terminal()
    with progress(Screen(stream, 100, True)) as listener:
        listener("reading", 0, 212)
        listener("reading", 212, 212)
        listener("encoding", 2_310, 4_096)
    told = SGR.sub("", stream.getvalue())
    assert "Reading    " in told
    assert "212/212" in told
    assert "2,310/4,096 passages" in told
