"""A document that somebody sends -> a file that may be indexed: told by its content, whatever it is called.

Telegram's word for size, type and name is its sender's, so none of the three is believed.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import AsyncIterable
from pathlib import Path
from typing import Literal

from retrieval.errors import SaysoError

Extension = Literal["txt", "md", "html"]

_HEAD = 4_096  # bytes in which a file says what it is
_STEM_BYTES = 80  # of the 255 that a file system gives a name
_OFFICE = re.compile(rb"\[Content_Types\]\.xml|mimetypeapplication/(?:vnd\.oasis|epub)|word/|xl/|ppt/")
#: How files begin, https://en.wikipedia.org/wiki/List_of_file_signatures
_SIGNATURES = {
    reason: re.compile(pattern, re.DOTALL)
    for reason, pattern in {
        "pdf": rb"%PDF-",
        "office": rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|\{\\rtf",
        "archive": rb"PK\x03\x04|PK\x05\x06|\x1f\x8b|BZh[1-9]1AY|\xfd7zXZ\0|7z\xbc\xaf|Rar!\x1a|\x28\xb5\x2f\xfd"
        rb"|MSCF\0|.{257}ustar",
        "image": rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|RIFF.{4}(?:WEBP|WAVE|AVI )|II\*\0|MM\0\*|ID3[\x02-\x04]|OggS\0"
        rb"|fLaC\0|\x1aE\xdf\xa3|\0\0\0.ftyp",
        "binary": rb"\x7fELF|MZ\x90|SQLite format 3\0",
    }.items()
}
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # byte order marks of UTF-16 and UTF-32
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_TAG = re.compile(r"<!doctype\s+html|<(?:html|head|body|article|main|title|p|div|h1)\b[^<>]*>", re.IGNORECASE)
_DATA = re.compile(r'\s*(?:<\?xml|<svg|<rss|[{\[]\s*(?:\{\s*)?"[^"\n]*"\s*[:,\]])')
_MARKDOWN = re.compile(r"\A\s*---[ \t]*\r?\n|^#{1,6}[ \t]+\S|^\s*```|\]\(\S+\)|^(?:===+|---+)\s*$", re.MULTILINE)


class RefusedUploadError(SaysoError):
    """A document that is not indexed; ``reason`` is a key of the section [refused] of the texts."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the document is refused: {reason}")
        self.reason = reason


def require_size(claimed: int | None, most: int) -> None:
    """Before anything is fetched. :raises RefusedUploadError: it says itself that it is empty or too large."""
    if claimed == 0:
        raise RefusedUploadError("empty")
    if claimed is not None and claimed > most:
        raise RefusedUploadError("too_large")


async def collected(chunks: AsyncIterable[bytes], most: int) -> bytes:
    """All bytes that come, reading no further than ``most``. :raises RefusedUploadError: there are more, or none."""
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        require_size(len(data) or None, most)
    require_size(len(data), most)
    return bytes(data)


def extension_of(data: bytes) -> Extension:
    """What the content is. :raises RefusedUploadError: nothing that can be quoted."""
    if not data.strip(b"\0\t\n\r\f\v "):
        raise RefusedUploadError("empty")
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\t\n\r ")
    for reason, signature in _SIGNATURES.items():
        if signature.match(start):
            office = reason == "archive" and _OFFICE.search(data[:_HEAD])
            raise RefusedUploadError("office" if office else reason)
    head = _text(data)[:_HEAD].lstrip("\ufeff")
    if _TAG.search(head):
        return "html"
    if _DATA.match(head):
        raise RefusedUploadError("data")
    return "md" if _MARKDOWN.search(head) else "txt"


def _text(data: bytes) -> str:
    """The content for a look at it; the engine tells encodings apart when it reads the file."""
    try:
        text = data.decode("utf-16") if data.startswith(_WIDE) else data.decode("utf-8", "replace")
    except UnicodeDecodeError:
        raise RefusedUploadError("binary") from None
    if "\0" in text or len(_CONTROLS.findall(text)) * 100 > len(text):
        raise RefusedUploadError("binary")
    return text


def stored(folder: Path, name: str | None, data: bytes) -> Path:
    """The file of our own name in ``folder`` that holds ``data``; it says of the sender's name what is harmless.

    The same content is stored once, so a document sent twice, or read again after a crash, is one article.
    :raises RefusedUploadError: as ``extension_of`` does.
    """
    extension = extension_of(data)
    digest = hashlib.sha256(data).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = next(folder.glob(f"*-{digest}.{extension}"), folder / f"{safe_stem(name)}-{digest}.{extension}")
    beside = path.with_suffix(".part")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return path


def safe_stem(name: str | None) -> str:
    """Letters and digits of the name's stem, hyphens between them; "document" where there are none."""
    whole = unicodedata.normalize("NFKC", name or "").replace("\\", "/").rpartition("/")[2]
    stem = whole.rpartition(".")[0] or whole
    words = "-".join(re.findall(r"[^\W_]+", stem))
    return words.encode()[:_STEM_BYTES].decode("utf-8", "ignore").strip("-") or "document"
