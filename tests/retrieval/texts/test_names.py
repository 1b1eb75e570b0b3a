from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.texts.names import authors, name_of

WORD = st.sampled_from(["Ada", "Müller", "Ødegård", "O’Neill", "van", "der", "Berg", "J.", "Quill"])
NAMES = st.lists(WORD, min_size=1, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("stated", "parts"),
    [
        ("Ada Quill", ["Ada Quill"]),
        ("Quill, Ada", ["Ada Quill"]),
        ("Ada Quill, Tom Reed and Nell Keel", ["Ada Quill", "Tom Reed", "Nell Keel"]),
        ("Ada Quill & Tom Reed", ["Ada Quill", "Tom Reed"]),
        ("Dr. A. B. Quill, OBE", ["Dr. A. B. Quill"]),
        ("Tom Reed, Ph.D., M.D.", ["Tom Reed"]),
        ("Salt and Sons", ["Salt and Sons"]),
    ],
)
def test_authors_are_told_apart(stated: str, parts: list[str]) -> None:
    assert [text for _, text in authors(stated)] == parts


@pytest.mark.parametrize(
    ("stated", "personal"),
    [
        ("Ada Quill", True),
        ("Jan van der Berg", True),
        ("Quill", False),
        ("The Harbour Post", False),
        ("Guild of Weavers", False),
        ("Bank for the Poor", False),
    ],
)
def test_a_house_is_no_person(stated: str, personal: bool) -> None:
    assert name_of(stated).is_personal is personal


@pytest.mark.parametrize(
    ("asked", "stated"),
    [("Mueller", "Jürgen Müller"), ("Odegard", "Ø. Ødegård"), ("oneill", "Máire O’Neill"), ("Jane Keel", "J. Keel")],
)
def test_a_part_may_be_written_otherwise(asked: str, stated: str) -> None:
    assert name_of(asked).is_part_of(name_of(stated))


@pytest.mark.parametrize(("asked", "stated"), [("J.", "Jane Keel"), ("Keel Jane", "Jane Keel"), ("Bauer", "Otto Baur")])
def test_another_name_is_no_part(asked: str, stated: str) -> None:
    assert not name_of(asked).is_part_of(name_of(stated))


@given(NAMES, NAMES)
def test_names_are_compared_in_both_directions_alike(one: str, other: str) -> None:
    a, b = name_of(one), name_of(other)
    assert a.is_the_same(a)
    assert a.is_the_same(b) == b.is_the_same(a)
    assert not (a.is_the_same(b) and len(a.plain) != len(b.plain))


@given(st.text(max_size=60))
def test_any_text_is_taken_apart(stated: str) -> None:
    assert authors(stated)
