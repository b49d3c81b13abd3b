"""Names as citations write them: "Sample, Ada Louise", "Ames and Birch", "A. L. Sample", corporate authors.

A name list is either understood whole or not at all; nothing is expanded, reordered inside a part or guessed.
"""

import re
from functools import lru_cache
from typing import Literal

import msgspec

from index.citations.words import LEXICON, is_given, sentence_breaks

CslName = dict[str, str]
Shape = Literal["inverted", "direct", "surnames", "corporate"]

PARTICLES = frozenset(
    "von van der den de del della di da dos das du la le les el al ter ten zu zur af av y bin ibn ben abu st san".split()
)
_SMALL = PARTICLES | {"and", "und", "et", "y", "with"}
_CAPITAL_PARTICLES = frozenset("Van Von De Della Del Di Da Dal Dalla Du Des Dos La Le Ten Ter Vander".split())
_SUFFIX = re.compile(r",?\s(Jr\.?|Sr\.?|I{2,3}|IV)$")
_SUFFIXES = ("Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV")
_HIDDEN_SUFFIX = re.compile(r",\s(Jr\.?|Sr\.?|I{2,3}|IV)(?=$|[,\s])")
_JOINT = re.compile(r",?\s{1,9}(?:and|&|und|et|y|with)\s+")
_OTHERS = re.compile(r",?\s{1,9}(?:et\.? al\.?|and others)(?:,?$)")
_WORD = re.compile(r"(?:[dDlL]|al-|el-|O)?[’'‘-]?[^\W\d_][^\W\d_’'‘-]*(?:[’'‘-][^\W\d_]+)*\.?$")
_INITIALS = re.compile(r"(?:[^\W\d_a-z]\.-?){1,4}$|[^\W\d_a-z]{1,3}$|[^\W\d_a-z][a-z]\.$")
_ORGANISATIONS = re.compile(
    r"\b(?:Commission|Committee|Comm(?:issariat|ittee)|Ministry|Minister|Institute|Institut|Academy|Council|Department|Government|Union|League"
    r"|Association|Society|Bureau|Office|Library|Museum|Organi[sz]ation|United Nations|Congress|Agency|Foundation|Editors|Board"
    r"|Cent(?:er|re)|Company|Corporation|Federation|Party|University|Collective|Authority|Administration|Court|Secretariat|Service"
    r"|Group|Staff|Archives?|Parliament|Senate|Embassy|Church|International|Tribunal|Comintern|Conference|Contributors|Team|Project|Network)\b"
)
_VANCOUVER = re.compile(r"[A-Z]{1,3}$|[A-Z]{2,3}\.$|(?:[A-Z]\.-?){1,3}$")
_SURNAME_FIRST = re.compile(r"[A-Z][a-z]+-[a-z]+\.?$")
_VANCOUVER_NAME = re.compile(
    r"(?P<family>[^\W\d_][\w’'-]+(?:\s[^\W\d_][\w’'-]+){0,2}) (?P<given>[A-Z]{1,3})(?:\s(?P<suffix>Jr|Sr|I{2,3}|2nd|3rd))?$"
)
_STATE = re.compile(r"(?:United (?:States|Kingdom)|Great Britain|Soviet Union|European Union|U\.S\.S\.R|USSR)(?=$|\.)")
_ONE_INITIAL = re.compile(r"[^\W\d_]\.$")
_ACRONYM = re.compile(r"[A-Z][A-Z.&-]{1,9}$")
MARKS_OF_NO_NAME = frozenset('?!“”"…/')
"""A text with one of these is no list of names."""

_MOST = 40


class Names(msgspec.Struct, frozen=True):
    """A list of names read whole; ``shape`` is that of the first, ``weight`` in (0, 4] how surely these are names."""

    people: tuple[CslName, ...]
    shape: Shape
    weight: float
    others: bool = False

    def csl(self) -> list[CslName]:
        """Fresh CSL names, safe to hand out."""
        return [dict(person) for person in self.people]


@lru_cache(maxsize=8192)
def parse_names(text: str) -> Names | None:
    """The names a text consists of, or None where it is not wholly a list of names.

    "Birch, Sidney and Beatrice" shares its surname; "et al." sets ``others`` and names nobody.
    """
    text = text.strip().rstrip(",;:")
    if not text or len(text) > 400 or text[0].isdigit() or not MARKS_OF_NO_NAME.isdisjoint(text):
        return None
    bare = _OTHERS.sub("", text) if " al" in text or "others" in text else text
    others = bare != text
    if _STATE.match(bare):
        return _state(bare)
    found = None if holds_other_words(bare) else _people(_without_last_stop(bare.rstrip(", ")))
    if found is None or (found[1] == "direct" and _is_surely_corporate(text)):
        return _corporate(text)
    people, shape, weight = found
    return Names(tuple(people), shape, weight + others, others)


def holds_other_words(text: str) -> bool:
    """Whether a text holds a word in small letters that is no part of names: then they need not be taken apart.

    Lists with initials last ("beim Graben P") are looked at all the same.
    """
    return not text.rstrip(".,")[-1:].isupper() and any(
        word.islower() and word.isalpha() and word not in _SMALL for word in text.split()
    )


def _state(text: str) -> Names | None:
    """A state, and the bodies of it that follow ("United States. Congress. House. Committee on Canals"), as one name."""
    name = text.rstrip(". ")
    bodies = name.split(". ")[1:]
    if not all(_ORGANISATIONS.search(body) or re.fullmatch(r"House|Parliament|Army|Navy", body) for body in bodies):
        return None
    return Names(({"literal": name},), "corporate", 2.0 + 0.1 * len(bodies))


def _without_last_stop(text: str) -> str:
    """A list of names without the full stop that ends it; that of an initial or of "Jr." stays."""
    last = text.rsplit(maxsplit=1)[-1] if text.split() else ""
    return text if _is_initials(last) or last in ("Jr.", "Sr.") else text.rstrip(".")


def _is_surely_corporate(text: str) -> bool:
    """Whether what is shaped like a person's name is an organisation's: "National Security Archive", but not "Robert Court"."""
    first = text.split(maxsplit=1)[0]
    return not is_given(first) and not _ONE_INITIAL.match(first) and _ORGANISATIONS.search(text) is not None


def _people(text: str) -> tuple[list[CslName], Shape, float] | None:
    groups = _JOINT.split(text)
    if len(groups) > _MOST or not all(groups):
        return None
    pieces = [part.strip() for part in (_hide_suffixes(groups[0])).replace(";", ",").split(",")]
    if any(not piece for piece in pieces):
        return None
    if (
        len(groups) == 1
        and len(pieces) > 1
        and all(_VANCOUVER_NAME.match(piece) for piece in (*pieces[:-1], pieces[-1].rstrip(".")))
    ):
        return [_vancouver(piece.rstrip(".")) for piece in pieces], "inverted", 3.0
    last = groups[1:]
    if len(last) > 1 and (whole := _each_inverted(groups)):
        return whole, "inverted", 3.5
    if len(pieces) == 1 and not last:
        return _one(pieces[0])
    if (
        len(pieces) == 1
        or (last and len(pieces) > 1 and not _is_family(pieces[0]))
        or _are_whole_names(pieces, joined=bool(last))
    ):
        return _plain_list([*pieces, *(part for group in last for part in group.split(", "))])
    if last and all(_is_family(piece) and " " not in piece for piece in [*pieces, *last]) and not is_given(pieces[1]):
        return _surnames([*pieces, *last]) if not _is_initials(pieces[1]) else None
    return _inverted_list(pieces, last)


def _each_inverted(groups: list[str]) -> list[CslName]:
    """Names that all stand surname first with "and" between them, as BibTeX writes them; empty where one does not."""
    pairs = [_hide_suffixes(group).split(", ") for group in groups]
    people = [_inverted_name(pair[0], pair[1]) if len(pair) == 2 else None for pair in pairs]
    return [person for person in people if person is not None] if all(people) else []


def _inverted_name(family: str, given: str) -> CslName | None:
    return _with_suffix(family, given) if _is_family(family) and _is_given_part(given) else None


def _are_whole_names(pieces: list[str], *, joined: bool) -> bool:
    """Whether names in direct order stand between commas ("Sven Holt, Kathleen Ann Thorn"): then none is turned round.

    Where "and" joins another name, they do unless the second piece is all given names ("García Ruiz, Anna L., and …").
    """
    words = [piece.split() for piece in pieces]
    if len(pieces) < 2 or not all(len(name) > 1 for name in words):
        return False
    if all(is_given(name[0]) for name in words[:2]):
        return True
    second = [word for word in words[1] if not _is_initials(word)]
    return joined and not _is_initials(words[1][-1]) and not all(is_given(word) for word in second)


def _vancouver(text: str) -> CslName:
    found = _VANCOUVER_NAME.match(text)
    assert found is not None, "only what matches comes here"  # noqa: S101 - checked by the caller
    return {name: value for name, value in found.groupdict().items() if value}


def _one(text: str) -> tuple[list[CslName], Shape, float] | None:
    person = _direct(text)
    if person is None:
        return None
    if "given" not in person:
        return [person], "surnames", 1.0
    return [person], "direct", _direct_weight(person)


def _direct_weight(person: CslName) -> float:
    first = person["given"].split()[0]
    if is_given(first.rstrip(".")):
        return 2.5
    return 2.2 if _is_initials(person["given"].split()[-1]) or _is_initials(first) else 1.2


def _plain_list(parts: list[str]) -> tuple[list[CslName], Shape, float] | None:
    people = [_direct(part.strip()) for part in parts]
    named = [person for person in people if person is not None]
    if len(named) == len(parts) == 2 and "given" not in named[0] and is_given(named[0]["family"]) and "given" in named[1]:
        named[0] = {"family": named[1]["family"], "given": named[0]["family"]}
    if len(named) != len(parts):
        return None
    if all("given" not in person for person in named):
        return named, "surnames", 1.8
    return named, "direct", max(_direct_weight(person) for person in named if "given" in person) + 0.3


def _surnames(parts: list[str]) -> tuple[list[CslName], Shape, float] | None:
    return [{"family": part} for part in parts], "surnames", 1.8


def _inverted_list(pieces: list[str], last: list[str]) -> tuple[list[CslName], Shape, float] | None:
    people: list[CslName] = []
    rest = list(pieces)
    while rest:
        person = _inverted(rest, first=not people) if len(rest) > 1 else None
        if person is not None:
            rest = rest[2:]
        else:
            person = _direct(rest.pop(0))
            if person is None or not people or "given" not in person:
                return None
        people.append(person)
    for group in last:
        parts = [part.strip() for part in _hide_suffixes(group).split(",")]
        person = _inverted(parts, first=False) if len(parts) == 2 else _direct(group) if len(parts) == 1 else None
        if person is None:
            return None
        if "given" not in person and not is_given(person["family"]) and not is_given(people[0].get("given", "").split(" ")[0]):
            return None  # "Edith Crane, Mud and Mercy" goes on with a title
        if "given" not in person and is_given(person["family"]) and len(people) == 1:
            person = {"family": people[0]["family"], "given": person["family"]}
        people.append(person)
    given = people[0].get("given")
    if given and _may_be_title(people[0]["family"], given):
        return people, "inverted", 1.1
    return (people, "inverted", 3.0 + 0.1 * min(4, len(given.split()))) if given else None


def _may_be_title(family: str, given: str) -> bool:
    """Whether an inverted name may be a name and the first words of a title ("Nora Weir, Canal Days"): then it is a weak one."""
    words = given.split()
    strange = len(words) > 1 and not any(is_given(word) or _is_initials(word) for word in words)
    return strange and " " in family and not any(word in PARTICLES for word in family.lower().split())


def _inverted(pieces: list[str], *, first: bool) -> CslName | None:
    family, given = pieces[0], pieces[1]
    if first and " " in family and is_given(family.split(maxsplit=1)[0]):
        return None
    if not _is_family(family) or not (_is_given_part(given) if first else _is_initials_only(given)):
        return None
    return _with_suffix(family, given)


def _with_suffix(family: str, given: str) -> CslName:
    given, suffix = _show_suffix(given)
    words = given.split()
    words[-1] = words[-1].rstrip(".") if words[-1].rstrip(".").lower() in PARTICLES and words[-1].islower() else words[-1]
    dropped = len(words)
    while dropped > 1 and words[dropped - 1].lower() in PARTICLES and words[dropped - 1].islower():
        dropped -= 1
    person = {"family": family, "given": _without_stop(" ".join(words[:dropped]))}
    if dropped < len(words):
        person["dropping-particle"] = " ".join(words[dropped:])
    if suffix:
        person["suffix"] = suffix
    return person


def _without_stop(given: str) -> str:
    """A given name without the full stop that ends the name list; that of an initial stays."""
    return given if _is_initials(given.rsplit(maxsplit=1)[-1]) else given.rstrip(".")


def _direct(text: str) -> CslName | None:
    text, suffix = _show_suffix(_hide_suffixes(text))
    words = text.split()
    if not words or len(words) > 7 or not all(_is_name_word(word) for word in words):
        return None
    capitals = _SURNAME_IN_CAPITALS.match(text)
    if capitals and not is_given(words[0]) and not _is_initials(words[0]) and not capitals["given"].isupper():
        return {"family": capitals["family"], "given": capitals["given"]}
    start = _start_of_family(words)
    if len(words) == 2 and _VANCOUVER.match(words[1]) and not (_is_initials(words[0]) or is_given(words[0])):
        return {"family": words[0], "given": words[1].rstrip(".") if words[1][1:2] != "." else words[1]}
    if len(words) == 2 and _SURNAME_FIRST.match(words[1]) and not is_given(words[0]):
        return {"family": words[0], "given": words[1].rstrip(".")}
    if _is_initials(words[-1]) and len(words) > 1 and words[-1].endswith("."):
        return None
    if start == 0 and words[-1].islower():
        return None
    family = " ".join(words[start:])
    if any(word.endswith(".") and not _is_initials(word) and word.lower() != "st." for word in words[:start]):
        return None
    person = {"family": family.rstrip(".") if not _is_initials(words[-1]) else family}
    if start:
        person["given"] = " ".join(words[:start])
    if suffix:
        person["suffix"] = suffix
    return person


def _start_of_family(words: list[str]) -> int:
    """Where a surname begins: at its first particle ("Iohannes de Sacro Bosco"), capital ones before its last words included."""
    start = next((place for place, word in enumerate(words[1:], 1) if word.islower() and word in PARTICLES), len(words) - 1)
    while start > 1 and words[start - 1] in _CAPITAL_PARTICLES:
        start -= 1
    return 0 if start == 1 and words[0].islower() and words[0] in PARTICLES else start


def _is_family(text: str) -> bool:
    words = text.split()
    return (
        0 < len(words) <= 4 and all(_is_name_word(word) and not word.endswith(".") for word in words) and not words[-1].islower()
    )


def _is_given_part(text: str) -> bool:
    words = _show_suffix(text)[0].split()
    if not 0 < len(words) <= 5 or not words[0][0].isupper():
        return False
    if not all(_is_name_word(word) for word in words):
        return False
    if any(word.endswith(".") and not _is_initials(word) for word in words[:-1]):
        return False
    return not _goes_on_after_initials(words)


def _goes_on_after_initials(words: list[str]) -> bool:
    """Whether a name follows an initial that follows a name: "David M. Newton" is a word too long, "J. Arch" is not."""
    initials = [_is_initials(word) for word in words]
    first = initials.index(True) if True in initials else len(words)
    later = [word for word, initial in zip(words[first:], initials[first:], strict=True) if not initial and not word.islower()]
    return bool(later) and (first > 0 or len(later) > 1)


def _is_initials_only(text: str) -> bool:
    return all(_is_initials(word) for word in _show_suffix(text)[0].split()) and bool(text)


def _is_initials(word: str) -> bool:
    return not (len(word) > 3 and word.isalpha()) and _INITIALS.match(word) is not None


def _is_name_word(word: str) -> bool:
    if word.islower():
        return word.rstrip(".") in PARTICLES
    if len(word) > 3 and word.isalpha():
        return word.casefold() not in LEXICON.not_in_names
    return (_WORD.match(word) is not None and word.casefold().rstrip(".") not in LEXICON.not_in_names) or _is_initials(word)


def _hide_suffixes(text: str) -> str:
    return _HIDDEN_SUFFIX.sub(r" \1", text) if _has_suffix(text) else text


def _has_suffix(text: str) -> bool:
    return ", " in text and any(suffix in text for suffix in ("Jr", "Sr", "II", "IV"))


def _show_suffix(text: str) -> tuple[str, str]:
    found = _SUFFIX.search(text) if text.endswith(_SUFFIXES) else None
    return (text[: found.start()], found[1]) if found else (text, "")


def _corporate(text: str) -> Names | None:
    name = text.rstrip(". ") if not text.endswith((".)", "P.", "S.", "R.", "N.")) else text
    words = name.split()
    if len(words) == 1 and _ACRONYM.match(name):
        return Names(({"literal": name},), "corporate", 1.6)
    if not words or not words[0][0].isupper() or len(words) > 16 or ":" in name or words[0].casefold() in LEXICON.heads_of_titles:
        return None
    organisation = _ORGANISATIONS.search(name)
    if not organisation or any(True for _ in sentence_breaks(name)):
        return None
    near_the_start = len(name[: organisation.start()].split()) <= 2
    return Names(({"literal": name},), "corporate", 1.5 if near_the_start and len(words) > 1 else 0.6)


_ROLE = (
    r"(?:eds?|editors?|edited|hrsg|hgg?|herausgegeben|dirs?|éds?|coords?|comps?|compiled|red|trans|transl|tr|translators?|translated"
    r"|übers|übersetzt|trad|traduit|ред|пер)"
)
_ROLE_ENDINGS = tuple(
    "ed eds editor editors edited hrsg hg hgg herausgegeben dir dirs éd éds coord coords comp comps compiled red trans transl tr"
    " translator translators translated übers übersetzt trad traduit ред пер di".split()
)
_ROLE_BEFORE = re.compile(
    rf"^\W*(?:(?:and|&|und|et)\s)?(?:{_ROLE}\.?(?:\s?(?:,|and|&|und|/)\s?{_ROLE}\.?)*(?:\s(?:by|von|par|di|de|por))?"
    r"|a cura di|под ред\.|aus de[mn]?\.? \w+ (?:übers\. |übersetzt )?vo?n?\.?"
    r"|(?:traduit|traduzione|traducción) (?:de |del? )?(?:l[’']\w+ )?(?:par|di|de)):?\s+",
    re.IGNORECASE,
)
_ROLE_AFTER = re.compile(
    rf"(?:(?<![\s,.])[\s,.]++)?[(\[]?(?<![^\W_])(?:{_ROLE}\.?(?:\s?(?:,|and|&|und|/)\s?{_ROLE}\.?){{0,5}}|a cura di)[)\]]?"
    r"[\s,.:;]*$",
    re.IGNORECASE,
)
_SURNAME_IN_CAPITALS = re.compile(
    r"(?P<family>[^\W\d_a-z]{2,}+(?:[ '’-][^\W\d_a-z]{2,}+)*),?\s+(?P<given>[^\W\d_a-z][\w.’'-]*(?:\s[\w.’'-]+){0,8})$"
)
_BRACKETED_GIVEN = re.compile(r"(?P<family>[^(),]+?),?\s\((?P<given>[^()]{1,30})\)$")
_INITIALS_LAST = re.compile(
    r"(?P<family>[^\W\d_a-z][\w’'-]+(?:\s[^\W\d_a-z][\w’'-]+)?),?\s(?P<given>(?:[^\W\d_a-z]\.[\s-]?){1,4})$"
)
_LIST = re.compile(r"(?:(?<!\s)\s++)?[;/]\s*|、|,\s++(?=[^\W\d_a-z]{3,}[\s,(])")
_LAST = re.compile(r"(?:[,;]|(?<!\s))\s++(?:and|&|und|et|e|y|и)\s+")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,8}$")


def read_people(text: str) -> list[CslName]:
    """The names of a text known to name people, with or without words for their role; empty where they cannot be told apart."""
    text = _ROLE_BEFORE.sub("", text)
    text = (_ROLE_AFTER.sub("", text) if _may_end_in_role(text) else text).strip(" ,;:()[]，：。")
    text = _OTHERS.sub("", text).rstrip(" ,;:")
    one = _bracketed_or_capitals(text)
    if one is not None:
        return [one]
    names = parse_names(text)
    if names is not None:
        return names.csl()
    people = [_listed(piece) for part in _LAST.split(text) for piece in _LIST.split(part) if piece.strip(" ,")]
    return [person for person in people if person is not None] if all(people) else []


def _may_end_in_role(text: str) -> bool:
    """Whether the last word is one for a role, which is cheaper to see than to search for."""
    last = text.rstrip(" ,.:;)]").rpartition(" ")[2].casefold()
    return last.endswith(_ROLE_ENDINGS)


def _listed(text: str) -> CslName | None:
    text = text.strip(" ,")
    names = parse_names(text)
    return _bracketed_or_capitals(text) or (dict(names.people[0]) if names is not None and len(names.people) == 1 else None)


def _bracketed_or_capitals(text: str) -> CslName | None:
    """One name as French, Italian and Russian references set it: "AMES Sarah", "ALY (M.I.)", "Иванов П. С."."""
    if _HAN.match(text):
        return {"literal": text}
    found = _BRACKETED_GIVEN.match(text) or _SURNAME_IN_CAPITALS.match(text) or _INITIALS_LAST.match(text)
    if found is None or (found["given"].isupper() and "." not in found["given"] and len(found["given"]) > 3):
        return None
    return {"family": found["family"].strip(" ,"), "given": found["given"].strip()}
