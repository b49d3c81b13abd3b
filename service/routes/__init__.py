"""HTTP routes, a module for each noun."""

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from service.routes import api as asking
from service.routes import api as documents
from service.routes import api as excerpts
from service.routes import api as health
from service.routes import api as sources
from service.routes import chat, pages, reading
from service.routes import pages as browsing
from service.routes import pages as checking
from service.routes import pages as keeping

ROUTES: list[HTTPRouteHandler | Router] = [
    asking.ask_question,
    asking.search,
    asking.verify_quote,
    chat.list_models,
    chat.show_model,
    chat.complete_chat,
    chat.respond,
    excerpts.show_excerpt,
    excerpts.show_citation,
    sources.list_sources,
    sources.show_source,
    sources.show_bibliography,
    documents.list_documents,
    documents.show_document,
    documents.show_text,
    health.healthz,
    health.readyz,
    health.show_metrics,
    pages.home_page,
    pages.excerpt_page,
    browsing.sources_page,
    browsing.source_page,
    reading.document_page,
    reading.page_image,
    reading.document_file,
    keeping.tray_page,
    keeping.export_tray,
    checking.verify_page,
    pages.STATIC,
]
"""Everything the service answers, in the order of its reference."""
