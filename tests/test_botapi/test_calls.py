"""The fake Bot API server, seen through python-telegram-bot: what it takes, what it refuses, how it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    MessageEntity,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    Conflict,
)

from tests.botapi import BotApi, Group, Person
from tests.botapi.client import article, connect, keyboard, run

Work = Callable[[Bot, Person], Awaitable[Any]]
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


# What is taken


def test_a_message_arrives_with_its_text_entities_buttons_and_reply(api: BotApi, ann: Person) -> None:
    question = ann.says("Who paid for the bridge?")
    link = '<a href="https://example.org/?a=1&amp;b=2">Bridge</a>'
    markup = f"“<b>The town 🏛 paid</b>” ¹\n<blockquote expandable>¹ {link}</blockquote>"
    reply, press = ReplyParameters(question.message_id), keyboard(callback_data="m")
    sent = run(api, lambda b: b.send_message(ann.id, markup, "HTML", reply_parameters=reply, reply_markup=press))
    (answer,) = ann.received
    assert answer.text == sent.text == "“The town 🏛 paid” ¹\n¹ Bridge"
    assert answer.spans("bold") == list(sent.parse_entities(["bold"]).values()) == ["The town 🏛 paid"]
    assert answer.spans("expandable_blockquote") == ["¹ Bridge"]
    assert sent.parse_entities(["text_link"]) == {sent.entities[-1]: "Bridge"}
    assert sent.entities[-1].url == "https://example.org/?a=1&b=2"
    assert answer.reply_to is question and sent.reply_to_message.text == question.text
    assert answer.buttons == ["Press"] and answer.message_id > question.message_id


def test_what_a_person_does_reaches_the_bot_as_updates(api: BotApi, ann: Person) -> None:
    club = Group(api, "Chess ♟", topics={7})
    first = ann.says("/ask@sayso_test_bot 😀 why")
    ann.edits(first, "/ask how")
    ann.says("سلام", club, topic=7)
    ann.uploads(b"abc", "‮txt.exe", mime_type="text/plain", size=10)
    for send in (ann.sends_photo, ann.sends_sticker, ann.sends_voice):
        send()
    ann.blocks()
    api.push({"comet": {"tail": 1}})
    updates: tuple[Update, ...] = run(api, lambda bot: bot.get_updates(timeout=1))
    said, edited, grouped, document, photo, sticker, voice, blocked, unknown = updates
    assert [u.update_id - said.update_id for u in updates] == list(range(9))
    assert said.message.parse_entities([MessageEntity.BOT_COMMAND]) == {said.message.entities[0]: "/ask@sayso_test_bot"}
    assert (edited.edited_message.text, edited.edited_message.message_id) == ("/ask how", first.message_id)
    assert (
        grouped.message.chat.is_forum and grouped.message.message_thread_id == 7 and grouped.message.chat_id < -(10**12)
    )
    assert (document.message.document.file_size, document.message.document.file_name) == (10, "‮txt.exe")
    assert photo.message.photo and sticker.message.sticker and voice.message.voice
    assert blocked.my_chat_member.new_chat_member.status == "kicked"
    assert unknown.effective_user is None and "comet" in unknown.api_kwargs


def test_a_button_press_is_answered_once(api: BotApi, ann: Person) -> None:
    async def work(bot: Bot) -> None:
        await bot.send_message(ann.id, "?", reply_markup=keyboard(callback_data="more"))
        press = ann.presses("Press")
        (update,) = await bot.get_updates()
        assert update.callback_query.data == "more" and update.callback_query.message.text == "?"
        await update.callback_query.answer("here", show_alert=True)
        assert press.answer == {"callback_query_id": press.id, "text": "here", "show_alert": "true"}
        with pytest.raises(BadRequest, match="too old"):
            await update.callback_query.answer()

    run(api, work)


def test_an_inline_query_gets_results_and_a_choice(api: BotApi, ann: Person) -> None:
    async def work(bot: Bot) -> None:
        query = ann.asks_inline("bridge")
        (update,) = await bot.get_updates(allowed_updates=Update.ALL_TYPES)
        await update.inline_query.answer([article(text="<i>q</i>")], cache_time=5, is_personal=True)
        assert query.answer is not None and query.answer["results"][0]["shown"].spans("italic") == ["q"]
        ann.chooses(query)
        (chosen,) = await bot.get_updates(update.update_id + 1)
        assert chosen.chosen_inline_result.result_id == "1"

    run(api, work)


def test_messages_are_edited_and_deleted(api: BotApi, ann: Person) -> None:
    async def work(bot: Bot) -> None:
        sent = await bot.send_message(ann.id, "one", reply_markup=keyboard(callback_data="m"))
        assert (await sent.edit_text("<b>two</b>", "HTML")).text == "two"
        await sent.edit_reply_markup(keyboard(url="https://example.org"))
        (shown,) = ann.received
        assert (shown.text, [h.text for h in shown.history]) == ("two", ["one", "two"])
        await sent.delete()
        assert ann.received == []

    run(api, work)


def test_files_go_both_ways(api: BotApi, ann: Person) -> None:
    content = bytes(range(256)) * 50 + b"\r\n"

    async def work(bot: Bot) -> None:
        ann.uploads(content, "notes ü.txt")
        (update,) = await bot.get_updates()
        file = await update.message.document.get_file()
        assert bytes(await file.download_as_bytearray()) == content
        await bot.send_document(ann.id, content, "<b>all</b>", filename="mine.txt", parse_mode="HTML")
        (shown,) = ann.received
        assert shown.text == "all" and shown.media["document"]["file_name"] == "mine.txt"
        assert api.world.files[shown.media["document"]["file_id"]].content == content

    run(api, work)


def test_the_bots_page_is_kept_by_scope_and_language(api: BotApi, ann: Person) -> None:
    async def work(bot: Bot) -> None:
        scope = BotCommandScopeChat(ann.id)
        await bot.set_my_commands([BotCommand("ask", "Ask")])
        await bot.set_my_commands([BotCommand("ask", "پوچھیں")], scope, "ur")
        assert (await bot.get_my_commands(scope, "ur"))[0].description == "پوچھیں"
        await bot.delete_my_commands(scope, "ur")
        assert await bot.get_my_commands(scope, "ur") == ()
        assert (await bot.get_my_commands())[0].description == "Ask"
        await bot.set_my_description("d" * 512, "ru")
        await bot.set_my_short_description("s" * 120)
        assert (await bot.get_my_description("ru")).description == "d" * 512
        assert (await bot.get_my_short_description()).short_description == "s" * 120
        assert (await bot.get_me()).supports_inline_queries and (await bot.get_chat(ann.id)).first_name == "Ann"

    run(api, work)


# Polling and webhook


def test_an_update_stays_until_a_higher_offset_is_asked_for(api: BotApi, ann: Person) -> None:
    for text in "abc":
        ann.says(text)

    async def work(bot: Bot) -> list[str]:
        first, *_ = await bot.get_updates(limit=1)
        seen = [await bot.get_updates(), await bot.get_updates(first.update_id + 1), await bot.get_updates(-1)]
        return ["".join(u.message.text for u in updates) for updates in [*seen, await bot.get_updates()]]

    assert run(api, work) == ["abc", "bc", "c", "c"]


def test_a_poll_waits_for_the_first_update(api: BotApi, ann: Person) -> None:
    async def work(bot: Bot) -> str:
        poll = asyncio.create_task(bot.get_updates(timeout=10))
        await asyncio.to_thread(api.wait_for, lambda: api.world.updates.waiting)
        ann.says("now")
        return (await poll)[0].message.text

    assert run(api, work) == "now"


def test_updates_that_were_not_asked_for_never_come(api: BotApi, ann: Person) -> None:
    async def work(bot: Bot) -> list[bool]:
        await bot.get_updates(allowed_updates=["message"])
        ann.asks_inline("x")
        ann.says("y")
        return [update.message is not None for update in await bot.get_updates()]

    assert run(api, work) == [True]


def test_the_second_poller_ends_the_first(api: BotApi, ann: Person) -> None:
    async def work(bot: Bot) -> None:
        first = asyncio.create_task(bot.get_updates(timeout=10))
        await asyncio.to_thread(api.wait_for, lambda: api.world.updates.waiting)
        async with connect(api) as other:
            assert await other.get_updates() == ()
        with pytest.raises(Conflict, match="make sure that only one bot instance is running"):
            await first

    run(api, work)


def test_a_webhook_excludes_polling_and_is_told_again_until_it_takes_an_update(api: BotApi, ann: Person) -> None:
    async def work(bot: Bot) -> list[tuple[str, str]]:
        seen: list[tuple[str, str]] = []

        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            seen.append((head.split()[1], head.lower().partition("secret-token: ")[2].split()[0]))
            writer.write(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % (b"500 No" if len(seen) == 1 else b"200 OK"))
            writer.close()

        server = await asyncio.start_server(take, "127.0.0.1", 0)
        await bot.set_webhook("https://example.org/secret/path", secret_token="s3cret")
        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await bot.get_updates()
        ann.says("a")
        assert (await bot.get_webhook_info()).pending_update_count == 1
        api.webhook.forward(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(api.wait_for, lambda: not api.world.updates.pending)
        await bot.delete_webhook()
        assert await bot.get_updates() == ()
        server.close()
        await server.wait_closed()
        return seen

    assert run(api, work) == [("/secret/path", "s3cret")] * 2
