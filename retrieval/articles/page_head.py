"""What a web page states about its article: title, author, publisher, date and address."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from retrieval.articles.fields import joined, names, one_line, web_url
from retrieval.texts.dates import iso_date
from retrieval.texts.statements import Byline, byline
from retrieval.types import Reference

if TYPE_CHECKING:
    from lxml.html import HtmlElement

#: JSON-LD types that are the page's article, not its site, its author or its breadcrumbs.
_ARTICLE_TYPE = re.compile(r"\w*Article|Report|(?:Blog|LiveBlog|SocialMedia|DiscussionForum)Posting")
_BYLINE_ELEMENTS = 20  # most elements below the heading that are looked at
_PARAGRAPH = 80  # characters from which a <p> is no by-line but the article
_PUBLISHED = "publish|entry-date|post-date|posted"  # classes of <time> that state the page's own date


def stated_reference(reference: Reference, tree: HtmlElement) -> Reference:
    """The reference with what meta tags, JSON-LD, ``rel`` and ``itemprop`` say; nothing is taken from prose."""
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
