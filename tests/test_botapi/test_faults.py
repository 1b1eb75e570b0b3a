"""How the fake Bot API server fails on request, and its parts by themselves."""

from __future__ import annotations

import html
import random
import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot
from telegram.error import BadRequest, Conflict, NetworkError, RetryAfter, TelegramError, TimedOut

from tests.botapi import BotApi, Fault, Group, Person, Refusal
from tests.botapi.client import run
from tests.botapi.entities import parse_html, utf16_length
from tests.botapi.faults import Kind
from tests.botapi.parameters import read_parameters
from tests.botapi.updates import Updates

FAILS: dict[Kind, type[TelegramError]] = {
    "429": RetryAfter,
    "409": Conflict,
    "502": NetworkError,
    "drop": NetworkError,
    "reset": NetworkError,
    "timeout": TimedOut,
    "bad_json": TelegramError,
}


@pytest.mark.parametrize("kind", FAILS)
@pytest.mark.parametrize("done", [None, False, True])
def test_a_call_fails_before_or_after_its_work(api: BotApi, ann: Person, kind: Kind, done: bool | None) -> None:
    api.inject(Fault(kind, "sendMessage", nth=(1,), done=done))

    async def work(bot: Bot) -> None:
        with pytest.raises(FAILS[kind]) as error:
            await bot.send_message(ann.id, "x", read_timeout=0.2)
        assert type(error.value) is FAILS[kind]
        arrived = kind in ("reset", "timeout") if done is None else done and kind not in ("429", "409")
        assert len(ann.received) == arrived and bool(api.calls_of("sendMessage")[0].result) == arrived
        await bot.send_message(ann.id, "x")
        assert len(ann.received) == 1 + arrived  # so that a resend shows as a duplicate

    run(api, work)
    assert [call.fault for call in api.calls_of("sendMessage")] == [kind, ""]


def test_a_429_says_how_long_to_wait(api: BotApi, ann: Person) -> None:
    api.inject(Fault("429", retry_after=7, method="send*"))
    with pytest.raises(RetryAfter, match="Retry in 0:00:07"):
        run(api, lambda bot: bot.send_message(ann.id, "x"))


def test_a_download_fails_as_the_method_file(api: BotApi, ann: Person) -> None:
    document = ann.uploads(b"x").media["document"]["file_id"]
    api.inject(Fault("502", "file"))

    async def work(bot: Bot) -> None:
        file = await bot.get_file(document)
        with pytest.raises(NetworkError):
            await file.download_as_bytearray()
        api.heal()
        assert await file.download_as_bytearray() == b"x"

    run(api, work)


def test_kinds_take_turns_and_a_rule_ends() -> None:
    fault = Fault(("429", "502", "reset"), nth=(2, 3, 5, 7, 8), times=4)
    dice = random.Random(0)
    struck = [fault.strikes("getMe", dice) for _ in range(9)]
    assert [strike and strike.kind for strike in struck] == [None, "429", "502", None, "reset", None, "429", None, None]


def test_a_share_of_the_calls_fails_the_same_ones_for_the_same_seed() -> None:
    def struck(seed: int) -> list[bool]:
        fault, dice = Fault("502", probability=0.05), random.Random(seed)
        return [fault.strikes("sendMessage", dice) is not None for _ in range(2_000)]

    assert struck(1) == struck(1) != struck(2)
    assert 60 < sum(struck(1)) < 140


def test_limits_are_kept_when_asked_for() -> None:
    with BotApi(limits=True) as api:
        ann, club = Person(api), Group(api, "Club")

        async def work(bot: Bot) -> None:
            for _ in range(4):
                await bot.send_message(ann.id, "x")
            with pytest.raises(RetryAfter):
                await bot.send_message(ann.id, "x")
            await bot.send_chat_action(ann.id, "typing")
            for _ in range(20):
                await bot.send_message(club.chat.id, "x")
            with pytest.raises(RetryAfter):
                await bot.send_message(club.chat.id, "x")

        run(api, work)
        assert len(ann.received) == 4 and len(club.chat.from_bot()) == 20


def test_waiting_for_what_does_not_come_says_so(api: BotApi, ann: Person) -> None:
    with pytest.raises(AssertionError, match="not so within"):
        api.wait_for(lambda: ann.received, 0.01)


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("a<br>b", 'Unsupported start tag "br" at byte offset 1'),
        ("ü<p>x</p>", 'Unsupported start tag "p" at byte offset 2'),
        ("<!-- x -->", 'Unsupported start tag "!--" at byte offset 0'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<b open>x</b>", 'Expected equal sign in declaration of an attribute of the tag "b" at byte offset 0'),
        ("x&nbsp;y", 'Unsupported entity "&nbsp;": write & as &amp;'),
        ("A & B", 'Unsupported entity "&": write & as &amp;'),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "Blockquotes can't be nested at byte offset 26"),
    ],
)
def test_html_is_refused_as_telegram_refuses_it(markup: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_html(markup)
    assert str(refused.value) == f"Bad Request: can't parse entities: {words}"


def test_a_refused_text_is_a_bad_request(api: BotApi, ann: Person) -> None:
    with pytest.raises(BadRequest, match='unsupported start tag "br"'):
        run(api, lambda bot: bot.send_message(ann.id, "<br>", "HTML"))


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"))
TAGS = {"b": "bold", "i": "italic", "u": "underline", "s": "strikethrough", "code": "code"}


@given(st.lists(st.tuples(TEXT, st.sampled_from([*TAGS, ""]))))
def test_what_is_escaped_is_read_as_it_was(pieces: list[tuple[str, str]]) -> None:
    markup = "".join(f"<{tag}>{html.escape(text)}</{tag}>" if tag else html.escape(text) for text, tag in pieces)
    read = parse_html(markup)
    assert read.text == "".join(text for text, _ in pieces)
    for tag, kind in TAGS.items():
        assert read.spans(kind) == [text for text, given in pieces if given == tag and text]
    assert all(e["offset"] + e["length"] <= utf16_length(read.text) for e in read.entities)


@given(st.text(alphabet="<>/&;#ab \"'=x1", max_size=40))
def test_any_html_is_read_or_refused(markup: str) -> None:
    try:
        read = parse_html(markup)
    except Refusal:
        return
    assert len(read.text) <= len(markup)


@given(st.binary(), st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_an_upload_arrives_byte_for_byte(content: bytes, name: str) -> None:
    border = "----border"
    head = f'--{border}\r\nContent-Disposition: form-data; name="document"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{border}--\r\n".encode()
    read = read_parameters("", f"multipart/form-data; boundary={border}", body)
    assert read.files == {"document": (name, content)}


@given(st.lists(st.one_of(st.none(), st.integers(0, 6))))
def test_no_update_is_lost_before_it_is_confirmed(steps: list[int | None]) -> None:
    updates = Updates(threading.Condition(), first=1)
    sent, confirmed = 0, 0
    for step in steps:
        if step is None:
            sent = updates.add({"message": {}}) or sent
        else:
            offset = max(1, confirmed + step - 2)
            seen = [update["update_id"] for update in updates.poll(offset, 100, 0, None)]
            confirmed = max(confirmed, min(offset - 1, sent))
            assert seen == list(range(confirmed + 1, sent + 1))


def test_rules_are_matched_by_method_without_case() -> None:
    matches: Callable[[str], bool] = lambda method: bool(Fault("502", "send*").strikes(method, random.Random(0)))  # noqa: E731
    assert matches("sendMessage") and matches("SENDDOCUMENT") and not matches("getUpdates")
