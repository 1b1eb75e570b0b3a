"""What is locked is what the bounds allow, with a hash for each file; the licences are those of what is locked."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

LOCK = (ROOT / "deploy" / "requirements.lock").read_text(encoding="utf-8")
LOCKED = dict(re.findall(r"^([a-z0-9-]+)==([^\s\\;]+)", LOCK, re.MULTILINE))
LICENCES = (ROOT / "deploy" / "LICENCES.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DIRECT = [Requirement(line) for line in PROJECT["dependencies"]]


@pytest.mark.parametrize("needed", DIRECT, ids=lambda needed: needed.name)
def test_the_lock_satisfies_every_bound(needed: Requirement) -> None:
    assert LOCKED[canonicalize_name(needed.name)] in needed.specifier


@pytest.mark.parametrize("needed", DIRECT, ids=lambda needed: needed.name)
def test_every_bound_has_both_ends(needed: Requirement) -> None:
    assert {each.operator for each in needed.specifier} in ({">=", "<"}, {"=="})


def test_all_that_is_locked_has_a_hash_and_names_no_address() -> None:
    entries = re.split(r"^(?=[a-z0-9-]+==)", "\n".join(re.findall(r"^[^#]*$", LOCK, re.MULTILINE)), flags=re.MULTILINE)
    locked = [entry for entry in entries if entry.strip()]
    assert len(locked) == len(LOCKED) > len(DIRECT)
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry) for entry in locked)
    assert "://" not in LOCK and "-index" not in re.sub(r"^#.*$", "", LOCK, flags=re.MULTILINE)


def test_the_licences_are_those_of_what_is_locked() -> None:
    rows = re.findall(r"^\| ([a-z0-9-]+) \| (\S+) \| (\S.*) \|$", LICENCES, re.MULTILINE)
    assert {name: version for name, version, _ in rows if name != "package"} == LOCKED
    assert "not stated" not in LICENCES
