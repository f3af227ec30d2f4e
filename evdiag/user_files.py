"""Where the user's own files live: profiles, DBC files, settings; and what evdiag writes down."""

from __future__ import annotations

import os
from pathlib import Path


def user_folder() -> Path:
    """Return the folder of the user's own files: ``EVDIAG_CONFIG``, else the platform's."""
    named = os.environ.get("EVDIAG_CONFIG")
    if named:
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("evdiag")


def state_folder() -> Path:
    """Return where evdiag keeps its logs: ``EVDIAG_STATE``, else the platform's place for them."""
    named = os.environ.get("EVDIAG_STATE")
    if named:
        return Path(named)
    from platformdirs import user_state_path

    return user_state_path("evdiag")
