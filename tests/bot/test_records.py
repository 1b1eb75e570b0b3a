from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.records import answered, json_line, reply_record
from retrieval.errors import InputError, StoreError
from retrieval.types import Abstention, Answer, Citation, Difference, Hit, Kind, Passage, Quote, Reference, Span, Work

PASSAGE = Passage("p1", "a1", 10, 40, Kind.BODY, "It rains. It pours on 3 May.")
HIT = Hit(PASSAGE, 0.75, 0.5, 2.0)
QUOTE = Quote(HIT, 20, 38, "It pours on 3 May.", 0.9, answer=Span(32, 37))
CITATION = Citation(1, Reference("a1", "/srv/a.txt", "Rain", published="2017-03"), QUOTE)
WORK = Work("when does it pour", (HIT,), (), (QUOTE,), {"margin": 1.0}, 0.5, {"search": 1.0})
CITATION_RECORD = {
    "number": 1,
    "article_id": "a1",
    "title": "Rain",
    "author": None,
    "published": "2017-03",
    "publisher": None,
    "source": "/srv/a.txt",
    "url": None,
    "quote": "It pours on 3 May.",
    "start": 20,
    "end": 38,
    "passage_id": "p1",
    "answer_span": {"start": 32, "end": 37},
}
HIT_RECORD = {
    "passage_id": "p1",
    "article_id": "a1",
    "score": 0.75,
    "start": 10,
    "end": 40,
    "text": "It rains. It pours on 3 May.",
}


def test_an_answers_record_is_the_contract() -> None:
    assert reply_record(Answer("and when?", (CITATION,), 0.875, WORK), "q1") == {
        "id": "q1",
        "question": "and when?",
        "kind": "answer",
        "answer": "It pours on 3 May.",
        "confidence": 0.875,
        "reason": None,
        "citations": [CITATION_RECORD],
        "hits": [HIT_RECORD],
        "resolved_question": "when does it pour",
        "timings_ms": {"search": 1.0},
    }


def test_a_refusals_record_is_the_contract() -> None:
    assert reply_record(Abstention("when?", "too unlikely", (CITATION,), 0.25, Work())) == {
        "id": None,
        "question": "when?",
        "kind": "abstention",
        "answer": "",
        "confidence": 0.25,
        "reason": "too unlikely",
        "citations": [],
        "hits": [],
        "resolved_question": None,
        "timings_ms": {},
        "nearest": [CITATION_RECORD],
    }


def test_a_hits_record_has_the_rerankers_score_only_where_there_is_one() -> None:
    read = replace(HIT, rerank=-1.5)
    record = reply_record(Abstention("when?", "too unlikely", (), 0.25, Work(hits=(read, HIT))))
    assert record["hits"] == [{**HIT_RECORD, "rerank": -1.5}, HIT_RECORD]


def test_several_quotes_are_joined_and_an_unknown_span_is_left_out() -> None:
    bare = Citation(2, CITATION.reference, Quote(HIT, 10, 19, "It rains.", 0.1))
    record = reply_record(Answer("?", (CITATION, bare), 1.0, Work()))
    assert record["answer"] == "It pours on 3 May. … It rains."
    assert "answer_span" not in record["citations"][1]


@settings(deadline=None)
@given(st.dictionaries(st.text(), st.text()), st.sampled_from(["utf-8", "UTF-16", "ascii", "latin-1", "cp1251", None]))
def test_json_lines_are_exact_in_any_encoding(record: dict[str, str], encoding: str | None) -> None:
    line = json_line(record, encoding)
    assert json.loads(line) == record
    assert line.encode(encoding or "ascii")
    assert len(line.splitlines()) == 1


def test_json_keeps_scripts_readable_and_escapes_what_drives_a_terminal() -> None:
    assert json_line({"text": "қаз 🐈 \x1b[2J \x9b2J \u202e \ud800"}) == (
        '{"text": "қаз 🐈 \\u001b[2J \\u009b2J \\u202e \\ud800"}'
    )


def test_numbers_that_json_lacks_are_refused() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        json_line({"score": float("nan")})


def ask(question: str, history: object) -> Answer:
    if not question:
        raise InputError("the question is empty", "write one")
    return Answer(question, (), 1.0, Work(resolved_question=f"{question} {history}"))


@pytest.mark.parametrize(
    ("raw", "record_id", "resolved"),
    [
        (b'{"id": 7, "question": "x?"}', 7, "x? []"),
        (b'{"question": "x?", "history": ["a", "b"], "gold": []}\n', None, "x? ['a', 'b']"),
        (b'\xef\xbb\xbf{"id": "q", "question": "x?"}\r\n', "q", "x? []"),
    ],
)
def test_records_are_answered_under_their_id(raw: bytes, record_id: object, resolved: str) -> None:
    record = answered(raw, ask)
    assert (record["kind"], record["id"], record["resolved_question"]) == ("answer", record_id, resolved)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"{", (None, None, "not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)")),
        (b"[" * 200_000, None),
        (b'"text"', (None, None, "not a JSON object")),
        (b'{"id": 1, "question": "caf\xe9"}', (None, None, "not UTF-8 (byte 27)")),
        (b'{"id": 1}', (1, None, 'the record has no "question", or it is not a text')),
        (b'{"id": 1, "question": 5}', (1, 5, 'the record has no "question", or it is not a text')),
        (b'{"id": 1, "question": "x", "history": "y"}', (1, "x", '"history" is not a list of texts')),
        (b'{"id": 1, "question": "x", "history": [1]}', (1, "x", '"history" is not a list of texts')),
        (b'{"id": 1, "question": "\\ud800"}', (1, "\ud800", "the question is not UTF-8 text (character 1)")),
        (b'{"id": 1, "question": ""}', (1, "", "the question is empty")),
    ],
)
def test_a_record_that_cannot_be_read_comes_out_with_its_reason(
    raw: bytes, expected: tuple[object, ...] | None
) -> None:
    record = answered(raw, ask)
    assert list(record) == ["id", "question", "kind", "reason"]
    assert record["kind"] == "error"
    if expected:
        assert (record["id"], record["question"], record["reason"]) == expected


def test_an_error_of_the_store_is_not_the_records_fault() -> None:
    def broken(question: str, history: object) -> Answer:
        raise StoreError("the disk is full")

    with pytest.raises(StoreError):
        answered(b'{"question": "x"}', broken)


def test_what_others_say_too_and_what_differs_is_added_only_where_it_is_known() -> None:
    other = replace(CITATION, number=2)
    difference = Difference((1, 3), "date", (Span(32, 37), Span(4, 8)))
    answer = Answer("?", (replace(CITATION, also=(other,)), replace(CITATION, number=3)), 0.9, WORK, (difference,))
    record = reply_record(answer)
    assert record["citations"] == [
        {**CITATION_RECORD, "also": [{**CITATION_RECORD, "number": 2}]}, {**CITATION_RECORD, "number": 3}
    ]  # fmt: skip
    assert record["differences"] == [
        {"about": "date", "citations": [1, 3], "words": [{"start": 32, "end": 37}, {"start": 4, "end": 8}]}
    ]
    assert reply_record(replace(answer, form="list"))["form"] == "list"
    assert not {"differences", "form"} & reply_record(Answer("?", (CITATION,), 0.9, WORK)).keys()
