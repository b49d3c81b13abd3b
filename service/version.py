"""The version of this Ibid."""

from functools import cache
from importlib.metadata import version as installed

DISTRIBUTION = "ibid-rag"


@cache
def version() -> str:
    """The version of the installed distribution."""
    return installed(DISTRIBUTION)
