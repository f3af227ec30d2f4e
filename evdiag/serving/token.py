"""The word that lets a browser in: from the environment, or made anew at each start."""

from __future__ import annotations

import hmac
import ipaddress
import os
import secrets
from typing import Final

from evdiag.errors import BadInputError

VARIABLE: Final = "EVDIAG_TOKEN"
_SHORTEST: Final = 16


def is_this_machine(host: str) -> bool:
    """Tell whether an address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def token_for(host: str) -> str | None:
    """Return the token that a browser must have; None where only this machine can come.

    ``EVDIAG_TOKEN`` names one, also for this machine. It is taken out of the environment, which
    every process that is started here would have.

    Raises:
        BadInputError: it is too short to protect anything.
    """
    named = os.environ.pop(VARIABLE, "")
    if named and len(named) < _SHORTEST:
        raise BadInputError(
            f"{VARIABLE} has fewer than {_SHORTEST} characters, which can be guessed: "
            "leave it out, and evdiag makes one"
        )
    if named:
        return named
    return None if is_this_machine(host) else secrets.token_urlsafe(24)


def same(token: str, given: str) -> bool:
    """Tell whether a browser gave the token; how long that takes tells nothing of it."""
    return hmac.compare_digest(token.encode(), given.encode("utf-8", "surrogatepass"))
