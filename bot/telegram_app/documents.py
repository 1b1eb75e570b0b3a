"""The bytes of a document, fetched from the Bot API server and no further than allowed."""

from __future__ import annotations

import asyncio

import httpx
from telegram import Bot
from telegram.error import BadRequest, NetworkError

from bot.telegram_app.requests import trust
from bot.telegram_app.uploads import RefusedUploadError, collected

_ATTEMPTS = 4
_PAUSE_S = 0.5


async def downloaded(bot: Bot, file_id: str, most: int, timeout_s: float) -> bytes:
    """The content, at most ``most`` bytes of it, whatever size was claimed.

    :raises RefusedUploadError: it is larger, or empty; :raises NetworkError: no attempt got through.
    """
    try:
        file = await bot.get_file(file_id)
    except BadRequest:
        raise RefusedUploadError("too_large") from None  # Telegram gives bots files of up to 20 MB
    plain = {"Accept-Encoding": "identity"}
    async with httpx.AsyncClient(timeout=timeout_s, headers=plain, verify=trust()) as client:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                async with client.stream("GET", str(file.file_path)) as response:
                    response.raise_for_status()
                    return await collected(response.aiter_raw(), most)  # nothing is unpacked, so nothing swells
            except (httpx.TransportError, httpx.HTTPStatusError) as error:
                if attempt == _ATTEMPTS:  # its words hold the address, and that the token
                    raise NetworkError(f"the document could not be fetched ({type(error).__name__})") from None
                await asyncio.sleep(_PAUSE_S * 2**attempt)
    raise AssertionError("the last attempt raises")
