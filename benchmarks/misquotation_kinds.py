"""The kinds of misquotation that ``benchmarks.misquotations`` tries, by name: each changes words of a source, or gives None.

A kind is given the words of a quotation and those of another one, and answers the changed text; it is never told of the rules
by which quotations are compared.
"""

import random
import re
from collections.abc import Callable

Words = list[str]
Kind = Callable[[Words, Words, random.Random], str | None]

_PAIRS = (
    "he=she she=he his=her her=his him=them they=we we=they i=he my=your our=their the=a a=the an=the this=that that=this "
    "these=those and=or or=and but=and in=on on=in of=for for=of to=from from=to by=with with=by before=after after=before "
    "under=over over=under is=was was=is are=were were=are has=had had=has have=had may=must must=may can=could could=can "
    "would=will will=would should=might more=less less=more many=few few=many all=some some=all always=never never=always "
    "first=last last=first most=least who=which which=who when=where where=when because=although although=because then=now "
    "now=then here=there there=here no=every every=no only=also also=only very=hardly even=not if=when good=bad new=old "
    "old=new great=small men=women women=men one=two two=three three=four four=five five=six six=seven seven=eight "
    "ten=twenty"
)
_EXCHANGED = dict(pair.split("=") for pair in _PAIRS.split())
_LOOKALIKES = dict(zip("aeocpxyi", "\u0430\u0435\u043e\u0441\u0440\u0445\u0443\u0456", strict=True))
_STRANGE = ("\u202e", "\u200f", "\u2066", "\u061c", "\u0301", "\u0336")
_VOWELS = "aeiou"
_INNER = slice(1, -1)


def _at(words: Words, chance: random.Random, wanted: Callable[[str], object]) -> int | None:
    """The place of one inner word that is wanted."""
    places = [at for at in range(1, len(words) - 1) if wanted(words[at])]
    return chance.choice(places) if places else None


def _each(wanted: Callable[[str], object], change: Callable[[str, random.Random], str]) -> Kind:
    """A kind that changes one inner word."""

    def kind(words: Words, _: Words, chance: random.Random) -> str | None:
        at = _at(words, chance, wanted)
        if at is None:
            return None
        return " ".join([*words[:at], *change(words[at], chance).split(), *words[at + 1 :]])

    return kind


def _put(*inserted: str) -> Kind:
    """A kind that puts one of these before an inner word."""

    def kind(words: Words, _: Words, chance: random.Random) -> str | None:
        at = chance.randrange(1, len(words))
        return " ".join([*words[:at], chance.choice(inserted), *words[at:]])

    return kind


def _within(pattern: str, change: Callable[[re.Match[str]], str]) -> Kind:
    """A kind that changes one place inside the joined words."""

    def kind(words: Words, _: Words, chance: random.Random) -> str | None:
        text = " ".join(words)
        found = [match for match in re.finditer(pattern, text) if match.start() > 0 and match.end() < len(text) - 1]
        if not found:
            return None
        match = chance.choice(found)
        return text[: match.start()] + change(match) + text[match.end() :]

    return kind


def _long(word: str) -> bool:
    return len(word) > 4 and word.isalpha()


def _drop(count: int) -> Kind:
    def kind(words: Words, _: Words, chance: random.Random) -> str | None:
        if len(words) < count + 4:
            return None
        at = chance.randrange(1, len(words) - count)
        return " ".join(words[:at] + words[at + count :])

    return kind


def _swap(distance: int) -> Kind:
    def kind(words: Words, _: Words, chance: random.Random) -> str | None:
        if len(words) < distance + 3:
            return None
        at = chance.randrange(0, len(words) - distance)
        changed = list(words)
        changed[at], changed[at + distance] = changed[at + distance], changed[at]
        return " ".join(changed)

    return kind


def _middle_letters(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _lookalike(word: str, chance: random.Random) -> str:
    at = chance.choice([at for at, letter in enumerate(word) if letter in _LOOKALIKES])
    return word[:at] + _LOOKALIKES[word[at]] + word[at + 1 :]


def _other_vowel(word: str, chance: random.Random) -> str:
    return re.sub(f"[{_VOWELS}]", chance.choice("äöy"), word, count=1)


def _accented(word: str, _: random.Random) -> str:
    return re.sub(f"[{_VOWELS}]", lambda vowel: f"{vowel[0]}\u0301", word, count=1)


def _wide(word: str, _: random.Random) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if letter.isascii() else letter for letter in word)


def _digit(word: str, chance: random.Random) -> str:
    at = chance.choice([at for at, letter in enumerate(word) if letter in "0123456789"])
    return word[:at] + str((int(word[at]) + chance.randrange(1, 10)) % 10) + word[at + 1 :]


def _reversed_clauses(words: Words, _: Words, chance: random.Random) -> str | None:
    if len(words) < 8:
        return None
    at = chance.randrange(3, len(words) - 3)
    return " ".join(words[at:] + words[:at])


def _stitched(words: Words, other: Words, _: random.Random) -> str | None:
    return " ".join([*words[:6], *other[:6]])


def _other_end(words: Words, other: Words, _: random.Random) -> str | None:
    return " ".join([*words, *other[:1]])


def _joined_by_ellipsis(words: Words, other: Words, chance: random.Random) -> str | None:
    return f"{' '.join(words[:6])} {chance.choice(['…', '...', '[…]', '. . .'])} {' '.join(other[:6])}"


def _pieces_turned(words: Words, _: Words, chance: random.Random) -> str | None:
    if len(words) < 9:
        return None
    return f"{' '.join(words[-4:])} {chance.choice(['…', '...', '[...]'])} {' '.join(words[:4])}"


def _single_words(words: Words, _: Words, __: random.Random) -> str | None:
    inner = [word for word in words if word.isalpha()]
    return f"{inner[0]} … {inner[2]} … {inner[4]}" if len(inner) > 5 else None


def _cut_first(words: Words, _: Words, __: random.Random) -> str | None:
    return " ".join([words[0][2:], *words[1:]]) if words[0].isalpha() and len(words[0]) > 4 else None


def _cut_last(words: Words, _: Words, __: random.Random) -> str | None:
    return " ".join([*words[:-1], words[-1][:-2]]) if words[-1].isalpha() and len(words[-1]) > 4 else None


def _grown_last(words: Words, _: Words, chance: random.Random) -> str | None:
    return " ".join([*words[:-1], words[-1] + chance.choice(["ly", "ness", "ish"])]) if words[-1].isalpha() else None


def _exchanged_sentences(words: Words, _: Words, __: random.Random) -> str | None:
    first, dot, second = " ".join(words).partition(". ")
    return f"{second}. {first}" if dot and len(first.split()) > 2 and len(second.split()) > 2 else None


def _anothers_name(words: Words, other: Words, chance: random.Random) -> str | None:
    names = [word for word in other[1:] if word.istitle() and len(word) > 3]
    at = _at(words, chance, lambda word: word.istitle() and len(word) > 3)
    return None if at is None or not names else " ".join([*words[:at], chance.choice(names), *words[at + 1 :]])


def _anothers_word(words: Words, other: Words, chance: random.Random) -> str | None:
    at = chance.randrange(1, len(words) - 1)
    return " ".join([*words[:at], chance.choice(other), *words[at + 1 :]])


def _known(word: str) -> bool:
    return word.lower() in _EXCHANGED


def _figures(word: str) -> bool:
    return any(letter in "0123456789" for letter in word)


KINDS: dict[str, Kind] = {
    "one word dropped": _drop(1),
    "two words dropped": _drop(2),
    "three words dropped": _drop(3),
    "six words dropped": _drop(6),
    "neighbours exchanged": _swap(1),
    "words two apart exchanged": _swap(2),
    "words four apart exchanged": _swap(4),
    "clauses exchanged": _reversed_clauses,
    "sentences exchanged": _exchanged_sentences,
    "a word of another place": _anothers_word,
    "a name of another place": _anothers_name,
    "a word of another place added": _other_end,
    "two places stitched": _stitched,
    "two places joined by an ellipsis": _joined_by_ellipsis,
    "pieces in another order": _pieces_turned,
    "single words joined": _single_words,
    "small word exchanged": _each(_known, lambda word, _: _EXCHANGED[word.lower()]),
    "not put in": _put("not", "never", "no longer"),
    "hedge put in": _put("perhaps", "almost", "allegedly", "some"),
    "adverb put in": _put("clearly", "very", "always", "secretly"),
    "name put in": _put("Mr. Dalby", "Karen Oost"),
    "brackets put in": _put("[of course]", "[not]", "[the enemy]", "(sic)"),
    "number put in": _put("seven", "1,204", "90"),
    "mark put in": _put("?", "!", "…?", ";"),
    "conjunction put in": _put("and", "or", "but"),
    "negation dropped": _each(lambda word: word.lower() in ("not", "no", "never", "nor", "without"), lambda _, __: ""),
    "n't dropped": _within(r"(?<=\w)n[’']t\b", lambda _: ""),
    "one word for two": _each(_long, lambda word, _: f"{word[:3]} {word[3:]}"),
    "word doubled": _each(str.isalpha, lambda word, _: f"{word} {word}"),
    "two words for one": _within(r"(?<=[a-z]{3}) (?=[a-z]{3})", lambda _: ""),
    "joined by a hyphen": _within(r"(?<=[a-z]{3}) (?=[a-z]{3})", lambda _: "-"),
    "hyphen dropped": _within(r"(?<=[a-z])-(?=[a-z])", lambda _: ""),
    "hyphen made a dash": _within(r"(?<=[a-z])-(?=[a-z])", lambda _: " — "),
    "dash made a hyphen": _within(r"(?<=\w) ?[—] ?(?=\w)", lambda _: "-"),
    "letters exchanged": _each(lambda word: _long(word) and word[1] != word[2] and len(set(word)) == len(word), _middle_letters),
    "letter dropped": _each(_long, lambda word, _: word[:2] + word[3:]),
    "letter added": _each(_long, lambda word, _: f"{word[:2]}q{word[2:]}"),
    "other vowel": _each(_long, _other_vowel),
    "first letter changed": _each(_long, lambda word, _: f"z{word[1:]}"),
    "first letter dropped": _each(_long, lambda word, _: word[1:]),
    "plural": _each(lambda word: _long(word) and not word.endswith("s"), lambda word, _: f"{word}s"),
    "singular": _each(lambda word: _long(word) and word.endswith("s") and not word.endswith("ss"), lambda word, _: word[:-1]),
    "other tense": _each(lambda word: _long(word) and word.endswith("ed"), lambda word, _: f"{word[:-2]}ing"),
    "prefix": _each(_long, lambda word, chance: f"{chance.choice(['un', 'dis', 'non-', 're', 'anti-'])}{word}"),
    "suffix": _each(_long, lambda word, chance: f"{word}{chance.choice(['less', 'ful', '-like', 'ism'])}"),
    "alike in Cyrillic": _each(lambda word: _long(word) and set(word) & set(_LOOKALIKES), _lookalike),
    "accent": _each(lambda word: _long(word) and set(word) & set(_VOWELS), _accented),
    "strange character": _each(_long, lambda word, chance: f"{word[:2]}{chance.choice(_STRANGE)}{word[2:]}"),
    "wide letters": _each(_long, _wide),
    "digit changed": _each(_figures, _digit),
    "number one more": _each(str.isdigit, lambda word, _: str(int(word) + 1)),
    "number ten times": _each(str.isdigit, lambda word, _: f"{word}0"),
    "number cut": _each(lambda word: word.isdigit() and len(word) > 1, lambda word, _: word[:-1]),
    "comma in a number": _each(lambda word: word.isdigit() and len(word) == 4, lambda word, _: f"{word[0]},{word[1:]}"),
    "comma of a number dropped": _within(r"(?<=\d),(?=\d{3})", lambda _: ""),
    "point for its comma": _within(r"(?<=\d),(?=\d{3})", lambda _: "."),
    "percent dropped": _within(r"(?<=\d)%| per ?cent\b", lambda _: ""),
    "currency": _within(r"[$£€](?=\d)", lambda match: "£" if match[0] == "$" else "$"),
    "minus": _within(r"(?<= )(?=\d)", lambda _: "−"),
    "range cut": _within(r"(?<=\d)[–-]\d+", lambda _: ""),
    "comma dropped": _within(r"(?<=\w), (?=\w)", lambda _: " "),
    "comma put in": _within(r"(?<=[a-z]) (?=[a-z])", lambda _: ", "),
    "point for a comma": _within(r"(?<=\w), (?=\w)", lambda _: ". "),
    "sentences run together": _within(r"(?<=\w)\. (?=\w)", lambda _: " "),
    "question for a point": _within(r"(?<=\w)\. (?=\w)", lambda _: "? "),
    "point for a question": _within(r"[?!] (?=\w)", lambda _: ". "),
    "apostrophe dropped": _within(r"(?<=\w)[’'](?=\w)", lambda _: ""),
    "apostrophe put in": _within(r"(?<=[a-z]{3})s (?=[a-z])", lambda _: "'s "),
    "marks put in": _within(r"(?<= )[a-z]{5,}(?= )", lambda match: f"“{match[0]}”"),
    "marks dropped": _within(r"[“”\"]", lambda _: ""),
    "bracketed": _within(r"(?<= )[a-z]{5,}(?= )", lambda match: f"({match[0]})"),
    "slash": _within(r"(?<=[a-z]{3}) (?=[a-z]{3})", lambda _: "/"),
    "first word cut": _cut_first,
    "last word cut": _cut_last,
    "last word grown": _grown_last,
}
"""The kinds by their names."""
