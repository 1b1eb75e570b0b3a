"""Passes for what stands above, below and between an article's paragraphs: title, by-line, author box, headings."""

from __future__ import annotations

from retrieval.cleaning import phrases
from retrieval.cleaning.lines import Label, Line
from retrieval.cleaning.page import Labels, Page
from retrieval.texts import statements
from retrieval.types import Kind

_HEAD_LINES = 8  # most lines between the top of a page and its first paragraph
_HEADINGS_IN_A_ROW = 2  # more short lines than these are a list or a poem

_TITLE = Label(Kind.TITLE, "title")
_BYLINE = Label(Kind.METADATA, "by-line")
_ABOUT = Label(Kind.ABOUT, "author box")
_CONTACT = Label(Kind.METADATA, "how to reach the author")


def head(page: Page) -> Labels:
    """Title, section, by-line and date above the first paragraph."""
    above = page.free(range(_first_paragraph(page)))[:_HEAD_LINES]
    if page.is_record:
        yield from ((number, _TITLE) for number in above[:1] if _states_title(page, number))
        return
    unnamed = []
    for number in above:
        label = _head_line(page.lines[number])
        if label:
            yield number, label
        else:
            unnamed.append(number)
    yield from _title(page, unnamed)


def _first_paragraph(page: Page) -> int:
    """The number of the first line of running text; 0 where there is none, so that nothing stands above it."""
    last = page.last
    return next((number for number in page.free() if _is_paragraph(page, number, last)), 0)


def _head_line(line: Line) -> Label | None:
    if statements.byline(line.text) is not None:
        return _BYLINE
    if statements.dateline(line.text) is not None:
        return Label(Kind.METADATA, "date")
    if statements.is_change_date(line.text):
        return Label(Kind.METADATA, "date of a change")
    if statements.origin(line.text) is not None:
        return Label(Kind.METADATA, "source")
    return None


def _title(page: Page, unnamed: list[int]) -> Labels:
    """The title among the lines above the first paragraph, with the section above it and the author behind it."""
    stated = [number for number in unnamed if _states_title(page, number)]
    if stated:
        yield stated[0], _TITLE
        return
    if page.is_marked_up or page.article.reference.title or not unnamed:
        return
    number = unnamed[0]
    following = unnamed[1] if len(unnamed) > 1 else None
    if following is not None and phrases.is_section_name(page.lines[number].text, page.lines[following].text):
        yield number, Label(Kind.METADATA, "section of the site")
        number = following
    if not (page.lines[number].may_be_title and _stands_above(page, number)):
        return
    yield number, _TITLE
    if _is_trailing_author(page, number + 1):
        yield number + 1, Label(Kind.METADATA, "author behind the title")


def _states_title(page: Page, number: int) -> bool:
    """Whether the line is the title that the file states elsewhere, with text below it."""
    title, line = page.article.reference.title, page.lines[number].text
    return bool(title) and len(page.lines) > 1 and statements.heading_text(line).casefold() == str(title).casefold()


def _is_trailing_author(page: Page, number: int) -> bool:
    if not 0 < number < len(page.lines):
        return False
    before, line = page.lines[number - 1], page.lines[number]
    return statements.trailing_author(page.article.text[before.start : line.end]) is not None


def _stands_above(page: Page, number: int) -> bool:
    """Whether a line is set off from what follows: by a blank line, a by-line or a long paragraph."""
    following = number + (2 if _is_trailing_author(page, number + 1) else 1)
    if following >= len(page.lines):
        return False
    line, below = page.lines[number], page.lines[following]
    return below.block != line.block or below.is_long or _head_line(below) is not None


def tail(page: Page) -> Labels:
    """Author box, source and widgets below the last paragraph."""
    if page.is_record:
        return
    last = page.last
    for number in _below_paragraphs(page, last):
        line = page.lines[number].text
        if statements.is_contact(line):
            yield number, _CONTACT
            yield from _names_above(page, number)
        elif _is_about(page, number, last):
            yield number, _ABOUT
        elif statements.origin(line) is not None:
            yield number, Label(Kind.METADATA, "source")
        elif (stated := statements.byline(line)) and stated.author and page.lines[number].alone:
            yield number, _BYLINE
        elif phrases.is_widget(line) or statements.is_box_label(line):
            yield number, Label(Kind.FORM, "widget")


def _below_paragraphs(page: Page, last: int) -> list[int]:
    """The lines below the last one of running text; none where there is no running text."""
    below: list[int] = []
    for number in reversed(page.free()):
        if _is_paragraph(page, number, last):
            return below[::-1]
        below.append(number)
    return []


def _is_paragraph(page: Page, number: int, last: int) -> bool:
    """Whether a line is running text of the article, and not a sentence on its author or where it comes from."""
    line = page.lines[number]
    framing = statements.is_contact(line.text) or statements.origin(line.text) or _is_about(page, number, last)
    return line.is_prose and not framing


def _is_about(page: Page, number: int, last: int) -> bool:
    """Whether a line is about the author: one that names somebody is labelled as such or the last of its page."""
    if number and statements.is_box_label(page.lines[number - 1].text):
        return page.lines[number].ends_sentence
    name = statements.about_author(page.lines[number].text)
    return name == "" or (name is not None and number == last)


def _names_above(page: Page, number: int) -> Labels:
    """The author's name, which some pages print twice, right above the line that says how to reach them."""
    above = number - 1
    while above >= 0 and statements.is_name(page.lines[above].text) and above not in page.labels:
        yield above, Label(Kind.METADATA, "author's name")
        above -= 1


def headings(page: Page) -> Labels:
    """Headings of plain text: short lines of their own, one or two in a row, right above a paragraph."""
    if page.is_marked_up or page.is_record:
        return
    row: list[int] = []
    for number in page.free():
        line, below = page.lines[number], page.lines[min(number + 1, len(page.lines) - 1)]
        if line.may_be_heading and (line.alone or (below.block == line.block and below.is_long)):
            row.append(number)
            continue
        if line.is_paragraph and len(row) <= _HEADINGS_IN_A_ROW:
            yield from ((heading, Label(Kind.HEADING, "heading")) for heading in row)
        row = []
