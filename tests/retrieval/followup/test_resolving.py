from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.followup.resolving import leans, on_something_new, resolve
from retrieval.followup.turns import Turn
from retrieval.tokens import stem, words

BRIDGE = Turn("Who designed the harbour bridge at Tarn?", "The harbour bridge was the work of Ada Quill.", "Ada Quill")
FERRY = Turn("When did the ferry leave Tarn?", "The ferry left Tarn in 1874 and sank.", "in 1874")
VISIT = Turn("When did Ada Quill visit Tarn?", "Ada Quill came to Tarn in May 1901.", "May 1901")
MASONS = Turn("Which masons built the bridge?", "The masons of Fell built it.")


def understood(question: str, *turns: Turn) -> str | None:
    made = resolve(question, turns)
    return made.text if made else None


@pytest.mark.parametrize(
    "question",
    [
        "Who built the bridge at Tarn?",
        "?",
        "😀😀😀",
        "Thank you!",
        "How many kinds of apple grow at Fell orchard?",
        "And what caused the great flood of Tarn in 1874?",
        "Which lamps burned oil in the lighthouse of Fell?",
        "Is there a school at Fell?",
        "What did the council of Fell decide on lamps, ropes and oil?",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert not leans(question)
    assert understood(question, FERRY, BRIDGE) is None


@pytest.mark.parametrize("question", ["When did it sink?", "Why?", "and Tom Reed?"])
def test_without_a_history_there_is_nothing_to_lean_on(question: str) -> None:
    assert leans(question)
    assert understood(question) is None


@pytest.mark.parametrize(
    ("question", "turn", "whole"),
    [
        # the person who answered, and the one who was asked about
        ("When was she born?", BRIDGE, "When was Ada Quill born?"),
        ("What were her other works?", BRIDGE, "What were Ada Quill's other works?"),
        ("Who paid her?", BRIDGE, "Who paid Ada Quill?"),
        ("What did she see there?", VISIT, "What did Ada Quill see in Tarn?"),
        ("Which general travelled with that woman?", VISIT, "Which general travelled with Ada Quill?"),
        (
            "What did he see?",
            Turn("When did General Reed sail?", "Tom Reed sailed in 1874."),
            "What did General Reed see?",
        ),
        ("What did he see?", Turn("When did Reed sail?", "Tom Reed sailed in 1874."), "What did Tom Reed see?"),
        # things
        ("How long is it?", BRIDGE, "How long is the harbour bridge at Tarn?"),
        ("Who owned it?", FERRY, "Who owned the ferry?"),
        ("Were they paid?", MASONS, "Were the masons that built the bridge paid?"),
        ("How long is that bridge?", BRIDGE, "How long is the harbour bridge at Tarn?"),
        (
            "Who signed it?",
            Turn("Which pact did Tarn make?", "Tarn made a treaty of peace with Fell.", "treaty of peace with Fell"),
            "Who signed the treaty of peace with Fell?",
        ),
        (
            "Who signed it?",
            Turn("Which pact ended it?", "It was the Fell Treaty.", "Fell Treaty"),
            "Who signed the Fell Treaty?",
        ),
        (
            "What does it carry?",
            Turn("Which towns does the Osk Canal link?", "It links Tarn and Fell.", "Tarn and Fell"),
            "What does the Osk Canal carry?",
        ),
        (
            "Whom did that man meet?",
            Turn("Whom did Ada Quill succeed?", "Ada Quill succeeded Tom Reed.", "Tom Reed"),
            "Whom did Tom Reed meet?",
        ),
        (
            "What did she do then?",
            Turn("Whom did Ada Quill succeed?", "Ada Quill succeeded Tom Reed.", "Tom Reed"),
            "What did Ada Quill do then?",
        ),
        (
            "Where did he live?",
            Turn("Lamps of Fell: who sold them?", "Tom Reed sold them.", "Tom Reed"),
            "Where did Tom Reed live?",
        ),
        (
            "How much did they pay for it?",
            Turn("Which firm bought the Fell Ferry?", "Salt Carriers bought the Fell Ferry.", "Salt Carriers"),
            "How much did Salt Carriers pay for the Fell Ferry?",
        ),
        # time and place
        ("What did she talk about there?", VISIT, "What did Ada Quill talk about in Tarn?"),
        ("Who had gone there two years earlier?", VISIT, "Who had gone to Tarn in 1899?"),
        ("What burned 3 years later?", FERRY, "The ferry, Tarn: what burned in 1877?"),
        ("Who else sailed that year?", FERRY, "The ferry, Tarn: who else sailed in 1874?"),
        ("What burned the year after?", FERRY, "The ferry, Tarn: what burned in 1875?"),
        ("What burned the year before?", FERRY, "The ferry, Tarn: what burned in 1873?"),
        ("How did Tom Reed go there?", VISIT, "How did Tom Reed go to Tarn?"),
        ("Who came from there?", VISIT, "Who came from Tarn?"),
        # no clause of its own
        ("Why?", FERRY, "Why did the ferry leave Tarn?"),
        ("why was that?", FERRY, "Why did the ferry leave Tarn?"),
        ("From which port?", FERRY, "From which port did the ferry leave Tarn?"),
        ("when?", BRIDGE, "Who designed the harbour bridge at Tarn, and when?"),
        ("How often?", Turn("Did the ferry sink?"), "How often did the ferry sink?"),
        ("and Tom Reed?", VISIT, "When did Tom Reed visit Tarn?"),
        ("What about Fell?", Turn("Who lived in Tarn?", "Nobody lived in Fell."), "Who lived in Fell?"),
        ("and in 1905?", Turn("What burned in 1901?"), "What burned in 1905?"),
        ("and gas?", Turn("What did Tom Reed say about trade?"), "What did Tom Reed say about gas?"),
        ("and Tom Reed that year?", VISIT, "When did Tom Reed visit Tarn in 1901?"),
        ("and in lamps?", Turn("How much did the fire cost Tarn?"), "How much did the fire cost Tarn in lamps?"),
        ("and in Fell?", Turn("Who lived in Tarn then?"), "Who lived in Fell then?"),
        ("and the bridge?", Turn("What does the new school cost?"), "What does the bridge cost?"),
        ("and the bus?", FERRY, "When did the bus leave Tarn?"),
        ("and the tunnel?", Turn("How long is the harbour bridge at Tarn?"), "How long is the tunnel?"),
        ("and the school?", Turn("What did Tom Reed say about the bridge?"), "What did Tom Reed say about the school?"),
        ("What about the inn?", Turn("Why is the library closing?"), "Why is the inn closing?"),
        ("Who owns it?", Turn("How long is the new building?"), "Who owns the new building?"),
        ("And why?", Turn("How much did the bridge cost?"), "Why did the bridge cost so much?"),
        ("Why?", Turn("How many lamps does Fell need?"), "Why does Fell need so many lamps?"),
        # what was taken for granted
        ("Why did that matter?", VISIT, "Why did Ada Quill visiting Tarn matter?"),
        (
            "How long did it last?",
            Turn("When did Ada Quill meet Tom Reed?"),
            "How long did Ada Quill meeting Tom Reed last?",
        ),
        (
            "How did that go down?",
            Turn("What did Fell order in 1874?", "Fell ordered four boats.", "four boats"),
            "How did Fell ordering in 1874 four boats go down?",
        ),
        ("Why did that matter?", FERRY, "When did the ferry leave Tarn: why did that matter?"),
        # what names nothing
        ("who paid?", BRIDGE, "the harbour bridge at Tarn: who paid?"),
        ("who told them that?", FERRY, "the ferry, Tarn: who told them that?"),
        (
            "how many more are to come?",
            Turn("How many lamps did Fell buy?"),
            "Fell's lamps: how many more are to come?",
        ),
    ],
)
def test_what_leans_on_the_turn_before_reads_as_if_it_stood_alone(question: str, turn: Turn, whole: str) -> None:
    assert understood(question, turn) == whole


def test_a_pronoun_goes_on_meaning_whom_it_meant() -> None:
    turns = [BRIDGE]
    for question in ("When was she born?", "Did Tom Reed know her?"):
        made = resolve(question, turns)
        assert made is not None
        turns.append(Turn(made.text, "Tom Reed knew many people.", referents=made.referents))
    assert understood("What did she build at Fell?", *turns) == "What did Ada Quill build at Fell?"


def test_a_new_subject_is_noticed() -> None:
    lamps = Turn("Who is Tom Reed?", "Tom Reed keeps lamps.")
    assert understood("When was he born?", BRIDGE, lamps) == "When was Tom Reed born?"
    assert understood("where?", BRIDGE, FERRY) == "Where did the ferry leave Tarn?"


def test_what_the_last_question_is_about_outweighs_an_older_name() -> None:
    library = Turn("Why did the council decide the closure of the library?", "The roof of the library leaked.")
    asked = "Who voted against the closure?"
    assert understood(asked, BRIDGE, VISIT, library) == "Who voted against the closure of the library?"
    hours = Turn("When does the library close?", "It closes in May.")
    assert understood(asked, BRIDGE, VISIT, hours) == "The library: who voted against the closure?"
    put_before = Turn("The harbour bridge at Tarn: when does the library close?")
    assert understood(asked, BRIDGE, put_before) == "The library: who voted against the closure?"
    cost = Turn("The harbour bridge at Tarn: how much did the bridge cost?")
    assert understood("who paid?", BRIDGE, cost) == "the harbour bridge at Tarn: who paid?"
    assert understood("And the other branch?", BRIDGE, VISIT, hours) == "The library: the other branch?"


@pytest.mark.parametrize(
    ("before", "last", "whole"),
    [
        (Turn("Which towns have a bridge?", answer="Tarn and Old Fell"), "Who rules Tarn?", "Who rules Old Fell?"),
        (Turn("How big are the school and the inn?"), "How old is the inn?", "How old is the school?"),
        (Turn("Which towns have a bridge?", answer="Tarn, Osk, Fell"), "Who rules Tarn?", "Tarn: the other one?"),
    ],
)
def test_the_other_one_is_the_other_of_two_named_together(before: Turn, last: str, whole: str) -> None:
    assert understood("And the other one?", before, Turn(last)) == whole


NORTH = "When does the north branch close?"


@pytest.mark.parametrize(
    ("asked", "turn", "whole"),
    [
        # one of two was asked about, or both and one of them answered
        (
            "And the other branch?",
            Turn(NORTH, "The north branch and the south branch close in May and June."),
            "When does the south branch close?",
        ),
        (
            "Who works at the other branch?",
            Turn(NORTH, "The library has the north branch and the south branch."),
            "Who works at the south branch?",
        ),
        (
            "What about the other one?",
            Turn("Will the inn or the school close?", "The inn will close in May.", "The inn"),
            "Will the school close?",
        ),
        ("And the other?", Turn("Who rules Tarn or Fell?", "Ada Quill rules Fell.", "Fell"), "Who rules Tarn?"),
        # named together near the quote only
        (
            "And the other branch?",
            Turn(
                NORTH, "It closes in May.", passage="There are the north branch and the south branch. It closes in May."
            ),
            "When does the south branch close?",
        ),
        # nothing tells which
        ("And the other branch?", Turn(NORTH, "It closes in May."), "The north branch: the other branch?"),
        (
            "What was on the other side?",
            Turn(NORTH, "Tarn and Fell wept."),
            "The north branch: what was on the other side?",
        ),
    ],
)
def test_the_other_is_what_was_named_with_the_one_spoken_of(asked: str, turn: Turn, whole: str) -> None:
    assert understood(asked, turn) == whole


BEES = Turn("How do bees make honey?", "Bees make honey from nectar.", "from nectar")


@pytest.mark.parametrize(
    ("asked", "turn", "whole"),
    [
        ("Who buys most?", BEES, "How do bees make honey: who buys most?"),
        ("How much do they make?", BEES, "How much do bees make?"),
        ("Who paid?", Turn("Which roof leaked in 1902?"), "Which roof leaked in 1902: who paid?"),
        ("Who paid?", Turn("What happened?"), "Ada Quill: who paid?"),
        ("Who paid them?", Turn("Did old sailors build it?"), "Who paid old sailors?"),
    ],
)
def test_a_new_subject_without_a_name_goes_before_an_older_one_with_one(asked: str, turn: Turn, whole: str) -> None:
    assert understood(asked, Turn("When was Ada Quill born?", "Ada Quill was born in 1841."), turn) == whole


@pytest.mark.parametrize(
    ("turn", "whole"),
    [
        (BRIDGE, "Why is it that Ada Quill designed the harbour bridge at Tarn?"),
        (Turn("Which masons built it?", answer="The masons of Fell"), "Why is it that the masons of Fell built it?"),
        (Turn("Who will lead the talks?", answer="Tom Reed"), "Why is it that Tom Reed will lead the talks?"),
        (Turn("The ferry: who owned it?", answer="Tarn"), "The ferry: why is it that Tarn owned it?"),
        (Turn("Who will lead the talks?"), "Who will lead the talks, and why?"),
        (Turn("Whom did Tarn elect?", answer="Tom Reed"), "Why did Tarn elect?"),
    ],
)
def test_why_asks_for_the_reason_of_what_somebody_did(turn: Turn, whole: str) -> None:
    assert understood("And why?", turn) == whole


LOW = Turn("Why is trade between Tarn and Fell low?", "The roads are bad.", "The roads are bad")
ABOUT = Turn("What did Ada Quill say about wind power?", "It will please Tarn, she said.", "It will please Tarn")


@pytest.mark.parametrize(
    ("asked", "turn", "whole"),
    [
        ("Who invented it?", Turn("What is wind power?"), "Who invented wind power?"),
        ("Who pays them?", Turn("What are harbour dues?"), "Who pays harbour dues?"),
        ("How much does it cost?", ABOUT, "How much does wind power cost?"),
        ("Who pays?", Turn("What is known of Tarn?"), "Tarn: who pays?"),
        ("Who sells it?", Turn("Why does honey keep?"), "Who sells honey?"),
        ("Who were they?", Turn("The Tarn: how many people drowned?"), "Who were the people that drowned?"),
        ("Who were they?", Turn("How many people drowned?"), "Who were the people that drowned?"),
        ("How many?", Turn("Which boats did Tarn buy in 1874?"), "How many boats did Tarn buy in 1874?"),
        ("What could change that?", LOW, "Trade between Tarn and Fell: what could change that?"),
        # what somebody said or did to it
        ("And what did Tom Reed say?", FERRY, "The ferry, Tarn: what did Tom Reed say?"),
        ("How did the Council react?", FERRY, "The ferry, Tarn: how did the Council react?"),
        ("Why did that change?", Turn("What did Tarn grow?"), "What did Tarn grow: why did that change?"),
        ("Why did that change?", Turn("What did Tarn grow?", answer="rye"), "Why did Tarn growing rye change?"),
    ],
)
def test_a_thing_without_an_article_is_what_it_is_about(asked: str, turn: Turn, whole: str) -> None:
    assert understood(asked, turn) == whole


def test_a_year_takes_the_place_of_a_year() -> None:
    boats = Turn("How many boats were there in Tarn in 1874?")
    assert understood("And in 1901?", boats) == "How many boats were there in Tarn in 1901?"
    assert understood("And in Fell?", boats) == "How many boats were there in Fell in 1874?"
    assert understood("And before 1901?", Turn("Who ruled Tarn?")) == "Who ruled Tarn before 1901?"


def test_what_was_done_is_it_rather_than_the_body_that_did_it() -> None:
    sale = Turn("When did the council approve the sale?")
    assert understood("Who opposed it?", sale) == "Who opposed the sale?"
    assert understood("Who leads it?", Turn("When did the council meet?")) == "Who leads the council?"


MAYOR = Turn("Who became mayor of Tarn?", "Ada Quill became mayor of Tarn in 1874.", "Ada Quill")


@pytest.mark.parametrize(
    ("asked", "turn", "whole"),
    [
        ("What was she before?", MAYOR, "What was Ada Quill before she became mayor of Tarn?"),
        ("What did she do afterwards?", MAYOR, "What did Ada Quill do after she became mayor of Tarn?"),
        ("Where was she before?", VISIT, "Where was Ada Quill before visiting Tarn?"),
        ("Had she seen it before?", VISIT, "Had Ada Quill seen Tarn before?"),
        ("Did she ever speak before?", VISIT, "Did Ada Quill ever speak before?"),
    ],
)
def test_before_without_a_noun_is_before_what_was_asked_about(asked: str, turn: Turn, whole: str) -> None:
    assert understood(asked, turn) == whole


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("When did Tarn sell its ferry?", "When did Tarn sell its ferry?"),
        ("Why has the Fell Bank closed its doors?", "Why has the Fell Bank closed its doors?"),
        ("Who paid for its walls?", "Who paid for the harbour's walls?"),
    ],
)
def test_what_belongs_to_the_questions_own_subject_is_not_the_last_ones(asked: str, meant: str) -> None:
    turns = [Turn("Where is the harbour?", "The harbour lies behind the mole.", "behind the mole")]
    made = resolve(asked, turns)
    assert (made.text if made else asked) == meant


@pytest.mark.parametrize(
    ("asked", "new"),
    [
        ("OK, different topic: who is moving the market?", "Who is moving the market?"),
        ("Now something else, who started the petition?", "Who started the petition?"),
        ("Another question: why?", "Why?"),
        ("Change of subject - the hospital. Is it open?", "The hospital. Is it open?"),
        ("What is the new topic?", ""),
        ("Another matter", ""),
        ("Who had another question: Quill?", ""),
    ],
)
def test_another_subject_may_be_announced(asked: str, new: str) -> None:
    assert on_something_new(asked) == new


def test_what_somebody_said_in_a_sentence_is_no_thing() -> None:
    turns = [Turn("What does Ifor Reed fear?", "“They will drink the moor dry,” said Ifor Reed.", "They will drink it")]
    made = resolve("How much water would it use?", turns)
    assert made is None or "They" not in made.text


def test_about_is_not_said_twice() -> None:
    turns = [Turn("What did Ada Quill say about the result?", "Ada Quill said that the result was close.", "close")]
    made = resolve("and about the bridge?", turns)
    assert made is not None and made.text == "What did Ada Quill say about the bridge?"


def test_a_name_put_first_by_itself_is_the_subject() -> None:
    assert understood("When did he go to Fell?", Turn("Tom Reed")) == "When did Tom Reed go to Fell?"
    assert understood("Was it popular?", Turn("The Lamp of Fell")) == "Was The Lamp of Fell popular?"
    assert understood("who paid?", Turn("Tom Reed"), FERRY) == "Tom Reed: who paid?"


def test_what_points_to_nothing_known_is_left_alone() -> None:
    assert understood("When did it sink?", Turn("why?")) is None
    assert understood("What did she see there?", Turn("how many?")) is None


NOUNS = st.sampled_from(["Tarn", "the ferry", "Ada Quill", "1874", "it", "she", "that year", "there", "lamps", "them"])
ASKED = st.builds(
    lambda opening, first, verb, last, end: f"{opening}{first} {verb} {last}{end}",
    st.sampled_from(["", "and ", "When did ", "Who was ", "What about ", "Why? ", "Which ", "how many ", "Is "]),
    NOUNS, st.sampled_from(["leave", "of", "sank in", "", "that"]), NOUNS, st.sampled_from(["?", "", "…"]),
)  # fmt: skip
TEXTS = ASKED | st.text(max_size=60)
TURNS = st.lists(st.builds(Turn, TEXTS, TEXTS, TEXTS), max_size=4)


@given(TEXTS, TURNS)
def test_any_question_is_resolved_the_same_each_time(question: str, turns: Sequence[Turn]) -> None:
    made = resolve(question, turns)
    assert made == resolve(question, turns)
    assert made is None or made.text != question


@given(TEXTS.filter(lambda question: not leans(question)), TURNS)
def test_a_question_that_does_not_lean_is_never_changed(question: str, turns: Sequence[Turn]) -> None:
    assert resolve(question, turns) is None


@given(ASKED, TURNS)
def test_what_is_put_in_was_said_before(question: str, turns: Sequence[Turn]) -> None:
    made = resolve(question, turns)
    said = {stem(word) for text in (question, *(text for turn in turns for text in turn[:3])) for word in words(text)}
    for name in made.referents.values() if made else ():
        assert {stem(word) for word in words(name)} <= said | {"the", "that", "s"}
