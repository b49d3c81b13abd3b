"""Cite keys: what a work is called in a BibTeX file, RIS or CSL-JSON, the same on every day and in every list."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import msgspec

from index.citations.csl import Item
from index.citations.markup import mark_tags, unmarked

_STOP_WORDS = frozenset(["a", "an", "the", "and", "or", "of", "in", "on", "at", "to", "for", "from", "by", "with"])
_LONGEST = 24


def cite_keys(items: Sequence[Item]) -> list[str]:
    """One key an item, of ``a-z``, ``0-9`` and ``-``: "doe1951canal" from surname, year and first telling title word.

    A key says nothing of the item's place in the list. Items that differ but would share a key get four digits or more
    of their content's hash ("doe1951canal-1f0c"); equal items share one.
    """
    plain = [_plain_key(item) for item in items]
    contents = [_content(item) for item in items]
    rivals = Counter(key for key, _ in set(zip(plain, contents, strict=True)))
    alone = [key if rivals[key] == 1 else f"{key}-{content[:4]}" for key, content in zip(plain, contents, strict=True)]
    shared = Counter(key for key, _ in set(zip(alone, contents, strict=True)))
    return [key if shared[key] == 1 else f"{key}{content[4:]}" for key, content in zip(alone, contents, strict=True)]


def _plain_key(item: Item) -> str:
    people = item.people("author") or item.people("editor") or item.people("translator")
    surname = _ascii(people[0].surname) if people else ""
    title = unmarked(mark_tags(item.text("title") or item.text("container-title")))
    words = [word for word in map(_ascii, title.split()) if word and word not in _STOP_WORDS]
    return f"{surname[:_LONGEST]}{item.issued.year.lstrip('-')}{words[0][:_LONGEST] if words else ''}" or "work"


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", text).casefold())


def _content(item: Item) -> str:
    return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(item, id=""), order="deterministic")).hexdigest()
