"""A question from the line as typed: its words, the phrases that must occur, and the fields it names.

``"in quotation marks"`` (straight, curly or guillemets) is a phrase; ``author:Doe``, ``title:"The Northern Lights"``,
``heading:``, ``work:``, ``document:`` and ``year:1951-1953`` are filters, also where they are nearly called so (``autor:``),
which is told as a correction; everything else is words, a colon before a space included: "In what year: 1936 or 1937?"
names no field.

Authors and titles that a question names as its sources ("according to Doe") are offered as filters. A name alone is a topic
("Who arrested Doe?"); a source is one that is said to say something: a phrase of attribution stands before it, or a verb of
saying beside it. Names are looked up in an index of the collection, made once; nothing is ranked by it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from index.collection import Collection
from index.filters import FILTERS, Filters, full_name
from index.records import Work
from index.text import fold
from index.text import words as fold_words
from rag.errors import FilterInvalid
from rag.records import Correction, Question, SuggestedFilter

# Years as people write them: one, or a range.

_YEARS = re.compile(r"\s*(\d{1,4})\s*(?:[-–]\s*(\d{1,4})\s*)?")


def parse_years(value: int | str) -> tuple[int, int]:
    """The first and last year of "1936", 1936 or "1936-1938" (hyphen or en dash).

    Raises:
        FilterInvalid: it is neither, or the range runs backwards.
    """
    found = _YEARS.fullmatch(str(value))
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last:
        raise FilterInvalid(
            f"year is {value!r}", rule="a year is a number or a range, the earlier year first", remedy="write 1936 or 1936-1938"
        )
    return first, last


_OTHER_NAMES = {
    "author": "autor auteur autore auther authors автор",
    "title": "titel titre titulo título titolo tittle titles название",
    "heading": "headings kapitel überschrift chapitre capitulo capítulo capitolo chapter глава",
    "document": "documents dokument documento документ",
    "year": "years jahr année annee año ano anno год",
}
"""What fields are called in other languages or by a slip of the finger; each is told as it was read."""

_NAMED = {name: field for field, names in _OTHER_NAMES.items() for name in names.split()}
_QUOTED = r"\"[^\"“”]*\"|“[^“”\"]*”|„[^“”„]*[“”]|«[^«»]*»|»[^«»]*«|「[^「」]*」|『[^『』]*』"
_FIELD_TERM = re.compile(
    rf"(?<!\w)(?P<field>{'|'.join((*FILTERS, *_NAMED))}):(?P<value>{_QUOTED}|[^\s\"“„«»「『]+)", re.IGNORECASE
)
_PHRASE = re.compile(_QUOTED)
MOST_FILTER_WORDS = 400
"""Words that the filters of a question may have together; a condition of SQLite is a thousand deep at most."""

_MARKS = '"“”„«»「」『』'


def parse_question(text: str, filters: Filters = Filters()) -> Question:  # noqa: B008 — frozen
    """What a line asks for, within ``filters`` and those that the line names.

    Words of phrases are words too. Where a line holds fields only, their values are its words.

    Raises:
        FilterInvalid: a field has an empty value, a year is none, or there are too many.
    """
    fields = [(term["field"], _value(term)) for term in _FIELD_TERM.finditer(text)]
    named = [(_NAMED.get(name.lower(), name.lower()), value) for name, value in fields]
    misnamed = tuple(Correction(f"{name}:", f"{_NAMED[name.lower()]}:") for name, _ in fields if name.lower() in _NAMED)
    rest = _FIELD_TERM.sub(" ", text)
    phrases = tuple(phrase for quoted in _PHRASE.findall(rest) if (phrase := quoted.strip(_MARKS).strip()))
    words = " ".join(_PHRASE.sub(lambda quoted: f" {quoted.group().strip(_MARKS)} ", rest).split())
    spoken = words or " ".join(value for field, value in named if FILTERS[field].typed)
    return Question(text, spoken, phrases, within_words(_joined(filters, named)), misnamed)


def within_words(filters: Filters) -> Filters:
    """The filters as given. Raises FilterInvalid where they have more than 400 words together."""
    count = sum(len(getattr(filters, name)) for name in filters.__struct_fields__)
    count += sum(len(fold_words(value)) for name in FILTERS if FILTERS[name].kind == "words" for value in getattr(filters, name))
    if count > MOST_FILTER_WORDS:
        raise FilterInvalid(
            f"the filters have {count} words and values",
            rule=f"they have at most {MOST_FILTER_WORDS} together",
            remedy="search in several steps",
        )
    return filters


def _value(term: re.Match[str]) -> str:
    value = term["value"].strip(_MARKS).strip()
    if not value:
        raise FilterInvalid(
            f"{term['field']}: has no value",
            rule="a field is followed by its value, without a space between",
            remedy=f'write {term["field"]}:word or {term["field"]}:"several words"',
        )
    return value


def _joined(filters: Filters, named: list[tuple[str, str]]) -> Filters:
    """All that are given must hold, so a field of the line replaces no filter of another kind; of one kind any will do."""
    if not named:
        return filters
    parsed = [(name, parse_years(value) if FILTERS[name].kind == "years" else value) for name, value in named]
    return Filters(**{name: (*getattr(filters, name), *(value for each, value in parsed if each == name)) for name in FILTERS})


# What makes a name a source, in the languages that questions are mostly asked in.

_BEFORE = (
    "according to|as per|(?:quoted|cited|written|said) (?:by|in)|in the (?:words|view|opinion) of"
    "|laut|gemäß|zufolge|nach (?:ansicht|meinung|darstellung) von|zitiert (?:bei|nach|von)"
    "|selon|d['’]après|cité (?:par|dans)|écrit par|según|de acuerdo con|(?:citado|escrito) (?:por|en)"
    "|по (?:словам|мнению|утверждению)|согласно|secondo|segundo|volgens|enligt|podle"
)
"""Phrases of attribution, before the name."""

_WRITTEN_BY = (
    r"(?:accounts?|articles?|books?|chapters?|essays?|excerpts?|letters?|memoirs?|passages?|papers?|quotations?|quotes|texts?|works?"
    r"|writings?) (?:by|of|from)"
    "|(?:aufsatz|artikel|buch|bücher|stellen?|texte?|werke?|zitate?) (?:von|bei)"
    "|(?:articles?|livres?|ouvrages?|passages|textes?) (?:de|par)"
    "|(?:artículos?|libros?|obras?|pasajes|textos?) (?:de|por)|(?:книг[аеиу]|стать[яеию]|слова) "
)
"""What is by somebody: “the book by Doe”; “murdered by Doe” names no source."""

_ENGLISH = frozenset(
    "write writes wrote written say says said state states stated claim claims claimed argue argues argued describe describes "
    "described report reports reported mention mentions mentioned tell tells told explain explains explained note notes noted "
    "believe believes believed conclude concludes concluded suggest suggests suggested estimate estimates estimated quote quotes "
    "quoted cite cites cited think thinks thought maintain maintains maintained assert asserts asserted".split()
)
_OTHERS = frozenset(
    "schreibt schrieb geschrieben sagt sagte gesagt behauptet behauptete berichtet berichtete meint meinte erklärt erklärte "
    "erwähnt erwähnte beschreibt beschrieb beschrieben schildert argumentiert zitiert écrit écrivait dit disait affirme "
    "affirmait raconte décrit explique pense soutient mentionne rapporte escribe escribió escrito dice dijo dicho afirma "
    "afirmó cuenta describió explica piensa sostiene menciona пишет писал писала написал написала говорит говорил говорила "
    "сказал сказала утверждает утверждал утверждала считает считал считала описывает описал описала рассказывает объясняет "
    "упоминает сообщает".split()
)
"""Verbs of saying; those of other languages than English stand before their subject in questions, too: “Was schreibt Doe …”."""

_BELONGINGS = frozenset(
    "account accounts argument article book books chapter claim claims description essay estimate estimates figures history "
    "interpretation letter letters memoir memoirs opinion paper position study theory thesis version view views writings".split()
)
"""What belongs to an author as such, after a possessive."""

_AUXILIARIES = frozenset("did does do has had hat haben hatte".split())
_TOPIC = frozenset(map(fold, "about of on to against über zu sur de sobre о об про".split()))
"""What stands before a name that is spoken of."""

_WHO = re.compile(r"(?:who|whom|wer|wen|wem|qui|quién|quiénes|кто|кого)\b", re.IGNORECASE)
_WORD = re.compile(r"\w+(?:-\w+)*")
_ATTRIBUTED = re.compile(rf"(?:^|\W)(?:{_BEFORE}|{_WRITTEN_BY})\s*(?:the\s+)?[“”„«\"]?$", re.IGNORECASE)
_WITHIN = re.compile(r"(?:^|\W)(?:in|from|aus|dans|en|в|из)\s+[“”„«\"]?$", re.IGNORECASE)
_WITHIN_ANYTHING = re.compile(r"(?:^|\W)(?:[Ii]n|[Ff]rom|[Aa]us|[Dd]ans|[Ee]n|[Вв]|[Ии]з)\s+[“”„«\"]?[^\W\d_a-zа-я]")
_ANYWHERE = re.compile(rf"(?:^|\W)(?:{_BEFORE}|{_WRITTEN_BY})", re.IGNORECASE)
_QUOTES = '“”„«»"'
_OTHER_SAYS = frozenset(map(fold, _OTHERS))
_SAYS = frozenset(map(fold, _ENGLISH)) | _OTHER_SAYS

_LONGEST_NAME = 12
"""Words of a title that are looked up at most."""

_NEAR = 3
"""Words after a possessive among which what belongs to the author stands: “Doe’s last great book”."""


class NamedSources:
    """The authors and titles of one generation of a collection by their words; thread-safe.

    Args:
        collection: whose names; they are read when a question first needs them.
    """

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    def told(self, question: Question, *, apply: bool = False) -> Question:
        """The question with the filters by its sources: suggested, or applied."""
        found = self.suggest(question)
        if not found or not apply:
            return msgspec.structs.replace(question, suggested_filters=found) if found else question
        named = {field: tuple(each.value for each in found if each.field == field) for field in ("author", "title")}
        filters = {field: (*getattr(question.filters, field), *values) for field, values in named.items()}
        return msgspec.structs.replace(
            question, filters=msgspec.structs.replace(question.filters, **filters), applied_filters=found
        )

    def suggest(self, question: Question) -> tuple[SuggestedFilter, ...]:
        """Filters by the authors and titles that a question names as its sources, in its order; none that it has already."""
        said = _Said(question.text)
        if not said.speaks:
            return ()
        mentions = list(self._mentions(said))
        starts = {first for first, _, field, _ in mentions if field == "title"}
        # "Doe's Long History": the title begins right behind the ending of the possessive.
        owned = {
            last: {last + 1, last + 2} & starts
            for _, last, field, _ in mentions
            if field == "author" and said.is_possessive(last)
        }
        behind = set().union(*owned.values())
        found = (
            SuggestedFilter(field, value, said.typed(first, last))
            for first, last, field, value in mentions
            if said.is_source(first, last, field) or owned.get(last) or (field == "title" and first in behind)
        )
        return tuple(dict.fromkeys(each for each in found if each.value not in getattr(question.filters, each.field)))

    def _mentions(self, said: "_Said") -> Iterator[tuple[int, int, str, str]]:
        """The first and last word of each name, the filter and its value; of names within each other the longest."""
        at = 0
        while at < len(said.words):
            lengths = range(min(_LONGEST_NAME, len(said.words) - at), 0, -1)
            named = ((length, *found) for length in lengths if (found := self._names.get(tuple(said.words[at : at + length]))))
            length, field, value = next(named, (1, "", ""))
            if field and said.is_name(at, at + length):
                yield at, at + length - 1, field, value
            at += length

    @cached_property
    def _names(self) -> Mapping[tuple[str, ...], tuple[str, str]]:
        """Filter and value by the words of a name; where both fit an author goes before a title."""
        works = self._collection.works()
        return dict(_titles(works)) | dict(_authors(works))


def _titles(works: Iterable[Work]) -> Iterator[tuple[tuple[str, ...], tuple[str, str]]]:
    """Titles of several words, with and without what follows a colon: a word alone is a topic more often than a title."""
    for work in works:
        title = str(work.csl.get("title", ""))
        for named in (title, title.partition(":")[0]):
            if 1 < len(folded := tuple(fold_words(named))) <= _LONGEST_NAME:
                yield folded, ("title", named.strip())


def _authors(works: Iterable[Work]) -> Iterator[tuple[tuple[str, ...], tuple[str, str]]]:
    """Authors, or editors where there are none, by whole name and by family name."""
    for work in works:
        for name in work.csl.get("author") or work.csl.get("editor") or ():
            for named in {full_name(name), str(name.get("family", ""))}:
                if folded := tuple(fold_words(named)):
                    yield folded, ("author", named)


class _Said:
    """The words of a question, and what is said of the names among them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found = list(_WORD.finditer(text))
        self.words = [fold(match[0]) for match in self._found]
        self._asks_who = bool(_WHO.match(text.lstrip()))

    @property
    def speaks(self) -> bool:
        """Whether anything in it could make a name a source; names need not be looked up otherwise."""
        text = self._text
        by_words = not _SAYS.isdisjoint(self.words) or not _BELONGINGS.isdisjoint(self.words)
        return by_words or any(mark in text for mark in _QUOTES) or bool(_ANYWHERE.search(text) or _WITHIN_ANYTHING.search(text))

    def typed(self, first: int, last: int) -> str:
        """The words from the first to the last as they were typed."""
        return self._text[self._found[first].start() : self._found[last].end()]

    def is_name(self, start: int, end: int) -> bool:
        """Whether the words could be a name: “the great terror” is an event, “The Great Terror” may be a title."""
        typed = [match[0] for match in self._found[start:end]]
        return self._text == self._text.lower() or not typed[-1][0].islower()

    def is_source(self, first: int, last: int, field: str) -> bool:
        """Whether the name from word to word is said to say something."""
        before = self._text[: self._found[first].start()]
        if _ATTRIBUTED.search(before) or (field == "title" and (_WITHIN.search(before) or before.endswith(tuple(_QUOTES)))):
            return True
        previous = self.words[first - 1] if first else ""
        after = self.words[last + 1 :]
        if previous in _TOPIC or (self._asks_who and previous in _SAYS):
            return False
        if self.is_possessive(last):
            return not _BELONGINGS.isdisjoint(after[1 : 1 + _NEAR])
        if previous in _AUXILIARIES and not _SAYS.isdisjoint(after):
            return True
        return not _SAYS.isdisjoint(after[:2]) or previous in _OTHER_SAYS

    def is_possessive(self, last: int) -> bool:
        """Whether the word has the ending of a possessive."""
        return bool(re.match(r"['’](?:s\b)?\s", self._text[self._found[last].end() :]))
