"""Bytes to text, or a reason why not."""

from __future__ import annotations

import codecs
import re

from retrieval.articles.latin import WESTERN, code_page
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
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_FEWEST = 8  # bytes beyond ASCII that tell a script
_HIGH = re.compile(rb"[\x80-\xff]+")
_SAMPLE = 200_000  # bytes that the encoding is guessed from
_BINARY = "binary content, not text"


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of a file, its byte order mark removed and nothing else changed.

    In order: a byte order mark, UTF-8, the encoding that the file declares,
    charset-normalizer for scripts other than Latin, and for Latin the Western
    code page unless the letters say otherwise. Raises :class:`InputError` for
    binary content, damaged UTF-8 and where none of them fits.
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
    text = _tried(data, _as_browsers_read(declared)) or _told_by_letters(data)
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


def _as_browsers_read(declared: str | None) -> str | None:
    """The declared encoding; by the HTML standard Latin-1 and ASCII mean Windows' superset of them."""
    try:
        name = codecs.lookup(declared).name if declared else None
    except LookupError:
        return None
    return WESTERN if name in {"iso8859-1", "ascii"} else name


def _told_by_letters(data: bytes) -> str | None:
    end = len(data) if len(data) <= _SAMPLE else data.rfind(b"\n", 0, _SAMPLE) + 1 or _SAMPLE
    sample = data[:end]
    _refuse_damaged_utf8(data, sample)
    if _may_be_other_script(sample):
        guess = _best_guess(sample)
        text = _tried(data, guess)
        if text and _is_other_script(text[:_SAMPLE]):
            return text
    return _tried(data, code_page(sample)) or _tried(data, _best_guess(sample))


def _refuse_damaged_utf8(data: bytes, sample: bytes) -> None:
    """One damaged byte does not make UTF-8 another encoding, in which all its letters would be wrong ones."""
    text = sample.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    if sum(map(str.isalpha, _BEYOND_ASCII.findall(text))) > 4 * damaged:
        _decoded(data, "utf-8")


def _may_be_other_script(sample: bytes) -> bool:
    """Whether many bytes are beyond ASCII, or stand next to each other; in Latin letters few do."""
    runs = _HIGH.findall(sample)
    high = sum(map(len, runs))
    plain = len(re.findall(rb"[A-Za-z]", sample))
    return high >= _FEWEST and (high > 0.3 * (high + plain) or sum(len(run) > 1 for run in runs) > 0.5 * len(runs))


def _is_other_script(text: str) -> bool:
    letters = [letter for letter in _BEYOND_ASCII.findall(text) if letter.isalpha()]
    return sum(not "\xc0" <= letter <= "\u024f" for letter in letters) > 0.8 * len(letters)


def _best_guess(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best else None
