"""The command line. Exit codes: 0 answered or done, 1 abstained, 2 error, 130 Ctrl-C, 141 nobody reads on.

Nothing of the engine is imported before a command needs it, so ``--help`` is quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer
from typer.core import TyperCommand, TyperGroup

from bot.render import BLANK, error_lines
from bot.session import ConfigOption, DataOption, Interrupted, QuietOption, Session, command
from bot.terminal import screen

if TYPE_CHECKING:
    from retrieval.types import Filters

ANSWERED, ABSTAINED, ERROR, INTERRUPTED, NOT_READ = 0, 1, 2, 130, 141

#: Commands of a module with an ``app`` of its own, imported when they are called.
_ELSEWHERE = {"eval": ("bot.evaluate", "Measure how good the answers are.")}
