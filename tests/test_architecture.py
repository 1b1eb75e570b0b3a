"""Who may import whom. The table says it; a module that is not in it fails."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import ROOT

#: Imported by all, importing none of ours.
VOCABULARY = {"types", "protocols", "errors", "settings"}
WORDS = {"protocols": {"types"}}  # what the vocabulary imports of itself

#: Folders whose modules have rows of their own in the table.
SHELVES = ("store", "texts")

#: What else of retrieval/ each module or folder of it imports at run time. A stage knows the
#: vocabulary and how to read words (tokens, dates, statements), and no other stage.
MAY_IMPORT = {
    # texts/: what stages read texts with
    "dates": "",
    "statements": "dates",
    "expected": "tokens",
    "lexicon": "tokens",
    "quantities": "lexicon tokens",
    "attribution": "lexicon tokens",
    "claims": "attribution lexicon quantities tokens",
    "clauses": "",
    "wording": "attribution lexicon quantities tokens",
    "sameness": "attribution claims wording",
    "scope": "claims lexicon tokens wording",
    "agreement": "claims clauses lexicon quantities sameness scope tokens wording",
    "dispute": "agreement attribution claims quantities scope",
    "period": "",
    "language": "tokens",
    "verbs": "",
    "frames": "tokens",
    "names": "language tokens",
    # store/: what is kept
    "database": "",
    "rows": "",
    "filters": "",
    "word_index": "database filters",
    "archive": "database filters rows word_index",
    "editions": "",
    "manifest": "",
    "lock": "",
    "clients": "",
    "vectors": "clients",
    "neighbours": "archive vectors",
    "probe": "archive editions vectors",
    "audit": "archive database rows",
    "chats_file": "database",
    "backup": "archive audit chats_file database editions",
    # stages of indexing
    "tokens": "",
    "articles": "dates statements",
    "cleaning": "tokens dates statements",
    "metadata": "dates statements",
    "passages": "tokens",
    "hub": "export",
    "encoder": "export hub",
    "export": "",
    "addresses": "",
    "connections": "addresses",
    "pages": "addresses connections",
    # stages of answering
    "vocabulary": "archive language",
    "casing": "archive names tokens",
    "speakers": "archive casing frames lexicon names tokens",
    "hearing": "attribution frames lexicon names speakers tokens",
    "question": "tokens expected period language",
    "followup": "tokens",
    "search": "tokens period",
    "reader": "tokens export",
    "hub_reader": "encoder hub reader",
    "rerank": "encoder hub",
    "extract": "tokens expected",
    "timing": "period",
    "continuity": "expected followup tokens",
    "selection": "agreement attribution dispute expected tokens",
    "lists": "lexicon tokens",
    "comparison": "tokens",
    "templates": "lexicon quantities tokens verbs",
    "suggestions": "lexicon templates tokens",
    "confidence": "tokens",
    "weights": "",
    # the two pipelines
    "changes": "archive cleaning metadata",
    "indexer": "articles changes passages archive manifest probe vectors",
    "citing": "archive selection",
    "dialogue": "followup question",
    "answerer": "question dialogue followup language search rerank extract selection lists comparison confidence citing"
    " continuity archive timing vocabulary weights speakers hearing",
    # on top
    "shelf": "indexer answerer archive backup editions manifest neighbours",
    "upkeep": "archive audit backup indexer manifest shelf",
    "doctor": "archive audit backup chats_file editions encoder export lock manifest probe reader tokens vectors"
    " weights",
    "naming": "archive filters",
    "corpus": "archive editions naming pages shelf suggestions upkeep",
    "assembly": "corpus shelf editions neighbours indexer answerer archive encoder hub_reader lock passages reader"
    " rerank speakers tokens vectors vocabulary weights",
    "retrieval": "assembly",
    "evaluation": "retrieval archive assembly corpus editions encoder followup question reader tokens vectors weights",
    "training": "tokens reader export evaluation",
}

HEAVY = {
    "torch", "sentence_transformers", "transformers", "chromadb", "onnx", "onnxruntime", "tiktoken", "tokenizers",
    "safetensors", "telegram", "trafilatura", "nupunkt", "prompt_toolkit", "sklearn", "ir_measures",
    "py3langid", "anyascii", "babel",
}  # fmt: skip
#: Imports telegram at once, and is itself imported within functions only; its settings are part of all settings.
TELEGRAM, LIGHT = "bot/telegram_app/", {"bot.telegram_app.settings"}
#: Programs that are run and never imported: training, and the script that speed is held against.
RUN_ALONE = ("retrieval/training/", "retrieval/evaluation/naive.py")

MODULES = sorted(path for package in ("bot", "retrieval") for path in (ROOT / package).rglob("*.py"))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


class Import(NamedTuple):
    """One imported name, and whether it is imported when its module is."""

    name: str
    at_once: bool


def imports(path: Path) -> Iterator[Import]:
    """What a file imports at run time, be it within a function; not what only type checkers read."""
    yield from _imports(ast.parse(path.read_text(encoding="utf-8")), at_once=True)


def _imports(node: ast.AST, at_once: bool) -> Iterator[Import]:
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
        return
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, at_once) for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        yield from (Import(f"{node.module}.{alias.name}", at_once) for alias in node.names)
    within = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, at_once and not within)


def part(name: str) -> str:
    """Which row a dotted name belongs to: "cleaning" for "retrieval.cleaning.page.Page", "lock" for that of store/."""
    package, *names = name.split(".")
    shelf = names.pop(0) if names and package == "retrieval" and names[0] in SHELVES else ""
    first, place = names[0] if names else "", ROOT / package / shelf
    return first if first and ((place / first).is_dir() or (place / f"{first}.py").exists()) else shelf or package


def ours(path: Path, package: str) -> set[str]:
    """The parts of one of our packages that a file imports."""
    return {part(i.name) for i in imports(path) if i.name.partition(".")[0] == package}


@pytest.mark.parametrize("path", [path for path in MODULES if path.is_relative_to(ROOT / "retrieval")], ids=shown)
def test_the_engine_imports_what_the_table_allows(path: Path) -> None:
    inside = path.relative_to(ROOT / "retrieval")
    itself = part(".".join(["retrieval", *inside.with_suffix("").parts]).removesuffix(".__init__"))
    assert itself in {*MAY_IMPORT, *VOCABULARY, *SHELVES}, f"{itself} is new: say in the table what it may import"
    allowed = {itself, *VOCABULARY, *MAY_IMPORT[itself].split()} if itself in MAY_IMPORT else WORDS.get(itself, set())
    assert ours(path, "retrieval") <= allowed
    assert ours(path, "bot") == set(), "front ends know the engine, never the other way round"


@pytest.mark.parametrize("path", [path for path in MODULES if path.is_relative_to(ROOT / "bot")], ids=shown)
def test_front_ends_know_the_engines_root_and_vocabulary_only(path: Path) -> None:
    more = {name: {"evaluation"} for name in ("evaluate.py", "fitting.py", "questions.py")}
    more["maintenance.py"] = {"doctor"}
    assert ours(path, "retrieval") <= {"retrieval", *VOCABULARY, *more.get(path.name, ())}


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_heavy_packages_are_imported_where_they_are_needed(path: Path) -> None:
    at_once = {i.name.partition(".")[0] for i in imports(path) if i.at_once}
    allowed = {"telegram"} if shown(path).startswith(TELEGRAM) else set()
    assert shown(path).startswith(RUN_ALONE) or not at_once & HEAVY - allowed


@pytest.mark.parametrize("path", [path for path in MODULES if not shown(path).startswith(TELEGRAM)], ids=shown)
def test_the_telegram_front_end_is_imported_where_it_is_started(path: Path) -> None:
    at_once = {i.name.rpartition(".")[0] for i in imports(path) if i.at_once}
    assert not {name for name in at_once if name.startswith("bot.telegram_app")} - LIGHT


def test_nothing_outside_of_the_telegram_front_end_knows_telegram() -> None:
    others = [path for path in MODULES if not shown(path).startswith(TELEGRAM)]
    assert not [path for path in others if any(i.name.partition(".")[0] == "telegram" for i in imports(path))]


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_what_is_run_alone_is_imported_by_nothing_else(path: Path) -> None:
    programs = ("retrieval.training", "retrieval.evaluation.naive")
    assert shown(path).startswith(RUN_ALONE) or not any(i.name.startswith(programs) for i in imports(path))


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_a_module_can_be_read_in_one_go(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_the_table_names_only_what_there_is() -> None:
    places = [ROOT / "retrieval" / shelf for shelf in ("", *SHELVES)]
    within = [path for place in places for path in place.iterdir()]
    there = {path.stem for path in within if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert MAY_IMPORT.keys() <= there | {"retrieval"}


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=shown)
def test_tests_use_honest_fakes_and_no_mocks(path: Path) -> None:
    assert not any(i.name.startswith(("unittest", "mock", "pytest_mock")) for i in imports(path))


def test_no_module_hides_a_package_when_it_is_run_as_a_script() -> None:
    assert not {path.stem for path in (ROOT / "bot").iterdir()} & HEAVY
