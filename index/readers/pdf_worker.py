"""What looks into a PDF: a program of its own, so that a hostile file can break nothing but it.

Run as ``python -I pdf_worker.py text`` or ``… image PAGE WIDTH LINES`` (JSON), with the file on standard input. It imports
nothing of Ibid, takes the memory that it is allowed (who starts it bounds its time), and writes JSON, or PNG. Exit code 3 means
that the file is refused, and the last line of standard error says why.
"""

import ctypes
import json
import resource
import struct
import sys
import zlib
from collections.abc import Iterator
from typing import Any

MEMORY = 3 << 30
"""Bytes of address space; PDFium itself maps some 200 MB."""

MOST_PAGES = 10_000
MOST_CHARACTERS = 50_000_000
MOST_ON_A_PAGE = 200_000
REFUSED = 3
_GAP = 1.2
"""White space within a line, in heights of a character, from which two pieces are columns or cells, not words."""

_HYPHEN = 2
"""What PDFium writes for a hyphen at the end of a line, in the place of the line's end."""

Segment = list[Any]
"""[left, bottom, right, top, text] in points from the lower left corner."""


def main(arguments: list[str]) -> int:
    """Reads the file from standard input and writes what was asked for."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
        if len(document) > MOST_PAGES:
            return refuse(f"it has {len(document):,} pages, and {MOST_PAGES:,} are read at most")
        if arguments[0] == "image":
            sys.stdout.buffer.write(image(document, int(arguments[1]), int(arguments[2]), json.loads(arguments[3])))
        else:
            json.dump(told(document), sys.stdout, ensure_ascii=True)
    except pypdfium2.PdfiumError as problem:
        needs = "password" in str(problem).lower()
        return refuse("it is protected by a password" if needs else f"it is damaged or no PDF ({problem})")
    except MemoryError:
        return refuse(f"it needs more than {MEMORY >> 30} GB of memory")
    except ValueError as problem:
        return refuse(str(problem))
    return 0


def refuse(why: str) -> int:
    """Says why the file is not read."""
    sys.stderr.write(f"\n{why}\n")
    return REFUSED


def told(document: Any) -> dict[str, Any]:
    """Pages with their labels and pieces of text, the outline, the metadata, and the versions that gave them."""
    from pypdfium2 import version

    pages: list[dict[str, Any]] = []
    characters = 0
    for at in range(len(document)):
        page = document[at]
        segments = list(segments_of(page))
        characters += sum(len(segment[4]) for segment in segments)
        if characters > MOST_CHARACTERS:
            raise ValueError(f"it holds more than {MOST_CHARACTERS:,} characters of text")
        width, height = page.get_size()
        drawn = bool(segments) or next(iter(page.get_objects(max_depth=1)), None) is not None
        pages.append(
            {"label": document.get_page_label(at), "width": width, "height": height, "segments": segments, "drawn": drawn}
        )
        page.close()
    return {
        "pages": pages,
        "outline": outline(document),
        "metadata": document.get_metadata_dict(),
        "versions": {"pypdfium2": str(version.PYPDFIUM_INFO), "pdfium": str(version.PDFIUM_INFO)},
    }


def outline(document: Any) -> list[dict[str, Any]]:
    """Bookmarks in order: title, level from 1, page from 0 (-1: none)."""
    found = []
    for bookmark in document.get_toc(max_depth=6):
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        found.append({"title": bookmark.get_title(), "level": bookmark.level + 1, "page": -1 if index is None else index})
        if len(found) >= MOST_PAGES:
            break
    return found


def segments_of(page: Any) -> Iterator[Segment]:
    """Runs of characters on one line without a wide gap, in the order of the file.

    Only the first and the last character of a word are measured: PDFium writes a space wherever there is one to see.
    """
    from pypdfium2 import raw

    textpage = page.get_textpage()
    box = raw.FS_RECTF()
    pointer = ctypes.byref(box)
    unicode_of, box_of = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox
    line: Segment = []
    words: list[str] = []
    word: list[str] = []
    count = _count_of(textpage)
    for at in range(count + 1):
        code = unicode_of(textpage, at) if at < count else 10
        if code > 32 or code == _HYPHEN:
            if not word and box_of(textpage, at, pointer):
                if line and _is_apart(line, box):
                    yield [*line, " ".join(words)]
                    line, words = [], []
                line = line or [box.left, box.bottom, box.right, box.top]
                line[1], line[3] = min(line[1], box.bottom), max(line[3], box.top)
            word.append("-" if code == _HYPHEN else chr(code) if code < 0x110000 else "\ufffd")
            if code != _HYPHEN:
                continue
        if word:
            line = line or [0.0, 0.0, 0.0, 0.0]
            if box_of(textpage, at if code == _HYPHEN else at - 1, pointer):
                line[2] = max(line[2], box.right)
            words.append("".join(word))
            word = []
        if code in (10, 13) and words:
            yield [*line, " ".join(words)]
            line, words = [], []
    textpage.close()


def _count_of(textpage: Any) -> int:
    """How many characters a page holds. Raises ValueError for more than any page that people read."""
    count = int(textpage.count_chars())
    if count > MOST_ON_A_PAGE:
        raise ValueError(f"one of its pages holds {count:,} characters, and {MOST_ON_A_PAGE:,} are read at most")
    return count


def _is_apart(line: Segment, box: Any) -> bool:
    """Whether a word stands in another column or line than those before it."""
    height = max(box.top - box.bottom, 1.0)
    overlap = min(line[3], box.top) - max(line[1], box.bottom)
    return bool(
        box.left - line[2] > _GAP * height or box.left < line[2] - 3 * height or overlap < 0.2 * min(height, line[3] - line[1])
    )


def image(document: Any, number: int, width: int, marked: list[str]) -> bytes:
    """The page of this number, from 1, as a PNG so many pixels wide; ``marked`` are lines of it that are set off."""
    if not 1 <= number <= len(document):
        raise ValueError(f"it has no page {number}")
    page = document[number - 1]
    across, down = page.get_size()
    scale = min(width / max(across, 1.0), 4_000 / max(down, 1.0))
    bitmap = page.render(scale=scale, rev_byteorder=True, force_bitmap_format=2)
    rows = memoryview(bitmap.buffer).cast("B")
    for left, bottom, right, top, _ in marked_segments(list(segments_of(page)), marked):
        box = [max(0, int(edge * scale)) for edge in (left, down - top, right + 1, down - bottom)]
        _tint(rows, bitmap.stride, min(box[2], bitmap.width), box, min(box[3], bitmap.height))
    size = bitmap.width * 3
    lines = b"".join(b"\0" + bytes(rows[at * bitmap.stride : at * bitmap.stride + size]) for at in range(bitmap.height))
    header = struct.pack(">IIBBBBB", bitmap.width, bitmap.height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines, 6)) + _chunk(b"IEND", b"")


def marked_segments(segments: list[Segment], marked: list[str]) -> list[Segment]:
    """The segments that these lines consist of: where most of them stand in a row."""
    best: list[Segment] = []
    for start in range(len(segments) if marked else 0):
        run: list[Segment] = []
        line = 0
        for segment in segments[start:]:
            while line < len(marked) and segment[4] not in marked[line]:
                line += 1
            if line == len(marked):
                break
            run.append(segment)
        if len(run) > len(best) and segments[start][4] in marked[0]:
            best = run
    return best


def _tint(rows: memoryview, stride: int, right: int, box: list[int], bottom: int) -> None:
    """Takes blue out of a box of the image, so that white turns yellow and ink stays."""
    for row in range(box[1], bottom):
        begin, end = row * stride + box[0] * 3 + 2, row * stride + right * 3
        rows[begin:end:3] = bytes(rows[begin:end:3]).translate(_DIMMED)


_DIMMED = bytes(value * 5 // 9 for value in range(256))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
