"""The languages that texts are told to be in, by their ISO 639-1 codes, and what their scripts tell of them."""

import re

NAMES = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""Languages that Snowball has a stemmer for, by code; texts of others are searched by their words as they are written."""

OTHERS = frozenset("bg bn he hr ja ka km ko lo my mk sk sl th uk ur vi zh".split())
"""Languages that are told apart, or may be named, and have no stemmer."""

_SCRIPTS = (
    ("ja", "\u3040-\u30ff"),
    ("zh", "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"),
    ("ko", "\u1100-\u11ff\uac00-\ud7af"),
    ("th", "\u0e00-\u0e7f"),
    ("lo", "\u0e80-\u0eff"),
    ("my", "\u1000-\u109f"),
    ("km", "\u1780-\u17ff"),
    ("hi", "\u0900-\u097f"),
    ("bn", "\u0980-\u09ff"),
    ("ta", "\u0b80-\u0bff"),
    ("el", "\u0370-\u03ff\u1f00-\u1fff"),
    ("he", "\u0590-\u05ff"),
    ("hy", "\u0530-\u058f"),
    ("ka", "\u10a0-\u10ff"),
    ("ar", "\u0600-\u06ff"),
    ("ru", "\u0400-\u04ff"),
)
"""The language that is commonest in each script that is not Latin; of Chinese characters, kana among them make it Japanese."""

OF_SCRIPT = {code: re.compile(f"[{letters}]") for code, letters in _SCRIPTS}

LATIN = tuple("en de fr es it pt nl ro sv da no fi hu tr pl cs ca hr id et lt vi".split())
"""Languages in Latin script that are told apart."""

NOUNS_CAPITAL = frozenset({"de", "lb"})
"""Languages in which a capital makes no name."""

KNOWN = frozenset({*NAMES, *OTHERS})
"""All codes that may be given for a document."""
