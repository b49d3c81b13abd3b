"""Keys that do not show themselves: not in logs, not in errors, not in a settings dump."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import regex

from rag.errors import SettingInvalid

_SHORTEST = 6
_KEY_LIKE = regex.compile(
    r"\b(?:sk|pk|rk|key|gsk|xai|AIza|eyJ)[-_A-Za-z0-9*.]{8,}"
    r"|(?i:bearer)\s+[-._~+/A-Za-z0-9]{6,}=*"
    r"|(?<=//)[^/\s@]{1,200}@"
    r"|(?i:(?<=[?&](?:key|api[-_]?key|token|access_token|sig)=))[^&\s'\"]+"
)


class Secret:
    """A text that only ``reveal`` shows; it compares, prints and serialises as asterisks."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")


def read_secret(variable: str = "", file: Path | None = None, environment: Mapping[str, str] | None = None) -> Secret:
    """A key from the environment variable or the file named; empty where neither is named.

    Raises:
        SettingInvalid: what is named is not there, cannot be read, or is empty. Never shows its content.
    """
    if variable:
        text = (os.environ if environment is None else environment).get(variable, "")
        where = f"environment variable {variable}"
    elif file is not None:
        where = f"key file {file}"
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise _missing(where, type(error).__name__) from None
    else:
        return Secret("")
    if not text.strip():
        raise _missing(where, "nothing there")
    return Secret(text.strip())


def scrub(text: str, secrets: Iterable[Secret]) -> str:
    """A text without these secrets and without anything that looks like a key, a token or a password in an address."""
    for secret in secrets:
        for shown in {secret.reveal(), secret.reveal().removeprefix("Bearer ")}:
            if len(shown) >= _SHORTEST or (shown and shown in text.split()):
                text = text.replace(shown, "***")
    return _KEY_LIKE.sub("***", text)


def _missing(where: str, why: str) -> SettingInvalid:
    return SettingInvalid(
        f"{where} gives no key ({why})",
        rule="a key that is named can be read",
        remedy="set it, or take the name out of the backend's settings",
    )
