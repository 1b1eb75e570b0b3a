"""One writer at a time, who says who it is, and lets go however it ends."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from retrieval.errors import LockedError, StoreError
from retrieval.store.lock import writer_lock
from tests.engine import finished, python

HOLD = """
import sys
from pathlib import Path
from retrieval.store.lock import writer_lock
with writer_lock(Path(sys.argv[1]), 0):
    print("held", flush=True)
    sys.stdin.readline()
"""


def take(folder: Path) -> None:
    with writer_lock(folder, 0):
        pass


def test_another_process_is_named_and_waited_for(tmp_path):
    other = python(HOLD, tmp_path)
    assert other.stdout.readline() == "held\n"
    with pytest.raises(LockedError) as caught:
        take(tmp_path)
    assert f"process {other.pid} on {socket.gethostname()}" in str(caught.value)
    assert "wait" in caught.value.hint
    finished(other)
    take(tmp_path)


def test_a_killed_holder_holds_nothing(tmp_path):
    other = python(HOLD, tmp_path)
    assert other.stdout.readline() == "held\n"
    other.kill()
    other.communicate()
    assert (tmp_path / "writer").exists(), "it could not tidy up"
    with writer_lock(tmp_path, 0):
        assert f"process {os.getpid()} " in (tmp_path / "writer").read_text()


def test_a_thread_of_the_same_process_is_kept_out_too(tmp_path):
    with writer_lock(tmp_path, 0), pytest.raises(LockedError, match=f"process {os.getpid()} "):
        take(tmp_path)


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_stops_the_holder_the_lock_is_free(tmp_path, stop):
    def take_and_stop() -> None:
        with writer_lock(tmp_path, 0):
            raise stop

    with pytest.raises(stop):
        take_and_stop()
    assert not (tmp_path / "writer").exists()
    take(tmp_path)


def test_a_holder_without_a_name_is_another_process(tmp_path):
    with writer_lock(tmp_path, 0):
        (tmp_path / "writer").unlink()
        with pytest.raises(LockedError, match="by another process"):
            take(tmp_path)


def test_folder_and_files_are_the_owners_alone(tmp_path):
    folder = tmp_path / "new" / "data"
    with writer_lock(folder, 0):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_file_in_the_place_of_the_folder_is_reported(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match="cannot be written") as caught:
        take(tmp_path / "data")
    assert "--data" in caught.value.hint


TAKE = """
import sys
from pathlib import Path
from retrieval.errors import StoreError
from retrieval.store.lock import writer_lock
try:
    with writer_lock(Path(sys.argv[1]), 0):
        print("taken")
except StoreError as error:
    print(type(error).__name__, error)
"""


def test_a_folder_that_cannot_be_written_is_reported(tmp_path, unprivileged):
    tmp_path.chmod(0o500)
    said = finished(python(TAKE, tmp_path, prefix=unprivileged))
    tmp_path.chmod(0o700)
    assert said.startswith(f"StoreError the data folder {tmp_path} cannot be written (")


def test_a_full_disk_is_reported(tmp_path):
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n" + TAKE
    said = finished(python(limited, tmp_path))
    assert said.startswith(f"StoreError the data folder {tmp_path} cannot be written (File too large)")
