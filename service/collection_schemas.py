"""What the service tells of its collections, of what is uploaded into them and of the jobs that index it."""

import msgspec


class CollectionView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One collection; ``problem`` says why it cannot be asked now."""

    name: str
    path: str
    documents: int = 0
    excerpts: int = 0
    works: int = 0
    generation: int = 0
    problem: str = ""


class CollectionsView(msgspec.Struct, frozen=True):
    """The collections that a caller may use; the first is meant where none is named."""

    collections: tuple[CollectionView, ...]
