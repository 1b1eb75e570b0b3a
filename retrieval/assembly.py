"""Settings to a corpus: the one place that knows every stage."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

from retrieval.answerer import Answerer
from retrieval.corpus import Corpus
from retrieval.encoder import encoder_name, load_encoder
from retrieval.errors import EncoderError
from retrieval.hub_reader import load_hub_reader
from retrieval.indexer import Indexer
from retrieval.passages import Cutter
from retrieval.protocols import Encoder, PassageReader, Reranker
from retrieval.reader import load_reader
from retrieval.rerank import load_reranker
from retrieval.settings import EncoderSettings, Settings, Store, default_corpus
from retrieval.shelf import Edition, Shelf
from retrieval.speakers import Speakers
from retrieval.store.archive import Archive
from retrieval.store.editions import ARCHIVE, require_folder
from retrieval.store.lock import writer_lock
from retrieval.store.neighbours import Neighbours
from retrieval.store.vectors import ChromaIndex
from retrieval.tokens import token_counter
from retrieval.vocabulary import Vocabulary
from retrieval.weights import Weights, weights_in_use

_log = logging.getLogger(__name__)


def assemble(
    settings: Settings,
    load: Callable[[EncoderSettings, Path], Encoder] = load_encoder,
    named: Callable[[EncoderSettings], str] = encoder_name,
) -> Corpus:
    """A corpus in ``settings.data_dir``; models and files are opened when first needed.

    :param load: the encoder of some settings, with a folder for what is made of it; ``named``: its name
    """
    data_dir = Path(os.path.expanduser(settings.data_dir))
    require_folder(data_dir)

    @lru_cache(maxsize=2)  # that of an index that is replaced, and that of the new one
    def encoder(wanted: EncoderSettings) -> Encoder:
        return load(wanted, data_dir / "models")

    reader = lru_cache(maxsize=1)(partial(_reader, settings))
    reranker = lru_cache(maxsize=1)(partial(_reranker, settings))

    @lru_cache(maxsize=1)
    def weights() -> Weights:
        return weights_in_use(data_dir, reader=reader() is not None)

    def open_edition(folder: Path, settings: Settings) -> Edition:
        """The index in ``folder``, opened when first needed."""
        archive = Archive(folder / ARCHIVE)
        own_encoder = partial(encoder, settings.encoder)
        cutter = partial(_cutter, settings, own_encoder, data_dir / "models")
        neighbours = Neighbours(archive, partial(_chroma, settings.store, archive))
        chroma = ChromaIndex(settings.store.url, folder, settings.store.timeout_s)
        indexer = Indexer(folder, archive, chroma, own_encoder, cutter, named(settings.encoder), settings)
        vocabulary = Vocabulary(archive)
        speakers = Speakers(archive, vocabulary.spelled)
        answerer = Answerer(
            archive, own_encoder, lambda: neighbours, reranker, reader, weights, settings, vocabulary, speakers
        )
        return Edition(folder, archive, indexer, answerer, neighbours)

    shelf = Shelf(settings, data_dir, open_edition, lambda: writer_lock(data_dir, settings.store.lock_timeout_s))
    paths = [Path(os.path.expanduser(path)) for path in settings.corpus.paths] or [default_corpus()]
    return Corpus(shelf, paths)


def _cutter(settings: Settings, encoder: Callable[[], Encoder], cache: Path) -> Cutter:
    return Cutter(
        count=token_counter(settings.passages.tokenizer, cache),
        model_count=encoder().count_tokens,
        tokens=settings.passages.tokens,
        overlap=settings.passages.overlap,
        max_tokens=encoder().max_tokens,
    )


def _chroma(store: Store, archive: Archive) -> ChromaIndex | None:
    """Chroma, where there are so many passages that it is faster than a scan."""
    many = archive.count()[1] > store.exact_below
    return ChromaIndex(store.url, archive.path.parent, store.timeout_s) if many else None


def _reader(settings: Settings) -> PassageReader | None:
    """The reader, or none: then sentences are chosen by features alone, which is worse but works.

    Only the one in the box falls back to none: a model that the user chose is not left out in silence.
    """
    if settings.reader.model == "none":
        return None
    if settings.reader.model != "built-in":
        return load_hub_reader(settings.reader.model)
    try:
        return load_reader(threads=settings.encoder.threads)
    except EncoderError as error:
        _log.warning("%s; sentences are chosen without it (%s)", error, error.hint)
        return None


def _reranker(settings: Settings) -> Reranker | None:
    return None if settings.rerank.model == "none" else load_reranker(settings.rerank.model)
