"""How many pages of a PDF are read in a second: ``python -m benchmarks.pdf_pages [PAGES]``, over a book made for it."""

import argparse
import resource
import time

from index.readers import read_file
from index.records import SourceFile
from tests.printed_pages import Book, paragraph


def book(pages: int) -> bytes:
    """A book with running heads, numbers, labels and some 2,000 characters a page."""
    made = Book("The Weir Accounts", "Nora Vale")
    for number in range(pages):
        made.page(str(number + 1), "THE WEIR ACCOUNTS", ("D", 1) if not number else None)
        made.column([paragraph(number * 10 + each) for each in range(5)])
    return made.data()


def main() -> None:
    """Reads the book once and tells pages a second of processor time, PDFium's process included, and of wall time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="?", type=int, default=300)
    pages = parser.parse_args().pages
    file = SourceFile("weir.pdf", book(pages))
    read_file(SourceFile("weir.pdf", book(1)))
    started, processor = time.perf_counter(), time.process_time()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    (reading,) = read_file(file)
    wall, own = time.perf_counter() - started, time.process_time() - processor
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    theirs = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    print(f"{pages} pages, {len(reading.document.text):,} characters, {len(reading.excerpts):,} excerpts")
    print(f"{pages / (own + theirs):.0f} pages a second of processor time ({own:.2f} s here, {theirs:.2f} s in PDFium's process)")
    print(f"{pages / wall:.0f} pages a second of wall time on this machine, as busy as it is")


if __name__ == "__main__":
    main()
