"""The JSON lines of ``ask --json``, ``ask --batch`` and ``sources --json``: a contract with other programs.

Values are exact; nothing is cleaned for reading.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from retrieval.errors import InputError
from retrieval.types import SEARCHED, Abstention, Answer, Article, Citation, Difference, Hit, Reference, Reply

Record = dict[str, Any]

#: Written as escapes, which mean the same: they could drive a terminal, or have no encoding at all.
_ESCAPED = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def json_line(record: Record, encoding: str | None = "utf-8") -> str:
    """``record`` on one line that a stream of this encoding can take."""
    unicode = (encoding or "").lower().startswith("utf")
    text = json.dumps(record, ensure_ascii=not unicode, allow_nan=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def answered(raw: bytes, ask: Callable[[str, Sequence[str]], Reply]) -> Record:
    """The record out for one line in; one that cannot be read or asked comes out with its reason."""
    fields: Record = {}
    try:
        fields = _fields(raw)
        question, history = fields.get("question"), fields.get("history", [])
        if not isinstance(question, str):
            raise InputError('the record has no "question", or it is not a text')
        if not isinstance(history, list) or not all(isinstance(earlier, str) for earlier in history):
            raise InputError('"history" is not a list of texts')
        reply = ask(encodable(question), [encodable(earlier) for earlier in history])
        return reply_record(reply, fields.get("id"))
    except InputError as error:
        asked = {"id": fields.get("id"), "question": fields.get("question")}
        return {**asked, "kind": "error", "reason": str(error)}


def encodable(text: str) -> str:
    """``text`` if every character of it can be written. :raises InputError: where bytes were not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        message = f"the question is not UTF-8 text (character {error.start + 1})"
        raise InputError(message, "check its encoding") from None
    return text


def reply_record(reply: Reply, record_id: object = None) -> Record:
    """The record of an answer or abstention, as design.md fixes it."""
    work = reply.work
    answer = isinstance(reply, Answer)
    record: Record = {
        "id": record_id,
        "question": reply.question,
        "kind": "answer" if answer else "abstention",
        "answer": " … ".join(citation.quote.text for citation in reply.citations) if isinstance(reply, Answer) else "",
        "confidence": float(reply.confidence),
        "reason": reply.reason if isinstance(reply, Abstention) else None,
        "citations": [citation_record(citation) for citation in reply.citations] if isinstance(reply, Answer) else [],
        "hits": [_hit_record(hit) for hit in work.hits],
        "resolved_question": work.resolved_question,
        "timings_ms": {stage: float(spent) for stage, spent in work.timings_ms.items()},
    }
    if isinstance(reply, Answer) and reply.form != "quotes":
        record["form"] = reply.form
    if isinstance(reply, Answer) and reply.differences:
        record["differences"] = [_difference_record(difference) for difference in reply.differences]
    if isinstance(reply, Abstention):
        record["nearest"] = [citation_record(citation) for citation in reply.nearest]
    return record


def citation_record(citation: Citation) -> Record:
    """A quote and its article; ``answer_span`` and ``also``, what others say, only where known."""
    quote, reference = citation.quote, citation.reference
    record: Record = {
        "number": citation.number,
        "article_id": reference.article_id,
        "title": reference.title,
        "author": reference.author,
        "published": reference.published,
        "publisher": reference.publisher,
        "source": reference.source,
        "url": reference.url,
        "quote": quote.text,
        "start": quote.start,
        "end": quote.end,
        "passage_id": quote.hit.passage.id,
    }
    if quote.answer is not None:
        record["answer_span"] = quote.answer._asdict()
    if citation.also:
        record["also"] = [citation_record(other) for other in citation.also]
    return record


def _difference_record(difference: Difference) -> Record:
    """Two citations by number, and the differing words in their articles' offsets."""
    return {
        "about": difference.about,
        "citations": list(difference.numbers),
        "words": [span._asdict() for span in difference.words],
    }


def reference_record(reference: Reference) -> Record:
    """All that is known of one article."""
    return asdict(reference)


def article_record(article: Article) -> Record:
    """One article and all its regions."""
    regions = [
        {**asdict(region), "kept": region.kind in SEARCHED, "text": article.text[region.start : region.end]}
        for region in article.regions
    ]
    return {**asdict(article.reference), "regions": regions}


def _hit_record(hit: Hit) -> Record:
    """A found passage; ``rerank`` only where a reranker scored it."""
    passage = hit.passage
    record = {
        "passage_id": passage.id,
        "article_id": passage.article_id,
        "score": float(hit.score),
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
    }
    return record if hit.rerank is None else {**record, "rerank": float(hit.rerank)}


def _finite(digits: str) -> float:
    return float(digits) if math.isfinite(float(digits)) else _no_number(digits)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number that JSON can hold")


def _fields(raw: bytes) -> Record:
    """The JSON object on one line."""
    try:
        fields = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 (byte {error.start + 1})") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise InputError("not a JSON object")
    return fields
