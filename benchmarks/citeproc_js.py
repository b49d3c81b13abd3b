"""How often our citations and entries equal citeproc-js's, by style, from the same CSL files and locale.

Run it as ``python -m benchmarks.citeproc_js ITEMS.json``; it needs node and takes citeproc from npm where it is not yet.
Items are CSL-JSON; ``_locator`` and ``_label`` of an item, where it has them, are the place that its citation names.
"""

import json
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

import click

from index.citations.markup import Markup
from index.citations.styles import STYLES, format_bibliography, format_citation
from index.errors import CitationInvalid
from index.records import Locator

VERSION = "2.4.63"
"""The release of citeproc on npm that we compare with."""
CACHE = Path("build/citeproc-js")
SCRIPT = Path(__file__).parent / "peer_scripts" / "citeproc.js"

Case = dict[str, Any]


class Difference(NamedTuple):
    """One string that we set otherwise."""

    style: str
    what: str
    item: Case
    ours: str
    theirs: str

    @property
    def kind(self) -> tuple[str, str]:
        """What stands in theirs and what in ours at the first place where they differ, word by word."""
        ours, theirs = self.ours.split(), self.theirs.split()
        for tag, i, j, k, m in SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes():
            if tag != "equal":
                return " ".join(theirs[i:j]), " ".join(ours[k:m])
        return "", ""


@click.command()
@click.argument("items", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--style", "styles", multiple=True, help="Only this style; may be given more than once.")
@click.option("--html", "form", flag_value="html", default="text", help="Compare HTML: italics too.")
@click.option("--show", default=0, help="So many differences of each style and kind of string in full.")
@click.option("--json", "as_json", is_flag=True, help="The shares as JSON.")
def main(items: Path, styles: Sequence[str], form: Markup, show: int, as_json: bool) -> None:
    """Compare our citations and entries of ITEMS (CSL-JSON) with citeproc-js's."""
    cases = [_case(item) for item in json.loads(items.read_text(encoding="utf-8"))]
    shares: dict[str, dict[str, float]] = {}
    for style in styles or STYLES:
        theirs = _theirs(style, cases, form)
        differences = list(_differences(style, cases, theirs, form))
        counts = Counter(difference.what for difference in differences)
        shares[style] = {what: 1 - counts[what] / len(cases) for what in ("citation", "entry")}
        if not as_json:
            _tell(style, shares[style], differences, show)
    if as_json:
        click.echo(json.dumps({"items": len(cases), "equal": shares}, indent=2))
    elif shares:
        told = {what: sum(share[what] for share in shares.values()) / len(shares) for what in ("citation", "entry")}
        click.echo(f"all: citations {told['citation']:.1%}, entries {told['entry']:.1%} of {len(cases) * len(shares)} each")


def _case(item: Case) -> Case:
    csl = {field: value for field, value in item.items() if not field.startswith("_")}
    return {"item": csl, "locator": item.get("_locator", ""), "label": item.get("_label", "page")}


def _theirs(style: str, cases: Sequence[Case], form: Markup) -> list[dict[str, str | None]]:
    from citeproc import LOCALES_PATH  # type: ignore[import-untyped]

    from index.citations.styles import style_file

    locale = (Path(LOCALES_PATH) / "locales-en-US.xml").read_text(encoding="utf-8")
    given = {
        "style": style_file(style).read_text(encoding="utf-8"),
        "lang": "en-US",
        "locales": {"en-US": locale},
        "format": form,
        "cases": cases,
    }
    command = [_needed("node"), str(SCRIPT), str(_library())]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"citeproc-js failed: {done.stderr.strip()[-600:]}")
    answers: list[dict[str, str | None]] = json.loads(done.stdout[done.stdout.index("[{") :])
    return answers


def _library() -> Path:
    """The library from npm, taken once."""
    folder = CACHE.resolve() / VERSION
    found = folder / "node_modules" / "citeproc" / "citeproc_commonjs.js"
    if not found.exists():
        folder.mkdir(parents=True, exist_ok=True)
        wanted = f"citeproc@{VERSION}"
        subprocess.run([_needed("npm"), "install", "--silent", "--prefix", str(folder), wanted], check=True)
    return found


def _needed(program: str) -> str:
    return shutil.which(program) or sys.exit(f"{program} is not installed; citeproc-js runs in node 18 or later")


def _differences(
    style: str, cases: Sequence[Case], theirs: Sequence[dict[str, str | None]], form: Markup
) -> Iterator[Difference]:
    for case, their in zip(cases, theirs, strict=True):
        locator = Locator(case["label"], case["locator"], (), "") if case["locator"] else None
        ours: dict[str, Callable[[], str]] = {
            "citation": lambda csl=case["item"], at=locator: format_citation(csl, at, style, markup=form),  # type: ignore[misc]
            "entry": lambda csl=case["item"]: "".join(format_bibliography([csl], style, form)),  # type: ignore[misc]
        }
        for what, formatted in ours.items():
            our = _or_refused(formatted)
            if (one := _even(our)) != (other := _even(their[what] or "")):
                yield Difference(style, what, case["item"], one, other)


def _or_refused(formatted: Callable[[], str]) -> str:
    try:
        return formatted()
    except CitationInvalid as error:
        return f"refused: {error}"


def _even(text: str) -> str:
    """White space and the frame that citeproc-js puts around an entry tell nothing."""
    return " ".join(text.replace('<div class="csl-entry">', "").replace("</div>", "").split())


def _tell(style: str, shares: dict[str, float], differences: Sequence[Difference], show: int) -> None:
    click.echo(f"{style}: citations {shares['citation']:.1%}, entries {shares['entry']:.1%} equal")
    kinds: defaultdict[tuple[str, str], list[Difference]] = defaultdict(list)
    for difference in differences:
        kinds[difference.kind].append(difference)
    for (theirs, ours), alike in sorted(kinds.items(), key=lambda kind: -len(kind[1])):
        click.echo(f"  {len(alike):4}  citeproc-js {theirs!r}  Ibid {ours!r}")
        for difference in alike[:show]:
            click.echo(f"        {difference.what} of {difference.item.get('id')}")
            click.echo(f"          citeproc-js: {difference.theirs}\n          Ibid:        {difference.ours}")


if __name__ == "__main__":
    main()
