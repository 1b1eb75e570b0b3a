"""Readers' comments of a web page, told by the names that its markup gives them.

Their text is read here: trafilatura keeps of a discussion only what stands in paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lxml.html import HtmlElement

#: Elements that are part of a line of text; every other one begins and ends a line.
INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "big", "cite", "code", "del", "dfn", "em", "font", "i", "img", "ins", "kbd", "mark"}
    | {"q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var"}
)
#: Words of an id or class that mark readers' comments; "comments-open" and "no-comments" mark the article.
_COMMENTS = r"(?<!no-)(?<![a-z])comment(?:s|(?=[-_ ]|list|section|area|thread|$))(?![-_ ]?(?:open|closed|off))"
_COMMENT_SERVICE = r"\b(?:disqus_|dsq-)"
_COMMENT_TAGS = ("div", "section", "article", "aside", "details", "dl", "footer", "ol", "ul", "li")
_REGEXP = {"re": "http://exslt.org/regular-expressions"}
#: Elements that say nothing of a reader's; the headings count the comments.
_SILENT = frozenset(
    {"form", "button", "input", "textarea", "select", "nav", "script", "style", "noscript", "template", "svg"}
    | {"h2", "h3", "h4"}
)
_WORD = re.compile(r"\w")


def take_comments(tree: HtmlElement) -> list[str]:
    """The lines of the readers' comments, in order; their elements are taken out of the tree."""
    blocks = " or ".join(f"self::{tag}" for tag in _COMMENT_TAGS)
    marked = "re:test(concat(@id, ' ', @class), '{}', 'i')"
    sections = f"//body//*[{blocks}][{marked.format(_COMMENTS)}][not(.//h1)]"
    services = f"//body//*[{marked.format(_COMMENT_SERVICE)}]"
    lines: list[str] = []
    for section in tree.xpath(f"{sections} | {services}", namespaces=_REGEXP):
        if next(section.iterancestors("body"), None) is not None:  # not yet taken with a section around it
            section.drop_tree()
            section.tail = None
            lines.extend(_lines(section))
    return lines


class _Piece(NamedTuple):
    text: str | None  # None: a line ends
    linked: bool = False


def _lines(section: HtmlElement) -> Iterator[str]:
    """The text between the elements that end a line; links alone are buttons and say nothing."""
    for ends, row in groupby(_pieces(section, linked=False), key=lambda piece: piece.text is None):
        pieces = [(piece.text or "", piece.linked) for piece in row]
        if not ends and any(_WORD.search(text) for text, linked in pieces if not linked):
            yield " ".join("".join(text for text, _ in pieces).split())


def _pieces(element: HtmlElement, *, linked: bool) -> Iterator[_Piece]:
    if element.tag in _SILENT:
        return
    linked = linked or element.tag == "a"
    yield _Piece(element.text or "", linked)
    for child in element:
        ends = [] if child.tag in INLINE else [_Piece(None)]
        yield from ends
        yield from _pieces(child, linked=linked)
        yield from ends
        yield _Piece(child.tail or "", linked)
