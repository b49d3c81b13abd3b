"""No control token of a chat template reaches a prompt from a passage, a citation, a question or the conversation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.control_tokens import NAMES, neutralise

TOKENS = [
    "<|im_start|>", "<|im_end|>", "<|eot_id|>", "<|begin_of_text|>", "<|endoftext|>", "<|channel|>", "<｜User｜>", "<｜end▁of▁sentence｜>", "[INST]", "[/INST]",  # noqa: E501 — a table of texts
    "<<SYS>>", "<</SYS>>", "<s>", "</s>", "<start_of_turn>", "<end_of_turn>", "<think>", "</think>", "<tool_call>", "[TOOL_CALLS]", "[AVAILABLE_TOOLS]", "<bos>",  # noqa: E501 — a table of texts
    "<eos>", "<pad>", "<unk>", "[MASK]", "[CLS]", "[SEP]", "<extra_id_0>", "<unused7>", "<fim_prefix>", "<|user|>", "<|assistant|>", "<|system|>",  # noqa: E501 — a table of texts
]  # fmt: skip


@pytest.mark.parametrize("token", TOKENS)
def test_every_token_is_broken(token: str) -> None:
    assert token not in neutralise(f"He wrote {token} there.")
    assert "".join(neutralise(token).split()) == token


@given(st.lists(st.sampled_from([*TOKENS, "a", " ", "<", "|", ">", "[", "]"]), max_size=12).map("".join))
def test_no_text_keeps_one_and_none_loses_a_letter(text: str) -> None:
    told = neutralise(text)

    assert not any(token in told for token in TOKENS)
    assert "".join(told.split()) == "".join(text.split())


@pytest.mark.parametrize(
    "text", ["a < b > c", "[sic]", "[the king]", "<title>", "x <y> z", "# Heading", "a|b|c", "He asked [1] and [2].", ""]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert neutralise(text) == text


def test_the_table_is_in_lower_case() -> None:
    assert all(name == name.lower() for name in NAMES)
