from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from bot.conversation import MOST_TURNS, Conversation
from bot.repl import Chat, completions, reader
from bot.terminal import Screen
from retrieval.errors import StoreError
from retrieval.settings import Settings
from retrieval.types import Filters
from tests.bot.conftest import Sayso
from tests.bot.fakes import FakeCorpus, Library

WHEN = "when did the harbour bridge reopen"


@pytest.fixture
def corpus(library: Library, folder: Path) -> FakeCorpus:
    corpus = library.open(Settings(data_dir=folder / "index"))
    corpus.index()
    return corpus


def typed(*lines: str | type[BaseException]) -> Callable[[], str]:
    """A reader of these lines; an exception stands for the key that raises it."""
    left: Iterator[str | type[BaseException]] = iter(lines)

    def read() -> str:
        line = next(left, EOFError)
        if isinstance(line, str):
            return line
        raise line

    return read


def transcript(corpus: FakeCorpus, *lines: str | type[BaseException]) -> str:
    stream = io.StringIO()
    Chat(corpus, Screen(stream), Path.cwd()).run(typed(*lines))
    return stream.getvalue()


def test_a_chat_reads_as_designed(corpus: FakeCorpus) -> None:
    assert (
        transcript(corpus, WHEN, "and who designed it", "/show 1", "/more", "/show 4", "/quit", "never read")
        == """
  “The harbour bridge reopened to traffic on 3 May 1987, two years late.” [1]
  also “The 1987 opening drew forty thousand people to the harbour bridge, by the town's own count.” [2]

  [1] A Bridge at Last · Jane Marsh · Harbour Post, 1987-05-04 · archive/1987-05-04.html, characters 18–87
  [2] Forty Years On · Harbour Post, 2027-05-03 · \
https://example.org/forty#:~:text=The%201987%20opening%20drew,the%20town%27s%20own%20count.

  67 % sure · /explain shows how

  understood as: and who designed it (when did the harbour bridge reopen)

  “The engineer Ines Ferro designed the bridge.” [1]
  also “The harbour bridge reopened to traffic on 3 May 1987, two years late.” [2]

  [1] A Bridge at Last · Jane Marsh · Harbour Post, 1987-05-04 · archive/1987-05-04.html, characters 160–204
  [2] A Bridge at Last · Jane Marsh · Harbour Post, 1987-05-04 · archive/1987-05-04.html, characters 18–87

  not very sure (50 %) · /explain shows how

  A Bridge at Last · Jane Marsh · Harbour Post, 1987-05-04
  archive/1987-05-04.html
  line 6

  Steel was dear that year.

  Mayor Oduya designed nothing but the speech. »The engineer Ines Ferro designed the bridge.«

  Leave a Reply


  “The 1987 opening drew forty thousand people to the harbour bridge, by the town's own count.” [3]
  “Mayor Oduya designed nothing but the speech.” [4]

  [3] Forty Years On · Harbour Post, 2027-05-03 · \
https://example.org/forty#:~:text=The%201987%20opening%20drew,the%20town%27s%20own%20count.
  [4] A Bridge at Last · Jane Marsh · Harbour Post, 1987-05-04 · archive/1987-05-04.html, characters 115–159

  A Bridge at Last · Jane Marsh · Harbour Post, 1987-05-04
  archive/1987-05-04.html
  line 6

  Steel was dear that year.

  »Mayor Oduya designed nothing but the speech.« The engineer Ines Ferro designed the bridge.

  Leave a Reply

"""
    )


def test_a_refusal_can_be_shown_and_gone_on_from(corpus: FakeCorpus) -> None:
    told = transcript(
        corpus, "who paid for the green paint, the brushes and the dear steel", "/show 1", "/more", "/more"
    )
    assert (
        told
        == """
  My sources don't say.
  Nearest: A Bridge at Last (Jane Marsh), on “Steel was dear that year”.

  A Bridge at Last · Jane Marsh · Harbour Post, 1987-05-04
  archive/1987-05-04.html
  line 4

  A Bridge at Last

  The harbour bridge reopened to traffic on 3 May 1987, two years late.
  »Steel was dear that year.«

  Mayor Oduya designed nothing but the speech. The engineer Ines Ferro designed the bridge.

  There are no further quotes.

  There are no further quotes.

"""
    )


@pytest.mark.parametrize(
    ("lines", "message", "hint"),
    [
        (["/shw 1"], "there is no command /shw", "the commands are /show /more /sources /explain /new /help /quit"),
        (["/show 1"], "nothing has been asked yet", "type a question"),
        (["/more"], "nothing has been asked yet", "type a question"),
        (["/explain"], "nothing has been asked yet", "type a question"),
        ([WHEN, "/show 9"], "there is no quote 9", "/show 1 to /show 2"),
        ([WHEN, "/show"], "there is no quote without a number", "/show 1 to /show 2"),
        ([WHEN, "/show " + "8" * 4_400], f"there is no quote {'8' * 4_400}", "/show 1 to /show 2"),
        ([WHEN, "/show ²"], "there is no quote ²", "/show 1 to /show 2"),
        (["zeppelin", "/show 1"], "there is no quote 1", "ask something first"),
        (["x" * 20_000], "a question has 1 to 2,000 characters, not 20,000", "shorten it"),
        (["caf\udce9"], "the question is not UTF-8 text (character 4)", "check its encoding"),
        (["/\x1b[2J"], "there is no command /", "the commands are /show /more /sources /explain /new /help /quit"),
    ],
)
def test_what_the_user_gets_wrong_is_said_and_the_chat_goes_on(
    corpus: FakeCorpus, lines: list[str], message: str, hint: str
) -> None:
    told = transcript(corpus, *lines, "/help")
    assert f"error: {message}\nhint:  {hint}\n\n  /show     N: the paragraph" in told


def test_suggestions_follow_an_answer_and_their_numbers_ask_them_alone(corpus: FakeCorpus, library: Library) -> None:
    library.suggested = ("who designed\n the harbour bridge", "zeppelin")
    told = transcript(corpus, WHEN, "2", "1", "3")
    assert (
        "/explain shows how\n\n  1  who designed the harbour bridge\n  2  zeppelin\n\n  zeppelin\n\n  My sources"
        in told
    )
    assert "  Nothing with the number 1 was suggested.\n\n  Nothing with the number 3 was suggested." in told
    assert [asked[:2] for asked in library.asked] == [(WHEN, ()), ("zeppelin", ())]


@pytest.mark.parametrize("number", ["6", "0"])
def test_a_number_before_the_first_question_numbers_nothing(corpus: FakeCorpus, number: str) -> None:
    assert transcript(corpus, number) == f"\n  Nothing with the number {number} was suggested.\n\n".lstrip("\n")


@pytest.mark.parametrize("number", ["7", "4" * 4_400])
def test_a_number_that_numbers_nothing_keeps_the_list(corpus: FakeCorpus, library: Library, number: str) -> None:
    library.suggested = ("zeppelin",)
    told = transcript(corpus, WHEN, number, "1") if len(number) == 1 else transcript(corpus, number, WHEN, "1")
    assert told.count("1  zeppelin") == 1
    assert ("zeppelin", ()) in [asked[:2] for asked in library.asked]


def test_what_was_suggested_twice_or_asked_is_not_suggested_again(corpus: FakeCorpus, library: Library) -> None:
    library.suggested = ("who designed the harbour bridge", "zeppelin")
    told = transcript(corpus, WHEN, WHEN, "/new", WHEN, "1")
    assert told.count("  1  who designed the harbour bridge\n  2  zeppelin\n") == 2
    assert "Nothing with the number 1 was suggested." in told
    told = transcript(corpus, WHEN, "1", WHEN)
    assert told.count("  1  who designed the harbour bridge\n") == told.count("  1  zeppelin\n") == 1


def test_a_chat_through_a_pipe_gets_no_suggestions(sayso: Sayso, library: Library) -> None:
    library.suggested = ("zeppelin",)
    assert "zeppelin" not in sayso("chat", stdin=f"{WHEN}\n").out


def test_help_and_sources(corpus: FakeCorpus) -> None:
    assert transcript(corpus, "/sources", "/help") == (
        "  bridge  1987-05-04  A Bridge at Last · Jane Marsh · Harbour Post · archive/1987-05-04.html\n"
        "  forty   2027-05-03  Forty Years On · Harbour Post · forty.html\n"
        "  nasty               Cats of the Coast · E. Tar · /elsewhere/nasty.txt\n"
        "\n"
        "  /show     N: the paragraph that quote N stands in\n"
        "  /more     further quotes that were considered\n"
        "  /sources  the articles that may answer\n"
        "  /explain  how the last reply came about\n"
        "  /new      a new subject: the next question stands alone\n"
        "  /help     this list; a number asks what was suggested\n"
        "  /quit     leave (so does Ctrl-D)\n"
        "\n"
    )


def test_explain_tells_of_the_last_reply(corpus: FakeCorpus) -> None:
    told = transcript(corpus, "zeppelin", "/explain")
    assert "  Decision    refused at search: no passage shares a word with it\n" in told


def test_ctrl_c_drops_the_line_and_empty_lines_are_nothing(corpus: FakeCorpus, library: Library) -> None:
    assert transcript(corpus, KeyboardInterrupt, "", "  ", KeyboardInterrupt) == ""
    assert library.asked == []


def test_ctrl_c_during_an_answer_drops_the_question(corpus: FakeCorpus, library: Library) -> None:
    library.failure = KeyboardInterrupt()  # type: ignore[assignment]
    assert transcript(corpus, WHEN, "/more").startswith("error: nothing has been asked yet\n")


def test_a_broken_store_ends_the_chat(corpus: FakeCorpus, library: Library) -> None:
    library.failure = StoreError("the disk is full")
    with pytest.raises(StoreError):
        transcript(corpus, WHEN)


def test_earlier_questions_go_along_and_filters_with_them(corpus: FakeCorpus, library: Library) -> None:
    chat = Chat(corpus, Screen(io.StringIO()), Path.cwd(), Filters(author="Jane"))
    chat.run(typed("one", "/help", "two", "three"))
    assert library.asked == [
        ("one", (), Filters(author="Jane")),
        ("two", ("one",), Filters(author="Jane")),
        ("three", ("one", "two"), Filters(author="Jane")),
    ]


def test_a_conversation_keeps_the_last_turns() -> None:
    conversation = Conversation()
    for number in range(MOST_TURNS + 3):
        conversation = conversation.then(str(number))
    assert conversation.questions == tuple(str(number) for number in range(3, MOST_TURNS + 3))


def test_a_chat_through_a_pipe_repeats_each_question_before_its_answer(sayso: Sayso) -> None:
    code, out, err = sayso("chat", "--quiet", stdin="zeppelin\n\n  why\x1b[31m \n/quit\nnever asked\n")
    refusal = "\n  My sources don't say.\n  Reason: no passage shares a word with it\n\n"
    assert (code, out, err) == (0, f"? zeppelin\n{refusal}? why\n{refusal}", "")


def test_a_chat_indexes_by_itself(sayso: Sayso, library: Library) -> None:
    assert sayso("chat", "--author", "Jane", stdin="x").err.startswith("Nothing is indexed yet")
    assert library.asked == [("x", (), Filters(author="Jane"))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/s", [("/show", 2), ("/sources", 2)]),
        ("/", [("/show", 1), ("/more", 1), ("/sources", 1), ("/explain", 1), ("/new", 1), ("/help", 1), ("/quit", 1)]),
        ("what does a br", [("A Bridge at Last", 4)]),
        ("FORTY y", [("Forty Years On", 7)]),
        ("a", []),
        ("", []),
        ("x/s", []),
    ],
)
def test_commands_and_titles_are_completed(line: str, expected: list[tuple[str, int]]) -> None:
    assert completions(line, ["A Bridge at Last", "Forty Years On"]) == expected


class Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_lines_are_edited_completed_and_remembered_by_their_owner_alone(
    corpus: FakeCorpus, folder: Path
) -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        read = reader(corpus, Keyboard(), Keyboard())
        keys.send_text("first question\r")
        assert read() == "first question"
        keys.send_text("\x1b[A?\r")  # the arrow up
        assert read() == "first question?"
        keys.send_text("\x03")
        with pytest.raises(KeyboardInterrupt):
            read()
        keys.send_text("\x04")
        with pytest.raises(EOFError):
            read()
    history = folder / "index" / "history"
    assert history.stat().st_mode & 0o777 == 0o600
    assert "+first question\n" in history.read_text()


def test_a_folder_that_takes_no_history_is_no_reason_not_to_chat(corpus: FakeCorpus, folder: Path) -> None:
    (folder / "index").write_text("a file where the folder should be")
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("a question\r")
        assert reader(corpus, Keyboard(), Keyboard())() == "a question"
