"""``sayso telegram`` on the library of tests/bot/fakes.py, as a process that can be killed: ``python -m … FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

import retrieval
from bot.cli import main
from tests.bot.fakes import Library, default_articles

if __name__ == "__main__":
    library = Library(default_articles(Path(sys.argv.pop(1))))
    library.stored = {found.reference.article_id: found for found in library.available}
    retrieval.open = library.open  # type: ignore[assignment]
    sys.argv.append("telegram")
    main()
