"""Web pages: the main text by trafilatura, the reference from the markup and the by-line below its heading.

An article's text is what trafilatura extracts of the page. Navigation,
captions, newsletter forms and footers that it leaves out are no part of the
text, so that ``sayso sources --show`` does not list them either.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from retrieval.articles.discussion import INLINE, take_comments
from retrieval.articles.fields import one_line
from retrieval.articles.page_head import stated_reference
from retrieval.errors import InputError
from retrieval.types import Article, Kind, Reference, Region

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{1,40})", re.IGNORECASE)
_BREAK = "\n\n"
_EMPTY_LINE = re.compile(r"\n\s*\n")
_WORD = re.compile(r"\w")
_UNFIT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_MOST_ELEMENTS = 30_000  # trafilatura takes up to the square of them


def declared_charset(data: bytes) -> str | None:
    """The encoding that a page's head declares."""
    match = _CHARSET.search(data, 0, 4096)
    return match[1].decode("ascii") if match else None


def web_article(reference: Reference, html: str) -> Article:
    """The page's main text, a blank line between paragraphs, then readers' comments.

    Headings and comments are marked as regions. Raises :class:`InputError`
    where the page cannot be parsed.
    """
    from lxml import etree

    if not html.strip():
        return Article(reference, "")
    try:
        tree = _tree(html)
        stated = stated_reference(reference, tree)
        text, regions = _laid_out(_blocks(tree), stated.title)
    except RecursionError as error:
        raise InputError("HTML nested too deeply") from error
    except (etree.LxmlError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise InputError(f"HTML that cannot be parsed ({type(error).__name__})") from error
    return Article(stated, text, regions)


def _tree(html: str) -> HtmlElement:
    from lxml.html import HTMLParser, document_fromstring

    # As bytes: a page that names its encoding is refused as a string.
    data = _UNFIT.sub("", html).encode("utf-8")
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    tree: HtmlElement = document_fromstring(data, parser=parser)
    # libxml2 leaves out what lies deeper than 256 elements, and says so only here.
    if any("depth" in entry.message for entry in parser.error_log):
        raise InputError("HTML nested too deeply")
    if sum(1 for _ in tree.iter()) > _MOST_ELEMENTS:
        raise InputError(f"HTML of more than {_MOST_ELEMENTS:,} elements")
    return tree


def _blocks(tree: HtmlElement) -> Iterator[tuple[str, Kind]]:
    """The paragraphs of a page with what the markup says they are; takes the tree apart."""
    from trafilatura import bare_extraction
    from trafilatura.xml import xmltotxt

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every page without text
    comments = take_comments(tree)
    headings = {one_line(heading.text_content()) for heading in tree.xpath("//h1 | //h2 | //h3")}
    for body in tree.findall("body"):
        _mark_paragraphs(body)
    document: Any = bare_extraction(tree, include_comments=True)
    for element in list(document.body) if document is not None else ():
        # Of the shortest pages trafilatura makes one block, a line for each heading in it.
        lines = xmltotxt(element, include_formatting=False).splitlines()
        for is_heading, block in groupby(lines, headings.__contains__):
            yield "\n".join(block), Kind.HEADING if is_heading or element.tag == "head" else Kind.BODY
    # trafilatura may know more of them by other names.
    known = (document.comments or "").splitlines() if document is not None else []
    yield from ((line, Kind.COMMENT) for line in (*known, *comments))


def _mark_paragraphs(body: HtmlElement) -> None:
    """Make paragraphs of the text straight in <body>, which trafilatura leaves out or glues to a heading.

    An element that is no part of a line ends a paragraph, and so do two line
    breaks or, on a page without any tags, an empty line.
    """
    from lxml.html import builder

    inline = INLINE | {"br"}
    first, *others = _EMPTY_LINE.split(body.text or "") if len(body) == 0 else [body.text or ""]
    content = [(child, child.tail or "") for child in body]
    del body[:]
    body.text = None
    paragraphs = [builder.P(first), *map(builder.P, others)]
    body.extend(paragraphs)
    for child, tail in content:
        child.tail = None
        last = paragraphs[-1]
        if any(element.tag not in inline for element in child.iter()):
            body.append(child)
        elif child.tag == "br" and len(last) and last[-1].tag == "br" and not (last[-1].tail or "").strip():
            last.remove(last[-1])
        else:
            child.tail = tail
            last.append(child)
            continue
        paragraphs.append(builder.P(tail))
        body.append(paragraphs[-1])
    for paragraph in paragraphs:
        if len(paragraph) == 0 and not (paragraph.text or "").strip():
            body.remove(paragraph)  # which drop_tag does too, in a time that grows with its place
        # Links alone are navigation.
        elif not any(_WORD.search(text) for text in paragraph.xpath(".//text()[not(ancestor::a)]")):
            paragraph.drop_tag()


def _laid_out(blocks: Iterator[tuple[str, Kind]], title: str | None) -> tuple[str, tuple[Region, ...]]:
    """The blocks with a blank line between them, and regions for all but the body."""
    reasons = {Kind.TITLE: "title", Kind.HEADING: "heading", Kind.COMMENT: "reader's comment"}
    parts: list[str] = []
    regions: list[Region] = []
    position = 0
    for block, kind in blocks:
        part = _UNFIT.sub("", block).strip()
        if not part:
            continue
        if kind is Kind.HEADING and one_line(part) == title:
            kind = Kind.TITLE
        if kind in reasons:
            regions.append(Region(position, position + len(part), kind, reasons[kind]))
        parts.append(part)
        position += len(part) + len(_BREAK)
    return _BREAK.join(parts), tuple(regions)
