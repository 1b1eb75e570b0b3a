from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval import export
from retrieval.encoder import encoder_name, load_encoder
from retrieval.errors import EncoderError
from retrieval.export import LEAST_COSINE, WEIGHTS_SHA256, exported_model
from retrieval.settings import EncoderSettings

PRECISION = EncoderSettings().precision
GRAPH = f"all-MiniLM-L6-v2-{WEIGHTS_SHA256[:12]}-{PRECISION}.onnx"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the model's package that may be damaged."""
    folder = tmp_path / "package"
    folder.mkdir()
    for file in export.package_folder().iterdir():
        (folder / file.name).symlink_to(file)
    monkeypatch.setattr(export, "package_folder", lambda: folder)
    return folder


Export = Callable[[Path, Path, str], tuple[Path, float]]


@pytest.fixture
def remade(exported: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Exports by copying the graph that was made once; lists the precisions asked for."""
    asked: list[str] = []

    def copied(package: Path, scratch: Path, precision: str) -> tuple[Path, float]:
        asked.append(precision)
        os.link(exported / GRAPH, scratch / "made.onnx")
        return scratch / "made.onnx", 1.0

    monkeypatch.setattr(export, "_checked_graph", copied)
    return asked


def test_the_export_is_sealed_with_its_size_and_its_agreement(exported: Path) -> None:
    seal = json.loads((exported / GRAPH).with_suffix(".json").read_text())
    assert seal["bytes"] == (exported / GRAPH).stat().st_size
    assert seal["sha256"] == export._sha256(exported / GRAPH)
    assert LEAST_COSINE[PRECISION] <= seal["cosine"] <= 1.001
    assert not [path for path in exported.iterdir() if path.is_dir()]


def test_a_whole_export_is_not_made_again(exported: Path, remade: list[str]) -> None:
    assert exported_model(exported, PRECISION)[0] == exported / GRAPH
    assert remade == []


@pytest.mark.parametrize("seal", [None, "", "{", "{}", '{"bytes": 12}'])
def test_an_export_without_a_seal_that_fits_is_made_again(
    tmp_path: Path, exported: Path, remade: list[str], seal: str | None
) -> None:
    os.link(exported / GRAPH, tmp_path / GRAPH)
    if seal is not None:
        (tmp_path / GRAPH).with_suffix(".json").write_text(seal)
    graph, _ = exported_model(tmp_path, PRECISION)
    assert remade == [PRECISION]
    assert export.is_whole(graph)


def test_a_graph_that_was_cut_short_is_made_again(tmp_path: Path, exported: Path, remade: list[str]) -> None:
    (tmp_path / GRAPH).write_bytes((exported / GRAPH).read_bytes()[:-1])
    (tmp_path / GRAPH).with_suffix(".json").write_bytes((exported / GRAPH).with_suffix(".json").read_bytes())
    graph, _ = exported_model(tmp_path, PRECISION)
    assert remade == [PRECISION]
    assert graph.stat().st_size == (exported / GRAPH).stat().st_size


@pytest.mark.parametrize(
    "stop", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device"), EncoderError("no")]
)
def test_an_export_that_is_stopped_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    def stopped(package: Path, scratch: Path, precision: str) -> tuple[Path, float]:
        (scratch / "made.onnx").write_bytes(b"half a graph")
        raise stop

    monkeypatch.setattr(export, "_checked_graph", stopped)
    with pytest.raises((KeyboardInterrupt, EncoderError)):
        exported_model(tmp_path / "models", PRECISION)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_full_disk_and_a_folder_that_cannot_be_made_are_errors_in_plain_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(EncoderError, match="cannot be written") as raised:
        exported_model(tmp_path / "file" / "models", PRECISION)
    assert "--data" in raised.value.hint

    def full(package: Path, scratch: Path, precision: str) -> tuple[Path, float]:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(export, "_checked_graph", full)
    with pytest.raises(EncoderError, match="No space left on device"):
        exported_model(tmp_path, PRECISION)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["cut short", "missing"])
def test_a_damaged_package_is_refused_with_the_way_to_mend_it(
    tmp_path: Path, package: Path, name: str, damage: str
) -> None:
    (package / name).unlink()
    if damage == "cut short":
        (package / name).write_bytes(b"damaged")
    with pytest.raises(EncoderError, match=name) as raised:
        exported_model(tmp_path / "models", PRECISION)
    assert "pip install" in raised.value.hint
    assert not (tmp_path / "models").exists()


def test_a_missing_package_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    with pytest.raises(EncoderError, match="missing") as raised:
        exported_model(tmp_path, PRECISION)
    assert "pip install" in raised.value.hint


@pytest.mark.parametrize(("precision", "advice"), [("fp32", "report"), ("int8", 'precision = "fp32"')])
def test_a_graph_that_does_not_agree_with_its_source_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str, advice: str
) -> None:
    monkeypatch.setattr(export, "_write_graph", lambda model, scratch, precision: scratch / "made.onnx")
    monkeypatch.setattr(export, "_agreement", lambda model, graph, tokenizer: 0.9)
    with pytest.raises(EncoderError, match=r"does not agree .*0\.9") as raised:
        exported_model(tmp_path, precision)
    assert advice in raised.value.hint
    assert list(tmp_path.iterdir()) == []


def test_exporting_is_quiet_and_leaves_no_logging_handler(exported_apart: tuple[Path, str]) -> None:
    assert exported_apart[1] == ""


def test_8_bits_are_smaller_and_near_and_have_a_name_of_their_own(
    exported: Path, exported_apart: tuple[Path, str]
) -> None:
    eight, full = EncoderSettings(precision="int8"), EncoderSettings(precision="fp32")
    (small, _), (large, _) = exported_model(exported, "int8"), exported_model(exported_apart[0], "fp32")
    assert small.stat().st_size < large.stat().st_size / 3
    cosines = [json.loads(graph.with_suffix(".json").read_text())["cosine"] for graph in (small, large)]
    assert LEAST_COSINE["int8"] <= cosines[0] < LEAST_COSINE["fp32"] <= cosines[1]
    one, other = load_encoder(eight, exported), load_encoder(full, exported_apart[0])
    assert one.name == encoder_name(eight) != other.name == encoder_name(full)
    questions = ["who was on board", "The ferry Ada left Tarn at noon on 3 May 1987.", "Nobody asked. " * 63]
    assert float((one.encode_questions(questions) * other.encode_questions(questions)).sum(axis=1).min()) > 0.95
