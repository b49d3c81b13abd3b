"""Imprints: place, publisher and year at the end of a reference, whatever stands between them.

"New York: Mainstream, 1956" · "London, Allen & Unwin, 1951" · "Harvill Press,1956" · "(Boston: Little, Brown, c1993)".
"""

import re
from typing import Protocol

import msgspec

from index.citations.dates import CslDate, cut_date, parse_date
from index.citations.reference import opening_bracket, sentence_breaks
from index.records import CslItem

# Places of publication: cities that publish, and the states and countries that stand beside them.
#
# The lists are evidence, not a gate: a place nobody listed is still read where the punctuation
# ("Title. Place: Publisher") says what it is. Nothing is looked up, completed or corrected.

_CITIES = """
Aarhus|Aberdeen|Abingdon|Addis Ababa|Albany|Albuquerque|Aldershot|Alexandria|Algiers|Amherst|Amsterdam|Ankara|Ann Arbor|
Antwerp|Antwerpen|Arlington|Armonk|Ashgate|Astana|Athens|Atlanta|Auckland|Austin|Baku|Baltimore|Bangalore|Bangkok|
Barcelona|Barnaul|Basel|Basingstoke|Baton Rouge|Beijing|Beirut|Belfast|Belgrade|Belmont|Bergen|Berkeley|Berlin|Bern|
Bethesda|Beverly Hills|Bielefeld|Birmingham|Bloomington|Bloomsbury|Bogota|Bogotá|Bologna|Bombay|Bonn|Boston|Boulder|
Bratislava|Brighton|Bristol|Brno|Brooklyn|Brussels|Bruxelles|Bucharest|Budapest|Buenos Aires|Buffalo|Burlington|Cairo|
Calcutta|Cambridge|Cambridge Mass.|Canberra|Cape Town|Caracas|Carbondale|Cardiff|Cham|Champaign|Chapel Hill|
Charlottesville|Cheltenham|Chicago|Chichester|Cincinnati|Cleveland|College Park|College Station|Cologne|Colombo|Columbia|
Columbus|Copenhagen|Cork|Dallas|Damascus|Dar es Salaam|Delhi|Denver|Detroit|Dordrecht|Dover|Dublin|Durham|Düsseldorf|
East Lansing|Edinburgh|Englewood Cliffs|Essen|Evanston|Exeter|Farnham|Fayetteville|Firenze|Florence|Frankfurt|
Frankfurt a.M.|Frankfurt am Main|Freiburg|Garden City|Geneva|Genève|Glasgow|Glencoe|Gloucester|Grand Rapids|Graz|
Greenwich|Guildford|Göttingen|Hague|Halifax|Halle|Hamburg|Hamden|Hannover|Hanoi|Hanover|Harlow|Harmondsworth|Hartford|
Havana|Heidelberg|Helsinki|Hillsdale|Hoboken|Homewood|Hong Kong|Honolulu|Houndmills|Houston|Hove|Indianapolis|Istanbul|
Ithaca|Jakarta|Jena|Jerusalem|Johannesburg|Kansas City|Karachi|Kazan|Kharkiv|Kharkov|Kiev|Knoxville|Krakow|Kraków|
Kuala Lumpur|Kyiv|Kyoto|Lagos|Lahore|Lanham|Lausanne|Lawrence|Leeds|Leicester|Leiden|Leipzig|Leningrad|Leuven|Lewiston|
Lexington|Lima|Lincoln|Lisboa|Lisbon|Liverpool|Ljubljana|London|Los Angeles|Louisville|Lund|Lyon|Madison|Madras|Madrid|
Mahwah|Malden|Manchester|Manila|Medford|Melbourne|Mexico City|Miami|Milan|Milano|Milwaukee|Mineola|Minneapolis|Minsk|
Montevideo|Montreal|Montréal|Moscow|Moskva|Mumbai|Munich|Murfreesboro|México|München|N.Y.|Nairobi|Naples|Nashville|
New Brunswick|New Delhi|New Haven|New Orleans|New York|New York City|Newark|Newbury Park|Nijmegen|Norman|Northampton|
Notre Dame|Nottingham|Novosibirsk|NY|Oak Park|Oakland|Oberlin|Odessa|Oslo|Ottawa|Oxford|Padua|Palo Alto|Paris|Peking|
Philadelphia|Pittsburgh|Plymouth|Port-au-Prince|Portland|Prague|Praha|Princeton|Providence|Quito|Reading|Reykjavik|
Richmond|Riga|Rio de Janeiro|Rochester|Roma|Rome|Rotterdam|Saigon|Salt Lake City|San Diego|San Francisco|San Jose|
Sankt-Peterburg|Santa Barbara|Santa Monica|Santiago|Seattle|Seoul|Shanghai|Singapore|Sofia|Southampton|St. Louis|St. Paul|
St. Petersburg|Stamford|Stanford|Stockholm|Strasbourg|Stuttgart|Sydney|Syracuse|São Paulo|Tallinn|Tartu|Tashkent|Tbilisi|
Tehran|Tel Aviv|The Hague|Thousand Oaks|Tokyo|Torino|Toronto|Totowa|Toulouse|Tucson|Tunis|Turin|Tuscaloosa|Tübingen|
Uppsala|Urbana|Utrecht|Vancouver|Venice|Vienna|Vilnius|Warsaw|Warszawa|Washington|Washington DC|Washington, D.C.|
Wellington|Westport|Wien|Wiesbaden|Wilmington|Winnipeg|Woodbridge|Wrocław|Yerevan|Zagreb|Zurich|Zürich
"""
_REGIONS = """
Ala.|Alabama|Alaska|Alberta|Argentina|Ariz.|Arizona|Ark.|Arkansas|Australia|Austria|B.C.|BC|Belgium|Brazil|Bulgaria|CA|
Cal.|Calif.|California|Canada|China|CO|Colo.|Colorado|Conn.|Connecticut|CT|Cuba|Czechoslovakia|D. C.|D.C.|DC|DDR|Del.|
Delaware|Denmark|Devon|East Germany|Egypt|England|Essex|Finland|FL|Fla.|Florida|France|GA|Ga.|GDR|Georgia|Germany|
Great Britain|Greece|Hampshire|Hawaii|HI|Holland|Hungary|IA|Idaho|IL|Ill.|Illinois|IN|Ind.|India|Indiana|Iowa|Ireland|
Israel|Italy|Japan|Kan.|Kans.|Kansas|Kent|Kentucky|KS|KY|Ky.|LA|La.|Louisiana|MA|Maine|Manitoba|Maryland|Mass.|
Massachusetts|MD|Md.|ME|Mexico|MI|Mich.|Michigan|Middlesex|Minn.|Minnesota|Miss.|Mississippi|Missouri|MN|MO|Mo.|Mont.|
Montana|N. J.|N. Y|N. Y.|N.C.|N.H.|N.J.|N.M.|N.Y.|NC|NE|Neb.|Nebraska|Netherlands|Nev.|Nevada|New Hampshire|New Jersey|
New Mexico|New York|New Zealand|NH|NJ|NM|North Carolina|North Dakota|Norway|NY|OH|Ohio|OK|Okla.|Oklahoma|ON|Ont.|Ontario|
OR|Ore.|Oregon|PA|Pa.|Penn.|Pennsylvania|Poland|Portugal|Quebec|Québec|R.I.|Rhode Island|RI|Romania|Russia|S.C.|SC|
Scotland|South Africa|South Carolina|South Dakota|Spain|Surrey|Sussex|Sweden|Switzerland|Tenn.|Tennessee|Tex.|Texas|
The Netherlands|TN|Turkey|TX|U.K.|U.S.A.|U.S.S.R.|UK|Ukraine|United States|USA|USSR|UT|Utah|VA|Va.|Vermont|Virginia|VT|
Vt.|W. Va.|WA|Wales|Wash.|Washington|West Virginia|WI|Wis.|Wisconsin|Wyoming|Yugoslavia
"""


def _names(listing: str) -> frozenset[str]:
    return frozenset(name.casefold() for name in listing.replace("\n", "").split("|") if name)


CITIES = _names(_CITIES)
REGIONS = _names(_REGIONS)
_PLACE_WORD = re.compile(r"(?:[^\W\d_a-z][\w’'.-]*|am|an|der|del|de|la|le|les|upon|on|sur|do|dos|den|s\.l\.)$")
_LONGEST = 4


def is_city(text: str) -> bool:
    """Whether a text names one of the listed cities."""
    return text.casefold() in CITIES


def is_region(text: str) -> bool:
    """Whether a text names a state, province or country, or abbreviates one."""
    return text.casefold() in REGIONS or text.casefold() + "." in REGIONS


def could_be_place(text: str) -> bool:
    """Whether a text is shaped like the name of a town nobody listed: one to four capitalised words, no digits."""
    words = text.split()
    return 0 < len(words) <= _LONGEST and all(_PLACE_WORD.match(word) for word in words) and words[0][0].isupper()


PUBLISHERS_WORDS = frozenset(
    """
    press presses book books publisher publishers publishing publication publications pub verlag edition editions éditions
    edizioni editorial house inc ltd co company sons brothers bros univ university library institute office hmso gpo penguin
    routledge knopf harper norton macmillan random harcourt viking morrow putnam scribner heinemann methuen collins doubleday
    holt houghton schuster lippincott praeger blackwell sage palgrave verso pantheon hutchinson gallimard suhrkamp einaudi
    secker springer elsevier wiley pergamon brill vintage anchor faber gollancz izdatelstvo gosizdat politizdat progress
    """.split()
)
"""Words that publishers' names are made of, in small letters."""

_PUBLISHER = re.compile(
    rf"\b(?:{'|'.join(sorted(PUBLISHERS_WORDS, reverse=True))}|Allen & Unwin|Little, Brown|Izdatel.stvo)\b", re.IGNORECASE
)
_THESIS = re.compile(
    r"((?:unpublished )?(?:Ph\.?\s?D\.?|D\.?Phil\.?|M\.?A\.?|master[’']s|doctoral)\s?(?:diss(?:ertation|\.)|thesis))[,.]?\s*",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"(?:([.?!][\"”’»)\]]?)(?=\s)|[,;](?![0-9])|(?<![0-9]):(?=\D))\s*")
_NOT_GIVEN = re.compile(
    r"[,.;]?\s?\[?(?<![^\W_])(?:(?:n\.\s?[dp]|s\.\s?[la])\.?"
    r"|forthcoming|in press|im Erscheinen|à paraître|in corso di stampa|en prensa)\]?,?$",
    re.IGNORECASE,
)
_LONGEST_NOT_GIVEN = 24
_ABBREVIATED = frozenset("co inc ltd bros corp publ pub univ cie".split())
_JOINED = re.compile(r"\s?(?:[,;/–-]|\band\b|&)\s?")
_STRIP = " ,.;:"
_STRIP_KEEPING_STOP = " ,;:"


class LeavesTitle(Protocol):
    """Says whether a text still holds a title once the imprint is cut off it; ``strictly`` when in doubt, no."""

    def __call__(self, text: str, *, strictly: bool) -> bool:
        """True when it does."""
        ...


class Imprint(msgspec.Struct, frozen=True):
    """A reference cut before its imprint; what is absent is "" or None.

    ``left_over`` are parts of the imprint that are neither place, publisher nor year (a street address).
    """

    head: str
    place: str = ""
    publisher: str = ""
    issued: CslDate | None = None
    dated_to_day: bool = False
    in_brackets: bool = False
    genre: str = ""
    left_over: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.place or self.publisher or self.issued)


def cut_imprint(text: str, leaves_title: LeavesTitle) -> Imprint:
    """Cuts the imprint off the end; what is left before it always ``leaves_title``.

    Brackets are taken at their word; without them a colon after a place decides, then a listed
    city between commas, then the last sentence before the year ("The Paper Age. Lanternhouse, 1956").
    """
    text = _without_not_given(text.rstrip(" ,.;"))
    opened = opening_bracket(text) if text.endswith(")") else -1
    if opened >= 0:
        imprint = _bracketed(text[:opened], text[opened + 1 : -1])
        if imprint is not None:
            return imprint
    dated = cut_date(text)
    head = dated.head.rstrip(" ,;:([") if dated.issued else text
    cut = _cut_place(head, leaves_title)
    if cut is None and dated.issued and not dated.day:
        cut = _cut_publisher(head, leaves_title)
    before, place, publisher = cut or (head, "", "")
    publisher, left_over = _without_address(publisher)
    return Imprint(
        before, place, publisher, dated.issued, dated_to_day=dated.day and not (place or publisher), left_over=left_over
    )


def _without_not_given(text: str) -> str:
    """A text without "n.p., n.d." at its end: what a source says it does not know is absent, like what it does not say."""
    while (found := _NOT_GIVEN.search(text, max(0, len(text) - _LONGEST_NOT_GIVEN))) is not None and found.start():
        text = text[: found.start()].rstrip(" ,.;")
    return text


def _bracketed(before: str, inside: str) -> Imprint | None:
    first, _, second = inside.partition("; ")
    if ":" in first and ":" in second and cut_date(first).issued and cut_date(second).issued:
        imprint = _bracketed(before, first)
        return msgspec.structs.replace(imprint, left_over=(*imprint.left_over, second)) if imprint else None
    dated = cut_date(inside)
    rest = (dated.head if dated.issued else _without_not_given(inside)).strip(_STRIP_KEEPING_STOP)
    if not rest:
        if dated.issued is None:
            return None
        head, place, publisher = _cut_place(before.rstrip(" ,;"), _leaves_something, with_colon_only=True) or (before, "", "")
        return Imprint(head, place, publisher, dated.issued, dated_to_day=dated.day and not place, in_brackets=True)
    thesis = _THESIS.match(rest)
    genre = thesis[1] if thesis else ""
    rest = rest[thesis.end() :] if thesis else rest
    place, colon, publisher = rest.partition(":")
    if colon:
        if any(sign in place for sign in ".?!") and not _is_places(place.strip()) and not dated.issued:
            return None
        publisher, left_over = _without_address(publisher.strip(_STRIP_KEEPING_STOP))
        return Imprint(before, place.strip(), publisher, dated.issued, in_brackets=True, genre=genre, left_over=left_over)
    if not dated.issued:
        return None
    if _is_places(rest):
        return Imprint(before, rest, "", dated.issued, in_brackets=True, genre=genre)
    city, comma, publisher = rest.partition(", ")
    if comma and is_city(city) and not genre and not is_region(publisher):
        return Imprint(before, city, publisher, dated.issued, in_brackets=True)
    publisher, left_over = _without_address(rest)
    return Imprint(before, "", publisher, dated.issued, in_brackets=True, genre=genre, left_over=left_over)


def _is_places(text: str) -> bool:
    """Whether a text names places and no more: listed cities joined in any way, or a town beside a listed state or country."""
    if is_city(text):
        return True
    first, *others = _JOINED.split(text)
    known = is_city(first) or (bool(others) and is_region(others[0]) and could_be_place(first))
    return known and all(is_city(other) or is_region(other) for other in others)


class _Part(msgspec.Struct, frozen=True):
    """A stretch of a reference between two separators, and the separators: ".", ",", ":" or "" at the ends."""

    start: int
    end: int
    text: str
    before: str
    after: str


def _parts(text: str) -> list[_Part]:
    stops = set(sentence_breaks(text))
    parts: list[_Part] = []
    start, before = 0, ""
    for found in _SEPARATOR.finditer(text):
        if found[1] and found.end(1) not in stops and not _city_follows(text, found.end()):
            continue
        end = found.end(1) if found[1] else found.start()
        after = "." if found[1] or found[0][0] == ";" else found[0][0]
        parts.append(_Part(start, end, text[start:end].strip(), before, after))
        start, before = found.end(), after
    return [*parts, _Part(start, len(text), text[start:].strip(), before, "")]


def _city_follows(text: str, start: int) -> bool:
    """Whether a listed city stands between a full stop and a colon: "… in the U.S.S.R. London: Cape"."""
    end = text.find(":", start)
    return end > 0 and is_city(text[start:end].strip())


def _leaves_something(text: str, *, strictly: bool) -> bool:
    return bool(text.strip(_STRIP)) or not strictly


def _cut_place(head: str, leaves_title: LeavesTitle, *, with_colon_only: bool = False) -> tuple[str, str, str] | None:
    parts = _parts(head)
    for wants_colon in (True,) if with_colon_only else (True, False):
        for last in range(len(parts) - 1, 0, -1):
            first = _first_of_places(parts, last, wants_colon)
            if first is None or not leaves_title(head[: parts[first].start], strictly=not wants_colon):
                continue
            publisher = head[parts[last + 1].start :].strip(_STRIP_KEEPING_STOP) if last + 1 < len(parts) else ""
            return head[: parts[first].start], head[parts[first].start : parts[last].end].strip(_STRIP_KEEPING_STOP), publisher
    return None


def _first_of_places(parts: list[_Part], last: int, wants_colon: bool) -> int | None:
    """The first of the parts that name the places ending at ``last``, or None where no place ends there."""
    part = parts[last]
    if wants_colon != (part.after == ":") or (wants_colon and last + 1 == len(parts)):
        return None
    if is_region(part.text) and part.before == "," and last > 1 and could_be_place(parts[last - 1].text):
        first = last - 1
    elif _is_places(part.text) or (wants_colon and part.before == "." and could_be_place(part.text)):
        first = last
    else:
        return None
    while first > 1 and parts[first].before == "," and is_city(parts[first - 1].text):
        first -= 1
    return first


def _cut_publisher(head: str, leaves_title: LeavesTitle) -> tuple[str, str, str] | None:
    """The last sentence before the year, or a comma part with a publisher's word in it."""
    parts = _parts(head)
    for first in range(len(parts) - 1, 0, -1):
        start = parts[first].start
        publisher = head[start:].strip(_STRIP_KEEPING_STOP)
        one_sentence = all(part.before != "." for part in parts[first + 1 :])  # not "Charles. Bleak House"
        named = parts[first].before == "." or (parts[first].before == "," and one_sentence and is_publisher(publisher))
        if named and len(publisher.split()) <= 7 and publisher[:1].isupper() and leaves_title(head[:start], strictly=True):
            return head[:start], "", publisher
    return None


def is_publisher(text: str) -> bool:
    """Whether a text holds a word that publishers' names are made of."""
    return _PUBLISHER.search(text) is not None


def _without_address(publisher: str) -> tuple[str, tuple[str, ...]]:
    """A publisher without what follows it and holds numbers, like a street and a post code."""
    parts = publisher.split(", ")
    for place, part in enumerate(parts[1:], start=1):
        if any(letter.isdigit() for letter in part):
            return ", ".join(parts[:place]), (", ".join(parts[place:]),)
    return publisher, ()


def trim_publisher(text: str) -> str:
    """A publisher without separators around it; the full stop of "Co." and "Inc." stays."""
    text = text.strip(" ,;:")
    words = text.rstrip(".").split()
    return text if words and words[-1].casefold() in _ABBREVIATED else text.rstrip(". ")


# Editions and volumes: "2nd ed.", "40th anniversary ed.", "vol. 13", "3 vols.".

_KIND = (
    r"rev(?:ised|\.)?|new|enl(?:arged|\.)|expanded|abridged|updated|reprint|international|paperback|student|anniversary|english"
    r"|critical|corrected|illustrated|centenary|american|british"
)
_EDITION = re.compile(
    rf"(?:[,.;]\s*+|(?<!\s)\s++)?[(\[]?(?<![^\W_])((?:[0-9]{{1,3}}(?:st|nd|rd|th|d)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|{_KIND})"
    rf"(?:[\s,]+(?:and\s|&\s)?(?:{_KIND})){{0,4}})\sed(?:ition|n|\.)?(?![^\W_])\.?[)\]]?$",
    re.IGNORECASE,
)
_VOLUMES = re.compile(r"[,.;]?\s{0,9}(?<![^\W_])([0-9]{1,3})\s{1,9}vols?\.?$", re.IGNORECASE)
_VOLUME = re.compile(
    r"[,.;]?\s{0,9}\(?(?<![^\W_])(?:vol(?:ume|s)?|bd|tome?)\.?\s*([0-9]{1,3}(?:[-–][0-9]{1,3})?|[IVXLC]{1,7})(?![^\W_])\.?\)?$",
    re.IGNORECASE,
)
_ANY = ("ed", "vol", "bd", "tom")
_ENDS = {"edition": ("ed", "edn", "edition"), "number_of_volumes": ("vol", "vols")}
_ROMAN = frozenset("IVXLCivxlc")
_PATTERNS = (("edition", _EDITION), ("volume", _VOLUME), ("number_of_volumes", _VOLUMES))
_ORDINAL = re.compile(r"([0-9]+)(?:st|nd|rd|th|d)$", re.IGNORECASE)
_EXTENTS_REACH = 90


class Extent(msgspec.Struct, frozen=True):
    """A text without the edition and volume at its end; each "" where the source has none."""

    rest: str
    edition: str = ""
    volume: str = ""
    number_of_volumes: str = ""

    def joined(self, other: "Extent") -> "Extent":
        """This extent, completed from another; the text stays this one's."""
        return Extent(
            self.rest,
            self.edition or other.edition,
            self.volume or other.volume,
            self.number_of_volumes or other.number_of_volumes,
        )


def cut_extent(text: str) -> Extent:
    """Cuts edition and volume off the end of a text, in any order. A mere ordinal is given as its number: "2nd ed." is 2."""
    tail = text[-_EXTENTS_REACH:].casefold()
    if not any(word in tail for word in _ANY):
        return Extent(text)
    found: dict[str, str] = {}
    rest = text.rstrip(" ,;")
    while True:
        for name, pattern in _PATTERNS:
            may = name not in found and _may_end_in(name, rest)
            last = pattern.search(rest, max(0, len(rest) - _EXTENTS_REACH)) if may else None
            if last is not None and last.start():
                found[name] = last[1]
                rest = rest[: last.start()]
                break
        else:
            break
    ordinal = _ORDINAL.match(found.get("edition", ""))
    if ordinal:
        found["edition"] = ordinal[1]
    return Extent(rest if found else text, **found)


def _may_end_in(name: str, text: str) -> bool:
    """Whether the last letters of a text allow an edition or a volume there: far cheaper than to look for one."""
    end = text.rstrip(").]")
    if name == "volume":
        return end[-1:].isdigit() or end[-1:] in _ROMAN
    return end[-7:].casefold().endswith(_ENDS[name])


# Links in a reference: URL, DOI and the day they were read, taken out so that the rest reads like print.

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>“”\"]+|\bdoi:\s?(10\.[0-9]{4,9}/[^\s<>“”\"]+)", re.IGNORECASE)
_DOI = re.compile(r"doi\.org/(10\.[0-9]{4,9}/\S+)", re.IGNORECASE)
_DATABASE = re.compile(
    r"[.,]\s(JSTOR|Project MUSE|ProQuest|Google Books|EBSCOhost|HathiTrust|Internet Archive)[.,]?$", re.IGNORECASE
)
_ACCESSED = re.compile(
    r"[,.;]?\s{0,9}[(\[]?(?:last )?(?:accessed|retrieved|viewed|consulted|visited)(?: on)?:? "
    r"((?:[^,.()\[\]]|(?<=\b[a-z]{3})\.|(?<=\bsept)\.){3,20}(?:,? [0-9]{4})?)[)\]]?[.,;]*(?: from:?)?",
    re.IGNORECASE,
)
_ACCESSED_WORDS = ("accessed", "retrieved", "viewed", "consulted", "visited")
_WEB = re.compile(r"(?<=[.,”’\"]) Web\. ([^,()\[\]]{8,20}[0-9]{4})\.?$")
"""How the seventh edition of the MLA Handbook gives the medium and the day of access, with no address."""


def cut_links(text: str) -> tuple[str, CslItem]:
    """The text without its first link and the date of access, and what these say: URL, DOI, accessed."""
    link = _LINK.search(text) if "://" in text or "www." in text.casefold() or "doi" in text.casefold() else None
    if link is None:
        return _links_without_address(text)
    address = link[0].rstrip(".,;:)>]’”'\"")
    item: CslItem = {}
    if link[1]:
        item["DOI"] = address[link.start(1) - link.start() :]
    else:
        item["URL"] = address
        doi = _DOI.search(address)
        if doi:
            item["DOI"] = doi[1]
    before = text[: link.start()].rstrip(" <([")
    after = text[link.start() + len(address) :].lstrip(" >)].,;")
    before, before_date = _cut_accessed(before)
    after, after_date = _cut_accessed(after)
    database = _DATABASE.search(before)
    if database:
        item["source"] = database[1]
        before = before[: database.start() + 1]
    if before_date or after_date:
        item["accessed"] = before_date or after_date
    return f"{before} {after}".strip() if after else before, item


def _links_without_address(text: str) -> tuple[str, CslItem]:
    on_the_web = _WEB.search(text) if " Web. " in text else None
    date = parse_date(on_the_web[1]) if on_the_web else None
    if on_the_web and date:
        return text[: on_the_web.start()], {"accessed": date}
    rest, date = _cut_accessed(text)
    return rest, {"accessed": date} if date else {}


def _cut_accessed(text: str) -> tuple[str, CslItem | None]:
    small = text.casefold()
    found = _ACCESSED.search(text) if any(word in small for word in _ACCESSED_WORDS) else None
    date = parse_date(found[1].strip(" ,")) if found else None
    if found is None or date is None:
        return text, None
    return (text[: found.start()] + text[found.end() :]).strip(), date
