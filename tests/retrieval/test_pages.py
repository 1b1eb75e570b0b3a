"""Pages come from public machines over https, within their limits, or not at all; here from a server on loopback."""

from __future__ import annotations

import ipaddress
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import corpus as engine_corpus
from retrieval.addresses import is_public, public_addresses
from retrieval.errors import InputError
from retrieval.pages import Page, fetch_page, is_address, keep_pages
from retrieval.settings import Corpus as CorpusSettings
from retrieval.types import Rejected

HOST, PUBLIC = "articles.example", "93.184.216.34"
PAGE = (
    b"<html><head><title>The lamp</title></head><body><p>Keeper Ada lit the harbour lamp at nine.</p>"
    b"<p>The ferry left at ten with forty people and a cow on board.</p></body></html>"
)
HTML = ("text/html; charset=utf-8", PAGE)

Answer = Callable[[BaseHTTPRequestHandler], None]


def page(kind: str, body: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def moved(to: str) -> Answer:
    return page("text/html", b"", 302, Location=to)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    while True:  # until the other side closes
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.02)


class Site:
    """A server on loopback, the names that lead to it, and whom it was asked for."""

    def __init__(self, port: int, trust: ssl.SSLContext) -> None:
        self.port, self.trust = port, trust
        self.answers: dict[str, Answer] = {"/": page(*HTML)}
        self.names: dict[str, list[str]] = {HOST: [PUBLIC]}
        self.resolved: list[str] = []
        self.connected: list[str] = []
        self.hosts: list[str | None] = []

    def resolve(self, host: str, port: int) -> list[str]:
        self.resolved.append(host)
        if host not in self.names:
            raise OSError("unknown")
        return self.names[host]

    def fetch(self, address: str, max_mb: int = 1, timeout_s: float = 20) -> Page:
        return fetch_page(address, max_mb, timeout_s, self.resolve, Wire(self), self.trust)


class Wire(httpcore.SyncBackend):
    """Leads every address to the server on loopback, and notes which it was."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def connect_tcp(self, host: str, port: int, *more: Any) -> httpcore.NetworkStream:
        self._site.connected.append(host)
        return super().connect_tcp("127.0.0.1", self._site.port, *more)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    key, cert = folder / "key.pem", folder / "cert.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}"]
    names = ["-addext", f"subjectAltName=DNS:{HOST},DNS:other.example", "-keyout", str(key), "-out", str(cert)]
    try:
        subprocess.run([*make, *names], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs openssl to make a certificate")
    return cert, key


@pytest.fixture
def site(certificate: tuple[Path, Path]) -> Iterator[Site]:
    made: list[Site] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made[0].hosts.append(self.headers["Host"])
            try:
                made[0].answers.get(self.path, page("text/html", b"", 404))(self)
            except OSError:  # the other side has closed
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None: ...

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    made.append(Site(server.server_address[1], ssl.create_default_context(cafile=str(certificate[0]))))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made[0]
    server.shutdown()
    server.server_close()
    thread.join()


# Which machines

NOT_PUBLIC = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "169.254.1.1",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "198.18.0.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "2002:a9fe:a9fe::",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2001:db8::1", "2001::1", "::127.0.0.1", "", "localhost",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_machine_of_no_public_network_is_not_asked(address: str) -> None:
    assert not is_public(address)
    for addresses in ([address], [PUBLIC, address], [address, PUBLIC]):
        with pytest.raises(InputError, match="no machine of the public Internet"):
            public_addresses(HOST, 443, lambda host, port, found=addresses: found)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"])
def test_a_public_machine_is_asked(address: str) -> None:
    assert public_addresses(HOST, 443, lambda host, port: [address]) == [address]


@given(st.ip_addresses(v=4))
def test_what_leads_to_an_address_is_as_public_as_the_address(number: ipaddress.IPv4Address) -> None:
    hidden = [f"::ffff:{number}", f"64:ff9b::{number}", str(ipaddress.IPv6Address((0x2002 << 112) | int(number) << 80))]
    assert {is_public(address) for address in hidden} == {is_public(str(number))}
    assert not is_public(str(number)) or number.is_global


# How they are asked


def test_a_page_is_fetched_from_the_very_address_that_was_checked(site: Site) -> None:
    assert site.fetch(f"https://{HOST}/#part") == Page(f"https://{HOST}/", ".html", "utf-8", PAGE)
    assert (site.resolved, site.connected, site.hosts) == ([HOST], [PUBLIC], [HOST])


def test_a_name_that_leads_elsewhere_the_second_time_is_asked_only_once(site: Site) -> None:
    """DNS rebinding: public when it is checked, loopback when it is connected to."""
    turns = iter([[PUBLIC], ["127.0.0.1"]])
    site.resolve = lambda host, port: next(turns)  # type: ignore[method-assign]
    site.fetch(f"https://{HOST}/")
    assert site.connected == [PUBLIC]
    with pytest.raises(InputError, match="public Internet"):
        site.fetch(f"https://{HOST}/")
    assert site.connected == [PUBLIC]


@pytest.mark.parametrize("inside", ["127.0.0.1", "169.254.169.254", "10.0.0.7", "::1"])
def test_a_redirect_to_a_machine_inside_is_not_followed(site: Site, inside: str) -> None:
    site.names.update({"other.example": [inside], inside: [inside]})
    literal = f"[{inside}]" if ":" in inside else inside
    for number, target in enumerate(("https://other.example/x", f"https://{literal}/latest/meta-data")):
        site.answers[f"/{number}"] = moved(target)
        with pytest.raises(InputError, match="no machine of the public Internet"):
            site.fetch(f"https://{HOST}/{number}")
    assert set(site.connected) == {PUBLIC}


@pytest.mark.parametrize(
    "literal", ["127.0.0.1", "[::1]", "2130706433", "0x7f.1", "127.1", "localhost", "[::ffff:127.0.0.1]"]
)
def test_no_way_of_writing_loopback_leads_there(literal: str) -> None:
    """By the system's own resolver, which knows them all."""
    with pytest.raises(InputError):
        fetch_page(f"https://{literal}:1/", 1, 5)


@pytest.mark.parametrize(
    "target", ["http://articles.example/", "file:///etc/passwd", "ftp://articles.example/", "data:text/html,x"]
)
def test_only_https_is_followed(site: Site, target: str) -> None:
    site.answers["/away"] = moved(target)
    with pytest.raises(InputError, match=r"https|address"):
        site.fetch(f"https://{HOST}/away")
    with pytest.raises(InputError, match=r"https|address"):
        site.fetch(target)


def test_a_redirect_is_followed_and_one_without_end_is_not(site: Site) -> None:
    site.names["other.example"] = [PUBLIC]
    site.answers.update({"/a": moved("b?x=1"), "/b?x=1": moved("https://other.example/"), "/round": moved("/round")})
    assert site.fetch(f"https://{HOST}/a").address == "https://other.example/"
    assert site.hosts[-1] == "other.example"
    with pytest.raises(InputError, match="redirected more than 5 times"):
        site.fetch(f"https://{HOST}/round")


def test_another_machines_certificate_is_refused(site: Site) -> None:
    site.names["third.example"] = [PUBLIC]
    with pytest.raises(InputError, match="certificate"):
        site.fetch("https://third.example/")
    with pytest.raises(InputError, match="certificate"):
        fetch_page(f"https://{HOST}/", 1, 20, site.resolve, Wire(site))  # nobody vouches for it


# What they send


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (page("text/html", b"x" * (1 << 20) + b"x"), "over the limit of 1 MB"),
        (page("text/html", b"\x1f\x8b", Content_Encoding="gzip"), "packed"),
        (page("application/pdf", b"%PDF"), "no reader for application/pdf"),
        (page("", b""), "no reader for a page of no stated type"),
        (page("text/html", b"gone", 404), "the server answers 404"),
        (moved(""), "redirected|address"),
        (lambda handler: handler.wfile.write(b"no HTTP at all\r\n\r\n"), "cannot be fetched"),
        (lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000), "cannot be fetched"),
    ],
)
def test_what_is_no_page_within_the_limits_is_refused(site: Site, answer: Answer, reason: str) -> None:
    site.answers["/"] = answer
    with pytest.raises(InputError, match=reason):
        site.fetch(f"https://{HOST}/")


def test_a_server_that_drips_is_left_at_the_deadline(site: Site) -> None:
    site.answers["/"] = dripping
    with pytest.raises(InputError, match=r"not there within 0\.5 s"):
        site.fetch(f"https://{HOST}/", timeout_s=0.5)


# What is kept


def test_a_page_is_kept_with_its_address_under_one_name(tmp_path: Path) -> None:
    found = Page(f'https://{HOST}/a"b/../<x>?y=1', ".html", "iso-8859-1", "<p>Café</p>".encode("latin-1"))
    (first,), refused = keep_pages(["https://articles.example/../../etc"], tmp_path / "pages", lambda address: found)
    (second,), _ = keep_pages(["https://articles.example/../../etc"], tmp_path / "pages", lambda address: found)
    assert first == second
    assert refused == []
    assert first.parent == tmp_path / "pages"
    assert first.name.startswith(f"{HOST}-")
    assert (first.stat().st_mode & 0o777, first.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [path.name for path in first.parent.iterdir()] == [first.name]


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_address_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, asked: str, found: str) -> None:
    folder = tmp_path_factory.mktemp("kept")
    try:
        asked.encode()
    except UnicodeEncodeError:
        return
    (path,), _ = keep_pages([asked], folder, lambda address: Page(f"https://{found}", ".txt", None, b"x"))
    assert path.resolve().parent == folder.resolve()


@pytest.fixture
def fetching(monkeypatch: pytest.MonkeyPatch, site: Site) -> Site:
    """The engine fetches from the server on loopback."""
    fetch = lambda address, max_mb, timeout_s: site.fetch(address, max_mb, timeout_s)  # noqa: E731
    monkeypatch.setattr(engine_corpus, "fetch_page", fetch)
    return site


def test_a_page_is_indexed_updated_and_cited_with_its_address(open_engine, fetching: Site) -> None:
    corpus = open_engine(corpus=CorpusSettings(urls=True))
    fetching.answers["/"] = page("text/html; charset=iso-8859-1", PAGE.replace(b"Ada", b"Ren\xe9e"))
    (added,) = corpus.index([f"https://{HOST}/"]).added
    reply = corpus.ask("Who lit the harbour lamp?")
    assert reply.citations[0].quote.text == "Keeper Renée lit the harbour lamp at nine."
    assert reply.citations[0].reference.url == f"https://{HOST}/"
    assert corpus.index([f"https://{HOST}/"]).unchanged == (added,)
    fetching.answers["/"] = page(*HTML)
    assert corpus.index([f"https://{HOST}/"]).updated == (added,)


def test_a_page_that_is_gone_keeps_its_article_and_is_reported(open_engine, fetching: Site) -> None:
    corpus = open_engine(corpus=CorpusSettings(urls=True))
    corpus.index([f"https://{HOST}/"])
    report = corpus.index([f"https://{HOST}/missing", "https://jane:secret@articles.example/", "http://a.example/"])
    assert report.rejected == (
        Rejected(f"https://{HOST}/missing", "the server answers 404", failed=True),
        Rejected("https://…@articles.example/", "an address with a password in it is not fetched", failed=True),
        Rejected("http://a.example/", "only https addresses are fetched", failed=True),
    )
    assert len(corpus.articles()) == 1


def test_nothing_is_fetched_unless_it_is_allowed(open_engine, fetching: Site) -> None:
    with pytest.raises(InputError, match="not fetched unless you allow it") as caught:
        open_engine().index([f"https://{HOST}/"])
    assert "[corpus] urls = true" in caught.value.hint
    assert fetching.resolved == []


@pytest.mark.parametrize(
    ("name", "address"), [("https://a", True), ("HTTP://a", True), ("a/b://c", False), ("a:b", False)]
)
def test_an_address_is_told_from_a_path(name: str, address: bool) -> None:
    assert is_address(name) is address
