"""``sayso telegram``: the token, the corpus and the log, then the bot."""

from __future__ import annotations

import logging
import os
import sys
from functools import partial

from bot.session import Session
from bot.settings import TOKEN_SHAPE, TOKEN_VARIABLE
from retrieval.errors import SettingsError


def serve(session: Session) -> None:
    """Serves until told to stop. :raises SaysoError: it cannot begin."""
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if not token:
        raise SettingsError("the bot has no token", f"get one from @BotFather and set {TOKEN_VARIABLE}")
    if not TOKEN_SHAPE.fullmatch(token):
        raise SettingsError(f"{TOKEN_VARIABLE} has not the form of a token", "copy it anew from @BotFather")
    settings = session.settings()
    from bot.telegram_app.redaction import Redactor, set_up
    from bot.telegram_app.running import run

    redactor = Redactor([token])
    set_up(sys.stderr, settings.telegram.log, redactor)
    # Lines of JSON stay lines of JSON; on a terminal people read.
    say = session.err.say if settings.telegram.log == "text" else logging.getLogger(__name__).info
    try:
        with session.corpus() as corpus:
            run(settings, token, corpus, say, partial(session.ensure_indexed, corpus))
    except Exception as error:
        redactor.error(error)  # the command line tells its words
        raise
