"""Server-rendered pages: templates that escape everything, so that text from a collection is always text.

Jinja is imported for the first page: programs ask for none.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litestar import Response

from index.citations.styles import STYLES
from service.address import Address
from service.bibliography import EXPORTS
from service.schemas import CitationView
from service.snippets import around

if TYPE_CHECKING:
    import jinja2
    import markupsafe

STATIC = Path(__file__).parent / "static"

NAMES = {
    "chicago-notes": "Chicago (notes)",
    "chicago-author-date": "Chicago (author-date)",
    "apa": "APA",
    "mla": "MLA",
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl-json": "CSL-JSON",
    "text": "Text",
    "html": "HTML",
    "markdown": "Markdown",
}
"""What people call styles and formats."""

VERDICTS = {
    "exact": "These very words stand in the collection.",
    "normalised": "The same words stand in the collection; only their typography differs.",
    "elided": "All its pieces stand in the collection, in this order; something is left out between them.",
    "altered": "Not word for word: the nearest passage says it otherwise.",
    "stitched": "Its pieces stand in different places, and nowhere as one quotation.",
    "misattributed": "These words stand elsewhere in the collection.",
    "not_found": "Nothing like it stands in this collection.",
}
"""What a verdict on a quotation means, in a sentence."""


def page(template: str, status: int = 200, headers: dict[str, str] | None = None, **fields: Any) -> Response[Any]:
    """A page from its template and the fields that the template names."""
    return Response(rendered(template, **fields), status_code=status, headers=headers, media_type="text/html")


def rendered(template: str, **fields: Any) -> str:
    """The HTML of a page."""
    return _templates().get_template(template).render(fields)


def cited(citation: CitationView) -> "markupsafe.Markup":
    """The formatted citation with its titles in italics."""
    return formatted(citation.html)


def formatted(html: str) -> "markupsafe.Markup":
    """Citations as the formatter writes them, which escapes what it is given; these pages allow no inline style."""
    import markupsafe

    return markupsafe.Markup(html.replace('style="font-style: normal"', 'class="upright"'))  # noqa: S704 — made of escaped parts


@cache
def _templates() -> "jinja2.Environment":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("service"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "around": around,
        "cited": cited,
        "formatted": formatted,
        "named": lambda name: NAMES.get(name, name),
        "verdict": lambda verdict: VERDICTS[verdict],
    }
    modules = sorted(script.name for script in STATIC.glob("*.js") if script.name not in ("page.js", "theme.js"))
    environment.globals |= {"styles": STYLES, "exports": EXPORTS, "nowhere": Address(), "modules": modules}
    return environment
