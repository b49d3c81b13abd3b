"""HTTP routes, a module for each noun."""

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from service.routes import access, api, chat, pages, reading

ROUTES: list[HTTPRouteHandler | Router] = [
    api.ask_question,
    api.search,
    api.verify_quote,
    chat.list_models,
    chat.show_model,
    chat.complete_chat,
    chat.respond,
    chat.embed_texts,
    api.show_excerpt,
    api.show_citation,
    api.list_sources,
    api.show_source,
    *api.FORMER_NAMES,
    api.show_bibliography,
    api.list_collections,
    api.list_documents,
    api.show_document,
    api.show_text,
    api.healthz,
    api.readyz,
    api.show_metrics,
    pages.home_page,
    pages.turn_page,
    pages.compare_page,
    pages.excerpt_page,
    pages.sources_page,
    pages.source_page,
    reading.document_page,
    reading.page_image,
    reading.document_file,
    pages.tray_page,
    pages.export_tray,
    pages.verify_page,
    access.login_page,
    access.log_in,
    access.log_out,
    pages.STATIC,
]
"""Everything the service answers, in the order of its reference."""
