from __future__ import annotations

import json
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.texts.agreement import Stance, relation
from retrieval.texts.dispute import disputed, self_contradiction
from retrieval.types import Span
from tests.conftest import ROOT
from tests.retrieval.samples import TEXTS


class Pair(NamedTuple):
    one: str
    other: str
    relation: Stance
    within: bool  # one article, the other right after the one

    @property
    def told(self) -> Stance:
        """What the rules say."""
        if not self.within:
            return relation(self.one, self.other).stance
        voiced = disputed(self.one, self.other, near=True).stance
        return voiced if voiced is Stance.DIFFER else self_contradiction(self.one, self.other).stance


def load() -> list[Pair]:
    lines = (ROOT / "tests" / "agreement.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len({row["id"] for row in rows}) == len(rows)
    return [Pair(row["one"], row["other"], Stance(row["relation"]), row.get("within", False)) for row in rows]


PAIRS = load()
SENTENCES = st.sampled_from([text for pair in PAIRS for text in (pair.one, pair.other)])


def told(stance: Stance) -> list[Pair]:
    return [pair for pair in PAIRS if pair.told is stance]


def precision(stance: Stance) -> float:
    return sum(pair.relation is stance for pair in told(stance)) / len(told(stance))


def test_the_set_has_enough_of_each() -> None:
    assert len(PAIRS) >= 60
    assert all(sum(pair.relation is stance for pair in PAIRS) >= 20 for stance in Stance)


def test_who_is_said_to_differ_does() -> None:
    assert precision(Stance.DIFFER) >= 0.95


def test_who_is_said_to_agree_does() -> None:
    assert precision(Stance.AGREE) >= 0.95


@pytest.mark.parametrize("stance", [Stance.DIFFER, Stance.AGREE])
def test_most_of_what_differs_or_agrees_is_found(stance: Stance) -> None:
    there = [pair for pair in PAIRS if pair.relation is stance]
    assert sum(pair.told is stance for pair in there) >= 0.7 * len(there)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.one[:30])
def test_a_pair_stands_the_same_way_round_either_way(pair: Pair) -> None:
    there, back = relation(pair.one, pair.other), relation(pair.other, pair.one)
    assert (there.stance, there.about, there.one, there.other) == (back.stance, back.about, back.other, back.one)


@given(SENTENCES | TEXTS, SENTENCES | TEXTS)
def test_any_two_texts_stand_to_each_other_as_the_other_to_the_one(one: str, other: str) -> None:
    there, back = relation(one, other), relation(other, one)
    assert there.stance is back.stance
    for span, text in ((there.one, one), (there.other, other)):
        assert 0 <= span.start <= span.end <= len(text)
        assert (there.stance is Stance.DIFFER) == bool(text[span.start : span.end])


@given(SENTENCES | TEXTS)
def test_no_sentence_differs_from_itself(text: str) -> None:
    assert relation(text, text).stance is not Stance.DIFFER


@given(SENTENCES, st.sampled_from(["According to Jane Marsh, ", "Marsh writes that "]))
def test_who_says_so_changes_nothing(text: str, speaker: str) -> None:
    assert relation(speaker + text[0].lower() + text[1:], text).stance is not Stance.DIFFER


def words(found: Span, text: str) -> str:
    return text[found.start : found.end]


@pytest.mark.parametrize(
    ("one", "other", "about", "parted"),
    [
        ("Norland sold four ships in 2015.", "Four ships were sold by Norland in 2017.", "date", ("2015", "2017")),
        ("The accord was signed on 3 May 1987.", "The accord was signed on 4 May 1987.", "date",
         ("3 May 1987", "4 May 1987")),
        ("The fleet has 18 trawlers.", "The fleet has thirty-one trawlers.", "number", ("18", "thirty-one")),
        ("The mill was built by Ada Quill.", "Tom Reed built the mill.", "name", ("Ada Quill", "Tom Reed")),
        ("Trade with Osk has been improving.", "Trade with Osk did not show any increase.", "negation",
         ("improving", "not show any increase")),
    ],
)  # fmt: skip
def test_the_words_in_which_they_part_are_pointed_at(one: str, other: str, about: str, parted: tuple[str, str]) -> None:
    found = relation(one, other)
    assert (found.stance, found.about) == (Stance.DIFFER, about)
    assert (words(found.one, one), words(found.other, other)) == parted


@pytest.mark.parametrize(
    ("one", "other", "parted"),
    [
        ("The lighthouse of Fell, which opened in 1874, has two lamps.", "The lighthouse of Fell opened in 1876.",
         ("1874", "1876")),
        ("The lighthouse of Fell, which has 12 rooms, opened in 1874.", "The lighthouse of Fell has 14 rooms.",
         ("12", "14")),
        ("Ada Quill, who was born in Fell in 1841, built the mill.", "Quill was born in Fell in 1838.",
         ("1841", "1838")),
        ("Norland lifted its embargo on grain, which had lasted since 1990, in 2014.",
         "Norland lifted its embargo on grain in 2016.", ("2014", "2016")),
    ],
)  # fmt: skip
def test_what_a_relative_clause_says_is_compared_too(one: str, other: str, parted: tuple[str, str]) -> None:
    found = relation(one, other)
    assert found.stance is Stance.DIFFER
    assert (words(found.one, one), words(found.other, other)) == parted


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Tarn Treaty was signed by all in 1901.", "The Fell Treaty was signed by all in 1905."),
        ("The bridge at Tarn, which opened in 1874, is of iron.", "The bridge at Fell opened in 1876."),
        ("The council, which met in 1901, chose Fell.", "The council met again in 1902."),
        ("The school, which was closed in 1950, had 40 pupils in 1920.", "The school had 60 pupils in 1930."),
        ("The army bought 40 boats, which cost 3 million crowns.", "The army bought 20 carts, which cost 5 crowns."),
    ],
)
def test_what_is_said_of_two_things_is_no_contradiction(one: str, other: str) -> None:
    assert relation(one, other).stance is Stance.UNRELATED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The fleet has more than 50 boats.", "The fleet has 60 boats."),
        ("About 100 boats left the bay.", "The bay was left by 95 boats."),
        ("The accord was signed in 1987.", "The accord was signed on 3 May 1987."),
        ("The school opened in the 1920s.", "The school opened in 1924."),
        ("The accord was signed in the winter of 1987.", "The accord was signed in January 1988."),
        ("The accord was signed in 1987 at the earliest.", "The accord was signed in 1989."),
    ],
)
def test_what_may_both_be_true_is_neither_a_contradiction_nor_the_same(one: str, other: str) -> None:
    assert relation(one, other).stance is Stance.UNRELATED
