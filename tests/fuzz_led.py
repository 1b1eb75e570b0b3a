"""Looks for inputs that break Sayso, led by coverage: ``python -m tests.fuzz_led questions -max_total_time=300``.

libFuzzer makes the inputs of one target of :mod:`tests.fuzz`; further options are its own. Needs the extra ``fuzz``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["bot", "retrieval"]):
    from tests.fuzz import Target, targets

    NAME, *OPTIONS = sys.argv[1:]
    SCRATCH = Path(tempfile.mkdtemp(prefix="sayso-fuzz-"))  # libFuzzer ends the process, so nothing could clean it up
    TARGET = targets(SCRATCH)[NAME]
    TARGET.takes(b"{}")  # imports what is imported late


def dictionary(target: Target) -> Path:
    """A file of the target's pieces, as libFuzzer reads them."""
    file = SCRATCH / "pieces"
    escaped = ("".join(f"\\x{byte:02x}" for byte in piece.encode()) for piece in target.pieces if piece)
    file.write_text("".join(f'"{piece}"\n' for piece in escaped), encoding="ascii")
    return file


if __name__ == "__main__":
    atheris.Setup([sys.argv[0], f"-dict={dictionary(TARGET)}", *OPTIONS], TARGET.takes)
    atheris.Fuzz()
