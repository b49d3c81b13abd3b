"""Capitals as a CSL style asks for them: title case and sentence case of English titles, and the simpler cases.

No other language has title case ("Bürgerwelt Und Starker Staat" is wrong in every manual), so a title is only re-cased
where its item says that it is English, or where its own words do. Text is marked text (``index.citations.markup``).
"""

import re
from functools import lru_cache

from index.citations.markup import MARKS, PLAIN, PLAIN_END

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_SMALL = frozenset(
    """
    a about above across afore after against al along alongside amid amidst among amongst an and anenst apropos apud around
    as aside astride at athwart atop barring before behind below beneath beside besides between beyond but by c ca circa d d'
    de despite down during et except for forenenst from given in inside into lest like modulo near next nor notwithstanding
    of off on onto or out over per plus pro qua sans since so than the through throughout thru thruout till to toward
    towards under underneath until unto up upon v van versus via vis-à-vis von vs with within without yet
""".split()
)
"""The words that title case leaves small: CSL 1.0.2, "Title Case Conversion"."""
_NEW_PHRASE = re.compile(r"[:?!][^\w\s]{0,9}\s[^\w#@]{0,9}$")
"""After a colon, a question mark or an exclamation mark a small word takes its capital too, through brackets."""
_KEPT = re.compile(f"{PLAIN}[^{PLAIN}{PLAIN_END}]*{PLAIN_END}")

_ENGLISH = frozenset(
    """
    about after against among and are at between by for from how into is its of on or that the their this to under was were what
    when where which who why with without
""".split()
)
_FOREIGN = frozenset(
    """
    aan aux auf aus av bei beim cum da das de dei del della delle degli den der des det di die dos du e ed een ein eine einer
    eines el em en es et für gegen gli het i il im ist jako la las le les lo los mit na nach nel nella nelle nicht o och oder og
    os ou par para por pour quae que qui sa sein sich sobre sul sulla sur til u ueber um una und une ur van ve voor vom
    von w y z za ze zu zum zur över über
""".split()
)


_FOREIGN_ENDING = re.compile(
    r"..(?:ische[nmrs]?|liche[nmrs]?|schaft|keit|heit|chte|elles?|aires?|iques?|euses?|eux|zione|zioni|ità|ción|ciones|idad"
    r"|orum|arum|ibus|ionis|omnia|urale|ionale|iale)$"
)
"""Endings of words that other languages have and English, but for the words below, has not."""
_ENGLISH_ALL_THE_SAME = frozenset(
    """
    antique aquarelle boutique clique critique critiques mystique oblique opaque physique pique technique techniques unique
    questionnaire questionnaires solitaire millionaire millionaires billionaire billionaires legionnaire extraordinaire
    commissionaire nouvelle gazelle gazelles decorum forum forums quorum cache finale rationale morale locale aires
    achte spiele omnibus incubus nimbus rebus
""".split()
)


def cased(text: str, case: str, language: str) -> str:
    """``text`` in one of CSL's cases; ``language`` is what the item says of itself, "" where it says nothing."""
    match case:
        case "lowercase":
            return text.lower()
        case "uppercase":
            return text.upper()
        case "capitalize-first":
            return capitalized(text)
        case "capitalize-all":
            return _WORD.sub(lambda word: _raised(word[0]), text)
        case "title":
            if english(text, language):
                return _title(text)
            return text if language else capitalized(text)
        case "sentence":
            return _sentence(text) if english(text, language) else capitalized(text)
    return text


def capitalized(text: str) -> str:
    """``text`` with its first letter a capital, past quotation marks and brackets; "#tag" and "3rd" stay as they are."""
    first = _WORD.search(text)
    return text if first is None or not _free(text, first) else f"{text[: first.start()]}{_raised(first[0])}{text[first.end() :]}"


@lru_cache(maxsize=2048)
def english(text: str, language: str) -> bool:
    """Whether ``text`` is English: its item says so, or says nothing and no word of the text speaks for another language."""
    if language:
        return language.lower().startswith("en")
    words = MARKS.sub("", text).lower().split()
    ours, others = (sum(word.strip("\"'“”‘’«».,;:()[]?!") in known for word in words) for known in (_ENGLISH, _FOREIGN))
    if not ours and not others and _looks_foreign(words):
        return False
    strange = any(letter.isalpha() and not letter.isascii() for letter in MARKS.sub("", text))
    return ours >= others and (ours > 0 or not strange)


def _looks_foreign(words: list[str]) -> bool:
    """Whether a title without small words ends its words as another language does; then it is left as it is.

    One ending that English hardly has is enough ("populaire", "geschichtliche"), or vowels at the end of all words ("Mondo
    piccolo"). A name such as "Aurora Basilica" is held back with them: a title of capitals needs none.
    """
    bare = [word.strip("\"'“”‘’«».,;:()[]?!") for word in words]
    vowels = len(bare) > 1 and all(word[-1:] in ("a", "i", "o", "u") for word in bare)
    return vowels or any(_FOREIGN_ENDING.search(word) and word not in _ENGLISH_ALL_THE_SAME for word in bare)


def _title(text: str) -> str:
    words = list(_WORD.finditer(text))
    kept = [span.span() for span in _KEPT.finditer(text)]
    out, end = "", 0
    for number, word in enumerate(words):
        inside = any(start <= word.start() < stop for start, stop in kept)
        leads = number == 0 or _NEW_PHRASE.search(text, max(0, word.start() - 20), word.start()) is not None
        new = word[0] if inside or not _free(text, word) else _in_title(word[0], leads, last=number == len(words) - 1)
        out, end = f"{out}{text[end : word.start()]}{new}", word.end()
    return out + text[end:]


def _in_title(word: str, leads: bool, last: bool) -> str:
    if leads:
        return _raised(word)
    if len(re.split("['’]", word)[0]) == 1 or (word in _SMALL and not last):
        return word
    return _raised(word)


def _sentence(text: str) -> str:
    """The first word with a capital, the others without; abbreviations and names such as "McKay" keep theirs."""
    shouted = MARKS.sub("", text).isupper()
    kept = [span.span() for span in _KEPT.finditer(text)]

    def lowered(word: re.Match[str]) -> str:
        inside = any(start <= word.start() < stop for start, stop in kept)
        return word[0].lower() if not inside and (shouted or word[0] == word[0].capitalize()) else word[0]

    return capitalized(_WORD.sub(lowered, text))


def _free(text: str, word: re.Match[str]) -> bool:
    """Whether a word may take a capital: it is no tag, handle or number, and nothing is cut off before it."""
    return not word[0][0].isdigit() and text[word.start() - 1 : word.start()] not in ("#", "@", "'", "’", "_", "\\")


def _raised(word: str) -> str:
    """A small word with its capital; one that has a capital somewhere keeps its own letters."""
    return word[0].title() + word[1:] if word == word.lower() else word
