"""What Telegram shows of the bot before anybody writes: what it is, and its commands, by language and audience."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from telegram import Bot, BotCommandScope, BotCommandScopeAllGroupChats, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import BadRequest, TelegramError

from bot.telegram_app.texts import DEFAULT, Texts, languages

_GROUPS = ("ask", "sources", "settings", "help")  # of the commands for everyone
_log = logging.getLogger(__name__)


async def set_menus(bot: Bot, admins: Sequence[int]) -> None:
    """Sets all menus and descriptions; what cannot be set is logged, for the bot works without."""
    try:
        for texts in languages().values():
            await _describe(bot, texts)
            commands = texts.commands()
            await _set(bot, commands, BotCommandScopeDefault(), texts)
            in_groups = [(name, told) for name, told in commands if name in _GROUPS]
            await _set(bot, in_groups, BotCommandScopeAllGroupChats(), texts)
        for admin in admins:
            await set_admin_menu(bot, admin)
    except TelegramError as error:
        _log.warning("the menus could not be set: %s", type(error).__name__)


async def set_admin_menu(bot: Bot, user_id: int) -> None:
    """Shows an admin the admins' commands too, in the chat with the bot, if there is one."""
    for texts in languages().values():
        try:
            await _set(bot, [*texts.commands(), *texts.commands("admins")], BotCommandScopeChat(user_id), texts)
        except BadRequest:  # an admin by the settings who has not written yet
            _log.info("admin %d has no chat with the bot yet", user_id)


async def _set(bot: Bot, commands: Sequence[tuple[str, str]], scope: BotCommandScope, texts: Texts) -> None:
    await bot.set_my_commands(commands, scope, _code(texts))


async def _describe(bot: Bot, texts: Texts) -> None:
    await bot.set_my_description(texts("bot.description"), _code(texts))
    await bot.set_my_short_description(texts("bot.short_description"), _code(texts))


def _code(texts: Texts) -> str | None:
    """None for the language of all who have no menu of their own."""
    return None if texts.language == DEFAULT else texts.language
