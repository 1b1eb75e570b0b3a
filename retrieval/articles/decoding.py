"""Bytes to text, or a reason why not."""

from __future__ import annotations

import codecs
import re

from retrieval.errors import InputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark its own begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_GUESSED_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]")
_SAMPLE = 200_000  # bytes that the encoding is guessed from
_BINARY = "binary content, not text"


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of a file, its byte order mark removed and nothing else changed.

    In order: a byte order mark, UTF-8, the encoding that the file declares,
    charset-normalizer. Raises :class:`InputError` for binary content and where
    none of them fits.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _as_text(_decoded(data, encoding))
    if b"\0" in data:
        raise InputError(_BINARY)
    try:
        return _as_text(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _guessed(data, declared)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(f"not valid {encoding.removesuffix('-sig').upper()} at byte {error.start}") from error


def _as_text(text: str) -> str:
    # A stray control character comes from a PDF; one in a hundred comes from a binary.
    if "\0" in text or len(_CONTROLS.findall(text)) * 100 > len(text):
        raise InputError(_BINARY)
    return text


def _guessed(data: bytes, declared: str | None) -> str:
    if _CONTROLS.search(data.decode("latin-1")):
        raise InputError(_BINARY)
    text = _tried(data, declared) or _tried(data, _best_guess(data))
    if text is None:
        raise InputError("the encoding cannot be told; save it as UTF-8")
    # Any bytes are letters in some encoding; a guess that yields controls was of a binary.
    if _GUESSED_CONTROLS.search(text):
        raise InputError(_BINARY)
    return text


def _tried(data: bytes, encoding: str | None) -> str | None:
    try:
        return data.decode(encoding) if encoding else None
    except (LookupError, UnicodeError):  # no such encoding, or not this one
        return None


def _best_guess(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    end = len(data) if len(data) <= _SAMPLE else data.rfind(b"\n", 0, _SAMPLE) + 1 or _SAMPLE
    best = from_bytes(data[:end]).best()
    return best.encoding if best else None
