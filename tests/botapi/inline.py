"""Answers to inline queries, checked as Telegram checks them."""

from __future__ import annotations

from typing import Any

from tests.botapi.entities import MAX_TEXT, read_text
from tests.botapi.keyboards import read_keyboard
from tests.botapi.methods import open_query
from tests.botapi.parameters import Parameters
from tests.botapi.refusal import Refusal
from tests.botapi.world import World

MAX_RESULTS = 50


def answer_inline_query(world: World, given: Parameters) -> Any:
    """True; the results are then in the query's answer."""
    results = given.object("results", "InlineQueryResult")
    if not isinstance(results, list):
        raise Refusal("can't parse inline query results: Array expected")
    if len(results) > MAX_RESULTS:
        raise Refusal("RESULTS_TOO_MUCH")
    for result in results:
        _check(result)
    ids = [result["id"] for result in results]
    if len(set(ids)) < len(ids):
        raise Refusal("RESULT_ID_DUPLICATE")
    if len((given.text("next_offset") or "").encode()) > 64:
        raise Refusal("NEXT_OFFSET_INVALID")
    query = open_query(world, given, "inline_query")
    query.answers.append({**given.values, "results": results})
    return True


def _check(result: Any) -> None:
    if not isinstance(result, dict) or result.get("type") != "article":
        raise Refusal("can't parse inline query result: this server reads articles only")
    for name in ("id", "title", "input_message_content"):
        if name not in result:
            raise Refusal(f"can't parse inline query result: Can't find field \"{name}\"")
    if not 1 <= len(str(result["id"]).encode()) <= 64:
        raise Refusal("RESULT_ID_INVALID")
    if not result["title"].strip():
        raise Refusal("ARTICLE_TITLE_EMPTY")
    content = result["input_message_content"]
    text, mode, entities = (content.get(name) for name in ("message_text", "parse_mode", "entities"))
    shown = read_text(text, mode, entities, limit=MAX_TEXT, caption=False)
    result["shown"] = shown  # what the chat would show, for the tests to read
    read_keyboard(result.get("reply_markup"))
