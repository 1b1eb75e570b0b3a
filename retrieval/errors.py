"""Everything that can go wrong for a user, and what to do about it.

SaysoError
├── SettingsError      a setting is unknown, of the wrong type or out of range
├── InputError         a path or question that cannot be used
├── EncoderError       a model is missing, damaged or does not agree with its source
└── StoreError         the data folder cannot be read or written
    ├── LockedError    another process is writing
    ├── SchemaError    made by another version of Sayso
    ├── MismatchError  made with another encoder or other passage settings
    └── DamagedError   a file of the data folder is not what was written
"""

from __future__ import annotations


class SaysoError(Exception):
    """What happened, in one line, and in ``hint`` what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class SettingsError(SaysoError):
    """A setting is unknown, of the wrong type or out of range."""


class InputError(SaysoError):
    """A path or question that cannot be used."""


class EncoderError(SaysoError):
    """A model is missing, damaged, or its export does not agree with it."""


class StoreError(SaysoError):
    """The data folder cannot be read or written."""


class LockedError(StoreError):
    """Another process is writing to the data folder."""


class SchemaError(StoreError):
    """The data folder was made by another version of Sayso."""


class MismatchError(StoreError):
    """The index was built with another encoder or other passage settings."""


class DamagedError(StoreError):
    """A file of the data folder is not what was written."""
