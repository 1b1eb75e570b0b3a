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
UNHEARD = Asked(Speaker("Osei", (), "What about salt?"), Asks.TOPIC)
TEXT = (
    "The board met the minister in Jordan. Captain Joan Keel said that the walls of stone leak, and Reed left. "
    "Stone is soft."
)


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
        ("N. Reed", {"lamps"}),
        ("Reed", {"lamps", "boats"}),  # two authors have it
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


def test_who_merely_acts_is_not_asked(archive: Archive) -> None:
    assert asked_for(archive, "How would Ivo Brandt mend the walls?") == set()
    assert asked_for(archive, "What was Brandt's answer to the strike?") == set()


def test_it_is_noticed_by_what_words_texts_name_an_author(archive: Archive) -> None:
    speakers = speakers_of(archive)
    keel, brandt = speakers.asked_for("What does J. Keel say?"), speakers.asked_for("Who is Ivo Brandt?")
    assert keel is not None and keel.called == ("keel",)
    assert brandt is not None and (brandt.called, brandt.asks) == ((), Asks.SELF)


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


ORDINARY = (
    article("Rain made the sand firm. The police and farmers said that the mill was safe.", "sands",
            author="Bertil Sand", publisher="Forest"),
    article("A baker in the forest said that time is short. The economist Tessa Vool agreed.", "forest",
            author="Union of Careful Bakers", publisher="Time"),
    article("Nobody came.", "nobody", author="Guild of Weavers", publisher="The Economist"),
    article("The rye failed.", "rye", author="Police", publisher="Practical Millers"),
    article("Tall trees fell.", "trees", author="Ed Miller", publisher="Bank of Norland"),
)  # fmt: skip


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with closing(archive_of(tmp_path_factory.mktemp("ordinary"), *ORDINARY)) as archive:
        yield archive


@pytest.mark.parametrize(
    "question",
    [
        "According to bakers, why did the rye fail?",
        "According to police, why did the trees fall?",
        "What do the police say about the mill?",
        "According to the economist, why is time short?",
        "What does time tell us about trees?",
        "What does time say about trees?",
        "What does the forest say about rain?",
        "What do weavers say about rain?",
        "How does sand hold water?",
        "What does sand say about rain?",
        "Sand on rain",
        "What do millers say about rye?",
        "What do practical farmers say about rye?",
        "What does Norland say about the bank?",
        "What does the Guild say about the bank?",
        "What Does Sand Say About Rain?",
        "According to Bakers, why did the rye fail?",
        "According To Time, Why Did The Rye Fail?",
    ],
)
def test_an_ordinary_word_stands_for_nobody(ordinary: Archive, question: str) -> None:
    assert speakers_of(ordinary).asked_for(question) is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Sand", "sands"),
        ("bertil sand", "sands"),
        ("Time", "forest"),
        ("the Economist", "nobody"),
        ("the guild of weavers", "nobody"),
        ("the Bank of Norland", "trees"),
        ("ed miller", "trees"),
        ("Miller", "trees"),
    ],
)
def test_an_evident_or_whole_name_does(ordinary: Archive, name: str, meant: str) -> None:
    assert says(ordinary, name) == {meant}


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("According to Nell Harker, why do ropes last?", "Nell Harker"),
        ("What does Tom Quimby say about boats?", "Tom Quimby"),
        ("What does Nell Quill say about lamps?", "Nell Quill"),
        ("What does Nell Keel say about lamps?", "Nell Keel"),  # a text has Captain Joan Keel
        ("What does Nell Brandt say about lamps?", "Nell Brandt"),
        ("According to Zoé Quimbé, why do ropes last?", "Zoé Quimbé"),
        ("According to Osei Stone, why do ropes last?", "Osei Stone"),  # "Stone" only opens a sentence
        ("According to the Zorbak Quimby, why do ropes last?", "the Zorbak Quimby"),
        ("What does the Fenwick Gazette write about ropes?", "the Fenwick Gazette"),
        ("According to Ivo Brandt and Zorbak, why do ropes last?", "Zorbak"),
        ("According to Zorbak and Ivo Brandt, why do ropes last?", "Zorbak"),
        ("What do Ivo Brandt, Zorbak Harker and Nell Reed say about lamps?", "Zorbak Harker"),
    ],
)
def test_an_unknown_name_is_not_taken_for_one_that_is_like_it(archive: Archive, question: str, name: str) -> None:
    found = speakers_of(archive).asked_for(question)
    assert found is not None
    assert (found.speaker.name, found.speaker.articles) == (name, ())


def test_a_full_name_among_many_ordinary_uses_of_its_words_is_known(tmp_path: Path) -> None:
    plain = [article(f"Bond number {n} is a bond on a bond.", f"b{n}") for n in range(40)]
    spy = article("A long text that tells much of the sea and of boats names Jem Bond once.", "spy")
    with closing(archive_of(tmp_path, *plain, spy)) as archive:
        assert speakers_of(archive).asked_for("What does Jem Bond say about boats?") is None
        assert speakers_of(archive).asked_for("What does Tom Bond say about boats?") is not None


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("What do Ivo Brandt, Nell Reed and Jordan West say about walls?", {"walls", "tolls", "lamps", "maps"}),
        ("Compare the views of Ivo Brandt and Nell Reed on walls.", {"walls", "tolls", "lamps"}),
        ("Compare Ivo Brandt's and Nell Reed's views on walls.", {"walls", "tolls", "lamps"}),
        ("Who are Ivo Brandt and Nell Reed?", {"walls", "tolls", "lamps"}),
        ("According to Nell Reed and Brandt, why do the walls leak?", {"walls", "tolls", "lamps"}),
        ("In Reed's opinion, why do the walls leak?", {"lamps", "boats"}),
        ("What are Reed's views on walls?", {"lamps", "boats"}),
    ],
)
def test_all_who_are_named_or_have_the_last_name_are_asked(archive: Archive, question: str, meant: set[str]) -> None:
    assert asked_for(archive, question) == meant


SPELLED = (
    article("The clocks are late.", "clocks", author="Jürgen Müller"),
    article("Snow lies long.", "ski", author="Øystein Ødegård"),
    article("Peat burns.", "peat", author="Máire O’Neill"),
    article("Salt is dear.", "salt", author="Dr. J. R. Hallam, OBE"),
    article("Cheese is cheap.", "cheese", author="Ann Hallam, Ph.D."),
    article("Bells ring.", "bells", author="Will Young"),
    article("Drums beat.", "drums", author="Ann Young"),
    article("Fish is dear.", "fish", author="Can Özil"),
    article("Bees swarm.", "bees", author="Jan van der Berg"),
    article("Wasps sting.", "wasps", author="Olof Berg"),
    article("The great dam is safe, China says. Finland has another.", "dam"),
)


@pytest.fixture(scope="module")
def spelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with closing(archive_of(tmp_path_factory.mktemp("spelled"), *SPELLED)) as archive:
        yield archive


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Mueller", {"clocks"}),
        ("Jurgen Muller", {"clocks"}),
        ("Oedegaard", {"ski"}),
        ("Odegard", {"ski"}),
        ("ONeill", {"peat"}),
        ("O'Neill", {"peat"}),
        ("Hallam", {"salt", "cheese"}),
        ("J. R. Hallam", {"salt"}),
        ("Will Young", {"bells"}),
        ("Can Özil", {"fish"}),
        ("Berg", {"bees", "wasps"}),
        ("van der Berg", {"bees"}),
    ],
)
def test_a_name_is_known_however_it_is_written(spelled: Archive, name: str, meant: set[str]) -> None:
    assert says(spelled, name) == meant
    assert asked_for(spelled, f"According to {name}, why do the walls leak?") == meant


@pytest.mark.parametrize("name", ["Beijing", "Finns", "the Finns"])
def test_what_stands_for_a_country_is_not_unknown(spelled: Archive, name: str) -> None:
    assert speakers_of(spelled).asked_for(f"According to {name}, why is the great dam safe?") is None


def test_one_who_shares_the_last_name_is_called_by_the_whole(tmp_path: Path) -> None:
    texts = (
        article("Ivo Harker says that tolls are fair. Mayor Voss agreed with Lene Harker.", "v", author="Odile Voss"),
        article("Ferries are slow.", "ferries", author="Lene Harker"),
    )  # fmt: skip
    with closing(archive_of(tmp_path, *texts)) as archive:
        called = {name: speakers_of(archive).asked_for(f"What does {name} say about tolls?")
                  for name in ("Lene Harker", "Harker", "Odile Voss")}  # fmt: skip
    assert {name: found and found.called for name, found in called.items()} == {
        "Lene Harker": ("lene", "harker"), "Harker": ("harker",), "Odile Voss": ("voss",)
    }  # fmt: skip


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
