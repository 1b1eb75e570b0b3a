from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.suggestions import MOST, suggestions
from retrieval.tokens import STOP_WORDS, stem, words
from retrieval.types import Abstention, Answer, Citation, Hit, Passage, Quote, Reference, Reply, Span, Work
from tests.retrieval.samples import TEXTS, passages

TARN = (
    "The iron bridge at Tarn was opened in 1874. In 1888 Norland sold two tugs to Tarn. The ferry captain Tom Reed "
    "never forgave Norland.\n\n"
    "Norland has promised to mend the old lamp of the harbour. The salt depot was closed because the roof leaked. "
    "It was sold to Ada Quill. Ada Quill, an engineer from Fell, visited the depot twice."
)


def content(text: str) -> set[str]:
    return {stem(word) for word in words(text) if word not in STOP_WORDS}


def engine(cut: list[Passage], sure: float = 1.0) -> Callable[[str], Reply]:
    """Answers with the sentence that shares most words with the question, as surely as ``sure`` times that share."""

    def ask(question: str) -> Reply:
        places = [(p, span) for p in cut for span in p.sentences]
        texts = [p.text[a - p.start : b - p.start] for p, (a, b) in places]
        shares = [len(content(question) & content(text)) / max(1, len(content(question))) for text in texts]
        best = max(range(len(places)), key=lambda place: shares[place])
        passage, span = places[best]
        quote = Quote(Hit(passage, 1.0, 0.5, 2.0), span.start, span.end, texts[best], 1.0)
        cited = (Citation(1, Reference("a", "/articles/a.txt"), quote),)
        work = Work(hits=tuple(Hit(p, 1.0, 0.5, 2.0) for p in cut))
        return Answer(question, cited, sure * shares[best], work)

    return ask


def suggested(question: str, text: str = TARN, sure: float = 1.0) -> list[str]:
    cut = passages(text)
    return suggestions(engine(cut)(question), engine(cut, sure), lambda article_id: cut)


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        ("In 1888 the guild of Fell sold two tugs.", "When did the guild of Fell sell two tugs?"),
        ("The salt depot had an iron roof until 1901.", "What had an iron roof until 1901?"),
        ("Ada Quill, an engineer from Fell, visited Tarn's depot twice.", "Who visited Tarn's depot twice?"),
        ("The salt depot of Fell burned because the roof leaked.", "Why did the salt depot of Fell burn?"),
        ("General Norland will go on mending Tarn's lamps; nobody helps.", "Who will go on mending Tarn's lamps?"),
        ("In 1888 the guild of Fell also sold two tugs.", "When did the guild of Fell sell two tugs?"),
        ("The Fell Treaty ended the herring wars of Tarn.", "What ended the herring wars of Tarn?"),
        ("In 1931 the court of Fell ordered Norland to pay 12,500 crowns.",
         "When did the court of Fell order Norland to pay 12,500 crowns?"),
        ("The Fell Tram Company was founded by Tarn's bakers.", "What was founded by Tarn's bakers?"),
        ("The Merle Hall burned down with Tarn's archive.", "What burned down with Tarn's archive?"),
        ("Ada Quill opened the museum of Tarn.", "Who opened the museum of Tarn?"),
        ("The Soviet Union sent two tugs to Tarn.", "Which country sent two tugs to Tarn?"),
        ("The Russian Federation sent two tugs to Tarn.", "Which country sent two tugs to Tarn?"),
    ],
)  # fmt: skip
def test_a_statement_near_the_answer_becomes_a_question(statement: str, question: str) -> None:
    text = f"Tarn is a town by the sea. Some say that Norland owns it. {statement}"
    assert question in suggested("What is Tarn?", text)


@pytest.mark.parametrize(
    "statement",
    [
        "It was sold to Ada Quill by the bank.",
        "Norland has not mended the lamp of the harbour.",
        "After the war had ended in 1888 nobody came.",
        "Ada Quill has seen the lamp and Tom Reed has mended the lamp.",
        "Trade of the harbour rests.",
        "Ada Quill opened the old harbour and mended a lamp there.",
        "Ada Quill gave a lamp of iron and three nets.",
        "In 1888 the guild of Fell sold the tugs.",
        "In 1888 the two guilds of Fell sold seven tugs.",
        "The Merle Swan burned down with the archive of Norland.",
        "Tom Hall burned the archive of Norland.",
        "Fell Merle was hit by a bomb of Norland.",
    ],
)
def test_what_makes_no_good_question_is_left_alone(statement: str) -> None:
    assert suggested("What is Tarn?", f"Tarn is a town by the sea. Some say that Norland owns it. {statement}") == []


def test_headings_that_count_are_asked_for() -> None:
    cut = [
        Passage(
            "p",
            "a",
            0,
            20,
            passages("Tarn.")[0].kind,
            "Nets, tugs and oars.",
            (Span(0, 20),),
            "",
            "The three wishes of Tarn",
        )
    ]
    ask = engine(cut)
    asked: list[str] = []
    suggestions(ask("Which boats?"), lambda question: asked.append(question) or ask(question), lambda _: cut)
    assert asked == ["What are the three wishes of Tarn?"]


def test_what_leans_on_another_sentence_or_was_answered_already_is_not_suggested() -> None:
    assert not any("sold to Ada" in question for question in suggested("When was the iron bridge at Tarn opened?"))
    assert "When did Norland sell two tugs to Tarn?" not in suggested("When were two tugs sold to Tarn by Norland?")


FELL = (
    "Tarn is a town by the sea. In 1888 the guild of Fell sold two tugs. In 1890 the old ferry Merle sank near Osk.\n\n"
    "In 1901 the guild of Fell bought nine nets. The salt depot of Fell burned because the roof leaked."
)


@pytest.mark.parametrize(
    ("known", "left_out"),
    [
        ("When did the guild of Fell sell two tugs?", "When did the guild of Fell sell two tugs?"),
        ("Two tugs were sold by the guild of Fell in 1888.", "When did the guild of Fell sell two tugs?"),
        ("Who obtained nine nets for the guild of Fell in 1901?", "When did the guild of Fell buy nine nets?"),
        ("Nine nets were bought by the guild of Fell.", "When did the guild of Fell buy nine nets?"),
    ],
)
def test_what_was_asked_or_answered_or_suggested_enough_before_is_not_suggested_again(
    known: str, left_out: str
) -> None:
    cut = passages(FELL)
    before, after = (
        suggestions(engine(cut)("What is Tarn?"), engine(cut), lambda _: cut, told) for told in ((), [known])
    )
    assert left_out in before
    assert left_out not in after
    assert set(before) - {left_out} <= set(after)


def test_what_shares_a_telling_name_with_the_answer_comes_first() -> None:
    text = "The Merle is a ferry of Fell. Bread is brown in Fell. " + FELL.partition(". ")[2]
    cut = passages(text)
    found = suggestions(engine(cut)("What is the Merle?"), engine(cut), lambda _: cut)
    assert found[0] == "When did the old ferry Merle sink near Osk?"
    assert len(found) == MOST


def test_nothing_is_suggested_that_the_engine_is_not_sure_of_nor_after_a_refusal() -> None:
    assert suggested("When was the iron bridge at Tarn opened?", sure=0.5) == []
    assert suggestions(Abstention("?", "r", (), 0.0, Work()), engine([]), lambda article_id: []) == []


@given(TEXTS, st.sampled_from(["Who?", "When was the bridge opened?"]))
def test_suggestions_are_few_distinct_answerable_and_cheap(text: str, question: str) -> None:
    cut = passages(text + "\n\n" + TARN)
    ask = engine(cut)
    asked: list[str] = []
    found = suggestions(ask(question), lambda each: asked.append(each) or ask(each), lambda article_id: cut)  # type: ignore[func-returns-value]
    assert len(found) <= MOST
    assert len(set(found)) == len(found) <= len(asked) <= 8
    assert all(ask(each).confidence >= 0.6 for each in found)
