"""Dates as articles state them, to ISO 8601 of the precision stated."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<{0}>\d{{1,2}})(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_CLOCK = r"(?:\d{1,2}[:.]\d{2}(?:[:.]\d{2})?\s*(?:[ap]\.?m\.?)?|\d{1,2}\s*[ap]\.?m\.?)"
_ZONE = r"(?:\s*(?:\(?[a-z]{2,5}\)?|[+-]\d{2}:?\d{2}))?"
_TIME = rf"(?:,?\s+(?:at\s+|@\s*|[-–|]\s*)?{_CLOCK}{_ZONE})"
_DATE = "|".join(
    (
        rf"{_MONTH.format('m1')}\s+{_DAY.format('d1')},?\s+(?P<y1>\d{{4}})",
        rf"{_DAY.format('d2')}(?:\s+of)?[\s-]+{_MONTH.format('m2')},?[\s-]+(?P<y2>\d{{4}})",
        rf"{_MONTH.format('m3')},?\s+(?P<y3>\d{{4}})",
        r"(?P<y4>\d{4})[-/](?P<m4>\d{1,2})[-/](?P<d4>\d{1,2})(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?",
        r"(?P<y5>\d{4})(?:-(?P<m5>\d{2}))?",
    )
)
_STATED = re.compile(rf"{_WEEKDAY}(?:{_DATE})(?P<time>{_TIME})?", re.IGNORECASE | re.ASCII)
_LONGEST = 80  # characters; a longer text is not a date


def iso_date(text: str) -> str | None:
    """ "2017-03-15", "2017-03" or "2017" for a text that is a date and nothing else; ``None`` otherwise.

    A time of day is dropped. Forms of which the order of day and month would
    have to be guessed ("03/04/2017") are no dates here.
    """
    match = _match(text)
    if match is None:
        return None
    parts = {key[0]: value for key, value in match.groupdict().items() if value is not None and key != "time"}
    year, month, day = parts["y"], parts.get("m"), parts.get("d")
    number = 0 if month is None else int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    try:
        date(int(year), number if month else 1, int(day) if day else 1)
    except ValueError:  # 31 February, month 13
        return None
    return "-".join([year, *([f"{number:02d}"] if month else []), *([f"{int(day):02d}"] if day else [])])


def has_time(text: str) -> bool:
    """Whether the text is a date with a time of day, as above readers' comments."""
    match = _match(text)
    return match is not None and match["time"] is not None


def _match(text: str) -> re.Match[str] | None:
    return _STATED.fullmatch(" ".join(text.split())) if len(text) <= _LONGEST else None
