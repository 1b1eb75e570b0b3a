"""The parameters of one call, from a query string, a form, a multipart body or JSON."""

from __future__ import annotations

import email
import email.policy
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.botapi.refusal import Refusal


@dataclass
class Parameters:
    """Named values as they were sent, and uploaded files as (name, content)."""

    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """The value as text; None if it was not sent."""
        value = self.values.get(name)
        return value if value is None or isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int | None = None) -> int | None:
        """The value as an integer."""
        value = self.values.get(name)
        if value in (None, ""):
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise Refusal(f'field "{name}" must be of type Number') from None

    def flag(self, name: str) -> bool:
        """Whether the value says true."""
        return str(self.values.get(name, "")).lower() in ("true", "1", "yes", "y")

    def object(self, name: str, kind: str = "object") -> Any:
        """The value decoded from JSON; None if it was not sent."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value:
            return value or None
        try:
            return json.loads(value)
        except ValueError:
            raise Refusal(f"can't parse {kind} JSON object") from None


def read_parameters(query: str, content_type: str, body: bytes) -> Parameters:
    """The call's parameters; those of the body come before those of the query string."""
    read = Parameters(dict(parse_qsl(query, keep_blank_values=True)))
    if content_type.startswith("application/json"):
        read.values |= json.loads(body or b"{}")
    elif content_type.startswith("multipart/form-data"):
        _read_multipart(read, content_type, body)
    else:
        read.values |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    return read


def _read_multipart(read: Parameters, content_type: str, body: bytes) -> None:
    head = b"Content-Type: " + content_type.encode() + b"\r\n\r\n"
    for part in email.message_from_bytes(head + body, policy=email.policy.HTTP).iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        file_name = part.get_filename()
        if file_name is None:
            read.values[name] = content.decode()
        else:
            read.files[name] = (file_name, content)
