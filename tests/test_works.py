"""Variant spellings become one work; different works stay apart."""

import random
import time
from itertools import product

import pytest

from index.citations.parse import parse_citation
from index.citations.works import NO_WORK, merge_works
from index.records import Citation, Work


def cited(*raws: str) -> list[Citation]:
    return [parse_citation(raw) for raw in raws]


def works_of(*raws: str) -> list[Work]:
    return merge_works(cited(*raws))[0]


SAME = {
    "an initial for a given name": (
        "Sample, Ada L. The Keepers Expected It. New York: The Dial press, 1941, p. 121",
        "Sample, Ada Louise. The Keepers Expected It. New York: Dial, 1941, p. 3",
    ),
    "a given name left out": (
        "Rowe, A. Origins of the Great Canals. Cambridge: Cambridge Univ. Press, 1985, p. 94",
        "J. Arch Rowe, Origins of the Great Canals (New York: Cambridge University Press, 1985), 12.",
    ),
    "surnames only": (
        "Ames and Birch. The Great Migration. Boston: Little, Brown and Company, 1946, p. 7",
        "Ames, Michael and Albert E. Birch. The Great Migration. Boston: Little, Brown, 1946, p. 9",
    ),
    "the order of a surname of two words": (
        "García Márquez, Gabriel. One Hundred Years of Solitude. New York: Harper & Row, 1970, p. 3",
        "Gabriel García Márquez, One Hundred Years of Solitude (New York: Harper & Row, 1970), 9.",
    ),
    "accents": (
        "Žižek, Slavoj. In Defense of Lost Causes. London: Verso, 2008, p. 12",
        "Zizek, Slavoj. In Defense of Lost Causes. London: Verso, 2008, p. 13",
    ),
    "a missing letter at the start": (
        "Greene, Graham. The Quiet American. New York: Viking Press, 1956, p. 7",
        "Greene, Graham. he Quiet American. New York: Viking Press, 1956, p. 7",
    ),
    "a missing letter inside": (
        "Tollund, Grigori. Portrayal of an Ideal. Bloomington, Ind.: Indiana University Press, 1955, p. 7",
        "Tollund, Grigori. Portrayl of an Ideal. Bloomington, Ind.: Indiana University Press, 1955, p. 5",
    ),
    "punctuation, case and the article": (
        "Moss, Adam. Newton; The Man and his Age. New York: Viking Press, 1973, p. 7",
        "Moss, Adam. Newton: the man and his age. New York: Viking, 1973, p. 281",
    ),
    "a subtitle left out": (
        "Larsen, Walter. Newton: The Workshop Revelations. New York: Scribner’s, c1990, p. 7",
        "Larsen, Walter. Newton. New York: Scribner’s, 1990, p. 5",
    ),
    "publisher, place and spacing": (
        "Holt, Robert. The Great Thaw. New York : Oxford University Press, 1990, p. 7",
        "Holt, Robert. The Great Thaw. London, Oxford UP, 1990, p. 52",
    ),
    "editions of different years": (
        "Grimm, Jacob. Let Others Judge. New York: Knopf, 1971, p. 401",
        "Grimm, Jacob. Let Others Judge. New York: Columbia University Press, 1989, p. 7",
    ),
    "a short note": (
        "Dexter, Isaac. The Captain Outcast. London: Oxford Univ. Press, 1963, p. 396",
        "Dexter, Captain Outcast, 12.",
    ),
    "author and year": (
        "Sample, Ada Louise. The Paper Age. New York: Lanternhouse, 1956, p. 7",
        "Sample (1956, 60)",
    ),
    "pages of one newspaper": ("Pravda, March 5, 1937, p. 2", "Pravda, 5 March 1937, p. 3"),
}

DIFFERENT = {
    "Harris is not Harries": (
        "Harris, Jerome. Behind Harbour Power. New York: The Readers’ Press, 1946, p. 28",
        "Harries, Joseph E. Behind Harbour Power. New York: The Readers’ Press, 1946, p. 28",
    ),
    "one title, five authors": (
        "Barnard, Henri. Voltaire. New York: The Macmillan company, 1935, p. 7",
        "Bassett, Nikolaus. Voltaire. London: Staples Press, 1952, p. 293",
        "Marlow, John Thomas. Voltaire, London, John Lane, 1945, p. 7",
        "Court, Robert. Voltaire. Cambridge, Mass.: Belknap Press, 2005, p. 462",
        "Quill, Leon, Voltaire. New York: Harper and Brothers, 1941, p. 133",
    ),
    "one author, titles alike": (
        "Dexter, Isaac. The Captain Armed. London: Oxford Univ. Press, 1954, p. 4",
        "Dexter, Isaac. The Captain Unarmed. London: Oxford Univ. Press, 1959, p. 468",
        "Dexter, Isaac. The Captain Outcast. London: Oxford Univ. Press, 1963, p. 396",
    ),
    "one author, two subtitles": (
        "Holt, Robert. The Great Thaw: Norway’s Winter of the Thirties. London: Macmillan, 1968, p. 5",
        "Holt, Robert. The Great Thaw: A Reassessment. New York: Oxford University Press, 1990, p. 5",
    ),
    "namesakes": (
        "Grimm, Jacob. Let Others Judge. New York: Knopf, 1971, p. 401",
        "Grimm, Wilhelm. Let Others Judge. New York: Knopf, 1971, p. 401",
    ),
    "one first author, different seconds": (
        "Ames & Nansen, The Road to Bergen. New Haven, Conn.: Yale Univ. Press, c1999, p. 7",
        "Ames and Manley. The Road to Bergen. Cambridge, NY: Cambridge University Press, 1993, p. 30",
    ),
    "parts told by their number": (
        "Anders, Christopher. The Harbour Archive, Part II. London: Allen Lane, 2005, p. 3",
        "Anders, Christopher. The Harbour Archive, Part III. London: Allen Lane, 2005, p. 3",
    ),
    "newspapers of two days": ("Pravda, March 5, 1937, p. 2", "Pravda, March 6, 1937, p. 2"),
}


@pytest.mark.parametrize("raws", SAME.values(), ids=SAME.keys())
def test_spellings_of_one_work_are_merged(raws: tuple[str, ...]) -> None:
    works, places = merge_works(cited(*raws))

    assert len(works) == 1
    assert set(places) == {0}
    assert works[0].excerpts == len(raws)


@pytest.mark.parametrize("raws", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_different_works_stay_apart(raws: tuple[str, ...]) -> None:
    works = works_of(*raws)

    assert len(works) == len(raws)
    assert len({work.id for work in works}) == len(raws)


def test_a_title_that_could_belong_to_two_works_belongs_to_neither() -> None:
    works = works_of(*DIFFERENT["one author, two subtitles"], "Holt, Robert. The Great Thaw. London: Pimlico, 2008, p. 3")

    assert len(works) == 3


def test_a_work_is_shown_in_its_most_complete_spelling_and_keeps_all() -> None:
    (work,) = works_of(*SAME["an initial for a given name"], "Sample, Keepers Expected It, 5.")

    assert work.csl["author"] == [{"family": "Sample", "given": "Ada Louise"}]
    assert work.spellings == (
        "Sample, Ada L. The Keepers Expected It. New York: The Dial press, 1941",
        "Sample, Ada Louise. The Keepers Expected It. New York: Dial, 1941",
        "Sample, Keepers Expected It",
    )


def test_a_work_of_several_volumes_names_none() -> None:
    (work,) = works_of(
        "Marlow, Joseph. Works. Bergen: NHP, 1952, Vol. 13, p. 110", "Marlow, Joseph. Works. Bergen: NHP, 1952, Vol. 11, p. 54"
    )

    assert "volume" not in work.csl


def test_a_citation_that_was_not_parsed_has_no_work() -> None:
    works, places = merge_works(cited("Ibid., 58.", *SAME["a short note"]))

    assert places == [NO_WORK, 0, 0]
    assert len(works) == 1


def test_no_citations_make_no_works() -> None:
    assert merge_works([]) == ([], [])


def test_neither_order_nor_repetition_changes_works_or_ids() -> None:
    raws = [raw for group in (*SAME.values(), *DIFFERENT.values()) for raw in group]
    shuffled = raws * 2
    random.Random(5).shuffle(shuffled)

    works, again = works_of(*raws), works_of(*shuffled)

    assert [(work.id, work.csl, work.spellings) for work in works] == [(work.id, work.csl, work.spellings) for work in again]


def test_the_id_survives_another_spelling_and_other_works() -> None:
    first = works_of(SAME["an initial for a given name"][0])[0]
    raws = [raw for group in SAME.values() for raw in group]

    assert first.id in {work.id for work in works_of(*raws)}


def test_many_citations_are_merged_quickly() -> None:
    def surname(number: int) -> str:
        return "".join(chr(97 + int(digit)) for digit in str(number)).title()

    citations = cited(
        *(f"{surname(n % 900)}, Jane. A Book of {surname(n % 4000)} Matters. London: Cape, {1900 + n % 90}" for n in range(9000))
    )
    begun = time.process_time()

    works, _ = merge_works(citations * 5)

    assert time.process_time() - begun < 10
    assert 3600 <= len(works) <= 36000


@pytest.mark.parametrize("kind", ["long titles that differ in a word", "subtitles", "namesakes"])
def test_many_works_under_one_surname_take_time_in_proportion_to_their_number(kind: str) -> None:
    def citations(count: int) -> list[Citation]:
        letters = ["".join(triple) for triple in product("abcdefghjkm", repeat=3)][:count]
        titles = {
            "long titles that differ in a word": "A long account of the harbour and of its {}",
            "subtitles": "Account: of the {}",
            "namesakes": "Account of the harbour",
        }
        made = []
        for word in letters:
            given = f"{word} {word[::-1]}".title() if kind == "namesakes" else "Edith"
            csl = {"type": "book", "author": [{"family": "Tern", "given": given}], "title": titles[kind].format(f"{word}wick")}
            made.append(Citation(f"Tern, {given}. {csl['title']}", csl=csl))
        return made

    def seconds(count: int) -> float:
        named = citations(count)
        started = time.process_time()
        merge_works(named)
        return time.process_time() - started

    seconds(50)

    assert seconds(1200) < 10 * max(seconds(300), 0.02)
