from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.asking import in_order
from retrieval.errors import InputError, StoreError
from retrieval.types import Abstention, Reply, Work
from tests.bot.conftest import Sayso


def refused(question: str, history: Sequence[str] = ()) -> Reply:
    if not question:
        raise InputError("the question is empty")
    return Abstention(question, "nobody knows", (), len(history) / 10, Work())


def line(question: str) -> bytes:
    return json.dumps({"id": question, "question": question}).encode() + b"\n"


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=5).map(line), st.sampled_from([b"", b" \n", b"{", b"[1]\n"])), max_size=20),
    st.integers(1, 9),
)
def test_what_comes_out_does_not_depend_on_how_many_are_asked_at_once(lines: list[bytes], at_once: int) -> None:
    assert list(in_order(lines, refused, at_once)) == list(in_order(lines, refused, 1))
    assert len(list(in_order(lines, refused, at_once))) == sum(bool(raw.strip()) for raw in lines)


def test_questions_are_asked_at_once_and_answered_in_order() -> None:
    together = threading.Barrier(3)

    def meets(question: str, history: Sequence[str]) -> Reply:
        together.wait(timeout=30)  # passes when three are asked at once, and never else
        return refused(question, history)

    asked = [line(str(number)) for number in range(6)]
    assert [record["id"] for record in in_order(asked, meets, 3)] == list("012345")


def test_one_at_a_time_is_out_before_the_next_is_read() -> None:
    read = []

    def typed() -> Iterator[bytes]:
        for name in "ab":
            read.append(name)
            yield line(name)

    records = in_order(typed(), refused, 1)
    assert (next(records)["id"], read) == ("a", ["a"])
    assert (next(records)["id"], read) == ("b", ["a", "b"])


def test_what_breaks_the_engine_ends_the_batch_and_the_rest_is_not_asked() -> None:
    asked = []

    def breaks(question: str, history: Sequence[str]) -> Reply:
        asked.append(question)
        raise StoreError("the disk is gone")

    with pytest.raises(StoreError):
        list(in_order((line(str(number)) for number in range(100)), breaks, 2))
    assert len(asked) <= 3


def test_a_file_and_a_pipe_give_the_same_records(sayso: Sayso) -> None:
    questions = ["When did the harbour bridge reopen?", "Who paid?", "", "and who designed it?"] * 5
    batch = b"".join(line(question) for question in questions)
    Path("batch.jsonl").write_bytes(batch)
    from_pipe = sayso("ask", "--batch", "-", "--json", "--quiet", stdin=batch)
    assert sayso("ask", "--batch", "batch.jsonl", "--json", "--quiet") == from_pipe
    assert from_pipe.code == 2


@pytest.mark.parametrize("date", [("--since", "1900"), ("--until", "2100-01-01")])
@pytest.mark.parametrize("asked", [("ask", "lighthouse"), ("ask", "--batch", "-", "--json"), ("chat",)])
def test_a_filter_by_date_says_how_many_articles_have_none(
    sayso: Sayso, asked: tuple[str, ...], date: tuple[str, str]
) -> None:
    sayso("index", "--quiet")
    assert sayso(*asked, *date).err == "1 article has no date and was left out.\n"
    assert sayso(*asked).err == sayso(*asked, *date, "--quiet").err == ""
