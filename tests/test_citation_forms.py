"""Forms of citation lines, kind by kind: locators, reprints, archives, courts, classics, languages; each read with its fields.

The titles and people are invented; what a row leaves out is free.
"""

from typing import Any

import pytest

from index.citations.parse import parse_citation
from index.citations.recognise import is_citation


def year(*parts: int) -> dict[str, Any]:
    return {"date-parts": [list(parts)]}


LINES: list[tuple[str, dict[str, Any], tuple[str, str] | None]] = [
    # locators
    (
        "Thorne, Mabel. The Salt Ledger. London: Quay Press, 1974. Kindle location 2210.",
        {"author": "Thorne", "title": "The Salt Ledger", "issued": year(1974)},
        ("elocation", "2210"),
    ),
    (
        "Mabel Thorne, The Salt Ledger (London: Quay Press, 1974), Kindle loc. 2210–14.",
        {"author": "Thorne", "title": "The Salt Ledger", "publisher": "Quay Press"},
        ("elocation", "2210–14"),
    ),
    (
        "Thorne, Mabel. The Salt Ledger. London: Quay Press, 1974, loc. 88 of 4031",
        {"author": "Thorne", "issued": year(1974)},
        None,
    ),
    (
        "Osric Vane, A Treatise of Tides (London, 1641), sig. C4v.",
        {"author": "Vane", "title": "A Treatise of Tides", "issued": year(1641)},
        ("page", "sig. C4v"),
    ),
    (
        "Osric Vane, A Treatise of Tides (London, 1641), sigs. A2r–A3v.",
        {"author": "Vane", "issued": year(1641)},
        ("page", "sigs. A2r–A3v"),
    ),
    (
        "Osric Vane, A Treatise of Tides (London, 1641), fols. 7r–8v.",
        {"author": "Vane", "issued": year(1641)},
        ("folio", "7r–8v"),
    ),
    ("Lena Moss, The Ferry Years (York: Dell, 1988), §§ 12–14.", {"author": "Moss", "issued": year(1988)}, ("section", "12–14")),
    ("Lena Moss, The Ferry Years (York: Dell, 1988), cols. 31–33.", {"author": "Moss"}, ("column", "31–33")),
    ("Lena Moss, The Ferry Years (York: Dell, 1988), ll. 40–52.", {"author": "Moss"}, ("line", "40–52")),
    (
        "Lena Moss, The Ferry Years (York: Dell, 1988), ch. 4, par. 9.",
        {"author": "Moss", "title": "The Ferry Years"},
        ("paragraph", "9"),
    ),
    (
        "The Ferry Years, directed by Lena Moss (York: Dell Films, 1988), 00:41:07.",
        {"title": "The Ferry Years", "issued": year(1988)},
        ("timestamp", "00:41:07"),
    ),
    (
        "Lena Moss, The Ferry Years (York: Dell, 1988), at 1:02:30–1:03:15.",
        {"author": "Moss", "issued": year(1988)},
        ("timestamp", "at 1:02:30–1:03:15"),
    ),
    ("Lena Moss, The Ferry Years (York: Dell, 1988), 77n3.", {"author": "Moss"}, ("page", "77n3")),
    ("Lena Moss, The Ferry Years (York: Dell, 1988), esp. 77–80.", {"author": "Moss", "issued": year(1988)}, ("page", "77–80")),
    ("Lena Moss, The Ferry Years (York: Dell, 1988), xiv.", {"author": "Moss"}, ("page", "xiv")),
    # reprints, original dates, circa, forthcoming, n.d.
    (
        "Moss, Lena. The Ferry Years. 1931. Reprint, York: Dell, 1988.",
        {"author": "Moss", "title": "The Ferry Years", "issued": year(1988)},
        None,
    ),
    (
        "Lena Moss, The Ferry Years (1931; repr., York: Dell, 1988), 40.",
        {"author": "Moss", "title": "The Ferry Years", "issued": year(1988), "publisher": "Dell"},
        ("page", "40"),
    ),
    (
        "Moss, L. (1988). The ferry years. Dell. (Original work published 1931)",
        {"author": "Moss", "title": "The ferry years", "issued": year(1988)},
        None,
    ),
    ("Moss, L. (1931/1988). The ferry years. Dell.", {"author": "Moss", "issued": year(1988)}, None),
    (
        "Moss, Lena. The Ferry Years. York: Dell, ca. 1890.",
        {"author": "Moss", "issued": {"date-parts": [[1890]], "circa": True}},
        None,
    ),
    ("Moss, Lena. The Ferry Years. York: Dell, n.d., p. 14", {"author": "Moss", "publisher": "Dell"}, ("page", "14")),
    ("Moss, Lena. The Ferry Years. York: Dell, forthcoming.", {"author": "Moss", "title": "The Ferry Years"}, None),
    ("Moss, L. (in press). The ferry years. Dell.", {"author": "Moss"}, None),
    (
        "Moss, Lena. The Ferry Years. 3rd ed. York: Dell, c1988. p. 12",
        {"author": "Moss", "edition": "3", "issued": year(1988)},
        ("page", "12"),
    ),
    # letters, interviews, personal communications, archives
    (
        "Lena Moss, letter to Karl Dunn, 14 June 1921, box 2, folder 9, Moss Family Papers, York City Archives.",
        {"issued": year(1921, 6, 14)},
        None,
    ),
    ("Karl Dunn, interview by Lena Moss, York, 3 March 1977.", {"type": "interview", "issued": year(1977, 3, 3)}, None),
    ("Dunn, Karl. Interview with Lena Moss. 3 March 1977.", {"type": "interview", "author": "Dunn"}, None),
    (
        "Karl Dunn, e-mail message to author, 9 October 2004.",
        {"type": "personal_communication", "author": "Dunn", "issued": year(2004, 10, 9)},
        None,
    ),
    ("K. Dunn, personal correspondence, 9 October 2004.", {"type": "personal_communication", "author": "Dunn"}, None),
    (
        "The National Archives, Kew, FO 371/4381, memorandum by Dunn, 2 May 1919.",
        {"type": "manuscript", "archive_location": "FO 371/4381", "issued": year(1919, 5, 2)},
        None,
    ),
    (
        "National Archives, HO 45/1022/3, petition of the ferrymen, 8 May 1871.",
        {"type": "manuscript", "issued": year(1871, 5, 8)},
        None,
    ),
    (
        "Report on the wharves, 1921, folder 3, box 14, Dunn Papers, Hull History Centre.",
        {"type": "manuscript", "archive": "Dunn Papers, Hull History Centre"},
        None,
    ),
    ("GARF, f. 5446, op. 1, d. 77, l. 12.", {"archive": "GARF"}, None),
    # parliaments
    ("Hansard, HC, 12 July 1911, vol. 28, col. 402.", {"type": "hearing", "issued": year(1911, 7, 12)}, ("column", "402")),
    ("Parl. Deb., H.L., 4 May 1921, vol. 45, cols. 88–90.", {"type": "hearing", "volume": "45"}, ("column", "88–90")),
    (
        "H.C. Deb. 3 March 1936 vol 309 c1108",
        {"type": "hearing", "volume": "309", "issued": year(1936, 3, 3)},
        ("column", "1108"),
    ),
    # cases
    (
        "Tarn v. Holloway Dock Co., 88 N.E.2d 310, 314 (Mass. 1949).",
        {"type": "legal_case", "volume": "88", "page": "310"},
        ("page", "314"),
    ),
    (
        "In re Estate of Tarn, 214 F.3d 55 (2d Cir. 2000)",
        {"type": "legal_case", "authority": "2d Cir.", "issued": year(2000)},
        None,
    ),
    ("Tarn v Holloway [1951] 2 QB 66, 71.", {"type": "legal_case", "volume": "2", "issued": year(1951)}, ("page", "71")),
    ("Ex parte Holloway, 41 U.S. 12 (1842).", {"type": "legal_case", "title": "Ex parte Holloway"}, None),
    # classics, scripture
    ("Thucydides, History 3.82.4", {"type": "classic", "author": "Thucydides", "title": "History"}, ("section", "3.82.4")),
    ("Homer, Odyssey 9.105–115.", {"type": "classic", "author": "Homer"}, ("section", "9.105–115")),
    ("Plato, Laws 739c–e", {"type": "classic", "author": "Plato", "title": "Laws"}, ("section", "739c–e")),
    ("Aristotle, Metaphysics 1072b14.", {"type": "classic", "author": "Aristotle"}, ("section", "1072b14")),
    ("Marlowe, Doctor Faustus, act 2, scene 1, lines 12–20", {"author": "Marlowe", "title": "Doctor Faustus"}, None),
    ("Rom. 8:28–30", {"type": "classic"}, ("verse", "8:28–30")),
    ("1 Kgs 3:16-28 (NIV)", {"type": "classic", "version": "NIV"}, ("verse", "3:16-28")),
    ("Augustine, City of God, 19.13", {"type": "classic", "author": "Augustine", "title": "City of God"}, ("section", "19.13")),
    # theses, papers, web
    (
        "Moss, Lena. “Ferries and Tolls, 1800–1850.” PhD diss., University of York, 1999.",
        {
            "type": "thesis",
            "author": "Moss",
            "title": "Ferries and Tolls, 1800–1850",
            "genre": "PhD diss.",
            "publisher": "University of York",
        },
        None,
    ),
    (
        "Lena Moss, “Ferries and Tolls” (master’s thesis, University of York, 1999), 61.",
        {"type": "thesis", "title": "Ferries and Tolls"},
        ("page", "61"),
    ),
    (
        "Moss, L. (1999). Ferries and tolls [Doctoral dissertation, University of York].",
        {"type": "thesis", "author": "Moss", "title": "Ferries and tolls"},
        None,
    ),
    (
        "Moss, Lena, and Karl Dunn. “Tolls and Trade.” Working Paper 311, Institute of Ports, Hull, 2003.",
        {"author": "Moss", "title": "Tolls and Trade"},
        None,
    ),
    (
        "Lena Moss, “Tolls Today,” Ferry Notes, May 3, 2012, accessed June 1, 2014, https://example.org/tolls.",
        {"author": "Moss", "title": "Tolls Today", "URL": "https://example.org/tolls", "accessed": year(2014, 6, 1)},
        None,
    ),
    (
        "Moss, L. (2012, May 3). Tolls today. Ferry Notes. https://example.org/tolls",
        {"author": "Moss", "title": "Tolls today", "issued": year(2012, 5, 3)},
        None,
    ),
    # quoted in
    (
        "Karl Dunn, Letters of a Pilot, 12, quoted in Lena Moss, The Ferry Years (York: Dell, 1988), 77.",
        {"author": "Dunn", "title": "Letters of a Pilot"},
        ("page", "12"),
    ),
    (
        "Karl Dunn, Letters of a Pilot (Hull, 1902), 12, cited in Moss, Ferry Years, 77.",
        {"author": "Dunn", "title": "Letters of a Pilot", "issued": year(1902)},
        ("page", "12"),
    ),
    (
        "Karl Dunn, Lotsenbriefe (Kiel 1902), S. 12, zit. nach Lena Moss, Fährjahre, Köln 1988, S. 77.",
        {"author": "Dunn", "title": "Lotsenbriefe"},
        ("page", "12"),
    ),
    # German
    (
        "Lena Moos: Die Fährjahre. Eine Stadt am Strom. Köln: Dellmann 1988, S. 77.",
        {"author": "Moos", "issued": year(1988)},
        ("page", "77"),
    ),
    (
        "Moos, Lena: Die Fährjahre, 2., überarb. Aufl., Köln 1988, S. 77f.",
        {"author": "Moos", "issued": year(1988)},
        ("page", "77f"),
    ),
    (
        "Karl Dunn: Zölle am Strom, in: Lena Moos (Hrsg.): Häfen, Köln 1991, S. 12–40, hier S. 19.",
        {"author": "Dunn", "issued": year(1991)},
        ("page", "19"),
    ),
    (
        "Karl Dunn: „Zölle am Strom“, in: Historische Zeitschrift 112 (1991), S. 12–40.",
        {"author": "Dunn", "title": "Zölle am Strom", "issued": year(1991)},
        None,
    ),
    ("Moos, L. / Dunn, K. (1988): Die Fährjahre. Köln: Dellmann.", {"issued": year(1988), "title": "Die Fährjahre"}, None),
    # French
    (
        "Hélène Mousse, Les années du bac, Paris, Éditions du Quai, 1988, p. 77.",
        {"author": "Mousse", "title": "Les années du bac", "issued": year(1988)},
        ("page", "77"),
    ),
    (
        "MOUSSE Hélène, Les années du bac, Lyon, Quai, 1988, p. 77-79.",
        {"author": "MOUSSE", "issued": year(1988)},
        ("page", "77-79"),
    ),
    (
        "Hélène Mousse, « Péages et ponts », Revue historique, t. 112, n° 3, 1991, p. 12-40.",
        {"author": "Mousse", "title": "Péages et ponts", "issued": year(1991)},
        None,
    ),
    (
        "Hélène Mousse, Les années du bac, t. II, Paris, Quai, 1988, p. 5.",
        {"author": "Mousse", "issued": year(1988)},
        ("page", "5"),
    ),
    # Italian, Spanish
    (
        "Elena Muschi, Gli anni del traghetto, Torino, Molo, 1988, p. 77.",
        {"author": "Muschi", "title": "Gli anni del traghetto", "issued": year(1988)},
        ("page", "77"),
    ),
    (
        "E. Muschi, Gli anni del traghetto, a cura di C. Dunni, Molo, Torino 1988, pp. 77-78.",
        {"author": "Muschi", "issued": year(1988)},
        ("page", "77-78"),
    ),
    (
        "Elena Musgo, Los años del trasbordador, Madrid, Muelle, 1988, pág. 77.",
        {"author": "Musgo", "issued": year(1988)},
        ("page", "77"),
    ),
    (
        "Musgo, Elena. Los años del trasbordador. Trad. Carlos Dunas. Madrid: Muelle, 1988.",
        {"author": "Musgo", "title": "Los años del trasbordador", "issued": year(1988)},
        None,
    ),
    # Russian, CJK
    (
        "Мохова Л. П. Годы парома. М.: Причал, 1988. С. 77.",
        {"author": "Мохова", "title": "Годы парома", "issued": year(1988)},
        ("page", "77"),
    ),
    (
        "Мохова, Л. П. Годы парома / Л. П. Мохова. — СПб. : Причал, 1988. — 312 с.",
        {"author": "Мохова", "issued": year(1988)},
        None,
    ),
    (
        "Мохова Л. П. Пошлины и мосты // Вопросы истории. 1991. № 3. С. 12–40.",
        {"author": "Мохова", "title": "Пошлины и мосты", "issued": year(1991)},
        None,
    ),
    ("李明：《渡口年代》，上海：码头出版社，1988年，第77页。", {"title": "渡口年代", "issued": year(1988)}, ("page", "77")),
    ("田中一郎『渡し船の時代』東京：港出版、1988年、77頁。", {"title": "渡し船の時代", "issued": year(1988)}, None),
    # the first bugs of their kinds
    (
        "Lena Moss, Ferry Years: A City and Its River (York: Dell, 1988)",
        {"author": "Moss", "title": "Ferry Years: A City and Its River", "issued": year(1988)},
        None,
    ),
    ("Moss, Lena. The Ferry Years. Boston: Little, Brown, 1988. p. 9", {"publisher": "Little, Brown"}, ("page", "9")),
    (
        "Moss, L. (1988). Tolls and bridges. Journal of River History, 12, 30–44.",
        {"author": "Moss", "container-title": "Journal of River History", "volume": "12"},
        None,
    ),
    (
        "Moss, L. (1988). Tolls and bridges. In K. Dunn (Ed.), Ports and their people (pp. 30–44). Dell.",
        {"author": "Moss", "container-title": "Ports and their people", "editor": "Dunn"},
        None,
    ),
    ("Hall van den Berg, Otto. River Law. Leiden: Dell, 1988.", {"title": "River Law", "issued": year(1988)}, None),
]


@pytest.mark.parametrize(("line", "expected", "place"), LINES)
def test_a_line_of_this_form_is_recognised_and_read_with_its_fields(
    line: str, expected: dict[str, Any], place: tuple[str, str] | None
) -> None:
    citation = parse_citation(line)

    csl = citation.csl or {}
    first = {role: csl[role][0].get("family", csl[role][0].get("literal")) for role in ("author", "editor") if role in csl}
    assert is_citation(line)
    assert {field: (csl | first).get(field) for field in expected} == expected
    if place is not None:
        assert citation.locator is not None
        assert (citation.locator.label, citation.locator.value) == place


@pytest.mark.parametrize(
    ("line", "original"),
    [
        ("Lena Moss, The Ferry Years (1931; repr., York: Dell, 1988), 40.", 1931),
        ("Moss, Lena. The Ferry Years. 1931. Reprint, York: Dell, 1988.", 1931),
        ("Moss, L. (1988). The ferry years. Dell. (Original work published 1931)", 1931),
        ("Moss, L. (1931/1988). The ferry years. Dell.", 1931),
    ],
)
def test_the_year_of_the_original_is_a_field_of_its_own_and_nothing_is_left_over(line: str, original: int) -> None:
    citation = parse_citation(line)

    assert citation.csl is not None
    assert citation.csl["original-date"] == year(original)
    assert citation.csl["issued"] == year(1988)
    assert citation.problem == ""


def test_a_time_in_a_film_is_no_volume_of_it() -> None:
    csl = parse_citation("The Ferry Years, directed by Lena Moss (York: Dell Films, 1988), 00:41:07.").csl

    assert csl is not None
    assert csl["director"] == [{"family": "Moss", "given": "Lena"}]
    assert "volume" not in csl


@pytest.mark.parametrize("line", ["渡口年代", "李明说：《渡口年代》是1988年的书。", "Годы парома / перевоз — это было давно."])
def test_other_lines_of_these_languages_are_no_citations(line: str) -> None:
    assert not is_citation(line)
