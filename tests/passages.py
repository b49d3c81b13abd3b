"""Small collections of cited excerpts, written for the tests."""

from index.records import SourceFile

INDEXING = """NOTES ON INDEXES

FINDING WORDS

An index tells where a word stands. It does not tell what the word means there.

Marlow, Ann. The Patient Indexer. London: Plain Press, 1951, p. 12

A concordance lists every word of a book with its places. The first ones took years to make.

It was work for many hands.

Marlow, Ann. The Patient Indexer. London: Plain Press, 1951, p. 30-31

COUNTING WORDS

Rare words say more about a passage than common ones do. Counting them came before any theory.

Oduya, Samuel. Weights and Words. Nairobi: Acacia, 1972, p. 7
"""

QUOTING = """NOTES ON QUOTING

FINDING WORDS

To quote is to promise that the words stand there. A reader can hold you to it.

Dvořák, Jana. “The Honest Quotation.” Review of Letters: May 3, 1988, p. 204

Nothing is quoted well from memory.

Oduya, Samuel. Weights and Words. Nairobi: Acacia, 1972, p. 90
"""


def indexing(name: str = "indexing.txt") -> SourceFile:
    """Three excerpts of two works under two headings."""
    return SourceFile(name, INDEXING.encode())


def quoting(name: str = "quoting.txt") -> SourceFile:
    """Two excerpts of two works under one heading; one work and the heading also occur in ``indexing``."""
    return SourceFile(name, QUOTING.encode())
