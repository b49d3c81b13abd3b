"""Keys that do not show themselves: not in logs, not in errors, not in a settings dump."""

from collections.abc import Iterable

import regex

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


def scrub(text: str, secrets: Iterable[Secret]) -> str:
    """A text without these secrets and without anything that looks like a key, a token or a password in an address."""
    for secret in secrets:
        for shown in {secret.reveal(), secret.reveal().removeprefix("Bearer ")}:
            if len(shown) >= _SHORTEST or (shown and shown in text.split()):
                text = text.replace(shown, "***")
    return _KEY_LIKE.sub("***", text)
