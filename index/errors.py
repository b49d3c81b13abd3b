"""What can go wrong between a file and a searchable collection.

IbidError
├── RecordInvalid       a record contradicts itself (a bug of a reader, or a damaged index)
├── FileUnreadable      a file cannot be read as text, or not by the reader asked for
│   └── PathUnreadable  the operating system will not let us read a file or a folder
├── LinkRefused         a link leads out of what is indexed
├── DropRefused         a run would drop most of the collection, and nobody has said that it may
├── CitationInvalid     a style, format or CSL item that does not exist or cannot be formatted
├── BackupInvalid       a file is no backup of an index, or a damaged one
├── IndexMissing        there is no index at this home yet
├── IndexLocked         another process is writing to it
├── IndexDamaged        what is stored contradicts itself
├── EmbedderMismatch    the index was built with another embedder
├── EmbedderUnusable    the model named cannot be loaded here
│   ├── NotExportable   it can, but not as an exported network
│   └── EmbedderFailed  a server that embeds does not answer, or answers what are no vectors
├── StoreFailed         a store that is not in the home cannot be reached
├── ExtraMissing        an optional library is not installed
├── PluginUnusable      a plug-in of another distribution cannot be used
└── Unknown             an id that names nothing in this collection
"""


class IbidError(Exception):
    """An error a user can act on: what was found, the rule it breaks and what to do.

    The three parts stay apart because HTTP returns them as members of a problem
    document (RFC 9457); a terminal prints them as one sentence.
    """

    def __init__(self, found: str, *, rule: str, remedy: str) -> None:
        super().__init__(f"{found}; {rule}; {remedy}")
        self.found = found
        self.rule = rule
        self.remedy = remedy


class RecordInvalid(IbidError):
    """A record contradicts itself."""


class FileUnreadable(IbidError):
    """A file cannot be read as text, or not by the reader asked for."""


class PathUnreadable(FileUnreadable):
    """The operating system will not let us read a file or a folder."""


class LinkRefused(IbidError):
    """A link leads out of what is indexed."""


class DropRefused(IbidError):
    """A run would drop most of the collection, and nobody has said that it may."""


class CitationInvalid(IbidError):
    """A style, format or CSL item that does not exist or cannot be formatted."""


class BackupInvalid(IbidError):
    """A file is no backup of an index, or a damaged one."""


class IndexMissing(IbidError):
    """There is no index at this home yet."""


class IndexLocked(IbidError):
    """Another process is writing to the index."""


class IndexDamaged(IbidError):
    """What is stored contradicts itself."""


class EmbedderMismatch(IbidError):
    """The index was built with another embedder."""


class EmbedderUnusable(IbidError):
    """The model named cannot be loaded here."""


class NotExportable(EmbedderUnusable):
    """The model can be loaded, but not exported: sentence-transformers serves it."""


class EmbedderFailed(EmbedderUnusable):
    """A server that embeds does not answer, or answers what are no vectors."""


class StoreFailed(IbidError):
    """A store that is not in the home cannot be reached."""


class ExtraMissing(IbidError):
    """An optional library is not installed."""


class PluginUnusable(IbidError):
    """A plug-in of another distribution cannot be used."""


class Unknown(IbidError):
    """An id that names nothing in this collection."""
