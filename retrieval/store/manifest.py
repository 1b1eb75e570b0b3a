"""What an index was built with, as its archive notes it, against what the settings ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retrieval.errors import MismatchError
from retrieval.settings import Passages, Settings


def described(settings: Settings, encoder_name: str) -> dict[str, Any]:
    """What a manifest notes of an index built with these settings."""
    return {
        "encoder": encoder_name,
        "encoder_settings": settings.encoder.model_dump(include={"model", "precision"}),
        "passages": settings.passages.model_dump(),
    }


def require_same(built: Mapping[str, Any], settings: Settings, encoder_name: str) -> None:
    """Returns if the index was built with this encoder and these passages, or is new.

    :param built: its manifest
    :raises MismatchError: it was built otherwise.
    """
    index, beside = f"the index in {settings.data_dir}", "run `sayso index` to build a new one beside it"
    wanted = described(settings, encoder_name)
    encoder, passages = (built.get(part, wanted[part]) for part in ("encoder", "passages"))
    if encoder != encoder_name:
        said = f"{index} was built with another encoder ({encoder}, now {encoder_name})"
        raise MismatchError(said, f"{beside}, or set [encoder] model back")
    if passages != wanted["passages"]:
        pairs = [(name, passages.get(name), now) for name, now in wanted["passages"].items()]
        changed = [f"{name} = {before}, now {now}" for name, before, now in pairs if before != now]
        said = f"{index} was built with other passages ({'; '.join(changed)})"
        raise MismatchError(said, f"{beside}, or set [passages] back")


def adopted(settings: Settings, built: Mapping[str, Any]) -> Settings:
    """The settings, with the encoder and the passages that an index was built with."""
    encoder = settings.encoder.model_copy(update=built.get("encoder_settings", {}))
    passages = Passages(**built.get("passages", settings.passages.model_dump()))
    return settings.model_copy(update={"encoder": encoder, "passages": passages})
