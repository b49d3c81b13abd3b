"""Checks what a language model wrote, piece by piece as it arrives, and makes of it a tree in which only Ibid quotes.

A quotation is a slice of a passage, found by a pointer or proved from what was typed; all else is the model's plain words.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from index.records import Excerpt
from rag.answer_parser import AnswerReader, Leaf, Piece, read_block, read_sentences
from rag.answer_tree import (
    UNJUDGED,
    CheckedAnswer,
    CheckedQuotation,
    CheckedSentence,
    Opening,
    Outlet,
    Quoted,
    SentenceKind,
    Style,
    Unproved,
    Words,
)
from rag.pointing import find_pointers
from rag.proving import _DEFINITION, _LONE, Prose, Prover, _bare, _Found, _plainly, _quoted_last, read_prose
from rag.quotes.findings import Finding
from rag.quotes.fold import fold
from rag.quotes.match import QuoteIndex, words
from rag.quotes.signs import plain_words, without_signs
from rag.records import Span
from rag.rendering import renderer


class AnswerCheck:
    """The check of one answer, fed as it streams in.

    Args:
        passages: what the model was given; ``[1]`` is the first.
        collection: where a quotation that is in none of them is looked for, to say so.
        unproved: what becomes of a quotation that is not one.
        abstention: the sentence by which the model says that the passages do not answer.
        fence: the code around the passages in the prompt; a sentence that repeats it is the prompt's, not the answer's, and goes.
        outlet: for what the answer is written out.
    """

    def __init__(
        self,
        passages: Sequence[Excerpt],
        collection: QuoteIndex | None = None,
        *,
        unproved: Unproved = "unquote",
        abstention: str = "",
        fence: str = "",
        outlet: Outlet = "markdown",
    ) -> None:
        self._fence = fence
        self._prover = Prover(passages, collection, unproved)
        self._abstention = _bare(abstention)
        self._reader = AnswerReader()
        self._renderer = renderer(outlet)
        self._sentences: list[CheckedSentence] = []
        self._length = 0
        self._opened = False
        self._quoted_last: Finding | None = None

    def feed(self, part: str) -> list[CheckedSentence]:
        """The sentences that this part completes, checked."""
        part = _LONE.sub("\ufffd", part)  # half of a character, which no protocol can send on
        return [sentence for piece in self._reader.feed(part) for sentence in self._check(piece)]

    def finish(self) -> list[CheckedSentence]:
        """What is left at the end, checked."""
        rest = [sentence for piece in self._reader.finish() for sentence in self._check(piece)]
        if self._sentences and (closing := self._renderer.finish()):
            rest = [*rest[:-1], self._closed(closing)] if rest else [self._closing(closing)]
        return rest

    def _closed(self, closing: str) -> CheckedSentence:
        """The last sentence with the end of its block."""
        last = self._sentences[-1]
        self._length += len(closing)
        self._sentences[-1] = msgspec.structs.replace(last, text=last.text + closing, span=Span(last.span.start, self._length))
        return self._sentences[-1]

    def _closing(self, closing: str) -> CheckedSentence:
        """The end of a block whose last sentence has been given out already: a stretch without words."""
        start, self._length = self._length, self._length + len(closing)
        kind, span = self._sentences[-1].kind, Span(start, self._length)
        wordless = CheckedSentence(kind, None, (), span, closing, (), (), (), stands=False, support=UNJUDGED)
        self._sentences.append(wordless)
        return wordless

    def answer(self) -> CheckedAnswer:
        """All of it so far."""
        text = "".join(sentence.text for sentence in self._sentences)
        shown = " ".join("".join(map(_plainly, sentence.nodes)) for sentence in self._sentences)
        return CheckedAnswer(text, tuple(self._sentences), abstained=bool(self._abstention) and _bare(shown) == self._abstention)

    def _check(self, piece: Piece) -> Iterator[CheckedSentence]:
        if self._fence and self._fence in piece.text:
            self._opened = self._opened and not piece.opens
            return
        if piece.kind == "sentence":
            opening = Opening("paragraph") if piece.opens else None
            yield from self._sentence("sentence", opening, piece.text)
            return
        runs: list[list[Leaf]] = []
        for leaf in read_block(piece.text):
            if runs and runs[-1][-1].quoted == leaf.quoted:
                runs[-1].append(leaf)
            else:
                runs.append([leaf])
        for run in runs:
            yield from self._quote_block(run) if run[0].quoted else self._leaves(run)

    def _leaves(self, leaves: Iterable[Leaf], failed: tuple[CheckedQuotation, ...] = ()) -> Iterator[CheckedSentence]:
        for leaf in leaves:
            if leaf.opening.kind == "code":
                yield from self._code(leaf)
                continue
            kind: SentenceKind = "heading" if leaf.opening.kind == "heading" else "sentence"
            opening: Opening | None = leaf.opening
            for text in read_sentences(leaf.content):
                made = list(self._sentence(kind, opening, text, failed))
                yield from made
                opening, failed = (None, ()) if made else (opening, failed)

    def _sentence(
        self, kind: SentenceKind, opening: Opening | None, text: str, failed: tuple[CheckedQuotation, ...] = ()
    ) -> Iterator[CheckedSentence]:
        if _DEFINITION.match(text):
            yield from self._put(kind, opening, _Found((), removed=(without_signs(text.strip()),)))
            return
        found = self._prover.prove(read_prose(text), self._quoted_last if opening is None else None)
        found = msgspec.structs.replace(found, quotations=failed + found.quotations)
        if opening is None and not self._opened:
            opening = Opening("paragraph")  # what began the block came to nothing
        yield from self._put(kind, opening, found)

    def _code(self, leaf: Leaf) -> Iterator[CheckedSentence]:
        bare = leaf.content.strip()
        if [pointer.span for pointer in find_pointers(bare)] == [Span(0, len(bare))]:
            plain: Style = "plain"
            found = self._prover.prove(Prose(bare, (plain,) * len(bare), bare))
            proved = any(isinstance(node, Quoted) for node in found.nodes)
            opening = Opening("quotation" if proved else "paragraph")
            yield from self._put("block" if proved else "sentence", opening, found)
            return
        text = plain_words(leaf.content)
        yield from self._put("code", leaf.opening, _Found((Words(text, "code"),) if text.strip() else ()))

    def _quote_block(self, leaves: list[Leaf]) -> Iterator[CheckedSentence]:
        """A block quote is a quotation where all of it is one paragraph after another of one passage; else it is plain words."""
        prose = read_prose("\n\n".join(leaf.content for leaf in leaves))
        whole = all(leaf.opening.kind in ("paragraph", "item") for leaf in leaves)
        beside = self._quoted_last if self._sentences and self._sentences[-1].kind == "block" else None
        block, after = self._prover.prove_block(prose, self._cited_before(), beside, whole=whole)
        if not block.nodes:
            yield from self._leaves(leaves, block.quotations)
            return
        yield from self._put("block", Opening("quotation"), block)
        if after.nodes:
            yield from self._put("sentence", Opening("paragraph"), after)

    def _put(self, kind: SentenceKind, opening: Opening | None, found: _Found) -> Iterator[CheckedSentence]:
        if not found.nodes and not found.removed:
            self._opened = self._opened and opening is None
            return
        text = self._renderer.write(opening, found.nodes) if found.nodes else ""
        self._opened = self._opened if not found.nodes else True
        start, self._length = self._length, self._length + len(text)
        said = "".join(node.text if isinstance(node, Words | Quoted) else " " for node in found.nodes)
        stands = kind in ("sentence", "block") and bool(found.citations) and bool(words(fold(said).text))
        sentence = CheckedSentence(
            kind=kind,
            opens=opening,
            nodes=found.nodes,
            span=Span(start, self._length),
            text=text,
            citations=found.citations,
            removed=found.removed,
            quotations=found.quotations,
            stands=stands and all(quotation.finding.accepted for quotation in found.quotations),
            support=self._prover.support(found.nodes, found.citations) if kind == "sentence" else UNJUDGED,
        )
        self._sentences.append(sentence)
        self._quoted_last = _quoted_last(found)
        yield sentence

    def _cited_before(self) -> tuple[int, ...]:
        """A block quote that cites nothing belongs to the sentence that introduces it."""
        return next((sentence.citations for sentence in reversed(self._sentences) if sentence.kind == "sentence"), ())
