"""Makes any Python string fit for a tokenizer, which takes Unicode scalar values only."""


def encodable(text: str) -> str:
    """``text`` with each lone surrogate (half of a UTF-16 pair) replaced by U+FFFD; as long as before."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)
    return text
