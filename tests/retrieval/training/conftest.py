"""What the tests of the reader's training share: a small set of questions of our own."""

import json

import pytest

from retrieval.training.mixture import PORTIONS

MEASURED = ["tydiqa_en_dev", "squadshifts_amazon_reviews", "squadshifts_reddit"]
_TOWNS = ["Inchmore", "Port Ellen", "Garvie", "Strathlow", "Quillan", "Ardnamara", "Kessock", "Balnoe"]
_PEOPLE = ["Ada Quill", "Tom Marsh", "Ina Baird", "Neil Gow", "Una Clyne", "Rab Orr", "Eve Lamont", "Jo Tweed"]


def record(number, town, person, year):
    text = (
        f"In {year} the ferry of {town} was built by {person} for the council. "
        f"It sank near {town} after {number + 3} winters."
    )
    question = f"Who built the first ferry of {town} in {year}?"
    return {
        "id": str(number),
        "question": question,
        "context": text,
        "answers": [[text.index(person), person]],
        "answerable": True,
        "src": "ours",
        "doc": f"Ferry_{number % 4}",
    }


def records():
    return [record(i, town, _PEOPLE[i], 1900 + 3 * i) for i, town in enumerate(_TOWNS)]


@pytest.fixture
def data(tmp_path):
    """A folder shaped as the training data are, with every set the same eight questions."""
    for name in [*PORTIONS, *MEASURED]:
        (tmp_path / "data" / name).mkdir(parents=True)
        lines = [{**line, "question": f"{line['question']} ({name})"} for line in records()]
        (tmp_path / "data" / name / "train.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return tmp_path / "data"
