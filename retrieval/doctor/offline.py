"""A program: encodes and reads a question with every connection refused. Settings come as JSON on standard input."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from retrieval.encoder import load_encoder
from retrieval.errors import SaysoError
from retrieval.reader import load_reader
from retrieval.settings import Settings
from retrieval.tokens import token_counter
from retrieval.types import Kind, Passage, Span

_TEXT = "The ferry reached the island at noon."


def _refuse(event: str, _: Any) -> None:
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        raise SystemExit(f"it asked for the network ({event})")  # an error would be tried again, and again


def _ask(settings: Settings, cache: Path) -> None:
    passage = Passage("p", "a", 0, len(_TEXT), Kind.BODY, _TEXT, (Span(0, len(_TEXT)),))
    token_counter(settings.passages.tokenizer, cache)(_TEXT)
    load_encoder(settings.encoder, cache).encode_questions(["When did the ferry come?"])
    if settings.reader.model != "none":
        load_reader(threads=1).read("When did the ferry come?", [passage])


if __name__ == "__main__":
    given = json.load(sys.stdin)
    sys.addaudithook(_refuse)
    try:
        _ask(Settings.model_validate_json(json.dumps(given["settings"])), Path(given["cache"]))
    except (SaysoError, OSError) as error:
        sys.exit(str(error))
