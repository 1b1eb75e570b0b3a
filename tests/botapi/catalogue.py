"""Which functions answer which method of the Bot API; names are compared without case, as Telegram does."""

from __future__ import annotations

from tests.botapi import commands, inline, methods
from tests.botapi.methods import Method

_NAMED = {
    methods: "get_me get_updates send_message send_document edit_message_text edit_message_reply_markup "
    "delete_message send_chat_action answer_callback_query get_file get_chat leave_chat",
    inline: "answer_inline_query",
    commands: "set_my_commands delete_my_commands get_my_commands set_my_description get_my_description "
    "set_my_short_description get_my_short_description set_webhook delete_webhook get_webhook_info",
}
METHODS: dict[str, Method] = {
    name.replace("_", ""): getattr(module, name) for module, names in _NAMED.items() for name in names.split()
}
