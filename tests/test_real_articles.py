"""Five web articles with all their noise, where they lie beside the project: the reference input."""

from __future__ import annotations

from pathlib import Path

import pytest

import retrieval
from retrieval.evaluation import runs
from retrieval.evaluation.datasets import load
from retrieval.settings import Settings
from tests.conftest import ROOT

ARTICLES = ROOT.parent / "shared" / "seeds"
NAMED = {  # questions that the project was asked to answer or to refuse
    "Which think tank wrote about regional connectivity?": "Strategic Vision Institute",
    "What did the Soviet Union build at Taxila?": "Heavy Electrical Complex",
    "Why is India uneasy about the helicopters?": "strong opposition",
    "What is the inflation rate in Pakistan?": None,
}


@pytest.mark.skipif(not ARTICLES.is_dir(), reason="the real articles are not here")
def test_most_questions_about_the_real_articles_are_served_rightly(tmp_path: Path) -> None:
    asked = load(ROOT / "tests" / "real" / "questions.jsonl", [ARTICLES])
    outcomes = {
        outcome.text: outcome for outcome in runs.run(asked, Settings(data_dir=tmp_path), retrieval.open).outcomes
    }
    for question, words in NAMED.items():
        first = outcomes[question].quotes[0].text if not outcomes[question].refused else None
        assert (first is None) == (words is None), f"{question}: {first}"
        assert words is None or words in str(first)
    assert sum(outcome.stage.good for outcome in outcomes.values()) >= 0.8 * len(outcomes)
