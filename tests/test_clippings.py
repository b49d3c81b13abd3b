"""The clippings of e-book readers are read by their structure, whatever the language of the interface."""

import pytest

from index.readers import read_file
from index.records import Excerpt, Reading, SourceFile
from tests.test_reader_contract import check

FRIDAY = "29 November 2019 18:00:13"
METAS = {
    "English": (
        f"- Your Highlight on page {{p}} | location {{l}} | Added on {FRIDAY}",
        f"- Your Note on page {{p}} | location {{n}} | Added on {FRIDAY}",
    ),
    "German": (
        f"- Ihre Markierung auf Seite {{p}} | bei Position {{l}} | Hinzugefügt am {FRIDAY}",
        f"- Ihre Notiz auf Seite {{p}} | bei Position {{n}} | Hinzugefügt am {FRIDAY}",
    ),
    "French": (
        f"- Votre surlignement sur la page {{p}} | emplacement {{l}} | Ajouté le {FRIDAY}",
        f"- Votre note sur la page {{p}} | emplacement {{n}} | Ajouté le {FRIDAY}",
    ),
    "Japanese": (
        f"- {{p}}ページ|位置No. {{l}}のハイライト |作成日: {FRIDAY}",
        f"- {{p}}ページ|位置No. {{n}}のメモ |作成日: {FRIDAY}",
    ),
    "Chinese": (
        f"- 您在第 {{p}} 页（位置 #{{l}}）的标注 | 添加于 {FRIDAY}",
        f"- 您在第 {{p}} 页（位置 #{{n}}）的笔记 | 添加于 {FRIDAY}",
    ),
    "unknown": (f"- Blorp zan {{p}} | mer {{l}} | Fliz {FRIDAY}", f"- Gnup zan {{p}} | mer {{n}} | Fliz {FRIDAY}"),
}
LAMP, KITE, OWN = "Whoever lights a lamp owns the dark.", "A kite is held up by what it pulls against.", "I am not so sure."


def clippings(highlight: str, note: str) -> str:
    records = [
        f"The Lamp Book (Fell, Ida)\n{highlight.format(p=14, l='210-212')}\n\n{LAMP}\n",
        f"On Kites: A Primer (Second Edition) (Otto Tarn)\n{highlight.format(p=31, l='465-467')}\n\n{KITE}\n",
        f"The Lamp Book (Fell, Ida)\n{highlight.format(p=14, l='210-211')}\n\n{LAMP[:20]}\n",
        f"The Lamp Book (Fell, Ida)\n{note.format(p=14, n='212')}\n\n{OWN}\n",
        f"The Lamp Book (Fell, Ida)\n{note.format(p=15, n='220')}\n\n\n",
    ]
    return "\ufeff" + "==========\n".join(records) + "==========\n"


def read(text: str, name: str = "My Clippings.txt") -> Reading:
    (reading,) = read_file(SourceFile(name, text.encode()))
    check(reading)
    return reading


def family(excerpt: Excerpt) -> str:
    csl = (excerpt.citation.csl if excerpt.citation else None) or {}
    return csl["author"][0].get("family", "") if "author" in csl else ""


@pytest.mark.parametrize("language", METAS)
def test_each_highlight_is_cited_with_author_title_and_page(language: str) -> None:
    reading = read(clippings(*METAS[language]))

    told = [(excerpt.text, family(excerpt), excerpt.citation and excerpt.citation.locator) for excerpt in reading.excerpts]
    assert [(text, who, place and (place.label, place.value)) for text, who, place in told] == [
        (LAMP, "Fell", ("page", "14")),
        (KITE, "Tarn", ("page", "31")),
        (OWN, "", None),
    ]
    assert reading.document.reader == "clippings"


def test_a_title_may_hold_brackets_of_its_own() -> None:
    citation = read(clippings(*METAS["English"])).excerpts[1].citation

    assert citation is not None
    assert citation.csl is not None
    assert citation.csl["title"] == "On Kites: A Primer (Second Edition)"


def test_a_location_alone_is_no_page() -> None:
    reading = read(
        f"The Lamp Book (Fell, Ida)\n- Your Highlight at location 210-212 | Added on Friday, 18:00:13\n\n{LAMP}\n==========\n"
    )

    (excerpt,) = reading.excerpts
    assert excerpt.citation is not None
    assert excerpt.citation.locator is not None
    assert (excerpt.citation.locator.label, excerpt.citation.locator.value) == ("location", "210-212")


def test_sayings_between_lines_of_equal_signs_are_no_clippings() -> None:
    reading = read(
        f"{LAMP}\n— Ida Fell, The Lamp Book, p. 4\n==========\n{KITE}\n— Otto Tarn, On Kites, p. 19\n==========\n", "sayings.txt"
    )

    assert reading.document.reader == "excerpts"
    assert [family(excerpt) for excerpt in reading.excerpts] == ["Fell", "Tarn"]
