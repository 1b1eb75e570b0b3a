"""What the fake Bot API server refuses, through python-telegram-bot and in Telegram's words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from telegram import (
    Bot,
    BotCommandScopeChat,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError

from tests.botapi import BotApi, Group, Person
from tests.botapi.client import article, keyboard, run

Work = Callable[[Bot, Person], Awaitable[Any]]
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
LABELS = InlineKeyboardMarkup([[InlineKeyboardButton("x" * 200, callback_data="x")]] * 50)
BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton(str(n), callback_data="x") for n in range(8)]] * 13)
REFUSED: dict[str, tuple[Work, str]] = {
    "empty": (lambda b, a: b.send_message(a.id, ""), "message text is empty"),
    "blank": (lambda b, a: b.send_message(a.id, "<b> </b>\n", "HTML"), "text must be non-empty"),
    "long": (lambda b, a: b.send_message(a.id, "<b>" + "x" * 4097 + "</b>", "HTML"), "message is too long"),
    "many bytes": (lambda b, a: b.send_message(a.id, "<b></b>" * 5000 + "x", "HTML"), "message is too long"),
    "caption": (lambda b, a: b.send_document(a.id, b"x", "c" * 1025), "message caption is too long"),
    "no bytes": (lambda b, a: b.send_document(a.id, b"", filename="a"), "file must be non-empty"),
    "no file": (lambda b, a: b.send_document(a.id, "x"), "there is no document in the request"),
    "mode": (lambda b, a: b.send_message(a.id, "x", "BBCode"), "unsupported parse_mode"),
    "no chat": (lambda b, a: b.send_message(4, "x"), "chat not found"),
    "no name": (lambda b, a: b.send_message("@nobody", "x"), "chat not found"),
    "no topic": (lambda b, a: b.send_message(a.id, "x", message_thread_id=3), "message thread not found"),
    "reply": (
        lambda b, a: b.send_message(a.id, "x", reply_parameters=ReplyParameters(9)),
        "message to be replied not found",
    ),
    "edit": (lambda b, a: b.edit_message_text("x", a.id, 9), "message to edit not found"),
    "not mine": (lambda b, a: b.edit_message_text("x", a.id, a.says("y").message_id), "message can't be edited"),
    "delete": (lambda b, a: b.delete_message(a.id, 9), "message to delete not found"),
    "action": (lambda b, a: b.send_chat_action(a.id, "think"), "wrong parameter action in request"),
    "data": (
        lambda b, a: b.send_message(a.id, "x", reply_markup=keyboard(callback_data="ü" * 33)),
        "BUTTON_DATA_INVALID",
    ),
    "copy": (
        lambda b, a: b.send_message(a.id, "x", reply_markup=keyboard(copy_text=CopyTextButton("c" * 257))),
        "BUTTON_COPY_TEXT_INVALID",
    ),
    "link": (
        lambda b, a: b.send_message(a.id, "x", reply_markup=keyboard(url="javascript:1")),
        "inline keyboard button URL 'javascript:1' is invalid: Wrong HTTP URL",
    ),
    "no action": (
        lambda b, a: b.send_message(a.id, "x", reply_markup=keyboard()),
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    "no label": (
        lambda b, a: b.send_message(a.id, "x", reply_markup={"inline_keyboard": [[{"callback_data": "x"}]]}),
        "can't parse inline keyboard button: Can't find field \"text\"",
    ),
    "keyboard": (lambda b, a: b.send_message(a.id, "x", reply_markup=LABELS), "reply markup is too long"),
    "buttons": (lambda b, a: b.send_message(a.id, "x", reply_markup=BUTTONS), "reply markup is too long"),
    "query": (lambda b, a: b.answer_callback_query("1"), TOO_OLD),
    "notice": (lambda b, a: b.answer_callback_query(_press(a), "x" * 201), "MESSAGE_TOO_LONG"),
    "file": (lambda b, a: b.get_file("x"), "wrong file_id or the file is temporarily unavailable"),
    "big file": (
        lambda b, a: b.get_file(a.uploads(b"x", size=21 << 20).media["document"]["file_id"]),
        "file is too big",
    ),
    "command": (lambda b, a: b.set_my_commands([("Ask", "x")]), "BOT_COMMAND_INVALID"),
    "description": (lambda b, a: b.set_my_commands([("ask", "x" * 257)]), "BOT_COMMAND_DESCRIPTION_INVALID"),
    "language": (lambda b, a: b.set_my_commands([], language_code="eng"), "invalid language code specified"),
    "scope": (lambda b, a: b.set_my_commands([], BotCommandScopeChat(5)), "chat not found"),
    "page": (lambda b, a: b.set_my_description("x" * 513), "description is too long"),
    "short page": (lambda b, a: b.set_my_short_description("x" * 121), "short description is too long"),
    "webhook": (
        lambda b, a: b.set_webhook("http://example.org"),
        "bad webhook: An HTTPS URL must be provided for webhook",
    ),
    "port": (
        lambda b, a: b.set_webhook("https://example.org:8080"),
        "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
    ),
    "secret": (
        lambda b, a: b.set_webhook("https://example.org", secret_token="a b"),
        "secret token contains unallowed characters",
    ),
    "leave": (lambda b, a: b.leave_chat(a.id), "chat member status can't be changed in private chats"),
    "results": (
        lambda b, a: b.answer_inline_query(_inline(a), [article(str(n)).to_dict() for n in range(51)]),
        "RESULTS_TOO_MUCH",
    ),
    "result id": (lambda b, a: b.answer_inline_query(_inline(a), [article("ü" * 33)]), "RESULT_ID_INVALID"),
    "same id": (lambda b, a: b.answer_inline_query(_inline(a), [article(), article()]), "RESULT_ID_DUPLICATE"),
    "result title": (lambda b, a: b.answer_inline_query(_inline(a), [article(title=" ")]), "ARTICLE_TITLE_EMPTY"),
    "result text": (lambda b, a: b.answer_inline_query(_inline(a), [article(text="x" * 4097)]), "message is too long"),
    "inline query": (lambda b, a: b.answer_inline_query("1", [article()]), TOO_OLD),
}  # fmt: skip


def _press(ann: Person) -> str:
    return ann.sends_callback("x", ann.says("y")).id


def _inline(ann: Person) -> str:
    return ann.asks_inline("x").id


@pytest.mark.parametrize("case", REFUSED)
def test_what_telegram_refuses_is_refused_in_its_words(api: BotApi, ann: Person, case: str) -> None:
    work, words = REFUSED[case]
    with pytest.raises(BadRequest):
        run(api, lambda bot: work(bot, ann))
    assert api.calls[-1].error == f"Bad Request: {words}"
    assert ann.received == []


def test_an_edit_that_changes_nothing_is_refused(api: BotApi, ann: Person) -> None:
    async def work(bot: Bot) -> None:
        sent = await bot.send_message(ann.id, "<b>x</b>", "HTML")
        for edit in (sent.edit_text("<strong>x</strong>", "HTML"), sent.edit_reply_markup()):
            with pytest.raises(BadRequest):
                await edit
            assert api.calls[-1].error == NOT_MODIFIED
        await sent.edit_text("x")  # other entities are a change

    run(api, work)


def test_an_expired_query_and_a_message_that_the_person_deleted_are_refused(api: BotApi, ann: Person) -> None:
    async def work(bot: Bot) -> None:
        sent = await bot.send_message(ann.id, "x", reply_markup=keyboard(callback_data="y"))
        press = ann.presses("Press")
        press.expired = True
        ann.deletes(ann.received[0])
        with pytest.raises(BadRequest, match="too old"):
            await bot.answer_callback_query(press.id)
        with pytest.raises(BadRequest, match="edit not found"):
            await sent.edit_text("z")

    run(api, work)


def test_the_bot_cannot_write_where_it_is_not_wanted(api: BotApi, ann: Person) -> None:
    club = Group(api, "Club")

    async def work(bot: Bot) -> None:
        ann.blocks()
        for call in (bot.send_message(ann.id, "x"), bot.send_chat_action(ann.id, "typing")):
            with pytest.raises(Forbidden, match="bot was blocked by the user"):
                await call
        ann.unblocks()
        await bot.send_message(ann.id, "x")
        await bot.leave_chat(club.chat.id)
        with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
            await bot.send_message(club.chat.id, "x")

    run(api, work)


@pytest.mark.parametrize(
    ("token", "code", "words"), [("123:" + "a" * 35, 401, "Unauthorized"), ("nonsense", 404, "Not Found")]
)
def test_a_wrong_token_is_turned_away(api: BotApi, token: str, code: int, words: str) -> None:
    with pytest.raises(InvalidToken):
        run(api, lambda bot: bot.get_me(), token)
    for url in (f"{api.base_url}{token}/getMe", f"{api.base_file_url}{token}/documents/file_1.txt"):
        assert httpx.get(url).json() == {"ok": False, "error_code": code, "description": words}


def test_a_method_that_is_not_there_is_not_found(api: BotApi) -> None:
    with pytest.raises(TelegramError, match="not found"):
        run(api, lambda bot: bot.do_api_request("makeCoffee"))
    assert api.calls[-1].error == "Not Found: method not found"
