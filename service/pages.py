"""Server-rendered pages: templates that escape everything, so that text from a collection is always text."""

from functools import cache
from typing import Any

import jinja2
from litestar import Response

from service.cutting import around, pieces


def page(template: str, status: int = 200, headers: dict[str, str] | None = None, **fields: Any) -> Response[Any]:
    """A page from its template and the fields that the template names."""
    return Response(rendered(template, **fields), status_code=status, headers=headers, media_type="text/html")


def rendered(template: str, **fields: Any) -> str:
    """The HTML of a page."""
    return _templates().get_template(template).render(fields)


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("service"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"pieces": pieces, "around": around}
    return environment
