"""Addresses to files: pages are fetched once, kept in the data folder, and indexed from there like any other."""

from __future__ import annotations

import hashlib
import html
import os
import re
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from retrieval.addresses import Resolver, resolved
from retrieval.errors import InputError, StoreError
from retrieval.types import Rejected

if TYPE_CHECKING:
    from httpcore import NetworkBackend, Response
    from httpx import URL

_REDIRECTS = 5
_TYPES = {"text/html": ".html", "application/xhtml+xml": ".html", "text/plain": ".txt", "text/markdown": ".md"}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_AGENT = b"sayso (fetches a page that its user named)"


class Page(NamedTuple):
    """What was found at an address."""

    address: str  # of the page itself, behind all redirects
    suffix: str  # of a file with such content
    charset: str | None  # as the server states it
    data: bytes


def is_address(name: str) -> bool:
    """Whether a name is the address of a page, and not a path."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", name) is not None


def keep_pages(
    addresses: Sequence[str], folder: Path, fetch: Callable[[str], Page]
) -> tuple[list[Path], list[Rejected]]:
    """Files with what is at the addresses, of the same names each time; and what could not be fetched, with the reason.

    :raises StoreError: the folder cannot be written.
    """
    files: list[Path] = []
    rejected: list[Rejected] = []
    for address in addresses:
        try:
            files.append(_stored(folder, address, fetch(address)))
        except InputError as error:
            rejected.append(Rejected(_without_password(address), str(error), failed=True))
    return files, rejected


def fetch_page(
    address: str, max_mb: int, timeout_s: float, resolve: Resolver = resolved,
    network: NetworkBackend | None = None, trust: ssl.SSLContext | None = None,
) -> Page:  # fmt: skip
    """What is at an https address.

    Every machine that is asked, at first and after each redirect, is one of the public Internet, by the very
    address that is connected to. Proxies that the environment names are not used, as they would resolve names anew.

    :param max_mb: a larger page is refused, in units of 2**20 bytes; none is unpacked
    :param timeout_s: for everything but the name service, which has limits of its own
    :param resolve: names to addresses; ``network``: connects to an address; ``trust``: whose certificates are good
    :raises InputError: it cannot be had, or must not be asked for.
    """
    import httpcore
    import httpx

    from retrieval.connections import CheckedNetwork

    checked = CheckedNetwork(resolve, network or httpcore.SyncBackend(), time.monotonic() + timeout_s)
    failures = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)
    with httpcore.ConnectionPool(trust or ssl.create_default_context(), network_backend=checked) as pool:
        try:
            url = httpx.URL(address)
            for _ in range(_REDIRECTS + 1):
                _require_https(url)
                headers = [(b"Host", url.netloc), (b"User-Agent", _AGENT), (b"Accept-Encoding", b"identity")]
                target = httpcore.URL(scheme=b"https", host=url.raw_host, port=url.port, target=url.raw_path)
                with pool.stream("GET", target, headers=headers) as response:
                    if response.status not in (301, 302, 303, 307, 308):
                        return _read(response, str(url.copy_with(fragment=None)), max_mb)
                    url = url.join(_header(response, b"location"))
        except httpx.InvalidURL as error:
            raise InputError(f"no address that can be asked: {error}") from error
        except failures as error:
            late = isinstance(error, httpcore.TimeoutException)
            why = f"not there within {timeout_s:g} s" if late else f"cannot be fetched: {error or type(error).__name__}"
            raise InputError(why) from error
    raise InputError(f"redirected more than {_REDIRECTS} times")


def _require_https(url: URL) -> None:
    if url.scheme != "https" or not url.host:
        raise InputError("only https addresses are fetched")
    if url.userinfo:
        raise InputError("an address with a password in it is not fetched")


def _read(response: Response, address: str, max_mb: int) -> Page:
    if response.status != 200:
        raise InputError(f"the server answers {response.status}")
    stated = _header(response, b"content-type")
    suffix = _TYPES.get(stated.partition(";")[0].strip().lower())
    if suffix is None:
        raise InputError(f"no reader for {stated or 'a page of no stated type'}")
    if _header(response, b"content-encoding").lower() not in ("", "identity"):
        raise InputError("the server sends it packed, unasked")
    data = bytearray()
    for part in response.iter_stream():
        data += part
        if len(data) > max_mb << 20:
            raise InputError(f"over the limit of {max_mb:,} MB")
    charset = _CHARSET.search(stated)
    return Page(address, suffix, charset[1] if charset else None, bytes(data))


def _header(response: Response, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in response.headers if key.lower() == name), "")


def _stored(folder: Path, address: str, page: Page) -> Path:
    """The file of the address, which holds the page behind what the server said of it."""
    host = re.sub(r"[^a-z0-9.-]", "", page.address.partition("://")[2].partition("/")[0].lower())[:60]
    path = folder / f"{host}-{hashlib.sha256(address.encode()).hexdigest()[:12]}{page.suffix}"
    said = ""
    if page.suffix == ".html" and not page.data.startswith(_UTF_16):
        said = f'<link rel="canonical" href="{html.escape(page.address)}">\n'
        said += f'<meta charset="{page.charset}">\n' if page.charset else ""
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
            file.write(said.encode("ascii", "xmlcharrefreplace") + page.data)
        unfinished.replace(path)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written ({error.strerror or error})", "make room first") from error
    return path


def _without_password(address: str) -> str:
    return re.sub(r"//[^/]*@", "//…@", address)
