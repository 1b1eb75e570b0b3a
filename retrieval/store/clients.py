"""Where a Chroma is, and the one client through which this process speaks to it."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from retrieval.errors import SettingsError, StoreError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.config import Settings

#: A folder, or a server's host and port.
Place = Path | tuple[str, int]

_SERVER = re.compile(r"chroma\+http://(?P<host>[\w.-]+|\[[\da-fA-F:.]+\])(?::(?P<port>\d{1,5}))?/?")
_IDENTITY = "chroma-collection"  # a file of the data folder

#: Chroma shares one engine among all clients of a folder in a process, and only a new engine sees what
#: other processes wrote; one that does not, and writes, loses their rows for good. So there is one
#: client a place, used by one thread at a time, and closing it closes it for all.
_clients: dict[Place, ClientAPI] = {}
GUARD = threading.RLock()


def place_of(url: str, data_dir: Path) -> Place:
    """The place that a URL of the settings names.

    :raises SettingsError: the URL is of no form that Sayso knows.
    """
    if url.startswith("chroma:"):
        path = url.removeprefix("chroma:")
        return Path(os.path.realpath(os.path.expanduser(path) if path else data_dir / "chroma"))
    server = _SERVER.fullmatch(url)
    if server and 0 < int(server["port"] or 8000) < 65536:
        return server["host"], int(server["port"] or 8000)
    shown = re.sub(r"//[^/]*@", "//…@", url)  # a password is not repeated
    raise SettingsError(f"[store] url = {shown!r} is not understood", "chroma:, chroma:PATH or chroma+http://host:port")


def identity(data_dir: Path) -> str:
    """What tells a data folder from all others that have a collection at the same place.

    Its path would not do: two machines that share a server may each have theirs at the same. Nor would a number in
    the folder, of which there may be a copy. A folder that cannot be written has its path alone.
    """
    file, whole = data_dir / _IDENTITY, data_dir / f"{_IDENTITY}.{os.getpid()}"
    if not file.exists() and data_dir.is_dir():
        with suppress(OSError), owners_alone():
            whole.write_text(uuid4().hex, encoding="ascii")
            os.link(whole, file)  # unless another process has just done so
        whole.unlink(missing_ok=True)
    number = file.read_bytes() if file.is_file() else b""
    return hashlib.sha256(os.fsencode(os.path.realpath(data_dir)) + number).hexdigest()[:16]


def opened(place: Place, timeout_s: float) -> ClientAPI:
    """The client of a place; the caller holds ``GUARD``.

    :param timeout_s: how long a server may take for an answer
    """
    if place not in _clients:
        import chromadb
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        if isinstance(place, Path):
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            _clients[place] = chromadb.PersistentClient(str(place), settings=settings)
        else:
            _clients[place] = _connected(*place, settings, timeout_s)
    return _clients[place]


def closed(place: Place) -> None:
    """Closes the client of a place, so that the next use sees what other processes wrote."""
    with GUARD:
        client: Any = _clients.pop(place, None)
        if client is not None:
            client.close()
            for session in _sessions(client):  # the connections to a server, which close() leaves open
                session.close()


def took_too_long(error: Exception) -> bool:
    """Whether a server's time was up."""
    import httpx

    return isinstance(error, httpx.TimeoutException)


@contextmanager
def owners_alone() -> Iterator[None]:
    """A block within which new files are their owner's alone; Chroma knows no such setting."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turns what Chroma and its transport raise, which is anything, into a :class:`StoreError`."""
    try:
        yield
    except StoreError:
        raise
    except Exception as error:
        said = (str(error).splitlines() or [""])[0]
        raise StoreError(
            f"Chroma at {url} failed: {type(error).__name__}: {said}",
            "the archive is safe: `sayso repair` builds Chroma again from it",
        ) from error


def _connected(host: str, port: int, settings: Settings, timeout_s: float) -> ClientAPI:
    """A client that waits for an answer so long and no longer; Chroma's own waits for ever.

    Making one asks the server already, so whether it answers at all is asked first.
    """
    import chromadb
    import httpx

    httpx.get(f"http://{host}:{port}/api/v2/heartbeat", timeout=timeout_s, trust_env=False).raise_for_status()
    client = chromadb.HttpClient(host=host, port=port, settings=settings)
    for session in _sessions(client):
        session.timeout = timeout_s
    return client


def _sessions(client: Any) -> list[Any]:
    """The HTTP sessions of a client; none where it is embedded."""
    found = [getattr(part._server, "_session", None) for part in (client, client._admin_client)]
    return [session for session in found if session is not None]
