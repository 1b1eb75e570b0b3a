"""What the doctor says of models, versions, the network and the disk."""

from __future__ import annotations

import json
import shutil
import sys
from importlib import metadata
from pathlib import Path

import pytest

from retrieval.doctor import Status, examine, machine
from retrieval.doctor.checks import listed
from retrieval.errors import StoreError
from retrieval.export import graph_file
from retrieval.reader import GRAPH, MODELS, SEAL
from retrieval.settings import Passages, Settings
from retrieval.weights import FITTED
from tests.engine import finished, python


@pytest.fixture
def asked(data_dir: Path) -> Settings:
    """Settings with a data folder that has the encoder's export."""
    return Settings(data_dir=data_dir)


def test_of_a_sound_machine_nothing_is_said(asked, data_dir):
    checks = list(machine.machine_checks(asked, data_dir))
    assert [check for check in checks if check.status is not Status.OK] == []
    names = [check.name for check in checks]
    assert names == ["versions", "SQLite", "encoder package", "encoder export", "reader", "weights", "network", "disk"]
    assert checks[6].found == "not needed: a question was encoded with every connection refused"


def test_before_the_encoder_is_made_nothing_is_made_to_look(tmp_path):
    checks = {check.name: check for check in machine.machine_checks(Settings(data_dir=tmp_path), tmp_path)}
    assert checks["network"].status is checks["encoder export"].status is Status.OK
    assert list(tmp_path.iterdir()) == []


def test_what_asks_for_the_network_is_found(data_dir):
    """Of tiktoken's vocabularies one is in the box; another would be fetched."""
    asking = Settings(data_dir=data_dir, passages=Passages(tokenizer="o200k_base"))
    check = machine.network(asking, data_dir)
    assert check.status is Status.FAIL
    assert "it asked for the network" in check.found


@pytest.mark.parametrize("how", ["flipped", "cut"])
def test_an_export_that_is_not_what_was_written_is_found(data_dir, how):
    graph = graph_file(data_dir / "models", "int8")
    content = bytearray(graph.read_bytes())
    content[len(content) // 2] ^= 1
    graph.write_bytes(content if how == "flipped" else content[:-1])
    check = machine.encoder_export(graph)
    assert check.status is Status.WARN
    assert check.remedy == "the next question makes it again"


def test_weights_that_are_no_numbers_are_found(tmp_path):
    assert machine.weights(tmp_path).found == "those that come with Sayso"
    (tmp_path / "weights.json").write_text(FITTED.read_text().replace('"intercept": -', '"intercept": NaN, "was": -'))
    check = machine.weights(tmp_path)
    assert check.status is Status.FAIL
    assert "delete it" in check.remedy


@pytest.mark.parametrize("harm", ["graph", "seal", "half a seal", "another seal", "no seal", "no graph"])
def test_a_reader_that_is_not_the_sealed_one_is_found(tmp_path, harm):
    for name in (GRAPH, SEAL):
        shutil.copy(MODELS / name, tmp_path / name)
    if harm == "graph":
        (tmp_path / GRAPH).write_bytes(b"no graph")
    elif harm == "seal":
        (tmp_path / SEAL).write_text(json.dumps({"sha256": "0"}))
    elif harm == "half a seal":
        (tmp_path / SEAL).write_bytes(b"{\xff")
    elif harm == "another seal":
        (tmp_path / SEAL).write_text("[]")
    else:
        (tmp_path / (SEAL if harm == "no seal" else GRAPH)).unlink()
    check = machine.reader_file(tmp_path)
    assert check.status is Status.FAIL
    assert "install Sayso again" in check.remedy


def test_an_encoder_package_that_was_changed_is_found(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(machine, "package_folder", lambda: tmp_path)
    check = machine.encoder_package()
    assert check.status is Status.FAIL
    assert "model.safetensors, tokenizer.json" in check.found


def test_packages_that_are_missing_or_of_another_version_are_named(monkeypatch):
    there = metadata.version("numpy")
    wanted = ["numpy<1", "no-such-package>=2", "pytest>=1; extra == 'dev'", "chromadb>=1.5.9,<1.6"]
    monkeypatch.setattr(machine, "_requirements", lambda: wanted)
    check = machine.versions()
    assert check.status is Status.FAIL
    assert check.found == f"numpy is {there}, not <1; no-such-package is missing"


@pytest.mark.parametrize(
    ("free", "status"), [(10_000, Status.FAIL), (100_000_000, Status.WARN), (10_000_000_000, Status.OK)]
)
def test_room_on_the_disk_is_measured_where_the_folder_is_or_would_be(tmp_path, monkeypatch, free, status):
    asked: list[Path] = []

    def usage(place: Path) -> object:
        asked.append(place)
        return type("Usage", (), {"free": free})

    monkeypatch.setattr(shutil, "disk_usage", usage)
    check = machine.disk(tmp_path / "not" / "there")
    assert asked == [tmp_path]
    assert check.status is status
    assert bool(check.remedy) == (status is not Status.OK)


def test_a_folder_that_cannot_be_looked_into_is_an_error(tmp_path, unprivileged):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="is no folder"):
        list(examine(Settings(data_dir=tmp_path / "file")))
    script = """
import sys
from pathlib import Path
from retrieval.doctor import examine
from retrieval.errors import StoreError
from retrieval.settings import Settings
try:
    list(examine(Settings(data_dir=Path(sys.argv[1]))))
except StoreError as error:
    print(error)
"""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    assert "cannot be looked into" in finished(python(script, closed, prefix=unprivileged))


def test_many_faults_are_counted():
    assert listed(["a", "b", "c"]) == "a; b; c"
    assert listed(list("abcde")) == "a; b; c; and 2 more"


def test_the_process_that_looks_is_this_python(asked, data_dir, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert machine.network(asked, data_dir).status is Status.FAIL
