"""Rows of the catalog as records."""

from collections.abc import Sequence
from typing import Any

import msgspec

from index.catalog.sums import damaged
from index.records import (
    Citation,
    DocumentCard,
    DocumentCitation,
    LayoutFinding,
    Place,
    Rendition,
    Window,
    Work,
)

RULES = "work_rules"
"""The key in a document's compilation under which the rules about works stand, as JSON."""

_TEXTS = msgspec.json.Decoder(tuple[str, ...])
_CITATION = msgspec.json.Decoder(Citation | None)
RENDITION = msgspec.json.Decoder(Rendition | None)
_PLACES = msgspec.json.Decoder(tuple[Place, ...])
_CITED_AS = msgspec.json.Decoder(DocumentCitation | None)
_LAYOUT = msgspec.json.Decoder(LayoutFinding | None)
_COMPILATION = msgspec.json.Decoder(dict[str, str] | None)
"""Made here and not by the first threads that decode: msgspec crashes where two of them learn a type at once (0.22)."""


class StoredDocument(msgspec.Struct, frozen=True):
    """A document as the catalog keeps it; ``packed_data`` is its file, ``packed_text`` its decoded text."""

    id: str
    name: str
    sha256: str
    file_sha256: str
    reader: str
    encoding: str
    complete: int
    rendition: Rendition | None
    packed_data: bytes
    packed_text: bytes


class EmbeddedWindow(msgspec.Struct, frozen=True):
    """A window, and by which embedder's fingerprint and which text's SHA-256 its vector is known; None for no vector."""

    id: int
    window: Window
    embedder: str | None
    sha256: bytes | None


def _json(values: Sequence[object]) -> str:
    """A list as SQLite's ``json_each`` takes it: of any length, unlike bound parameters."""
    return msgspec.json.encode(values).decode()


def _document_card(row: Sequence[Any]) -> DocumentCard:
    is_sound, document, name, title, sha256, file_sha256, reader, encoding, excerpts, characters, complete, blocks, *found = row
    if not is_sound:
        raise damaged(f"document {document}")
    layout, compilation, rendition, cited_as, language = found
    return DocumentCard(
        id=document,
        name=name,
        title=title,
        sha256=sha256,
        file_sha256=file_sha256,
        reader=reader,
        encoding=encoding,
        excerpts=excerpts,
        characters=characters,
        complete=bool(complete),
        blocks=msgspec.json.decode(blocks),
        rendition=RENDITION.decode(rendition),
        cited_as=_CITED_AS.decode(cited_as),
        layout=_LAYOUT.decode(layout),
        compilation=_compilation(compilation),
        language=language.strip("?"),
    )


def _compilation(found: bytes) -> dict[str, str] | None:
    """What is told of the collection, without what is told of works: that is no description."""
    told = {name: value for name, value in (_COMPILATION.decode(found) or {}).items() if name != RULES}
    return told or None


def _work(row: Sequence[Any]) -> Work:
    is_sound, work, csl, excerpts, spellings, likely = row
    if not is_sound:
        raise damaged(f"work {work}")
    return Work(work, msgspec.json.decode(csl), excerpts, _TEXTS.decode(spellings), _TEXTS.decode(likely))
