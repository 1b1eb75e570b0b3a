"""No secret, no question and no name gets into the log, wherever it stood."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import traceback
import warnings
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Literal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot
from telegram.error import InvalidToken

from bot.telegram_app.redaction import Redactor, set_up
from retrieval.errors import InputError

TOKEN = "123456789:AAE-x_yz0123456789abcdefghijklmnopq"
SECRET = TOKEN.partition(":")[2]
Form = Literal["json", "text"]


@pytest.fixture(params=["json", "text"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the service writes; the logging of the test run is put back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up(stream, request.param, Redactor([TOKEN, "webhook-secret-1"]))
    yield stream
    logging.captureWarnings(False)
    root.handlers[:], root.level = before, level


@pytest.fixture
def refusing() -> Iterator[str]:
    """A server that answers every request as Telegram does for an unknown token."""

    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = b'{"ok": false, "error_code": 401, "description": "Unauthorized"}'
            self.send_response(401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/bot"
        server.shutdown()


def raised(work: Callable[[], object]) -> BaseException:
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        work()
    return caught.value


def test_the_token_that_ptb_quotes_is_not_logged(log: io.StringIO, refusing: str) -> None:
    error = raised(lambda: asyncio.run(Bot(TOKEN, base_url=refusing).initialize()))
    assert isinstance(error, InvalidToken) and TOKEN in str(error)
    logging.getLogger("bot.telegram_app.app").error("cannot start: %s", error, exc_info=error)
    logging.getLogger("telegram.ext.Updater").error("Invalid token %s", TOKEN, exc_info=error)
    assert SECRET not in log.getvalue() and "telegram.error.InvalidToken" in log.getvalue()


def test_httpx_does_not_log_its_addresses(log: io.StringIO, refusing: str) -> None:
    httpx.get(f"{refusing}{TOKEN}/getMe")
    assert log.getvalue() == ""


@pytest.mark.parametrize("logger", ["bot.x", "httpx", "telegram.ext", "asyncio"])
def test_an_error_with_the_address_in_it_is_logged_without_the_token(
    log: io.StringIO, refusing: str, logger: str
) -> None:
    error = raised(lambda: httpx.get(f"{refusing}{TOKEN}/getMe").raise_for_status())
    assert TOKEN in str(error)
    logging.getLogger(logger).error("failed: %r", error, exc_info=error)
    logging.getLogger(logger).error(f"failed: {refusing}{TOKEN.replace(':', '%3A')}/getMe")
    assert SECRET not in log.getvalue() and "<token>" in log.getvalue()


def test_an_exception_that_leaves_the_service_has_no_token_in_its_chain(refusing: str) -> None:
    def fail() -> None:
        try:
            httpx.get(f"{refusing}{TOKEN}/getMe").raise_for_status()
        except httpx.HTTPStatusError as error:
            raise InvalidToken(f"The token `{TOKEN}` was rejected by the server.") from error

    error = raised(fail)
    Redactor([TOKEN]).error(error)
    assert SECRET not in "".join(traceback.format_exception(error)) + repr(error)
    assert "<token>" in str(error)


def test_the_secret_of_the_webhook_and_another_bots_token_are_secrets_too() -> None:
    clean = Redactor([TOKEN, "webhook-secret-1"]).text(f"/hook/webhook-secret-1 {SECRET} 987654321:{'B' * 35}")
    assert clean == "/hook/<token> <token> <token>"


@given(st.text(), st.text())
def test_no_text_keeps_the_token(before: str, after: str) -> None:
    assert TOKEN not in Redactor([TOKEN]).text(before + TOKEN + after)


@given(st.text(alphabet=st.characters(exclude_characters=":%"), max_size=200))
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert Redactor(["webhook-secret-1"]).text(text) == text


def test_updates_that_other_packages_quote_are_not_logged(log: io.StringIO) -> None:
    error = ValueError("who paid Ines Ferro?")
    ptb = logging.getLogger("telegram.ext.Application")
    ptb.critical("Received data was %r", {"text": "who paid Ines Ferro?"}, exc_info=error)
    ptb.critical("update %s of %d", "who paid Ines Ferro?", 7)
    ptb.error('Can not load invalid JSON data: "%s"', '{"text": "who paid Ines Ferro?')
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task who paid Ines Ferro?>")
    assert "Ferro" not in log.getvalue()
    assert "update <str> of 7" in log.getvalue() and "builtins.ValueError" in log.getvalue()


def test_errors_that_quote_nothing_keep_their_words_and_all_keep_their_lines_of_code(log: io.StringIO) -> None:
    asked = "who " + "paid Ines Ferro?"  # not as the line of code has it

    def fail() -> None:
        raise InputError("the answer is not kept") from ValueError(asked)

    logging.getLogger("bot.x").exception("failed", exc_info=raised(fail))
    told = log.getvalue()
    assert "the answer is not kept" in told and asked not in told and "in fail" in told


def test_a_line_of_json_is_one_record_with_its_fields() -> None:
    stream = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    set_up(stream, "json", Redactor())
    logging.getLogger("bot.x").info("answered\nin %d ms", 12, extra={"update": 7, "seconds": 0.5})
    logging.captureWarnings(False)
    root.handlers[:], root.level = before, level
    record = json.loads(stream.getvalue())
    assert record.pop("time").endswith("+00:00")
    assert record == {
        "level": "info", "logger": "bot.x", "message": "answered\nin 12 ms", "update": 7, "seconds": 0.5,
    }  # fmt: skip


def test_a_line_of_text_is_one_line_whatever_is_in_it(log: io.StringIO) -> None:
    logging.getLogger("bot.x").warning("refused: %s", "a\nforged line", extra={"update": 7})
    assert len(log.getvalue().splitlines()) == 1


def test_a_record_that_cannot_be_written_is_told_without_its_words(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    [ours] = [each for each in logging.getLogger().handlers if getattr(each, "stream", None) is log]
    ours.handle(logging.LogRecord("bot.x", logging.ERROR, __file__, 7, "%d answers", ("who paid Ines Ferro?",), None))
    assert "a record of bot.x at line 7" in log.getvalue()
    assert "Ferro" not in log.getvalue() + capsys.readouterr().err


def test_warnings_are_logged_too(log: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(f"careful with {TOKEN}", stacklevel=1)
    assert "warning" in log.getvalue() and SECRET not in log.getvalue()


def test_errors_that_led_to_each_other_in_a_circle_are_told_once(log: io.StringIO) -> None:
    first, second = InputError("one"), InputError("two")
    first.__cause__, second.__cause__ = second, first
    logging.getLogger("bot.x").error("failed", exc_info=first)
    assert log.getvalue().count("InputError: one") == 1
