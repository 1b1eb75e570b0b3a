from __future__ import annotations

import pytest

from retrieval.errors import SettingsError
from retrieval.evaluation.variants import label, parse, varied
from retrieval.settings import Settings


def test_values_are_toml_and_bare_words_are_text() -> None:
    changes = parse(["search.hits=30", "search.lexical_weight = 0.01", "encoder.precision=int8", 'encoder.model="a b"'])
    assert changes == {
        "search.hits": 30,
        "search.lexical_weight": 0.01,
        "encoder.precision": "int8",
        "encoder.model": "a b",
    }


def test_only_what_is_named_changes() -> None:
    changed = varied(Settings(), {"search.hits": 30})
    assert changed.search.hits == 30
    assert changed.model_copy(update={"search": Settings().search}) == Settings()
    assert varied(Settings(), {}) == Settings()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"search.depth": 1}, "no setting 'search.depth'"),
        ({"hits": 1}, "no setting 'hits'"),
        ({"data_dir.hits": 1}, "no setting"),
        ({"search.hits": 0}, "search.hits cannot be 0"),
        ({"search.hits": "many"}, "search.hits cannot be 'many'"),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        varied(Settings(), changes)


def test_an_assignment_needs_its_sign() -> None:
    with pytest.raises(SettingsError, match="not an assignment"):
        parse(["search.hits"])


def test_a_label_says_what_was_changed() -> None:
    assert label({"search.hits": 30, "encoder.precision": "int8"}) == "search.hits=30 encoder.precision=int8"
    assert label({}) == "default"
