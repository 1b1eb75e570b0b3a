"""One command from folders of questions to the file that ships."""

import json

from typer.testing import CliRunner

from retrieval.reader import load_reader
from retrieval.training.__main__ import app


def test_one_command_makes_the_file_that_ships_and_then_has_nothing_left_to_do(data, tmp_path):
    work, models = tmp_path / "work", tmp_path / "models"
    command = [str(data), str(work), "--models", str(models), "--threads", "1"]
    first = CliRunner().invoke(app, command, catch_exceptions=False)
    assert first.exit_code == 0
    figures = json.loads((work / "figures.json").read_text())
    assert set(figures) == {"fp32", "int8"}
    assert figures["int8"]["tydi f1"][3] == 8
    assert load_reader(models, threads=1).read("Who?", []) == []
    second = CliRunner().invoke(app, command, catch_exceptions=False)
    assert "reader.pt is there already" in second.output
    assert "finished:" in first.output
    assert (work / "train.log").read_text().count("finished:") == 1
