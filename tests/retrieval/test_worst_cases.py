"""No text makes Sayso compute for long: what patterns and parsers take grows with the text, not with its square."""

from __future__ import annotations

import importlib
import json
import pkgutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import retrieval.cleaning
from retrieval import metadata
from retrieval.articles import markdown, read_articles
from retrieval.changes import _cleaned
from retrieval.corpus import Corpus
from retrieval.settings import Answers
from retrieval.texts import dates, statements
from retrieval.tokens import sentence_spans
from retrieval.types import Article, Reference, Rejected
from tests.engine import engine, lighthouse, write
from tests.retrieval.worst_cases import patterns, text_of, worst_cases

LENGTH = 100_000
NAMES = [f"retrieval.cleaning.{module.name}" for module in pkgutil.iter_modules(retrieval.cleaning.__path__)]
CLEANING = [importlib.import_module(name) for name in NAMES]
CASES = sorted({case for p in patterns([*CLEANING, statements, dates, metadata, markdown]) for case in worst_cases(p)})
SHARES = 12


def seconds(act: Callable[[str], object], text: str) -> float:
    begun = time.process_time()
    act(text)
    return time.process_time() - begun


def grows_with_the_text(act: Callable[[str], object], text: Callable[[int], str], length: int = LENGTH) -> bool:
    """Whether twice the text takes less than three times as long; what takes no second is not looked at.

    The square would take four times. The best of three, as others use the machine too.
    """
    if seconds(act, text(length)) < 1:
        return True
    whole, half = (min(seconds(act, text(size)) for _ in range(3)) for size in (length, length // 2))
    return whole < 3 * half


def cleaned(text: str) -> Article:
    return _cleaned(Article(Reference("a", "/a.md"), text))


def article_of(lead: str, unit: str) -> Callable[[int], str]:
    """One endless line, and lines of the length up to which a line may state something."""

    def made(length: int) -> str:
        line = text_of(lead, unit, statements.LONGEST)
        return text_of(lead, unit, length // 2) + "\n\n" + f"{line}\n" * (length // 2 // len(line))

    return made


@pytest.mark.timed
@pytest.mark.parametrize("share", range(SHARES))
def test_cleaning_takes_its_time_with_no_text(share: int) -> None:
    assert len(CASES) > 200
    slow = [case for case in CASES[share::SHARES] if not grows_with_the_text(cleaned, article_of(*case))]
    assert slow == []


WORDS = ['."', ".”", "![a", ". . .\n", "a? ", ". ", '") ', "Dr. ", "1. ", "۔", "a.A", '."' * 450 + " "]


@pytest.mark.timed
@pytest.mark.parametrize("unit", WORDS)
def test_sentences_are_found_in_any_text(unit: str) -> None:
    assert grows_with_the_text(sentence_spans, lambda length: text_of("", unit, length))


QUESTIONS = ["a ", "A", "A ", "and ", "? ", "1,", "views on a ", "“", "the three ", "\x1b[0", "a-", "é", "a, "]


@pytest.mark.timed
@pytest.mark.parametrize("unit", QUESTIONS)
@pytest.mark.parametrize("lead", ["Compare the views on the ", "What are the three ", "Who "])
def test_a_question_is_understood_whatever_it_is(asked: Corpus, lead: str, unit: str) -> None:
    def ask(text: str) -> None:
        asked.ask(text, [text])

    assert grows_with_the_text(ask, lambda length: text_of(lead, unit, length), length=20_000)


def many_names(length: int) -> str:
    return "".join(
        f"{chr(65 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}rov met in " for n in range(length // 13)
    )


@pytest.mark.timed
def test_a_follow_up_is_resolved_however_much_was_named_before(asked: Corpus) -> None:
    def ask(text: str) -> None:
        asked.ask("And did he leave it there that year? " * 50, [text] * 9)

    assert seconds(ask, many_names(20_000)) < 2  # of which most is the earlier questions' answers


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder = tmp_path_factory.mktemp("asked")
    with engine(folder / "data", answers=Answers(threshold=0.0, max_question_chars=20_000)) as corpus:
        corpus.index([write(folder / "articles", one=lighthouse(1))])
        yield corpus


# Bombs: small files that mean something large


def read(path: Path, text: str) -> Article | Rejected:
    path.write_text(text, encoding="utf-8")
    (found,) = read_articles([path], 64)
    return found


def test_front_matter_that_names_itself_again_and_again_states_nothing(tmp_path: Path) -> None:
    ninefold = [f"a{n}: &a{n} {{name: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 12)]
    bombs = ["\n".join(["a0: &a0 x", *ninefold, "author: *a11"]), "author: &a {name: *a}", "author: &a {name: [*a]}"]
    for bomb in bombs:
        begun = time.process_time()
        article = read(tmp_path / "a.md", f"---\ntitle: Bridge\n{bomb}\n---\nThe bridge reopened.\n")
        assert isinstance(article, Article)
        assert (article.reference.title, article.reference.author) == (None, None)
        assert time.process_time() - begun < 5


@pytest.mark.parametrize("nested", ["{name: " * 900 + "x" + "}" * 900, "[" * 4_000, "!!python/name:os.abort []"])
def test_front_matter_nested_beyond_reason_states_no_author(tmp_path: Path, nested: str) -> None:
    article = read(tmp_path / "a.md", f"---\nauthor: {nested}\n---\nThe bridge reopened.\n")
    assert isinstance(article, Article)
    assert article.reference.author is None


def test_entities_that_stand_for_each_other_stay_what_they_are(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, 40))
    page = f'<!DOCTYPE x [<!ENTITY a0 "word word">{entities}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    found = read(tmp_path / "a.html", f"{page}<html><body><p>The bridge. &a39; &f;</p></body></html>")
    assert len(found.text if isinstance(found, Article) else "") < 10_000
    assert "root:" not in str(found.text if isinstance(found, Article) else "")


def test_a_page_of_too_many_elements_is_a_failure(tmp_path: Path) -> None:
    found = read(tmp_path / "a.html", "<p>The bridge reopened.</p>" * 30_000)
    assert found == Rejected(str(tmp_path / "a.html"), "HTML of more than 30,000 elements", failed=True)


PAGES = ["<p>a</p>", "<h2>a</h2><p>b</p>", "a<br><br>", "<div>abc</div>", "<!--", "&amp;", "<![CDATA[", "<a>a</a>"]


@pytest.mark.timed
@pytest.mark.parametrize("unit", PAGES)
def test_pages_are_read_in_a_time_that_grows_with_them(tmp_path: Path, unit: str) -> None:
    assert grows_with_the_text(lambda text: read(tmp_path / "a.html", text), lambda n: unit * (n // len(unit)))


@pytest.mark.parametrize("value", ["[" * 200_000, "9" * 200_000, '{"a":' * 100_000, '"' + "\\u0000" * 50_000 + '"'])
def test_a_json_line_that_means_something_large_is_a_failure(tmp_path: Path, value: str) -> None:
    for line in (value, f'{{"id": "a", "text": {value}}}', f'{{"id": "a", "text": "b", "author": {value}}}'):
        found = read(tmp_path / "a.jsonl", line)
        assert isinstance(found, Rejected)
        assert found.failed
        assert len(found.reason) < 200


def test_what_is_nested_in_the_data_of_a_page_is_not_read(tmp_path: Path) -> None:
    for value in ("[" * 100_000, '{"name":' * 900 + '"x"' + "}" * 900, json.dumps("9" * 9_000)):
        data = f'<script type="application/ld+json">{{"@type": "Article", "author": {value}}}</script>'
        found = read(tmp_path / "a.html", f"<html><head>{data}</head><body><p>The bridge reopened.</p></body></html>")
        assert isinstance(found, Article)
        assert found.reference.author is None
