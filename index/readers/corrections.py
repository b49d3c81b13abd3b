"""Citations set right by hand, by what ``collection.toml`` tells."""

from collections import Counter
from collections.abc import Iterator
from types import MappingProxyType

from msgspec.structs import replace

from index.compilation import NAME as COMPILATION
from index.readers.attributions import parse_attribution
from index.records import Excerpt, FileSettings, Reading, excerpt_id


def corrected(reading: Reading, told: FileSettings) -> Reading:
    """The reading with its citations corrected, and with what is told about its compilation.

    A correction is found by the excerpt's id (as it was read, or as corrected) or by the line on which the excerpt, or its
    citation, begins. An empty one takes the citation away. A line on which neither begins is named among the warnings.
    """
    made = replace(reading, compilation=dict(told.compilation) or None, work_rules=told.work_rules)
    if not told.corrections:
        return made
    lines = MappingProxyType({block.start: block.line for block in reading.blocks})
    used: set[str] = set()
    excerpts = tuple(_excerpts(reading, told.corrections, lines, used))
    unused = sorted((key for key in told.corrections if key.isdecimal() and key not in used), key=int)
    warnings = [
        f"{COMPILATION} corrects line {key} of {reading.document.name!r}, where neither an excerpt nor its citation begins"
        for key in unused
    ]
    return replace(made, excerpts=excerpts, warnings=(*made.warnings, *warnings))


def _excerpts(
    reading: Reading, corrections: dict[str, str], lines: MappingProxyType[int, int], used: set[str]
) -> Iterator[Excerpt]:
    seen: Counter[str] = Counter()
    for excerpt in reading.excerpts:
        seen[excerpt.id] += 1
        places = [excerpt.start, excerpt.citation.start if excerpt.citation else None]
        keys = [f"{excerpt.id}-{seen[excerpt.id]}", excerpt.id]  # the catalog calls the second of two that are alike "…-2"
        keys += [str(lines[place]) for place in places if place is not None and place in lines]
        key = next((key for key in keys if key in corrections), None) or _as_corrected(excerpt, corrections)
        if key is None:
            yield excerpt
            continue
        used.add(key)
        raw = corrections[key].strip()
        yield replace(excerpt, id=excerpt_id(excerpt.text, raw), citation=parse_attribution(raw, None, None) if raw else None)


def _as_corrected(excerpt: Excerpt, corrections: dict[str, str]) -> str | None:
    """The correction whose key is the id that the excerpt has once it is corrected by it: what a page shows afterwards."""
    return next((key for key, raw in corrections.items() if key == excerpt_id(excerpt.text, raw.strip())), None)
