"""What other distributions add: readers, embedders, vector stores and citation styles, found by entry point.

Nothing is looked up before it is needed: finding entry points reads the metadata of every installed distribution (.1 s).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from index.errors import PluginUnusable

Group = Literal["ibid.readers", "ibid.embedders", "ibid.stores", "ibid.styles"]
"""Entry-point groups; docs/contributing.md says what an entry of each loads."""


@cache
def plugins(group: Group) -> Mapping[str, Any]:
    """What the entry points of a group load, by their names.

    Raises:
        PluginUnusable: one of them cannot be loaded, or two have the same name.
    """
    from importlib.metadata import entry_points

    found: dict[str, Any] = {}
    for point in entry_points(group=group):
        origin = f"the plug-in {point.name!r} of {point.dist.name if point.dist else point.module}"
        if point.name in found:
            raise PluginUnusable(
                f"{origin} is not the only {point.name!r} in {group}",
                rule="names of plug-ins are unique",
                remedy="uninstall one of the two distributions",
            )
        try:
            found[point.name] = point.load()
        except (ImportError, AttributeError) as error:
            raise PluginUnusable(
                f"{origin} cannot be loaded ({error})",
                rule=f"an entry point of {group} names something that can be imported",
                remedy="install what it needs, or uninstall it",
            ) from error
    return found


@cache
def plugin_versions(group: Group) -> str:
    """The distributions that add to a group, with their versions, for telling one installation from another; "" for none."""
    from importlib.metadata import entry_points

    distributions = {point.dist for point in entry_points(group=group) if point.dist}
    return " ".join(sorted(f"{each.name}=={each.version}" for each in distributions))
