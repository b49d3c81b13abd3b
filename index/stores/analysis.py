"""Cuts texts into the terms that entries are stored by and questions looked up by, by language; and tells which language it is.

Letters are folded, endings go, no word is left out. Of scripts without spaces between words, and of Korean, which glues its
particles to them, two neighbouring letters are a term (Nie et al. 2000, "On the Use of Words and N-grams for Chinese
Information Retrieval"). A word whose script is not that of its text's language is stemmed as its own script's language has it.
"""

import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise

import tantivy

from index.function_words import FUNCTION_WORDS
from index.languages import LATIN, NAMES, OF_SCRIPT
from index.text import composed, fold, folded, joined

STEMMED = "stemmed-3"
PLAIN = "plain-3"
SPACED = "spaced-1"
"""Names of the analyzers, kept in what is stored on disk: another number makes it anew."""

_STOP_WORDS = frozenset("da de en es fi fr hu it nl no pt ru sv".split())
"""Languages of which tantivy has a list of stop words."""

_REMEMBERED = 16_384
"""Words whose stems are kept."""

_GRAM = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_UNSPACED = re.compile(f"[{_GRAM}\U00020000-\U0003ffff]+")
_CLUSTER = re.compile("[\u0e40-\u0e44\u0ec0-\u0ec4]?.[\u0e30-\u0e3a\u0e45\u0e47-\u0e4e\u0eb0-\u0ebd\u0ec8-\u0ecd]*", re.DOTALL)
"""A letter of Thai or Lao with the vowels before and after it; of other scripts one letter."""


def analyzer(name: str) -> tantivy.TextAnalyzer:
    """Words of folded text; what folding leaves of Latin letters (ø, œ) becomes ASCII; no stop words are dropped.

    ``SPACED`` changes nothing: what stands between white space is a word.
    """
    if name == SPACED:
        return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
    return builder.filter(tantivy.Filter.stemmer("english")).build() if name == STEMMED else builder.build()


_STEMS = analyzer(STEMMED)
_WORDS = analyzer(PLAIN)
_WRITTEN = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.lowercase()).build()


def stems(text: str, language: str = "") -> list[str]:
    """The terms of a text in this language ("" for an unknown one, which is stemmed as English), in order."""
    text = joined(text)
    if language in ("", "en") and _is_western(text):
        return _STEMS.analyze(fold(text))
    return [stem for word in _written(text, language) for stem in word_stems(word, language)]


def written_words(text: str, language: str = "") -> list[str]:
    """The words of a text, or pairs of letters where its script has no spaces, in lower case with their accents, in order."""
    return _written(joined(text), language)


@lru_cache(_REMEMBERED)
def word_stems(word: str, language: str) -> tuple[str, ...]:
    """The terms of one of ``written_words`` in a language: one as a rule, more where folding takes it apart."""
    language = _of_script(word) or language
    if language in ("", "en"):
        return tuple(_STEMS.analyze(folded(word)))
    return tuple(_WORDS.analyze(folded(_stemmed(word, language))))


def _of_script(word: str) -> str:
    """The language whose stemmer fits a word by its letters alone, "" for Latin and for none."""
    if word.isascii():
        return ""
    first = next((character for character in word if character.isalpha()), "")
    return next((code for code, letters in OF_SCRIPT.items() if letters.match(first)), "") if first > "\u024f" else ""


def plain_words(text: str) -> list[str]:
    """The words of a text as they are, but folded, in order."""
    return _WORDS.analyze(fold(joined(text)))


def is_gram(word: str) -> bool:
    """Whether one of ``written_words`` is a pair of letters, or a letter, of a script without spaces."""
    return _UNSPACED.match(word) is not None


def is_function_word(word: str, language: str) -> bool:
    """Whether a word of ``written_words`` tells little in this language."""
    return word in FUNCTION_WORDS.get(language, ()) or not _telling([word], language)


def function_word_count(words: Sequence[str], language: str) -> int:
    """How many of some words of ``written_words`` are function words of this language."""
    known = FUNCTION_WORDS.get(language, frozenset())
    others = [word for word in words if word not in known]
    return len(words) - len(_telling(others, language))


def _is_western(text: str) -> bool:
    """Whether all letters are Latin, so that one stemmer does for all words."""
    return text.isascii() or not any(character > "\u024f" and character.isalpha() for character in text)


def _written(text: str, language: str) -> list[str]:
    if language == "tr":  # whose small I has no dot, and whose capital one may have one
        text = text.replace("İ", "i").replace("I", "ı")
    return _WRITTEN.analyze(_UNSPACED.sub(_grams, composed(text)))


def _grams(run: re.Match[str]) -> str:
    letters = _CLUSTER.findall(run.group())
    pairs = [one + other for one, other in pairwise(letters)] or letters
    return f" {' '.join(pairs)} "


def _telling(words: Iterable[str], language: str) -> list[str]:
    return _without_stop_words(language).analyze(" ".join(words)) if language in _STOP_WORDS else [*words]


@cache
def _without_stop_words(language: str) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    return builder.filter(tantivy.Filter.stopword(NAMES[language])).build()


class _Stemmers(threading.local):
    """Snowball's stemmers of this thread, by language: one must not serve two threads."""

    def __init__(self) -> None:
        self.known: dict[str, object] = {}


_STEMMERS = _Stemmers()


def _stemmed(word: str, language: str) -> str:
    if language not in NAMES:
        return word
    stemmer = _STEMMERS.known.get(language)
    if stemmer is None:
        import Stemmer

        stemmer = _STEMMERS.known[language] = Stemmer.Stemmer(NAMES[language])
    return str(stemmer.stemWord(word))  # type: ignore[attr-defined]


# Which language a text is in, told by its script and its function words; nothing is loaded and nothing is learned.
#
# (Words of closed classes as a language's mark: Grefenstette 1995, "Comparing two language identification schemes", where a
# sentence of 15 words suffices; a question has about ten.)

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
    candidates: Sequence[str] = _SAME_SCRIPT.get(script, (script,)) if script else LATIN
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
