"""How each adapter is asked to be silent on the wire, and what can be said of the answer.

A CAN controller in normal mode acknowledges every frame and signals errors, and at a wrong bit
rate disturbs the bus without one frame sent. python-can has no common option for listen-only:
each interface has its own, and some have none (python-can 4.6, `can/interfaces/`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

SilenceState: TypeAlias = Literal["verified", "requested", "not possible"]


@dataclass(frozen=True, slots=True)
class Silence:
    """Whether the adapter is silent on the wire, and why that can (or cannot) be said."""

    state: SilenceState
    why: str

    def __str__(self) -> str:
        return f"{self.state} ({self.why})"


@dataclass(frozen=True, slots=True)
class _Way:
    """`options` ask for listen-only; `joins` says that opening without it joins the bus."""

    options: tuple[tuple[str, Any], ...]
    silence: Silence
    joins: bool = False


def _asked(why: str, **options: Any) -> _Way:
    return _Way(tuple(options.items()), Silence("requested", why))


_NO_CONTROLLER = _Way((), Silence("verified", "no controller: nothing is acknowledged"))
_NO_OPTION = _Way(
    (),
    Silence("not possible", "python-can has no listen-only for it: it acknowledges frames"),
    joins=True,
)

_WAYS: Final[dict[str, _Way]] = {
    "virtual": _NO_CONTROLLER,
    "udp_multicast": _NO_CONTROLLER,
    "socketcand": _Way((), Silence("not possible", "the socketcand server decides")),
    "socketcan": _Way((), Silence("not possible", "the state of the interface is not known")),
    "slcan": _asked("command L", listen_only=True),
    "vector": _asked("output mode silent", listen_only=True),
    "nixnet": _asked("listen-only property", listen_only=True),
    "kvaser": _asked("driver mode silent", driver_mode=False),
    "seeedstudio": _asked("mode silent", operation_mode="silent"),
    "cantact": _asked("monitor mode", monitor=True),
    "pcan": _asked("state PASSIVE", state="PASSIVE"),
    "systec": _asked("state PASSIVE", state="PASSIVE"),
}

NORMAL_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "slcan": {"listen_only": False},
    "vector": {"listen_only": False},
    "nixnet": {"listen_only": False},
    "kvaser": {"driver_mode": True},
    "seeedstudio": {"operation_mode": "normal"},
    "cantact": {"monitor": False},
    "pcan": {"state": "ACTIVE"},
    "systec": {"state": "ACTIVE"},
}
"""What puts each adapter into normal mode, for asking; the others have no such option."""


def listen_only_options(interface: str) -> dict[str, Any]:
    """Return the python-can arguments that ask this interface to be silent."""
    options = dict(_WAYS.get(interface, _NO_OPTION).options)
    if "state" in options:
        from can import BusState

        options["state"] = BusState[options["state"]]
    return options


def normal_options(interface: str) -> dict[str, Any]:
    """Return the python-can arguments that let this interface take part in the bus."""
    options = dict(NORMAL_OPTIONS.get(interface, {}))
    if "state" in options:
        from can import BusState

        options["state"] = BusState[options["state"]]
    return options


def expected_silence(interface: str) -> Silence:
    """Return what can be said before the adapter is opened, and where nothing can be read back."""
    return _WAYS.get(interface, _NO_OPTION).silence


def joins_when_opened(interface: str) -> bool:
    """True where opening the adapter makes it take part, so the bit rate must be sure."""
    return _WAYS.get(interface, _NO_OPTION).joins
