"""Checks an index against the bytes it keeps, and every derived file against the catalog; changes nothing."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from index.catalog import text_sha256, unpack
from index.catalog.reader import Snapshot
from index.catalog.rows import RENDITION, StoredDocument
from index.checksums import check_folder
from index.derived import layout_path, phrases_path, vector_store_of, vectors_path, words_path
from index.embedders.manifest import check_export, export_folder
from index.errors import EmbedderUnusable, FileUnreadable, IndexDamaged
from index.home import WORD_UNITS, Home, WordUnit
from index.readers import read_file
from index.records import Excerpt, FileSettings, Filters, SourceFile, excerpt_id
from index.stores import LexicalEntry
from index.stores.layout import load_layout
from index.windows import search_text

if TYPE_CHECKING:
    from index.stores.phrases import TantivyPhrases

_AT_ONCE = 500
_FROM_SCRATCH = "run `ibid verify --repair`: it makes the index again from the files that are stored in it"
_FROM_CATALOG = "delete the folder {}: it is made again from the catalog, nothing is embedded again"


class Finding(msgspec.Struct, frozen=True):
    """Something wrong: what it is about, what was found, and what to do about it."""

    subject: str
    found: str
    remedy: str


class Verification(msgspec.Struct, frozen=True):
    """How much was checked, and what was found wrong; no findings means all of it holds."""

    generation: int
    documents: int
    excerpts: int
    windows: int
    findings: tuple[Finding, ...]


def verify(home: Path) -> Verification:
    """Checks the newest generation of the index in this folder, all of it.

    Raises:
        IndexMissing: there is no index.
        IndexDamaged: the catalog cannot be read at all.
    """
    place = Home(home)
    snapshot = Snapshot(place, lenient=True)
    try:
        findings = chain(
            _check_tables(snapshot),
            _check_export(place, snapshot),
            _go_on(_check_documents(snapshot)),
            _go_on(_check_windows(snapshot)),
            _go_on(_check_vectors(place, snapshot)),
            _go_on(_check_layout(place, snapshot)),
            *(_go_on(_check_words(place, snapshot, unit)) for unit in WORD_UNITS),
            _go_on(_check_phrases(place, snapshot)),
        )
        counts = snapshot.counts()
        return Verification(snapshot.state.generation, counts.documents, counts.excerpts, counts.windows, tuple(findings))
    finally:
        snapshot.close()


def _go_on(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings up to a row that cannot even be read, which is one more."""
    try:
        yield from findings
    except IndexDamaged as damage:
        yield Finding("catalog", damage.found, damage.remedy)


def _check_tables(snapshot: Snapshot) -> Iterator[Finding]:
    for (told,) in snapshot.rows("PRAGMA integrity_check"):
        if told != "ok":
            yield Finding("catalog", told, _FROM_SCRATCH)
    for table, key, *_ in snapshot.rows("PRAGMA foreign_key_check"):
        yield Finding("catalog", f"row {key} of {table} refers to something that is not there", _FROM_SCRATCH)
    for table, key in snapshot.unsound_rows():
        yield Finding("catalog", f"row {key} of {table} is not what was written", _FROM_SCRATCH)


def _check_export(home: Home, snapshot: Snapshot) -> Iterator[Finding]:
    """The exported model of this index, where there is one, is what was written."""
    card = snapshot.state.embedder
    folder = export_folder(home.models, card.weights_sha256, card.precision)
    if folder.is_dir():
        try:
            check_export(folder)
        except EmbedderUnusable as damage:
            yield Finding("embedding model", damage.found, damage.remedy)


def _check_documents(snapshot: Snapshot) -> Iterator[Finding]:
    """The bytes are the ones indexed, decode to the text, and every excerpt stands in it where it says."""
    for document in _stored_documents(snapshot):
        subject = f"document {document.id} ({document.name})"
        try:
            data = unpack(document.packed_data)
            text = unpack(document.packed_text).decode()
        except (IndexDamaged, UnicodeDecodeError) as error:
            yield Finding(subject, f"its bytes or its text cannot be unpacked: {error}", _FROM_SCRATCH)
            continue
        if hashlib.sha256(data).hexdigest() != document.file_sha256:
            yield Finding(subject, "the stored bytes are not those that were indexed", _FROM_SCRATCH)
        yield from _check_text(data, text, document)
        for excerpt in snapshot.excerpts_of(document.id):
            yield from _check_excerpt(excerpt, text)


def _stored_documents(snapshot: Snapshot) -> Iterator[StoredDocument]:
    """All documents with their bytes and text as they are stored, one at a time."""
    query = """
        SELECT d.id, d.name, d.sha256, d.file_sha256, d.reader, d.encoding, d.complete, d.rendition, f.data, d.text
        FROM documents d JOIN files f ON f.key = d.file WHERE d.key = ?
    """
    for (key,) in snapshot.rows("SELECT key FROM documents ORDER BY name, id"):
        for row in snapshot.rows(query, [key]):
            yield StoredDocument(*[*row[:7], RENDITION.decode(row[7]), *row[8:]])


def _check_text(data: bytes, text: str, document: StoredDocument) -> Iterator[Finding]:
    """The text is what its bytes decode to; a rendition is what the reader makes of them again."""
    subject = f"document {document.id} ({document.name})"
    rendition = document.rendition
    if rendition and hashlib.sha256(text.encode()).hexdigest() != rendition.sha256:
        yield Finding(subject, "the stored text is not the rendition that was indexed", _FROM_SCRATCH)
    elif rendition and text not in _texts_of(data, document):
        made = ", ".join(f"{name} {version}" for name, version in rendition.tools.items()) or "this version of Ibid"
        yield Finding(
            subject,
            f"its bytes no longer give this text, which was made by {made}",
            "run `ibid index --rebuild`: places in it may have moved",
        )
    elif not rendition and text not in _texts_of(data, document):
        yield Finding(subject, "the stored text is not what its bytes decode to", _FROM_SCRATCH)


def _texts_of(data: bytes, document: StoredDocument) -> Iterable[str]:
    """What the bytes say the text is: decoded, or made again by the reader where the file is an export or no plain text."""
    try:
        if document.complete and not document.rendition:
            return [data.decode(document.encoding)]
        columns = document.rendition.columns if document.rendition else {}
        readings = read_file(SourceFile(document.name, data, FileSettings(columns=columns)), document.reader)
        return [reading.document.text for reading in readings if reading.document.sha256 == document.sha256]
    except (UnicodeDecodeError, LookupError, FileUnreadable):
        return []


def _check_excerpt(excerpt: Excerpt, text: str) -> Iterator[Finding]:
    citation = excerpt.citation
    if text[excerpt.start : excerpt.end] != excerpt.text:
        yield Finding(f"excerpt {excerpt.id}", "it is not what stands at its place in the document", _FROM_SCRATCH)
    if citation and citation.start is not None and text[citation.start : citation.end] != citation.raw:
        yield Finding(f"excerpt {excerpt.id}", "its citation is not what stands at its place in the document", _FROM_SCRATCH)
    if excerpt.id.partition("-")[0] != excerpt_id(excerpt.text, citation.raw if citation else ""):
        yield Finding(f"excerpt {excerpt.id}", "its id is not that of its text and citation", _FROM_SCRATCH)


def _check_windows(snapshot: Snapshot) -> Iterator[Finding]:
    """The windows of each excerpt hold all of its text, and each has the vector of its own words."""
    fingerprint = snapshot.state.embedder.fingerprint
    for one in snapshot.excerpt_ids(Filters()):
        for excerpt in snapshot.excerpts([one]):
            covered = np.zeros(len(excerpt.text), bool)
            for embedded in snapshot.embedded_windows(excerpt.id):
                window = embedded.window
                covered[window.start : window.end] = True
                if (embedded.embedder, embedded.sha256) != (fingerprint, text_sha256(search_text(window))):
                    yield Finding(f"window {embedded.id}", "its vector is that of another text or embedder", _FROM_SCRATCH)
            if not all(character.isspace() for character, held in zip(excerpt.text, covered, strict=True) if not held):
                yield Finding(f"excerpt {excerpt.id}", "its windows do not hold all of its text", _FROM_SCRATCH)


def _check_vectors(home: Home, snapshot: Snapshot) -> Iterator[Finding]:
    """The vector index holds the catalog's ids and rows, bit for bit."""
    remedy = _FROM_CATALOG.format(home.vectors)
    path = vectors_path(home, snapshot.state.stamp)
    if not path.exists():
        yield Finding("vector index", "it is behind the catalog", "ask a question: it is brought up to date when it is opened")
        return
    try:
        store = vector_store_of(home).load(path)
    except IndexDamaged as damage:
        yield Finding("vector index", damage.found, remedy)
        return
    if not np.array_equal(store.ids, snapshot.entry_ids("windows")):
        yield Finding("vector index", "its windows are not those of the catalog", remedy)
        return
    for ids, vectors in snapshot.vectors():
        lengths = np.linalg.norm(vectors, axis=1)
        for number in ids[~np.isclose(lengths, 1, atol=1e-3)]:
            yield Finding(f"window {number}", "its vector is not of length 1", _FROM_SCRATCH)
        for number in ids[(store.vectors(ids) != vectors).any(axis=1)]:
            yield Finding(f"window {number}", "its vector in the vector index is not that of the catalog", remedy)


def _check_layout(home: Home, snapshot: Snapshot) -> Iterator[Finding]:
    """The layout says where the catalog's windows stand."""
    path = layout_path(home, snapshot.state.stamp)
    if not path.is_file():
        yield Finding(
            "layout of windows", "it is behind the catalog", "ask a question: it is brought up to date when it is opened"
        )
        return
    try:
        same = np.array_equal(load_layout(path), snapshot.layout_after(0))
    except IndexDamaged as damage:
        yield Finding("layout of windows", damage.found, _FROM_CATALOG.format(home.layout))
        return
    if not same:
        yield Finding("layout of windows", "its windows are not those of the catalog", _FROM_CATALOG.format(home.layout))


def _check_words(home: Home, snapshot: Snapshot, unit: WordUnit) -> Iterator[Finding]:
    """A word index holds what is made of the catalog's entries now, number for number."""
    from index.stores.postings import Postings
    from index.stores.segments import WordIndex

    subject = f"word index of {unit}"
    remedy = _FROM_CATALOG.format(home.words(unit))
    path = words_path(home, unit, snapshot.state.stamp)
    if not path.is_file():
        yield Finding(subject, "it is behind the catalog", "ask a question: it is brought up to date when it is opened")
        return
    try:
        store = WordIndex.load(path)
    except IndexDamaged as damage:
        yield Finding(subject, damage.found, remedy)
        return
    if not np.array_equal(store.ids, snapshot.entry_ids(unit)):
        yield Finding(subject, f"its {unit} are not those of the catalog", remedy)
    elif not store.whole().same_as(Postings.of(_entries(snapshot, unit))):
        yield Finding(subject, "its words are not those of the catalog", remedy)


def _check_phrases(home: Home, snapshot: Snapshot) -> Iterator[Finding]:
    """The phrase index holds the catalog's excerpts, and finds each by its own words in their order."""
    from index.stores.phrases import TantivyPhrases

    remedy = _FROM_CATALOG.format(home.phrases)
    path = phrases_path(home, snapshot.state.stamp)
    if not path.is_dir():
        yield Finding("phrase index", "it is behind the catalog", "ask a question: it is brought up to date when it is opened")
        return
    try:
        check_folder(path)
        store = TantivyPhrases(path)
    except IndexDamaged as damage:
        yield Finding("phrase index", damage.found, remedy)
        return
    if not np.array_equal(store.ids, snapshot.entry_ids("excerpts")):
        yield Finding("phrase index", "its excerpts are not those of the catalog", remedy)
        return
    for entry in _entries(snapshot, "excerpts"):
        if not _finds(store, entry):
            yield Finding("phrase index", f"it does not find number {entry.id} by its own words", remedy)


def _entries(snapshot: Snapshot, unit: WordUnit) -> Iterator[LexicalEntry]:
    ids = snapshot.entry_ids(unit)
    for start in range(0, len(ids), _AT_ONCE):
        yield from snapshot.lexical_entries(unit, ids[start : start + _AT_ONCE])


def _finds(store: "TantivyPhrases", entry: LexicalEntry) -> bool:
    """Whether the entry is found by all of its words in a row."""
    return entry.id in store.holding([entry.text], np.array([entry.id]))
