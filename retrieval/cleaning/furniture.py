"""Passes for what stands round any article: readers' comments, forms, photo captions, Markdown's own lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from retrieval.cleaning import phrases
from retrieval.cleaning.lines import Label
from retrieval.cleaning.page import BODY, Labels, Page
from retrieval.texts import statements
from retrieval.types import Kind

_CAPTION = 400  # characters; a longer paragraph that ends in a credit is no caption

_COMMENT = Label(Kind.COMMENT, "reader's comment")
_COMMENT_DATE = Label(Kind.METADATA, "date of a comment")
_COMMENT_AUTHOR = Label(Kind.METADATA, "author of a comment")
_COMMENT_BUTTON = Label(Kind.FORM, "button of a comment")


def discussions(page: Page) -> Labels:
    """Readers' comments, from where they begin to the end of the page, with their dates and buttons."""
    start = _discussion_start(page)
    inside = sorted({*range(start, len(page.lines)), *page.comments})
    for number in page.free(inside):
        line = page.lines[number].text
        following = page.lines[number + 1].text if number + 1 < len(page.lines) else ""
        form = phrases.form(line)
        if statements.discussion(line) is not None:
            yield number, Label(Kind.FORM, "counts the comments")
        elif form is not None:
            yield number, Label(Kind.FORM, form)
        elif phrases.is_comment_button(line):
            yield number, _COMMENT_BUTTON
        elif phrases.is_comment_date(line):
            yield number, _COMMENT_DATE
        elif phrases.is_comment_byline(line) or (statements.is_name(line) and phrases.is_comment_date(following)):
            yield number, _COMMENT_AUTHOR
        else:
            yield number, _COMMENT


def _discussion_start(page: Page) -> int:
    """The first line of the comments: a count of them below the article, or the frame of a first one."""
    prose_seen = False
    for number, line in enumerate(page.lines):
        if prose_seen and number in page.labels:
            continue
        counted = statements.discussion(line.text) is not None and (line.text[0].isdigit() or "“" in line.text)
        if prose_seen and (counted or _opens_comment(page, number)):
            return number
        prose_seen = prose_seen or line.is_prose
    return len(page.lines)


def _opens_comment(page: Page, number: int) -> bool:
    """A dated line with "Permalink" or "Reply" below it, or "Tom says:" with a dated line below it."""
    line, *following = (line.text for line in page.lines[number : number + 3])
    if phrases.is_comment_date(line):
        return any(phrases.is_comment_button(text) for text in following)
    return bool(following) and phrases.is_comment_byline(line) and phrases.is_comment_date(following[0])


def forms(page: Page) -> Labels:
    """What the page's forms and widgets say, and lines that only separate."""
    for number in page.free():
        line = page.lines[number].text
        if (reason := phrases.form(line)) is not None:
            yield number, Label(Kind.FORM, reason)
        elif statements.discussion(line) is not None and page.lines[number].alone:
            yield number, Label(Kind.FORM, "counts the comments")
        elif phrases.is_separator(line):
            yield number, Label(Kind.FORM, "separator")


def captions(page: Page) -> Labels:
    """Photo credits, and the captions that end in one; a record's captions stay, for they may be all it has to say."""
    for number in page.free():
        line = page.lines[number]
        if phrases.credit_start(line.text) != 0:
            continue
        yield number, Label(Kind.CAPTION, "photo credit")
        if number and not page.is_record and _is_caption(page, number - 1, line.start):
            yield number - 1, Label(Kind.CAPTION, "photo caption")


def _is_caption(page: Page, number: int, credit_start: int) -> bool:
    line = page.lines[number]
    on_one_line = page.article.text[line.end : credit_start].strip(" \t\xa0") == ""
    return on_one_line and len(line.text) <= _CAPTION


_HEADING = re.compile(r"#{1,6}(?:\s|$)")
_UNDERLINE = re.compile(r"=+|-+")
_FENCE = re.compile(r"`{3,}|~{3,}")
_IMAGES = re.compile(r"(?:!\[[^\]]*\]\([^()]*\)\s*)+")
_COMMENTED_OUT = re.compile(r"<!--.*-->")
_LINK = re.compile(r"\[[^\]]*\]\([^()]*\)")


def markdown(page: Page) -> Labels:
    """Headings, images and bare links; tables and code are the author's words as they stand."""
    if not page.is_markdown:
        return
    fence = ""
    for number, line in enumerate(page.lines):
        opening = _FENCE.match(line.text)
        if fence or opening:
            yield number, BODY
            closes = fence and line.text.startswith(fence) and not line.text.strip(fence[0])
            fence = "" if closes else fence or (opening[0] if opening else "")
        elif line.text.startswith("|"):
            yield number, BODY
        elif number not in page.labels:
            yield from _markdown_line(page, number)


def _markdown_line(page: Page, number: int) -> Iterator[tuple[int, Label]]:
    line = page.lines[number]
    following = page.lines[number + 1] if number + 1 < len(page.lines) else None
    if _HEADING.match(line.text):
        yield number, _heading(page, number)
    elif following and following.block == line.block and _UNDERLINE.fullmatch(following.text) and not line.is_item:
        heading = replace(_heading(page, number), group=number + 1)
        yield from ((number, heading), (number + 1, heading))
    elif _IMAGES.fullmatch(line.text):
        yield number, Label(Kind.CAPTION, "image")
    elif _LINK.fullmatch(line.text) and line.alone:
        yield number, Label(Kind.FORM, "bare link")
    elif _COMMENTED_OUT.fullmatch(line.text):
        yield number, Label(Kind.FORM, "commented out")


def _heading(page: Page, number: int) -> Label:
    """The title where it is the stated one, or on top where none is stated; else a heading."""
    line, title = statements.heading_text(page.lines[number].text), page.article.reference.title
    on_top = number == 0 or (number - 1 in page.labels and not page.free(range(number)))
    is_title = line.casefold() == title.casefold() if title else on_top
    return Label(Kind.TITLE, "title") if is_title and len(page.lines) > 1 else Label(Kind.HEADING, "heading")
