"""What a chat shows, letter for letter, and that no text can break it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram_app import messages as made
from bot.telegram_app.buttons import Button, Buttons, pressed
from bot.telegram_app.kept import Shown, shown
from bot.telegram_app.markup import Message
from bot.telegram_app.texts import languages, texts
from retrieval.settings import Settings
from retrieval.types import (
    Abstention,
    Answer,
    Article,
    Citation,
    Difference,
    Hit,
    Kind,
    Passage,
    Quote,
    Reference,
    Reply,
    Span,
    Work,
)
from tests.bot.fakes import FakeCorpus, Library, default_articles
from tests.bot.telegram_app.test_markup import parsed
from tests.bot.telegram_app.test_markup import texts as any_text

ENGLISH = texts("en")
BRIDGE = Reference("b", "/home/anna/b.md", "A Bridge at Last", "Jane Marsh", "Harbour Post", "1987-05-04")


def citation(
    text: str, number: int = 1, reference: Reference = BRIDGE, *, answer: Span | None = None, kind: Kind = Kind.BODY
) -> Citation:
    passage = Passage("p", reference.article_id, 0, len(text), kind, text)
    return Citation(number, reference, Quote(Hit(passage, 1.0, 1.0, 1.0), 0, len(text), text, 1.0, {}, answer))


def answered(*citations: Citation, confidence: float = 0.9, language: str = "en") -> list[Message]:
    return made.reply_messages(Shown(True, confidence, citations), texts(language), 17)


def labels(buttons: Buttons) -> list[list[str]]:
    return [[button.text for button in row] for row in buttons]


@pytest.fixture
def corpus() -> FakeCorpus:
    corpus = Library(default_articles(Path("/articles"))).open(Settings())
    corpus.index()
    return corpus


def test_an_answer_is_the_quote_its_folded_citation_and_one_row_of_buttons(corpus: FakeCorpus) -> None:
    [message] = made.reply_messages(shown(corpus.ask("When did the harbour bridge reopen?")), ENGLISH, 17)
    assert message.html == (
        "“The harbour bridge reopened to traffic on <b>3 May 1987</b>, two years late.” ¹\n"
        "<blockquote expandable>¹ A Bridge at Last, Jane Marsh, Harbour Post, 1987-05-04</blockquote>"
    )
    assert labels(message.buttons) == [["More", "Show", "Copy", "👍", "👎"]]
    assert [button.callback_data for button in message.buttons[0] if not button.copy] == [
        "more:17:2", "show:17:1", "good:17:0", "bad:17:0",
    ]  # fmt: skip


@pytest.mark.parametrize(("code", "told"), [("en", "The sources differ:"), ("ru", "Источники расходятся:")])
def test_where_sources_differ_all_quotes_that_do_are_shown_first_whatever_the_chat_prefers(
    code: str, told: str
) -> None:
    other = replace(BRIDGE, article_id="c")
    said = (citation("In 1987."), citation("A bridge.", 2), citation("In 1988.", 3, other), citation("A quay.", 4))
    parting = Difference((1, 3), "date", (Span(3, 7), Span(3, 7)))
    reply = Shown(True, 0.9, said, None, (parting,))
    [message] = made.reply_messages(reply, texts(code), 17, quotes=1)
    shown_first = [line for line in parsed(message).text.split("\n") if line]
    assert shown_first[0] == told
    assert ["1987" in shown_first[1], "1988" in shown_first[2], "bridge" in shown_first[3]] == [True] * 3
    assert "quay" not in message.html
    assert texts(code)("buttons.more") in labels(message.buttons)[-1]


def test_a_source_that_contradicts_itself_is_told_so() -> None:
    parting = Difference((1, 2), "date", (Span(3, 7), Span(3, 7)))
    reply = Shown(True, 0.9, (citation("In 1987."), citation("In 1988.", 2)), None, (parting,))
    [message] = made.reply_messages(reply, ENGLISH, 17)
    assert parsed(message).text.startswith("The source contradicts itself:")
    [message] = made.reply_messages(replace(reply, differences=(replace(parting, voiced=True),)), ENGLISH, 17)
    assert parsed(message).text.startswith("The sources differ:")


@pytest.mark.parametrize("form", ["list", "comparison"])
def test_lists_and_comparisons_are_shown_whole(form: str) -> None:
    said = tuple(citation(f"Pier {number}.", number) for number in range(1, 10))
    shown_whole = made.reply_messages(Shown(True, 0.9, said, None, (), form), ENGLISH, 17, quotes=1)
    html = "".join(message.html for message in shown_whole)
    assert all(f"Pier {number}." in html for number in range(1, 10))
    assert "More" not in labels(shown_whole[-1].buttons)[-1]


def test_several_quotes_have_their_citations_in_one_fold_and_a_button_each_that_shows_it(corpus: FakeCorpus) -> None:
    [message] = made.reply_messages(shown(corpus.ask("When did the harbour bridge reopen?")), ENGLISH, 17, quotes=2)
    assert message.html.count("<blockquote expandable>") == 1
    assert parsed(message).text.splitlines()[-2:] == [
        "¹ A Bridge at Last, Jane Marsh, Harbour Post, 1987-05-04", "² Forty Years On, Harbour Post, 2027-05-03",
    ]  # fmt: skip
    assert labels(message.buttons) == [["Show ¹", "Show ²"], ["Copy", "👍", "👎"]]


def test_a_link_opens_at_the_quoted_words() -> None:
    [message] = answered(
        citation("Ferries stopped in 1988.", reference=replace(BRIDGE, url="https://example.org/b?a=1&b=2"))
    )
    [link] = [entity for entity in parsed(message).entities if entity["type"] == "text_link"]
    assert link["url"] == "https://example.org/b?a=1&b=2#:~:text=Ferries%20stopped%20in%201988."
    assert parsed(message).spans("text_link") == ["A Bridge at Last"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "tg://user?id=1", "https://"])
def test_other_addresses_are_no_links(url: str) -> None:
    assert "<a " not in answered(citation("Words.", reference=replace(BRIDGE, url=url)))[0].html


def test_where_the_articles_lie_on_the_owners_machine_is_not_told() -> None:
    assert "/home/anna" not in answered(citation("Words."))[0].html


def test_doubt_is_said_in_words_and_certainty_is_not() -> None:
    assert "<i>Not very sure (54 %).</i>" in answered(citation("Words."), confidence=0.54)[0].html
    assert "%" not in answered(citation("Words."), confidence=0.61)[0].html


def test_a_follow_up_says_what_was_understood(corpus: FakeCorpus) -> None:
    reply = corpus.ask("and who designed the bridge?", ["When did the bridge reopen?"])
    assert "<i>Understood as: and who designed the bridge? (When did the bridge reopen?)</i>" in (
        made.reply_messages(shown(reply), ENGLISH, 1)[0].html
    )


def test_a_readers_comment_is_called_one_and_not_laid_to_the_author() -> None:
    [message] = answered(citation("I was there.", kind=Kind.COMMENT))
    assert "¹ a reader's comment on A Bridge at Last, Harbour Post, 1987-05-04" in message.html


def test_an_abstention_is_one_line_and_the_nearest_articles_as_buttons(corpus: FakeCorpus) -> None:
    reply = corpus.ask("Who paid for steel paint on Thursday?")
    assert isinstance(reply, Abstention)
    [message] = made.reply_messages(shown(reply), ENGLISH, 4)
    assert message.html == "My sources don't say."
    assert labels(message.buttons) == [["A Bridge at Last"]]
    assert message.buttons[0][0].callback_data == "show:4:1"


def test_an_article_is_the_nearest_once() -> None:
    other = replace(BRIDGE, article_id="o", title="Other")
    nearest = (citation("A."), citation("B.", 2), citation("C.", 3, other))
    [message] = made.reply_messages(shown(Abstention("q", "r", nearest, 0.1, Work())), ENGLISH, 4)
    assert [row[0].callback_data for row in message.buttons] == ["show:4:1", "show:4:3"]


def test_a_quote_longer_than_a_button_can_copy_has_no_such_button() -> None:
    assert "Copy" in labels(answered(citation("x" * 256))[0].buttons)[0]
    assert "Copy" not in labels(answered(citation("x" * 257))[0].buttons)[0]
    assert "Copy" not in labels(answered(citation("😀" * 129))[0].buttons)[0]


def test_russian_answers_in_russian_and_quotes_as_it_stands() -> None:
    [message] = answered(citation("Words."), confidence=0.5, language="ru")
    assert message.html.startswith("«Words.» ¹\n\n<i>Уверенность невысока (50 %).</i>")


def test_the_paragraph_around_a_quote_has_it_in_bold(corpus: FakeCorpus) -> None:
    article = corpus.article("forty")
    start = article.text.index("drew")
    [message] = made.paragraph_messages(article, Span(start, start + len("drew forty thousand")), ENGLISH, 3, 2)
    title, body = message.html.split("\n\n")
    assert title.startswith('<a href="https://example.org/forty#:~:text=drew%20forty%20thousand">Forty Years On</a>')
    assert body.startswith("The 1987 opening <b>drew forty thousand</b> people")
    assert message.buttons[0][0].callback_data == "only:3:2"


def test_sources_are_listed_by_pages_of_ten_with_a_button_a_number() -> None:
    references = [Reference(f"a{nth}", f"/a/{nth}.md", f"Title {nth}") for nth in range(1, 26)]
    [message] = made.sources_messages(made.numbered(references), ENGLISH, page=2)
    assert message.html.startswith("<b>Articles: 25</b>\n\n11. Title 11\n12. Title 12\n")
    assert message.html.endswith("Page 2 of 3. /source and a number shows one.")
    numbers = [str(nth) for nth in range(11, 21)]
    assert labels(message.buttons) == [numbers[:5], numbers[5:], ["‹ Back", "Onward ›"]]
    assert [button.callback_data for button in message.buttons[-1]] == ["page:0:1", "page:0:3"]


@pytest.mark.parametrize(("asked", "first"), [(-3, "1."), (0, "1."), (3, "21."), (99, "21.")])
def test_a_page_that_there_is_not_is_the_nearest_one(asked: int, first: str) -> None:
    references = [Reference(f"a{nth}", f"/a/{nth}.md", f"Title {nth}") for nth in range(1, 26)]
    [message] = made.sources_messages(made.numbered(references), ENGLISH, asked)
    assert message.text.splitlines()[2].startswith(first)


def test_filtered_sources_keep_their_numbers(corpus: FakeCorpus) -> None:
    found = made.numbered(corpus.articles(), "MARSH bridge")
    assert [number for number, _ in found] == [1]
    [message] = made.sources_messages(found, ENGLISH, words="MARSH bridge")
    assert message.text.startswith("Articles with “MARSH bridge”: 1")
    assert made.sources_messages([], ENGLISH, words="<b>")[0].html.startswith("No article has “&lt;b&gt;”")
    assert made.sources_messages([], ENGLISH)[0].text == "No article is indexed yet."


def test_one_article_is_told_with_what_is_known_of_it(corpus: FakeCorpus) -> None:
    [message] = made.source_messages(2, corpus.article("forty"), ENGLISH)
    assert message.text == "Forty Years On\n\nPublisher: Harbour Post\nPublished: 2027-05-03\nCharacters: 108"
    assert parsed(message).spans("text_link") == ["Forty Years On"]


def test_settings_offer_only_what_can_be_changed() -> None:
    [least] = made.settings_messages(1, 3, False, None, ENGLISH)
    assert labels(least.buttons) == [["More quotes"], ["Let readers' comments answer"]]
    [most] = made.settings_messages(3, 3, True, "A <Bridge>", ENGLISH)
    assert labels(most.buttons) == [["Fewer quotes"], ["Leave readers' comments out"], ["Ask all articles"]]
    assert "Only this article answers: A &lt;Bridge&gt;" in most.html


def test_how_long_things_are_kept_is_told() -> None:
    assert made.privacy_messages(ENGLISH, 30)[0].text.startswith("Kept for 30 days: your questions")
    assert made.privacy_messages(ENGLISH, 0)[0].text.startswith("Kept until you delete it: your questions")


@pytest.mark.parametrize("code", languages())
def test_every_notice_is_something_telegram_takes(code: str) -> None:
    said = texts(code)
    every = [
        *made.help_messages(said, "sayso_bot", admin=True),
        *made.forget_messages(said),
        *made.history_messages(["Who?", "<b>When</b>?"], said),
        *made.history_messages([], said),
        *made.privacy_messages(said, 30),
        *made.privacy_messages(said, 0),
        *made.notice(said("about.text", version="1", articles=3)),
    ]
    assert all(parsed(message).text for message in every)
    assert "/deny" not in made.help_messages(said, "sayso_bot", admin=False)[0].text


references = st.builds(
    Reference, any_text, any_text, st.none() | any_text, st.none() | any_text, st.none() | any_text,
    st.none() | any_text,
    st.none() | any_text | any_text.map("https://example.org/".__add__),
)  # fmt: skip


@st.composite
def citations(draw: st.DrawFn) -> list[Citation]:
    found = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        text = draw(any_text.filter(str.strip)) * draw(st.sampled_from([1, 1, 200]))
        bounds = sorted(draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
        answer = draw(st.sampled_from([None, Span(*bounds)]))
        found.append(citation(text, number, draw(references), answer=answer, kind=draw(st.sampled_from(Kind))))
    return found


@given(citations(), st.integers(1, 5), st.floats(0, 1), st.none() | any_text, st.sampled_from(sorted(languages())))
def test_any_answer_is_one_that_telegram_takes(
    found: list[Citation], quotes: int, confidence: float, understood: str | None, code: str
) -> None:
    for known in (True, False):
        took_all(made.reply_messages(Shown(known, confidence, tuple(found), understood), texts(code), 10**14, quotes))
    took_all(made.quote_messages(found[0], texts(code)))


@given(citations(), any_text)
def test_any_paragraph_and_list_is_one_that_telegram_takes(found: list[Citation], words: str) -> None:
    for each in found:
        article = Article(each.reference, each.quote.text)
        took_all(made.paragraph_messages(article, Span(each.quote.start, each.quote.end), ENGLISH, 1, each.number))
        took_all(made.source_messages(1, article, ENGLISH))
    listed = made.numbered([each.reference for each in found])
    took_all(made.sources_messages(listed, ENGLISH, 1, words, 3))
    took_all(made.history_messages([each.quote.text for each in found], ENGLISH))
    took_all(made.settings_messages(2, 3, True, words, ENGLISH))


def took_all(sent: list[Message]) -> None:
    for message in sent:
        parsed(message)
        for button in (button for row in message.buttons for button in row):
            took(button)
    assert sent and all(message.buttons == () for message in sent[:-1])


def took(button: Button) -> None:
    assert button.text.strip() and not re.search("[\u202a-\u202e\n]", button.text)
    if button.copy:
        assert 1 <= len(button.copy.encode("utf-16-le")) // 2 <= 256
    else:
        assert pressed(button.callback_data) == (button.action, button.row, button.argument)


def test_quotes_are_never_altered_but_for_blanks_and_controls(corpus: FakeCorpus) -> None:
    reply: Reply = corpus.ask("lighthouse keeper two cats")
    assert isinstance(reply, Answer)
    assert "keeper kept two cats 🐈 and قطتان." in made.reply_messages(shown(reply), ENGLISH, 1)[0].text
