"""CSL-JSON: what reference managers and CSL processors read (https://docs.citationstyles.org, "CSL-JSON schema")."""

from collections.abc import Sequence

import msgspec

from index.citations.cite_keys import cite_keys
from index.citations.csl import Item, PartialDate, Person, read_item
from index.records import CslItem


def to_csl_json(items: Sequence[CslItem]) -> str:
    """A JSON array of the items, checked, each with an id: its own, or its cite key where it has none or shares it.

    Raises:
        CitationInvalid: an item is none, or holds a value of the wrong kind.
    """
    checked = [read_item(csl) for csl in items]
    ids = [item.id for item in checked]
    written = [
        _csl(item, item.id if item.id and ids.count(item.id) == 1 else key)
        for item, key in zip(checked, cite_keys(checked), strict=True)
    ]
    return msgspec.json.format(msgspec.json.encode(written), indent=2).decode() + "\n"


def _csl(item: Item, item_id: str) -> CslItem:
    return {
        "id": item_id,
        "type": item.type,
        **item.texts,
        **{role: [_name(person) for person in people] for role, people in item.names.items()},
        **{field: _date(date) for field, date in item.dates.items()},
    }


def _name(person: Person) -> dict[str, str]:
    parts = {
        "family": person.family,
        "given": person.given,
        "dropping-particle": person.dropping_particle,
        "non-dropping-particle": person.non_dropping_particle,
        "suffix": person.suffix,
        "literal": person.literal,
    }
    return {part: text for part, text in parts.items() if text}


def _date(date: PartialDate) -> dict[str, object]:
    told: dict[str, object] = {"date-parts": [list(part) for part in (date.begin, date.end) if part]}
    if not date.begin:
        told = {"literal": date.literal}
    if date.season:
        told["season"] = date.season
    if date.circa:
        told["circa"] = True
    return told
