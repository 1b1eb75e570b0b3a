"""The bot's own page: command menus, descriptions, and the webhook."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from tests.botapi.parameters import Parameters
from tests.botapi.refusal import Refusal
from tests.botapi.world import World

_SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat",
           "chat_administrators", "chat_member"}  # fmt: skip
_LONGEST = {"description": 512, "short_description": 120}


def set_my_commands(world: World, given: Parameters) -> Any:
    commands = given.object("commands", "commands")
    if not isinstance(commands, list):
        raise Refusal("can't parse commands JSON object")
    if len(commands) > 100:
        raise Refusal("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command.get("command", "").removeprefix("/")):
            raise Refusal("BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "").strip()) <= 256:
            raise Refusal("BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_place(world, given)] = commands
    return True


def delete_my_commands(world: World, given: Parameters) -> Any:
    world.commands.pop(_place(world, given), None)
    return True


def get_my_commands(world: World, given: Parameters) -> Any:
    return world.commands.get(_place(world, given), [])


def set_my_description(world: World, given: Parameters) -> Any:
    return _set_text(world, given, "description")


def get_my_description(world: World, given: Parameters) -> Any:
    return {"description": world.texts.get(("description", _language(given)), "")}


def set_my_short_description(world: World, given: Parameters) -> Any:
    return _set_text(world, given, "short_description")


def get_my_short_description(world: World, given: Parameters) -> Any:
    return {"short_description": world.texts.get(("short_description", _language(given)), "")}


def set_webhook(world: World, given: Parameters) -> Any:
    url, secret = given.text("url") or "", given.text("secret_token") or ""
    if url and urlsplit(url).scheme != "https":
        raise Refusal("bad webhook: An HTTPS URL must be provided for webhook")
    if (urlsplit(url).port or 443) not in (80, 88, 443, 8443):
        raise Refusal("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise Refusal("secret token contains unallowed characters")
    if given.object("allowed_updates") is not None:
        world.updates.allowed = set(given.object("allowed_updates"))
    world.updates.webhook = {"url": url, "secret_token": secret} if url else {}
    return _drop(world, given)


def delete_webhook(world: World, given: Parameters) -> Any:
    world.updates.webhook = {}
    return _drop(world, given)


def get_webhook_info(world: World, given: Parameters) -> Any:
    url, pending = world.updates.webhook.get("url", ""), len(world.updates.pending)
    return {"url": url, "has_custom_certificate": False, "pending_update_count": pending}


def _drop(world: World, given: Parameters) -> bool:
    if given.flag("drop_pending_updates"):
        world.updates.pending.clear()
    return True


def _set_text(world: World, given: Parameters, name: str) -> bool:
    text = given.text(name) or ""
    if len(text) > _LONGEST[name]:
        raise Refusal(f"{name.replace('_', ' ')} is too long")
    world.texts[name, _language(given)] = text
    return True


def _place(world: World, given: Parameters) -> tuple[str, str]:
    scope = given.object("scope", "BotCommandScope") or {"type": "default"}
    if scope.get("type") not in _SCOPES:
        raise Refusal("can't parse BotCommandScope: Unsupported type specified")
    chat = scope.get("chat_id")
    if chat is not None and int(chat) not in world.chats:
        raise Refusal("chat not found")
    return scope["type"] + (f" {chat}" if chat is not None else ""), _language(given)


def _language(given: Parameters) -> str:
    code = given.text("language_code") or ""
    if not re.fullmatch(r"([a-z]{2})?", code):
        raise Refusal("invalid language code specified")
    return code
