"""Spans of a text."""


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space at its ends; empty where there is nothing else."""
    piece = text[start:end]
    first = start + len(piece) - len(piece.lstrip())
    return (first, start + len(piece.rstrip())) if first < end else (start, start)
