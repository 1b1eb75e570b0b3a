from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.hearing import better
from retrieval.store.archive import Archive
from retrieval.types import Abstention, Answer, Article, Filters, Kind, Reply, Work
from retrieval.weights import Weights
from tests.retrieval.samples import archive_of, article
from tests.retrieval.test_answerer import answerer, ask, cited

ABOUT = "The author is a retired pilot of ships."


def articles() -> list[Article]:
    """Op-eds whose authors do not name themselves, and a report that quotes one of them and others."""
    return [
        article(
            "The harbour must close before winter. Its walls let in the sea.\n\nTolls on the ferry would pay for new "
            f"walls.\n\nThe talks failed because nobody listened.\n\n{ABOUT}\n\nKeep the harbour, I say!",
            "close", [(ABOUT, Kind.ABOUT), ("Keep the harbour, I say!", Kind.COMMENT)],
            title="A Port Too Many", author="Ivo Brandt", publisher="Merle Post", published="2019",
        ),
        article(
            "The harbour feeds four hundred families. Closing the harbour would empty the town.\n\n"
            "The talks failed when the unions walked out.\n\nTolls on the ferry would hurt the poor.",
            "open", title="Four Hundred Families", author="Mia Osei", publisher="Merle Post", published="2020",
        ),
        article("A bridge would serve the islands. The ferry is late in storms.", "islands", title="Island Life",
                author="Åsa Lindström", publisher="Fell Gazette", published="2021"),
        article("The orchard grows forty kinds of apple.", "apples", title="Apples", author="Tom Reed"),
        article(
            "Tom Reed said that the lighthouse needs a keeper. Nell Keel said that the lighthouse needs paint.\n\n"
            "The Quill bridge was built by masons in 1874.",
            "report", title="Council Report",
        ),
        article("Rope is dear this year.", "rope", title="Rope", author="Ada Quill"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with closing(archive_of(tmp_path_factory.mktemp("hearing"), *articles())) as archive:
        yield archive


@pytest.fixture(scope="module")
def anonymous(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The same articles without a word on who wrote them."""
    nameless = [replace(one, reference=replace(one.reference, author=None, publisher=None)) for one in articles()]
    with closing(archive_of(tmp_path_factory.mktemp("anonymous"), *nameless)) as archive:
        yield archive


def quoted(reply: Reply) -> list[tuple[str, str]]:
    return [(citation.reference.article_id, citation.quote.text) for citation in cited(reply)]


@pytest.mark.parametrize(
    ("question", "article_id", "said"),
    [
        ("What does Ivo Brandt say about the harbour?", "close", "The harbour must close before winter."),
        ("what does BRANDT think of the harbour", "close", "The harbour must close before winter."),
        ("What does Mia Osei say about the harbour?", "open", "The harbour feeds four hundred families."),
        ("What is Osei's view on tolls?", "open", "Tolls on the ferry would hurt the poor."),
        ("What is Brandt's opinion of tolls?", "close", "Tolls on the ferry would pay for new walls."),
        ("According to Brandt, why did the talks fail?", "close", "The talks failed because nobody listened."),
        ("According to Mia Osei, why did the talks fail?", "open", "The talks failed when the unions walked out."),
        ("Why did the talks fail in Osei's view?", "open", "The talks failed when the unions walked out."),
        ("What does Asa Lindstrom say about the ferry?", "islands", "The ferry is late in storms."),
        ("What does the Fell Gazette write about the ferry?", "islands", "The ferry is late in storms."),
        ("What does the Merle Post say about new walls?", "close", "Tolls on the ferry would pay for new walls."),
        ("What walls would Brandt pay for?", "close", "Tolls on the ferry would pay for new walls."),
        ("Who is Ivo Brandt?", "close", ABOUT),
        ("What does Tom Reed say about apple kinds?", "apples", "The orchard grows forty kinds of apple."),
        ("What does Tom Reed say about the lighthouse?", "report", "Tom Reed said that the lighthouse needs a keeper."),
        ("What does Nell Keel say about the lighthouse?", "report",
         "Nell Keel said that the lighthouse needs paint."),
    ],
)  # fmt: skip
def test_the_voice_that_is_asked_for_answers(archive: Archive, question: str, article_id: str, said: str) -> None:
    reply = ask(archive, question, threshold=0.3)
    assert isinstance(reply, Answer), reply.reason
    assert reply.question == question
    assert quoted(reply)[0][0] == article_id
    assert said in quoted(reply)[0][1]


@pytest.mark.parametrize("name", ["Ivo Brandt", "Mia Osei", "Åsa Lindström", "Ada Quill"])
@pytest.mark.parametrize(
    "subject", ["the harbour", "tolls", "the talks", "the ferry", "apple", "the lighthouse", "zebras"]
)
def test_no_other_voice_answers_for_somebody(archive: Archive, name: str, subject: str) -> None:
    own = {one.reference.article_id for one in articles() if one.reference.author == name}
    for question in (f"What does {name} say about {subject}?", f"According to {name}, what about {subject}?"):
        for threshold in (0.0, 0.3, 1.0):
            reply = ask(archive, question, threshold=threshold)
            assert {found for found, _ in quoted(reply)} <= own | ({"report"} if name == "Ada Quill" else set())
            assert not any(text.startswith("Keep the harbour") for _, text in quoted(reply)), "a reader's comment"


def test_a_speaker_in_the_text_keeps_to_sentences_that_name_them(archive: Archive) -> None:
    every = Weights({}, {}, 5.0)
    reply = ask(archive, "What does Tom Reed say about the lighthouse?", weights=every, quotes=3)
    assert reply.work.speaker is not None and reply.work.speaker.name == "Tom Reed"
    report = [text for found, text in quoted(reply) if found == "report"]
    assert not any("masons" in text for text in report)


@pytest.mark.parametrize(
    ("own", "others", "kept"),
    [
        (Answer("?", (), 0.5, Work()), Answer("?", (), 0.79, Work()), "own"),
        (Answer("?", (), 0.5, Work()), Answer("?", (), 0.81, Work()), "others"),
        (Answer("?", (), 0.2, Work()), Abstention("?", "", (), 0.9, Work()), "own"),
        (Abstention("?", "", (), 0.3, Work()), Answer("?", (), 0.4, Work()), "others"),
        (Abstention("?", "", (), 0.1, Work()), Abstention("?", "", (), 0.3, Work()), "own"),
    ],
)
def test_own_words_come_first_unless_others_are_much_surer(own: Reply, others: Reply, kept: str) -> None:
    assert better(own, others) is (own if kept == "own" else others)


def test_who_an_author_is_is_not_what_they_say(archive: Archive) -> None:
    for question in ("What does Ivo Brandt say about ships?", "According to Brandt, who is a retired pilot of ships?"):
        reply = ask(archive, question, threshold=0.0)
        assert reply.work.hits
        assert all(hit.passage.kind is Kind.BODY for hit in reply.work.hits)
    assert quoted(ask(archive, "Which ships did Ivo Brandt pilot?", threshold=0.0))[0] == ("close", ABOUT)


def test_a_refusal_says_whose_articles_do_not_answer(archive: Archive) -> None:
    reply = ask(archive, "What does Ivo Brandt say about zebras?")
    assert isinstance(reply, Abstention)
    assert reply.reason == "nothing in the article by Ivo Brandt seems to answer the question"
    reply = ask(archive, "What does the Merle Post say about zebras?")
    assert isinstance(reply, Abstention)
    assert reply.reason == "nothing in the 2 articles by Merle Post seems to answer the question"
    reply = ask(archive, "Who is Mia Osei?")
    assert isinstance(reply, Abstention)
    assert reply.reason == "nothing in the article by Mia Osei says who that is"
    assert {found for found, _ in quoted(reply)} <= {"open"}


def test_nobody_answers_for_one_who_is_not_there(archive: Archive) -> None:
    for question in ("According to Nora Kade, why did the talks fail?", "What does Nora Kade say about the harbour?"):
        assert isinstance(ask(archive, question.replace("Nora Kade", "Ivo Brandt")), Answer)
        reply = ask(archive, question)
        assert isinstance(reply, Abstention)
        assert (reply.reason, reply.nearest) == ("no article is by Nora Kade or has the name", ())


def test_two_voices_are_compared(archive: Archive) -> None:
    reply = ask(archive, "What do Brandt and Osei say about the harbour?")
    assert isinstance(reply, Answer)
    assert reply.form == "comparison"
    assert {found for found, _ in quoted(reply)} == {"close", "open"}


def test_a_name_that_is_not_asked_for_their_words_changes_nothing(archive: Archive, anonymous: Archive) -> None:
    for question in (
        "Who built the Quill bridge?",
        "When was the Quill bridge built?",
        "Who met Brandt at the harbour?",
    ):
        one, other = ask(archive, question, threshold=0.2), ask(anonymous, question, threshold=0.2)
        assert (quoted(one), one.confidence) == (quoted(other), other.confidence)
        assert one.work.speaker is None


ASKED = st.lists(
    st.sampled_from(
        ["What", "does", "the", "harbour", "say", "about", "tolls", "?", "According to", "unions", ",", "why", "is",
         "Reed's", "view", "of", "ferry", "in 1874", "who", "zebra"]
    ),
    min_size=1, max_size=9,
).map(" ".join)  # fmt: skip


@given(ASKED.filter(lambda asked: "Reed" not in asked and any(c.isalnum() for c in asked)))
def test_a_question_without_an_authors_name_is_answered_as_if_nobody_had_written(
    archive: Archive, anonymous: Archive, asked: str
) -> None:
    one, other = ask(archive, asked, threshold=0.3), ask(anonymous, asked, threshold=0.3)
    assert (type(one), quoted(one), one.confidence) == (type(other), quoted(other), other.confidence)
    assert one.work.hits == other.work.hits


@given(ASKED, st.sampled_from(["Ivo Brandt", "Osei", "Tom Reed", "Merle Post"]), st.sampled_from([0.001, 0.3, 0.9]))
def test_every_quote_for_a_voice_stands_in_its_article(
    archive: Archive, asked: str, name: str, threshold: float
) -> None:
    reply = ask(archive, f"According to {name}, {asked}", threshold=threshold)
    assert isinstance(reply, Answer) == (bool(reply.work.candidates) and reply.confidence >= reply.work.threshold)
    for citation in cited(reply):
        text = archive.article(citation.reference.article_id).text
        assert text[citation.quote.start : citation.quote.end] == citation.quote.text


def test_a_follow_up_may_ask_another_voice(archive: Archive) -> None:
    earlier = ["What does Ivo Brandt say about the harbour?"]
    reply = ask(archive, "And Mia Osei?", earlier, threshold=0.3)
    assert reply.work.resolved_question == "What does Mia Osei say about the harbour?"
    assert quoted(reply)[0][0] == "open"


def test_filters_hold_for_a_voice_too(archive: Archive) -> None:
    asked = "What does the Merle Post say about the harbour?"
    reply = answerer(archive, threshold=0.0).ask(asked, (), Filters(since="2020"))
    assert {hit.passage.article_id for hit in reply.work.hits} == {"open"}
    commented = answerer(archive, threshold=0.0).ask(asked, (), Filters(comments=True))
    assert all(hit.passage.kind is not Kind.COMMENT for hit in commented.work.hits)


OWLS = "The mayor said that the toll is useless. He is wrong. The toll saved nine bridges in 2015."
HARES = (
    "Anglers claim that otters must be shot because they eat the trout. A trout has other enemies.\n\n"
    "“Otters must go,” she said. Nets break when boats tear them.\n\n"
    '"Otters will stay," Keel told me, "and the trout will live." Rivers need otters.'
)
KIN = "April May says that bulbs need cold. Ivo Harker says that frost comes from the north valley. Councils disagree."
TRAMS = "The depot was shut for years, and nobody had asked for what came then. Trams are quiet."


@pytest.fixture(scope="module")
def reporting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    texts = (
        article(OWLS, "toll", author="Greta Holm", publisher="Fell Gazette"),
        article(HARES, "otters", author="Nils Oake"),
        article(KIN, "frost", author="Odile Voss"),
        article("Ferries are slow in fog. Ivo Harker claims that ferries are quick.", "ferries", author="Lene Harker"),
        article(TRAMS, "trams", author="Rosa Field"),
        article("Slugs eat tulips.", "slugs", author="April May"),
    )
    with closing(archive_of(tmp_path_factory.mktemp("reporting"), *texts)) as archive:
        yield archive


@pytest.mark.parametrize(
    ("question", "not_theirs"),
    [
        ("What does Greta Holm think of the toll?", "useless"),
        ("According to Greta Holm, why is the toll useless?", "said that"),
        ("According to Nils Oake, why must otters be shot?", "Anglers"),
        ("According to Nils Oake, why must otters go?", "she said"),
        ("What does Nils Oake say about otters?", "Keel told"),
        ("What does Lene Harker say about ferries?", "quick"),
        ("According to Lene Harker, where does frost come from?", "north valley"),
        ("What does Lene Harker say about frost?", "north valley"),
    ],
)
@pytest.mark.parametrize("threshold", [0.1, 0.4])
def test_what_somebody_reports_of_others_is_not_their_view(
    reporting: Archive, question: str, not_theirs: str, threshold: float
) -> None:
    reply = ask(reporting, question, threshold=threshold, quotes=3)
    assert not any(text.startswith(OWLS[:30]) and "He is wrong" not in text for _, text in quoted(reply))
    assert not any(not_theirs in text and "He is wrong" not in text for _, text in quoted(reply))


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What does Greta Holm think of the toll?", "The toll saved nine bridges in 2015."),
        ("What does Lene Harker say about ferries?", "Ferries are slow in fog."),
        ("What does April May say about bulbs?", "April May says that bulbs need cold."),
        ("What does Ivo Harker say about frost?", "Ivo Harker says that frost comes from the north valley."),
        ("What does the Fell Gazette say about a useless toll?", "The mayor said that the toll is useless."),
    ],
)
def test_their_own_words_and_a_papers_reports_are(reporting: Archive, question: str, said: str) -> None:
    reply = ask(reporting, question, threshold=0.2)
    assert isinstance(reply, Answer)
    assert said in quoted(reply)[0][1]


def test_where_all_that_is_left_answers_nothing_there_is_no_answer(reporting: Archive) -> None:
    reply = ask(reporting, "According to Nils Oake, why must otters be shot?", threshold=0.7)
    assert isinstance(reply, Abstention)
    assert reply.reason == "nothing in the article by Nils Oake seems to answer the question"


@pytest.mark.parametrize("subject", ["trams", "quiet trams"])
def test_a_sentence_with_the_whole_subject_comes_first(reporting: Archive, subject: str) -> None:
    lengthy = Weights({"news": 5.0}, {"sentence cosine": 1.0}, 0.0)  # a reader of long sentences
    reply = ask(reporting, f"What does Rosa Field say about {subject}?", weights=lengthy, threshold=0.6)
    assert isinstance(reply, Answer)
    assert "Trams are quiet." in quoted(reply)[0][1]
