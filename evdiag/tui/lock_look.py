"""What the lock looks like: a word, a shape, a tone and a sentence for each of its states. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from evdiag.session.snapshot import Snapshot
from evdiag.tui.words import value_text
from evdiag.vocabulary import INVALID, STALE, UNKNOWN

_MANY_FRAMES = 1_000
"""A car is known from fewer, if it is the one that was named."""

_DENIED = "plug reported out, pilot still shows it in"


@dataclass(frozen=True, slots=True)
class LockLook:
    """How one state of the lock is shown.

    `sign` names the big shape (`big_word.SIGNS`), `mark` is the same in one cell. `since_ns` is
    since when it is so, None where that means nothing.
    """

    word: str
    sign: str
    mark: str
    tone: str
    meaning: str
    since_ns: int | None = None


def look_without_car(frames: int, named: str) -> LockLook:
    """Say what is shown before it is known which car it is; `named` is what a person said."""
    heard = f"{frames:,} frame{'' if frames == 1 else 's'} so far"
    if named and frames >= _MANY_FRAMES:
        meaning = f"{frames:,} frames, and they do not fit {named}: another car? v names it"
    elif named:
        meaning = f"listening for the first frames of {named}, {heard}"
    else:
        meaning = f"which car? listening, {heard}; v names it"
    return LockLook("CAR", "question", "?", "odd", meaning)


def lock_look(snapshot: Snapshot, *, link_lost: bool = False) -> LockLook:
    """Say how the lock of a snapshot is shown; `link_lost` is why nothing is heard of it."""
    view = snapshot.signal("port.lock")
    reading = view.reading
    if not snapshot.lock_fitted:
        return LockLook("NO LOCK", "none", "–", "quiet", _not_fitted(snapshot))
    if not view.offered:
        meaning = "this car does not show its lock on the buses that are heard here"
        return LockLook("UNKNOWN", "question", "?", "odd", meaning)
    if snapshot.asleep_since_ns is not None and reading.value not in (UNKNOWN, STALE):
        known = f"the bus sleeps; last seen {_known(snapshot)}"
        return LockLook("ASLEEP", "moon", "z", "quiet", known, snapshot.asleep_since_ns)
    if reading.value == STALE:
        why = "the link is lost" if link_lost else "its module fell silent"
        silent = f"{why}; last seen {_known(snapshot)}"
        return LockLook("STALE", "hourglass", "…", "odd", silent, reading.since_ns)
    if reading.value == INVALID:
        says = f"the car says it does not know; last seen {_known(snapshot)}"
        return LockLook("INVALID", "question", "!", "odd", says, reading.since_ns)
    if reading.value == UNKNOWN:
        return LockLook("UNKNOWN", "question", "?", "odd", "not seen yet")
    return _reported(snapshot)


def _reported(snapshot: Snapshot) -> LockLook:
    reading = snapshot.signal("port.lock").reading
    since = reading.since_ns
    match reading.value:
        case "locked":
            return LockLook("LOCKED", "closed", "■", "held", _held(snapshot), since)
        case "unlocked":
            return LockLook("OPEN", "open", "□", "free", _free(snapshot), since)
        case "moving":
            return LockLook("MOVING", "moving", "»", "busy", "the pin is on its way: wait", since)
        case "blocking":
            meaning = "the pin is out with no plug behind it: a plug cannot go in"
            return LockLook("PIN OUT", "pin_out", "◙", "busy", meaning, since)
        case _:
            meaning = "the lock stands between open and closed"
            return LockLook("FAULT", "cross", "✖", "bad", meaning, since)


def _held(snapshot: Snapshot) -> str:
    if snapshot.plug_out_denied:
        return f"closed; {_DENIED}"
    plug = snapshot.signal("port.plug").reading.value
    if plug == "disconnected":
        return "closed, with no plug in it"
    return "the plug is held" if plug == "connected" else "closed"


def _free(snapshot: Snapshot) -> str:
    plug = snapshot.signal("port.plug").reading.value
    if snapshot.plug_out_denied:
        return f"open; {_DENIED}"
    if plug == "disconnected":
        return "no plug is in it"
    if snapshot.danger_told:
        return "open, and a danger was told: do not touch it"
    if snapshot.live_because:
        return "open, and the session is alive: do not pull"
    if plug == "connected" and may_pull_now(snapshot):
        return "PULL NOW"
    return "the lock does not hold the plug"


def may_pull_now(snapshot: Snapshot) -> bool:
    """True for an open lock that somebody wants open, while nothing says that it is dangerous.

    A lock that is open because a plug has just gone in is about to close: that is no moment to
    pull.
    """
    told = snapshot.live_because or snapshot.danger_told
    return snapshot.current is not None and not told


def _known(snapshot: Snapshot) -> str:
    known = snapshot.signal("port.lock").reading.known
    return "never" if known is None else value_text("port.lock", known)


def _not_fitted(snapshot: Snapshot) -> str:
    known = snapshot.signal("port.lock").reading.known
    bit = "" if known is None else f" (its bit says {value_text('port.lock', known)})"
    return f"this car's inlet has no lock{bit}: only the handle's latch holds"
