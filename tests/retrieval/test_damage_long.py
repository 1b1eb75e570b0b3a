"""Bits that flip and pages that are lost anywhere in the archive are never cited; they are found, mended or refused."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from retrieval.corpus import Corpus
from retrieval.doctor import Status
from retrieval.doctor.folder import folder_checks
from retrieval.errors import InputError, MismatchError, StoreError
from retrieval.settings import Passages, Settings
from tests.engine import contents, engine, lighthouse, verified, write

SMALL = Passages(tokens=40)
NUMBERS = range(8)
PAGE = 4096


class Sound(NamedTuple):
    """An archive's file, what is cited from it, and the texts of its articles."""

    archive: Path
    cited: set[object]
    texts: set[str]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    folder = tmp_path_factory.mktemp("sound")
    articles = write(folder / "articles", **{f"n{number}": lighthouse(number) for number in NUMBERS})
    with engine(folder / "data", passages=SMALL) as corpus:
        corpus.index([articles])
        cited, texts = asked(corpus)
    return Sound(folder / "data" / "archive.sqlite3", cited, texts)


def citations(corpus: Corpus) -> set[object]:
    """What is cited for each question: words, places, and all that is said of the article."""
    replies = [corpus.ask(f"Who lives in the lighthouse of Cape N{number}?") for number in NUMBERS]
    assert all(verified(corpus, reply) for reply in replies)
    return {
        (c.reference, c.quote.text, c.quote.start, c.quote.end)
        for reply in replies
        for c in getattr(reply, "citations", ())
    }


def troubled(data: Path) -> bool:
    """Whether the doctor finds something; Chroma is not asked."""
    checks = folder_checks(Settings(data_dir=data, passages=SMALL), data)
    looked_at = takewhile(lambda check: check.name != "settings", checks)
    return any(check.status is not Status.OK for check in looked_at)


Flip = st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 7))


@settings(max_examples=2000)
@given(flips=st.lists(Flip, min_size=1, max_size=4), pages=st.lists(st.floats(0, 1, exclude_max=True), max_size=1))
def test_what_is_damaged_is_not_cited_and_is_mended_or_refused(sound, tmp_path_factory, flips, pages):
    content = bytearray(sound.archive.read_bytes())
    for place, bit in flips:
        content[int(place * len(content))] ^= 1 << bit
    for place in pages:
        first = int(place * len(content)) // PAGE * PAGE
        content[first : first + PAGE] = bytes(PAGE)
    data = tmp_path_factory.mktemp("damaged") / "data"
    data.mkdir(mode=0o700)
    (data / "archive.sqlite3").touch(mode=0o600)
    (data / "archive.sqlite3").write_bytes(content)
    with engine(data, passages=SMALL) as corpus:
        shown, there = asked(corpus)
        assert shown <= sound.cited, "words that no article has"
        assert there == sound.texts or troubled(data)
        if repaired(corpus):
            assert not troubled(data)
            shown, there = asked(corpus)
            assert shown <= sound.cited
            assert there <= sound.texts
            assert contents(corpus)["outbox"] == 0


def asked(corpus: Corpus) -> tuple[set[object], set[str]]:
    """What is cited and the articles' texts, as far as neither is refused."""
    try:
        return citations(corpus), {corpus.article(reference.article_id).text for reference in corpus.articles()}
    except MismatchError:  # another encoder in the manifest; of an encoder of tests the doctor says that anyway
        reject()
    except (StoreError, InputError):
        return set(), set()


def repaired(corpus: Corpus) -> bool:
    """Whether anything could be saved."""
    try:
        corpus.repair()
    except StoreError:
        return False
    return True
