"""Further judgements of support, where the settings want them: by a language model, and by the passage reader.

Both come after the signals of ``rag.support`` and never against a contradiction that these can show. A model is asked about one
sentence and one passage in a fixed form; whatever it replies that is not that form counts as no reply.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from index.records import Excerpt
from prompts import Prompt
from rag.answer_tree import CheckedAnswer, CheckedSentence, Quoted, Support, SupportVerdict, Words
from rag.control_tokens import neutralise
from rag.errors import BackendFailed
from rag.models import LanguageModel, complete
from rag.passage_reader import PassageReader, ReadWindow
from rag.prompting import make_fence
from rag.support import says
from rag.tracing import step

MOST_SENTENCES = 40
"""So many sentences of an answer are judged by a language model; the rest stay as the signals have them."""

MOST_PASSAGES = 3
"""So many passages of one sentence are."""

LONGEST_PASSAGE = 6000
"""So many characters of a passage are told."""

_AT_ONCE = 4
_REPLIES: dict[str, SupportVerdict] = {"SUPPORTED": "supported", "CONTRADICTED": "contradicted", "UNCLEAR": "unclear"}


class SupportJudge:
    """Asks one language model whether passages say what sentences say.

    Args:
        prompt: with the fields ``fence``, ``passage`` and ``sentence``.
        model: who is asked.
    """

    def __init__(self, prompt: Prompt, model: LanguageModel) -> None:
        self._prompt = prompt
        self._model = model

    async def judge(self, answer: CheckedAnswer, given: Sequence[Excerpt]) -> CheckedAnswer:
        """The answer with the model's judgement of each sentence that cites; ``given`` are the excerpts that [1] … cite."""
        asked = [sentence for sentence in answer.sentences if sentence.kind == "sentence" and sentence.citations]
        places = asyncio.Semaphore(_AT_ONCE)
        judged = await asyncio.gather(*(self._sentence(sentence, given, places) for sentence in asked[:MOST_SENTENCES]))
        support = {sentence.span: each for sentence, each in zip(asked, judged, strict=False)}
        return _with_support(answer, [support.get(sentence.span, sentence.support) for sentence in answer.sentences])

    async def _sentence(self, sentence: CheckedSentence, given: Sequence[Excerpt], places: asyncio.Semaphore) -> Support:
        passages = [given[number - 1].text for number in sentence.citations[:MOST_PASSAGES]]
        replies = await asyncio.gather(*(self._ask(said_in(sentence), passage, places) for passage in passages))
        return self._combined(sentence.support, replies)

    async def _ask(self, said: str, passage: str, places: asyncio.Semaphore) -> SupportVerdict | None:
        fence = make_fence([said, passage])
        messages = self._prompt.fill(fence=fence, passage=neutralise(passage[:LONGEST_PASSAGE]), sentence=neutralise(said))
        async with places:
            try:
                reply = await complete(self._model, messages)
            except BackendFailed:
                return None
        return _REPLIES.get(reply.strip().strip('*`".').upper())

    def _combined(self, signals: Support, replies: Sequence[SupportVerdict | None]) -> Support:
        """What one passage bears out, another need not; a contradiction that the signals show stays one."""
        name = self._model.card.name
        if None in replies and "supported" not in replies:
            return msgspec.structs.replace(signals, reasons=(*signals.reasons, f"{name} was asked and gave no judgement"))
        verdict: SupportVerdict = (
            "supported" if "supported" in replies else "contradicted" if {*replies} == {"contradicted"} else "unclear"
        )
        reason = f"{name} was asked and judges: {verdict}"
        if signals.verdict == "contradicted" or verdict == "unclear":
            return msgspec.structs.replace(signals, reasons=(*signals.reasons, reason))
        return Support(verdict, (*signals.reasons, reason))


def read_support(answer: CheckedAnswer, given: Sequence[Excerpt], question: str, reader: PassageReader) -> CheckedAnswer:
    """The answer with the reader's word for unclear sentences: the passage answers the question with words of the sentence.

    Slow, so beside the event loop. The reader contradicts nothing: another answer to the question may be true, too.
    """
    unclear = [s for s in answer.sentences if s.kind == "sentence" and s.support.verdict == "unclear" and s.citations]
    numbers = sorted({number for sentence in unclear for number in sentence.citations})
    windows = [ReadWindow(given[number - 1].text) for number in numbers]
    with step("reader"):
        readings = dict(zip(numbers, reader.read(question, windows), strict=True)) if windows else {}
    found = {
        number: given[number - 1].text[reading.start : reading.end] for number, reading in readings.items() if reading.margin > 0
    }
    return _with_support(
        answer, [_read(sentence, found) if sentence in unclear else sentence.support for sentence in answer.sentences]
    )


def _read(sentence: CheckedSentence, found: dict[int, str]) -> Support:
    for number in sentence.citations:
        answer = " ".join(found.get(number, "").split())
        if answer and _is_judged(sentence.support) and says(said_in(sentence), answer):
            reason = f"the passage reader finds {answer} in passage {number} as its answer"
            return Support("supported", (*sentence.support.reasons, reason))
    return sentence.support


def _is_judged(support: Support) -> bool:
    """Whether the signals could judge, and missed no number or name of the sentence in the passage."""
    return bool(support.reasons) and not any(reason.startswith("the passage has no") for reason in support.reasons)


def said_in(sentence: CheckedSentence) -> str:
    """What a sentence says, without its citations."""
    return "".join(node.text if isinstance(node, Words | Quoted) else " " for node in sentence.nodes).strip()


def _with_support(answer: CheckedAnswer, support: Sequence[Support]) -> CheckedAnswer:
    pairs = zip(answer.sentences, support, strict=True)
    return msgspec.structs.replace(
        answer, sentences=tuple(msgspec.structs.replace(sentence, support=each) for sentence, each in pairs)
    )
