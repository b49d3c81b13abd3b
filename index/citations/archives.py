"""Sources that are no publications: archival shelf marks and passages of scripture."""

import re

from index.citations.publications import read_book
from index.citations.reference import Reference

_SHELF = re.compile(
    r"(?:^|(?P<before>.*?[,.;:”\"])\s)(?P<archive>[^\W\d_a-z][^,;:]{1,60}),?\s"
    r"(?P<shelf>(?:[Ff](?:ond)?|[Cc]oll)\.?\s?[0-9A-Z]{1,6}(?:,\s?(?:op|opis|d|delo|ed\. khr)\.?\s?[0-9A-Z]{1,6}){1,3})$"
)
_BOOKS = """
    genesis exodus leviticus numbers deuteronomy joshua judges ruth samuel kings chronicles ezra nehemiah esther job
    psalms? proverbs ecclesiastes isaiah jeremiah lamentations ezekiel daniel hosea joel amos obadiah jonah micah nahum
    habakkuk zephaniah haggai zechariah malachi matthew mark luke john acts romans corinthians galatians ephesians
    philippians colossians thessalonians timothy titus philemon hebrews james peter jude revelation gen exod lev num deut
    josh judg sam chron ps prov eccles isa jer ezek dan matt rom cor gal eph phil col thess tim heb jas pet rev
"""
_VERSE = re.compile(
    rf"((?:[1-3] |I{{1,3}} )?(?:{'|'.join(_BOOKS.split())}))\.? ([0-9]{{1,3}}:[0-9]{{1,3}}(?:[-–][0-9]{{1,3}})?)(?: \([A-Z]+\))?",
    re.IGNORECASE,
)


def read_archived(text: str) -> Reference | None:
    """Reads "Description, RGASPI, f. 558, op. 11, d. 27" into ``archive`` and ``archive_location``, or gives None."""
    found = _SHELF.match(text.strip(" ,.;:"))
    if found is None:
        return None
    place = {"archive": found["archive"].strip(), "archive_location": found["shelf"]}
    before = (found["before"] or "").strip(" ,.;:")
    if not before:
        return Reference({"type": "document"} | place, in_brackets=True)
    described = read_book(before)
    return Reference(described.csl | {"type": "document"} | place, described.left_over, described.shape, in_brackets=True)


def parse_verse(text: str) -> tuple[str, str] | None:
    """Book and verse of a scripture reference that is the whole text ("1 Cor. 13:4-7"), or None."""
    found = _VERSE.fullmatch(text.rstrip("."))
    return (found[1], found[2]) if found else None
