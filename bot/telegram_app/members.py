"""Who may ask and who may administer: the settings' lists, and what /allow, /deny and pairing added."""

from __future__ import annotations

import hmac
import secrets
from enum import StrEnum

from bot.chats import Chats
from bot.telegram_app.settings import Telegram

_CODE_BYTES = 9  # of chance in the pairing code: nobody guesses that


class Role(StrEnum):
    """What a user or group is to the bot."""

    ADMIN = "admin"
    ALLOWED = "allowed"
    DENIED = "denied"  # also where the settings allow it


class Members:
    """The one place that decides. Users have numbers above 0, groups below."""

    def __init__(self, settings: Telegram, chats: Chats) -> None:
        self._settings, self._chats = settings, chats
        self._code = None if self._has_admin() else secrets.token_urlsafe(_CODE_BYTES)

    @property
    def code(self) -> str | None:
        """What makes its sender the first admin; None once there is one."""
        return self._code

    def may_ask(self, user_id: int, chat_id: int) -> bool:
        """Whether this user is answered in this chat."""
        if Role.DENIED in (self._role(user_id), self._role(chat_id)):
            return False
        if self._settings.access == "open" or self.is_admin(user_id):
            return True
        users, chats = self._settings.users, self._settings.chats
        listed = user_id in users or chat_id in chats
        return listed or Role.ALLOWED in (self._role(user_id), self._role(chat_id))

    def is_admin(self, user_id: int) -> bool:
        """Whether this user may administer, wherever they write."""
        return user_id in self._settings.admins or self._role(user_id) is Role.ADMIN

    def pair(self, user_id: int, code: str) -> bool:
        """Makes the user an admin if the code is the one on the console; it serves once."""
        if self._code is None or not hmac.compare_digest(code.encode(), self._code.encode()):
            return False
        self._set(user_id, Role.ADMIN, user_id)
        self._code = None
        return True

    def allow(self, number: int, by: int) -> None:
        """Lets a user or group ask; an admin stays one."""
        if not self.is_admin(number):
            self._set(number, Role.ALLOWED, by)

    def deny(self, number: int, by: int) -> bool:
        """Shuts a user or group out; False for one whom the settings make an admin, and for oneself."""
        if number in self._settings.admins or number == by:
            return False
        self._set(number, Role.DENIED, by)
        return True

    def admins(self) -> list[int]:
        """All admins."""
        rows = self._chats.db.execute("SELECT id FROM members WHERE role = ? ORDER BY id", (Role.ADMIN,))
        return [*self._settings.admins, *(row[0] for row in rows if row[0] not in self._settings.admins)]

    def _has_admin(self) -> bool:
        return bool(self.admins())

    def _role(self, number: int) -> Role | None:
        found = self._chats.db.execute("SELECT role FROM members WHERE id = ?", (number,)).fetchone()
        return Role(found[0]) if found else None

    def _set(self, number: int, role: Role, by: int) -> None:
        row = (number, role, self._chats.now(), by)
        self._chats.db.execute("REPLACE INTO members (id, role, added, added_by) VALUES (?, ?, ?, ?)", row)
