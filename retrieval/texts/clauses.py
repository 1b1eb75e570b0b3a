"""What a sentence says in its relative and coordinate clauses, apart from what it says first."""

from __future__ import annotations

import re
from functools import lru_cache

#: "the old lighthouse, which opened in 1874,": of whom or what, and what is said of it up to the next mark.
#: Not "which Ada Quill opened": there the thing would stand before its verb.
_RELATIVE = re.compile(
    r"(?P<of>(?:\b(?:[Tt]he|[Aa]n?|[Ii]ts|[Tt]heir|[Hh]is|[Hh]er) (?:[\w’'-]+ ){0,3}?(?:[\w’'-]+ of (?:the )?)?[\w’'-]+"
    r"|\b[^\W\d_a-z][\w’'-]*(?: [^\W_a-z][\w’'-]*)*)),"
    r"(?P<word> (?:which|who) )(?=[a-z])(?!(?:the|an?|its|their|his|her|he|she|it|they|we|in|on|at)\b)"
    r"(?P<said>[^,;:.?!]+(?:[.,]\d+[^,;:.?!]*)*)(?P<end>,?)"
)
#: ", but two horses were lost": a statement with a subject of its own, which ends the sentence.
_ADDED = re.compile(
    r", (?:but|and|while|whereas|though|although) (?=(?:the|an?|its|their|his|her|no|[a-z]*\d\S*|two|three|four|five"
    r"|six|seven|eight|nine|ten|[A-Z][\w’'-]+) )(?=[^,;:]*\b(?:was|were|is|are|has|have|had|[a-z]{2,}ed)\b).*$"
)


@lru_cache(maxsize=8_192)
def clauses(sentence: str) -> tuple[str, ...]:
    """The sentence without its relative clauses and without a last statement of its own that ", but" adds, and each
    relative clause as a sentence; none where it has neither.

    Each is as long as the sentence and has blanks where it leaves words out, so offsets stay what they were.
    """
    found = list(_RELATIVE.finditer(sentence)) if ", wh" in sentence else []
    added = _ADDED.search(sentence)
    main = sentence[: added.start()].ljust(len(sentence)) if added else sentence
    apart: list[str] = []
    for match in found:
        start, end = match.start("word") - 1, match.end("end")
        main = f"{main[:start]}{' ' * (end - start)}{main[end:]}"
        kept = [match.span("of"), match.span("said")]
        apart.append("".join(c if any(a <= n < b for a, b in kept) else " " for n, c in enumerate(sentence)))
    return (main, *apart) if found or added else ()
