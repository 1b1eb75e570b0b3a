"""Questions in another language or script than the articles: which it is, and how its names are spelled in Latin."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from retrieval.settings import EncoderSettings
from retrieval.tokens import words
from retrieval.types import Query

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_READS = "en"  # what the encoder in the box reads
_IN_THE_BOX = EncoderSettings().model
_FEWEST_WORDS = 3  # of a question in Latin letters; fewer may be names of any language
_SURE = 0.6  # probability from which a language in Latin letters is told


def refusal(query: Query, encoder: EncoderSettings) -> str:
    """Why a question in another language has no answer; "" where the encoder may read it, or the articles do.

    A language is looked for only where the articles lack half of the question's words: names and loan words
    make short questions look foreign.
    """
    if encoder.model != _IN_THE_BOX or len(query.unknown) * 2 < len(query.terms) or not query.terms:
        return ""
    language = foreign_language(query.text)
    return f"the question seems to be in {language}, and {_IN_THE_BOX} reads English" if language else ""


@lru_cache(maxsize=4_096)
def romanised(word: str) -> str:
    """A word in Latin letters, lower case: "lavrov" for "Лавров"; letter by letter, so that vowels may lack."""
    from anyascii import anyascii

    return str(anyascii(word)).lower()


def foreign_language(question: str) -> str | None:
    """The English name of the language of a question that is not in English; ``None`` where that is not certain."""
    letters = [c for c in question if c.isalpha()]
    latin = sum(unicodedata.name(c, "").startswith("LATIN") for c in letters) * 2 > len(letters)
    if not letters or (latin and len(words(question)) < _FEWEST_WORDS):
        return None
    code, probability = _identified(question)
    return None if code == _READS or (latin and probability < _SURE) else _name(code)


def _identified(text: str) -> tuple[str, float]:
    """The likeliest language by langid.py's model (Lui and Baldwin 2012), of those with a code of two letters."""
    code, probability = _identifier().classify(text)
    return str(code), float(probability)


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in identifier.labels if len(code) == 2])
    return identifier


def _name(code: str) -> str:
    from babel import Locale

    return str(Locale("en").languages.get(code, code))
