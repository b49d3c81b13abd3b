"""Which language a text is in, told by its script and its function words; nothing is loaded and nothing is learned.

(Words of closed classes as a language's mark: Grefenstette 1995, "Comparing two language identification schemes", where a
sentence of 15 words suffices; a question has about ten.)
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from index.languages import LATIN, OF_SCRIPT
from index.stores.analysis import function_word_count, written_words

_SAME_SCRIPT = {"ar": ("ar", "fa", "ur"), "ru": ("ru", "uk", "bg", "sr"), "hi": ("hi", "ne")}
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_LETTERS = {
    "de": "ß",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "ro": "ășțşţ",
    "tr": "ğışİ",
    "hu": "őű",
    "pl": "ąęłśżźć",
    "cs": "ěřů",
    "vi": "ơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
    "fr": "œ",
    "da": "øæ",
    "no": "øæ",
    "et": "õ",
    "lt": "ėųūį",
    "uk": "іїєґ",
    "sr": "ђјљњћџ",
    "fa": "پچژگ",
    "ur": "ٹڈڑںے",
}
"""Letters that few other languages write: each counts as half a function word, up to five of them."""

_MOST_LETTERS = 5
_LOOKED_AT = 6_000
"""Characters by which a text's language is told, from its beginning, its middle and its end each."""

_KANA_SHARE = 0.05
_MAIN_SCRIPT = 0.5


def language_of(text: str, expected: Sequence[str] = ()) -> str:
    """The language that most of a text is in, "" where it cannot be told: too few words, or of no language known here.

    Args:
        text: any text.
        expected: languages that win where as much speaks for another.
    """
    if len(text) > 3 * _LOOKED_AT:
        middle = (len(text) - _LOOKED_AT) // 2
        text = "\n".join((text[:_LOOKED_AT], text[middle : middle + _LOOKED_AT], text[-_LOOKED_AT:]))
    script = _script(text)
    if script is None:
        return ""
    candidates = _SAME_SCRIPT.get(script, (script,)) if script else LATIN
    if len(candidates) == 1:
        return candidates[0]
    candidates = sorted(candidates, key=lambda code: code not in expected)
    evidence = _evidence(text, candidates)
    best = max(evidence, key=lambda code: evidence[code], default="")
    return best or script


def _script(text: str) -> str | None:
    """The script of most letters, named by its commonest language, "" for Latin; None for no letters, or of no script here."""
    counts = {"": len(_LATIN.findall(text))}
    if not text.isascii():
        counts |= {code: len(letters.findall(text)) for code, letters in OF_SCRIPT.items()}
    if counts.get("ja", 0) > _KANA_SHARE * (counts.get("zh", 0) + counts.get("ja", 0)):
        counts["ja"] += counts.pop("zh")
    script, most = max(counts.items(), key=lambda found: found[1])
    return script if most > _MAIN_SCRIPT * sum(counts.values()) else None


def _evidence(text: str, candidates: Iterable[str]) -> Mapping[str, float]:
    """What speaks for each language; those for which nothing does are left out. Ties are the earlier candidate's."""
    words = written_words(text)
    letters = Counter(text.lower())
    found: dict[str, float] = {}
    for code in candidates:
        written = min(_MOST_LETTERS, sum(letters[letter] for letter in _LETTERS.get(code, "")))
        if told := function_word_count(words, code) + written / 2:
            found[code] = told
    return found
