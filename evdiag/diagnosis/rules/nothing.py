"""Nothing was found: what is not known, and what would decide."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.diagnosis.case import Case
from evdiag.diagnosis.finding import Finding
from evdiag.port.charging import live_reasons
from evdiag.vocabulary import UNKNOWN

_WANTED = (
    "port.lock",
    "port.plug",
    "port.lock_command",
    "port.pilot",
    "port.unlock_request",
    "vehicle.lock",
)

_OF_THE_PORT = ("port.", "charge.")
_NOTHING_SEEN = (
    "Nothing of the charge port was seen, so nothing can be said of it: its modules may be asleep, "
    "this may be another bus, or another car."
)

_NO_TIME = "What took too long is not known: the stamps tell no time."


def nothing(case: Case) -> Finding:
    """Say that nothing was found, and which signal or which guide step would tell more."""
    missing = tuple(name for name in _WANTED if not case.offers(name))
    if not case.lock_fitted:
        summary = "This car's inlet has no lock to judge."
        return Finding(None, None, summary, next=("handle-button",), missing=missing)
    if _nothing_seen(case):
        missing = case.lacking(_WANTED)
        return Finding(None, None, _NOTHING_SEEN, next=("wake-the-car",), missing=missing)
    hint, steps = next(_would_decide(case), ("", ()))
    said = ["Nothing wrong was found in what the bus shows."]
    if not case.clock_is_time:
        said.append(_NO_TIME)
    summary = " ".join([*said, hint] if hint else said)
    return Finding(None, None, summary, next=steps, missing=missing)


def _nothing_seen(case: Case) -> bool:
    """Tell whether no signal of the port was ever seen, not even one that calls itself invalid."""
    port = (name for name in case.readings.offered if name.startswith(_OF_THE_PORT))
    is_first_epoch = case.readings.epoch == 0
    return is_first_epoch and all(case.readings[name].value == UNKNOWN for name in port)


def _would_decide(case: Case) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what would tell more, first what tells most."""
    if case.readings["port.lock"].known is None:
        yield "The lock's position was not seen.", ("wake-the-car", "unlock-lock-unlock")
    reasons = live_reasons(case.readings)
    if case.locked_in and reasons:
        yield f"The session is alive ({', '.join(reasons)}).", ("end-the-session",)
    lock, plug = case.readings["port.lock"], case.readings["port.plug"]
    is_free = lock.usable and lock.value == "unlocked" and plug.usable and plug.value == "connected"
    if is_free and not reasons:
        yield "The lock is open and does not hold the plug.", ("pull-now",)
    last = case.attempts[-1] if case.attempts else None
    if last is not None and last.outcome == "inconclusive":
        yield "The last attempt did not come to its end.", ("unlock-lock-unlock",)
    if case.locked_in and last is None:
        yield (
            "The plug is locked in, and nobody asked for it yet: ask while evdiag is watching.",
            ("unlock-and-pull", "unlock-lock-unlock"),
        )
