"""What stands around a quotation and what it leaves out: told with every verdict, in words a reader can act on."""

import pytest

from rag.quotes.findings import Finding
from rag.quotes.judge import look_up
from rag.quotes.match import QuoteIndex

SOURCE = (
    "It is not true that the harbour was ever closed to strangers. The pilots claimed that the tide had taken the old bell away. "
    "Was the lighthouse ever lit in winter? The crew had almost reached the shore before dawn. The clerk kept his books in good "
    "order, and he never took a bribe from the owners of the mill. The mill burned down in the autumn. Rain fell. The river rose "
    "over its banks and carried the bridge away! According to the miller, the bridge had been rotten for years. The judge asked, "
    "who had paid for the nails?—and nobody spoke. The nails were, according to the smith, of the best iron that could be had."
)
NOTES = (
    "The council³ did not approve of the lock,⁴ although its members liked the engi-\nneer [12]. The dam {44} was "
    "finished in a year "
    "[p. 45] by well-\nknown builders.†"
)
INDEX = QuoteIndex([("a", SOURCE), ("b", NOTES)])


def found(quote: str) -> Finding:
    return look_up(quote, INDEX)


@pytest.mark.parametrize(
    ("quote", "flag", "told"),
    [
        ("the harbour was ever closed to strangers", "cut_negation", "not"),
        ("the tide had taken the old bell away", "cut_attribution", "claimed that"),
        ("the bridge had been rotten for years", "cut_attribution", "According to the miller"),
        ("the lighthouse ever lit in winter", "question_as_statement", "question mark"),
        ("reached the shore before dawn", "hedge_dropped", "almost"),
        ("The clerk kept his books in good order … from the owners of the mill", "cut_negation", "never"),
        ("The pilots … the tide had taken the old bell away", "cut_attribution", "claimed"),
        ("It is not true that the harbour … the bridge had been rotten", "far_apart", "ends of sentences"),
        ("who had paid for the nails", "question_as_statement", "question mark"),
        ("The nails were … to the smith, of the best iron", "cut_attribution", "according"),
        ("did not approve of the lock, although its members liked the engineer", "rejoined", "end of a line"),
    ],
)
def test_what_bears_on_a_quotation_is_flagged_and_told(quote: str, flag: str, told: str) -> None:
    finding = found(quote)

    assert flag in finding.flags
    assert finding.scope is not None
    assert any(told in warning for warning in finding.scope.warnings)


@pytest.mark.parametrize(
    "quote",
    [
        "The mill burned down in the autumn.",
        "It is not true that the harbour was ever closed to strangers.",
        "Was the lighthouse ever lit in winter?",
    ],
)
def test_a_whole_sentence_needs_no_warning(quote: str) -> None:
    finding = found(quote)

    assert (finding.verdict, finding.flags) == ("exact", ())
    assert finding.scope is not None
    assert finding.scope.text == quote


def test_the_whole_sentences_and_what_an_ellipsis_leaves_out_come_back() -> None:
    finding = found("kept his books in good order … burned down in the autumn")

    assert finding.scope is not None
    assert finding.scope.text.startswith("The clerk kept his books")
    assert finding.scope.text.endswith("burned down in the autumn.")
    [omission] = finding.scope.omissions
    assert SOURCE[omission.start : omission.end] == omission.text
    assert omission.words == 14


@pytest.mark.parametrize(
    "quote",
    [
        "Was the lighthouse ever lit in winter.",
        "Was the lighthouse ever lit in winter,",
        "carried the bridge away.",
        "Rain fell … ever lit in winter.",
        "The mill … fell",
        "the clerk … bribe",
    ],
)
def test_a_full_stop_for_another_sign_and_scraps_of_phrases_are_refused(quote: str) -> None:
    assert found(quote).verdict != "elided"
    assert not found(quote).accepted


@pytest.mark.parametrize(
    "quote",
    [
        "The council did not approve of the lock, although its members liked the engineer.",
        "The council³ did not approve of the lock,⁴ although",
        "The dam was finished in a year by well-known builders.",
        "finished in a year by wellknown builders",
    ],
)
def test_marks_of_an_edition_may_be_left_out_or_kept(quote: str) -> None:
    finding = found(quote)

    assert finding.accepted
    assert NOTES[finding.places[0].start : finding.places[0].end][:5].lower() == quote[:5].lower()


@pytest.mark.parametrize(
    "quote", ["The council did approve of the lock", "The dam 44 was finished", "12 m of rope", "its members liked the engine"]
)
def test_nothing_else_may_be_left_out_with_them(quote: str) -> None:
    index = QuoteIndex([("b", NOTES), ("c", "They needed 12 m² of rope and 10² bricks.")])

    assert not look_up(quote, index).accepted
