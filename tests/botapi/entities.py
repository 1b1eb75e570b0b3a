"""Formatted text as Telegram reads it: HTML parse mode, entities with UTF-16 offsets, lengths.

The rules and the words of the refusals are those of TDLib's parser. One rule is stricter: a named
reference other than ``&lt; &gt; &amp; &quot;`` and a bare ``&`` are shown by Telegram as they are
written; here they are refused, because a bot that sends one has forgotten to escape something.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from tests.botapi.refusal import Refusal

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_BYTES = 1 << 15  # of text with its markup
MAX_ENTITIES = 100  # the rest is shown as plain text
Entity = dict[str, Any]

_TYPES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}  # fmt: skip
_TAG = re.compile(r"""<(/?)([^\s>]*)((?:"[^"]*"|'[^']*'|[^>"'])*)(>?)""")
_ATTRIBUTE = re.compile(r"""\s+([^\s=>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[A-Za-z0-9.\-]+))?""")
_REFERENCE = re.compile(r"&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[A-Za-z]*);?")
_LINK = re.compile(r"https?://[^\s/]+(?:/\S*)?|tg://\S+|mailto:\S+@\S+")
_SEEN_IN_TEXT = re.compile(
    r"(?P<bot_command>(?<![\w/@])/[a-zA-Z0-9_]{1,64}(?:@\w+)?)|(?P<mention>(?<!\w)@\w{3,32})"
    r"|(?P<url>https?://[^\s<>]+)|(?P<hashtag>(?<!\w)#\w+)"
)


@dataclass(frozen=True)
class Formatted:
    """Plain text and its entities, outermost first; offsets and lengths in UTF-16 units."""

    text: str
    entities: tuple[Entity, ...] = ()

    def spans(self, kind: str) -> list[str]:
        """The pieces of text under the entities of one kind, in order."""
        return [cut(self.text, e["offset"], e["length"]) for e in self.entities if e["type"].endswith(kind)]


@dataclass(frozen=True)
class _Open:
    tag: str
    attributes: dict[str, str | None]
    offset: int


def utf16_length(text: str) -> int:
    """Length as Telegram counts offsets: two for a character outside the basic plane."""
    return len(text) + sum(ord(character) > 0xFFFF for character in text)


def cut(text: str, offset: int, length: int) -> str:
    """The piece of text that an entity's offset and length name."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le")


def parse_html(markup: str) -> Formatted:
    """Plain text and entities of Telegram's HTML; raises ``Refusal`` in Telegram's words."""
    text: list[str] = []
    length = position = 0
    stack: list[_Open] = []
    entities: list[Entity] = []
    while position < len(markup):
        end = markup.find("<", position)
        plain = unescape(markup[position:] if end < 0 else markup[position:end])
        text.append(plain)
        length += utf16_length(plain)
        if end < 0:
            break
        at = len(markup[:end].encode())
        tag = _TAG.match(markup, end)
        assert tag is not None
        if tag[1]:
            _close(tag, at, stack, entities, length)
        else:
            stack.append(_opened(tag, at, length))
        position = tag.end()
    if stack:
        raise _refused(f'Can\'t find end tag corresponding to start tag "{stack[-1].tag}"')
    ordered = sorted(entities, key=lambda e: (e["offset"], -e["length"]))
    return Formatted("".join(text), tuple(ordered))


def _opened(tag: re.Match[str], at: int, offset: int) -> _Open:
    name = tag[2].lower()
    if tag.end(2) == len(tag.string):
        raise _refused(f"Unclosed start tag at byte offset {at}")
    if name not in _TYPES:
        raise _refused(f'Unsupported start tag "{name}" at byte offset {at}')
    if not tag[4]:
        raise _refused(f"Unclosed start tag at byte offset {at}")
    attributes: dict[str, str | None] = {}
    rest = tag[3]
    while rest.strip():
        found = _ATTRIBUTE.match(rest)
        if found is None:
            raise _refused(f'Empty attribute name in the tag "{name}" at byte offset {at}')
        if found[2] is None and (name, found[1]) != ("blockquote", "expandable"):
            words = "Expected equal sign in declaration of an attribute of the tag"
            raise _refused(f'{words} "{name}" at byte offset {at}')
        attributes[found[1]] = None if found[2] is None else unescape(found[2].strip("\"'"))
        rest = rest[found.end() :]
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise _refused(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
    if name == "tg-emoji" and not (attributes.get("emoji-id") or "").isdigit():
        raise Refusal("invalid custom emoji identifier specified")
    return _Open(name, attributes, offset)


def _close(tag: re.Match[str], at: int, stack: list[_Open], entities: list[Entity], end: int) -> None:
    if not stack:
        raise _refused(f"Unexpected end tag at byte offset {at}")
    if not tag[4] or tag[3].strip():
        raise _refused(f"Unclosed end tag at byte offset {at}")
    opened = stack.pop()
    name = tag[2].lower()
    if name and name != opened.tag:
        raise _refused(f'Unmatched end tag at byte offset {at}, expected "</{opened.tag}>", found "</{name}>"')
    kind = _TYPES[opened.tag]
    if opened.tag == "blockquote":
        if any(outer.tag == "blockquote" for outer in stack):
            raise _refused(f"Blockquotes can't be nested at byte offset {at}")
        kind = "expandable_blockquote" if "expandable" in opened.attributes else kind
    url = opened.attributes.get("href")
    if end == opened.offset or (kind == "text_link" and not is_link(url)):
        return  # Telegram drops an empty entity, and shows a link that leads nowhere as plain text
    entity: Entity = {"type": kind, "offset": opened.offset, "length": end - opened.offset}
    if kind == "text_link":
        entity["url"] = url
    if kind == "custom_emoji":
        entity["custom_emoji_id"] = opened.attributes["emoji-id"]
    entities.append(entity)


def is_link(url: str | None) -> bool:
    """Whether Telegram makes a link of it: http, https, tg and mailto, with a host."""
    return url is not None and _LINK.fullmatch(url) is not None


def unescape(markup: str) -> str:
    """The markup with its references decoded; an unknown one is refused, see above."""

    def character(reference: re.Match[str]) -> str:
        name = reference[1]
        if not name.startswith("#") and name not in ("lt", "gt", "amp", "quot"):
            raise _refused(f'Unsupported entity "{reference[0]}": write & as &amp;')
        return html.unescape(f"&{name};")

    return _REFERENCE.sub(character, markup)


def noticed(text: str) -> tuple[Entity, ...]:
    """The entities that Telegram finds by itself in what a person types: commands, mentions, links, hashtags."""
    return tuple(
        {"type": found.lastgroup, "offset": utf16_length(text[: found.start()]), "length": utf16_length(found[0])}
        for found in _SEEN_IN_TEXT.finditer(text)
    )


def read_text(
    text: str | None, parse_mode: str | None, entities: list[Entity] | None, *, limit: int, caption: bool
) -> Formatted:
    """A text or caption as it will be shown; empty, too long or badly formed is refused."""
    text = text or ""
    if not text and not caption:
        raise Refusal("message text is empty")
    if parse_mode and parse_mode.lower() != "html":
        known = parse_mode.lower() in ("markdown", "markdownv2")
        raise Refusal(f"this server reads no {parse_mode}" if known else "unsupported parse_mode")
    if len(text.encode()) > MAX_BYTES:
        raise Refusal("message caption is too long" if caption else "message is too long")
    read = parse_html(text) if parse_mode else Formatted(text, tuple(entities or ()))
    shown = Formatted(read.text.rstrip(), tuple(_clipped(read.entities, utf16_length(read.text.rstrip()))))
    if not shown.text.strip() and not caption:
        raise Refusal("text must be non-empty")
    if len(shown.text) > limit:
        raise Refusal("message caption is too long" if caption else "message is too long")
    return shown


def _clipped(entities: tuple[Entity, ...], end: int) -> list[Entity]:
    inside = [e for e in entities[:MAX_ENTITIES] if e["offset"] < end]
    return [{**e, "length": min(e["length"], end - e["offset"])} for e in inside]


def _refused(words: str) -> Refusal:
    return Refusal(f"can't parse entities: {words}")
