"""Lexical search: words of any script are found by stem, ranked, and in bounded work however common they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.question import understood
from retrieval.store.archive import Archive
from retrieval.types import Filters, Kind
from tests.engine import index_words
from tests.retrieval.samples import archive_of, article

_WORDS = ("bridge", "harbour", "mill", "quay", "tower")
ALL = Filters()


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An article for each choice of five words, each word in half of them, and one that has a word of its own."""
    texts = [" ".join(word for bit, word in enumerate(_WORDS) if number >> bit & 1) for number in range(1, 32)]
    made = [article(f"The {text}.", f"a{number}") for number, text in enumerate(texts)]
    made.append(article("The bridge and the windmill.", "rare"))
    with closing(archive_of(tmp_path_factory.mktemp("words"), *made)) as archive:
        yield archive


def expression(words: set[str]) -> str:
    return " OR ".join(f'"{word}"' for word in sorted(words))


def test_words_are_found_by_stem_in_text_and_context_and_ranked(tmp_path):
    made = [
        article("The bridges were painted.", "a"),
        article("Bridge, bridge, bridge.", "b"),
        article("Nothing here.", "c", title="The Bridge"),
        article("A bridge.", "d", [("A bridge.", Kind.COMMENT)]),
    ]
    with closing(archive_of(tmp_path, *made)) as archive:
        rows = {p.article_id: row for row, p in archive.passages(archive.rows(Filters(comments=True))).items()}
        words = archive.words
        assert words.document_frequency("bridges") == 4
        assert words.holds("bridges")
        assert not words.holds('no "such" word')
        best = words.best('"bridge"', 10, ALL)
        assert set(best) == {rows["a"], rows["b"], rows["c"]}
        assert best[0] == rows["b"]
        assert words.best('"bridge"', 1, ALL) == best[:1]
        assert len(words.best('"bridge"', 10, Filters(comments=True))) == 4
        scores = words.bm25('"bridge"', best)
        assert sorted(scores, key=lambda row: -scores[row]) == best
        assert min(scores.values()) > 0


@given(asked=st.sets(st.sampled_from(_WORDS), min_size=1), rare=st.sets(st.sampled_from(_WORDS), min_size=1))
def test_what_matches_the_rare_words_is_scored_by_all_of_them_and_nothing_else_is(crowd, asked, rare):
    whole, narrow = expression(asked | rare), expression(rare)
    scores = crowd.words.bm25(whole, crowd.words.best(narrow, 99, ALL))
    best = crowd.words.best(whole, 99, ALL, narrow)
    assert set(best) == set(scores)
    assert [scores[row] for row in best] == sorted(scores.values(), reverse=True)
    assert crowd.words.best(whole, 3, ALL, narrow) == best[:3]
    assert crowd.words.best(whole, 99, Filters(article="a3"), narrow) == [row for row in best if row in a3(crowd)]


def a3(archive: Archive) -> list[int]:
    return archive.rows(Filters(article="a3"))


@given(counts=st.dictionaries(st.sampled_from(_WORDS), st.integers(0, 9_000), min_size=1))
def test_common_words_are_left_to_the_rare_ones_where_they_are_too_many_to_score(counts):
    asked = "The " + " ".join(counts)
    query = understood(asked, lambda word: counts[word], 10_000)
    known = {word for word in counts if counts[word]}
    assert {part.strip('"') for part in query.match.split(" OR ") if part} == known
    if not query.rare:
        assert sum(counts.values()) <= 5_000 or len(known) == 1
        return
    rare = {part.strip('"') for part in query.rare.split(" OR ")}
    assert rare and rare < known
    assert sum(counts[word] for word in rare) <= max(5_000, min(counts[word] for word in known))
    assert max(counts[word] for word in rare) <= min(counts[word] for word in known - rare)


@given(word=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80))
def test_any_text_may_be_looked_up_as_a_word(crowd, word):
    assert crowd.words.document_frequency(word) == 0 or word.lower().rstrip("s") in {*_WORDS, "the", "and"}


@pytest.mark.parametrize("word", ["हिन्दी", "اُردُو", "русские", "straße", "O’Neil", "naïve"])
def test_a_word_of_any_script_is_one_word(tmp_path, word):
    with closing(archive_of(tmp_path, article(f"Before {word} after."))) as archive:
        with archive.snapshot() as db:
            terms = {term for term, *_ in index_words(db)}
        assert archive.words.document_frequency(word) == 1
        assert len(terms) == (4 if "’" in word else 3)
