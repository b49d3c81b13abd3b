"""What a style does where the source says little: it says "n.d." or says nothing, and never invents."""

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from index.citations.styles import STYLES, _marked_citation, format_bibliography, format_citation, format_excerpt_citation
from index.errors import CitationInvalid
from index.records import Citation, CslItem, Locator

BARE: CslItem = {"type": "book", "author": [{"family": "Crane", "given": "David M."}], "title": "The Lost Index"}


@pytest.mark.parametrize(
    ("style", "cited", "listed"),
    [
        ("chicago-notes", "David M. Crane, The Lost Index, n.d., 7.", "Crane, David M. The Lost Index, n.d."),
        ("chicago-author-date", "(Crane, n.d., 7)", "Crane, David M. n.d. The Lost Index."),
        ("apa", "(Crane, n.d., p. 7)", "Crane, D. M. (n.d.). The Lost Index."),
        ("mla", "(Crane 7)", "Crane, David M. The Lost Index."),
    ],
)
def test_without_place_publisher_and_date_a_citation_degrades_as_the_style_prescribes(
    style: str, cited: str, listed: str
) -> None:
    assert format_citation(BARE, Locator("page", "7"), style) == cited
    assert format_bibliography([BARE], style) == [listed]


@pytest.mark.parametrize(
    ("style", "listed"),
    [
        ("chicago-notes", "The Nameless Book. Boston: Ames, 1901."),
        ("chicago-author-date", "The Nameless Book. 1901. Boston: Ames."),
        ("apa", "The Nameless Book. (1901). Ames."),
        ("mla", "The Nameless Book. Ames, 1901."),
    ],
)
def test_without_an_author_the_title_leads_and_is_not_repeated(style: str, listed: str) -> None:
    nameless = {
        "type": "book",
        "title": "The Nameless Book",
        "publisher": "Ames",
        "publisher-place": "Boston",
        "issued": {"date-parts": [[1901]]},
    }

    assert format_bibliography([nameless], style) == [listed]


def test_two_surnames_without_given_names_take_no_comma_before_and() -> None:
    surnames = {"type": "book", "title": "Finding", "author": [{"family": "Ames"}, {"family": "Birch"}]}

    assert format_bibliography([surnames], "chicago-notes") == ["Ames and Birch. Finding, n.d."]
    assert format_bibliography([surnames], "mla") == ["Ames and Birch. Finding."]


def test_an_editor_who_also_translated_is_not_named_twice_in_one_role() -> None:
    both = {
        "type": "book",
        "title": "Letters",
        "editor": [{"family": "Tarrant", "given": "S."}],
        "issued": {"date-parts": [[1970]]},
    }
    both["translator"] = both["editor"]

    assert format_bibliography([both], "chicago-notes") == ["Tarrant, S., ed. Letters. Translated by S. Tarrant, 1970."]


@pytest.mark.parametrize(("style", "given"), [("chicago-notes", "Anna L."), ("mla", "Anna L."), ("apa", "A. L.")])
def test_given_names_are_abbreviated_only_where_the_style_abbreviates(style: str, given: str) -> None:
    sample = {"type": "book", "title": "Notes", "author": [{"family": "Sample", "given": "Anna L."}]}

    assert format_bibliography([sample], style)[0].startswith(f"Sample, {given}")


def test_mla_spaces_initials_without_shortening_names() -> None:
    john = {"type": "book", "title": "Notes", "author": [{"family": "Hobson", "given": "J.A. Robert"}]}

    assert format_bibliography([john], "mla")[0].startswith("Hobson, J. A. Robert.")


def test_a_literal_name_is_never_taken_apart() -> None:
    committee = {"type": "book", "title": "History", "author": [{"literal": "Committee of the Index, New York (Old)"}]}

    for style in STYLES:
        assert format_bibliography([committee], style)[0].startswith("Committee of the Index, New York (Old).")


@pytest.mark.parametrize(
    ("style", "roman", "short", "list_of_pages"),
    [
        ("chicago-notes", "xii–xv.", "308–9.", "98, 100–101."),
        ("chicago-author-date", "xii–xv)", "308–9)", "98, 100–101)"),
        ("apa", "pp. xii–xv)", "pp. 308–309)", "pp. 98, 100–101)"),
        ("mla", "xii–xv)", "308–09)", "98, 100–01)"),
    ],
)
def test_page_ranges_are_cut_as_the_style_cuts_them(style: str, roman: str, short: str, list_of_pages: str) -> None:
    assert format_citation(BARE, Locator("page", "xii-xv"), style).endswith(f" {roman}")
    assert format_citation(BARE, Locator("page", "308-09"), style).endswith(f" {short}")
    assert format_citation(BARE, Locator("page", "98, 100-1"), style).endswith(f" {list_of_pages}")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("written", "printed"), [("3-14", "3–14"), ("9-10", "9–10"), ("98-103", "98–103"), ("8–112", "8–112")])
def test_a_range_into_longer_numbers_keeps_its_last_page_whole(style: str, written: str, printed: str) -> None:
    assert format_citation(BARE, Locator("page", written), style).rstrip(").").endswith(f" {printed}")


def test_a_locator_csl_has_no_word_for_keeps_its_label() -> None:
    assert format_citation(BARE, Locator("plate", "3"), "mla") == "(Crane, plate 3)"


def test_what_the_source_adds_to_a_locator_follows_in_brackets() -> None:
    locator = Locator("page", "138", note="p. 120 online")

    assert format_citation(BARE, locator, "chicago-author-date") == "(Crane, n.d., 138 [p. 120 online])"


@pytest.mark.parametrize("style", STYLES)
def test_a_doubtful_year_is_not_printed_as_a_certain_one(style: str) -> None:
    doubtful = BARE | {"issued": {"date-parts": [[1942]], "circa": True}}

    assert "1942?" in (entry := format_bibliography([doubtful], style)[0]) or "ca. 1942" in entry


@pytest.mark.parametrize(
    ("style", "first", "second"), [("chicago-author-date", "1936a.", "1936b."), ("apa", "(1936a).", "(1936b).")]
)
def test_works_that_author_and_year_do_not_tell_apart_get_letters(style: str, first: str, second: str) -> None:
    works = [BARE | {"title": title, "issued": {"date-parts": [[1936]]}} for title in ("Zebra", "The Apple")]

    apple, zebra = format_bibliography(works, style)

    assert first in apple
    assert "The Apple" in apple
    assert second in zebra
    assert "Zebra" in zebra


def test_a_work_given_twice_is_listed_once() -> None:
    assert len(format_bibliography([BARE, BARE | {"id": "again"}], "mla")) == 1


def test_a_bibliography_files_accented_names_among_their_letters_and_titles_without_their_article() -> None:
    names = [{"type": "book", "title": "Work", "author": [{"family": family}]} for family in ("Zola", "Čapek", "čech", "Dolan")]
    titles = [{"type": "book", "title": title} for title in ("The Beacon", "A Candle", "Dawn")]

    assert [entry.split(".")[0] for entry in format_bibliography(names, "mla")] == ["Čapek", "čech", "Dolan", "Zola"]
    assert [entry.split(".")[0] for entry in format_bibliography(titles, "mla")] == ["The Beacon", "A Candle", "Dawn"]


def test_a_title_that_ends_in_a_question_mark_takes_no_full_stop_and_quotations_nest() -> None:
    asked = BARE | {"title": "Who Wrote It?"}
    quoting = BARE | {"type": "article-journal", "title": 'On Plato\'s "Republic"', "container-title": "Mind"}

    assert format_bibliography([asked], "mla") == ["Crane, David M. Who Wrote It?"]
    assert format_bibliography([quoting], "mla") == ["Crane, David M. “On Plato’s ‘Republic.’” Mind."]


def test_a_citation_does_not_depend_on_the_one_before() -> None:
    dated = BARE | {"type": "article-newspaper", "container-title": "Post", "issued": {"date-parts": [[1935, 5, 8]]}}
    short = BARE | {"type": "article-journal", "container-title": "Mind", "issued": {"date-parts": [[1931, 2]]}}

    alone = format_bibliography([dated], "mla")
    format_bibliography([short, dated], "mla")

    assert format_bibliography([dated], "mla") == alone


def test_an_unparsed_citation_is_given_verbatim() -> None:
    raw = "  Crane: somewhere, p. 9 <b> "
    citation = Citation(raw=raw, problem="no title")

    assert format_excerpt_citation(citation, "mla") == raw
    assert format_excerpt_citation(citation, "mla", quoted_in="A Reader") == f"{raw} (qtd. in A Reader)"
    assert format_excerpt_citation(citation, "apa", markup="html") == "  Crane: somewhere, p. 9 &lt;b&gt; "


def test_an_excerpt_without_a_citation_cites_its_document() -> None:
    assert format_excerpt_citation(None, "mla", quoted_in="A Reader", markup="html") == "<i>A Reader</i>"
    assert format_excerpt_citation(None, "mla") == ""


@pytest.mark.parametrize("style", STYLES)
def test_a_hostile_title_is_inert_in_html(style: str) -> None:
    hostile = BARE | {"title": '<script>alert("x")</script> & <img src=x onerror=y>', "publisher": "<b onclick=z>"}

    cited = format_citation(hostile, None, style, quoted_in="<i onload=x>", markup="html")
    listed = format_bibliography([hostile], style, "html")[0]

    assert set(re.findall(r"<[^>]*>", cited + listed)) <= {"<i>", "</i>"}


def test_csl_markup_in_a_title_is_kept_in_html_and_left_out_of_text() -> None:
    marked = BARE | {"title": "Reading <i>Kim</i> at 10<sup>6</sup>"}

    assert (
        'Reading <span style="font-style: normal">Kim</span> at 10<sup>6</sup>' in format_bibliography([marked], "apa", "html")[0]
    )
    assert "Reading Kim at 106." in format_bibliography([marked], "mla")[0]


def test_unknown_styles_and_markups_are_refused_with_those_there_are() -> None:
    with pytest.raises(CitationInvalid, match=r"style 'turabian' is unknown; the styles are chicago-notes, .*mla"):
        format_citation(BARE, None, "turabian")
    with pytest.raises(CitationInvalid, match="style"):
        format_bibliography([], "")
    with pytest.raises(CitationInvalid, match=r"markup 'rtf' is unknown; the markups are text, html"):
        format_citation(BARE, None, "mla", markup="rtf")  # type: ignore[arg-type]  # that is the point


def test_many_threads_format_the_same_as_one() -> None:
    items = [BARE | {"title": f"Volume {number}", "volume": number} for number in range(40)]
    alone = [format_citation(csl, Locator("page", "1-2"), style) for csl in items for style in STYLES]
    _marked_citation.cache_clear()

    with ThreadPoolExecutor(8) as threads:
        together = threads.map(lambda asked: format_citation(asked[0], Locator("page", "1-2"), asked[1]), product(items, STYLES))

    assert list(together) == alone


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("more", [{}, {"edition": "2"}, {"editor": [{"family": "2nd"}]}, {"translator": [{"family": "2nd"}]}])
def test_no_style_loses_the_volume_the_publisher_or_a_contributor(style: str, more: CslItem) -> None:
    work = BARE | {"volume": "13", "publisher": "Ames", "issued": {"date-parts": [[1952]]}} | more

    (entry,) = format_bibliography([work], style)

    told = ["Crane", "Lost Index", "13", "Ames", "1952"] + (["2nd"] if more else [])
    assert [word for word in told if word not in entry] == []


@pytest.mark.parametrize("style", STYLES)
def test_a_season_is_printed_where_a_month_would_be(style: str) -> None:
    quarterly = BARE | {"type": "article-magazine", "container-title": "Mind", "issued": {"date-parts": [[1950]], "season": 2}}

    assert "Summer" in format_bibliography([quarterly], style)[0]
