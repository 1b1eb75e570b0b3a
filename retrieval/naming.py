"""What people call an article -> its id."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from difflib import get_close_matches

from retrieval.errors import InputError
from retrieval.store.archive import Archive
from retrieval.store.filters import real_path
from retrieval.types import Filters, Reference

_FEWEST = 4  # characters that may stand for an id
_TOLD = 5  # of the articles that a name may mean


def article_id(name: str, archive: Archive) -> str:
    """The id of the one article that is called so.

    :raises InputError: none is, or several are.
    """
    found = _meant(name, archive)
    if len(found) > 1:
        raise _unclear(f"{name!r} holds", found)
    return found[0].article_id


def article_ids(names: Sequence[str], archive: Archive) -> list[str]:
    """The ids of all that the names mean; a ``.jsonl`` file's path means each of its articles.

    :raises InputError: a name means none, or is in several titles.
    """
    return list(dict.fromkeys(found.article_id for name in names for found in _meant(name, archive)))


def with_id(filters: Filters, archive: Archive) -> Filters:
    """The filters, with an id in place of a name that is neither an id nor a path nor in a title.

    :raises InputError: it means no article.
    """
    name = filters.article
    if not name or archive.references(Filters(article=name)):
        return filters
    return replace(filters, article=article_id(name, archive))


def _meant(name: str, archive: Archive) -> list[Reference]:
    """The articles of that id, of that file, of that ``path#id``, or the one whose title or id the name is part of."""
    known = {reference.article_id: reference for reference in archive.references()} if archive.exists() else {}
    if name in known:
        return [known[name]]
    called = archive.references(Filters(article=name)) if known else []
    path = real_path(name)
    if filed := [reference for reference in called if path in (reference.source, _file(reference))]:
        return filed
    begun = [reference for reference in known.values() if reference.article_id.startswith(name)]
    recorded = [reference for reference in known.values() if _is_record(reference, name)]
    for found in (recorded, called, begun if len(name) >= _FEWEST else []):
        if len(found) == 1:
            return found
    if called:
        raise _unclear(f"{name!r} is in the titles of", called)
    raise _unknown(name, known)


def _file(reference: Reference) -> str:
    """Of a line of a file the file."""
    return reference.source.rpartition("#")[0]


def _is_record(reference: Reference, name: str) -> bool:
    """Whether the name is the article's file, "#" and its id."""
    end = f"#{reference.article_id}"
    return name.endswith(end) and _file(reference) == real_path(name.removesuffix(end))


def _unclear(beginning: str, found: Sequence[Reference]) -> InputError:
    named = ", ".join(f"{reference.title} ({reference.article_id})" for reference in found[:_TOLD])
    more = f" and {len(found) - _TOLD:,} more" if len(found) > _TOLD else ""
    return InputError(
        f"{beginning} {len(found):,} articles: {named}{more}", "name the one that is meant by its id, in brackets here"
    )


def _unknown(name: str, ids: Collection[str]) -> InputError:
    near = get_close_matches(name, ids, n=1, cutoff=0.5)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return InputError(f"there is no article {name!r}", f"{meant}`sayso sources` lists them")
