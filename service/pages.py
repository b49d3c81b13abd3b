"""Server-rendered pages: templates that escape everything, so that text from a collection is always text.

Jinja is imported for the first page: programs ask for none.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.enums import OpenAPIMediaType
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.params import QueryParameter

from index.citations.styles import STYLES, style_label
from index.filters import FILTERS, Filters
from rag.records import Sort
from service.access import signed_in
from service.bibliography import EXPORTS
from service.errors import RequestInvalid
from service.explanations import sentences
from service.limits import few_enough, filters_of
from service.note_files import NOTE_EXTENSIONS
from service.requests import with_filter_parameters, within_collections
from service.results_page import SORTS, VIEWS, beside, by_work, chance, chart, line_of
from service.schemas import CitationView
from service.settings import Settings
from service.snippets import around
from service.translation import page_language, say, say_count, say_number

if TYPE_CHECKING:
    import jinja2
    import markupsafe


# What a page shows, as its address says it: the questions of a thread, the filters and who may answer. Nothing else is state.

MOST_QUESTIONS = 20
MORE = 10
"""Passages that each “more” adds."""

_USUAL = {"offset": 0, "sort": "relevance", "view": "passages"}
"""What an address need not say."""

View = Literal["passages", "works", "lines"]
"""How passages are shown: as cards, as cards below their works, or as lines around a keyword."""

Texts = Annotated[list[str] | None, QueryParameter()]


class PageState(msgspec.Struct, frozen=True):
    """``narrowed`` are the filters as pairs of name and value; ``by`` names the language model that may answer, or is empty.

    ``limit`` is how many passages the last question shows, None for as many as the settings say, and ``offset`` where they begin;
    they are in the order ``sort``, shown as ``view`` says, and hold the words ``inside``.
    """

    questions: tuple[str, ...] = ()
    narrowed: tuple[tuple[str, str], ...] = ()
    by: str = ""
    limit: int | None = None
    offset: int = 0
    sort: Sort = "relevance"
    view: View = "passages"
    inside: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()

    @property
    def filters(self) -> Filters:
        """The filters meant. Raises FilterInvalid."""
        names = {name for name, _ in self.narrowed}
        return filters_of({name: self.values(name) for name in names})

    def values(self, name: str) -> list[str]:
        """What one filter was given."""
        return [value for each, value in self.narrowed if each == name]

    def others(self, *names: str) -> Iterator[tuple[str, str]]:
        """The filters of all other names."""
        return ((name, value) for name, value in self.narrowed if name not in names)

    def without(self, name: str, value: str) -> "PageState":
        """The same with one value of a filter less."""
        kept = tuple(pair for pair in self.narrowed if pair != (name, value))
        return msgspec.structs.replace(self, narrowed=kept)

    def within(self, name: str, value: str) -> "PageState":
        """The same with one filter set to one value."""
        return msgspec.structs.replace(self, narrowed=(*self.others(name), (name, value)))

    def asking(self, question: str) -> "PageState":
        """The same with one question."""
        return msgspec.structs.replace(self, questions=(question,))

    def anew(self) -> "PageState":
        """The same without any question."""
        return msgspec.structs.replace(self, questions=(), limit=None, offset=0, inside=())

    def of(self, *names: str) -> "PageState":
        """The same in other collections, without filters: works and documents are others there."""
        return msgspec.structs.replace(self, collections=names, narrowed=())

    def more(self, shown: int, most: int) -> "PageState":
        """The same with more passages than are shown of the last question; where ``most`` are shown, with the next ones."""
        if shown >= most:
            return msgspec.structs.replace(self, offset=self.offset + shown)
        return msgspec.structs.replace(self, limit=min(shown + MORE, most))

    def showing(self, **shown: Any) -> "PageState":
        """The same from its first passage, in another order or view, or with other words inside."""
        return msgspec.structs.replace(self, offset=0, **shown)

    def asked(self, number: int) -> str:
        """The question of this number as it is put: of the last one, what was to be inside its passages must occur in them."""
        inside = self.inside if number == len(self.questions) - 1 else ()
        return " ".join([self.questions[number], *(f'"{words}"' for words in inside)])

    def at(self, path: str) -> str:
        """This state as the address of a page."""
        pairs = self.pairs()
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of the address."""
        pairs = [("q", question) for question in self.questions] + list(self.narrowed)
        if self.by:
            pairs.append(("by", self.by))
        if self.limit is not None:
            pairs.append(("limit", str(self.limit)))
        pairs += [("inside", words) for words in self.inside]
        pairs += [(name, str(value)) for name, usual in _USUAL.items() if (value := getattr(self, name)) != usual]
        pairs += [("collection", name) for name in self.collections]
        return pairs


@with_filter_parameters
async def page_state_from_query(
    settings: NamedDependency[Settings],
    q: Texts = None,
    by: Annotated[str, QueryParameter()] = "",
    limit: Annotated[int | None, QueryParameter()] = None,
    offset: Annotated[int, QueryParameter()] = 0,
    sort: Annotated[Sort, QueryParameter()] = "relevance",
    view: Annotated[View, QueryParameter()] = "passages",
    inside: Texts = None,
    collection: Texts = None,
    **given: list[str] | None,
) -> PageState:
    """The state in an address; the empty fields of a form say nothing. Raises RequestInvalid, FilterInvalid."""
    narrowed = [(name, value.strip()) for name, values in given.items() for value in values or () if value.strip()]
    questions = tuple(filter(str.strip, q or ()))
    if len(questions) > MOST_QUESTIONS:
        raise RequestInvalid(
            f"the thread has {len(questions)} questions",
            rule=f"a thread has at most {MOST_QUESTIONS}",
            remedy="begin a new one",
        )
    few_enough(settings, len(narrowed))
    words_inside = tuple(words for each in inside or () if (words := each.replace('"', " ").strip()))
    shown = (limit, offset, sort, view, words_inside, tuple(collection or ()))
    return PageState(questions or tuple((q or [])[:1]), tuple(dict.fromkeys(narrowed)), by, *shown)


STATIC = Path(__file__).parent / "static"

NAMES = {
    "bibtex": "BibTeX",
    "ris": "RIS",
    "csl-json": "CSL-JSON",
    "text": "Text",
    "html": "HTML",
    "markdown": "Markdown",
    "zotero-rdf": "Zotero RDF",
    "docx": "Word",
    "cards": "cards (CSV)",
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
    vary = ", ".join(filter(None, ((headers or {}).get("vary"), "Accept-Language")))
    told = {**(headers or {}), "vary": vary}
    return Response(rendered(template, **fields), status_code=status, headers=told, media_type="text/html")


def rendered(template: str, **fields: Any) -> str:
    """The HTML of a page."""
    return _templates().get_template(template).render(fields, signed_in=signed_in.get(), within=within_collections.get())


def cited(citation: CitationView) -> "markupsafe.Markup":
    """The formatted citation with its titles in italics."""
    return formatted(citation.html)


def formatted(html: str) -> "markupsafe.Markup":
    """Citations as the formatter writes them, which escapes what it is given; these pages allow no inline style."""
    import markupsafe

    return markupsafe.Markup(html.replace('style="font-style: normal"', 'class="upright"'))  # noqa: S704 — made of escaped parts


def _filters() -> dict[str, Callable[..., Any]]:
    """What templates make of values."""
    import markupsafe

    return {
        "around": around,
        "beside": beside,
        "by_work": by_work,
        "chance": chance,
        "chart": chart,
        "cited": cited,
        "formatted": formatted,
        "line": line_of,
        "json_ld": markupsafe.Markup,  # service.page_metadata escapes what would end a script
        "sentences": sentences,
        "named": lambda name: NAMES.get(name) or style_label(name),
        "verdict": lambda verdict: VERDICTS[verdict],
    }


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
    environment.filters |= _filters()
    modules = sorted(script.name for script in STATIC.glob("*.js") if script.name not in ("page.js", "theme.js"))
    environment.globals |= {
        "styles": STYLES,
        "exports": EXPORTS,
        "filters": FILTERS,
        "sorts": SORTS,
        "views": VIEWS,
        "notes": NOTE_EXTENSIONS,
        "nowhere": PageState(),
        "modules": modules,
        "say": say,
        "say_count": say_count,
        "say_number": say_number,
        "language": page_language.get,
    }
    return environment


# ``/schema``: OpenAPI as JSON for programs, and as a plain page for people that needs nothing from outside.

Schema = dict[str, Any]

Describe = Callable[[Schema], Schema]
"""Tells what Litestar does not know of the service."""


class Row(NamedTuple):
    """A parameter of an operation, or a member of a JSON object."""

    name: str
    kind: str
    required: bool
    description: str


class Operation(NamedTuple):
    """One method of one path."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[Row]
    body: str
    answers: list[tuple[str, str]]


class Shape(NamedTuple):
    """One JSON object of the API."""

    name: str
    description: str
    members: list[Row]


class JsonSchema(OpenAPIRenderPlugin):
    """The OpenAPI document itself."""

    def __init__(self, path: str, describe: Describe) -> None:
        super().__init__(path=path, media_type=OpenAPIMediaType.OPENAPI_JSON)
        self._describe = describe

    def render(self, request: Request[Any, Any, Any], openapi_schema: Schema) -> bytes:
        """The document as JSON."""
        return self.render_json(request, self._describe(openapi_schema))


class ReferencePage(OpenAPIRenderPlugin):
    """A page of every path, its parameters and its answers; Litestar's own pages load scripts from a CDN."""

    def __init__(self, path: str, describe: Describe) -> None:
        super().__init__(path=path)
        self._describe = describe

    def render(self, request: Request[Any, Any, Any], openapi_schema: Schema) -> bytes:  # noqa: ARG002  # Litestar's signature
        """The reference as HTML."""
        openapi_schema = self._describe(openapi_schema)
        shapes = list(_shapes(openapi_schema))
        return rendered(
            "reference.html", info=openapi_schema["info"], operations=list(_operations(openapi_schema)), shapes=shapes
        ).encode()


def _operations(schema: Schema) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                summary=told.get("summary", ""),
                description=_plain(told.get("description", "")),
                parameters=[
                    Row(each["name"], _kind(each["schema"]), each.get("required", False), each.get("description", ""))
                    for each in told.get("parameters", ())
                ],
                body=_content(told.get("requestBody", {})),
                answers=[(status, _content(answer)) for status, answer in sorted(told["responses"].items())],
            )


def _shapes(schema: Schema) -> Iterator[Shape]:
    for name, told in sorted(schema.get("components", {}).get("schemas", {}).items()):
        required = set(told.get("required", ()))
        rows = [
            Row(each, _kind(member), each in required, member.get("description", ""))
            for each, member in told.get("properties", {}).items()
        ]
        yield Shape(name, _plain(told.get("description", "")), rows)


def _content(told: Schema) -> str:
    kinds = (_kind(content.get("schema", {})) for content in told.get("content", {}).values())
    return " or ".join(kinds)


def _plain(docstring: str) -> str:
    """A docstring without its code marks, and without what is for readers of the code."""
    return docstring.partition("\n\nRaises:")[0].replace("``", "")


def _kind(schema: Schema) -> str:
    """A JSON Schema type in a few words, such as ``string or null`` or ``list of HitView``."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "enum" in schema:
        return " or ".join(f'"{each}"' for each in schema["enum"])
    for many in ("oneOf", "anyOf"):
        if many in schema:
            return " or ".join(map(_kind, schema[many]))
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
