"""Server-rendered pages: templates that escape everything, so that text from a collection is always text."""

from functools import cache
from typing import Any

import jinja2
import markupsafe
from litestar import Response

from index.citations.styles import format_citation
from service.cutting import around
from service.views import ExcerptView, HitView


def page(template: str, status: int = 200, headers: dict[str, str] | None = None, **fields: Any) -> Response[Any]:
    """A page from its template and the fields that the template names."""
    return Response(rendered(template, **fields), status_code=status, headers=headers, media_type="text/html")


def rendered(template: str, **fields: Any) -> str:
    """The HTML of a page."""
    return _templates().get_template(template).render(fields)


def citation(shown: HitView | ExcerptView) -> markupsafe.Markup:
    """The formatted citation with its titles in italics; the formatter escapes what it is given."""
    told = shown.citation
    if told.csl is None:
        return markupsafe.escape(told.formatted)
    html = format_citation(told.csl, told.locator, told.style, quoted_in=shown.document.title, markup="html")
    html = html.replace('style="font-style: normal"', 'class="upright"')  # the policy of these pages allows no inline style
    return markupsafe.Markup(html)  # noqa: S704 — made of escaped parts


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("service"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"around": around, "citation": citation}
    return environment
