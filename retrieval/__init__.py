"""Finding, quoting, citing, refusing: the engine behind every front end.

    import retrieval
    with retrieval.open(retrieval.Settings(data_dir="my-data")) as corpus:
        corpus.index(["articles/"])
        reply = corpus.ask("When did the harbour bridge reopen?")

Front ends use this module and ``retrieval.types``, ``retrieval.errors``; nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from retrieval.settings import Settings

if TYPE_CHECKING:
    from retrieval.corpus import Corpus

__all__ = ["Settings", "open"]


def open(settings: Settings | None = None) -> Corpus:
    """A corpus at ``settings.data_dir``, opened lazily: nothing is read before the first call.

    The corpus is a context manager and may be used from several threads.
    """
    from retrieval.assembly import assemble

    return assemble(settings or Settings())
