"""Which code page a text in Latin letters is in, by the letters that its languages write."""

from __future__ import annotations

import re

WESTERN = "cp1252"
_WESTERN_LETTERS = (
    "àâæçèéêëîïôùûüÿœ",  # French
    "áéíñóúü¿¡",  # Spanish
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
# A symbol beside a letter is a letter of another code page: "by³ ma³y" is "był mały".
_SYMBOL = "[¡£¥¦¬¯±³µ¶¹¼¾¿]"
_MARKED = re.compile(rf"[À-ÖØ-öø-ɏ\ufffd]|(?<=[{_LETTER}]){_SYMBOL}|{_SYMBOL}(?=[{_LETTER}])")
_FEWEST = 8  # letters beyond ASCII
_SHARE = 0.03  # of them among all letters; English with foreign names has fewer
_FIT, _LEAD = 0.97, 0.08


def code_page(data: bytes) -> str:
    """``cp1252``, unless nearly all letters beyond ASCII are of one language of another code page.

    The rule is conservative: a text that a Western language fits about as
    well, a short one, or one with few such letters says too little.
    """
    western = _marked(data, WESTERN)
    plain = len(re.findall(rb"[A-Za-z]", data))
    if len(western) < _FEWEST or len(western) < _SHARE * plain:
        return WESTERN
    marked = {page: _marked(data, page) for page in _OTHER_LETTERS}
    fitting = {page: _fitting(marked[page], languages) for page, languages in _OTHER_LETTERS.items()}
    best = max(fitting, key=fitting.__getitem__)
    is_fit = fitting[best] >= _FIT * len(marked[best])
    leads = fitting[best] - _fitting(western, _WESTERN_LETTERS) >= _LEAD * len(western)
    return best if is_fit and leads else WESTERN


def _marked(data: bytes, page: str) -> str:
    return "".join(_MARKED.findall(data.decode(page, "replace"))).lower()


def _fitting(marked: str, languages: tuple[str, ...]) -> int:
    """How many of the letters beyond ASCII the best fitting language writes."""
    return max(sum(map(marked.count, letters)) for letters in languages)
