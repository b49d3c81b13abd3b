"""The second reader labels words, and what both readers say becomes fields that are certain, likely or left out."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.citations.combine import Confidence, Pages, candidates, combine, shipped_confidence, unread
from index.citations.parse import parse_citation
from index.citations.tagger import MODEL, Segment, Tagged, Tagger, fields_of, read_tagged
from index.citations.words import Reference, features_of, words_of

BOOK = "Holt, Ruth. The Harbour Book. London: Dock, 1985, p. 12"


def tagged(line: str, *labels: tuple[str, str]) -> Tagged:
    """What the tagger would make of a line whose parts have these labels, in order."""
    segments, start = [], 0
    for label, text in labels:
        start = line.index(text, start)
        segments.append(Segment(label, start, start + len(text), 0.9))
    return fields_of(line, tuple(segments))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("J Hum Stud 1999;65(5):611–22.", ["J", "Hum", "Stud", "1999;", "65", "(5):", "611–22."]),
        ("Dock Press,1956, p. 7", ["Dock", "Press,", "1956,", "p.", "7"]),
        ("[3]Holt, R. 12:3", ["[3]", "Holt,", "R.", "12:", "3"]),
        ("at https://example.org/a;b(2)", ["at", "https://example.org/a;b(2)"]),
    ],
)
def test_numbers_that_touch_are_words_of_their_own_and_addresses_stay_whole(line: str, words: list[str]) -> None:
    found = words_of(line)

    assert [word.text for word in found] == words
    assert all(line[word.start : word.end] == word.text for word in found)


@given(st.text(max_size=80))
@settings(deadline=None, max_examples=60)
def test_every_word_has_features_and_every_text_is_read(text: str) -> None:
    line = " ".join(text.split())
    words = words_of(line)

    assert len(features_of(words)) == len(words)
    assert "".join(word.text for word in words) == "".join(line.split())
    for segment in read_tagged(line).segments:
        assert 0 <= segment.start < segment.end <= len(line)
        assert 0 <= segment.sure <= 1.0001


def test_labelled_words_become_fields_without_the_words_for_their_roles() -> None:
    line = "Holt, R. (2001). Weirs. In C. Dale (Ed.), The harbour book (Vol. 2, pp. 31–40). Dock."

    read = tagged(
        line, ("author", "Holt, R."), ("date", "(2001)."), ("title", "Weirs."), ("editor", "In C. Dale (Ed.),"),
        ("container-title", "The harbour book"), ("volume", "(Vol. 2,"), ("pages", "pp. 31–40)."), ("publisher", "Dock."),
    )  # fmt: skip

    assert read.csl == {
        "author": [{"family": "Holt", "given": "R."}],
        "issued": {"date-parts": [[2001]]},
        "title": "Weirs",
        "editor": [{"family": "Dale", "given": "C."}],
        "container-title": "The harbour book",
        "volume": "2",
        "publisher": "Dock",
    }
    assert read.pages == "31–40"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("65(5):", {"volume": "65", "issue": "5"}),
        ("vol. 12, no. 3", {"volume": "12", "issue": "3"}),
        ("(3):", {"issue": "3"}),
        ("12:3", {"volume": "12", "issue": "3"}),
        ("4 vols.", {"number-of-volumes": "4"}),
        ("Bd. II,", {"volume": "II"}),
        ("the third", {}),
    ],
)
def test_a_volume_is_told_from_an_issue(text: str, fields: dict[str, str]) -> None:
    assert tagged(text, ("volume", text)).csl == fields


def test_a_shortened_periodical_keeps_its_last_full_stop() -> None:
    assert tagged("Harb. Hist. 39", ("journal", "Harb. Hist."), ("volume", "39")).csl["container-title"] == "Harb. Hist."


def test_what_both_readers_say_weighs_more_than_what_one_says() -> None:
    weights = Confidence({"title|both": 4.0, "title|grammar": -1.0, "title|tagger": 1.0}, certain=0.97, likely=0.5)
    reference = Reference({"type": "book", "title": "The Harbour Book"})

    agreed = combine(BOOK, reference, Pages(), tagged(BOOK, ("title", "The Harbour Book.")), weights)
    differing = combine(BOOK, reference, Pages(), tagged(BOOK, ("title", "Ruth. The Harbour Book.")), weights)
    alone = combine(BOOK, reference, Pages(), tagged(BOOK), weights)

    assert (agreed.csl, agreed.likely) == ({"title": "The Harbour Book"}, ())
    assert (differing.csl, differing.likely) == ({"title": "Ruth. The Harbour Book"}, ("title",))
    assert (alone.csl, alone.left_out) == ({}, ("title",))


def test_two_fields_never_hold_the_same_words() -> None:
    line = "Harbour News, 5 March 1937"
    weights = Confidence({"title|grammar": 2.0, "container-title|tagger": 1.0}, certain=0.97, likely=0.5)

    combined = combine(
        line, Reference({"type": "book", "title": "Harbour News"}), Pages(), tagged(line, ("journal", "Harbour News,")), weights
    )

    assert combined.csl == {"title": "Harbour News"}
    assert combined.left_out == ("container-title",)


def test_pages_with_a_label_are_the_grammars_alone() -> None:
    read = tagged(BOOK, ("pages", "1985,"))

    combined = combine(BOOK, Reference({"type": "book"}), Pages("12", labelled=True), read, shipped_confidence())

    assert combined.csl == {"page": "12"}
    assert not [
        each for each in candidates(Reference({"type": "book"}), Pages("12", labelled=True), read) if each.field == "page"
    ]


def test_words_that_no_field_holds_are_unread() -> None:
    csl = {
        "type": "book",
        "author": [{"family": "Holt", "given": "Ruth"}],
        "title": "The Harbour Book",
        "issued": {"date-parts": [[1985]]},
    }

    assert unread("Holt, Ruth. The Harbour Book. Dock Street 4, 1985.", csl, None) == ("Dock Street 4",)
    assert unread("Holt, Ruth, ed. The Harbour Book. 1985.", csl, None) == ()


def test_a_year_in_the_title_is_read_once() -> None:
    csl = {"type": "book", "title": "1985", "issued": {"date-parts": [[1985]]}}

    assert unread("1985. Dock, 1985.", csl, None) == ("Dock",)


@given(st.text(alphabet=st.sampled_from("Holt, Ruth. 1985 (Dock) “p” 12:–é§"), max_size=60))
@settings(deadline=None, max_examples=60)
def test_every_word_of_any_line_is_in_a_field_or_said_to_be_left_over(text: str) -> None:
    citation = parse_citation(text)

    if citation.csl is not None and not citation.problem:
        assert unread(" ".join(text.split()), citation.csl, citation.locator) == ()


def test_a_likely_field_is_named_and_stands_in_the_item() -> None:
    citations = [parse_citation(line) for line in ("Holt, The harbour book and weirs in it, Tolland, 1985", BOOK)]

    assert all(set(citation.likely) <= {*(citation.csl or {}), "locator"} for citation in citations)


def test_several_threads_read_with_one_model() -> None:
    tagger = Tagger(MODEL)
    lines = [BOOK, "Dale, C. (2001). Weirs. Canal Quarterly, 12, 3–9.", "Wolf: Die Mühle, Weimar 1986, S. 44."]
    expected = {line: tagger.segments(line) for line in lines}
    failed: list[str] = []

    def read() -> None:
        failed.extend(line for _ in range(30) for line in lines if tagger.segments(line) != expected[line])

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []


def test_the_model_and_its_weights_are_small() -> None:
    folder = MODEL.parent

    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_000_000
