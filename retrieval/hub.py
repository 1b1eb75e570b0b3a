"""Models that a setting names: a folder of this disk, or a name on the Hugging Face hub."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from retrieval.errors import EncoderError, SaysoError
from retrieval.export import quiet

Model = TypeVar("Model")


def loaded(what: str, model: str, load: Callable[[str, bool], Model], advice: str) -> Model:
    """What ``load`` makes of the model: from this disk where it is there, so that the network is not even asked.

    :param what: its part in Sayso, for the error: "encoder"
    :param load: takes the name or folder, and whether to keep to files of this disk
    :param advice: the error's hint
    :raises EncoderError: it is damaged, or neither on this disk nor to be fetched.
    """
    folder = Path(model).expanduser()
    here = folder.is_dir()
    try:
        try:
            with quiet():
                return load(str(folder) if here else model, True)
        except (OSError, ValueError, RuntimeError, ImportError, KeyError):
            if here:
                raise
            return load(model, False)
    except SaysoError:
        raise
    except Exception as error:  # those of transformers, safetensors, pickle and the hub share no other base class
        reason = "cannot be loaded from that folder" if here else "is not on this disk and cannot be fetched"
        raise EncoderError(f"the {what} {model!r} {reason} ({type(error).__name__})", advice) from error
