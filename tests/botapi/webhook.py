"""Updates brought to the bot's webhook, one by one, each again until the bot takes it."""

from __future__ import annotations

import http.client
import json
import threading
from urllib.parse import urlsplit

from tests.botapi.world import World

_PAUSE_S = 0.05  # before an update is brought again


class Webhook(threading.Thread):
    """While a webhook is set, posts updates to its path on the loopback port of ``forward``.

    The address of a webhook is https; a proxy in front of the bot takes TLS off and passes the rest
    on. This server does as if it had talked to that proxy.
    """

    def __init__(self, world: World) -> None:
        super().__init__(name="webhook", daemon=True)
        self.world = world
        self._port: int | None = None
        self.statuses: list[int] = []

    def forward(self, port: int) -> None:
        """From now on updates go to that port; before, they wait."""
        with self.world.changed:
            self._port = port
            self.world.changed.notify_all()

    def run(self) -> None:
        """Ends when the server does."""
        updates, changed = self.world.updates, self.world.changed
        while True:
            with changed:
                changed.wait_for(lambda: self.world.closing or (updates.webhook and updates.pending and self._port))
                if self.world.closing:
                    return
                update, webhook, port = updates.pending[0], dict(updates.webhook), self._port
            taken = self._post(update, webhook, port or 0)
            with changed:
                if taken:
                    updates.confirm(update["update_id"] + 1)
                else:
                    changed.wait_for(lambda: self.world.closing, _PAUSE_S)

    def _post(self, update: dict[str, object], webhook: dict[str, str], port: int) -> bool:
        headers = {"Content-Type": "application/json"}
        if webhook["secret_token"]:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook["secret_token"]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", urlsplit(webhook["url"]).path or "/", json.dumps(update), headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            status = 0
        finally:
            connection.close()
        self.statuses.append(status)
        return 200 <= status < 300
