"""From findings to a checked answer: prompt, model, check, as a stream of events; the passages are never lost.

Whatever happens to the language model, the answer says so in a field (``answer: null`` and a problem) beside the passages.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

import msgspec

from index.errors import IbidError
from index.records import Excerpt
from prompts import Message, Prompt
from rag.answer_tree import CheckedAnswer, CheckedSentence, Outlet, Unproved
from rag.checking import AnswerCheck
from rag.control_tokens import neutralise
from rag.errors import BackendFailed
from rag.models import LanguageModel, ModelCard, Piece, Usage
from rag.opinions import SupportJudge, read_support
from rag.passage_reader import PassageReader
from rag.prompting import CountTokens, Packed, SplitSentences, make_fence, pack
from rag.quotes.match import QuoteIndex
from rag.records import Findings

ABSTENTION = "The collection does not answer this."

CHARACTERS_PER_TOKEN = 8
"""No language writes more characters with a token, on average over an answer: what arrives beyond that is not read."""

_AT_ONCE = 2000
"""So many characters are checked between two turns of the event loop; longer pieces are checked beside it."""

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
    speak for themselves, and ``problem`` then says why. ``given`` are the excerpts that ``[1]``, ``[2]`` … cite. ``finish`` says
    why the model stopped, as its backend calls it ("stop", "length", "content_filter", …); ``truncated`` that it had more to say.
    """

    text: str | None
    problem: Problem | None
    checked: CheckedAnswer | None
    given: tuple[Excerpt, ...]
    model: ModelCard
    prompt_digest: str
    usage: Usage | None
    truncated: bool = False
    finish: str = ""


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


class Opinions(msgspec.Struct, frozen=True):
    """Who besides the signals judges whether passages say what an answer says: a language model, the passage reader, nobody."""

    judge: SupportJudge | None = None
    reader: PassageReader | None = None

    def __bool__(self) -> bool:
        return self.judge is not None or self.reader is not None

    async def of(self, checked: CheckedAnswer, given: Sequence[Excerpt], question: str) -> CheckedAnswer:
        """The answer with their judgements."""
        if self.reader is not None:
            checked = await asyncio.to_thread(read_support, checked, given, question, self.reader)
        return checked if self.judge is None else await self.judge.judge(checked, given)


NO_OPINIONS = Opinions()


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
        outlet: Outlet = "markdown",
        opinions: Opinions = NO_OPINIONS,
    ) -> AsyncGenerator[Event, None]:
        """The events of one answer: hits, deltas each followed by its check, done. Closing the generator ends the model's call.

        Text is held back until a sentence stands, so that nothing is shown of an answer of which nothing stands.

        Args:
            findings: what the collection holds on the question, which should be self-contained.
            model: who writes.
            history: turns before the question, oldest first; as many of the last as a quarter of the context holds are told.
            collection: where quotations that are in no passage are looked for, to say where they are.
            outlet: for what the answer is written out.
            opinions: who else judges whether the passages say so; where a language model does, nothing is shown before it has.
        """
        messages, packed = self._prepare(findings, model.card, history)
        outcome = _Outcome(model.card, self._prompt.digest, tuple(passage.excerpt for passage in packed.passages))
        yield Hits(findings, outcome.given)
        if not packed.passages:
            yield Done(outcome.failed(_nothing_given(findings)))
            return
        check = AnswerCheck(
            outcome.given, collection, unproved=self._unproved, abstention=ABSTENTION, fence=packed.fence, outlet=outlet
        )
        release = _Release()
        room = CHARACTERS_PER_TOKEN * model.card.answer_tokens
        try:
            async with aclosing(model.stream(messages)) as pieces:
                async for piece in pieces:
                    outcome.take(piece)
                    text, room = piece.text[:room], room - len(piece.text)
                    sentences = await _beside(check.feed, text)
                    for event in release.take(() if opinions else sentences):
                        yield event
                    if room < 0:
                        outcome.cut()
                        break
        except BackendFailed as error:
            await asyncio.to_thread(check.finish)
            yield Done(outcome.failed(_problem(error), check.answer()))
            return
        rest = await asyncio.to_thread(check.finish)
        checked = await opinions.of(check.answer(), outcome.given, findings.question.text)
        for event in release.take(checked.sentences if opinions else rest, all_of_it=checked.abstained):
            yield event
        yield Done(outcome.done(checked))

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
        question = neutralise(findings.question.text)
        return self._prompt.fill(abstention=ABSTENTION, fence=fence, passages=passages, question=question)

    def _last_turns(self, history: Sequence[Message], budget: int) -> list[Message]:
        kept: list[Message] = []
        for message in reversed(history):
            if self._tokens([message, *kept]) > budget:
                break
            kept.insert(0, msgspec.structs.replace(message, content=neutralise(message.content)))
        return kept

    def _tokens(self, messages: Sequence[Message]) -> int:
        return sum(self._count_tokens(message.content) + _TURN_TOKENS for message in messages)


async def _beside(check: Callable[[str], list[CheckedSentence]], text: str) -> list[CheckedSentence]:
    """Checks a part of an answer: a short one at once, a long one in steps beside the event loop."""
    sentences: list[CheckedSentence] = []
    for start in range(0, len(text), _AT_ONCE):
        part = text[start : start + _AT_ONCE]
        sentences += await asyncio.to_thread(check, part) if len(text) > _AT_ONCE else check(part)
    return sentences


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

    def cut(self) -> None:
        """The model wrote more than it was allowed to."""
        self._finish = "length"

    def failed(self, problem: Problem, checked: CheckedAnswer | None = None) -> Answer:
        return self._answer(None, problem, checked)

    def done(self, checked: CheckedAnswer) -> Answer:
        if checked.stands or checked.abstained:
            return self._answer(checked.text, None, checked)
        return self._answer(None, _STOPPED if self._finish in _REFUSED else _NOTHING_STANDS, checked)

    def _answer(self, text: str | None, problem: Problem | None, checked: CheckedAnswer | None) -> Answer:
        return Answer(
            text,
            problem,
            checked,
            self.given,
            self._model,
            self._prompt_digest,
            self._usage,
            self._finish == "length",
            self._finish,
        )


_REFUSED = frozenset({"content_filter", "refusal"})
_STOPPED = Problem(
    "AnswerRefused",
    "the language model, or a filter of its provider, refused to answer",
    "an answer is shown when at least one of its sentences stands",
    "read the passages; they are complete; or ask another model",
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
