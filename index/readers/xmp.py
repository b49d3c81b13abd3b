"""Metadata in XMP, the packet of RDF that PDF files carry: Dublin Core and PRISM as a CSL item."""

import re
from typing import Any

from index.readers.cited_fields import date_of, people_of
from index.readers.html_tree import below, name_of, words_of
from index.records import CslItem

_PACKET = re.compile(rb"<x:xmpmeta\b.{0,200000}?</x:xmpmeta>", re.DOTALL)
_TEXTS = {
    "publicationname": "container-title", "volume": "volume", "number": "issue", "doi": "DOI", "issn": "ISSN", "isbn": "ISBN",
    "publisher": "publisher", "language": "language",
}  # fmt: skip


def read_xmp(data: bytes) -> CslItem:
    """What the first packet says of title, authors, publication and date; nothing where there is no packet that can be read."""
    from lxml import etree

    packet = _PACKET.search(data)
    if not packet:
        return {}
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False, recover=True)
    root = etree.fromstring(packet[0], parser)
    csl: CslItem = {}
    for element in below(root, "title", "creator", *_TEXTS) if root is not None else ():
        values = [" ".join(words_of(item).split()) for item in below(element, "li")] or [" ".join(words_of(element).split())]
        name: Any = name_of(element)
        if name == "creator" and any(values):
            csl.setdefault("author", [person for value in values for person in people_of(value)])
        elif values[0]:
            csl.setdefault(_TEXTS.get(name, name), values[0])
    for element in below(root, "publicationdate", "coverdate") if root is not None else ():
        if issued := date_of(" ".join(words_of(element).split())):
            csl.setdefault("issued", issued)
    if "container-title" in csl:
        csl["type"] = "article-journal"
    return csl
