"""A call that Telegram turns down."""

from __future__ import annotations

from typing import Any

_PREFIX = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}


class Refusal(Exception):
    """Becomes ``{"ok": false, "error_code", "description", "parameters"?}`` with the same HTTP status."""

    def __init__(self, description: str, code: int = 400, **parameters: Any) -> None:
        prefix = _PREFIX.get(code)
        super().__init__(f"{prefix}: {description}" if prefix and description else description or prefix)
        self.code = code
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """What the caller gets as JSON."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": str(self)}
        return {**body, "parameters": self.parameters} if self.parameters else body
