"""Every language says everything, with the same placeholders, within Telegram's limits."""

from __future__ import annotations

import ast
import re
from string import Formatter

import pytest

from bot.telegram_app.texts import DEFAULT, Texts, languages, texts
from tests.conftest import ROOT

ALL = [pytest.param(found, id=code) for code, found in languages().items()]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def keys_in_use() -> set[str]:
    """Patterns of the keys that the code names; what an f-string fills in may be anything."""
    sections = {key.partition(".")[0] for key in languages()[DEFAULT].wordings}
    found = set()
    for path in sorted((ROOT / "bot" / "telegram_app").glob("*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        within = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in (node for node in nodes if id(node) not in within):
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            words = [part.value if isinstance(part, ast.Constant) else None for part in parts]
            pattern = "".join(re.escape(word) if isinstance(word, str) else "[a-z_]+" for word in words)
            if isinstance(words[0], str) and re.fullmatch(rf"({'|'.join(sections)})\\\.[a-z_\[\]+-]+", pattern):
                found.add(pattern)
    return found - {r"bot\.telegram_app"}  # a package


def test_english_and_russian_are_there() -> None:
    assert {"en", "ru"} <= languages().keys()


@pytest.mark.parametrize("found", ALL)
def test_a_language_is_complete_and_fills_the_same_placeholders(found: Texts) -> None:
    english = languages()[DEFAULT]
    assert list(found.wordings) == list(english.wordings)
    for key, text in found.wordings.items():
        assert placeholders(text) == placeholders(english.wordings[key]), key
        assert text, key


@pytest.mark.parametrize("found", ALL)
def test_what_telegram_limits_is_within_its_limits(found: Texts) -> None:
    for audience in ("everyone", "admins"):
        for name, description in found.commands(audience):
            assert re.fullmatch("[a-z0-9_]{1,32}", name) and 1 <= len(description) <= 256
    assert len(found("bot.description")) <= 512
    assert len(found("bot.short_description")) <= 120
    for key, text in found.wordings.items():
        section = key.partition(".")[0]
        assert section != "buttons" or len(text) <= 40
        assert section not in {"feedback", "problem", "answer", "inline"} or len(text) <= 170  # a toast has 200


@pytest.mark.parametrize("found", ALL)
def test_texts_have_no_markup_of_their_own(found: Texts) -> None:
    assert not any(re.search("[<>&*`]", text) for text in found.wordings.values())


def test_no_word_mixes_two_alphabets() -> None:
    for key, text in languages()["ru"].wordings.items():
        assert not re.search(r"[А-Яа-яЁё][A-Za-z]|[A-Za-z][А-Яа-яЁё]", text), key


@pytest.mark.parametrize(
    ("code", "language"),
    [("ru-RU", "ru"), ("RU", "ru"), ("en", "en"), ("de", "en"), ("", "en"), (None, "en"), ("../ru", "en")],
)
def test_the_language_is_the_users_or_english(code: str | None, language: str) -> None:
    assert texts(code).language == language


def test_a_value_is_never_read_as_a_placeholder() -> None:
    assert texts("en")("answer.understood", question="{count} %s {0}") == "Understood as: {count} %s {0}"


def test_a_wording_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        texts("en")("answer.nonsense")


def test_the_code_names_all_wordings_and_only_those() -> None:
    known = {key for key in languages()[DEFAULT].wordings if not key.startswith("commands.")}
    patterns = keys_in_use()
    assert {key for key in known if not any(re.fullmatch(pattern, key) for pattern in patterns)} == set()
    assert {pattern for pattern in patterns if not any(re.fullmatch(pattern, key) for key in known)} == set()
