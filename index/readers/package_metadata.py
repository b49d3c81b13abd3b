"""What archives of documents say of themselves: the core properties of DOCX, the package file of EPUB, the meta of ODT."""

import io
import re
import zipfile
from typing import TYPE_CHECKING

from index.errors import FileUnreadable
from index.readers.cited_fields import date_of, people_of
from index.readers.html_tree import below, parse_xml, words_of
from index.records import CslItem, SourceFile

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_BYTES = 512 << 20
_MOST_MEMBERS = 20_000
_LARGEST_METADATA = 1 << 20
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
"""A language tag; programs also write "C", the name of no language."""
_NO_TITLE = frozenset({"", "untitled", "word document", "document", "unknown"})


def refuse_bomb(file: SourceFile) -> None:
    """Refuses an archive that unpacks to more than any document. Raises FileUnreadable."""
    try:
        members = zipfile.ZipFile(io.BytesIO(file.data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as problem:
        raise FileUnreadable(
            f"{file.name!r} is a damaged archive ({problem})",
            rule="DOCX, ODT and EPUB are ZIP archives",
            remedy="download or save it anew",
        ) from problem
    size = sum(member.file_size for member in members)
    if size > _MOST_BYTES or len(members) > _MOST_MEMBERS:
        raise FileUnreadable(
            f"{file.name!r} unpacks to {size >> 20:,} MB in {len(members):,} members",
            rule=f"archives are read up to {_MOST_BYTES >> 20} MB and {_MOST_MEMBERS:,} members",
            remedy="index the work in parts, or take pictures and films out of it",
        )


def read_package(file: SourceFile) -> CslItem:
    """Title, authors, publisher, date and ISBN as the archive gives them; the date a file was made is none of publication."""
    with zipfile.ZipFile(io.BytesIO(file.data)) as archive:
        names = archive.namelist()
        package = next((name for name in names if name.endswith(".opf")), None)
        for name in filter(None, (package, "docProps/core.xml", "meta.xml")):
            if name in names and archive.getinfo(name).file_size <= _LARGEST_METADATA:
                try:
                    root = parse_xml(SourceFile(name, archive.read(name)))
                except (FileUnreadable, zipfile.BadZipFile, NotImplementedError, RuntimeError):
                    continue
                return _item(root, published=name == package)
    return {}


def _item(root: "_Element", *, published: bool) -> CslItem:
    csl: CslItem = {}
    title = next((text for text in _texts(root, "title")), "")
    if title.casefold() not in _NO_TITLE:
        csl["title"] = title
    for role, people in _people(root).items():
        csl[role] = people
    if language := next((text for text in _texts(root, "language") if _LANGUAGE.fullmatch(text)), ""):
        csl["language"] = language
    if published:
        if publisher := next(iter(_texts(root, "publisher")), ""):
            csl["publisher"] = publisher
        issued = next((found for text in _texts(root, "date") if (found := date_of(text))), None)
        if issued:
            csl["issued"] = issued
        for identifier in _texts(root, "identifier"):
            number = identifier.casefold().removeprefix("urn:").removeprefix("isbn:").replace("-", "").strip()
            if len(number) in (10, 13) and number[:-1].isdecimal():
                csl["ISBN"] = number.upper()
    return csl


def _people(root: "_Element") -> dict[str, list[dict[str, str]]]:
    """Creators by their role; EPUB names roles by MARC codes, on the element or in a `meta` that refines it."""
    found: dict[str, list[dict[str, str]]] = {}
    refined = {meta.get("refines", ""): words_of(meta) for meta in below(root, "meta") if meta.get("property") == "role"}
    creators = list(below(root, "creator", "initial-creator"))
    for element in creators:
        role = next((value for name, value in element.attrib.items() if name.endswith("role")), "") or refined.get(
            f"#{element.get('id')}", "aut"
        )
        variable = {"aut": "author", "edt": "editor", "trl": "translator"}.get(role)
        text = " ".join(words_of(element).split())
        if variable and text:
            found.setdefault(variable, []).extend(person for person in people_of(text) if person not in found.get(variable, []))
    return found


def _texts(root: "_Element", name: str) -> list[str]:
    return [text for element in below(root, name) if (text := " ".join(words_of(element).split()))]
