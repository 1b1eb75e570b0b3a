from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.errors import InputError
from retrieval.evaluation import outputs


def test_trying_makes_the_folders_and_changes_no_file(tmp_path: Path) -> None:
    outputs.try_folder(tmp_path / "a" / "b")
    outputs.try_file(tmp_path / "c" / "file")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "b", "c"]
    (tmp_path / "c" / "file").write_text("precious")
    outputs.try_file(tmp_path / "c" / "file")
    assert (tmp_path / "c" / "file").read_text() == "precious"


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/x"])
def test_a_place_for_no_folder_is_refused(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot be written"):
        outputs.try_folder(tmp_path / place)


@pytest.mark.parametrize(
    ("place", "complaint"), [("folder", "is a folder"), ("file/below", "cannot be written"), ("/proc/x", "cannot be")]
)
def test_a_place_for_no_file_is_refused(place: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=complaint):
        outputs.try_file(tmp_path / place)


def test_where_one_file_cannot_be_written_none_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("old")
    with pytest.raises(InputError, match="cannot be written"):
        outputs.write({tmp_path / "one": "new", tmp_path / "one" / "two": "new"})
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    assert (tmp_path / "one").read_text() == "old"


def test_what_a_link_points_at_is_replaced_and_a_device_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    outputs.write({tmp_path / "link": "new", Path("/dev/null"): "nothing"})
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "new"
    assert Path("/dev/null").is_char_device()
