"""Writes collections of made-up excerpts in every layout, with what is right about each.

Everything varies by one seed: words, works, manners of citing, dashes, indents, numbers, quotation marks, blank lines,
headings, line ends. A *clean* document keeps its layout; others have slips (a citation missing, moved, doubled, damaged) or mix
two layouts.
"""

import random
import textwrap
from collections.abc import Callable, Iterator
from typing import NamedTuple

GIVEN = (
    "Sarah Paul Edith Robert Anna Martin Clara Hugo Irene Walter Marguerite Tobias Leonora Felix Harriet Jonas Olive "
    "Bernard Esther Silas Amalia Rupert Winifred Casper Dorothea Ambrose Hester Linus Philippa Oswin"
).split()
FAMILY = (
    "Harrow Pell Winter Oake Marsh Tolland Verney Quist Ashdown Brandt Calloway Drummond Eastman Fenwick Garrick "
    "Holloway Ingram Jessop Kestrel Lindqvist Merrow Norcott Ormond Prewitt Rathbone Selwyn Thackery Underhill "
    "Vance Wetherby Yarrow O’Dell"
).split()
NOUNS = (
    "bridge harbour orchard mill ledger valley lantern meadow garden window kitchen village market ferry bell "
    "tower road wall letter river engine school library court ship island winter field clock"
).split()
ADJECTIVES = "quiet old narrow broken patient crooked silent distant heavy golden bitter hollow second lost plain early".split()
VERBS = (
    "keeps forgets remembers carries watches repairs sells counts mistrusts follows loses opens closes measures praises buries"
).split()
PLACES = "London Boston Oxford Paris Leipzig Edinburgh Dublin Chicago Toronto Leiden".split()
HOUSES = (
    "Birch House",
    "Alder Press",
    "Mason & Sons",
    "University of Wessex Press",
    "Heron Books",
    "The Green Press",
    "Penrose",
    "Tarn",
)
JOURNALS = ("Inland Review", "Journal of Small Waters", "The Northern Quarterly", "Annals of Craft", "Studies in Silence")
TAGS = (
    "The {n} proves the point about the {m}", "Every {n} is a warning",
    "Trade in the {n} collapses without the {m}", "The {n} comes first"
)  # fmt: skip


class Work(NamedTuple):
    """A made-up book or article."""

    given: str
    family: str
    title: str
    place: str
    house: str
    year: int
    journal: str


class Entry(NamedTuple):
    """An excerpt as it should be found: its text, family name and page ("" where the document gives none)."""

    text: str
    family: str
    page: str


class Document(NamedTuple):
    """A file and what is right about it; ``clean`` says that nothing in it is irregular."""

    name: str
    text: str
    entries: tuple[Entry, ...]
    layout: str
    clean: bool


class Pen:
    """One document's habits, drawn once: how it cites, quotes, parts, numbers and indents."""

    def __init__(self, random: random.Random) -> None:
        self.random = random
        self.dash = random.choice(["— ", "—", "– ", "-- ", "― ", "--"])
        self.quotes = random.choice(["“”", '""', "«»", "‘’"])
        self.blank = random.choice(["\n\n", "\n\n", "\n\n\n"])
        self.works = [self._work() for _ in range(random.randint(3, 7))]
        self._page = random.randint(3, 20)
        self._written: list[str] = []

    def _work(self) -> Work:
        r = self.random
        shape = r.choice(
            [
                "The {A} {N}",
                "{N} and {M}",
                "A {N} for the {M}",
                "How the {N} {V}",
                "{A} {N}s",
                "On {A} {N}s",
                "The {N} of the {M}",
            ]
        )
        title = shape.format(
            A=r.choice(ADJECTIVES).title(), N=r.choice(NOUNS).title(), M=r.choice(NOUNS).title(), V=r.choice(VERBS).title()
        )
        given = r.choice(GIVEN) + r.choice(["", "", "", f" {r.choice('ABCDEFGHJKLM')}."])
        return Work(given, r.choice(FAMILY), title, r.choice(PLACES), r.choice(HOUSES), r.randint(1890, 2015), r.choice(JOURNALS))

    def page(self) -> str:
        """The next page: no two excerpts have the same."""
        self._page += self.random.randint(1, 17)
        return str(self._page)

    def sentence(self) -> str:
        """One sentence."""
        r = self.random
        shapes = (
            "The {a} {n} {v} what the {m} {w}", "Nobody {v} a {n} for pleasure, and that is why it can be trusted",
            "When the {n} fails, the {m} is the last to hear of it",
            "It was cheaper to build a second {n} than to quarrel about the first",
            "He who {v} the {n} {w} the {m} in the end", "There is no {n} so {a} that it never {v} its {m}",
            "They made a {n} for every {m} they had seen and none for the {m} that came", "A {a} {n} {v} more than any {m}",
            "I have seen the {n} at night, and it {v} the {m} like a {a} child", "What the {m} {v}, the {n} {w}",
        )  # fmt: skip
        words = {"a": ADJECTIVES, "n": NOUNS, "m": NOUNS, "v": VERBS, "w": VERBS}
        told = r.choice(shapes).format(**{key: r.choice(choice) for key, choice in words.items()})
        return told + r.choice([".", ".", ".", ".", "!", "?"])

    def paragraph(self) -> str:
        """One to four sentences; no paragraph holds another."""
        while True:
            text = " ".join(self.sentence() for _ in range(self.random.randint(1, 4)))
            if not any(text in other or other in text for other in self._written):
                self._written.append(text)
                return text

    def quoted(self, text: str) -> str:
        """The text in this document's quotation marks."""
        return f"{self.quotes[0]}{text}{self.quotes[1]}"


def manners(pen: Pen, *, where: str = "line") -> Callable[[Work, str], str]:
    """One manner of citing on a line of its own, or (``dash``, ``bracket``) at the end of the text's."""
    dash = pen.dash
    lines: list[Callable[[Work, str], str]] = [
        lambda w, p: f"{w.family}, {w.given}. {w.title}. {w.place}: {w.house}, {w.year}, p. {p}",
        lambda w, p: f"{w.given} {w.family}. {w.title}. {w.place}: {w.house}, {w.year}, p. {p}",
        lambda w, p: f"{w.given} {w.family}, {w.title} ({w.place}: {w.house}, {w.year}), {p}.",
        lambda w, p: f"{w.family}, {w.given[0]}. ({w.year}). {w.title}. {w.place}: {w.house}, p. {p}.",
        lambda w, p: f"{w.given} {w.family}, “{w.title},” {w.journal} 12, no. 3 ({w.year}): {p}.",
        lambda w, p: f"{w.given} {w.family}, {w.title}, {w.year}, p. {p}",
        lambda w, p: f"({w.family} {w.year}, {p})",
        lambda w, p: f"Source: {w.given} {w.family}, {w.title} ({w.year}), p. {p}",
    ]
    dashed: list[Callable[[Work, str], str]] = [
        lambda w, p: f"{dash}{w.given} {w.family}, {w.title}, p. {p}",
        lambda w, p: f"{dash}{w.given} {w.family}, “{w.title}”, p. {p}",
        lambda w, p: f"{dash}{w.given} {w.family}, {w.title} ({w.year}), p. {p}",
        lambda w, _p: f"{dash}{w.given} {w.family}",
    ]
    bracketed: list[Callable[[Work, str], str]] = [
        lambda w, p: f"({w.given} {w.family}, {w.title}, {w.year}, p. {p})",
        lambda w, p: f"({w.family}, {w.year}, p. {p})",
        lambda w, p: f"[{w.family} {w.year}: {p}]",
        lambda w, p: f"({w.given} {w.family}, {w.title}, {p}.2)",
    ]
    return pen.random.choice({"line": [*lines, *dashed], "plain": lines[:6], "dash": dashed, "bracket": bracketed}[where])


def documents(count: int, seed: int = 14) -> Iterator[Document]:
    """So many documents: each kind in turn, clean and otherwise."""
    for number in range(count):
        draw = random.Random(f"{seed}/{number}")  # noqa: S311 — words, not secrets
        kind = KINDS[number % len(KINDS)]
        slip = "" if (number // len(KINDS)) % 2 == 0 else draw.choice(SLIPS)
        yield kind(Pen(draw), slip)


SLIPS = ("missing", "missing two", "moved", "double", "damaged", "two paragraphs", "mixed", "blank")


class Written(NamedTuple):
    """An entry in writing: its text and its citation line ("" for none)."""

    entry: Entry
    text: str
    cited: str


def written(pen: Pen, where: str, slip: str, *, quoted: bool | None = None, paged: bool = True) -> list[Written]:
    """Eight to sixteen entries in one manner, with the slip among them where it is one of content."""
    cite = manners(pen, where=where)
    quoted = pen.random.random() < 0.3 if quoted is None else quoted
    entries: list[Written] = []
    for _ in range(pen.random.randint(8, 16)):
        work, page, text = pen.random.choice(pen.works), pen.page(), pen.paragraph()
        text = pen.quoted(text) if quoted else text
        cited = cite(work, page)
        entries.append(Written(Entry(text, work.family, page if page in cited and paged else ""), text, cited))
    for _ in range({"missing": 1, "missing two": 2}.get(slip, 0)):
        at = pen.random.randrange(len(entries))
        entries[at] = Written(entries[at].entry._replace(family="", page=""), entries[at].text, "")
    if slip == "damaged":
        at = pen.random.randrange(len(entries))
        if entries[at].cited:
            entries[at] = entries[at]._replace(cited=entries[at].cited.lower().split(",")[0])
            entries[at] = entries[at]._replace(entry=entries[at].entry._replace(page=""))
    return entries


def on_lines(pen: Pen, slip: str, *, above: bool, name: str = "") -> Document:
    """Citations on lines of their own, all below or all above their texts."""
    r = pen.random
    tight = r.random() < 0.5
    numbered = r.random() < 0.2 and not above
    indent = r.choice(["", "", "    ", "\t"]) if tight else ""
    tags = above and r.random() < 0.3
    entries = written(pen, "plain" if above else "line", slip)
    between = "\n" if tight else pen.blank
    if slip == "mixed":
        between, tight = pen.blank, False
    blocks: list[str] = []
    for at, each in enumerate(entries):
        text = f"{at + 1}. {each.text}" if numbered else each.text
        if slip == "two paragraphs" and at % 3 == 1:
            more = pen.paragraph()
            text = f"{text}\n\n{more}"
        other_side = (slip == "moved" and at == len(entries) // 2) or (slip == "mixed" and at >= len(entries) // 2)
        cited = f"{each.cited}\n{each.cited}" if slip == "double" and at == 3 and each.cited else each.cited
        parts = [text, indent + cited] if above == other_side else [cited, text]
        tag = r.choice(TAGS).format(n=r.choice(NOUNS), m=r.choice(NOUNS)) if tags else ""
        joined = between.join(part for part in parts if part.strip())
        if slip == "blank" and at == 2 and tight:
            joined = joined.replace("\n", "\n\n", 1)
        blocks.append(f"{tag}\n\n{joined}" if tag else joined)
    if r.random() < 0.4 and not tags:
        for at in sorted(r.sample(range(1, len(blocks)), 2), reverse=True):
            blocks.insert(at, f"ON THE {r.choice(NOUNS).upper()} AND THE {r.choice(NOUNS).upper()}")
        blocks.insert(0, f"ON THE {r.choice(NOUNS).upper()}")
    if r.random() < 0.5:
        blocks.insert(0, f"A Reader in {r.choice(ADJECTIVES).title()} {r.choice(NOUNS).title()}s")
    text = pen.blank.join(blocks) + "\n"
    if r.random() < 0.2 and not tight:
        text = "\n".join(textwrap.fill(line, 72, break_on_hyphens=False) if line.strip() else "" for line in text.split("\n"))
    if r.random() < 0.15:
        text = text.replace("\n", "\r\n")
    return Document(
        name or "reader.txt", text, tuple(each.entry for each in entries), "above" if above else "below", slip in ("", "blank")
    )


def below(pen: Pen, slip: str) -> Document:
    """A text, then its citation."""
    return on_lines(pen, slip, above=False)


def above(pen: Pen, slip: str) -> Document:
    """A citation, then its text."""
    return on_lines(pen, slip, above=True)


def same_line(pen: Pen, slip: str) -> Document:
    """A list or paragraphs, each with its attribution at its own end; Markdown or plain."""
    r = pen.random
    where = r.choice(["dash", "bracket"])
    entries = written(pen, where, slip, quoted=True if where == "dash" else None)
    markdown = r.random() < 0.5
    mark = r.choice(["* ", "- ", "1. ", "> "]) if markdown else r.choice(["", "", "{n}. ", "{n}) "])
    lines = []
    for at, each in enumerate(entries):
        line = f"{each.text} {each.cited}".rstrip()
        lines.append((mark.format(n=at + 1) if "{n}" in mark else mark) + line)
    between = "\n" if markdown and mark in ("* ", "- ", "1. ") else r.choice(["\n\n", "\n"]) if not markdown else "\n\n"
    if slip == "two paragraphs":
        lines.insert(2, pen.paragraph() if not markdown else f"\n{pen.paragraph()}\n")
    head = "# Sayings\n\n" if markdown else r.choice(["", "Sayings\n\n"])
    return Document(
        "sayings.md" if markdown else "sayings.txt", head + between.join(lines) + "\n", tuple(each.entry for each in entries),
        "same block", slip not in ("missing", "missing two", "damaged", "two paragraphs"),
    )  # fmt: skip


def records(pen: Pen, slip: str) -> Document:
    """Entries between delimiters, some without an attribution."""
    r = pen.random
    mark = r.choice(["%", "%%", "====", "-----", "* * *", "~~~", "***", "=========="])
    entries = written(pen, r.choice(["line", "dash", "dash"]), slip or r.choice(["", "missing", "missing two"]))
    indent = r.choice(["", "\t\t", "    ", "  "])
    first = r.random() < 0.2
    blocks = []
    for at, each in enumerate(entries):
        text = f"{each.text}\n\n{pen.paragraph()}" if slip == "two paragraphs" and at % 4 == 1 else each.text
        parts = [each.cited, text] if first and not each.cited.startswith(("—", "–", "-", "―")) else [text, indent + each.cited]
        blocks.append("\n".join(part for part in parts if part.strip()))
    around = r.choice(["\n", "\n\n"])
    text = f"{around}{mark}{around}".join(blocks) + r.choice(["", f"{around}{mark}"]) + "\n"
    return Document("fortunes.txt", text, tuple(each.entry for each in entries), "records", slip != "damaged")


def headed(pen: Pen, slip: str) -> Document:
    """Markdown whose headings name works, quotations with or without pages below."""
    r = pen.random
    shape = r.choice(["{t} by {g} {f}", "{g} {f}, {t} ({y})", "*{t}* by {g} {f}, {y}", "{t} ({f}, {g})", "{g} {f}, *{t}*, {y}"])
    paged = r.choice(["", "\n>\n> (p. {p})", " (p. {p})", "\n>\n> p. {p}"])
    level = r.choice(["##", "#", "###"])
    parts, entries = [], []
    for at, work in enumerate(pen.works):
        family = work.family
        heading = shape.format(t=work.title, g=work.given, f=work.family, y=work.year)
        if slip in ("missing", "damaged") and at == 1:
            heading = "Loose leaves"
            family = ""
        parts.append(f"{level} {heading}")
        for _ in range(r.randint(1, 4)):
            text, page = pen.paragraph(), pen.page()
            entries.append(Entry(text, family, page if paged and family else ""))
            parts.append(f"> {text}" + paged.format(p=page))
        if slip == "two paragraphs":
            parts.append("I read this on a train, and had to think of it for days.")
    between = f"\n\n{r.choice(['---', '***'])}\n\n" if r.random() < 0.2 else "\n\n"
    text = "\n\n".join(parts) if between == "\n\n" else "\n\n".join(parts).replace(f"\n\n{level} ", f"{between}{level} ")
    return Document("quotes.md", text + "\n", tuple(entries), "heading", slip not in ("missing", "damaged"))


def quotations(pen: Pen, slip: str) -> Document:
    """Markdown quotations with the attribution inside, right below, or in a heading below."""
    r = pen.random
    inside = r.choice(["> {q}\n>\n> {c}", "> {q}\n> {c}", "> {q}\n\n{c}", "> {q}\n#### {h}"])
    cite = manners(pen, where="dash")
    parts, entries = [], []
    for at in range(r.randint(8, 14)):
        work, page, text = r.choice(pen.works), pen.page(), pen.paragraph()
        missing = slip.startswith("missing") and at in (3, 7)[: 1 + slip.endswith("two")]
        cited = cite(work, page)
        heading = f'{work.given} {work.family}, "{work.title}", {work.year}, p. {page}'
        block = inside.format(q=text, c=cited.replace(work.title, f"*{work.title}*"), h=heading)
        parts.append(f"> {text}" if missing else block)
        entries.append(
            Entry(text, "" if missing else work.family, "" if missing or (page not in cited and "{h}" not in inside) else page)
        )
        if slip == "two paragraphs" and at == 4:
            parts.append("The next one I owe to a friend, who would not say where it was found.")
    return Document(
        "book.md",
        "# Quotes\n\n" + "\n\n".join(parts) + "\n",
        tuple(entries),
        "same block",
        slip not in ("missing", "missing two"),
    )


def footnoted(pen: Pen, slip: str) -> Document:
    """Markdown quotations with footnotes."""
    entries = written(pen, "plain", slip if slip.startswith("missing") else "", quoted=False)
    body, notes = [], []
    for at, each in enumerate(entries, 1):
        body.append(f"> {each.text}[^{at}]" if each.cited else f"> {each.text}")
        if each.cited:
            notes.append(f"[^{at}]: {each.cited}")
    text = "# A Reader\n\n" + "\n\n".join(body) + "\n\n" + "\n".join(notes) + "\n"
    return Document("notes.md", text, tuple(each.entry for each in entries), "notes", not slip.startswith("missing"))


def paged(pen: Pen, slip: str) -> Document:
    """A work named once above, pages alone below each passage; plain text."""
    r = pen.random
    work = pen.works[0]
    head = r.choice(
        [
            f"{work.given} {work.family}, {work.title} ({work.place}: {work.house}, {work.year})".upper(),
            f"{work.given} {work.family}, {work.title} ({work.year})",
        ]
    )
    shape = r.choice(["({l} {p})", "[{l} {p}]", "{l} {p}"])
    label = r.choice(["p.", "page", "p.", "S."])
    entries, blocks = [], [head]
    for at in range(r.randint(6, 12)):
        text, page = pen.paragraph(), pen.page()
        missing = slip == "missing" and at == 2
        blocks.append(text if missing else f"{text}\n{shape.format(l=label, p=page)}")
        entries.append(Entry(text, work.family, "" if missing else page))
    return Document("pages.txt", pen.blank.join(blocks) + "\n", tuple(entries), "heading", slip != "missing")


def clippings(pen: Pen, _slip: str) -> Document:
    """An e-book reader's clippings."""
    r = pen.random
    meta = r.choice(
        [
            "- Your Highlight on page {p} | location {a}-{b} | Added on Friday, 29 November 2019 18:00:13",
            "- La subrayado en la página {p} | posición {a}-{b} | Añadido el viernes, 29 de noviembre de 2019 18:00:13",
            "- Votre surlignement sur la page {p} | emplacement {a}-{b} | Ajouté le vendredi 29 novembre 2019 18:00:13",
            "- Il tuo evidenziatore a pagina {p} | posizione {a}-{b} | Aggiunto in data venerdì 29 novembre 2019 18:00:13",
        ]
    )
    entries, blocks = [], []
    for at in range(r.randint(6, 14)):
        work, page, text = r.choice(pen.works), pen.page(), pen.paragraph()
        blocks.append(
            f"{work.title} ({work.family}, {work.given})\n{meta.format(p=page, a=at * 900 + 10, b=at * 900 + 12)}\n\n{text}\n"
        )
        entries.append(Entry(text, work.family, page))
    return Document("My Clippings.txt", "==========\n".join(blocks) + "==========\n", tuple(entries), "records", True)


KINDS: tuple[Callable[[Pen, str], Document], ...] = (
    below, above, same_line, records, headed, quotations, footnoted, paged, clippings, below, above, same_line
)  # fmt: skip
