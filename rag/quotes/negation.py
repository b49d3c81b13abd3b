"""Words that turn a sentence into its opposite: an ellipsis may hide much, but never one of these beside what it joins."""

import regex

from rag.quotes.fold import SINGLE_MARKS

_NEGATIONS = frozenset(
    # English
    "not no never none nobody nothing nowhere neither nor cannot without hardly scarcely barely seldom rarely unless except "
    "false falsely untrue deny denies denied denying refuse refuses refused refusing fail fails failed failing "
    "lack lacks lacked lacking impossible "
    # German, Dutch, the Nordic languages
    "nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne weder niet geen nooit ikke inte ingen aldrig "
    # French, Spanish, Portuguese, Italian
    "ne pas jamais aucun aucune rien sans nunca nada ningún ninguna ninguno não nem sem non nessuno nessuna niente senza "
    # Russian, Ukrainian, Polish, Czech, Greek, Turkish
    "не ни нет никогда ничего никто без немає ані nigdy nikt bez nikdy nikdo δεν μη μην ούτε ποτέ κανείς χωρίς değil yok".split()
)
_WORD = regex.compile(r"[\w']+")
_APOSTROPHES = str.maketrans(dict.fromkeys(SINGLE_MARKS, "'"))
_ABBREVIATED = r"(?<!\b(?:\p{L}|Mr|Mrs|Ms|Dr|Prof|St|Gen|Col|Capt|Sgt|Lt|Rev|Hon|Jr|Sr|vol|no|No|pp|ed|eds|cf|vs|etc|e\.g|i\.e))"
_SENTENCE_END = regex.compile(rf"(?:[!?。！？]|{_ABBREVIATED}[.…])[\"'”’»)\]]*(?=\s+[^\s\p{{Ll}}]|\s*$)")


def hidden_negation(text: str, start: int, end: int) -> str:
    """The word of negation that leaving out ``text[start:end]`` hides from the sentences it touches, else "".

    Whole sentences within may say what they like; what is left of the sentence that breaks off at ``start``, and the
    beginning of the one that is taken up again at ``end``, may not negate.
    """
    ends = sentence_ends(text, start, end)
    rest = text[start : ends[0]] if ends else text[start:end]
    lead = text[ends[-1] : end] if ends else ""
    for word in _WORD.findall(f"{rest} {lead}".lower().translate(_APOSTROPHES)):
        plain = word.strip("'")
        if plain in _NEGATIONS or plain.endswith("n't") or plain.startswith("n'"):
            return str(plain)
    return ""


def sentence_ends(text: str, start: int, end: int) -> list[int]:
    """Where sentences end within ``[start, end]``, ascending; one that ends at ``start`` counts."""
    from_here = max(0, start - 8)
    nearby = text[from_here : end + 8]
    return [at for match in _SENTENCE_END.finditer(nearby) if start <= (at := from_here + match.end()) <= end]
