"""Citations set right by hand, by what ``collection.toml`` tells."""

from collections.abc import Iterator
from types import MappingProxyType

from msgspec.structs import replace

from index.readers.attributions import parse_attribution
from index.records import Excerpt, FileSettings, Reading, excerpt_id


def corrected(reading: Reading, told: FileSettings) -> Reading:
    """The reading with its citations corrected, and with what is told about its compilation.

    A correction is found by the excerpt's id (as it was read) or by the line on which the excerpt, or its citation, begins.
    """
    made = replace(reading, compilation=dict(told.compilation) or None)
    if not told.corrections:
        return made
    lines = MappingProxyType({block.start: block.line for block in reading.blocks})
    return replace(made, excerpts=tuple(_excerpts(reading, told.corrections, lines)))


def _excerpts(reading: Reading, corrections: dict[str, str], lines: MappingProxyType[int, int]) -> Iterator[Excerpt]:
    for excerpt in reading.excerpts:
        places = [excerpt.start, excerpt.citation.start if excerpt.citation else None]
        keys = [excerpt.id, *(str(lines[place]) for place in places if place is not None and place in lines)]
        raw = next((corrections[key] for key in keys if key in corrections), None)
        if raw is None:
            yield excerpt
            continue
        citation = parse_attribution(raw, None, None)
        yield replace(excerpt, id=excerpt_id(excerpt.text, raw), citation=citation)
