"""Makes PDF files for tests: pages with running heads, folios, labels, columns and notes, as books have them."""

from collections.abc import Sequence

from fpdf import FPDF

SENTENCES = (
    "The salt came up the river in flat boats and was weighed at the weir before noon.",
    "Nobody who had carried it forgot what it did to a cut hand or to a wooden floor.",
    "A clerk with a slate wrote the loads down, and another wiped the slate at night.",
    "What was owed in the morning was paid in fish, in rope, or in another man's word.",
    "In a dry year the boats lay on the mud and the clerk drew ships on his slate.",
)


def paragraph(seed: int, sentences: int = 5) -> str:
    """A paragraph that differs from those of other seeds."""
    return " ".join(f"{SENTENCES[(seed + each) % len(SENTENCES)][:-1]} ({seed}.{each})." for each in range(sentences))


FRONT = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
TWO_COLUMNS = range(100, 140)
A_PAGE = 4


def folios(pages: int) -> list[str]:
    """What the pages of ``long_book`` are called: i to xii, then 1 and so on."""
    return [*FRONT[:pages], *map(str, range(1, pages - len(FRONT) + 1))]


def long_book(pages: int = 300) -> bytes:
    """A book with labels, running heads, folios and chapters, in two columns on the pages of ``TWO_COLUMNS`` (counted from 0).

    Page ``n`` holds the paragraphs ``n * A_PAGE`` to ``n * A_PAGE + A_PAGE - 1``, some 1,700 characters.
    """
    made = Book("The Weir Accounts", "Nora Vale")
    for number, folio in enumerate(folios(pages)):
        label = {0: ("r", 1), len(FRONT): ("D", 1)}.get(number)
        made.page(folio, "THE WEIR ACCOUNTS" if number % 2 else "NORA VALE", label)
        if number % 24 == len(FRONT):
            made.heading(f"Chapter {number // 24 + 1}")
        paragraphs = [paragraph(number * A_PAGE + each) for each in range(A_PAGE)]
        if number in TWO_COLUMNS:
            made.column(paragraphs[:2], x=40, width=166).column(paragraphs[2:], x=228, width=166)
        else:
            made.column(paragraphs)
    return made.data()


class Book:
    """A small book, page by page."""

    def __init__(self, title: str = "", author: str = "") -> None:
        self._pdf = FPDF(unit="pt", format=(432, 648))
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        if title:
            self._pdf.set_title(title)
        if author:
            self._pdf.set_author(author)

    def page(self, folio: str = "", head: str = "", label: tuple[str, int] | None = None) -> "Book":
        """A new page with its running head and number; ``label`` is the style and first number of the labels from here on."""
        self._pdf.add_page()
        if label:
            self._pdf.set_page_label(label_style=label[0], label_start=label[1])
        self._put(head, 32, 9)
        self._put(folio, 610, 9)
        return self

    def heading(self, words: str, *, outlined: bool = True) -> "Book":
        """A heading at the top, in the outline or only large."""
        if outlined:
            self._pdf.start_section(words)
        self._put(words, 60, 17)
        return self

    def column(self, paragraphs: Sequence[str], x: float = 54, width: float = 324, y: float = 95, size: float = 11) -> "Book":
        """Paragraphs in a column of this width, each indented."""
        self._pdf.set_font("Times", size=size)
        self._pdf.set_xy(x, y)
        for words in paragraphs:
            self._pdf.set_x(x)
            self._pdf.multi_cell(width, size + 2, f"     {words}", align="L", new_x="LMARGIN", new_y="NEXT")
        return self

    def lines(self, lines: Sequence[str], x: float = 54, y: float = 95, size: float = 11) -> "Book":
        """Lines exactly as given."""
        self._pdf.set_font("Times", size=size)
        for number, words in enumerate(lines):
            self._pdf.set_xy(x, y + number * (size + 2))
            self._pdf.cell(300, size, words)
        return self

    def picture(self) -> "Book":
        """A rectangle and no text: what a scanned page is to a program."""
        self._pdf.rect(50, 50, 300, 500, style="F")
        return self

    def data(self, owner_password: str = "", user_password: str = "") -> bytes:
        """The file, locked with passwords where they are given."""
        if owner_password:
            self._pdf.set_encryption(owner_password=owner_password, user_password=user_password)
        return bytes(self._pdf.output())

    def _put(self, words: str, y: float, size: float) -> None:
        if words:
            self._pdf.set_font("Times", size=size)
            self._pdf.set_xy(54, y)
            self._pdf.cell(324, size, words, align="C")
