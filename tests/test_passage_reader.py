"""The passage reader: best spans, the weights that travel with the package, and its network against the original."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from index.embedders.model_config import WeightsFile, find_model
from rag.calibration import Judgement
from rag.errors import ReaderUnusable
from rag.highlight import TermWeights, highlight, sentences_of
from rag.passage_reader import Reading, ReadWindow
from rag.passage_reader.confidence import judge_read
from rag.passage_reader.model import ExportedReader, best_span
from rag.passage_reader.network import export_reader, exported_reader, write_reader
from rag.passage_reader.weights import WEIGHTS_FILE, WEIGHTS_SHA256, ReaderWeights, quantised

TEXT = "The monks of Brookvale kept bees. In 1412 their abbot, Edwin Marsh, sold the wax to a merchant of Lynn for nine pence."


def test_the_best_span_is_what_a_brute_force_finds() -> None:
    draw = np.random.default_rng(3)
    for tokens in (1, 2, 7, 60):
        starts, ends = draw.normal(size=(2, tokens)).astype(np.float32)
        spans = [(a, b) for a in range(tokens) for b in range(a, min(tokens, a + 40))]

        first, last, score = best_span(starts, ends)

        assert score == pytest.approx(max(float(starts[a] + ends[b]) for a, b in spans))
        assert score == pytest.approx(float(starts[first] + ends[last]))


def test_a_product_is_stored_as_int8_within_half_a_step_and_a_head_as_it_is() -> None:
    tensor = np.random.default_rng(5).normal(size=(6, 8)).astype(np.float32)

    stored = quantised("encoder.layer.3.output.dense.weight", tensor)
    numbers, scales = stored.values()
    restored = numbers.astype(np.float32) * scales.astype(np.float32)[:, None]

    assert numbers.dtype == np.int8
    assert np.abs(restored - tensor).max() <= np.abs(tensor).max() / 127 / 2 + 1e-6
    assert quantised("spans.weight", tensor)["spans.weight"] is tensor


def save_reader(folder: Path) -> tuple[Path, str]:
    """Weights of a reader with random heads and one changed layer; the rest is the bundled model's."""
    draw = np.random.default_rng(11)
    bundled = WeightsFile(find_model().folder / "model.safetensors")
    name = "encoder.layer.5.output.dense.weight"
    heads = {
        "answers.weight": draw.normal(size=(1, 384)),
        "answers.bias": np.zeros(1),
        "spans.weight": draw.normal(size=(2, 384)),
        "spans.bias": np.zeros(2),
    }
    tensors = {key: value.astype(np.float32) for key, value in heads.items()} | quantised(name, bundled[name] * np.float32(1.1))
    save_file(tensors, folder / "weights.safetensors")
    return folder / "weights.safetensors", hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()


@pytest.mark.model
def test_the_network_computes_what_the_original_does(tmp_path: Path) -> None:
    import torch
    from transformers import BertModel

    weights = ReaderWeights(*save_reader(tmp_path))
    write_reader(weights, tmp_path, "fp32")
    (reading,) = ExportedReader(lambda: tmp_path).read("who sold the wax?", [ReadWindow(TEXT, "Bees. Marsh, 1901")])

    model = BertModel.from_pretrained(str(find_model().folder), add_pooling_layer=False, attn_implementation="eager").eval()
    with torch.inference_mode():
        layer = model.encoder.layer[5].output.dense.weight
        layer.copy_(torch.from_numpy(weights["encoder.layer.5.output.dense.weight"]))
        encoding = ExportedReader(lambda: tmp_path)._tokenizer.encode("who sold the wax?", f"Bees. Marsh, 1901\n{TEXT}")
        ids, kinds = torch.tensor([encoding.ids]), torch.tensor([encoding.type_ids])
        hidden = model(input_ids=ids, token_type_ids=kinds).last_hidden_state[0].numpy()
    spans = hidden @ weights["spans.weight"].T
    assert reading.answers == pytest.approx(float(hidden[0] @ weights["answers.weight"][0]), abs=0.02)
    within = [at for at, (start, _) in enumerate(encoding.offsets) if encoding.type_ids[at] == 1 and start >= 18][:-1]
    assert reading.margin == pytest.approx(best_span(spans[within, 0], spans[within, 1])[2] - float(spans[0].sum()), abs=0.03)
    assert TEXT[reading.start : reading.end] == TEXT[reading.start : reading.end].strip()


@pytest.mark.model
def test_a_window_is_read_the_same_alone_and_among_others(tmp_path: Path) -> None:
    write_reader(ReaderWeights(*save_reader(tmp_path)), tmp_path)
    reader = ExportedReader(lambda: tmp_path)
    windows = [ReadWindow(TEXT), ReadWindow("Rain fell."), ReadWindow(TEXT, "Another heading")]

    together = reader.read("who kept bees?", windows)

    assert together == [reader.read("who kept bees?", [window])[0] for window in windows]


@pytest.mark.model
@pytest.mark.parametrize("question", ["", "why " * 900, "who\x00?", "wer? \ud800 \U0001f41d"])
@pytest.mark.parametrize("text", ["", "   \n ", "bee " * 900, "\ud800", TEXT])
def test_any_question_and_any_window_can_be_read(tmp_path: Path, question: str, text: str) -> None:
    write_reader(ReaderWeights(*save_reader(tmp_path)), tmp_path)

    (reading,) = ExportedReader(lambda: tmp_path).read(question, [ReadWindow(text, "A heading")])

    assert 0 <= reading.start <= reading.end <= len(text)


@pytest.mark.parametrize("damage", [b"", b"\x00" * 64])
def test_weights_that_are_not_the_published_ones_are_refused_with_the_remedy(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "weights.safetensors").write_bytes(damage)

    with pytest.raises(ReaderUnusable, match=r"SHA-256.*set read to never"):
        ReaderWeights(tmp_path / "weights.safetensors", "f" * 64)


def test_weights_that_are_missing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReaderUnusable, match="cannot be read"):
        ReaderWeights(tmp_path / "nothing.safetensors", "f" * 64)


def test_the_weights_of_the_package_are_the_published_ones_and_small() -> None:
    content = WEIGHTS_FILE.read_bytes()

    assert hashlib.sha256(content).hexdigest() == WEIGHTS_SHA256
    assert len(content) < 25_000_000


@pytest.mark.model
def test_the_export_is_written_once_and_elsewhere_where_it_cannot_be(tmp_path: Path) -> None:
    folder = export_reader(tmp_path / "models")
    written = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}

    assert export_reader(tmp_path / "models") == folder
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == written
    assert [each.name for each in (tmp_path / "models").iterdir()] == [folder.name]


@pytest.mark.model
@pytest.mark.parametrize("file", ["network.onnx", "weights.bin", "tokenizer.json"])
def test_an_export_that_was_changed_is_refused_with_the_remedy(tmp_path: Path, file: str) -> None:
    folder = export_reader(tmp_path)
    content = bytearray((folder / file).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / file).write_bytes(content)

    with pytest.raises(ReaderUnusable, match="delete the folder"):
        export_reader(tmp_path)


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When did the abbot sell the wax?", "1412"),
        ("Who was the abbot of Brookvale?", "Edwin Marsh"),
        ("To whom was the wax sold?", "a merchant of Lynn"),
        ("What did the monks of Brookvale keep?", "bees"),
    ],
)
def test_the_reader_of_the_package_tells_where_the_answer_stands(tmp_path: Path, question: str, answer: str) -> None:
    reader = ExportedReader(lambda: exported_reader(tmp_path))

    read, foreign = (reader.read(asked, [ReadWindow(TEXT)])[0] for asked in (question, "Who printed the Bible?"))

    assert TEXT[read.start : read.end] == answer
    assert read.answers > 0 > foreign.answers


def test_a_short_sentence_with_the_answer_is_highlighted_whole() -> None:
    at = TEXT.index("kept bees")
    (span,) = highlight(TEXT, sentences_of(TEXT, str.split), TermWeights([]), Reading(3, 3, at, at + 9))

    assert TEXT[span.start : span.end].strip() == "The monks of Brookvale kept bees."


def test_of_a_long_sentence_the_words_next_to_the_answer_are_highlighted() -> None:
    text = "It was said, " + "and said again, " * 20 + "that Ada Bell forged the charter, " + "as all agreed, " * 20 + "in 1303."
    at = text.index("Ada Bell")
    (span,) = highlight(text, sentences_of(text, str.split), TermWeights([]), Reading(3, 3, at, at + 8))

    shown = text[span.start : span.end]
    assert "Ada Bell forged" in shown
    assert len(shown) <= 150
    assert shown == shown.strip()
    assert f" {shown} " in text


def test_where_the_reader_finds_no_answer_words_choose_the_highlight() -> None:
    spans = sentences_of(TEXT, str.split)

    assert highlight(TEXT, spans, TermWeights([]), Reading(-3, -1, 4, 9)) == highlight(TEXT, spans, TermWeights([]))


def test_nothing_read_leaves_the_judgement_and_so_does_no_evidence() -> None:
    sure = Judgement("answered", 0.9)
    foreign = [Judgement("nothing_relevant", confidence) for confidence in (0.0, 0.15)]

    assert judge_read(sure, []) == sure
    assert [judge_read(each, [Reading(9, 9, 0, 1)]) for each in foreign] == foreign


def test_the_better_the_best_reading_the_higher_the_confidence() -> None:
    before = Judgement("weak", 0.4)

    low, high = (judge_read(before, [Reading(-5, -5, 0, 1), Reading(answers, 0, 0, 1)]) for answers in (-3.0, 3.0))

    assert low.confidence < high.confidence <= 1
    assert {low.status, high.status} <= {"nothing_relevant", "weak", "answered"}
