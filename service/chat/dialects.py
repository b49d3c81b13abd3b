"""How chat windows are told of sources: no two read the same field, so each way is a switch of the settings.

What reads which is in docs/front-ends.md, taken from the clients' own sources.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from service.chat.escaping import paragraphs
from service.chat.replies import Cited
from service.chat.sources import Source
from service.settings import Dialect

Fields = dict[str, Any]


def source_event(source: Source) -> Fields:
    """Open WebUI's own event: the only one that carries the quotation itself.

    ``page`` counts from 0. The ids are opaque: for an id that is an address the browser would fetch an icon from a third party.
    """
    metadata: Fields = {"source": source.id, "source_url": source.url, "name": source.title}
    if source.page is not None:
        metadata["page"] = source.page - 1
    told = {"id": source.id, "name": source.title, "url": source.url}
    data = {"source": told, "document": [paragraphs(source.text)], "metadata": [metadata], "distances": [source.score]}
    return {"type": "source", "data": data}


def annotations(sources: Sequence[Source], cited: Iterable[Cited]) -> list[Fields]:
    """OpenAI's annotations of chat completions: which run of the text rests on which source."""
    return [{"type": "url_citation", "url_citation": each} for each in _citations(sources, cited)]


def flat_annotations(sources: Sequence[Source], cited: Iterable[Cited]) -> list[Fields]:
    """The same as responses have them."""
    return [{"type": "url_citation", **each} for each in _citations(sources, cited)]


def top_level(sources: Sequence[Source], dialects: Sequence[Dialect]) -> Fields:
    """``citations`` and ``search_results`` beside the choices, as Perplexity sends and LobeChat reads them."""
    fields: Fields = {}
    if "citations" in dialects and sources:
        fields["citations"] = [source.url for source in sources]
    if "search-results" in dialects and sources:
        fields["search_results"] = list(map(_search_result, sources))
    return fields


def _search_result(source: Source) -> Fields:
    dated = {} if source.year is None else {"date": str(source.year)}
    return {"title": source.title, "url": source.url, **dated, "snippet": source.text, "source": "ibid"}


def _citations(sources: Sequence[Source], cited: Iterable[Cited]) -> Iterable[Fields]:
    numbered = {source.number: source for source in sources}
    for each in cited:
        source = numbered[each.number]
        yield {"start_index": each.start, "end_index": each.end, "title": source.title, "url": source.url}
