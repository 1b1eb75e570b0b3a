from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.followup.mentions import fullest, is_place, names, years


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
    known = ["Tarn", "Ada Quill", "The Lamp of Fell"]
    assert [fullest(name, known) for name in ("Quill", "Ada", "The Lamp", "Ree")] == [
        "Ada Quill", "Ada Quill", "The Lamp of Fell", "Ree",
    ]  # fmt: skip


def test_years_and_spans_of_years_are_found_in_order() -> None:
    assert years("from 1874 to 1901, the council of 1974-1993, 18745 lamps") == ["1874", "1901", "1974-1993"]


def test_a_place_is_told_by_what_stands_before_it() -> None:
    assert is_place("Tarn", "They met in Tarn.") and is_place("Tarn", "She visited the Tarn.")
    assert not is_place("Tarn", "Tarn sang.") and not is_place("Tarn", "in Tarnfield")
