from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from retrieval.errors import LockedError
from retrieval.types import Filters, Rejected
from tests.bot.conftest import Sayso
from tests.bot.fakes import Library

ROOT = Path(__file__).parents[2]
WHEN = "When did the harbour bridge reopen?"
ANSWER = """
  “The harbour bridge reopened to traffic on 3 May 1987, two years late.” [1]
  also “The 1987 opening drew forty thousand people to the harbour bridge, by the town's own count.” [2]

  [1] A Bridge at Last · Jane Marsh · Harbour Post, 1987-05-04 · archive/1987-05-04.html, characters 18–87
  [2] Forty Years On · Harbour Post, 2027-05-03 · \
https://example.org/forty#:~:text=The%201987%20opening%20drew,the%20town%27s%20own%20count.

  67 % sure · sayso ask --explain shows how
"""
SELF_INDEXED = """\
Nothing is indexed yet: reading the configured articles first.
Reading articles
Encoding passages
Indexed articles: 3 added. 6 passages in 1.2 s.
"""


def test_a_first_question_indexes_by_itself_and_is_answered(sayso: Sayso) -> None:
    assert sayso("ask", WHEN) == (0, ANSWER, SELF_INDEXED)
    assert sayso("ask", WHEN) == (0, ANSWER, "")


def test_quiet_silences_messages_but_not_results(sayso: Sayso) -> None:
    assert sayso("ask", "--quiet", WHEN) == (0, ANSWER, "")


def test_an_unanswered_question_exits_with_one(sayso: Sayso, library: Library) -> None:
    sayso("index")
    assert sayso("ask", "Who paid for the green paint, the brushes and the dear steel?") == (
        1,
        "\n  My sources don't say.\n  Nearest: A Bridge at Last (Jane Marsh), on “Steel was dear that year”.\n",
        "",
    )


def test_indexing_reports_and_passes_its_paths(sayso: Sayso, library: Library) -> None:
    report = "Indexed articles: 3 added. 6 passages in 1.2 s.\n"
    assert sayso("index", "a", "b.md") == (0, report, "Reading articles\nEncoding passages\n")
    assert sayso("--quiet", "index") == (0, "Indexed articles: 3 unchanged. 6 passages in 1.2 s.\n", "")
    assert library.indexed_paths == [(Path("a"), Path("b.md")), ()]


def test_an_address_is_passed_as_it_is_written(sayso: Sayso, library: Library) -> None:
    sayso("index", "https://example.org//a/../b", "c.md")
    assert library.indexed_paths == [("https://example.org//a/../b", Path("c.md"))]


def test_an_empty_path_is_not_the_current_folder(sayso: Sayso, library: Library) -> None:
    code, out, err = sayso("index", "")
    assert (code, out, library.indexed_paths) == (2, "", [])
    assert "a PATH is empty" in err


def test_an_input_that_fails_is_told_on_standard_error_even_when_quiet(
    sayso: Sayso, library: Library, folder: Path
) -> None:
    library.rejected = (
        Rejected(f"{folder}/a.jsonl#3", "not JSON", True),
        Rejected(f"{folder}/a.pdf", "no reader for .pdf", False),
    )
    assert sayso("index", "--quiet") == (
        2,
        "Indexed articles: 3 added, 1 skipped, 1 failed. 6 passages in 1.2 s.\nSkipped: a.pdf (no reader for .pdf)\n",
        "error: a.jsonl#3 (not JSON)\n",
    )


def test_ctrl_c_while_indexing_says_that_nothing_is_lost(sayso: Sayso, library: Library) -> None:
    library.interrupt = True
    expected = "error: interrupted: what is indexed so far is kept\nhint:  run the same command again to carry on\n"
    assert sayso("index", "--quiet") == (130, "", expected)
    assert sayso("ask", "--quiet", WHEN) == (130, "", expected)


def test_ctrl_c_elsewhere_is_one_line(sayso: Sayso, library: Library) -> None:
    library.failure = KeyboardInterrupt()  # type: ignore[assignment]
    assert sayso("ask", "--quiet", WHEN) == (130, "", "error: interrupted\n")


def test_ctrl_c_while_the_command_line_is_loaded_ends_it_quietly() -> None:
    pressed = """
import sys, bot.__main__
class Pressed:
    def find_spec(self, name, *rest):
        if name == "bot.cli":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Pressed())
bot.__main__.main()
"""
    done = subprocess.run([sys.executable, "-c", pressed], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_json_is_one_line_and_explanations_go_beside_it(sayso: Sayso) -> None:
    code, out, err = sayso("ask", WHEN, "--json", "--quiet")
    record = json.loads(out)
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert (record["kind"], record["citations"][0]["quote"][:11]) == ("answer", "The harbour")
    code, again, err = sayso("ask", WHEN, "--json", "--explain")
    assert again == out
    assert "Decision    answered with 2 quotes" in err


def test_explain_follows_the_answer(sayso: Sayso) -> None:
    code, out, _ = sayso("ask", WHEN, "--explain")
    assert code == 0
    assert out.startswith(ANSWER + "\n  Question    " + WHEN)


def test_quotes_are_grouped_by_what_is_asked_for(sayso: Sayso) -> None:
    assert sayso("ask", WHEN, "--by", "date").out.startswith("\n  1987-05-04\n  “The harbour bridge reopened")
    chatted = sayso("chat", "--by", "author", stdin=WHEN).out
    assert chatted.startswith(f"? {WHEN}\n\n  Jane Marsh · Harbour Post, 1987-05-04\n")
    code, _, err = sayso("ask", WHEN, "--by", "mood")
    assert (code, err.count("'author', 'article', 'date'")) == (2, 1)


def test_context_and_filters_reach_the_corpus(sayso: Sayso, library: Library) -> None:
    _, out, _ = sayso(
        "ask", "and who designed it", "--context", "one", "--context", WHEN, "--author", "Jane",
        "--article", "bridge", "--since", "1987", "--until", "1987-05", "--comments", "--quiet",
    )  # fmt: skip
    assert library.asked == [
        ("and who designed it", ("one", WHEN), Filters("bridge", "Jane", "1987", "1987-05", comments=True))
    ]
    assert out.startswith(f"  understood as: and who designed it ({WHEN})\n\n  “The engineer")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--since", "3 May"], "--since '3 May' is not a date"),
        (["--until", "2017-13"], "--until '2017-13' is not a date"),
        (["--until", "20170101"], "--until '20170101' is not a date"),
        (["--until", "2017-02-30"], "--until '2017-02-30' is not a date"),
        (["--until", ""], "--until '' is not a date"),
        (["--since", "2018", "--until", "2017-05"], "--since 2018 is after --until 2017-05"),
    ],
)
def test_dates_are_checked(sayso: Sayso, options: list[str], message: str) -> None:
    code, out, err = sayso("ask", WHEN, *options)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}\nhint:  ")


def test_the_question_may_come_through_a_pipe(sayso: Sayso) -> None:
    assert sayso("ask", "--quiet", stdin=WHEN + "\n") == (0, ANSWER, "")
    assert sayso("ask", "-", "--quiet", stdin=WHEN) == (0, ANSWER, "")


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "a question has 1 to 2,000 characters, not 0"),
        (" \t", "a question has 1 to 2,000 characters, not 0"),
        ("x" * 20_000, "a question has 1 to 2,000 characters, not 20,000"),
    ],
)
def test_an_empty_or_endless_question_is_refused(sayso: Sayso, question: str, message: str) -> None:
    assert sayso("ask", question, "--quiet") == (2, "", f"error: {message}\nhint:  shorten it\n")


@pytest.mark.parametrize("question", ["x", "🐈", "قطة؟", "<|endoftext|>", '"*" NEAR -', "\x1b[2J\x00", "\u202egnorw"])
def test_odd_questions_are_asked_as_they_are(sayso: Sayso, library: Library, question: str) -> None:
    code, out, err = sayso("ask", question, "--quiet", "--explain")
    assert (code, err, library.asked[0][0]) == (1, "", question)
    assert not set(out) & {"\x1b", "\x00", "\u202e"}


def test_a_question_that_is_not_utf8_is_refused(sayso: Sayso) -> None:
    expected = (2, "", "error: the question is not UTF-8 text (character 4)\nhint:  check its encoding\n")
    assert sayso("ask", "--quiet", stdin=b"caf\xe9?") == expected
    assert sayso("ask", "caf\udce9?", "--quiet") == expected


def test_hostile_articles_reach_the_terminal_harmless(sayso: Sayso) -> None:
    code, out, _ = sayso("ask", "lighthouse keeper kept cats", "--quiet")
    assert code == 0
    assert out.startswith(
        "\n  “Red herring: the lighthouse keeper kept two cats 🐈 and قطتان.” [1]\n\n  [1] Cats of the Coast · E. Tar"
    )
    record = json.loads(sayso("ask", "lighthouse keeper kept cats", "--json").out)
    assert record["citations"][0]["quote"].startswith("\x1b[31mRed\x1b[0m")


BATCH = (
    b'{"id": 1, "question": "When did the harbour bridge reopen?"}\n'
    b"\n"
    b"{broken\n"
    b'{"id": "c", "question": "and who designed it", "history": ["zeppelin", "harbour bridge"]}\n'
    b'{"id": null, "question": "zeppelin"}'
)


def test_a_batch_answers_every_record_in_order_and_names_the_broken(sayso: Sayso) -> None:
    code, out, err = sayso("ask", "--batch", "-", "--json", "--quiet", stdin=BATCH)
    records = [json.loads(row) for row in out.splitlines()]
    assert (code, err) == (2, "")
    assert [(record["id"], record["kind"]) for record in records] == [
        (1, "answer"), (None, "error"), ("c", "answer"), (None, "abstention"),
    ]  # fmt: skip
    assert records[1]["reason"].startswith("not JSON: ")
    assert records[2]["resolved_question"] == "and who designed it (harbour bridge)"


def test_a_batch_without_errors_exits_with_nought(sayso: Sayso) -> None:
    Path("batch.jsonl").write_bytes(BATCH.replace(b"{broken\n", b""))
    assert sayso("ask", "--batch", "batch.jsonl", "--json").code == 0


def test_a_batch_writes_each_answer_before_it_reads_on(folder: Path) -> None:
    with engine("ask", "--batch", "-", "--json", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "question": WHEN}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait() == 0


def test_a_batch_file_that_is_not_there_is_an_error(sayso: Sayso) -> None:
    assert sayso("ask", "--batch", "none.jsonl", "--json") == (
        2, "", "error: none.jsonl cannot be read: No such file or directory\nhint:  check --batch\n",
    )  # fmt: skip


@pytest.mark.parametrize("extra", [[], ["--json", WHEN], ["--json", "--explain"], ["--json", "--context", "x"]])
def test_a_batch_takes_nothing_that_belongs_to_one_question(sayso: Sayso, extra: list[str]) -> None:
    code, out, err = sayso("ask", "--batch", "-", *extra)
    assert (code, out) == (2, "")
    assert err.startswith("error: Invalid value: --batch goes with --json, and takes no QUESTION")


def test_sources_are_listed_shown_and_removed(sayso: Sayso) -> None:
    assert sayso("sources") == (0, "", "Nothing is indexed yet; `sayso index` reads the configured articles.\n")
    sayso("index", "--quiet")
    assert sayso("sources").out == (
        "  bridge  1987-05-04  A Bridge at Last · Jane Marsh · Harbour Post · archive/1987-05-04.html\n"
        "  forty   2027-05-03  Forty Years On · Harbour Post · forty.html\n"
        "  nasty               Cats of the Coast · E. Tar · /elsewhere/nasty.txt\n"
    )
    assert [json.loads(row)["article_id"] for row in sayso("sources", "--json").out.splitlines()] == [
        "bridge",
        "forty",
        "nasty",
    ]
    assert sayso("remove", "bridge", "nasty") == (0, "Removed 2 articles: bridge, nasty\n", "")
    assert sayso("repair") == (0, "Rebuilt both indexes from 1 articles.\n", "")
    assert sayso("remove", "forty", "x", "y") == (
        2,
        "",
        "error: there is no article x, y\nhint:  sayso sources lists them\n",
    )
    assert sayso("sources", "--show", "x").code == 2


def test_what_is_kept_of_an_article_is_shown(sayso: Sayso) -> None:
    sayso("index", "--quiet")
    assert sayso("sources", "--show", "forty").out == (
        "  Forty Years On · Harbour Post, 2027-05-03\n"
        "  forty.html · https://example.org/forty\n"
        "\n"
        "  dropped     title      0–14           Forty Years On\n"
        "  kept        body       16–107         The 1987 opening drew forty thousand people to the harbour…\n"
    )
    record = json.loads(sayso("sources", "--show", "bridge", "--json").out)
    assert record["regions"][-1] == {
        "start": 206, "end": 219, "kind": "form", "reason": "comment form", "kept": False, "text": "Leave a Reply",
    }  # fmt: skip


def test_common_options_stand_before_or_after_the_command(sayso: Sayso, library: Library) -> None:
    Path("c.toml").write_text("[search]\nhits = 3\n")
    sayso("--data", "before", "--config", "c.toml", "sources")
    sayso("sources", "--data", "after", "--config", "c.toml")
    sayso("--data", "before", "sources", "--data", "after")
    assert [(str(found.data_dir), found.search.hits) for found in library.opened_with] == [
        ("before", 3), ("after", 3), ("after", 20),
    ]  # fmt: skip


def test_wrong_settings_are_told_in_two_lines(sayso: Sayso, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("config.toml").write_text("[search]\nhit = 3\n")
    assert sayso("sources") == (
        2, "", "error: config.toml, line 2: there is no setting [search] hit\nhint:  did you mean [search] hits?\n",
    )  # fmt: skip


def test_errors_of_the_engine_are_told_in_two_lines(sayso: Sayso, library: Library) -> None:
    library.failure = LockedError("another process is writing to .sayso", "wait for it to finish")
    assert sayso("ask", WHEN, "--quiet") == (
        2, "", "error: another process is writing to .sayso\nhint:  wait for it to finish\n",
    )  # fmt: skip


def test_a_mistake_of_ours_is_one_line_and_a_traceback_on_request(
    sayso: Sayso, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.failure = ZeroDivisionError("by\x1b[2J zero")
    told = "error: unexpected ZeroDivisionError: by zero\nhint:  set SAYSO_DEBUG=1 for the traceback\n"
    assert sayso("ask", WHEN, "--quiet") == (2, "", told)
    monkeypatch.setenv("SAYSO_DEBUG", "1")
    code, _, err = sayso("ask", WHEN, "--quiet")
    assert code == 2
    assert err.startswith("Traceback")
    assert err.endswith(told)


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["ask", "--nope"], "No such option: --nope", "sayso ask --help"),
        (["nope"], "No such command 'nope'.", "sayso --help"),
        (["remove"], "Missing argument", "sayso remove --help"),
        (["--data"], "Option '--data' requires an argument.", "sayso --help"),
    ],
)
def test_a_wrong_command_line_names_the_help(sayso: Sayso, arguments: list[str], message: str, hint: str) -> None:
    code, out, err = sayso(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")
    assert err.endswith(f"hint:  {hint}\n")


def test_help_lists_every_command_and_no_command_is_an_error(sayso: Sayso) -> None:
    code, out, _ = sayso("--help")
    listed = [row.split()[0] for row in out.partition("Commands:\n")[2].splitlines()]
    kept = ["sources", "remove", "repair", "doctor", "backup", "restore", "rollback"]
    assert (code, listed) == (0, ["index", "ask", "chat", "telegram", *kept, "eval"])
    assert sayso() == (2, "", out)


def test_the_evaluation_is_mounted(sayso: Sayso) -> None:
    code, out, _ = sayso("eval", "--help")
    assert code == 0
    assert out.startswith("Usage: sayso eval ")


def test_version_is_told(sayso: Sayso) -> None:
    code, out, err = sayso("--version")
    assert (code, err) == (0, "")
    assert out.startswith("sayso ")


def test_help_imports_nothing_heavy() -> None:
    heavy = "pydantic chromadb onnxruntime numpy torch tiktoken rich prompt_toolkit telegram retrieval bot.evaluate"
    script = f"import sys; from bot.cli import run; run(['--help']); print(set('{heavy}'.split()) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


FAKE_ENGINE = """
import sys, pathlib, retrieval
from bot.cli import run
from tests.bot.fakes import Library, default_articles
library = Library(default_articles(pathlib.Path.cwd()))
library.stored = {found.reference.article_id: found for found in library.available}
retrieval.open = library.open
sys.exit(run(sys.argv[1:]))
"""


def engine(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    """A process of its own with the fake library, in the current folder."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("environ", {})}  # type: ignore[dict-item]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([sys.executable, "-c", FAKE_ENGINE, *arguments], env=environ, **pipes)  # type: ignore[call-overload]


@pytest.mark.parametrize("arguments", [["sources"], ["ask", WHEN], ["ask", WHEN, "--json"]])
def test_a_reader_that_goes_away_is_no_error(folder: Path, arguments: list[str]) -> None:
    unread, write = os.pipe()
    os.close(unread)
    with engine(*arguments, stdout=write) as process:
        os.close(write)
        _, err = process.communicate()
        assert (process.returncode, err) == (141, b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_letters_that_the_terminal_lacks_are_no_error(folder: Path, encoding: str) -> None:
    environ = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    with engine("ask", "lighthouse keeper kept cats", environ=environ) as process:
        out, err = process.communicate()
        assert (process.returncode, err) == (0, b"")
        assert b"the lighthouse keeper kept two cats ? and ?????.?" in out
    with engine("ask", "lighthouse keeper kept cats", "--json", environ=environ) as process:
        out, _ = process.communicate()
        assert "قطتان" in json.loads(out.decode(encoding))["citations"][0]["quote"]


def test_a_number_that_json_cannot_hold_spoils_one_record_only(sayso: Sayso) -> None:
    lines = ['{"id": NaN, "question": "x"}', '{"id": 1e999, "question": "x"}', json.dumps({"id": 3, "question": WHEN})]
    code, out, _ = sayso("ask", "--batch", "-", "--json", "--quiet", stdin="\n".join(lines))
    assert (code, [json.loads(row)["kind"] for row in out.splitlines()]) == (2, ["error", "error", "answer"])


@pytest.mark.parametrize("closing", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_a_closed_stream_does_no_harm(closing: str, tmp_path: Path) -> None:
    command = f"{sys.executable} -m bot --data {tmp_path / 'none'} sources {closing}"
    assert subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, check=False).returncode == 0


def test_a_data_folder_that_is_a_file_is_refused(sayso: Sayso, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import retrieval
    from retrieval.assembly import assemble

    file = tmp_path / "file"
    file.write_text("x")
    monkeypatch.setattr(retrieval, "open", assemble)
    code, _, err = sayso("sources", "--data", str(file))
    assert code == 2
    assert "is no folder" in err


def test_a_question_needs_no_quotation_marks(sayso: Sayso) -> None:
    assert sayso("ask", *WHEN.split(), "--quiet").out == sayso("ask", WHEN, "--quiet").out
