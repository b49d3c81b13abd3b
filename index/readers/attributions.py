"""Attributions as people write them beside a passage: how much a line looks like one, and what it says.

The citation grammar scores and parses citation lines; this module adds the forms that notebooks, exports and card files use:
a dash and a name, "Title by Somebody", "Title (Last, First)", cards of debaters, citekeys, links of reference managers, and
lines that only say where ("p. 14", "Location 210").
"""

import re
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from index.citations.locators import expand_pages
from index.citations.parse import parse_citation
from index.citations.people import parse_names
from index.citations.recognise import citation_score
from index.citations.words import is_given, prose_weight
from index.records import Citation, CslItem, Locator

LIKELY = 0.5
"""From this likeness on a line is an attribution wherever it stands."""

WEAK = 0.2
"""From this likeness on a line is an attribution where the document puts its attributions."""

LONGEST = 500
_DASH = re.compile(r"^\W{0,2}?(?:[—–―]+|-{1,3}|~)\s*(?=[\w“\"'‘«*_\[(])")
_WORD = (
    r"(?:[^\W\d_a-z][\w.'’\-]*|(?:de|del|della|di|da|du|des|von|van|der|den|la|le|of|the|al|bin|ibn|y|e|ten|ter|zu|st\.?)\b"
    r"|d’|d')"
)
_NAME = re.compile(rf"(?:(?:attributed to|after|from|ascribed to) )?{_WORD}(?:(?:,? (?:and|und|et|y|&))? {_WORD}){{0,7}}")
_AFTER_NAME = re.compile(r"\s*(?:$|[,.:;(\[“\"«*_—–-]|\bin\b)")
_CARD = re.compile(
    r"(?P<surname>[^\W\d_a-z][\w'’\-]+(?:,? (?:and|&|et al\.?|[^\W\d_a-z][\w'’\-]+)){0,4}),? "
    r"[’'‘]?(?P<year>\d{2}|\d{4})\b\s*+(?:(?:[,:]\s*+)?[\[({]|[—–-]{1,2} )"
)
_BY = re.compile(
    r"(?P<title>\S.{0,150}?),?\s+(?:by|von|par|por|di|av|door)\s+(?P<name>[^,;()\[\]]{3,80}?)"
    r"(?P<rest>(?:[,.]?\s*[(\[]?(?:c\. ?)?\d{4}[)\]]?|\s*[,(\[][^()\[\]]{0,80}[)\]]?)*)[.:]?$"
)
_IN_BRACKETS = re.compile(r"(?P<title>\S.{0,200}?)\s*\((?P<name>[^()]{3,100})\)$")
_CITEKEY = re.compile(r"\[?-?@(?P<key>[\w][\w:.#$%&+?<>~/-]*)(?:,?\s*(?P<where>[^\]@;]*))?\]?[.]?$")
_PARENTHESIS_OF_LINKS = re.compile(
    r"\(?\[\(?(?P<words>[^\[\]]+?)\)?\]\((?P<address>[^()\s]+)\)\)?(?:\s*\(\[[^\[\]]*\]\([^()\s]+\)\))*[.]?$"
)
_PASSAGE = re.compile(r"[,.]? (?P<value>(?:[IVXLCDM]+|\d{1,3})(?:\.\d{1,4}){1,3}[a-z]?)(?P<close>[.)\]]*)$")
_NOTE_SIGNS = re.compile(r"(?<=[\w.)”\"])[*†‡]+$")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
_LABELLED = re.compile(
    r"\b(?:pp?|vol|col|cols|no|nos|ch|chap|chapter|bk|book|box|folder|fol|ff|sec|section|art|canto"
    r"|act|scene|letter|line|vv?|s|t)\.? ?"
    r"(?:\d|[ivxlc]+\b)|§|¶",
    re.IGNORECASE,
)
_HOLDING = re.compile(
    r"\b(?:Papers|Library|Archives?|Collection|Hansard|Ms|MS|MSS|Works|Speech|Address|Letter|Interview|Testimony|Sermon|Parliament"
    r"|House of|Congress|Senate)\b|\b(?:edn|ed\.|trans\.)"
)
_WORDS = re.compile(r"[^\W\d_]{4,}")
_PROSE_END = re.compile(r"(?<![a-z])[a-z]{2,}[.!?…]+[”\"’]?$")
_WHERE = re.compile(
    r"\W{0,3}(?:(?:from|see|at|on|ibid\.?,?)\s+)?"
    r"(?:(?P<chapter>ch(?:apter|ap)?\.?|kap(?:itel)?\.?|capítulo|chapitre|book|part|section|sec\.?|§)\s*[\divxlc]+(?:\.\d+)*\W{1,4})?"
    r"(?:(?P<label>pages?|pgs?\.?|pp?\.?|seiten?|s\.|página|páginas|pág\.?|pagina"
    r"|loc(?:ation)?s?\.?|pos(?:ition|ición|ição)?\.?|kindle locations?"
    r"|fols?\.?|ff\.|folio|columns?|cols?\.?|lines?|ll?\.|verses?|vv?\.|§+|no\.|ch(?:apter|ap)?\.?|section|sec\.?|paras?\.?|paragraph)\s*)"
    r"(?P<value>(?:\d+[a-z]?|[ivxlc]+)(?:\s*[-–—,]\s*(?:\d+[a-z]?|[ivxlc]+))*(?:ff?\.?)?)\W{0,4}$",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\W{0,3}(?:ibid(?:em)?|id(?:em)?|(?:the )?same(?: source| book| work| author)?|ditto"
    r"|op\. ?cit|loc\. ?cit|ebd|ebenda|a\. ?a\. ?O)\b\.?"
    r"(?P<rest>.{0,40})$",
    re.IGNORECASE,
)
_LOCATING = frozenset(
    "at p pp page pages s seite seiten ch chap chapter kap vol vols bd bk book no nr n note notes anm sec section para par l ll "
    "line lines loc location col cols fol f ff fig and und et u sq sqq passim".split()
)
_PLACE_WORD = re.compile(r"[^\W_0-9]*+[0-9][^\W_]*+|[ivxlcdm]+", re.IGNORECASE)
"""A word of a locator that is no label: it has a digit, or is a roman number."""
_BACK_AUTHOR = re.compile(r"\W{0,3}(?P<name>[^\W\d_a-z][^,;]{1,60}?),? (?:op|loc)\. ?cit\.?(?P<rest>.{0,40})$")
_EMPHASISED = re.compile(r"(?<![\w*_])(?:\*{1,3}|_{1,3})(?P<words>[^*_\s](?:[^*_]*[^*_\s])?)(?:\*{1,3}|_{1,3})(?![\w*_])")
_LINK = re.compile(r"!?\[\[(?:[^\[\]|]*\|)?([^\[\]]+)\]\]|!?\[([^\[\]]*)\]\([^()\s]*\)")
_TAGS = re.compile(r"<[^<>]{1,200}>")
_ESCAPES = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_TRAILING_REMARK = re.compile(
    r"(?:(?<!\s)\s++)?(?:\((?:no link|link|source|pdf|web|online)\)\s*+)?(?:[-–—:]\s*+)?$", re.IGNORECASE
)
_LABELS = {
    "p": "page",
    "s": "page",
    "loc": "location",
    "pos": "location",
    "kin": "location",
    "f": "folio",
    "col": "column",
    "l": "line",
    "v": "verse",
    "§": "section",
    "n": "number",
    "ch": "chapter",
    "sec": "section",
    "par": "paragraph",
}
_CENTURY = 100
_CAPITALISED = 0.6
_MOST_WORDS = 45


class Place(msgspec.Struct, frozen=True):
    """What a line says that only says where: a locator, whose work stands elsewhere."""

    locator: Locator


def bare(line: str) -> str:
    """A line without emphasis, links, tags and escapes, white space squeezed; for judging and parsing only."""
    line = _ESCAPES.sub("", _TAGS.sub(" ", _LINK.sub(lambda found: found[1] or found[2] or "", line)))
    for _ in range(2):  # emphasis within emphasis
        line = _EMPHASISED.sub(lambda found: found["words"], line)
    return " ".join(line.split())


def likeness(line: str) -> float:
    """How much a bare line looks like an attribution, in [0, 1]."""
    if not line or len(line) > LONGEST:
        return 0.0
    score = citation_score(line)
    if score >= LIKELY:
        return score
    return max(score, _dashed(line), _card(line), _weak(line))


def is_back_reference(line: str) -> bool:
    """Whether a bare line points at the citation before it: "Ibid., 58", "the same, p. 3", "Ames, op. cit., p. 12"."""
    found = (_BACK.match(line) or _BACK_AUTHOR.match(line)) if len(line) <= _CENTURY else None
    return found is not None and _only_locates(found["rest"])


def _only_locates(rest: str) -> bool:
    """Whether what follows the reference names a place and says nothing: "Ibid. and its cousins" is a heading."""
    return all(word.casefold() in _LOCATING or _PLACE_WORD.fullmatch(word) for word in re.findall(r"[^\W_]+", rest))


def is_card(line: str) -> bool:
    """Whether a bare line is the head of a debater's card: "Ames 51 [Sarah Ames, …]"."""
    return _card(line) > 0


def is_name(line: str) -> bool:
    """Whether a bare line is nothing but a person's name of two to four words."""
    if not 2 <= len(line.split()) <= 4 or not _NAME.fullmatch(line) or prose_weight(line):
        return False
    names = parse_names(line)
    return names is not None and names.shape == "direct" and len(names.people) == 1


def place_only(line: str) -> Locator | None:
    """The locator of a bare line that says nothing but where ("(p. 14)", "From Chapter 2, pages 14 - 17:"), else None."""
    found = _WHERE.match(line) if len(line) <= _CENTURY else None
    if found is None:
        return None
    label = found["label"].lower().rstrip(". ")
    value = found["value"].rstrip(".f ") if found["value"].rstrip(". ").endswith("f") else found["value"]
    name = next(
        (name for short, name in sorted(_LABELS.items(), key=lambda item: -len(item[0])) if label.startswith(short)), "page"
    )
    pages = expand_pages(re.sub(r"(?:(?<!\s)\s++)?([-–—])\s*", r"\1", value)) if name == "page" else ()
    return Locator(name, value, pages)


def heading_names_work(words: str) -> float:
    """How much the bare words of a heading name a work and who wrote it, in [0, 1]."""
    if len(words) > LONGEST:
        return 0.0
    if _by(words):
        return 0.9
    score = max(citation_score(words), citation_score(_uncapitalised(words)))
    csl = _unlisted(parse_citation(words), words).csl or {}
    if csl.get("author") and csl.get("title"):
        known = any(is_given(str(person.get("given", "")).split(" ")[0].lower()) for person in csl["author"])
        dated = "issued" in csl
        score = max(score, 0.8 if dated and known else 0.7 if dated or (known and csl["type"] != "document") else 0.4)
    return max(score, 0.6 if _bracketed_author(words) else 0.0)


def parse_attribution(raw: str, start: int | None, end: int | None, works: Mapping[str, CslItem] | None = None) -> Citation:
    """The citation that an attribution gives, as written; ``works`` are CSL items by citekey.

    A field is set only where the form of the line says so; otherwise the citation has a problem and only its words.
    """
    line = _unlinked(raw)
    words = _NOTE_SIGNS.sub("", bare(line))
    stripped = _DASH.sub("", words) if _DASH.match(words) else words
    csl = _card_csl(stripped)
    if csl is None and citation_score(words) < LIKELY:
        csl = _by(stripped) or _bracketed_author(stripped)
    if csl:
        return Citation(raw, start, end, csl)
    return _citekey(raw, words, start, end, works or {}) or _parsed(words, line, raw, start, end)


def _parsed(words: str, line: str, raw: str, start: int | None, end: int | None) -> Citation:
    """By the citation grammar; then a passage number at the end and the emphasis of a title are seen to."""
    read = _name_only(words) or parse_citation(words)
    passage = _PASSAGE.search(words) if read.locator is None else None
    if passage:
        words = words[: passage.start()] + passage["close"]
        read = parse_citation(words)
    read = _unlisted(_with_title(read, words, line), words)
    locator = Locator("section", passage["value"]) if passage and read.locator is None else read.locator
    return replace(read, raw=raw, start=start, end=end, locator=locator)


def _with_title(read: Citation, words: str, line: str) -> Citation:
    """What is emphasised is the title: where the grammar saw something else, it is asked again with quotation marks around it."""
    emphasised = [found["words"] for found in _EMPHASISED.finditer(line)]
    if (
        len(emphasised) != 1
        or (read.csl or {}).get("title") == emphasised[0]
        or (read.csl or {}).get("container-title") == emphasised[0]
    ):
        return read
    title = emphasised[0].strip(" ,.")
    if title not in words or any(mark in words for mark in '“”"'):
        return read
    again = parse_citation(words.replace(title, f"“{title}”", 1))
    if not again.csl or again.csl.get("title") != title:
        return read
    kind = "book" if again.csl["type"] == "document" else again.csl["type"]
    return replace(again, csl={**again.csl, "type": kind})


def _unlisted(read: Citation, words: str) -> Citation:
    """Reads "First Last, This and That, 1938", where the grammar sees names and no title: only the first is a name."""
    people = (read.csl or {}).get("author") or [{}]
    listed = (
        len(str(people[0].get("family", "")).split()) > 1
        if len(people) < 2
        else not any(each.get("given") for each in people[1:])
    )
    if "title" in (read.csl or {}) or not listed:
        return read
    found = re.match(r"\W*+(?P<name>[^,]+), (?P<title>.+?)(?:,? [(\[]?(?:c\. ?)?\d{4}\b.*|, (?:pp?\.|vol\.|ch\.).*)?[.]?$", words)
    names = parse_names(found["name"]) if found else None
    if found is None or names is None or names.shape != "direct" or len(names.people) != 1:
        return read
    csl = {**(read.csl or {}), "type": "book", "author": names.csl(), "title": found["title"].strip(' “”"')}
    return replace(read, csl=csl, problem="")


def _name_only(words: str) -> Citation | None:
    """Nothing but a name, with a dash before it or not."""
    if not _DASH.match(words) and not is_name(words):
        return None
    name = re.sub(r"(?:(?<!\s)\s++)?\([^()]*\)$", "", _DASH.sub("", words)).strip(" .")
    names = parse_names(name) if _NAME.fullmatch(name) and len(name.split()) > 1 else None
    if names is None or names.shape not in ("direct", "inverted"):
        return None
    return Citation(words, csl={"type": "document", "author": names.csl()}, problem="the line names no title")


def _dashed(line: str) -> float:
    """A dash, then a name or a few words that are no sentence."""
    dash = _DASH.match(line)
    if dash is None:
        return 0.0
    rest = line[dash.end() :]
    name = _NAME.match(rest)
    sure = 0.62 if "-" not in dash[0] or "--" in dash[0] else 0.4
    if name and _AFTER_NAME.match(rest, name.end()) and prose_weight(rest) <= 1 and len(rest.split()) <= _MOST_WORDS:
        return sure
    quoted = rest[0] in '“"*_«' and prose_weight(rest) <= 1
    return sure - 0.1 if quoted or (rest[0].isupper() and len(rest.split()) <= 6 and prose_weight(rest) == 0) else 0.0


def _card(line: str) -> float:
    found = _CARD.match(line)
    return 0.9 if found and prose_weight(line) <= 2 else 0.0


def _weak(line: str) -> float:
    """Signs that a line is the address of something: years, volumes, holdings, capitals, and no sentence."""
    if line[0].islower() or line[-1] in "?!,;" or prose_weight(line) > 1 or len(line.split()) > _MOST_WORDS:
        return 0.0
    words = _WORDS.findall(line)
    capitals = sum(not word[0].islower() for word in words) / len(words) if words else 1.0
    signs = (
        bool(_YEAR.search(line))
        + bool(_LABELLED.search(line) or _PASSAGE.search(line))
        + bool(_HOLDING.search(line))
        + bool(_by(line) or _bracketed_author(line))
    )
    if not signs or capitals < _CAPITALISED:
        return 0.0
    if signs == 1 and _PROSE_END.search(line) and "," not in line:
        return 0.0
    return min(0.49, 0.16 + 0.09 * signs + 0.12 * (capitals > 0.8))


def _by(words: str) -> CslItem | None:
    """Reads "Title by Somebody, 1951": only where a person's name follows "by", and nothing else of the line is one."""
    words = _TRAILING_REMARK.sub("", words.strip())
    words = re.sub(r"^(?:[-–—*•]\s+|\d+[.)]\s+)", "", words)
    found = _BY.match(words)
    if found is None:
        return None
    name, title = found["name"].strip(), found["title"].strip(" ,")
    names = parse_names(name)
    if names is None or names.shape == "surnames" or title[0].islower() or prose_weight(title) > 3:
        return None
    if names.shape == "direct" and len(name.split()) < 2:
        return None
    title = title.strip('“”"*_ ').removesuffix(",")
    year = _YEAR.search(found["rest"] or "")
    dated: CslItem = {"issued": {"date-parts": [[int(year[0])]]}} if year else {}
    return {"type": "book", "title": title, "author": names.csl(), **dated} if title else None


def _bracketed_author(words: str) -> CslItem | None:
    """Reads "Title (Last, First)" as e-book readers write it, and "Title (First Last)" where the first is a given name."""
    found = _IN_BRACKETS.match(words)
    if found is None or any(sign.isdigit() for sign in found["name"]):
        return None
    names = parse_names(found["name"].replace(";", " and "))
    if names is None or names.shape not in ("inverted", "direct"):
        return None
    if names.shape == "direct" and not is_given(found["name"].split()[0].lower()):
        return None
    if prose_weight(found["title"]) > 3:
        return None
    return {"type": "book", "title": found["title"].strip('“”"*_ '), "author": names.csl()}


def _card_csl(words: str) -> CslItem | None:
    """A debater's card: surname and year, then who it is, a quoted title, where it appeared, a date, an address."""
    head = _CARD.match(words)
    if head is None:
        return None
    body = words[head.end() :].strip().rstrip("])}. ")
    name = re.split(r"[,;(]| – | — ", body, maxsplit=1)[0].strip()
    names = parse_names(name)
    if names is None or not any(person.get("family", "") in head["surname"] for person in names.people):
        names = parse_names(head["surname"])
    title = re.search(r"[“\"]([^“”\"\n]+?),?[”\"]", body)
    csl: CslItem = {"type": "article", "author": names.csl() if names else [{"family": head["surname"]}]}
    if title:
        csl["title"] = title[1].strip(" ,.")
    full = _YEAR.search(body)
    if full and int(full[0]) % _CENTURY == int(head["year"]) % _CENTURY:
        csl["issued"] = {"date-parts": [[int(full[0])]]}
    elif len(head["year"]) == 4:
        csl["issued"] = {"date-parts": [[int(head["year"])]]}
    address = re.search(r"https?://[^\s\])]+", body)
    if address:
        csl["URL"] = address[0].rstrip(".,;")
    return csl


def _citekey(raw: str, words: str, start: int | None, end: int | None, works: Mapping[str, CslItem]) -> Citation | None:
    found = _CITEKEY.match(words.strip(" ().—–-")) if "@" in words else None
    if found is None:
        return None
    where = (found["where"] or "").strip()
    locator = place_only(where) or (place_only(f"p. {where}") if where else None)
    key = found["key"].rstrip(".:")
    csl = works.get(key)
    problem = "" if csl else f"no bibliography beside the file has the key {key!r}"
    return Citation(raw, start, end, dict(csl) if csl else None, locator, problem)


def _unlinked(raw: str) -> str:
    """Without the links that reference managers put around an attribution."""
    found = _PARENTHESIS_OF_LINKS.match(raw.strip())
    return f"({found['words']})" if found else raw


def _uncapitalised(words: str) -> str:
    """A heading in capitals as it would be written among others, for scoring only."""
    return words.title() if words.isupper() else words
