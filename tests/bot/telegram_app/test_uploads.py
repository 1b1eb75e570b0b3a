"""Documents are what their bytes say; sizes, types and names that are claimed count for nothing."""

from __future__ import annotations

import asyncio
import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram_app.texts import languages
from bot.telegram_app.uploads import (
    RefusedUploadError,
    collected,
    extension_of,
    require_size,
    safe_stem,
    stored,
)

PLAIN = "The ferry stopped in 1988. Nobody waved.\n"
URDU = "فیری 1988 میں بند ہوئی۔\n"


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return file.getvalue()


def tarred() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return file.getvalue()


REFUSED = {
    "empty": [b"", b"  \n\t ", b"\0\0"],
    "pdf": [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", b"\xef\xbb\xbf%PDF-1.4", b"\n %PDF-1.4 in front of text"],
    "archive": [
        zipped("a.txt"),
        tarred(),
        gzip.compress(PLAIN.encode()),
        bz2.compress(PLAIN.encode()),
        lzma.compress(PLAIN.encode()),
        b"7z\xbc\xaf\x27\x1c\0\x04",
        b"Rar!\x1a\x07\0",
    ],
    "office": [
        zipped("[Content_Types].xml", "word/document.xml"),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"{\\rtf1\\ansi Ferries}",
    ],
    "image": [
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"\0\0\0\x20ftypisom",
        b"ID3\x04",
        b"OggS\0",
    ],
    "binary": [
        b"\x7fELF\x02\x01\x01",
        bytes(range(256)),
        PLAIN.encode() + b"\0" + PLAIN.encode(),
        b"a\x01" * 50,
        b"\xff\xfe\0\xd8\0",
    ],
    "data": [
        b'{"id": "a", "text": "Ferries."}\n',
        b'<?xml version="1.0"?><feed/>',
        b'[{"id": 1}]',
        b"<svg width='1'/>",
    ],
}


@pytest.mark.parametrize(
    ("reason", "data"), [(reason, data) for reason, given in REFUSED.items() for data in given],
    ids=lambda given: given if isinstance(given, str) else "",
)  # fmt: skip
def test_what_cannot_be_quoted_is_refused_with_its_reason(reason: str, data: bytes) -> None:
    with pytest.raises(RefusedUploadError) as refused:
        extension_of(data)
    assert refused.value.reason == reason


def test_every_reason_has_words() -> None:
    for texts in languages().values():
        for reason in [*REFUSED, "too_large"]:
            assert texts(f"refused.{reason}", size="5 MB")


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (PLAIN.encode(), "txt"),
        (URDU.encode(), "txt"),
        (b"\xef\xbb\xbf" + PLAIN.encode(), "txt"),
        (PLAIN.encode("utf-16"), "txt"),
        ("Паром перестал ходить.".encode("cp1251"), "txt"),
        (b"{curly} words are no data, nor is [this].", "txt"),
        (b"[1] Ferries stopped.", "txt"),
        (b"ID3 tags and RIFF files are dull.", "txt"),
        (b"1 < 2 and <em>so</em> on", "txt"),
        (b"# Ferries\n\nThey stopped.\n", "md"),
        (b"---\ntitle: Ferries\n---\nThey stopped.\n", "md"),
        (b"They [stopped](https://example.org).", "md"),
        (b"<!DOCTYPE html><p>They stopped.", "html"),
        (b'<?xml version="1.0"?>\n<html xmlns="x"><body>They stopped.</body></html>', "html"),
        (b"\n<!-- saved -->\n<HTML LANG=en><P>They stopped.", "html"),
        (f"<html>{PLAIN}".encode("utf-16"), "html"),
    ],
)
def test_texts_are_told_apart_by_their_content(data: bytes, extension: str) -> None:
    assert extension_of(data) == extension


@given(st.binary(max_size=2_000))
def test_any_bytes_are_a_text_or_refused_with_a_known_reason(data: bytes) -> None:
    try:
        told: str = extension_of(data)
    except RefusedUploadError as refused:
        told = refused.reason
    assert told in {"txt", "md", "html", *REFUSED}


async def parts(*data: bytes) -> AsyncIterator[bytes]:
    for part in data:
        yield part


def test_a_claimed_size_is_looked_at_before_and_the_true_one_while_reading() -> None:
    require_size(None, 10)
    require_size(10, 10)
    for claimed, reason in ((11, "too_large"), (0, "empty")):
        with pytest.raises(RefusedUploadError) as refused:
            require_size(claimed, 10)
        assert refused.value.reason == reason
    assert asyncio.run(collected(parts(b"12345", b"", b"67890"), 10)) == b"1234567890"


def test_reading_stops_where_the_limit_is_passed() -> None:
    taken: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            taken.append(1)
            yield b"x" * 4

    with pytest.raises(RefusedUploadError, match="too_large"):
        asyncio.run(collected(endless(), 10))
    assert len(taken) == 3
    with pytest.raises(RefusedUploadError, match="empty"):
        asyncio.run(collected(parts(), 10))


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("ferries.md", "ferries"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot"),
        (".bashrc", "bashrc"),
        ("-rf *; $(reboot).txt", "rf-reboot"),
        ("Паром и мост.txt", "Паром-и-мост"),
        ("a\u202etxt.exe", "a-txt"),
        ("con\0.txt", "con"),
        ("___", "document"),
        ("", "document"),
        (None, "document"),
        ("x" * 300 + ".txt", "x" * 80),
    ],
)
def test_a_name_keeps_what_is_harmless_of_it(name: str | None, stem: str) -> None:
    assert safe_stem(name) == stem


@given(st.text())
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    stem = safe_stem(name)
    assert 1 <= len(stem.encode()) <= 80 and Path(stem).name == stem
    assert all(part.isalnum() for part in stem.split("-"))


def test_a_document_is_stored_for_its_owner_only_under_its_own_name(tmp_path: Path) -> None:
    path = stored(tmp_path / "uploads", "../ferries.exe", PLAIN.encode())
    assert path.parent == tmp_path / "uploads" and path.name.startswith("ferries-") and path.suffix == ".txt"
    assert path.read_bytes() == PLAIN.encode()
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700


def test_the_same_document_is_one_file_whatever_it_is_called(tmp_path: Path) -> None:
    first = stored(tmp_path / "uploads", "ferries.txt", PLAIN.encode())
    assert stored(tmp_path / "uploads", "other.md", PLAIN.encode()) == first
    assert stored(tmp_path / "uploads", "ferries.txt", b"Other words.") != first
    assert len(list((tmp_path / "uploads").iterdir())) == 2


def test_nothing_is_stored_of_what_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedUploadError):
        stored(tmp_path / "uploads", "ferries.txt", zipped("a"))
    assert not (tmp_path / "uploads").exists()


def test_what_was_left_half_written_is_written_anew(tmp_path: Path) -> None:
    path = stored(tmp_path / "uploads", "ferries.txt", PLAIN.encode())
    path.rename(path.with_suffix(".part"))
    assert stored(tmp_path / "uploads", "ferries.txt", PLAIN.encode()).read_bytes() == PLAIN.encode()
    assert len(list((tmp_path / "uploads").iterdir())) == 1
