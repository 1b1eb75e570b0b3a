"""What is shown in a chat: replies, paragraphs, lists and notices -> messages. Pure; nothing here sends."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.lines import clipped, one_line
from bot.readable import readable
from bot.render import UNSURE_BELOW, fragment_link, quote_segments, said_by
from bot.sources import paragraph as paragraph_around
from bot.telegram_app.buttons import COPY_UNITS, Action, Button, Buttons
from bot.telegram_app.kept import Shown
from bot.telegram_app.markup import Block, Message, Run, messages, named, paragraph, units
from bot.telegram_app.texts import Texts
from bot.voices import shown_title
from retrieval.types import Article, Citation, Kind, Reference, Span

PER_PAGE = 10  # articles of a list
_LABEL_CHARS = 64  # of a title on a button, which Telegram cuts at the width of the screen
_PER_ROW = 5  # narrow buttons beside each other
_QUESTION_CHARS = 300  # of an earlier question in a list
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def reply_messages(reply: Shown, texts: Texts, row: int, quotes: int = 1) -> list[Message]:
    """An answer with its first ``quotes``, or an abstention; ``row`` is where it is kept.

    Lists and comparisons have all their quotes, contradictions at least those that differ, which come first.
    The quotes come first, then how sure and of what, then their citations, folded; a button asks each
    question that is suggested. An abstention is one line; each of the nearest articles is a button that shows
    its paragraph.
    """
    notes = [] if reply.understood is None else [_understood(reply.understood, texts)]
    if not reply.answered:
        nearest = tuple(
            (Button(clipped(_title(citation.reference), _LABEL_CHARS), Action.SHOW, row, citation.number),)
            for citation in reply.citations
        )
        return messages([paragraph(texts("answer.abstained")), *notes], nearest)
    if reply.confidence < UNSURE_BELOW:
        notes.append(paragraph(texts("answer.unsure", percent=round(100 * reply.confidence)), "i"))
    differing = {number for difference in reply.differences for number in difference.numbers}
    first = reply.citations[: max(quotes, *differing, 0)] if reply.form == "quotes" else reply.citations
    apart = [citation for citation in first if citation.number in differing]
    rest = [citation for citation in first if citation.number not in differing]
    voiced = any(difference.voiced for difference in reply.differences)
    heading = [_differ(apart, texts, voiced=voiced)] if apart else []
    said = [_quote(citation, texts) for citation in (*apart, *rest)]
    blocks = [*heading, *said, *notes, _citations(first, texts)]
    asks = (Button(clipped(each, _LABEL_CHARS), Action.ASK, row, nth) for nth, each in enumerate(reply.suggested, 1))
    return messages(blocks, (*_answer_buttons(reply.citations, len(first), texts, row), *((ask,) for ask in asks)))


def quote_messages(citation: Citation, texts: Texts) -> list[Message]:
    """One quote with its citation and no buttons, to be sent into any chat."""
    return messages([_quote(citation, texts), _citations([citation], texts)])


def paragraph_messages(article: Article, quoted: Span, texts: Texts, row: int, number: int) -> list[Message]:
    """The paragraph around ``quoted``, which is bold, under the article's name."""
    around = paragraph_around(article.text, quoted)
    text = (
        Run(article.text[around.start : quoted.start].lstrip()),
        Run(article.text[quoted.start : quoted.end], "b"),
        Run(article.text[quoted.end : around.end].rstrip()),
    )
    link = fragment_link(article.reference.url, article.text[quoted.start : quoted.end])
    only = Button(texts("buttons.only"), Action.ONLY, row, number)
    return messages([Block(_said(article.reference, texts, link)), Block(text)], ((only,),))


def numbered(references: Sequence[Reference], words: str = "") -> list[tuple[int, Reference]]:
    """The articles with their places in the list, from 1; of them those whose title or author has all ``words``."""
    wanted = words.casefold().split()
    return [
        (number, reference)
        for number, reference in enumerate(references, 1)
        if all(word in f"{shown_title(reference)} {reference.author or ''}".casefold() for word in wanted)
    ]


def sources_messages(
    found: Sequence[tuple[int, Reference]], texts: Texts, page: int = 1, words: str = "", row: int = 0
) -> list[Message]:
    """One page of ``numbered`` articles; ``row`` is where ``words`` are kept, 0 for none."""
    if not found:
        return notice(texts("sources.none", filter=named(words)) if words else texts("sources.empty"))
    pages = math.ceil(len(found) / PER_PAGE)
    page = min(max(1, page), pages)
    listed = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    title = texts("sources.filtered", filter=named(words), count=len(found)) if words else ""
    place = texts("sources.page", page=page, pages=pages) if pages > 1 else texts("sources.one_page")
    lines: list[Run] = []
    for number, reference in listed:
        lines += [Run(f"{chr(10) if lines else ''}{number}. "), *_said(reference, texts, reference.url)]
    buttons = [Button(str(number), Action.SOURCE, 0, number) for number, _ in listed]
    turns = [(texts("buttons.back"), page - 1)] if page > 1 else []
    turns += [(texts("buttons.onward"), page + 1)] if page < pages else []
    turning = tuple(Button(text, Action.PAGE, row, to) for text, to in turns)
    return messages(
        [paragraph(title or texts("sources.title", count=len(found)), "b"), Block(tuple(lines)), paragraph(place)],
        (*_rows(buttons), turning) if turning else _rows(buttons),
    )


def source_messages(number: int, article: Article, texts: Texts) -> list[Message]:
    """What is known of one article."""
    reference = article.reference
    facts = {"author": reference.author, "publisher": reference.publisher, "published": reference.published}
    known = [texts(f"source.{name}", **{name: named(value)}) for name, value in facts.items() if value]
    known.append(texts("source.length", length=f"{len(article.text):,}".replace(",", "\u00a0")))
    title = Run(_title(reference), "b", reference.url)
    only = Button(texts("buttons.only"), Action.ONLY, 0, number)
    return messages([Block((title,)), paragraph("\n".join(known))], ((only,),))


def settings_messages(quotes: int, most: int, comments: bool, article: str | None, texts: Texts) -> list[Message]:
    """A chat's settings, a button for each that changes it; ``article`` is the title of the only one that answers."""
    counts = [(texts("buttons.fewer"), quotes - 1), (texts("buttons.further"), quotes + 1)]
    steps = tuple(Button(text, Action.QUOTES, 0, to) for text, to in counts if 1 <= to <= most)
    toggle = Button(texts(f"buttons.comments_{'off' if comments else 'on'}"), Action.COMMENTS, 0, int(not comments))
    lift = ((Button(texts("buttons.everything"), Action.EVERYTHING),),) if article is not None else ()
    lines = [
        texts("settings.quotes", quotes=quotes),
        texts(f"settings.comments_{'on' if comments else 'off'}"),
        texts("settings.everything") if article is None else texts("settings.article", title=named(article)),
    ]
    rows = ((steps,) if steps else ()) + ((toggle,),) + lift
    return messages([paragraph(texts("settings.title"), "b"), paragraph("\n".join(lines))], rows)


def history_messages(questions: Sequence[str], texts: Texts) -> list[Message]:
    """The questions that are kept, oldest first."""
    if not questions:
        return notice(texts("history.empty"))
    lines = [paragraph(f"{nth}. {clipped(question, _QUESTION_CHARS)}") for nth, question in enumerate(questions, 1)]
    return messages([paragraph(texts("history.title"), "b"), *lines])


def help_messages(texts: Texts, bot: str, *, admin: bool) -> list[Message]:
    """How to ask, and the commands; ``bot`` is its user name."""
    blocks = [*_paragraphs(texts("help.text", bot=bot)), _commands(texts, "everyone")]
    return messages([*blocks, paragraph(texts("help.admins")), _commands(texts, "admins")] if admin else blocks)


def privacy_messages(texts: Texts, days: int) -> list[Message]:
    """What is kept, and for how many days; 0 is for ever."""
    return notice(texts("privacy.text", kept=texts("privacy.days", days=days) if days else texts("privacy.for_ever")))


def forget_messages(texts: Texts) -> list[Message]:
    """Asks whether all of this chat is to be deleted."""
    choice = (Button(texts("buttons.forget"), Action.FORGET), Button(texts("buttons.keep"), Action.NOTHING))
    return notice(texts("forget.ask"), (choice,))


def notice(text: str, buttons: Buttons = ()) -> list[Message]:
    """A wording of ours, its paragraphs set apart."""
    return messages(_paragraphs(text), buttons)


def _paragraphs(text: str) -> list[Block]:
    return [paragraph(part) for part in text.split("\n\n")]


def _commands(texts: Texts, audience: str) -> Block:
    return paragraph("\n".join(f"/{name}: {description}" for name, description in texts.commands(audience)))


def _quote(citation: Citation, texts: Texts) -> Block:
    """“the quote” and its number; the words that answer are bold."""
    runs = (Run(text, "b" if style else "") for text, style in quote_segments(citation))
    number = str(citation.number).translate(_SUPERSCRIPT)
    return Block((Run(texts("answer.open_quote")), *runs, Run(f"{texts('answer.close_quote')} {number}")))


def _citations(citations: Sequence[Citation], texts: Texts) -> Block:
    """Who says it, a line a quote, folded."""
    runs: list[Run] = []
    for citation in citations:
        number = f"{citation.number}".translate(_SUPERSCRIPT)
        runs.append(Run(f"\n{number} " if runs else f"{number} "))
        link = fragment_link(citation.reference.url, readable(citation))
        comment = citation.quote.hit.passage.kind is Kind.COMMENT
        runs += _said(citation.reference, texts, link, comment=comment)
    return Block(tuple(runs), folded=True)


def _said(reference: Reference, texts: Texts, link: str | None, *, comment: bool = False) -> tuple[Run, ...]:
    """Title, which is the link, author, publisher and date."""
    title = _title(reference)
    said = named(said_by(reference, author=not comment, separator=", "))
    if comment:
        before, _, after = texts("answer.comment", article="\0").partition("\0")
        return (Run(before), Run(title, "", link), Run(said.removeprefix(title) + after))
    return (Run(title, "", link), Run(said.removeprefix(title)))


def _title(reference: Reference) -> str:
    """The title or the file's name; the id where nothing can be seen of them."""
    return named(shown_title(reference)) or named(reference.article_id) or "…"


def _differ(apart: Sequence[Citation], texts: Texts, *, voiced: bool) -> Block:
    """That not all of these quotes can be right; ``voiced`` where an article has them from speakers that it cites."""
    itself = not voiced and len({citation.reference.article_id for citation in apart}) == 1
    return paragraph(texts("answer.contradicts" if itself else "answer.differ"), "b")


def _understood(question: str, texts: Texts) -> Block:
    return paragraph(texts("answer.understood", question=one_line(question).strip()), "i")


def _answer_buttons(citations: Sequence[Citation], shown: int, texts: Texts, row: int) -> Buttons:
    """One row; with several quotes a row before it to show the paragraph of each."""
    several = shown > 1
    shows = [
        Button(
            texts("buttons.show") + (f" {citation.number}".translate(_SUPERSCRIPT) if several else ""),
            Action.SHOW,
            row,
            citation.number,
        )
        for citation in citations[:shown]
    ]
    more = [Button(texts("buttons.more"), Action.MORE, row, shown + 1)] if shown < len(citations) else []
    copied = readable(citations[0]).strip()
    copy = [Button(texts("buttons.copy"), copy=copied)] if 1 <= units(copied) <= COPY_UNITS else []
    judged = [Button(texts(f"buttons.{action}"), action, row) for action in (Action.GOOD, Action.BAD)]
    last = (*more, *(() if several else shows), *copy, *judged)
    return (*_rows(shows), last) if several else (last,)


def _rows(buttons: Sequence[Button]) -> Buttons:
    return tuple(tuple(buttons[at : at + _PER_ROW]) for at in range(0, len(buttons), _PER_ROW))
