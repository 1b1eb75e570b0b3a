from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answerer import Answerer
from retrieval.errors import DamagedError, InputError
from retrieval.protocols import PassageReader, Reranker
from retrieval.settings import Answers, ReaderSettings, Rerank, Settings
from retrieval.speakers import Speakers
from retrieval.store.archive import Archive
from retrieval.types import Abstention, Answer, Article, Citation, Filters, Kind, Passage, Reading, Reply
from retrieval.vocabulary import Vocabulary
from retrieval.weights import Weights
from tests.conftest import ROOT
from tests.retrieval.samples import ENCODER, TEXTS, archive_of, article, index_of

BRIDGE = "The iron bridge at Tarn was opened in 1874. Ada Quill was its engineer and built three lighthouses before."
FERRY = "A ferry crosses the lake four times a day. Its captain, Tom Reed, retired in 2011."
ORCHARD = "The orchard at Fell grows forty kinds of apple.\n\nI like the bridge more."
DEPOT = "The salt depot of Tarn burned in the spring of 1901."


def articles() -> list[Article]:
    return [
        article(BRIDGE, "bridge", title="The Old Bridge", author="J. Marsh", published="2003-05-01"),
        article(FERRY, "ferry", title="The Ferry", author="A. Lee", published="2011"),
        article(ORCHARD, "orchard", [("I like the bridge more.", Kind.COMMENT)], title="Orchards"),
        article(DEPOT, "depot"),
    ]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with closing(archive_of(tmp_path_factory.mktemp("answerer"), *articles())) as archive:
        yield archive


#: A question is answered as surely as the words of it and of the best sentence agree.
BY_WORDS = Weights({"sentence cosine": 10.0}, {"sentence cosine": 10.0}, -3.0)


def answerer(
    archive: Archive,
    threshold: float = 0.5,
    weights: Weights = BY_WORDS,
    reader: PassageReader | None = None,
    reranker: Reranker | None = None,
    **answers: int,
) -> Answerer:
    settings = Settings(
        answers=Answers(threshold=threshold, **answers), reader=ReaderSettings(passages=2), rerank=Rerank(passages=3)
    )
    return Answerer(
        archive=archive, encoder=lambda: ENCODER, index=lambda: index_of(archive), reranker=lambda: reranker,
        reader=lambda: reader, weights=lambda: weights, settings=settings,
        vocabulary=(spelled := Vocabulary(archive)), speakers=Speakers(archive, spelled.spelled),
    )  # fmt: skip


def ask(
    archive: Archive, asked: str, history: Sequence[str] = (), filters: Filters = Filters(), **options: float
) -> Reply:
    return answerer(archive, **options).ask(asked, history, filters)  # type: ignore[arg-type]


def cited(reply: Reply) -> tuple[Citation, ...]:
    return reply.citations if isinstance(reply, Answer) else reply.nearest


# -- what holds for every reply --------------------------------------------------------------------

ASKED = TEXTS.filter(
    lambda text: any(c.isprintable() and not c.isspace() for c in text) and len(text) <= 2_000
) | st.sampled_from(["Who built the bridge?", "When did Tom Reed retire?", "apple", "zebra?", "Tarn 1874 1901", "?",
     "Compare the views on the bridge", "What are the two boats?"]
)  # fmt: skip


@given(ASKED, st.lists(ASKED, max_size=3), st.sampled_from([0.001, 0.3, 0.999]))
def test_every_quote_stands_in_its_article_letter_for_letter(
    archive: Archive, asked: str, history: list[str], threshold: float
) -> None:
    reply = ask(archive, asked, history, threshold=threshold)
    assert reply.question == asked
    assert 0 <= reply.confidence <= 1
    assert isinstance(reply, Answer) == (bool(reply.work.candidates) and reply.confidence >= reply.work.threshold)
    assert [citation.number for citation in cited(reply)] == list(range(1, len(cited(reply)) + 1))
    for citation in cited(reply):
        source = archive.article(citation.reference.article_id)
        assert citation.reference == source.reference
        assert source.text[citation.quote.start : citation.quote.end] == citation.quote.text
    if isinstance(reply, Answer):
        assert 1 <= len(reply.citations) <= 3
    else:
        assert reply.reason


@given(ASKED)
def test_the_same_question_gets_the_same_reply(archive: Archive, asked: str) -> None:
    one, other = ask(archive, asked), ask(archive, asked)
    assert (type(one), cited(one), one.confidence, one.work.hits) == (
        type(other),
        cited(other),
        other.confidence,
        other.work.hits,
    )


# -- answer or abstention --------------------------------------------------------------------------


def test_an_answer_quotes_the_sentence_and_cites_its_article(archive: Archive) -> None:
    reply = ask(archive, "When was the iron bridge at Tarn opened?")
    assert isinstance(reply, Answer)
    assert reply.citations[0].quote.text == "The iron bridge at Tarn was opened in 1874."
    assert (reply.citations[0].number, reply.citations[0].reference.title) == (1, "The Old Bridge")
    assert reply.work.resolved_question is None


def test_confidence_at_the_threshold_answers_and_below_it_abstains(archive: Archive) -> None:
    even = Weights({"sentence cosine": 10.0}, {}, 0.0)  # one half, whatever was found
    assert isinstance(ask(archive, "iron bridge", threshold=0.5, weights=even), Answer)
    refusal = ask(archive, "iron bridge", threshold=0.51, weights=even)
    assert isinstance(refusal, Abstention)
    assert (refusal.confidence, refusal.work.threshold) == (0.5, 0.51)


def test_a_refusal_names_the_nearest_of_different_articles_best_first(archive: Archive) -> None:
    reply = ask(archive, "Who painted the bridge, the ferry, the apple and the depot at Tarn?", threshold=1.0)
    assert isinstance(reply, Abstention)
    named = [citation.reference.article_id for citation in reply.nearest]
    assert len(named) == len(set(named)) == 2
    scores = [citation.quote.score for citation in reply.nearest]
    assert scores == sorted(scores, reverse=True)
    assert "painted" in reply.reason


def test_a_refusal_names_no_article_that_is_far_from_the_question(archive: Archive) -> None:
    reply = ask(archive, "zebra quantum stapler", threshold=1.0)
    assert isinstance(reply, Abstention)
    assert reply.nearest == ()
    assert reply.work.candidates, "there were some"


def test_an_answer_has_no_more_quotes_than_the_setting(archive: Archive) -> None:
    every = Weights({}, {}, 5.0)
    assert [len(cited(ask(archive, "Tarn lake apple", weights=every, quotes=most))) for most in (1, 2, 3)] == [1, 2, 3]


@pytest.mark.parametrize("threshold", [0.5, 0.0])
def test_where_nothing_is_found_nothing_is_answered(tmp_path: Path, threshold: float) -> None:
    with closing(archive_of(tmp_path)) as empty:
        reply = ask(empty, "Who built the bridge?", threshold=threshold)
    assert isinstance(reply, Abstention)
    assert (reply.nearest, reply.confidence) == ((), 0.0)


@pytest.mark.parametrize("asked", ["", "  \n", "x" * 2_001])
def test_a_question_that_cannot_be_read_is_an_error(archive: Archive, asked: str) -> None:
    with pytest.raises(InputError):
        ask(archive, asked)


# -- a damaged archive -----------------------------------------------------------------------------


def test_a_quote_that_does_not_stand_in_its_article_is_never_shown(tmp_path: Path) -> None:
    with closing(archive_of(tmp_path, *articles())) as archive:
        with closing(sqlite3.connect(tmp_path / "archive.sqlite3", isolation_level=None)) as db:
            db.execute("UPDATE articles SET text = replace(text, '1874', '1875') WHERE id = 'bridge'")
        with pytest.raises(DamagedError, match="bridge") as raised:
            ask(archive, "When was the iron bridge at Tarn opened?")
    assert "index" in raised.value.hint


# -- earlier questions -----------------------------------------------------------------------------


def test_a_follow_up_is_asked_with_the_words_that_it_leans_on(archive: Archive) -> None:
    history = ["How often does the ferry cross the lake?"]
    reply = ask(archive, "Who is its captain?", history, threshold=0.001)
    assert reply.work.resolved_question is not None
    assert "ferry" in reply.work.resolved_question
    assert reply.question == "Who is its captain?"
    assert cited(reply)[0].reference.article_id == "ferry"


def test_history_changes_nothing_for_a_question_that_stands_alone(archive: Archive) -> None:
    asked = "When was the iron bridge at Tarn opened?"
    with_history, without = ask(archive, asked, ["How often does the ferry cross the lake?"]), ask(archive, asked)
    assert with_history.work.resolved_question is None
    assert cited(with_history) == cited(without)


def test_a_pronoun_is_read_from_the_quote_that_answered(archive: Archive) -> None:
    reply = ask(archive, "What did she build before?", ["Who was engineer and built lighthouses?"], threshold=0.001)
    assert reply.work.resolved_question == "What did Ada Quill build before?"


class Counting:
    """An encoder that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(ENCODER, name)

    def encode_questions(self, questions: Sequence[str]) -> np.ndarray:
        self.asked += questions
        return ENCODER.encode_questions(questions)


def test_earlier_questions_are_answered_once_until_the_articles_change(tmp_path: Path) -> None:
    encoder = Counting()
    with closing(archive_of(tmp_path, *articles())) as archive:
        asking = replace(answerer(archive, threshold=0.001), encoder=lambda: encoder)
        first, second = "Who was engineer and built lighthouses?", "What did she build?"
        asking.ask(first, [], Filters())
        asking.ask(second, [first], Filters())
        asking.ask("When did she do that?", [first, second], Filters())
        assert [asked for asked in encoder.asked if asked == first] == [first]
        assert [asked for asked in encoder.asked if asked == second] == [second]
        encoder.asked.clear()
        archive.remove(["depot"])
        asking.ask("When was she born?", [first], Filters())
        assert encoder.asked == [first, "When was she born?", "When was Ada Quill born?"]


def test_only_the_last_turns_are_answered_again(archive: Archive) -> None:
    encoder = Counting()
    asking = replace(answerer(archive), encoder=lambda: encoder)
    asking.ask("Why?", [f"Who built the bridge at Tarn in 18{number}?" for number in range(10, 40)], Filters())
    assert len(encoder.asked) == 6 + 2


def test_a_question_that_stands_alone_has_no_earlier_one_answered(archive: Archive) -> None:
    encoder = Counting()
    asking = replace(answerer(archive), encoder=lambda: encoder)
    asking.ask("When was the iron bridge at Tarn opened?", ["Who owns the ferry?"], Filters())
    assert encoder.asked == ["When was the iron bridge at Tarn opened?"]


# -- other languages -------------------------------------------------------------------------------


def test_a_question_in_a_language_that_the_encoder_does_not_read_is_refused_by_name(archive: Archive) -> None:
    reply = ask(archive, "Кто построил железный мост?")
    assert isinstance(reply, Abstention)
    assert reply.reason.startswith("the question seems to be in Russian")
    assert reply.nearest == ()


# -- filters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "allowed"),
    [
        (Filters(article="ferry"), {"ferry"}),
        (Filters(author="lee"), {"ferry"}),
        (Filters(until="2004"), {"bridge"}),
        (Filters(since="2004", until="2012-01"), {"ferry"}),
    ],
)
def test_only_articles_that_pass_the_filters_answer_or_come_near(
    archive: Archive, filters: Filters, allowed: set[str]
) -> None:
    for threshold in (0.001, 0.999):
        reply = ask(archive, "When was the iron bridge at Tarn opened?", filters=filters, threshold=threshold)
        named = {citation.reference.article_id for citation in cited(reply)}
        assert named == allowed if isinstance(reply, Answer) else named <= allowed
        assert {hit.passage.article_id for hit in reply.work.hits} == allowed


def test_comments_answer_on_request_only(archive: Archive) -> None:
    asked = "Who likes the bridge more?"
    silent, asked_for = (
        ask(archive, asked, threshold=0.001),
        ask(archive, asked, threshold=0.001, filters=Filters(comments=True)),
    )
    assert all(hit.passage.kind is not Kind.COMMENT for hit in silent.work.hits)
    assert cited(asked_for)[0].quote.hit.passage.kind is Kind.COMMENT


# -- how it came about -----------------------------------------------------------------------------


def test_the_work_holds_hits_candidates_evidence_and_the_time_of_each_stage(archive: Archive) -> None:
    work = ask(archive, "When was the iron bridge at Tarn opened?").work
    assert {"encode", "search", "extract", "total"} <= work.timings_ms.keys()
    assert all(value >= 0 for value in work.timings_ms.values())
    stages = [value for name, value in work.timings_ms.items() if name != "total"]
    assert work.timings_ms["total"] == pytest.approx(sum(stages), abs=0.01)
    assert {quote.hit for quote in work.candidates} <= set(work.hits)
    assert work.evidence["sentence cosine"] == work.candidates[0].features["sentence cosine"]


class Pointing:
    """A reader that is sure of any sentence that holds a word, and points at the word."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.read_passages: list[str] = []

    def read(self, questions: str | Sequence[str], passages: Sequence[Passage]) -> list[list[Reading]]:
        self.read_passages += [passage.id for passage in passages]
        return [[self._reading(passage, start, end) for start, end in passage.sentences] for passage in passages]

    def _reading(self, passage: Passage, start: int, end: int) -> Reading:
        place = passage.text.find(self.word, start - passage.start, end - passage.start)
        found = place >= 0
        first = passage.start + place if found else start
        return Reading(5.0 if found else -5.0, type(passage.sentences[0])(first, first + len(self.word)))


def test_a_reader_reads_the_best_passages_and_its_words_are_marked(archive: Archive) -> None:
    reader = Pointing("engineer")
    sure = Weights({"margin": 1.0}, {"margin": 1.0}, 0.0)
    reply = answerer(archive, weights=sure, reader=reader).ask("Who opened the iron bridge?", (), Filters())
    assert isinstance(reply, Answer)
    best = reply.citations[0].quote
    assert best.answer is not None
    assert archive.article("bridge").text[best.answer.start : best.answer.end] == "engineer"
    assert reader.read_passages == [hit.passage.id for hit in reply.work.hits[:2]]


class Longest:
    """A reranker that prefers long passages."""

    def scores(self, question: str, passages: Sequence[Passage]) -> np.ndarray:
        return np.array([len(passage.text) for passage in passages], np.float32)


def test_a_reranker_orders_the_first_hits_before_the_reader_reads_them(archive: Archive) -> None:
    asked = "Who opened the iron bridge at Tarn?"
    reader = Pointing("engineer")
    plain = ask(archive, asked, threshold=0.0).work.hits
    work = answerer(archive, reader=reader, reranker=Longest()).ask(asked, (), Filters()).work
    assert len(plain) > 3
    first = sorted(plain[:3], key=lambda hit: -len(hit.passage.text))
    assert [hit.passage for hit in work.hits] == [hit.passage for hit in [*first, *plain[3:]]]
    assert [hit.rerank for hit in work.hits] == [len(hit.passage.text) for hit in first] + [None] * len(plain[3:])
    assert {(hit.passage.id, hit.score) for hit in work.hits} == {(hit.passage.id, hit.score) for hit in plain}
    assert reader.read_passages == [hit.passage.id for hit in work.hits[:2]]
    assert all(candidate.features["behind best hit"] <= 0 for candidate in work.sentences)
    assert "rerank" in work.timings_ms


def test_threads_may_share_an_answerer(archive: Archive) -> None:
    shared = answerer(archive)
    asked = [
        "When was the iron bridge opened?",
        "Who is captain of the ferry?",
        "How many kinds of apple?",
        "When did the depot burn?",
    ] * 5
    alone = [cited(shared.ask(one, (), Filters())) for one in asked]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda one: cited(shared.ask(one, (), Filters())), asked)) == alone


SCRIPT = """
import sys
from pathlib import Path
from tests.retrieval.samples import archive_of
from tests.retrieval.test_answerer import articles, ask, cited
archive = archive_of(Path(sys.argv[1]), *articles())
for asked in ("When was the iron bridge at Tarn opened?", "Who painted the ferry and the depot?", "its apple"):
    reply = ask(archive, asked, ["Who grows the apple at Fell, and who sells it?"])
    print(reply.confidence, reply.work.resolved_question, reply.work.evidence, getattr(reply, "reason", None))
    print([(citation.number, citation.quote.text) for citation in cited(reply)])
"""


def test_replies_do_not_depend_on_how_this_process_hashes(tmp_path: Path) -> None:
    def run(seed: str) -> str:
        (tmp_path / seed).mkdir()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SCRIPT, str(tmp_path / seed)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert run("1") == run("2") != ""


# -- what several articles say ---------------------------------------------------------------------


def voices(folder: Path) -> Archive:
    return archive_of(
        folder,
        article("The iron bridge at Tarn was opened by Ada Quill in 1874.", "old", author="J. Marsh"),
        article("In 1876 Ada Quill opened the iron bridge at Tarn.", "new", author="A. Lee"),
        article("It was Ada Quill who opened the iron bridge at Tarn in 1874.", "guide", author="Tarn Guide"),
        article("Tarn has two ferries.\n\nFirst, the Merle goes to Fell.\n\nThe Merle is old.\n\nSecond, "
                "the Gull goes to Hollin with mail from the town and with salt.", "ferries", author="T. Reed"),
    )  # fmt: skip


def test_sources_that_differ_and_sources_that_agree_are_told_apart(tmp_path: Path) -> None:
    with closing(voices(tmp_path)) as archive:
        reply = ask(archive, "When did Ada Quill open the iron bridge at Tarn?", quotes=2)
        assert isinstance(reply, Answer)
        by_words = {
            archive.article(citation.reference.article_id).text[slice(*span)]: citation
            for citation, span in zip(reply.citations, reply.differences[0].words, strict=True)
        }
        assert (reply.differences[0].numbers, reply.differences[0].about) == ((1, 2), "date")
        assert by_words.keys() == {"1874", "1876"}
        (agreeing,) = by_words["1874"].also
        assert agreeing.number == 3
        assert {by_words["1874"].reference.article_id, agreeing.reference.article_id} == {"old", "guide"}


def test_speakers_whom_one_article_cites_and_who_differ_stand_side_by_side(tmp_path: Path) -> None:
    text = "The mayor says the bridge cost 4.2 million. The accounts of the board put it at 5.1 million. It is tall."
    with closing(archive_of(tmp_path, article(text, "price"), tokens=60)) as archive:
        reply = ask(archive, "How much did the bridge cost?")
        assert isinstance(reply, Answer)
        (difference,) = reply.differences
        assert [text[slice(*span)] for span in difference.words] == ["4.2 million", "5.1 million"]
        assert (difference.numbers, difference.about, difference.voiced) == ((1, 2), "number", True)
        assert [text[c.quote.start : c.quote.end].count("million") for c in reply.citations] == [1, 1]


def test_a_count_and_a_denial_differ(tmp_path: Path) -> None:
    there, here = "Three people died in the fire at Tarn.", "No one was killed in the fire at Tarn."
    with closing(archive_of(tmp_path, article(there, "there"), article(here, "here"))) as archive:
        reply = ask(archive, "How many people died in the fire at Tarn?")
        assert isinstance(reply, Answer)
        assert [difference.about for difference in reply.differences] == ["negation"]


def test_a_comparison_lets_each_article_speak_of_the_topic(tmp_path: Path) -> None:
    with closing(voices(tmp_path)) as archive:
        reply = ask(archive, "Compare the views on the iron bridge", threshold=1.0)
        assert isinstance(reply, Answer)
        assert (reply.form, reply.work.threshold) == ("comparison", 0.0)
        assert {citation.reference.article_id for citation in reply.citations} == {"guide", "new", "old"}
        assert isinstance(ask(archive, "Compare the views on zebras", threshold=1.0), Abstention)


def test_a_list_of_the_number_asked_for_is_collected_in_order(tmp_path: Path) -> None:
    with closing(voices(tmp_path)) as archive:
        reply = ask(archive, "What are the two ferries of Tarn?", quote_chars=60)
        assert isinstance(reply, Answer)
        assert reply.form == "list"
        assert shown_texts(reply)[0].endswith("First, the Merle goes to Fell.")
        assert shown_texts(reply)[-1].startswith("Second, the Gull goes to Hollin")


def shown_texts(reply: Reply) -> list[str]:
    return [citation.quote.text for citation in cited(reply)]
