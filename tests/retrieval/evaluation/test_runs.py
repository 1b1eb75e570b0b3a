from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import InputError
from retrieval.evaluation import runs
from retrieval.evaluation.datasets import load
from retrieval.evaluation.outcomes import Stage
from retrieval.evaluation.runs import Options, Run
from retrieval.settings import Passages, Search, Settings
from tests.retrieval.evaluation.fakes import FakeCorpus


def stages(run: Run) -> dict[str, Stage]:
    return {outcome.id: outcome.stage for outcome in run.outcomes}


def test_each_question_ends_in_the_stage_that_decided_it(run: Run) -> None:
    assert stages(run) == {
        "q1": Stage.RIGHT,
        "q2": Stage.RIGHT,
        "q3": Stage.RIGHT,
        "q4": Stage.NOT_QUOTED,  # both paragraphs of the ferry share one word, the first is quoted
        "q5": Stage.RIGHT,
        "q6": Stage.REFUSED_RIGHTLY,
        "q7": Stage.ANSWERED,
    }


def test_a_refusal_counts_as_a_miss_and_what_was_not_found_is_said(worse: Run) -> None:
    ended = stages(worse)
    assert ended["q1"] is Stage.REFUSED
    assert ended["q7"] is Stage.REFUSED_RIGHTLY
    assert all(outcome.values["quote@1"] == 0 for outcome in worse.outcomes if outcome.gold)


def test_measures_follow_from_the_outcomes(run: Run) -> None:
    values = {name: found.value for name, found in runs.summary(run.outcomes).items()}
    assert values["quote@1"] == pytest.approx(4 / 5)
    assert values["quote@shown"] == pytest.approx(1.0)
    assert values["answer@hits"] == 1.0
    assert values["follow-up"] == 1.0
    assert values["refusal recall"] == 0.5
    assert values["refusal precision"] == 1.0
    assert values["false refusals"] == 0.0
    assert values["hit@1"] == 1.0
    assert values["nDCG@10"] == 1.0
    assert values["time"] >= 0


def test_every_question_has_a_line_even_where_nothing_was_found(folder: Path, settings: Settings) -> None:
    (folder / "questions.jsonl").write_text(
        json.dumps({"id": "x", "question": "xyzzy?", "answers": ["in 1874"], "articles": ["bridge"]}) + "\n"
    )
    made = runs.run(load(folder), settings, FakeCorpus)
    assert made.outcomes[0].stage is Stage.NOT_RETRIEVED
    assert made.outcomes[0].values["quote@1"] == made.outcomes[0].values["nDCG@10"] == 0.0


@pytest.mark.parametrize("name", ["bridge", "bridge.txt", "file:bridge", "old/bridge.txt"])
def test_a_gold_article_may_be_named_by_id_or_file(folder: Path, settings: Settings, name: str) -> None:
    line = {"id": "x", "question": "Who was engineer?", "answers": ["Ada Quill"], "articles": [name]}
    (folder / "questions.jsonl").write_text(json.dumps(line) + "\n")
    [outcome] = runs.run(load(folder), settings, FakeCorpus).outcomes
    assert outcome.relevant == ("file:bridge",)
    assert outcome.values["hit@1"] == 1


def test_a_gold_article_that_is_not_there_is_a_miss(folder: Path, settings: Settings) -> None:
    line = {"id": "x", "question": "Who was engineer?", "answers": ["Ada Quill"], "articles": ["lost"]}
    (folder / "questions.jsonl").write_text(json.dumps(line) + "\n")
    [outcome] = runs.run(load(folder), settings, FakeCorpus).outcomes
    assert outcome.values["nDCG@10"] == 0


def test_a_run_survives_saving(run: Run, tmp_path: Path) -> None:
    runs.save(run, tmp_path / "out")
    assert runs.read(tmp_path / "out") == run
    lines = (tmp_path / "out" / "run.trec").read_text().splitlines()
    assert lines[0] == "q1 Q0 file:bridge 1 1.000000 default"
    saved = json.loads((tmp_path / "out" / "run.json").read_text())
    assert saved["measures"]["quote@1"]["value"] == pytest.approx(0.8)
    assert saved["about"]["settings"]["answers"]["threshold"] == 0.4


def test_a_folder_without_a_run_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no run"):
        runs.read(tmp_path)


def test_a_broken_run_is_an_input_error(run: Run, tmp_path: Path) -> None:
    runs.save(run, tmp_path)
    (tmp_path / "questions.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match="cannot be read"):
        runs.read(tmp_path)


def test_beir_form_gives_spans_ranks_and_questions_of_the_history(beir: Path, settings: Settings) -> None:
    made = runs.run(load(beir), settings, FakeCorpus)
    by_id = {outcome.id: outcome for outcome in made.outcomes}
    assert by_id["q5"].history == ("Who is captain?",)
    assert by_id["q1"].values["span recall"] == 1.0
    assert 0 < by_id["q1"].values["span precision"] < 1
    assert "span recall" not in by_id["q6"].values
    assert "nDCG@10" not in by_id["q6"].values


def test_the_ranking_looks_deeper_than_the_reply(beir: Path, settings: Settings) -> None:
    shallow = settings.model_copy(update={"search": Search(hits=1)})
    made = runs.run(load(beir), shallow, FakeCorpus)
    assert all(len(outcome.passages) <= 1 for outcome in made.outcomes)
    assert any(len(articles) > 1 for articles in made.rankings.values())
    narrow = runs.run(load(beir), shallow, FakeCorpus, options=Options(depth=0))
    assert all(len(articles) <= 1 for articles in narrow.rankings.values())


def test_a_limit_spreads_over_the_dataset(folder: Path, settings: Settings) -> None:
    made = runs.run(load(folder), settings, FakeCorpus, options=Options(limit=3))
    assert [outcome.id for outcome in made.outcomes] == ["q1", "q3", "q5"]


def test_an_index_is_made_once_for_the_settings_that_shape_it(folder: Path, settings: Settings) -> None:
    indexed: list[Path] = []

    class Counting(FakeCorpus):
        def index(self, paths, *, progress=None):
            indexed.append(self.settings.data_dir)
            return super().index(paths, progress=progress)

    dataset = load(folder)
    for search in (Search(), Search(hits=3)):
        runs.run(dataset, settings.model_copy(update={"search": search}), Counting)
    assert len(indexed) == 1
    runs.run(dataset, settings.model_copy(update={"passages": Passages(tokens=50)}), Counting)
    assert len(indexed) == len(set(indexed)) == 2
    (folder / "ferry.txt").write_text("A ferry crossed the lake.\n")
    runs.run(load(folder), settings, Counting)
    assert len(indexed) == len(set(indexed)) == 3


def test_an_index_whose_making_failed_is_made_again(folder: Path, settings: Settings) -> None:
    class Failing(FakeCorpus):
        def index(self, paths, *, progress=None):
            super().index(paths[:1], progress=progress)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runs.run(load(folder), settings, Failing)
    assert len(runs.run(load(folder), settings, FakeCorpus).outcomes) == 7


def test_columns_are_nan_where_they_are_not_about_the_question(run: Run) -> None:
    table = runs.columns(run.outcomes)
    assert np.isnan(table["quote@1"]).tolist() == [False] * 5 + [True] * 2
    assert not np.isnan(table["confidence"]).any()


def test_the_core_of_a_quote_is_what_squad_measures_judge(run: Run) -> None:
    bridge = run.outcomes[0]
    assert bridge.quotes[0].core == "1874"
    assert bridge.values["EM"] == 0.0
    assert bridge.values["F1"] == pytest.approx(2 / 3)  # of "in 1874"


def test_without_gold_the_article_quoted_decides_and_without_judgement_nothing(beir: Path, settings: Settings) -> None:
    records = [json.loads(line) for line in (beir / "queries.jsonl").read_text().splitlines()]
    for record in records:
        record |= {"answers": ["in words of their own"]}
    records[1]["answerability"] = "UNDERSPECIFIED"
    (beir / "queries.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    made = runs.run(load(beir), settings, FakeCorpus)
    by_id = {outcome.id: outcome for outcome in made.outcomes}
    assert made.about.without_gold == 4
    assert by_id["q4"].stage is Stage.RIGHT
    assert by_id["q2"].stage is Stage.UNJUDGED
    assert "quote@1" not in by_id["q4"].values
    assert not {"refused", "right"} & set(by_id["q2"].values)
