"""Cuts texts into terms with tantivy's analyzers: what entries are stored by, and questions looked up by."""

import tantivy

from index.text import fold

_LANGUAGE = "english"
"""Whose endings the stemmer knows; words of other languages are found as they are written, for the most part."""

STEMMED = "stemmed-1"
PLAIN = "plain-1"
"""Names of the analyzers, kept in what is stored on disk: another number makes it anew."""


def analyzer(name: str) -> tantivy.TextAnalyzer:
    """Words of folded text; what folding leaves of Latin letters (ø, œ) becomes ASCII; no stop words are dropped."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
    return builder.filter(tantivy.Filter.stemmer(_LANGUAGE)).build() if name == STEMMED else builder.build()


_STEMS = analyzer(STEMMED)
_WORDS = analyzer(PLAIN)


def stems(text: str) -> list[str]:
    """The stemmed words of a text, in order."""
    return _STEMS.analyze(fold(text))


def plain_words(text: str) -> list[str]:
    """The words of a text as they are, but folded, in order."""
    return _WORDS.analyze(fold(text))
