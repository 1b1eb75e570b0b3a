from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.voices import By, differing_words, grouped, voice_of
from retrieval.types import Answer, Citation, Difference, Hit, Kind, Passage, Quote, Reference, Span, Work

MARSH = Reference("bridge", "/srv/bridge.txt", "A Bridge at Last", "Jane Marsh", "Harbour Post", "1987-05-04")
AGAIN = Reference("steel", "/srv/steel.txt", "Dear Steel", "Jane Marsh", "Harbour Post", "1987-05-04")
POST = Reference("forty", "/srv/forty.txt", "Forty Years On", None, "Harbour Post", "2027-05-03")
NOBODY = Reference("loose", "/srv/loose.txt")


def cited(number: int, reference: Reference, kind: Kind = Kind.BODY) -> Citation:
    passage = Passage(f"{reference.article_id}:0", reference.article_id, 0, 5, kind, "Rain.")
    return Citation(number, reference, Quote(Hit(passage, 1.0, 0.5, 2.0), 0, 5, "Rain.", 1.0))


def names(by: By, *citations: Citation) -> list[tuple[str, list[int]]]:
    return [(voice.name, [citation.number for citation in said]) for voice, said in grouped(citations, by)]


def test_the_voice_of_the_best_quote_comes_first_with_all_it_says() -> None:
    said = cited(1, POST), cited(2, MARSH), cited(3, POST), cited(4, AGAIN)
    assert names(By.AUTHOR, *said) == [
        ("Harbour Post, 2027-05-03", [1, 3]), ("Jane Marsh · Harbour Post, 1987-05-04", [2, 4])
    ]  # fmt: skip
    assert [numbers for _, numbers in names(By.ARTICLE, *said)] == [[1, 3], [2], [4]]
    assert names(By.DATE, *said) == [("1987-05-04", [2, 4]), ("2027-05-03", [1, 3])]


def test_readers_who_comment_are_a_voice_of_their_own() -> None:
    said = cited(1, MARSH), cited(2, MARSH, Kind.COMMENT), cited(3, MARSH, Kind.COMMENT)
    assert names(By.AUTHOR, *said)[1:] == [("a reader's comment on A Bridge at Last", [2, 3])]
    assert names(By.ARTICLE, *said)[1:] == [("a reader's comment on A Bridge at Last", [2, 3])]


def test_an_article_of_which_nothing_is_stated_speaks_for_itself() -> None:
    assert voice_of(cited(1, NOBODY)).name == "loose.txt"
    assert names(By.DATE, cited(1, NOBODY), cited(2, MARSH)) == [("1987-05-04", [2]), ("no date", [1])]


CITATIONS = st.lists(
    st.tuples(st.sampled_from([MARSH, AGAIN, POST, NOBODY]), st.sampled_from([Kind.BODY, Kind.COMMENT])), max_size=8
).map(lambda said: [cited(number, *each) for number, each in enumerate(said, start=1)])


@given(CITATIONS, st.sampled_from(By))
def test_every_quote_is_in_one_group_and_groups_keep_the_order(citations: list[Citation], by: By) -> None:
    groups = [[citation.number for citation in said] for _, said in grouped(citations, by)]
    assert sorted(number for said in groups for number in said) == [citation.number for citation in citations]
    assert all(said == sorted(said) for said in groups)
    assert by is By.DATE or groups == sorted(groups)
    assert len({voice.key for voice, _ in grouped(citations, by)}) == len(groups)


@pytest.mark.parametrize("others", [0, 1])
def test_differing_words_are_found_by_the_number_of_their_citation(others: int) -> None:
    differences = (Difference((1, 2), "date", (Span(0, 2), Span(3, 4))),) * (1 + others)
    answer = Answer("?", (cited(1, MARSH), cited(2, POST)), 0.9, Work(), differences)
    assert differing_words(answer) == {1: [Span(0, 2)] * (1 + others), 2: [Span(3, 4)] * (1 + others)}
