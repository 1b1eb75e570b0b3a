"""Inline keyboards, checked as Telegram checks them."""

from __future__ import annotations

import json
from typing import Any

from tests.botapi.entities import is_link
from tests.botapi.refusal import Refusal

_ACTIONS = ("callback_data", "url", "copy_text", "switch_inline_query", "switch_inline_query_current_chat",
            "switch_inline_query_chosen_chat", "web_app", "login_url", "callback_game", "pay")  # fmt: skip
#: Nowhere documented; what was seen to be refused.
MAX_BUTTONS, MAX_KEYBOARD_BYTES = 100, 10_000


def read_keyboard(markup: Any) -> list[list[dict[str, Any]]]:
    """The rows of an inline keyboard; other reply markup gives none."""
    if markup is None:
        return []
    if not isinstance(markup, dict):
        raise Refusal("object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refusal("can't parse inline keyboard button: Array expected")
    buttons = [button for row in rows for button in row]
    for button in buttons:
        _check_button(button)
    if len(buttons) > MAX_BUTTONS or len(json.dumps(rows, ensure_ascii=False).encode()) > MAX_KEYBOARD_BYTES:
        raise Refusal("reply markup is too long")
    return [row for row in rows if row]


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or "text" not in button:
        raise Refusal("can't parse inline keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise Refusal("inline keyboard button text must be non-empty")
    actions = [name for name in _ACTIONS if name in button]
    if len(actions) != 1:
        raise Refusal("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    value = button[actions[0]]
    if actions[0] == "callback_data" and not 1 <= len(value.encode()) <= 64:
        raise Refusal("BUTTON_DATA_INVALID")
    if actions[0] == "copy_text" and not 1 <= len(value["text"]) <= 256:
        raise Refusal("BUTTON_COPY_TEXT_INVALID")
    if actions[0] == "url" and not is_link(value):
        raise Refusal(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
