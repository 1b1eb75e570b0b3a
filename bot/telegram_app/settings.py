"""The [telegram] section: what a deployment may change, with defaults, ranges and reasons.

The token is a secret and no setting: it comes from SAYSO_TELEGRAM_TOKEN only.
"""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from retrieval.settings import Section


def _address(given: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """``given``, where it is a URL with a host. :raises ValueError: what it must be."""
    try:
        parts = urlsplit(given)
        usable = parts.scheme in schemes and parts.hostname and (parts.port is None or parts.port)
    except ValueError:  # a port that is none, a bracket too few
        usable = False
    if not usable or any(char.isspace() or not char.isprintable() for char in given):
        raise ValueError(f"an address with a host that begins with {' or '.join(f'{each}://' for each in schemes)}")
    return given


def _secure_address(given: str) -> str:
    return _address(given, ("https",)) if given else given


_Url = Annotated[str, AfterValidator(_address)]
_SecureUrl = Annotated[str, AfterValidator(_secure_address)]


class Telegram(Section):
    """`sayso telegram`."""

    access: Literal["allowlist", "open"] = Field(
        "allowlist", description="who may ask: those below and those let in with /allow, or everybody"
    )
    users: list[int] = Field([], description="numbers of the users who may ask")
    chats: list[int] = Field([], description="numbers of the groups in which everybody may ask")
    admins: list[int] = Field([], description="numbers of the users who may also index, remove, allow and deny")
    base_url: _Url = Field("https://api.telegram.org/bot", description="Bot API server; also SAYSO_TELEGRAM_BASE_URL")
    base_file_url: _Url = Field(
        "https://api.telegram.org/file/bot", description="its files; also SAYSO_TELEGRAM_BASE_FILE_URL"
    )
    workers: int = Field(2, ge=1, le=64, description="questions answered at once")
    waiting: int = Field(64, ge=0, le=10_000, description="questions that wait for a worker; one more is told to wait")
    questions_per_minute: int = Field(30, ge=1, le=6_000, description="of one user, all at once or spread")
    question_chars: int = Field(1_000, ge=1, le=4_096, description="a longer question is not looked at")
    quotes: int = Field(1, ge=1, le=8, description="quotes of an answer before /settings or More asks for others")
    suggestions: bool = Field(True, description="suggest further questions under an answer, in private chats")
    retention_days: int = Field(30, ge=1, le=36_500, description="what was asked and answered is kept so long")
    upload_mb: int = Field(5, ge=1, le=20, description="largest document that /index takes")
    messages_per_second: float = Field(30.0, gt=0, le=10_000, description="sent in all; Telegram's own limit")
    chat_interval_s: float = Field(1.0, ge=0, le=60, description="between messages of one chat; Telegram's own limit")
    group_per_minute: int = Field(20, ge=1, le=10_000, description="messages in one group; Telegram's own limit")
    timeout_s: float = Field(20.0, gt=0, le=600, description="how long a request to Telegram may take")
    send_attempts: int = Field(10, ge=1, le=100, description="of one message, before it waits for the next start")
    webhook_url: _SecureUrl = Field(
        "", description="https address that a proxy passes on to webhook_port; empty: polling"
    )
    webhook_port: int = Field(8443, ge=1, le=65_535, description="on the loopback address")
    health_port: int = Field(0, ge=0, le=65_535, description="/healthz, /readyz, /metrics on loopback; 0: none")
    log: Literal["json", "text"] = Field("text", description="how a line of the log is written, on standard error")
