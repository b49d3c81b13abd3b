"""Short records of what an index holds, for lists and reports."""

import msgspec

from index.records import Citation, DocumentCitation, Rendition


class DocumentCard(msgspec.Struct, frozen=True):
    """A document without its text; ``characters`` counts code points, ``blocks`` those of each kind of block."""

    id: str
    name: str
    title: str
    sha256: str
    file_sha256: str
    reader: str
    encoding: str
    excerpts: int
    characters: int
    complete: bool
    blocks: dict[str, int]
    rendition: Rendition | None = None
    cited_as: DocumentCitation | None = None

    def quoted_in(self, citation: Citation | None) -> str:
        """The title that a passage with this citation is quoted in; "" where the document itself is what is cited."""
        own = self.cited_as is not None and citation is not None and citation.csl == self.cited_as.csl
        return "" if own else self.title


class Counts(msgspec.Struct, frozen=True):
    """How much a collection holds."""

    documents: int
    excerpts: int
    windows: int
    works: int
