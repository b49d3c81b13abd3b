"""Switches off what libraries would send about their use: nothing leaves the machine but what the user names an address for."""

import os
from collections.abc import MutableMapping

_SWITCHES = {
    # Read once, when the library is loaded: it would write a device id below ~/.cache and upload events (its Privacy.md).
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "DO_NOT_TRACK": "1",
}


def refuse_telemetry(environment: MutableMapping[str, str] = os.environ) -> None:
    """Refuses telemetry in every library that is loaded from now on, here and in child processes.

    Whatever the environment says: that nothing is sent must not depend on it.
    """
    environment.update(_SWITCHES)
