"""How many pages of a PDF are read in a second: ``python -m benchmarks.pdf_pages [PAGES]``, over a book made for it.

Exits 1 where fewer than 50 pages are read in a second of processor time.
"""

import argparse
import resource
import sys
import time

from index.readers import read_file
from index.records import SourceFile
from tests.printed_pages import long_book

FEWEST = 50


def main() -> None:
    """Reads the book once and tells pages a second of processor time, PDFium's process included, and of wall time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="?", type=int, default=300)
    pages = parser.parse_args().pages
    file = SourceFile("weir.pdf", long_book(pages))
    read_file(SourceFile("weir.pdf", long_book(1)))
    started, processor = time.perf_counter(), time.process_time()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    (reading,) = read_file(file)
    wall, own = time.perf_counter() - started, time.process_time() - processor
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    theirs = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    print(f"{pages} pages, {len(reading.document.text):,} characters, {len(reading.excerpts):,} excerpts")
    print(f"{pages / (own + theirs):.0f} pages a second of processor time ({own:.2f} s here, {theirs:.2f} s in PDFium's process)")
    print(f"{pages / wall:.0f} pages a second of wall time on this machine, as busy as it is")
    sys.exit(pages < FEWEST * (own + theirs))


if __name__ == "__main__":
    main()
