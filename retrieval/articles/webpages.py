"""Web pages: the main text by trafilatura, the reference from the markup and the by-line below its heading.

An article's text is what trafilatura extracts of the page. Navigation,
captions, newsletter forms and footers that it leaves out are no part of the
text, so that ``sayso sources --show`` does not list them either.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any

from retrieval.articles.fields import joined, names, one_line, web_url
from retrieval.dates import iso_date
from retrieval.errors import InputError
from retrieval.statements import Byline, byline
from retrieval.types import Article, Kind, Reference, Region

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{1,40})", re.IGNORECASE)
_BREAK = "\n\n"
_EMPTY_LINE = re.compile(r"\n\s*\n")
_WORD = re.compile(r"\w")
_UNFIT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
#: Words of an id or class that mark readers' comments; "comments-open" and "no-comments" mark the article.
_COMMENTS = r"(?<!no-)(?<![a-z])comment(?:s|(?=[-_ ]|list|section|area|thread|$))(?![-_ ]?(?:open|closed|off))"
_COMMENT_SERVICE = r"\b(?:disqus_|dsq-)"
_COMMENT_TAGS = ("div", "section", "article", "aside", "details", "ol", "ul", "li")
_INLINE = frozenset({"a", "br", "font", "img", "mark", "q", "span", "sub", "sup", "time"})
_REGEXP = {"re": "http://exslt.org/regular-expressions"}
#: JSON-LD types that are the page's article, not its site, its author or its breadcrumbs.
_ARTICLE_TYPE = re.compile(r"\w*Article|Report|(?:Blog|LiveBlog|SocialMedia|DiscussionForum)Posting")
_MOST_ELEMENTS = 30_000  # trafilatura takes up to the square of them
_BYLINE_ELEMENTS = 20  # most elements below the heading that are looked at
_PARAGRAPH = 80  # characters from which a <p> is no by-line but the article
_PUBLISHED = "publish|entry-date|post-date|posted"  # classes of <time> that state the page's own date


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
        stated = _stated(reference, tree)
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
    comments = _comments(tree)
    headings = {one_line(heading.text_content()) for heading in tree.xpath("//h1 | //h2 | //h3")}
    for body in tree.findall("body"):
        _mark_paragraphs(body)
    # Apart, as on a short page trafilatura falls back to all paragraphs, comments among them.
    for part in (tree, comments):
        document: Any = bare_extraction(part, include_comments=True)
        if document is None:
            continue
        for element in list(document.body) if part is tree else ():
            # Of the shortest pages trafilatura makes one block, a line for each heading in it.
            lines = xmltotxt(element, include_formatting=False).splitlines()
            for is_heading, block in groupby(lines, headings.__contains__):
                yield "\n".join(block), Kind.HEADING if is_heading or element.tag == "head" else Kind.BODY
        for line in (document.comments or "").splitlines():
            yield line, Kind.COMMENT


def _comments(tree: HtmlElement) -> HtmlElement:
    """A page of the readers' comments alone, which are taken out of the tree."""
    from lxml.etree import strip_elements
    from lxml.html import builder

    listed = builder.DIV(id="comment-list")  # by this name trafilatura reads all that is in it
    blocks = " or ".join(f"self::{tag}" for tag in _COMMENT_TAGS)
    marked = "re:test(concat(@id, ' ', @class), '{}', 'i')"
    sections = f"//body//*[{blocks}][{marked.format(_COMMENTS)}][not(.//h1)]"
    services = f"//body//*[{marked.format(_COMMENT_SERVICE)}]"
    for section in tree.xpath(f"{sections} | {services}", namespaces=_REGEXP):
        if next(section.iterancestors("body"), None) is not None:  # not yet taken with a section around it
            section.drop_tree()
            section.tail = None
            section.tag = "div"  # <aside> is left out
            listed.append(section)
    strip_elements(listed, "h2", "h3", "h4", with_tail=False)  # "Two comments"
    return builder.HTML(builder.BODY(listed))


def _mark_paragraphs(body: HtmlElement) -> None:
    """Make paragraphs of the text straight in <body>, which trafilatura leaves out or glues to a heading.

    An element that is no part of a line ends a paragraph, and so do two line
    breaks or, on a page without any tags, an empty line.
    """
    from lxml.html import builder, defs

    inline = defs.phrase_tags | defs.font_style_tags | _INLINE
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


def _stated(reference: Reference, tree: HtmlElement) -> Reference:
    """What meta tags, JSON-LD, ``rel`` and ``itemprop`` say; first things first, nothing from prose."""
    meta, linked = _meta(tree), _linked_data(tree)
    publisher = (
        meta.get("og:site_name") or names(linked.get("publisher")) or meta.get("publisher") or meta.get("dc.publisher")
    )
    below = _byline(tree)
    headings = [one_line(heading.text_content()) for heading in tree.xpath("//h1")]
    return replace(
        reference,
        title=meta.get("og:title")
        or one_line(linked.get("headline"))
        or meta.get("citation_title")
        or (headings[0] if len(headings) == 1 else None)
        or _page_title(tree, publisher),
        author=meta.get("author")
        or names(linked.get("author"))
        or meta.get("citation_author")
        or meta.get("dc.creator")
        or joined(_texts(tree, "//a[contains(concat(' ', @rel, ' '), ' author ')] | //*[@itemprop='author']"))
        or below.author
        or None,
        publisher=publisher or below.publisher,
        published=_published(tree, meta, linked) or below.published,
        url=_first_url(tree.xpath("//link[@rel='canonical']/@href"), meta.get("og:url"), linked.get("url")),
    )


def _byline(tree: HtmlElement) -> Byline:
    """The by-line between the page's one heading and its first paragraph, which trafilatura may leave out."""
    if len(tree.xpath("//h1")) == 1:
        below = "//h1/following::*[self::p or self::div or self::span or self::address or self::h2]"
        for element in islice(tree.xpath(below), _BYLINE_ELEMENTS):
            line = one_line(element.text_content()) or ""
            if found := byline(line):
                return found
            if element.tag in {"p", "h2"} and len(line) >= _PARAGRAPH:
                break
    return Byline("", None, None)


def _meta(tree: HtmlElement) -> dict[str, str]:
    """First stated content by lower-case name; several authors are joined."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()
        content = one_line(element.get("content"))
        if not name or not content:
            continue
        if name in {"author", "citation_author"} and not web_url(content):
            found[name] = joined((found.get(name), content)) or content
        else:
            found.setdefault(name, content)
    return found


def _linked_data(tree: HtmlElement) -> dict[str, Any]:
    """The JSON-LD object of the page's article; empty where there is none."""
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            data = json.loads(str(script))
        except (ValueError, RecursionError):
            continue  # broken JSON-LD is common, and the other tags still count
        listed = data.get("@graph", [data]) if isinstance(data, dict) else data
        for item in listed if isinstance(listed, list) else []:
            if isinstance(item, dict) and _ARTICLE_TYPE.fullmatch(_type(item)):
                return item
    return {}


def _type(item: dict[str, Any]) -> str:
    stated = item.get("@type")
    return str(stated[0] if isinstance(stated, list) and stated else stated)


def _texts(tree: HtmlElement, xpath: str) -> list[str | None]:
    return [one_line(element.text_content()) for element in tree.xpath(xpath)]


def _page_title(tree: HtmlElement, publisher: str | None) -> str | None:
    title = one_line(tree.findtext(".//title"))
    if title and publisher:
        for dash in (" | ", " - ", " – ", " — "):
            title = title.removesuffix(dash + publisher)
    return title


def _published(tree: HtmlElement, meta: dict[str, str], linked: dict[str, Any]) -> str | None:
    marked = tree.xpath("//time[@pubdate or @itemprop='datePublished']/@datetime")
    classed = [
        time.get("datetime") for time in tree.xpath("//time[@datetime]") if re.search(_PUBLISHED, time.get("class", ""))
    ]
    stated = (
        meta.get("article:published_time"),
        linked.get("datePublished"),
        meta.get("datepublished"),
        meta.get("citation_publication_date"),
        meta.get("dc.date.issued"),
        meta.get("dc.date"),
        meta.get("date"),
        *marked,
        *classed[:1],
    )
    return next((day for day in (iso_date(str(value)) for value in stated if value) if day), None)


def _first_url(canonical: list[str], *others: object) -> str | None:
    return next((url for url in map(web_url, (*canonical, *others)) if url), None)
