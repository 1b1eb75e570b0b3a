"""Which code page a text in Latin letters is in, by the letters that its languages write."""

from __future__ import annotations

import re

WESTERN = "cp1252"
_WESTERN_LETTERS = (
    "àâæçèéêëîïôùûüÿœ",  # French
    "áéíñóúü",  # Spanish
    "àáâãçéêíóôõú",  # Portuguese
    "àèéìíòóùú",  # Italian
    "àçèéíïòóúü",  # Catalan
    "äöüßé",  # German
    "åäöæøéü",  # the Nordic languages
    "áðéíóúýþæö",  # Icelandic
    "äõöüšž",  # Estonian
    "áèéêëïíóöüôûç",  # Dutch, Afrikaans, Albanian
)
_OTHER_LETTERS = {
    "cp1250": (
        "ąćęłńóśźż",  # Polish
        "áčďéěíňóřšťúůýž",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "áéíóöőúüű",  # Hungarian
        "ăâîşţ",  # Romanian
        "čćđšž",  # Croatian, Slovene
    ),
    "cp1254": ("çğıöşüâîûi̇",),  # Turkish; the last is what a capital dotted i becomes in lower case
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž"),  # Lithuanian, Latvian
}
_OTHER_LETTERS["iso8859-2"] = _OTHER_LETTERS["cp1250"]
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ"
# A symbol between two letters is a letter of another code page: "by³o" is "było".
_MARKED = re.compile(rf"[À-ÖØ-öø-ɏ\ufffd]|(?<=[{_LETTER}])[\xa1-\xb6\xb8-\xbf](?=[{_LETTER}])")
_FEWEST = 8  # letters beyond ASCII
_SHARE = 0.03  # of them among all letters; English with foreign names has fewer
_FIT, _LEAD = 0.97, 0.08


def code_page(data: bytes) -> str:
    """``cp1252``, unless the letters fit a language of another code page nearly all and no Western one as well.

    The rule is conservative: a short text, or one with few letters beyond
    ASCII, says too little, and is taken as Western.
    """
    western = _marked(data, WESTERN)
    plain = len(re.findall(rb"[A-Za-z]", data))
    if len(western) < _FEWEST or len(western) < _SHARE * plain:
        return WESTERN
    best = max(_OTHER_LETTERS, key=lambda page: _fit(_marked(data, page), _OTHER_LETTERS[page]))
    fit = _fit(_marked(data, best), _OTHER_LETTERS[best])
    return best if fit >= _FIT and fit - _fit(western, _WESTERN_LETTERS) >= _LEAD else WESTERN


def _marked(data: bytes, page: str) -> str:
    return "".join(_MARKED.findall(data.decode(page, "replace"))).lower()


def _fit(marked: str, languages: tuple[str, ...]) -> float:
    """The share of the letters beyond ASCII that the best fitting language writes."""
    return max(sum(map(marked.count, letters)) for letters in languages) / max(1, len(marked))
