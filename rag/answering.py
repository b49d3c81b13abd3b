"""From findings to a checked answer: prompt, model, check, as a stream of events; the passages are never lost.

Whatever happens to the language model, the answer says so in a field (``answer: null`` and a problem) beside the passages.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec

from index.errors import IbidError
from index.records import Excerpt
from prompts import Message, Prompt
from rag.checked import CheckedAnswer, CheckedSentence, Unproved
from rag.checking import AnswerCheck
from rag.errors import BackendFailed
from rag.models import LanguageModel, ModelCard, Piece, Usage
from rag.prompting import CountTokens, Packed, SplitSentences, make_fence, pack
from rag.quotes.match import QuoteIndex
from rag.records import Findings

ABSTENTION = "The collection does not answer this."

_TURN_TOKENS = 8
"""What a chat format adds to each message, generously."""


class Problem(msgspec.Struct, frozen=True):
    """Why there is no answer beside the passages: which error, what was found, the rule, and what to do."""

    kind: str
    found: str
    rule: str
    remedy: str


class Answer(msgspec.Struct, frozen=True):
    """What became of a question put to a language model.

    ``checked`` is None where the model was not asked; ``text`` is None wherever the passages must
    speak for themselves, and ``problem`` then says why. ``given`` are the excerpts that ``[1]``, ``[2]`` … cite.
    """

    text: str | None
    problem: Problem | None
    checked: CheckedAnswer | None
    given: tuple[Excerpt, ...]
    model: ModelCard
    prompt_digest: str
    usage: Usage | None
    truncated: bool = False


class Hits(msgspec.Struct, frozen=True, tag="hits"):
    """First: what the collection holds, before any model is asked, and which excerpts ``[1]``, ``[2]`` … are going to cite."""

    findings: Findings
    given: tuple[Excerpt, ...] = ()


class Delta(msgspec.Struct, frozen=True, tag="delta"):
    """Text that has been checked and may be shown."""

    text: str


class Check(msgspec.Struct, frozen=True, tag="check"):
    """What was found out about the text of the last delta, sentence by sentence."""

    sentences: tuple[CheckedSentence, ...]


class Done(msgspec.Struct, frozen=True, tag="done"):
    """Last: the whole of it. Where ``answer.text`` is None, deltas already shown do not stand."""

    answer: Answer


Event = Hits | Delta | Check | Done


class Answerer:
    """Answers questions from findings with one language model; takes what it needs, keeps nothing between questions."""

    def __init__(
        self,
        prompt: Prompt,
        count_tokens: CountTokens,
        split_sentences: SplitSentences,
        *,
        unproved: Unproved = "unquote",
    ) -> None:
        self._prompt = prompt
        self._count_tokens = count_tokens
        self._split_sentences = split_sentences
        self._unproved: Unproved = unproved

    async def answer(
        self,
        findings: Findings,
        model: LanguageModel,
        *,
        history: Sequence[Message] = (),
        collection: QuoteIndex | None = None,
    ) -> AsyncGenerator[Event, None]:
        """The events of one answer: hits, deltas each followed by its check, done. Closing the generator ends the model's call.

        Text is held back until a sentence stands, so that nothing is shown of an answer of which nothing stands.

        Args:
            findings: what the collection holds on the question, which should be self-contained.
            model: who writes.
            history: turns before the question, oldest first; as many of the last as a quarter of the context holds are told.
            collection: where quotations that are in no passage are looked for, to say where they are.
        """
        messages, packed = self._prepare(findings, model.card, history)
        outcome = _Outcome(model.card, self._prompt.digest, tuple(passage.excerpt for passage in packed.passages))
        yield Hits(findings, outcome.given)
        if not packed.passages:
            yield Done(outcome.failed(_nothing_given(findings)))
            return
        check = AnswerCheck(outcome.given, collection, unproved=self._unproved, abstention=ABSTENTION, fence=packed.fence)
        release = _Release()
        try:
            async with aclosing(model.stream(messages)) as pieces:
                async for piece in pieces:
                    outcome.take(piece)
                    for event in release.take(check.feed(piece.text)):
                        yield event
        except BackendFailed as error:
            check.finish()
            yield Done(outcome.failed(_problem(error), check.answer()))
            return
        for event in release.take(check.finish(), all_of_it=check.answer().abstained):
            yield event
        yield Done(outcome.done(check.answer()))

    def _prepare(self, findings: Findings, card: ModelCard, history: Sequence[Message]) -> tuple[tuple[Message, ...], Packed]:
        """The messages for the model, never more tokens than its context leaves beside the answer."""
        fence = make_fence([hit.excerpt.text for hit in findings.hits])
        room = card.context_tokens - card.answer_tokens
        turns = self._last_turns(history, room // 4)
        empty = self._fill(findings, "", fence)
        budget = room - self._tokens([*turns, *empty])
        packed = pack(findings.hits, budget, self._count_tokens, self._split_sentences, fence)
        system, *rest = self._fill(findings, packed.text, fence)
        return (system, *turns, *rest), packed

    def _fill(self, findings: Findings, passages: str, fence: str) -> tuple[Message, ...]:
        return self._prompt.fill(abstention=ABSTENTION, fence=fence, passages=passages, question=findings.question.text)

    def _last_turns(self, history: Sequence[Message], budget: int) -> list[Message]:
        kept: list[Message] = []
        for message in reversed(history):
            if self._tokens([message, *kept]) > budget:
                break
            kept.insert(0, message)
        return kept

    def _tokens(self, messages: Sequence[Message]) -> int:
        return sum(self._count_tokens(message.content) + _TURN_TOKENS for message in messages)


class _Release:
    """Lets checked sentences out once one of them stands."""

    def __init__(self) -> None:
        self._held: list[CheckedSentence] = []
        self._open = False

    def take(self, sentences: Sequence[CheckedSentence], *, all_of_it: bool = False) -> list[Delta | Check]:
        self._held += sentences
        self._open = self._open or all_of_it or any(sentence.stands for sentence in sentences)
        if not self._open or not self._held:
            return []
        out, self._held = self._held, []
        return [Delta("".join(sentence.text for sentence in out)), Check(tuple(out))]


class _Outcome:
    """What is known of an answer while it is being made."""

    def __init__(self, model: ModelCard, prompt_digest: str, given: tuple[Excerpt, ...]) -> None:
        self.given = given
        self._model = model
        self._prompt_digest = prompt_digest
        self._usage: Usage | None = None
        self._finish = ""

    def take(self, piece: Piece) -> None:
        self._usage = piece.usage or self._usage
        self._finish = piece.finish or self._finish

    def failed(self, problem: Problem, checked: CheckedAnswer | None = None) -> Answer:
        return self._answer(None, problem, checked)

    def done(self, checked: CheckedAnswer) -> Answer:
        if checked.stands or checked.abstained:
            return self._answer(checked.text, None, checked)
        return self._answer(None, _NOTHING_STANDS, checked)

    def _answer(self, text: str | None, problem: Problem | None, checked: CheckedAnswer | None) -> Answer:
        return Answer(
            text, problem, checked, self.given, self._model, self._prompt_digest, self._usage, truncated=self._finish == "length"
        )


_NOTHING_STANDS = Problem(
    "NothingStands",
    "no sentence of what the language model wrote cites a passage without misquoting one",
    "an answer is shown when at least one of its sentences stands",
    "read the passages; they are complete",
)


def _nothing_given(findings: Findings) -> Problem:
    if not findings.hits:
        return Problem(
            "NothingRelevant",
            "nothing in this collection answers the question",
            "a language model is asked only about passages that were found",
            "ask otherwise, or look at the nearest passages",
        )
    return Problem(
        "ContextTooSmall",
        "not even one passage fits into the language model's context beside the prompt",
        "passages are given whole or cut to whole sentences",
        "raise context_tokens of this backend, or lower answer_tokens",
    )


def _problem(error: IbidError) -> Problem:
    return Problem(type(error).__name__, error.found, error.rule, error.remedy)
