"""config.toml and SAYSO_* variables -> the engine's settings and those of the front ends.

Command line over environment over file over defaults. Everything is checked at
once by one model; what is wrong is told with the place it came from.
pydantic-settings is not used: importing it costs 0.2 s on every question, and it
knows neither lines of files nor unknown variables.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from bot.telegram_app.settings import Telegram
from retrieval import settings as engine
from retrieval.errors import SettingsError

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

PREFIX = "SAYSO_"
TOKEN_VARIABLE = "SAYSO_TELEGRAM_TOKEN"
TOKEN_SHAPE = re.compile(r"\d{5,20}:[A-Za-z0-9_-]{30,60}")
#: Variables that are ours but no settings: the secret and the debugging switch.
OTHER_VARIABLES = frozenset({"SAYSO_DEBUG", TOKEN_VARIABLE})
_WORDS: dict[object, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    Path: "a path",
    list[str]: "a list of texts",
    list[int]: "a list of whole numbers",
}
_SEE = "config.example.toml lists every setting"

Key = tuple[str, ...]

#: Further names of variables.
_ALIASES: dict[str, Key] = {
    "SAYSO_TELEGRAM_BASE_URL": ("telegram", "base_url"),
    "SAYSO_TELEGRAM_BASE_FILE_URL": ("telegram", "base_file_url"),
}


class Settings(engine.Settings):
    """All settings: the engine's, which knows nothing of the others, and a section for each front end."""

    telegram: Telegram = Telegram()


def load(config: Path | None, data_dir: Path | None, environ: Mapping[str, str]) -> Settings:
    """Settings from ``data_dir`` (the command line), ``environ``, and ``config`` or the file found in its place.

    Without ``config``: config.toml in the current folder, else sayso/config.toml in
    $XDG_CONFIG_HOME (~/.config), else defaults. :raises SettingsError: naming key and place.
    """
    from pydantic import ValidationError

    path = config if config is not None else _found(environ)
    text = _read(path) if path else ""
    values = _parsed(text, path) if path else {}
    origins: dict[Key, str] = {}
    for name, key, value in _variables(environ):
        origins[key] = name
        _put(values, key, value)
    if data_dir is not None:
        origins["data_dir",] = "--data"
        values["data_dir"] = Path(os.path.expanduser(data_dir))
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        wrong = error.errors()[0]
        key = tuple(str(part) for part in wrong["loc"])[:2]
        origin = origins.get(key) or f"{path}{_at_line(text, key)}"
        raise _explained(wrong, key, origin) from None


def example_toml() -> str:
    """The text of config.example.toml: every setting, its default, one line why."""
    lines = ["# Every setting of Sayso with its default. Copy to config.toml and keep the lines that you change.", ""]
    section: Key = ()
    for key, field in known_settings().items():
        if key[:-1] != section:
            section = key[:-1]
            lines += [f"[{section[0]}]"]
        default = field.default if isinstance(field.default, (int, float, str, list)) else str(field.default)
        lines += [f"# {field.description} ({allowed(field)})", f"{key[-1]} = {json.dumps(default)}", ""]
    return "\n".join(lines)


def known_settings() -> dict[Key, FieldInfo]:
    """Every setting by its key, e.g. ``("search", "hits")``, those without a section first."""
    known: dict[Key, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, engine.Section):
            known.update({(name, leaf): value for leaf, value in inner.model_fields.items()})
        else:
            known[name,] = field
    return dict(sorted(known.items(), key=lambda item: len(item[0])))


def allowed(field: FieldInfo) -> str:
    """What a setting may be, in words: "a whole number from 1 to 300"."""
    if get_origin(field.annotation) is Literal:
        return "one of " + ", ".join(map(str, get_args(field.annotation)))
    what = _WORDS[field.annotation]
    if field.annotation not in (int, float):
        return what
    low = next((limit.ge for limit in field.metadata if hasattr(limit, "ge")), None)
    high = next((limit.le for limit in field.metadata if hasattr(limit, "le")), None)
    if low is not None and high is not None:
        return f"{what} from {low} to {high}"
    return what if low is None else f"{what}, {low} or more"


def line_of(text: str, key: Key) -> int | None:
    """Line on which the statement that sets ``key`` begins, or None.

    TOML has no positions in the standard library, but a prefix of whole statements
    parses: the key stands behind the longest prefix that does not have it yet.
    """
    lines = text.split("\n")
    begin = 1
    for count in range(1, len(lines) + 1):
        try:
            table: Any = tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue
        for part in key:
            table = table.get(part) if isinstance(table, dict) else None
        if table is not None:
            return begin
        begin = count + 1
    return None


def _found(environ: Mapping[str, str]) -> Path | None:
    home = environ.get("XDG_CONFIG_HOME") or "~/.config"
    places = (Path("config.toml"), Path(home).expanduser() / "sayso" / "config.toml")
    return next((place for place in places if place.is_file()), None)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", "check --config") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 (byte {error.start})", "save it as UTF-8") from None


def _parsed(text: str, path: Path) -> dict[str, Any]:
    """The file's values, its paths made relative to its folder."""
    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{path} is not TOML: {error}", 'texts stand in quotes: key = "value"') from None
    for key, value in _leaves(values):
        if key[-1] == "token" or key[-1].endswith("_token"):
            place = f"{path}{_at_line(text, key)}"
            raise SettingsError(
                f"{place}: {_spelled(key)} is a secret, and secrets are read from the environment only",
                f"delete the line and set {TOKEN_VARIABLE}",
            )
        _put(values, key, _located(key, value, path.parent))
    return values


def _variables(environ: Mapping[str, str]) -> list[tuple[str, Key, Any]]:
    """``(name, key, value)`` of each SAYSO_* setting; an empty variable counts as not set."""
    known = known_settings()
    found = []
    for name, text in sorted(environ.items()):
        if not name.startswith(PREFIX) or name in OTHER_VARIABLES or not text:
            continue
        key = _ALIASES.get(name) or tuple(name.removeprefix(PREFIX).lower().split("__"))
        if key not in known:
            names = [*map(_variable, known), *_ALIASES, *sorted(OTHER_VARIABLES)]
            raise SettingsError(f"{name} is not a variable of Sayso", _nearest(name, names) or _SEE)
        found.append((name, key, _located(key, _from_text(known[key], text), Path())))
    return found


def _from_text(field: FieldInfo, text: str) -> Any:
    """``text`` as the field's type; unchanged where it is none, for the model to refuse."""
    from pydantic import TypeAdapter

    annotation: Any = field.annotation  # without its range, which is the model's to refuse
    whole = TypeAdapter[Any](annotation)
    try:
        if get_origin(annotation) is not list:
            return whole.validate_strings(text)
        if text.lstrip().startswith("["):
            return json.loads(text)
        return whole.validate_python([part.strip() for part in text.split(",") if part.strip()])
    except ValueError:  # pydantic's and JSON's own errors are among them
        return text


def _located(key: Key, value: Any, folder: Path) -> Any:
    """Paths under ``folder`` with ``~`` expanded; any other value as it is."""
    if key == ("data_dir",) and isinstance(value, (str, Path)):
        return folder / os.path.expanduser(value)
    if key == ("corpus", "paths") and isinstance(value, list):
        return [str(folder / os.path.expanduser(path)) if isinstance(path, str) else path for path in value]
    return value


def _explained(wrong: ErrorDetails, key: Key, origin: str) -> SettingsError:
    """The error that says what is wrong with ``key`` and what it may be."""
    known = known_settings()
    if wrong["type"] == "extra_forbidden":
        same = [other for other in known if other[:-1] == key[:-1]] + [(other[0],) for other in known if len(key) == 1]
        elsewhere = [_spelled(other) for other in known if other[-1] == key[-1]]
        hint = _nearest(_spelled(key), [*map(_spelled, same), *elsewhere], elsewhere)
        return SettingsError(f"{origin}: there is no setting {_spelled(key)}", hint or _SEE)
    if key not in known:
        return SettingsError(f"{origin}: [{key[0]}] must be a table of settings", _SEE)
    given = wrong["input"]
    shown = json.dumps(given, ensure_ascii=False, default=str)
    wanted = wrong["ctx"]["error"] if wrong["type"] == "value_error" else allowed(known[key])
    message = f"{origin}: {_spelled(key)} must be {wanted}, not {shown}"
    return SettingsError(message, known[key].description or _SEE)


def _nearest(name: str, names: list[str], sure: list[str] | None = None) -> str:
    from difflib import get_close_matches

    near = sure or get_close_matches(name, names, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else ""


def _spelled(key: Key) -> str:
    return f"[{key[0]}] {'.'.join(key[1:])}" if len(key) > 1 else key[0]


def _variable(key: Key) -> str:
    return PREFIX + "__".join(key).upper()


def _at_line(text: str, key: Key) -> str:
    line = line_of(text, key)
    return f", line {line}" if line else ""


def _leaves(table: dict[str, Any], above: Key = ()) -> list[tuple[Key, Any]]:
    """Keys and values of all that is no table."""
    found: list[tuple[Key, Any]] = []
    for name, value in table.items():
        found += _leaves(value, (*above, name)) if isinstance(value, dict) else [((*above, name), value)]
    return found


def _put(table: dict[str, Any], key: Key, value: Any) -> None:
    """Sets ``key``; where the file has a value in place of a table, leaves it for the model to refuse."""
    for part in key[:-1]:
        inner = table.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        table = inner
    table[key[-1]] = value
