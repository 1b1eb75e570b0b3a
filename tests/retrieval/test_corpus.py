"""One data folder to index, to ask and to look into, from several threads, with Chroma or without."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import retrieval
from retrieval.corpus import Corpus
from retrieval.errors import InputError, StoreError
from retrieval.settings import Corpus as CorpusSettings
from retrieval.settings import Passages, Store
from retrieval.store.vectors import ChromaIndex, ExactIndex
from retrieval.types import Answer, Filters
from tests.engine import archive_of, contents, in_use, lighthouse, shown, verified, write

BY_CHROMA = Store(exact_below=0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "articles", **{f"n{number}": lighthouse(number) for number in range(12)})


@pytest.fixture(params=["exact", "chroma"])
def corpus(request: pytest.FixtureRequest, open_engine: Callable[..., Corpus], folder: Path) -> Corpus:
    """Twelve articles, asked by an exact scan and by Chroma."""
    made = open_engine(store=Store() if request.param == "exact" else BY_CHROMA)
    made.index([folder])
    expected = ExactIndex if request.param == "exact" else ChromaIndex
    assert isinstance(in_use(made).neighbours.current(), expected)
    return made


def keeper(corpus: Corpus, number: int) -> list[str]:
    """The articles that the answer to a question about one lighthouse cites."""
    reply = corpus.ask(f"Who lives in the lighthouse of Cape N{number}?")
    assert isinstance(reply, Answer)
    assert verified(corpus, reply)
    return [citation.reference.article_id for citation in reply.citations]


# Before anything is indexed


def test_a_new_corpus_is_empty_and_asking_it_says_so(open_engine, tmp_path):
    corpus = open_engine()
    assert corpus.is_empty()
    assert corpus.articles() == []
    with pytest.raises(InputError, match="nothing is indexed") as caught:
        corpus.ask("Who?")
    assert "sayso index" in caught.value.hint
    with pytest.raises(InputError, match="'x'"):
        corpus.remove(["x"])
    assert not archive_of(corpus).exists(), "looking makes no file"


def test_a_folder_without_articles_makes_an_empty_corpus(open_engine, tmp_path):
    corpus = open_engine()
    (tmp_path / "none").mkdir()
    report = corpus.index([tmp_path / "none"])
    assert (report.added, report.rejected, report.passages) == ((), (), 0)
    assert corpus.is_empty()
    with pytest.raises(InputError, match="nothing is indexed"):
        corpus.ask("Who?")


def test_without_paths_the_configured_ones_are_indexed(open_engine, folder):
    corpus = open_engine(corpus=CorpusSettings(paths=[str(folder)]))
    assert len(corpus.index().added) == 12


@pytest.mark.parametrize("path", ["~", "~nobody-of-that-name/x", "/dev/null", "a\nb", "x" * 200])
def test_a_path_that_is_none_is_reported(open_engine, path, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "no home"))
    report = open_engine().index([path])
    assert len(report.rejected) == 1
    assert report.added == ()


# Asking and looking


def test_the_right_article_is_cited_and_every_quote_stands_in_it(corpus):
    for number in (0, 5, 11):
        assert keeper(corpus, number)[0] == f"n{number}.txt"


def test_the_same_question_gets_the_same_answer(corpus):
    first, second = corpus.ask("Who counts the ships?"), corpus.ask("Who counts the ships?")
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert first.citations == second.citations
    assert first.confidence == second.confidence


def test_a_filter_keeps_to_its_articles(corpus):
    reply = corpus.ask("Who lives in the lighthouse?", filters=Filters(article="n7.txt"))
    assert {citation.reference.article_id for citation in reply.citations} == {"n7.txt"}


def test_articles_are_listed_and_shown_whole(corpus, folder):
    assert {reference.source for reference in corpus.articles()} == {str(path) for path in folder.iterdir()}
    assert corpus.article("n3.txt").text == (folder / "n3.txt").read_text()
    with pytest.raises(InputError):
        corpus.article("n99.txt")


# Removing


def test_what_is_removed_answers_no_more_and_its_file_stays(corpus, folder):
    assert corpus.remove(["n3.txt", "n4.txt"]) == ["n3.txt", "n4.txt"]
    assert "n3.txt" not in keeper(corpus, 3)
    assert (folder / "n3.txt").exists()
    held = contents(corpus)
    assert len(held["articles"]) == len(held["chroma"]) == 10
    assert corpus.index([folder]).added == ("n3.txt", "n4.txt")


def test_every_write_makes_another_version(corpus, folder):
    before = corpus.version()
    assert corpus.version() == before
    corpus.remove([corpus.articles()[0].article_id])
    assert corpus.version() != before


def test_an_unknown_id_removes_nothing(corpus):
    before = archive_of(corpus).generation()
    with pytest.raises(InputError, match=r"'n99\.txt'"):
        corpus.remove(["n3.txt", "n99.txt"])
    assert archive_of(corpus).generation() == before


# Repairing, and answering while Chroma is not to be trusted


def test_repair_changes_nothing_where_nothing_is_wrong(corpus):
    before = contents(corpus)
    assert "12 passages" in corpus.repair()
    assert contents(corpus) == before
    assert keeper(corpus, 5)[0] == "n5.txt"


def test_repair_makes_the_word_index_anew(corpus):
    before = contents(corpus)
    with archive_of(corpus)._database.writing() as db:
        db.execute("INSERT INTO words(words) VALUES ('delete-all')")
    assert contents(corpus)["words"] == []
    corpus.repair()
    assert contents(corpus) == before


@pytest.fixture
def scanned(open_engine, folder, tmp_path) -> Callable[[], Corpus]:
    """Opens, with Chroma to answer, a corpus of twelve articles that is closed."""
    corpus = open_engine(store=BY_CHROMA)
    corpus.index([folder])
    corpus.close()
    return lambda: open_engine(store=BY_CHROMA)


def remove_graph(chroma: Path) -> None:
    for part in chroma.iterdir():
        if part.is_dir():
            shutil.rmtree(part)


def put_in_the_way(chroma: Path) -> None:
    shutil.rmtree(chroma)
    chroma.write_text("")


def damage(chroma: Path) -> None:
    (chroma / "chroma.sqlite3").write_bytes(b"no database" * 100)


@pytest.mark.parametrize("harm", [shutil.rmtree, put_in_the_way, damage])
def test_where_chroma_is_lost_the_archive_answers_until_it_is_repaired(scanned, tmp_path, caplog, harm):
    harm(tmp_path / "data" / "chroma")
    corpus = scanned()
    with caplog.at_level(logging.WARNING, "retrieval"):
        for number in range(12):
            assert keeper(corpus, number)[0] == f"n{number}.txt"
    assert len(caplog.records) == 1, "said once, not with every question"
    assert "sayso repair" in caplog.text
    if (tmp_path / "data" / "chroma").is_file():
        (tmp_path / "data" / "chroma").unlink()
    corpus.repair()
    assert isinstance(in_use(corpus).neighbours.current(), ChromaIndex)
    assert keeper(corpus, 5)[0] == "n5.txt"


@pytest.mark.parametrize(
    ("place", "said"), [("", "Chroma's files are not what was written"), ("elsewhere", "Chroma has lost vectors")]
)
def test_where_chroma_has_lost_its_graph_the_archive_answers(open_engine, tmp_path, caplog, place, said):
    """Chroma still counts all records then, and answers with the few that its graph had not taken in.

    Files that are this data folder's alone are known by their hash.
    """
    by_chroma = Store(url=f"chroma:{tmp_path / place}" if place else "chroma:", exact_below=0)
    corpus = open_engine(store=by_chroma, passages=Passages(tokens=40))
    text = "\n\n".join(lighthouse(number) for number in range(600))
    corpus.index([write(tmp_path / "articles", long=text)])
    passages = archive_of(corpus).count()[1]
    assert passages >= 1_000
    corpus.close()
    remove_graph(tmp_path / place if place else tmp_path / "data" / "chroma")
    again = open_engine(store=by_chroma)
    assert isinstance(in_use(again).neighbours.current(), ExactIndex)
    assert said in caplog.text
    assert in_use(again).indexer.chroma.count() == passages


def test_while_chroma_is_behind_the_archive_answers_and_nobody_is_warned(scanned, tmp_path, caplog):
    corpus = scanned()
    with archive_of(corpus)._database.writing() as db:
        db.execute("INSERT INTO outbox SELECT max(row), 0 FROM passages")
    assert isinstance(in_use(corpus).neighbours.current(), ExactIndex)
    assert keeper(corpus, 11)[0] == "n11.txt"
    assert caplog.text == ""
    in_use(corpus).indexer.tell_chroma()
    assert isinstance(in_use(corpus).neighbours.current(), ChromaIndex)


def test_without_its_server_a_corpus_is_indexed_later_and_asked_now(open_engine, folder):
    away = Store(url="chroma+http://127.0.0.1:9", exact_below=0)
    corpus = open_engine(store=away)
    with pytest.raises(StoreError, match=r"127\.0\.0\.1:9"):
        corpus.index([folder])
    assert keeper(corpus, 5)[0] == "n5.txt"


def test_neighbours_are_opened_anew_only_after_a_write(corpus, folder):
    index = in_use(corpus).neighbours.current()
    keeper(corpus, 1)
    corpus.index([folder])
    assert in_use(corpus).neighbours.current() is index
    write(folder, n1=lighthouse(50))
    corpus.index([folder])
    assert in_use(corpus).neighbours.current() is not index


# Threads


def test_many_ask_while_one_indexes(corpus, folder):
    changes = [
        {"n1": lighthouse(200 + number), f"m{number}": lighthouse(300 + number), f"n{number + 2}": ""}
        for number in range(6)
    ]
    versions = {f"n{number}.txt": [lighthouse(number)] for number in range(12)}
    for change in changes:
        for name, text in change.items():
            versions.setdefault(f"{name}.txt", []).append(text)
    errors: list[BaseException] = []
    done = threading.Event()

    def ask() -> None:
        try:
            while not done.is_set():
                citations = corpus.ask("Who lives in the lighthouse of Cape N11?").citations
                assert citations[0].reference.article_id == "n11.txt"
                for quote, texts in ((c.quote, versions[c.reference.article_id]) for c in citations):
                    assert quote.text in {text[quote.start : quote.end] for text in texts}
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    try:
        for change in changes:
            corpus.index([write(folder, **change)])
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert errors == []
    held = contents(corpus)
    assert held["chroma"] == [record[0] for record in held["passages"]]


def test_a_corpus_closes_with_its_block(open_engine, folder):
    with open_engine() as corpus:
        corpus.index([folder])
    assert archive_of(corpus)._database._open == []


# The real encoder


def test_chroma_and_the_exact_scan_give_the_same_answers(open_corpus, tmp_path):
    folder = write(
        tmp_path / "articles",
        bridge="The harbour bridge at Tarn reopened in 1987, two years late. It had been closed after a storm.\n",
        orchard="The orchard at Fell grows forty kinds of apple. Frost killed half of its trees in 1963.\n",
    )
    by_scan = open_corpus()
    by_scan.index([folder])
    by_chroma = open_corpus(store=BY_CHROMA)
    asked = (("When did the bridge open again?", "bridge"), ("What harmed the fruit trees?", "orchard"))
    for question, article in asked:
        replies = [corpus.ask(question) for corpus in (by_scan, by_chroma)]
        assert replies[0].work.hits == replies[1].work.hits
        assert replies[0].work.hits[0].passage.article_id == f"{article}.txt"
        assert shown(replies[0]) == shown(replies[1])
        assert all(verified(by_scan, reply) for reply in replies)


def test_a_corpus_is_opened_lazily(tmp_path):
    corpus = retrieval.open(retrieval.Settings(data_dir=tmp_path / "data"))
    corpus.close()
    assert not (tmp_path / "data").exists()


def test_the_users_own_articles_take_the_place_of_those_that_come_with_sayso(open_engine, tmp_path):
    corpus = open_engine()
    came = corpus.index().added
    assert came
    own = write(tmp_path / "own", pier="The pier of Tarn was built in 1874 by two brothers from Leith.")
    report = corpus.index([own])
    assert report.added == ("pier.txt",)
    assert set(report.removed) == set(came)
    corpus.index()  # without a path: Sayso's articles join, and stay
    other = write(tmp_path / "other", mole="The mole of Tarn is older than its pier, and a good deal longer.")
    assert corpus.index([other]).removed == ()
    assert {reference.article_id for reference in corpus.articles()} == {"pier.txt", "mole.txt", *came}


def test_an_article_may_be_named_by_its_path_or_by_words_of_its_title(open_engine, tmp_path):
    corpus = open_engine()
    file = tmp_path / "pier.md"
    file.write_text(
        "---\ntitle: The Pier at Tarn\n---\n\nThe pier was built in 1874 by two brothers.", encoding="utf-8"
    )
    corpus.index([file])
    assert corpus.article(str(file)).reference.article_id == "pier.md"
    assert corpus.article("pier at tarn").reference.article_id == "pier.md"
    with pytest.raises(InputError) as refused:
        corpus.article("pier.nd")
    assert "did you mean 'pier.md'?" in refused.value.hint
    assert corpus.remove(["The Pier at Tarn"]) == ["pier.md"]


def test_filters_that_no_article_passes_are_an_error_and_no_refusal(open_engine, tmp_path):
    corpus = open_engine()
    corpus.index([write(tmp_path / "own", pier="The pier of Tarn was built in 1874 by two brothers from Leith.")])
    with pytest.raises(InputError, match="no article passes the filters"):
        corpus.ask("Who built the pier?", filters=Filters(author="Nobody"))


def test_words_that_several_titles_share_name_none_of_them(open_engine, tmp_path):
    corpus = open_engine()
    for number in range(7):
        text = f"---\ntitle: Harbour {number}\n---\n\nHarbour number {number} was dug in 18{number}4 by hand."
        (tmp_path / f"h{number}.md").write_text(text, encoding="utf-8")
    corpus.index(sorted(tmp_path.glob("h*.md")))
    with pytest.raises(InputError, match=r"'harbour' is in the titles of 7 articles: Harbour 0 \(h0\.md\), .* 2 more"):
        corpus.remove(["harbour"])
    assert len(corpus.articles()) == 7
    assert corpus.remove(["harbour 3"]) == ["h3.md"]


@pytest.fixture
def records(open_engine: Callable[..., Corpus], tmp_path: Path) -> Corpus:
    """Two articles of one file of JSON lines and one file of its own, ``pier.txt``."""
    lines = [
        {"id": "lamp/2024", "title": "The Light", "text": "The lamp of Tarn was lit in 1901 by Agnes Brodie."},
        {"id": "lamb", "title": "The Fair", "text": "The lamb fair of Tarn was held in 1902 on the north meadow."},
    ]
    (tmp_path / "notes.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (tmp_path / "pier.txt").write_text("The pier of Tarn was built in 1874 by two brothers.", encoding="utf-8")
    corpus = open_engine()
    corpus.index([tmp_path / "notes.jsonl", tmp_path / "pier.txt"])
    return corpus


def names(folder: Path) -> dict[str, str]:
    """What a person may write to what is meant."""
    return {
        f"{folder}/notes.jsonl#lamp/2024": "lamp/2024",
        "notes.jsonl#lamb": "lamb",
        "./notes.jsonl#2": "lamb",
        "lamp": "lamp/2024",
        "pier": "pier.txt",
        str(folder / "pier.txt"): "pier.txt",
    }


def test_an_article_of_many_in_a_file_has_the_files_path_and_its_id_for_a_name(records, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, article_id in names(tmp_path).items():
        assert records.article(name).reference.article_id == article_id
        assert [found.article_id for found in records.articles(Filters(article=name))] == [article_id]
        reply = records.ask("Who built or lit or held what?", filters=Filters(article=name))
        assert {hit.passage.article_id for hit in reply.work.hits} == {article_id}
        assert records.remove([name]) == [article_id]
        records.index([tmp_path / "notes.jsonl", tmp_path / "pier.txt"])


def test_a_file_of_many_articles_filters_and_is_removed_whole_but_is_not_one_to_show(records, tmp_path):
    file = str(tmp_path / "notes.jsonl")
    assert {found.article_id for found in records.articles(Filters(article=file))} == {"lamp/2024", "lamb"}
    with pytest.raises(InputError, match=r"holds 2 articles: The Fair \(lamb\), The Light \(lamp/2024\)"):
        records.article(file)
    assert set(records.remove([file])) == {"lamp/2024", "lamb"}


@pytest.mark.parametrize("name", ["pie", "lam", "notes.jsonl#la", "pier.txt#pier.txt", "a\0b"])
def test_what_begins_no_id_or_several_is_no_name(records, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    for use in (records.article, lambda name: records.remove([name]), lambda name: records.articles(Filters(name))):
        with pytest.raises(InputError, match="there is no article"):
            use(name)
