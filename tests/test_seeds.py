"""The default corpus: every article names its source, every gold answer stands in the text, nothing is copied."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
ORIGINALS = ROOT.parent / "shared" / "seeds"

KINDS = {"plain", "paraphrase", "list", "date", "reason", "follow-up", "unanswerable"}
LEAST = {"plain": 25, "paraphrase": 25, "list": 12, "date": 12, "reason": 12, "follow-up": 30, "unanswerable": 45}
FIELDS = {"id", "question", "kind", "answerable", "answers", "articles", "history"}
COPIED_WORDS = 8

ARTICLES = sorted(SEEDS.glob("*.md"))


def split(path: Path) -> tuple[dict, str]:
    opening, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    assert opening == "", f"{path.name} does not begin with its front matter"
    return yaml.safe_load(front), body


def load_questions() -> list[dict]:
    lines = (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


BODIES = {path.stem: split(path)[1] for path in ARTICLES}
QUESTIONS = load_questions()


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def runs(text: str, length: int = COPIED_WORDS) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + length]) for i in range(len(found) - length + 1)}


# Articles


def test_there_are_enough_articles():
    assert len(ARTICLES) >= 8


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_front_matter_is_complete_and_names_the_source(path):
    front, _ = split(path)
    for key in ("title", "author", "publisher", "published", "license"):
        assert front.get(key), f"{key} is missing"
    assert front["license"] == "CC0-1.0"
    assert str(front["published"]) == "2026-11-22"
    source = front["rests_on"]
    for key in ("title", "author", "publisher", "file"):
        assert isinstance(source.get(key), str) and source[key].strip(), f"rests_on.{key} is missing"
    assert re.fullmatch(r"\d{3}_[0-9a-f]{16}\.txt", source["file"])


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_an_article_is_350_to_700_words_under_one_to_four_headings(path):
    _, body = split(path)
    assert 350 <= len(body.split()) <= 700
    assert 1 <= len(re.findall(r"^## \S", body, flags=re.MULTILINE)) <= 4


def test_titles_are_unique():
    titles = [split(path)[0]["title"] for path in ARTICLES]
    assert len(set(titles)) == len(titles)


def test_some_articles_have_lists_and_some_count_their_arguments():
    listed = [stem for stem, body in BODIES.items() if re.search(r"^(- |\d\. )", body, flags=re.MULTILINE)]
    counted = [
        stem for stem, body in BODIES.items() if re.search(r"\bFirst\b.*\bSecond\b.*\bFinally\b", body, re.DOTALL)
    ]
    assert len(listed) >= 2
    assert len(counted) >= 2


# Questions


def test_records_have_the_agreed_fields():
    for record in QUESTIONS:
        assert set(record) == FIELDS, record.get("id")
        assert record["question"].strip() and "\n" not in record["question"]
        assert record["kind"] in KINDS
        assert record["answerable"] is (record["kind"] != "unanswerable")
        for key in ("answers", "articles", "history"):
            assert isinstance(record[key], list) and all(isinstance(item, str) and item.strip() for item in record[key])


def test_ids_and_questions_are_unique():
    assert len({record["id"] for record in QUESTIONS}) == len(QUESTIONS)
    asked = [(record["question"], tuple(record["history"])) for record in QUESTIONS]
    assert len(set(asked)) == len(asked)


def test_there_are_enough_questions_of_every_kind():
    counts = Counter(record["kind"] for record in QUESTIONS)
    assert len(QUESTIONS) >= 80
    short = {kind: (counts[kind], least) for kind, least in LEAST.items() if counts[kind] < least}
    assert not short, f"too few (have, want): {short}"


def test_about_a_quarter_of_the_questions_are_typed_carelessly():
    careless = [r for r in QUESTIONS if r["question"][0].islower() or r["question"][-1] not in "?."]
    assert 0.15 <= len(careless) / len(QUESTIONS) <= 0.40


def test_answerable_questions_have_answers_and_unanswerable_ones_have_none():
    for record in QUESTIONS:
        assert bool(record["answers"]) is record["answerable"], record["id"]
        assert bool(record["articles"]) is record["answerable"], record["id"]


@pytest.mark.parametrize("record", [r for r in QUESTIONS if r["answerable"]], ids=lambda record: record["id"])
def test_answers_stand_in_the_named_articles(record):
    assert set(record["articles"]) <= set(BODIES)
    texts = [BODIES[stem].casefold() for stem in record["articles"]]
    for answer in record["answers"]:
        assert any(answer.casefold() in text for text in texts), f"not in the text: {answer}"
    for stem, text in zip(record["articles"], texts, strict=True):
        assert any(answer.casefold() in text for answer in record["answers"]), f"{stem} holds no answer"


def test_an_answer_is_specific():
    """A bare word or number would be found in sentences that do not answer."""
    for record in QUESTIONS:
        for answer in record["answers"]:
            alone = sum(body.casefold().count(answer.casefold()) for body in BODIES.values())
            assert alone == 1, f"{record['id']}: {answer!r} stands in {alone} places"


# Dialogues


def test_follow_ups_have_a_history_and_dialogues_have_two_to_five_turns():
    for record in QUESTIONS:
        if record["kind"] == "follow-up":
            assert record["history"], record["id"]
        if record["history"]:
            assert 2 <= len(record["history"]) + 1 <= 5, record["id"]


def test_every_earlier_turn_is_a_record_of_its_own():
    known = {(record["question"], tuple(record["history"])): record for record in QUESTIONS}
    for record in QUESTIONS:
        history = record["history"]
        for turn in range(len(history)):
            assert (history[turn], tuple(history[:turn])) in known, f"{record['id']}: turn {turn + 1} has no record"
        if history:
            assert known[history[0], ()]["kind"] not in {"follow-up", "unanswerable"}, record["id"]


def test_some_questions_inside_dialogues_stand_alone():
    alone = [r for r in QUESTIONS if r["history"] and r["kind"] not in {"follow-up", "unanswerable"}]
    assert len(alone) >= 8


# Our own words


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the originals are not part of the repository")
@pytest.mark.parametrize("path", [*ARTICLES, SEEDS / "questions.jsonl"], ids=lambda path: path.name)
def test_no_sentence_is_taken_from_an_original(path):
    originals = sorted(ORIGINALS.glob("*.txt"))
    assert originals
    if path.suffix == ".jsonl":
        texts = [text for record in QUESTIONS for text in (record["question"], *record["answers"])]
    else:
        texts = [split(path)[1]]
    ours = set().union(*(runs(text) for text in texts))
    for original in originals:
        shared = ours & runs(original.read_text(encoding="utf-8"))
        assert not shared, f"{path.name} copies {original.name}: {[' '.join(run) for run in sorted(shared)]}"


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the originals are not part of the repository")
def test_every_original_is_the_source_of_an_article():
    named = {split(path)[0]["rests_on"]["file"] for path in ARTICLES}
    assert named == {path.name for path in ORIGINALS.glob("*.txt")}
