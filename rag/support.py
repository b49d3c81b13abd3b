"""Judges whether a passage says what a sentence says, by signals that need no model: numbers, names, negation, shared words.

``contradicted`` says that a number, a name or a negation of the sentence disagrees with the one place of the passage that
speaks of the same thing; ``supported`` that nothing disagrees and nearly all its words stand there. All else is ``unclear``.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from operator import itemgetter

import msgspec
import regex

from index.function_words import FUNCTION_WORDS
from index.records import Excerpt
from rag.answer_tree import UNJUDGED, Support
from rag.quotes.match import negation_in, sentence_ends

SAME_THING = 0.6
"""From this share of a sentence's content words on, a place of the passage is taken to speak of the same thing."""

SAME_WORDS = 0.75
"""From this share on a negation that stands on one side only is a contradiction; below it other words may carry it."""

SUPPORTED = 0.8
_FEWEST = 3
_NEAR = 4
"""A negation bears on words at most so far behind it."""

_LONGEST = 6000
"""So many characters of a passage are looked through."""

_NUMBER = regex.compile(
    r"(?<![\p{L}\d])(?:\d{1,3}(?:[,\u00a0\u2009\u202f ]\d{3})+|\d+)(?:[.]\d+)?(?:st|nd|rd|th|s)?(?![\p{L}\d])"
)
_WORD = regex.compile(r"[\p{L}\p{M}]+(?:[’'][\p{L}]+)*")
_COUNTED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
).split()
_OTHER_NUMBERS = (
    "thirty=30 forty=40 fifty=50 sixty=60 seventy=70 eighty=80 ninety=90 hundred=100 dozen=12 twice=2 once=1 first=1 second=2 "
    "third=3 fourth=4 fifth=5"
).split()
_SPELLED = {word: str(number) for number, word in enumerate(_COUNTED)} | dict(pair.split("=") for pair in _OTHER_NUMBERS)
_UNSURE_NUMBERS = frozenset({"1", "2", "3", "100"})
"""Small numbers that a text often gives in other words ("both", "a", "the first")."""

_NO_CONTENT = FUNCTION_WORDS["en"] | _SPELLED.keys()

_MONTHS = frozenset("january february march april may june july august september october november december".split())
_NOT_ONLY = regex.compile(
    r"\b(?:not (?:only|until|just|merely)|no (?:longer|more than|less than|fewer than|doubt|sooner)|nothing but|cannot but"
    r"|without)\b",
    regex.IGNORECASE,
)
_OPPOSITES = (
    "increase decrease, rise fall, rose fell, before after, more less, more fewer, above below, first last, win "
    "lose, won lost, accept reject, accepted rejected, approve reject, approved rejected, allow forbid, allowed "
    "banned, north south, east west, northern southern, eastern western, higher lower, highest lowest, largest "
    "smallest, begin end, began ended, always never, all none, increased decreased, effective ineffective, positive "
    "negative, possible impossible, legal illegal, older younger, oldest youngest, male female, strong weak, early "
    "late, earlier later"
).split(", ")
_OPPOSITE = {left: right for pair in _OPPOSITES for left, right in [pair.split(), pair.split()[::-1]]}


_REPORTING = frozenset(
    "accord say said write wrote report tell told stat claim argu not add describ explain passag text author sourc".split()
)
"""Stems of words by which an answer says whose words it tells."""


class _Told:
    """What a text tells: its content words in order, by stem, its numbers, its names, and the word by which it negates.

    ``begins`` says that its first word has a capital because it is the first. Each part is read when it is first asked for: of
    most sentences of a passage only the stems are.
    """

    def __init__(self, text: str, *, begins: bool) -> None:
        self.text = text
        self._begins = begins

    @cached_property
    def words(self) -> frozenset[str]:
        """All words, in lower case."""
        return frozenset(_WORD.findall(self.text.lower()))

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of its content words."""
        return frozenset(_stem(word) for word in self.words - _NO_CONTENT if len(word) > 1)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Its numbers, in digits."""
        digits = {_number(written) for written in _NUMBER.findall(self.text)}
        return frozenset(digits | {_SPELLED[word] for word in self.words & _SPELLED.keys()})

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """Stems and numbers in order."""
        words = [(match[0].lower(), match.start()) for match in _WORD.finditer(self.text)]
        content = [(_stem(word), at) for word, at in words if len(word) > 1 and word not in _NO_CONTENT]
        digits = [(_number(match[0]), match.start()) for match in _NUMBER.finditer(self.text)]
        spelled = [(_SPELLED[word], at) for word, at in words if word in _SPELLED]
        return tuple(token for token, _ in sorted([*content, *digits, *spelled], key=itemgetter(1)))

    @cached_property
    def names(self) -> frozenset[str]:
        """The stems of words with a capital that does not come from where they stand."""
        written = _WORD.findall(self.text)
        counted = written[1:] if self._begins and written and written[0].lower() not in _MONTHS else written
        named = {word.lower() for word in counted if word[0].isupper() and len(word) > 2}
        return frozenset(map(_stem, named - FUNCTION_WORDS["en"])) - {""}

    @cached_property
    def negation(self) -> str:
        """Its first word of negation, or ""."""
        return negation_in(_NOT_ONLY.sub(" ", self.text))


def judge_support(said: str, passages: Sequence[Excerpt]) -> Support:
    """Judges one sentence by the passages that it cites; what one of them bears out, another need not."""
    if not passages:
        return UNJUDGED
    judged = [_judge(said, excerpt.text[:_LONGEST], _around(excerpt)) for excerpt in passages]
    best = next((each for each in judged if each.verdict == "supported"), None)
    if best is not None or len(judged) == 1:
        return best or judged[0]
    against = [each for each in judged if each.verdict == "contradicted"]
    return against[0] if len(against) == len(judged) else msgspec.structs.replace(judged[0], verdict="unclear")


def says(said: str, words: str) -> bool:
    """Whether a text has every content word and number of some words, of which there is at least one."""
    told, asked = _told(said, begins=False), _told(words, begins=False)
    wanted = asked.stems | asked.numbers
    return bool(wanted) and wanted <= told.stems | told.numbers


def _around(excerpt: Excerpt) -> str:
    """What names the passage: an answer may speak of it."""
    return " ".join([*excerpt.headings, excerpt.citation.raw if excerpt.citation else ""])


def _judge(said: str, passage: str, around: str) -> Support:
    told, whole, named = _told(said, begins=True), _told(passage, begins=False), _told(around, begins=False)
    said_itself = told.stems - _REPORTING
    own = said_itself - named.stems if len(said_itself - named.stems) >= _FEWEST else said_itself
    if len(own) < _FEWEST:
        return UNJUDGED
    place, share = max(((each, len(own & each.stems) / len(own)) for each in _places(passage)), key=lambda pair: pair[1])
    reasons = list(_disagreements(told, place, whole, named, share)) if share >= SAME_THING else []
    if reasons:
        return Support("contradicted", tuple(reasons))
    missing = (told.numbers and told.numbers - whole.numbers - named.numbers) | (
        told.names and told.names - whole.stems - named.stems - whole.names - named.names
    )
    if missing:
        return Support("unclear", tuple(f"the passage has no {each}" for each in sorted(missing)))
    if share >= SUPPORTED and bool(told.negation) == bool(_negation_of(place, told.stems)):
        return Support("supported", (f"{share:.0%} of its words stand in one place of the passage",))
    return Support("unclear", (f"{share:.0%} of its words stand in one place of the passage",))


def _disagreements(told: _Told, place: _Told, whole: _Told, named: _Told, share: float) -> Iterator[str]:
    """Numbers, names, negations and opposites of a sentence that are not those of the place that speaks of the same thing."""
    numbers = told.numbers and told.numbers - whole.numbers - named.numbers - _UNSURE_NUMBERS
    for number, other in _in_place_of(told, place, numbers, place.numbers - told.numbers):
        yield f"the passage says {other} where this says {number}"
    names = told.names and told.names - whole.names - whole.stems - named.names - named.stems
    for name, other in _in_place_of(told, place, names, place.names - told.names - told.stems):
        yield f"the passage names {other} where this names {name}"
    if share >= SAME_WORDS and told.negation and not place.negation:
        yield f"this says “{told.negation}”, the passage does not"
    if share >= SAME_WORDS and not told.negation and (negation := _negation_of(place, told.stems)):
        yield f"the passage says “{negation}”"
    if share >= SAME_WORDS:
        for word in sorted(told.words - place.words):
            if (opposite := _OPPOSITE.get(word)) and opposite in place.words and opposite not in told.words:
                yield f"the passage says {opposite} where this says {word}"


def _negation_of(place: _Told, stems: frozenset[str]) -> str:
    """The negation of a place that stands among these words and right before one of them; one elsewhere is another's."""
    words = _WORD.findall(_NOT_ONLY.sub(" ", place.text)) if place.negation else []
    shared = [at for at, word in enumerate(words) if _stem(word.lower()) in stems]
    for at, word in enumerate(words):
        if (
            shared
            and shared[0] - _NEAR <= at <= shared[-1]
            and any(at < other <= at + _NEAR for other in shared)
            and negation_in(word)
        ):
            return str(word.lower())
    return ""


def _in_place_of(told: _Told, place: _Told, ours: frozenset[str], theirs: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Of these words each with one of the others that stands between the same words of the passage, as far as there are any."""
    for at, word in enumerate(told.tokens if ours and theirs else ()):
        if word in ours:
            before, after = _beside(told.tokens, at, ours)
            found = (
                other
                for there, other in enumerate(place.tokens)
                if other in theirs and _alike((before, after), _beside(place.tokens, there, theirs))
            )
            if (other := next(found, None)) is not None:
                yield word, other


def _beside(tokens: Sequence[str], at: int, passed_over: frozenset[str]) -> tuple[list[str], list[str]]:
    """The two words before and the two after a place, but for others that are looked for, too."""
    before = [token for token in tokens[max(0, at - 5) : at] if token not in passed_over][-2:]
    after = [token for token in tokens[at + 1 : at + 6] if token not in passed_over][:2]
    return before, after


def _alike(ours: tuple[list[str], list[str]], theirs: tuple[list[str], list[str]]) -> bool:
    """Whether two places have a neighbour in common on either side, or the nearest two on one."""
    before, after = (set(left) & set(right) for left, right in zip(ours, theirs, strict=True))
    edge = not theirs[0] or not theirs[1] or not ours[0] or not ours[1]
    return bool(before and after) or len(before) == 2 or len(after) == 2 or (edge and bool(before or after))


@lru_cache(maxsize=64)
def _places(passage: str) -> tuple[_Told, ...]:
    """Every sentence of a passage."""
    ends = [0, *(at for at in sentence_ends(passage, 0, len(passage)) if 0 < at < len(passage)), len(passage)]
    texts = [passage[start:end] for start, end in pairwise(ends) if passage[start:end].strip()]
    return tuple(_Told(text, begins=True) for text in texts) or (_Told(passage, begins=True),)


@lru_cache(maxsize=128)
def _told(text: str, *, begins: bool) -> _Told:
    return _Told(text, begins=begins)


def _number(written: str) -> str:
    digits = regex.sub(r"[,   ]|(?:st|nd|rd|th|s)$", "", written)
    return digits.lstrip("0") or "0"


_GENITIVE = regex.compile(r"[’']s?$")


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    word = _GENITIVE.sub("", word)
    for ending, least in (
        ("ations", 4),
        ("ation", 4),
        ("ings", 4),
        ("ing", 4),
        ("edly", 4),
        ("ies", 3),
        ("ed", 4),
        ("es", 4),
        ("ly", 4),
        ("s", 3),
        ("e", 4),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith("ss"):
            return word[: -len(ending)]
    return word
