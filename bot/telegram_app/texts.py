"""What the bot says, in the language of its user; the wordings stand in texts/*.toml, one file a language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType

DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Texts:
    """The wordings of one language."""

    language: str
    wordings: Mapping[str, str] = field(repr=False)  # "section.key" -> text with {placeholders}

    def __call__(self, key: str, **values: object) -> str:
        """The wording of ``key`` with its placeholders filled. :raises KeyError: where there is none."""
        return self.wordings[key].format(**values)

    def commands(self, audience: str = "everyone") -> list[tuple[str, str]]:
        """Names and descriptions of the command menu, for "everyone" or "admins"."""
        prefix = f"commands.{audience}."
        return [(key.removeprefix(prefix), text) for key, text in self.wordings.items() if key.startswith(prefix)]


@cache
def languages() -> Mapping[str, Texts]:
    """All languages by their code."""
    found = {}
    for file in sorted(files("bot.telegram_app").joinpath("texts").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            code = file.name.removesuffix(".toml")
            found[code] = Texts(code, MappingProxyType(_flat(tomllib.loads(file.read_text(encoding="utf-8")))))
    return MappingProxyType(found)


def texts(language_code: str | None) -> Texts:
    """The texts for a user's ``language_code`` ("ru", "pt-br"), English where there are none or it is not told."""
    code = (language_code or DEFAULT).lower().partition("-")[0]
    return languages().get(code, languages()[DEFAULT])


def _flat(table: Mapping[str, object], above: str = "") -> dict[str, str]:
    """Texts by their dotted keys."""
    flat: dict[str, str] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{above}{key}.") if isinstance(value, Mapping) else {f"{above}{key}": str(value).strip()}
    return flat
