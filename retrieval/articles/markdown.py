"""Markdown: the whole file is the text, its front matter states the reference."""

from __future__ import annotations

import re
from dataclasses import replace

import yaml

from retrieval.articles.fields import names, one_line, web_url
from retrieval.texts.dates import iso_date
from retrieval.types import Article, Kind, Reference, Region

_FENCE = re.compile(r"\s*---[ \t]*\r?\n")
_END = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_LONGEST = 8_192  # characters of front matter; nested brackets cost the parser their square


def markdown_article(reference: Reference, text: str) -> Article:
    """The article, with its front matter read and marked as a region.

    Front matter that is not YAML is marked all the same, but states nothing.
    """
    opening = _FENCE.match(text)
    closing = _END.search(text, opening.end(), opening.end() + _LONGEST) if opening else None
    if opening is None or closing is None:
        return Article(reference, text)
    start, end = len(text) - len(text.lstrip()), closing.end()
    region = Region(start, start + len(text[start:end].rstrip()), Kind.METADATA, "front matter")
    return Article(_stated(reference, text[opening.end() : closing.start()]), text, (region,))


class _Plain(yaml.BaseLoader):
    """Every scalar as it is written, for the title 1984 and the date 2017 are words; no aliases.

    With aliases a few lines name each other a billion times.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("front matter with aliases")
        return super().compose_node(parent, index)


def _stated(reference: Reference, front_matter: str) -> Reference:
    try:
        fields = yaml.load(front_matter, Loader=_Plain)
    except (yaml.YAMLError, RecursionError):
        return reference
    if not isinstance(fields, dict):
        return reference
    stated = {str(key).lower(): value for key, value in fields.items()}
    published = one_line(stated.get("published") or stated.get("date"))
    return replace(
        reference,
        title=one_line(stated.get("title")),
        author=names(stated.get("author") or stated.get("authors")),
        publisher=names(stated.get("publisher") or stated.get("site") or _name(stated.get("source"))),
        published=iso_date(published) if published else None,
        url=web_url(stated.get("url")) or web_url(stated.get("source")),
    )


def _name(source: object) -> object:
    return None if web_url(source) else source
