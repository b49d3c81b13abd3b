"""Works that somebody says are the same, or are not, put in place of what their spellings tell."""

import re
from collections.abc import Callable, Iterator, Sequence

from index.citations.locators import cut_any_locator
from index.citations.parse import parse_citation
from index.citations.words import lay_bare, squeeze
from index.citations.works import Group, Spelling, Variant, fold_item
from index.records import WorkRules, issued_year

_ID = re.compile(r"[0-9a-f]{16}")

Named = Callable[[str, Variant], bool]
"""Whether a work of this id, as its spellings tell it, is the one that a rule names in this item."""


def rule_works(groups: Sequence[Group], ids: Sequence[str], rules: Sequence[WorkRules]) -> list[Group]:
    """The works, parted where ``different`` says so, then put together where ``same`` does.

    Args:
        groups: the works that spellings tell.
        ids: their ids; a rule may name a work by it, or by a citation as it is written in the collection or reads alike.
        rules: of all folders; what names nothing in this collection changes nothing (see ``names_of_nothing``).
    """
    made = list(zip(ids, groups, strict=True))
    for rule in rules:
        for names in rule.different:
            matchers = [_named(name) for name in names]
            made = [part for work in made for part in _parted(*work, matchers)]
    for rule in rules:
        for names in rule.same:
            made = _together(made, [_named(name) for name in names])
    return [group for _, group in made]


def names_of_nothing(groups: Sequence[Group], ids: Sequence[str], rules: Sequence[WorkRules]) -> list[str]:
    """The names in these rules that mean none of the works that spellings tell, each once, in the order of the rules."""
    names = dict.fromkeys(name for rule in rules for each in (*rule.same, *rule.different) for name in each)
    works = [
        (own, variant) for own, group in zip(ids, groups, strict=True) for spelling in group for variant in spelling.variants
    ]

    def means_nothing(name: str) -> bool:
        named = _named(name)
        return not any(named(own, variant) for own, variant in works)

    return [name for name in names if means_nothing(name)]


def _named(name: str) -> Named:
    """A work by its id, by its line as written, or by the names, title and (where given) year that the line says."""
    if _ID.fullmatch(name.strip()):
        return lambda own, _: own == name.strip()
    head = cut_any_locator(lay_bare(squeeze(name))).head.rstrip(" ,;:(.")
    csl = parse_citation(name).csl or {}
    folded, year = fold_item(csl), issued_year(csl)

    def names(_: str, variant: Variant) -> bool:
        if any(raw.rstrip(".") == head for raw in variant.raws):
            return True
        own = fold_item(variant.csl)
        alike = bool(folded.title) and (own.names, own.title) == (folded.names, folded.title)
        return alike and (year is None or year == issued_year(variant.csl))

    return names


def _parted(own: str, group: Group, matchers: Sequence[Named]) -> Iterator[tuple[str, Group]]:
    """The group in parts: the items that the second and later names mean apart from the rest."""
    variants = [variant for spelling in group for variant in spelling.variants]
    meant = {variant.key: next((at for at, named in enumerate(matchers) if named(own, variant)), -1) for variant in variants}
    if len(set(meant.values()) - {-1}) < 2:
        yield own, group
        return
    first = min(at for at in meant.values() if at >= 0)
    for at in sorted({max(at, first) for at in meant.values()}):
        part = [_of(spelling, [key for key, one in meant.items() if max(one, first) == at]) for spelling in group]
        yield own, [spelling for spelling in part if spelling is not None]


def _of(spelling: Spelling, keys: Sequence[bytes]) -> Spelling | None:
    """The spelling with these of its items only, None for none."""
    kept = tuple(variant for variant in spelling.variants if variant.key in keys)
    return Spelling(spelling.folded, kept, doubtful=spelling.doubtful) if kept else None


def _together(works: Sequence[tuple[str, Group]], matchers: Sequence[Named]) -> list[tuple[str, Group]]:
    meant = [
        any(named(own, variant) for named in matchers for spelling in group for variant in spelling.variants)
        for own, group in works
    ]
    first = next((at for at, one in enumerate(meant) if one), -1)
    if sum(meant) < 2:
        return [*works]
    joined = [spelling for one, (_, group) in zip(meant, works, strict=True) if one for spelling in group]
    return [(own, joined if at == first else group) for at, (own, group) in enumerate(works) if at == first or not meant[at]]
