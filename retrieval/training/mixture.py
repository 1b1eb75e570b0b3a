"""The whole of what is learned from, in fixed shares, and the part that is kept out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import NamedTuple

from retrieval.training.examples import Example, held_out, read_folder, save, share
from retrieval.training.negatives import hard_negatives
from retrieval.training.swaps import swapped


class Portion(NamedTuple):
    """How much of one folder is used, in per cent."""

    asked: int  # of its questions
    bm25: int  # of the answerable ones, how many also on a paragraph that does not answer
    swapped: int  # of the answerable ones, how many are tried for an unanswerable twin
    times: int = 1  # how often each question is there: the few that people wrote to mislead count more


#: Shares as in the second run of the reader's note. squadshifts_amazon_reviews and squadshifts_reddit are
#: texts of third parties and tydiqa_en_dev is for figures: none of them is ever trained on.
PORTIONS: Mapping[str, Portion] = {
    "tydiqa_en": Portion(100, 80, 70),
    "squadshifts_new_wiki": Portion(100, 40, 60),
    "squad2_train10": Portion(100, 40, 50, 2),
    "squad2_devA": Portion(100, 30, 30, 2),
    "selqa": Portion(100, 60, 60),
    "clapnq_train_pseudo": Portion(100, 60, 0),
    "qamr": Portion(100, 20, 25),
    "policyqa": Portion(12, 30, 0),
}
#: The folder of which the articles of :func:`held_out` are kept for development.
KEPT_OUT = "squad2_devA"


def prepare(data: Path, target: Path, seed: int, most: int | None = None) -> Counter[str]:
    """Writes the examples to ``target`` and counts them by folder and origin.

    :param data: a folder with the folders of :data:`PORTIONS`; one that is missing is an error.
    :param most: questions taken of each folder, for a trial.
    """
    random = Random(seed)
    mixture: list[Example] = []
    for name, portion in PORTIONS.items():
        examples = share(read_folder(data / name), portion.asked)[:most]
        if name == KEPT_OUT:
            examples = [example for example in examples if not held_out(example)]
        mixture += examples * portion.times + _made(examples, portion, random)
    random.shuffle(mixture)
    save(mixture, target)
    return Counter(f"{example.source}/{_name(example)}" for example in mixture)


def kept_out(data: Path) -> list[Example]:
    """The examples of the articles that :func:`prepare` leaves out of training."""
    return [example for example in read_folder(data / KEPT_OUT) if held_out(example)]


def _made(examples: list[Example], portion: Portion, random: Random) -> list[Example]:
    answerable = [example for example in examples if example.answers]
    asked = [example for example in answerable if random.random() * 100 < portion.bm25]
    twins = [example for example in swapped(answerable, random) if random.random() * 100 < portion.swapped]
    return hard_negatives(examples, asked, random) + twins


def _name(example: Example) -> str:
    return example.origin if example.answers or example.origin != "asked" else "unanswerable"
