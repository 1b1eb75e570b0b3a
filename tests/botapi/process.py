"""`sayso telegram` as a process of its own, so that it can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.botapi.server import BotApi

ROOT = Path(__file__).parent.parent.parent


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a `sayso` whose data lie in ``folder``/data and that sees no other settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SAYSO_")}
    ours = {"PYTHONPATH": str(ROOT), "SAYSO_DATA_DIR": str(folder / "data"), "XDG_CONFIG_HOME": str(folder)}
    return clean | ours


class BotProcess:
    """The command, pointed at the server; open to all, and taking more at once than people would ask.

    ``variables`` are further ones of its environment, such as ``SAYSO_TELEGRAM__WORKERS="1"``.
    """

    def __init__(self, api: BotApi, folder: Path, **variables: str) -> None:
        self.api, self.folder, self.log = api, folder, folder / "bot.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = surroundings(folder) | {
            "SAYSO_TELEGRAM_TOKEN": api.token,
            "SAYSO_TELEGRAM_BASE_URL": api.base_url,
            "SAYSO_TELEGRAM_BASE_FILE_URL": api.base_file_url,
            "SAYSO_TELEGRAM__ACCESS": "open",
            "SAYSO_TELEGRAM__QUESTIONS_PER_MINUTE": "6000",
            "SAYSO_TELEGRAM__WAITING": "10000",
            **variables,
        }

    def start(self) -> None:
        """Starts it and does not wait for it."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "bot", "telegram"]
            self._process = subprocess.Popen(
                command, cwd=self.folder, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        self._polls = self.api.world.updates.polls

    def ready(self, seconds: float = 60) -> None:
        """Comes back once it asks for updates. :raises RuntimeError: it does not, and what it said."""
        end = time.monotonic() + seconds
        while self.api.world.updates.polls == self._polls:
            if self._process is None or self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the bot does not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.02)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Sends it a signal; its exit code, once it is gone."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(30)
