"""Settings with some values replaced, by dotted name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from retrieval.errors import SettingsError
from retrieval.settings import Settings

Changes = Mapping[str, Any]  # "search.hits" -> 30


def parse(assignments: Sequence[str]) -> dict[str, Any]:
    """``["search.hits=30", "encoder.precision=int8"]`` as names and TOML values; bare words are strings.

    :raises SettingsError: for one without ``=``.
    """
    changes: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise SettingsError(f"{assignment!r} is not an assignment", "write key=value, such as search.hits=30")
        try:
            changes[name.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            changes[name.strip()] = value.strip()
    return changes


def varied(settings: Settings, changes: Changes) -> Settings:
    """``settings`` with the changes made.

    :raises SettingsError: where a name is unknown or a value is not allowed.
    """
    values = settings.model_dump()
    for name, value in changes.items():
        *sections, key = name.split(".")
        table = values
        for section in sections:
            table = table.get(section, {}) if isinstance(table, dict) else {}
        if not isinstance(table, dict) or key not in table:
            raise SettingsError(f"there is no setting {name!r}", "settings are named as in config.toml: section.key")
        table[key] = value
    try:
        return type(settings).model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        message = f"{name} cannot be {first['input']!r}: {first['msg']}"
        raise SettingsError(message, "config.example.toml says what is allowed") from error


def label(changes: Changes) -> str:
    """The changes in one line: ``search.hits=30 encoder.precision=int8``."""
    return " ".join(f"{name}={value}" for name, value in changes.items()) or "default"
