"""What Zotero's own translators make of our exports and pages, field by field.

Run it as ``python -m benchmarks.zotero_translators``; it needs node and takes Zotero's translators (zotero-translators on npm;
nothing of it travels with Ibid) where they are not yet. RIS, BibTeX, CSL-JSON and Zotero RDF are imported, COinS and Embedded
Metadata read from a page, as the connector in the browser does.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from index.citations.exports import FORMATS, export_items, with_locator
from index.records import CslItem, Locator
from service.page_metadata import quotation_metadata

VERSION = "0.0.2"
NEEDED = ("jsdom@13.1.0", "iconv-lite@0.4.24", "request@2.87.0", "xregexp@4.2.0", "wicked-good-xpath@1.3.0")
"""What the package needs; it names wicked-good-xpath by a repository, npm has the same."""
CACHE = Path("build/zotero-translators")
SCRIPT = Path(__file__).parent / "peer_scripts" / "zotero_translators.js"

QUOTATION = "The toll was paid in salt until the bridge was built."
COMPILATION = "A Reader of Rivers"
ITEMS: tuple[CslItem, ...] = (
    {
        "type": "book", "author": [{"family": "Moss", "given": "Lena"}, {"family": "Dunn", "given": "Karl"}],
        "title": "The Ferry Years: A City & Its River", "publisher": "Dell & Sons", "publisher-place": "York", "edition": "2",
        "issued": {"date-parts": [[1988]]}, "original-date": {"date-parts": [[1931]]}, "ISBN": "978-0-00-000000-2",
    },
    {
        "type": "article-journal", "author": [{"family": "Crane", "given": "Ann"}], "title": "Tolls and Bridges",
        "container-title": "River History", "volume": "12", "issue": "3", "page": "30-44",
        "issued": {"date-parts": [[1991, 5]]}, "DOI": "10.1234/tolls",
    },
    {
        "type": "chapter", "author": [{"family": "Holt", "given": "Ruth"}], "title": "Wharves",
        "editor": [{"family": "Dale", "given": "Carl"}], "container-title": "Ports and Their People", "page": "5-20",
        "publisher": "Dock", "publisher-place": "Hull", "issued": {"date-parts": [[1975]]},
    },
)  # fmt: skip


def translators() -> Path | None:
    """The folder with Zotero's translators where it is there already, else None."""
    return (
        CACHE.resolve()
        if (CACHE / "node_modules" / "zotero-translators" / "index.js").exists() and shutil.which("node")
        else None
    )


def fetch() -> Path:
    """The folder with Zotero's translators, taken from npm once."""
    npm = shutil.which("npm") or sys.exit("npm is not installed; Zotero's translators run in node 18 or later")
    folder = CACHE.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *NEEDED], check=True)
    packed = subprocess.run(
        [npm, "pack", "--silent", "--pack-destination", str(folder), f"zotero-translators@{VERSION}"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    shutil.unpack_archive(folder / packed.stdout.strip(), folder)
    shutil.move(folder / "package", folder / "node_modules" / "zotero-translators")
    return folder


def cited(item: CslItem) -> CslItem:
    """The item as an export of one passage has it: with its page, its words and what quotes it."""
    return with_locator(item, Locator("page", "37", ((37, 37),)), quoted_in=COMPILATION, quotation=QUOTATION)


def page_of(item: CslItem) -> str:
    """A page that says what an excerpt's page says in its head and its COinS."""
    told = quotation_metadata(item, "https://ibid.example/page", QUOTATION, COMPILATION, "37")
    tags = "".join(f'<meta name="{name}" content="{escape(content)}">' for name, content in told.tags)
    return f'<html><head>{tags}</head><body><span class="Z3988" title="{escape(told.coins)}"></span></body></html>'


def translated(folder: Path) -> dict[str, list[list[dict[str, Any]]]]:
    """What each translator makes of each of ``ITEMS``: an item, and for imports the notes below it."""
    given = {
        "exports": {f"{name}|{at}": export_items([cited(item)], name) for name in FORMATS for at, item in enumerate(ITEMS)},
        "pages": {str(at): page_of(item) for at, item in enumerate(ITEMS)},
    }
    command = [shutil.which("node") or "node", str(SCRIPT), str(folder)]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the translators failed: {done.stderr.strip()[:900]}")
    told = json.loads(done.stdout[done.stdout.index('{"exports"') :])
    imported = {name: [told["exports"][f"{name}|{at}"] for at in range(len(ITEMS))] for name in FORMATS}
    return imported | {web: [told["pages"][str(at)][web] for at in range(len(ITEMS))] for web in ("COinS", "Embedded Metadata")}


def lost(item: CslItem, read: Sequence[Mapping[str, Any]], *, imported: bool) -> list[str]:
    """The fields of an item, and for imports what the passage adds, that nothing of what was read says."""
    text = " ".join(_strings(read)).replace("–", "-")
    text += text.replace("-", "")  # some translators write an ISBN without its dashes
    wanted = {
        name: value if isinstance(value, str) else str(value["date-parts"][0][0])
        for name, value in item.items()
        if name != "type" and not isinstance(value, list)
    }
    wanted |= {f"{role} {person['family']}": person["family"] for role in ("author", "editor") for person in item.get(role, ())}
    if imported:
        wanted |= {"cited page": "37", "quotation": QUOTATION, "quoted in": COMPILATION}
    return [name for name, value in wanted.items() if value not in text and value.replace("-", "") not in text]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _strings(part)
    else:
        yield str(value).replace("&amp;", "&")


def main() -> None:
    """Prints a row for each translator: what is lost of each item."""
    read = translated(translators() or fetch())
    for name, items in read.items():
        for item, got in zip(ITEMS, items, strict=True):
            kinds = ", ".join(str(each.get("itemType")) for each in got)
            missing = ", ".join(lost(item, got, imported=name in FORMATS)) or "nothing"
            print(f"{name:18} {item['type']:16} read as {kinds or 'nothing'}; lost: {missing}")
            if "--all" in sys.argv:
                print(json.dumps(got, ensure_ascii=False))


if __name__ == "__main__":
    main()
