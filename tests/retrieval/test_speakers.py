from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.speakers import Asked, Speakers
from retrieval.store.archive import Archive
from retrieval.texts.frames import Asks
from retrieval.types import Article, Speaker
from retrieval.vocabulary import Vocabulary
from tests.retrieval.samples import archive_of, article

STATED = {
    "walls": ("Ivo Brandt", "Harbour Post"),
    "tolls": ("Dr. IVO BRANDT", "Harbour Post"),
    "islands": ("Åsa Lindström", "The Fell Gazette"),
    "mills": ("Ada Quill and Jon Marsh", None),
    "rope": ("Marsh, Jon", "Harbour Post"),
    "salt": ("J. Keel", None),
    "lamps": ("Nell Reed", None),
    "boats": ("Tom Reed", None),
    "snow": ("The Editorial Board", None),
    "maps": ("Jordan West", None),
    "wool": ("Tim Ireland", None),
    "speech": ("Лавров Пётр", None),
    "nobody": (None, None),
}
UNHEARD = Asked(Speaker("Osei", (), "What about salt?"), Asks.TOPIC, frozenset())
TEXT = "The board met the minister in Jordan. Captain Keel said that the walls leak, and Reed left."


def articles() -> list[Article]:
    return [article(TEXT, name, author=a, publisher=p) for name, (a, p) in STATED.items()]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with closing(archive_of(tmp_path_factory.mktemp("speakers"), *articles())) as archive:
        yield archive


def speakers_of(archive: Archive) -> Speakers:
    return Speakers(archive, Vocabulary(archive).spelled)


def asked_for(archive: Archive, question: str) -> set[str]:
    found = speakers_of(archive).asked_for(question)
    return set(found.speaker.articles) if found else set()


def says(archive: Archive, name: str) -> set[str]:
    return asked_for(archive, f"What does {name} say about walls?")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Ivo Brandt", {"walls", "tolls"}),
        ("Dr Brandt", {"walls", "tolls"}),
        ("brandt", {"walls", "tolls"}),
        ("Ivo", {"walls", "tolls"}),
        ("I. Brandt", {"walls", "tolls"}),
        ("asa lindstrom", {"islands"}),
        ("Åsa LINDSTRÖM", {"islands"}),
        ("A\u030asa Lindstro\u0308m", {"islands"}),
        ("Ada Quill", {"mills"}),
        ("Marsh", {"mills", "rope"}),
        ("Jon Marsh", {"mills", "rope"}),
        ("Jane Keel", {"salt"}),
        ("the author Keel", {"salt"}),
        ("Nell Reed", {"lamps"}),
        ("the Harbour Post", {"walls", "tolls", "rope"}),
        ("Fell Gazette", {"islands"}),
        ("the editorial board", {"snow"}),
        ("Petr", {"speech"}),
    ],
)
def test_an_author_or_publisher_is_known_by_the_whole_name_or_a_part_that_is_theirs_alone(
    archive: Archive, name: str, meant: set[str]
) -> None:
    assert says(archive, name) == meant


@pytest.mark.parametrize(
    "name",
    [
        "Reed",  # two authors have it
        "Willy Brandt",  # somebody else
        "Ivo Brandt Keel",
        "the Brandt",
        "the board",  # no part of a house's name is the house
        "the Post",
        "Gazette",
        "Jordan",  # a first name that texts use otherwise
        "Ireland",  # a country
        "the minister",
        "nobody",
        "Bran",
        "Dr",
    ],
)
def test_others_are_not(archive: Archive, name: str) -> None:
    assert says(archive, name) == set()


def test_several_authors_of_one_subject_are_asked_together(archive: Archive) -> None:
    found = speakers_of(archive).asked_for("What do Ivo Brandt and Lindström say about walls?")
    assert found is not None
    assert found.speaker.name == "Ivo Brandt and Åsa Lindström"
    assert found.speaker.articles == ("islands", "tolls", "walls")
    assert found.speaker.question == "What do the authors say about walls?"


def test_who_merely_acts_is_asked_only_where_no_text_names_them(archive: Archive) -> None:
    assert asked_for(archive, "How would Ivo Brandt mend the walls?") == {"walls", "tolls"}
    assert asked_for(archive, "How would Keel mend the walls?") == set()
    assert asked_for(archive, "How would the Harbour Post mend the walls?") == set()


def test_it_is_noticed_by_what_words_texts_name_an_author(archive: Archive) -> None:
    speakers = speakers_of(archive)
    keel, brandt = speakers.asked_for("What does J. Keel say?"), speakers.asked_for("Who is Ivo Brandt?")
    assert keel is not None and keel.called == {"keel"}
    assert brandt is not None and (brandt.called, brandt.asks) == (frozenset(), Asks.SELF)


def test_authors_who_are_added_later_are_known_then(tmp_path: Path) -> None:
    with closing(archive_of(tmp_path, article("Salt.", "salt", author="Ivo Brandt"))) as archive:
        speakers = speakers_of(archive)
        assert speakers.asked_for("What does Osei say about salt?") == UNHEARD
        with closing(archive_of(tmp_path, article("Rope.", "rope", author="Mia Osei"))):
            found = speakers.asked_for("What does Osei say about salt?")
        assert found is not None and found.speaker.articles == ("rope",)
        archive.remove(["rope"])
        assert speakers.asked_for("What does Osei say about salt?") == UNHEARD


@pytest.mark.parametrize(
    "question",
    [
        "What does Osei say about walls?",
        "According to Ms Osei, who left?",
        "What is Mia Osei's view on the board?",
        "Who is Mia Osei?",
        "In the opinion of Osei, why do the walls leak?",
    ],
)
def test_somebody_who_speaks_nowhere_is_noticed(archive: Archive, question: str) -> None:
    found = speakers_of(archive).asked_for(question)
    assert found is not None
    assert (found.speaker.name.split()[-1], found.speaker.articles) == ("Osei", ())


@pytest.mark.parametrize(
    "question",
    [
        "What does osei say about walls?",  # it may be no name
        "Compare the views on walls",
        "Osei's walls: what does the board say?",
        "Who built the Osei walls?",
        "What does Captain Osei say about walls?",  # some captain is there
        "What does the Harbour Board say about walls?",
        "What does Осей say about walls?",
        "Why did Osei leave?",
    ],
)
def test_one_who_may_be_there_or_need_not_speak_is_not(archive: Archive, question: str) -> None:
    assert speakers_of(archive).asked_for(question) is None


def test_a_name_that_texts_have_in_other_letters_is_there(tmp_path: Path) -> None:
    with closing(archive_of(tmp_path, article("Это сказал Лавров в Москве."))) as archive:
        assert speakers_of(archive).asked_for("What did Lavrov say about Moscow?") is None
        assert speakers_of(archive).asked_for("What did Osei say about Moscow?") is not None


def recased(name: str) -> st.SearchStrategy[str]:
    """The name in any mixture of cases, with or without accents."""
    plain = {"å": "a", "ö": "o", "Å": "A", "Ö": "O"}
    letters = [st.sampled_from(sorted({c.lower(), c.upper(), plain.get(c, c)})) for c in name]
    return st.tuples(*letters).map("".join)


@given(
    st.sampled_from(["Ivo Brandt", "Åsa Lindström", "Jon Marsh"]).flatmap(lambda n: st.tuples(st.just(n), recased(n)))
)
def test_a_name_is_known_in_any_case_and_without_accents(archive: Archive, names: tuple[str, str]) -> None:
    assert says(archive, names[1]) == says(archive, names[0]) != set()


@given(st.text(max_size=80))
def test_a_question_without_an_authors_name_asks_for_nobody(archive: Archive, question: str) -> None:
    stated = {"ivo", "brandt", "lindstrom", "quill", "marsh", "keel", "reed", "west", "ireland"}
    if stated.isdisjoint(question.lower().split()):
        assert asked_for(archive, question) == set()
