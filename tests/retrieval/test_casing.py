from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from retrieval.casing import Casing
from tests.retrieval.samples import archive_of, article

TEXT = "Stone is soft. A wall of stone fell on Dr. Keel. Lindström and Joan Keel left. Mia O’Hara met them. Reed came."


@pytest.fixture(scope="module")
def casing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Casing]:
    with closing(archive_of(tmp_path_factory.mktemp("casing"), article(TEXT))) as archive:
        yield Casing(archive)


@pytest.mark.parametrize(
    ("word", "ordinary", "name"),
    [
        ("stone", True, False),
        ("wall", True, False),
        ("keel", False, True),
        ("lindstrom", False, True),
        ("reed", False, True),
        ("the", True, False),
        ("zebra", False, False),
    ],
)
def test_capitals_tell_names_from_words(casing: Casing, word: str, ordinary: bool, name: bool) -> None:
    assert (casing.is_ordinary(word), casing.is_name(word)) == (ordinary, name)


@pytest.mark.parametrize(("last", "first"), [("keel", {"dr", "joan"}), ("reed", set()), ("zebra", set())])
def test_first_names_stand_before_the_last(casing: Casing, last: str, first: set[str]) -> None:
    assert casing.first_names(last) == first
