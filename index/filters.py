"""Which part of a collection a search is limited to."""

import msgspec


class Filters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that are given must hold; within one, any value will do. Text is compared folded (case, accents, quotes).

    ``author``, ``title`` and ``heading`` match by their words (all words of one value must occur),
    ``work`` and ``document`` by id (a document also by its name), ``year`` by inclusive ranges of the issued year.
    """

    author: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    heading: tuple[str, ...] = ()
    work: tuple[str, ...] = ()
    document: tuple[str, ...] = ()
    year: tuple[tuple[int, int], ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__struct_fields__)
