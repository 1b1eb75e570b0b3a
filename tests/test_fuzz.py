"""The fuzzing itself cannot rot: each target takes a few inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import Target, fuzz, targets

NAMES = ["txt", "md", "html", "jsonl", "cleaning", "passages", "questions", "records", "configuration", "terminal",
         "telegram"]  # fmt: skip


def test_every_target_is_tried(tmp_path: Path) -> None:
    assert list(targets(tmp_path)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_nothing_breaks_a_target(tmp_path: Path, name: str) -> None:
    assert fuzz(targets(tmp_path)[name], times=40) >= 20


def test_what_breaks_a_target_is_found() -> None:
    def breaks(data: bytes) -> None:
        assert b"ferry" not in data

    with pytest.raises(AssertionError):
        fuzz(Target(breaks, ["The ferry sank. "]), times=200)
