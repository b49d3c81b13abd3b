"""Collections written for the tests, each line marked with what a careful person would say it is.

Every line begins with t (text), c (citation), h (heading), f (furniture) or stands empty; ``told`` takes the marks off.
All people, books and places in them are made up.
"""

import re
from collections.abc import Sequence

from index.readers.jsonl import export_line
from index.records import BlockKind, Reading

_KINDS: dict[str, BlockKind] = {"t": "text", "c": "citation", "h": "heading", "f": "furniture"}

WEB_PAGE = """
f The Invented Series Part 3: The Card Index

f A drawer of cards, photographed for nobody

f A drawer of cards, photographed for nobody

h WHAT A CARD IS FOR

t A card keeps one thought and says where the thought was found. Whoever loses the second half has lost the first one too.
t The card outlives the person who wrote it.
c Sample, Ada. Cards and Their Keepers. Nowhere: Example Press, 1951, p. 12

t … a card without a page is a rumour….

t Nobody should trust a rumour that is written down neatly. [The keeper laughs]
c Sample, Ada. Cards and Their Keepers. Nowhere: Example Press, 1951, p. 13
t The drawer itself has an order of its own, and the order is an argument.
c Specimen and Mock. Drawers. Nowhere, Elsewhere: Test & Sons, c1948, p. xi

h KEEPERS OF CARDS QUARREL

t [Minutes of the meeting of keepers, May 1950]

t KEEPER: The cards are mine.

t VISITOR: They are ours!

t WE WANT OUR CARDS BACK

t KEEPER: You shall have copies.
c Mock, Ben. The Trial of the Keeper. Nowhere: Example Press, 1952, p. 44-45

t To: The Keeper of Cards
t Room 5, Example House
t Nowhere, Elsewhere
t From: A. Reader
t Nowhere, January 27, 1950.

t Dear Keeper:

t Please send the card. I have asked before, and Specimen says (Drawers, 1948, p. 17) that one may ask twice.

t Respectfully, A. Reader
c Mock, Ben. Letters to a Keeper. 1953, p. 3

t QUESTION: Who may open the drawer?

t ANSWER: Whoever can close it again.

t The rule has exceptions, as one of them said:

t “I opened it and did not close it.”

t B. Specimen, The Open Drawer: A Confession, 1940–1949 (Nowhere: Example University Press, 1950), p. 177.

t …Still the drawer stood open for years.

t 1. It was never locked.
t 2. It was never full (Collected Drawers, VOL. 11, pp. 54-55)

t B. Specimen.”
c Sample, Ada. Order, Order! Nowhere: Example Press, 1954, p. 230-31

h THE DRAWER IS CLOSED

t THIS IS HOW IT ENDED. NOBODY WAS PUNISHED.

t The drawer was closed by accident.
c Sample, Ada. “Closing Time.” Card Weekly: August 7, 1955, p. 3

t The last word belongs to nobody. See pp. 54-55.
c Sample, Ada, Order, Order! Nowhere, Example Press 1954, p. 98. 100, 101, 103

f Share this:

f Previous
f Previous

f The Invented Series Part 2: The Shelf

f Next
f Next

f The Invented Series Part 4: The Room
"""

CHICAGO_NOTES = """
f A Commonplace Book of Invented Sources

f Edited by Nobody in Particular

h On Losing One's Place

t The reader who loses the place has not lost the book, the second keeper says; he has only lost the argument.

t It is worse to lose the book.

c Ada Sample, A History of Lost Places (Nowhere: Example Press, 1990), 14–15.

t A bookmark is a promise to return, and most promises of that kind are kept by nobody at all.

c Ben Mock and Cora Specimen, "Bookmarks," Journal of Small Papers 12, no. 3 (1987): 201.

h On Finding It Again

t Every index is a second book, written by somebody who had to read the first one.

c Cora Specimen, Indexes and Their Makers, trans. Dan Dummy (Elsewhere: Test University Press, 2001), 3.

t The third keeper disagreed, and said so at length.

c Ibid., 45.

h On Giving Up

t There comes an evening when one closes the book without a mark.

c Ada Sample, A History of Lost Places (Nowhere: Example Press, 1990), 99.
"""

SHORT_REFERENCES = """
f Notes on invented reading

h Why people copy

t People copy what they wish they had said, which is why copies are so often improved.
c (Sample 1990, 14)

t Copying by hand is slow, and slowness is a kind of attention.
c (Mock and Specimen 1987, 201–3)

h How people forget

t What has been copied may be forgotten; that is what the copy is for.
c (Specimen et al. 2001a, 33)

t The copy remembers (as Mock 1987, 44 says) only what it was told.
c (Sample 1990, 15)

h Where copies go

t Most copies end in boxes, and boxes end in cellars.
c (Dummy 2011, 7)
"""

AUTHOR_DATE = """
f Some Pages

t A page has two sides. On the first somebody writes what is known, and on the second what is only believed.
c Sample, A. (1990). Two sides of a page. Nowhere: Example Press, p. 4.

t A page that is turned is read twice. The keepers counted the pages and found that they had been turned less than once a year.
c Mock, B., & Specimen, C. (1987). Turning pages. Journal of Small Papers, 12(3), 201–203.

t The report found nothing. It said so in forty pages, and it was right.
c Example Society of Archivists. (2011). Report on nothing (2nd ed.). https://example.org/nothing
t The end of a page is not the end of an argument. Sample (1990, p. 15) says otherwise.

t It is the beginning of the next one.
c Sample, A. (1990b). The end of a page. In B. Mock (Ed.), Pages (pp. 12–14). Test UP.

t This thought has no source, because it is nobody's.
"""

MLA = """
f Reading Matter

h Shelves

t Shelves fill from the left, which says something about the people who fill them.

c Sample, Ada. *The Left Shelf*. Example Press, 1999, p. 12.

t A shelf that is full has stopped being read.

c Mock, Ben, and Cora Specimen. "Full Shelves." *Shelf Studies*, vol. 3, no. 2, 2004, pp. 12-19.

h Boxes

t A box is a shelf for things nobody will look for.

c Specimen, Cora. "Boxes." *The Example Companion to Storage*, edited by Ada Sample, Test UP, 2010, p. 88.
"""

FOOTNOTES = """
f FOOTNOTES TO NOTHING

h THE FIRST NOTE

t A note at the foot of the page is a second voice, and it is usually the more honest one.[1]

c 1. Ada Sample, The Second Voice (Nowhere: Example Press, 1970), 4.

t Whoever reads only the notes has read the better half.[2]

c 2. Ibid., 9.

h THE LAST NOTE

t The last note is written when nobody is looking, and it thanks the wrong person.[3]

c 3. Ben Mock, "Thanks," in Prefaces, ed. Cora Specimen (Elsewhere: Test Press, 1981), 211–12.
"""

SAYINGS = """
f Sayings

t Never lend a card.
c — Ada Sample, Cards and Their Keepers

t A card lent is a card lost.
t And a card lost is a card that somebody else has found.
c — Ben Mock, The Trial of the Keeper

t Keep the drawer shut.
c — Cora Specimen, Drawers
"""

PARTS = """
f Part Two of a Collection

h CHAPTER ONE

h ON INK

t Ink fades.

c Ada Sample, "Ink," in Stationery, ed. Ben Mock (Nowhere: Example Press, 1990), 12.

h Old Ink

t Old ink fades faster, as every keeper who has kept any will tell you at length.

c Ben Mock, Old Ink (Nowhere: Example Press, 1993), 3.

h New Ink

t New ink does not exist; there is only ink that has not been used.

c Ben Mock, New Ink (Nowhere: Example Press, 1995), 7n2.

h CHAPTER TWO

h ON PAPER

h Thin Paper

t Paper is thin.

c Cora Specimen, Paper, 2nd ed., vol. 2 (Elsewhere: Test UP, n.d.), xii–xiv.
"""

COLLECTIONS = {
    "web page": WEB_PAGE,
    "Chicago notes": CHICAGO_NOTES,
    "short references": SHORT_REFERENCES,
    "author-date": AUTHOR_DATE,
    "MLA": MLA,
    "footnotes": FOOTNOTES,
    "sayings": SAYINGS,
    "parts and chapters": PARTS,
}


def told(marked: str) -> tuple[str, list[BlockKind | None]]:
    """The text without its marks, and the kind of each line (None for blank lines)."""
    lines = marked.strip("\n").split("\n")
    return re.sub(r"(?m)^[tchf] ", "", marked.strip("\n")), [_KINDS[line[0]] if line else None for line in lines]


def found(reading: Reading) -> list[BlockKind | None]:
    """The kind of each line of a reading's text, blank lines within an excerpt included as None."""
    text = reading.document.text
    kinds: list[BlockKind | None] = [None] * (text.count("\n") + 1)
    for block in reading.blocks:
        for number, line in enumerate(text[block.start : block.end].split("\n"), block.line - 1):
            kinds[number] = block.kind if line.strip() else None
    return kinds


def exported(readings: Sequence[Reading]) -> str:
    """All excerpts of the readings as they are exported."""
    return "".join(f"{export_line(excerpt, reading.document)}\n" for reading in readings for excerpt in reading.excerpts)
