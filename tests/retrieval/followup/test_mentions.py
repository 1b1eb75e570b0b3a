from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.followup.mentions import is_defined, is_place, longest_forms, names, years


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Who built the bridge at Tarn?", ["Tarn"]),
        ("The engineer Ada Quill came from Fell.", ["Ada Quill", "Fell"]),
        ("Tarn's mayor, General Tom A. Reed, sang.", ["Tarn", "Tom A. Reed"]),
        ("the Bank of Fell and the Lamp Guild", ["Bank of Fell", "Lamp Guild"]),
        ("Masons sang. They left in May 1874.", []),
        ("They sang “The Long Way Home” at Fell.", ["The Long Way Home", "Fell"]),
        ("What is Harbour 2017?", ["Harbour 2017"]),
        ("Who met O’Hara and Marin Šarić?", ["O’Hara", "Marin Šarić"]),
        ("The Lamp of Fell", ["The Lamp of Fell"]),
        ("Lieutenant-General Tom Reed", ["Tom Reed"]),
        ("All About Tarn", ["All About Tarn"]),
        ("Who?", []),
        ("", []),
    ],
)
def test_names_are_read_off_the_spelling(text: str, found: list[str]) -> None:
    assert [name.text for name in names(text)] == found


@given(st.text(max_size=80))
def test_a_name_stands_where_it_says(text: str) -> None:
    for name in names(text):
        assert text[name.start : name.start + len(name.text)] == name.text
        assert 0 <= name.person <= 1


@pytest.mark.parametrize(
    ("more", "less"),
    [("General Reed", "Reed"), ("Ada Quill", "Tarn"), ("Tarn", "the Lamp Council"), ("Tarn", "RATS"), ("Tarn", "U-2")],
)
def test_the_form_of_a_name_says_how_likely_it_is_a_persons(more: str, less: str) -> None:
    assert names(f"we saw {more}")[0].person > names(f"we saw {less}")[0].person


def test_a_name_is_known_by_its_first_and_its_last_word() -> None:
    longest = longest_forms(["Tarn", "Ada Quill", "The Lamp of Fell", "Old Ada Quill"])
    found = [longest.get(name.lower()) for name in ("Quill", "Ada", "The Lamp", "Ada Quill", "Ree", "of")]
    assert found == ["Old Ada Quill", "Ada Quill", "The Lamp of Fell", "Old Ada Quill", None, None]


PIECES = st.sampled_from(
    ["in ", "visited the ", "What is ", "the ", "Tarn", "Tarn Hill", "Ada", " ", "field", ".", "“", "way to "]
)
TALKS = st.lists(PIECES, max_size=12).map("".join)


@given(st.lists(TALKS.map(str.strip), max_size=8), TALKS)
def test_every_form_finds_the_longest_name_around_it(known: list[str], form: str) -> None:
    end, begin = f" {form}".lower(), f"{form} ".lower()
    longer = [name for name in known if name.lower().endswith(end) or name.lower().startswith(begin)]
    assert len(longest_forms(known).get(form.lower(), "")) == max(map(len, longer), default=0)


@given(TALKS, st.sampled_from(["Tarn", "Tarn Hill", "Ada", "the Tarn", "“Tarn"]))
def test_what_stands_before_a_name_is_found_wherever_it_stands(text: str, name: str) -> None:
    place = re.search(rf"\b(?:in|visited|way to) (?:the )?{re.escape(name)}\b", text)
    assert is_place(name, text) == (place is not None)
    defined = re.search(rf"\bwhat is (?:the )?{re.escape(name)}\b", text, re.IGNORECASE)
    assert is_defined(name, text) == (defined is not None)


def test_years_and_spans_of_years_are_found_in_order() -> None:
    assert years("from 1874 to 1901, the council of 1974-1993, 18745 lamps") == ["1874", "1901", "1974-1993"]


def test_a_place_is_told_by_what_stands_before_it() -> None:
    assert is_place("Tarn", "They met in Tarn.") and is_place("Tarn", "She visited the Tarn.")
    assert not is_place("Tarn", "Tarn sang.") and not is_place("Tarn", "in Tarnfield")
