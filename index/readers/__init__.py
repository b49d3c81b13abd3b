"""Readers turn one file into documents with excerpts; this module names the contract and the registry."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from msgspec.structs import replace

from index.decoding import decode
from index.errors import FileUnreadable, PluginUnusable
from index.languages import KNOWN
from index.plugins import plugins
from index.readers.clippings import ClippingsReader
from index.readers.corrections import corrected
from index.readers.excerpts import ExcerptReader
from index.readers.json_records import JsonReader
from index.readers.jsonl import JsonlReader
from index.readers.layouts import LAYOUTS
from index.readers.markdown import MarkdownReader
from index.readers.org import OrgReader
from index.readers.pandoc import PandocReader
from index.readers.pdf import PdfReader
from index.readers.plain import PlainReader
from index.readers.reference_files import ReferenceReader
from index.readers.rtf import RtfReader
from index.readers.tabular import TabularReader
from index.readers.tei import TeiReader
from index.readers.web_pages import WebPageReader
from index.readers.wikitext import WikitextReader
from index.readers.zotero_notes import ZoteroReader
from index.records import Reading, SourceFile


class Reader(Protocol):
    """Knows one format of files."""

    @property
    def name(self) -> str:
        """What the format is called on the command line."""
        ...

    def accepts(self, file: SourceFile) -> bool:
        """Whether the file, by its name or content, is of this format. Raises FileUnreadable when it is no text."""
        ...

    def read(self, file: SourceFile) -> list[Reading]:
        """Its documents, each with at least one excerpt. Raises FileUnreadable, naming the file and where in it."""
        ...


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        reader.name: reader
        for reader in (
            PdfReader(),
            TeiReader(),
            ZoteroReader(),
            WebPageReader(),
            OrgReader(),
            WikitextReader(),
            RtfReader(),
            PandocReader(),
            TabularReader(),
            JsonReader(),
            JsonlReader(),
            ReferenceReader(),
            MarkdownReader(),
            ClippingsReader(),
            ExcerptReader(),
            PlainReader(),
        )
    }
)
"""Our readers by name, in the order in which they are asked; the last accepts any text."""


def known_readers() -> Mapping[str, Reader]:
    """All readers by name, in the order in which they are asked: those of plug-ins first, as they know rarer formats.

    Raises:
        PluginUnusable: one cannot be loaded, or has the name of another.
    """
    added = plugins("ibid.readers")
    for name, reader in added.items():
        if name in READERS or getattr(reader, "name", None) != name:
            raise PluginUnusable(
                f"the plug-in for reading {name!r} is called {getattr(reader, 'name', None)!r}",
                rule="a reader has the name of its entry point, which is none of Ibid's own",
                remedy="report it to its author, or uninstall it",
            )
    return {**added, **READERS}


def read_file(file: SourceFile, reader: str | None = None) -> list[Reading]:
    """The documents of a file, by the reader named here or told about the file, or else by the first that accepts it.

    Citations are corrected as told, by excerpt id or line.

    Raises:
        FileUnreadable: the file is no text, or the reader finds nothing to quote in it; the message names the file.
        PluginUnusable: a reader of another distribution cannot be loaded.
    """
    reader = reader or file.told.reader or None
    if file.told.layout and file.told.layout not in LAYOUTS:
        raise FileUnreadable(
            f"{file.name!r} is to be read in the layout {file.told.layout!r}",
            rule=f"the layouts are {', '.join(LAYOUTS)}",
            remedy="name one of them, or none to let the file decide",
        )
    readers = known_readers()
    if reader is not None and reader not in readers:
        raise FileUnreadable(
            f"{file.name!r} is to be read by {reader!r}",
            rule=f"the readers are {', '.join(readers)}",
            remedy="name one of them, or none to let the file decide",
        )
    if not file.data:
        decode(file)  # says that the file is empty
    chosen = readers[reader] if reader else next(known for known in readers.values() if known.accepts(file))
    readings = chosen.read(file)
    if not any(reading.excerpts for reading in readings):
        raise FileUnreadable(
            f"{file.name!r} holds no excerpt",
            rule=f"the reader {chosen.name!r} looks for text below headings or above citations",
            remedy="leave the file out, or name another reader",
        )
    return [replace(corrected(reading, file.told), language=_language(reading, file)) for reading in readings]


def _language(reading: Reading, file: SourceFile) -> str:
    """The language told about the file, by its code without a country, else the one that its text is in."""
    from index.stores.analysis import language_of

    told = file.told.language.partition("-")[0].lower()
    if told and told not in KNOWN:
        raise FileUnreadable(
            f"{file.name!r} is to be in the language {file.told.language!r}",
            rule=f"the languages are {', '.join(sorted(KNOWN))}",
            remedy="name one of them, or none to let the text decide",
        )
    return told or language_of(reading.document.text)
