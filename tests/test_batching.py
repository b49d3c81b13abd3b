"""Questions that arrive together are embedded together, fairly, beside the event loop."""

import asyncio
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pytest

from index.embedders import TextKind, Vectors
from rag.batching import QueryBatcher
from rag.errors import Overloaded
from tests.fakes import HashEmbedder

Result = TypeVar("Result")


class GatedEmbedder(HashEmbedder):
    """Waits before each batch until its gate is open; remembers the batches."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.batches: list[list[str]] = []

    def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
        assert kind == "query"
        self.batches.append(list(texts))
        assert self.gate.wait(10)
        return super().embed(texts, kind)

    def wait_until_busy(self) -> None:
        deadline = time.monotonic() + 10
        while not self.batches and time.monotonic() < deadline:
            time.sleep(0.001)
        assert self.batches


@pytest.fixture
def embedder() -> Iterator[GatedEmbedder]:
    gated = GatedEmbedder()
    yield gated
    gated.gate.set()


@pytest.fixture
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """All questions wait together while one worker is held up; with two, which batch each falls into is a matter of luck."""
    monkeypatch.setattr("rag.batching._THREADS", 1)


async def made_of(encoder: QueryBatcher, text: str, go_on: Callable[[Vectors], Result]) -> Result:
    """What is made of the vector of a text; a search gives the vectors themselves."""
    return await encoder.submit(asking(text), lambda _asked, vectors: vectors, lambda _asked, vector, _embedded: go_on(vector))


def found_for(_asked: object, found: Any, _embedded: float) -> Any:
    """A conclude step that gives what was found."""
    return found


class Asked(NamedTuple):
    words: str
    name: str = ""


def asking(words: str, name: str = "") -> Callable[[], Asked]:
    """A parse step that gives these words to embed."""
    return lambda: Asked(words, name)


async def embedded(encoder: QueryBatcher, text: str) -> Vectors:
    """The vector of a text."""
    return await made_of(encoder, text, lambda vector: vector)


async def busy(encoder: QueryBatcher, embedder: GatedEmbedder) -> asyncio.Task[Vectors]:
    """The task of a first question, which the encoder is held up with."""
    first = asyncio.create_task(embedded(encoder, "first"))
    await asyncio.sleep(0)
    await asyncio.to_thread(embedder.wait_until_busy)
    return first


async def ask(encoder: QueryBatcher, texts: Sequence[str]) -> list[asyncio.Task[Vectors]]:
    """Tasks of questions that stand in the queue, in this order."""
    tasks = [asyncio.create_task(embedded(encoder, text)) for text in texts]
    await asyncio.sleep(0)
    return tasks


def test_each_question_gets_its_own_vector() -> None:
    texts = [f"question {number}" for number in range(50)]

    async def main() -> list[Vectors]:
        with QueryBatcher(HashEmbedder(), largest_batch=7) as encoder:
            return await asyncio.gather(*(embedded(encoder, text) for text in texts))

    np.testing.assert_array_equal(asyncio.run(main()), HashEmbedder().embed(texts, "query"))


@pytest.mark.usefixtures("one_worker")
def test_questions_of_one_batch_that_have_the_same_search_are_searched_for_together(
    embedder: GatedEmbedder,
) -> None:
    together: list[list[str]] = []

    def shape(asked: Sequence[Asked], vectors: Vectors) -> list[str]:
        together.append([each.name for each in asked])
        return [f"{each.name} of {vector.shape}" for each, vector in zip(asked, vectors, strict=True)]

    def colour(asked: Sequence[Asked], vectors: Vectors) -> list[str]:
        assert len(asked) == len(vectors)
        raise ValueError("colourless")

    async def main() -> list[str | BaseException]:
        with QueryBatcher(embedder) as encoder:
            first = await busy(encoder, embedder)
            ways = (shape, colour, shape, colour, shape)
            asked = [encoder.submit(asking("x", f"{at}"), way, found_for) for at, way in enumerate(ways)]
            tasks = [asyncio.create_task(each) for each in asked]
            await asyncio.sleep(0)
            embedder.gate.set()
            await first
            return list(await asyncio.gather(*tasks, return_exceptions=True))

    outcomes = asyncio.run(main())

    assert outcomes[::2] == ["0 of (16,)", "2 of (16,)", "4 of (16,)"]
    assert [type(outcome) for outcome in outcomes[1::2]] == [ValueError, ValueError]
    assert together == [["0", "2", "4"]]


@pytest.mark.usefixtures("one_worker")
def test_a_question_whose_search_fails_fails_alone(embedder: GatedEmbedder) -> None:
    def search(asked: Sequence[Asked], vectors: Vectors) -> list[str]:
        assert len(asked) == len(vectors)
        if "bad" in {each.name for each in asked}:
            raise ValueError("nothing can be found")
        return [each.name.upper() for each in asked]

    async def main() -> list[str | BaseException]:
        with QueryBatcher(embedder) as encoder:
            first = await busy(encoder, embedder)
            asked = [encoder.submit(asking("x", name), search, found_for) for name in ("a", "bad", "c")]
            tasks = [asyncio.create_task(each) for each in asked]
            await asyncio.sleep(0)
            embedder.gate.set()
            await first
            return list(await asyncio.gather(*tasks, return_exceptions=True))

    one, failed, other = asyncio.run(main())

    assert (one, other) == ("A", "C")
    assert isinstance(failed, ValueError)


@pytest.mark.usefixtures("one_worker")
def test_a_question_that_cannot_be_parsed_fails_alone(embedder: GatedEmbedder) -> None:
    def unreadable() -> Asked:
        raise ValueError("a year is no number")

    async def main() -> list[Any]:
        with QueryBatcher(embedder) as encoder:
            first = await busy(encoder, embedder)
            bad = asyncio.create_task(encoder.submit(unreadable, lambda _asked, found: found, found_for))
            good = asyncio.create_task(embedded(encoder, "b"))
            await asyncio.sleep(0)
            embedder.gate.set()
            await first
            return list(await asyncio.gather(bad, good, return_exceptions=True))

    failed, vector = asyncio.run(main())

    assert isinstance(failed, ValueError)
    assert vector.shape == (16,)
    assert embedder.batches[1:] == [["b"]]


def test_a_search_that_gives_too_little_is_an_error_for_those_who_wait_and_the_encoder_lives_on() -> None:
    async def main() -> list[object]:
        with QueryBatcher(HashEmbedder()) as encoder:
            failing: Any = encoder.submit(asking("a"), lambda _asked, _vectors: list[Any](), lambda *_: None)
            failed = await asyncio.gather(failing, return_exceptions=True)
            return [*failed, np.shape(await embedded(encoder, "b"))]

    error, shape = asyncio.run(main())

    assert isinstance(error, ValueError)
    assert shape == (16,)


def test_it_is_told_when_a_question_had_been_embedded() -> None:
    async def main() -> tuple[float, float, float]:
        with QueryBatcher(HashEmbedder()) as encoder:
            began = time.perf_counter()
            told = await encoder.submit(asking("a"), lambda _asked, vectors: vectors, lambda _asked, _vector, embedded: embedded)
            return began, told, time.perf_counter()

    began, told, ended = asyncio.run(main())

    assert began < told < ended


def test_of_the_questions_that_arrive_while_the_encoder_is_busy_each_thread_takes_its_share_in_their_order(
    embedder: GatedEmbedder,
) -> None:
    async def main() -> None:
        with QueryBatcher(embedder) as encoder:
            first = await busy(encoder, embedder)
            others = await ask(encoder, ["b", "a", "c"])
            embedder.gate.set()
            await asyncio.gather(first, *others)

    asyncio.run(main())

    assert embedder.batches == [["first"], ["b", "a"], ["c"]]


def test_no_batch_is_larger_than_the_largest_and_the_oldest_questions_go_first(embedder: GatedEmbedder) -> None:
    async def main() -> None:
        with QueryBatcher(embedder, largest_batch=2) as encoder:
            first = await busy(encoder, embedder)
            others = await ask(encoder, list("abcde"))
            embedder.gate.set()
            await asyncio.gather(first, *others)

    asyncio.run(main())

    assert embedder.batches == [["first"], ["a", "b"], ["c", "d"], ["e"]]


def test_threads_of_its_own_embed_two_batches_at_a_time() -> None:
    class Watched(HashEmbedder):
        def __init__(self) -> None:
            super().__init__()
            self.at_once: list[int] = []
            self.inside = 0
            self.threads: set[int] = set()

        def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
            self.inside += 1
            self.at_once.append(self.inside)
            self.threads.add(threading.get_ident())
            time.sleep(0.02)
            self.inside -= 1
            return super().embed(texts, kind)

    embedder = Watched()

    async def main() -> None:
        with QueryBatcher(embedder, largest_batch=1) as encoder:
            await asyncio.gather(*(embedded(encoder, text) for text in "abcdefgh"))

    asyncio.run(main())

    assert len(embedder.at_once) == 8
    assert max(embedder.at_once) == 2
    assert threading.get_ident() not in embedder.threads


def test_the_next_batch_is_embedded_while_the_last_one_is_worked_on_and_is_worked_on_after_it() -> None:
    second_embedded, ended = threading.Event(), []

    class Telling(HashEmbedder):
        def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
            if "second" in texts:
                second_embedded.set()
            return super().embed(texts, kind)

    def wait_for_the_second(_vector: Vectors) -> bool:
        embedded = second_embedded.wait(10)
        time.sleep(0.05)
        ended.append("first")
        return embedded

    async def main() -> tuple[bool, None]:
        with QueryBatcher(Telling(), largest_batch=1) as encoder:
            first = asyncio.create_task(made_of(encoder, "first", wait_for_the_second))
            await asyncio.sleep(0.05)
            return await asyncio.gather(first, made_of(encoder, "second", lambda _: ended.append("second")))

    assert [*asyncio.run(main())] == [True, None]
    assert ended == ["first", "second"]


def test_what_is_made_of_a_vector_or_goes_wrong_with_it_reaches_the_one_who_asked() -> None:
    def fail(vector: Vectors) -> None:
        raise ValueError("cannot go on")

    async def main() -> tuple[object, object, object]:
        with QueryBatcher(HashEmbedder()) as encoder:
            tasks = (
                made_of(encoder, "a", np.shape),
                made_of(encoder, "b", fail),
                embedded(encoder, "c"),
            )
            return await asyncio.gather(*tasks, return_exceptions=True)

    shape, error, vector = asyncio.run(main())

    assert shape == (16,)
    assert str(error) == "cannot go on"
    np.testing.assert_array_equal(np.asarray(vector), HashEmbedder().embed(["c"], "query")[0])


def test_what_was_asked_is_let_go_of_once_it_is_answered() -> None:
    class Generation:
        """What goes on with a question holds on to the generation of the collection that it is asked of."""

        def read(self, vector: Vectors) -> Vectors:
            return vector

    async def main() -> None:
        with QueryBatcher(HashEmbedder()) as encoder:
            generation = Generation()
            await made_of(encoder, "question", generation.read)
            let_go = threading.Event()
            weakref.finalize(generation, let_go.set)
            del generation
            assert await asyncio.to_thread(let_go.wait, 10)

    asyncio.run(main())


def test_a_cancelled_question_leaves_the_queue(embedder: GatedEmbedder) -> None:
    async def main() -> None:
        with QueryBatcher(embedder) as encoder:
            first = await busy(encoder, embedder)
            gone, stays = await ask(encoder, ["gone", "stays"])
            gone.cancel()
            with pytest.raises(asyncio.CancelledError):
                await gone
            embedder.gate.set()
            await asyncio.gather(first, stays)

    asyncio.run(main())

    assert embedder.batches == [["first"], ["stays"]]


def test_a_question_cancelled_while_it_is_embedded_harms_no_other(embedder: GatedEmbedder) -> None:
    async def main() -> Vectors:
        with QueryBatcher(embedder) as encoder:
            first = await busy(encoder, embedder)
            first.cancel()
            embedder.gate.set()
            return await embedded(encoder, "second")

    np.testing.assert_array_equal(asyncio.run(main()), HashEmbedder().embed(["second"], "query")[0])


def test_one_question_too_many_is_refused_at_once_with_when_to_come_back(embedder: GatedEmbedder) -> None:
    async def main() -> Overloaded:
        with QueryBatcher(embedder, capacity=2) as encoder:
            first = await busy(encoder, embedder)
            waiting = await ask(encoder, ["a", "b"])
            with pytest.raises(Overloaded, match="2 questions are waiting; at most 2 may wait") as refused:
                await embedded(encoder, "c")
            embedder.gate.set()
            await asyncio.gather(first, *waiting)
            return refused.value

    assert asyncio.run(main()).retry_after >= 1
    assert ["c"] not in embedder.batches


def test_a_cancelled_question_makes_room_for_another(embedder: GatedEmbedder) -> None:
    async def main() -> None:
        with QueryBatcher(embedder, capacity=1) as encoder:
            first = await busy(encoder, embedder)
            (gone,) = await ask(encoder, ["gone"])
            gone.cancel()
            await asyncio.sleep(0.01)
            (comes,) = await ask(encoder, ["comes"])
            embedder.gate.set()
            await asyncio.gather(first, comes)

    asyncio.run(main())

    assert embedder.batches == [["first"], ["comes"]]


@pytest.mark.usefixtures("one_worker")
def test_what_goes_wrong_in_the_encoder_reaches_everyone_who_waits_and_nobody_after() -> None:
    class Failing(GatedEmbedder):
        def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
            vectors = super().embed(texts, kind)
            if "bad" in texts:
                raise ValueError("cannot embed this")
            return vectors

    failing = Failing()

    async def main() -> tuple[list[Vectors | BaseException], Vectors]:
        with QueryBatcher(failing) as encoder:
            first = await busy(encoder, failing)
            others = await ask(encoder, ["bad", "beside it"])
            failing.gate.set()
            await first
            failures = await asyncio.gather(*others, return_exceptions=True)
            return failures, await embedded(encoder, "after")

    failures, after = asyncio.run(main())

    assert [str(failure) for failure in failures] == ["cannot embed this"] * 2
    assert after.shape == (16,)


def test_an_embedder_that_returns_too_few_rows_is_an_error_for_those_who_wait() -> None:
    class Short(HashEmbedder):
        def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
            return super().embed(texts, kind)[:-1]

    async def main() -> None:
        with QueryBatcher(Short()) as encoder:
            await embedded(encoder, "question")

    with pytest.raises(ValueError, match="zip"):
        asyncio.run(asyncio.wait_for(main(), 10))


def test_closing_answers_those_who_wait_and_refuses_those_who_come(embedder: GatedEmbedder) -> None:
    async def main() -> None:
        encoder = QueryBatcher(embedder)
        first = await busy(encoder, embedder)
        (waiting,) = await ask(encoder, ["waiting"])
        closing = asyncio.create_task(asyncio.to_thread(encoder.close))
        while not encoder._closed:  # noqa: ASYNC110  # another thread closes it
            await asyncio.sleep(0.001)
        with pytest.raises(Overloaded, match="shutting down"):
            await embedded(encoder, "late")
        embedder.gate.set()
        await asyncio.gather(first, waiting, closing)

    asyncio.run(main())

    assert embedder.batches == [["first"], ["waiting"]]


def test_an_encoder_that_was_never_asked_starts_no_thread() -> None:
    before = threading.active_count()

    with QueryBatcher(HashEmbedder()):
        assert threading.active_count() == before


def test_the_event_loop_goes_on_while_the_encoder_works() -> None:
    """Embedding waits for something that the loop does: were it done on the loop, it would wait for ever."""
    turned = threading.Event()

    class Waiting(HashEmbedder):
        def embed(self, texts: Sequence[str], kind: TextKind) -> Vectors:
            assert turned.wait(60)
            return super().embed(texts, kind)

    async def main() -> None:
        with QueryBatcher(Waiting(), largest_batch=8) as encoder:
            asked = [asyncio.create_task(embedded(encoder, f"question {number}")) for number in range(32)]
            await asyncio.sleep(0)
            turned.set()
            await asyncio.gather(*asked)

    asyncio.run(main())
