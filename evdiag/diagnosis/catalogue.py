"""The fault catalogue: what can be wrong with a charge port's lock. Pure data.

What each fault needs to be seen, what contradicts it, what to do next, and what others call it.
The rules (`evdiag.diagnosis.rules`) weigh the evidence; whatever can be said without any, is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple


class Name(NamedTuple):
    """What somebody else calls the same fault, and where that is written."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry.

    `number` is its place in the order in which an assistant would test. Without the signals in
    `needs` nothing is said at all; each one of `wanted` that was not seen lowers the confidence by
    a step. `contradicted_by` says in words what speaks against it. `next` are ids
    of guide steps, best first. `of_the_lock`: a car whose inlet has no lock cannot have it.
    """

    id: str
    number: str
    title: str
    needs: tuple[str, ...]
    wanted: tuple[str, ...]
    contradicted_by: str
    next: tuple[str, ...]
    names: tuple[Name, ...] = ()
    of_the_lock: bool = True


_TESLA = "talas9/tesla-can-signal-db on GitHub: 0x31E CP_alertMatrix"
_TESLA_TEXT = "app.myteslamate.com/alerts"
_EVEREST = "EVerest/EVerest on GitHub: errors/connector_lock.yaml (of the charge point's lock)"
_LIM = "Open-Vehicle-Monitoring-System-3 on GitHub: vehicle_bmwi3/dev/lim_i1.json"
_SAE = "SAE J2012 names, as obdguide.com gives them"
_KONA = "projectgus/kona-ev-dbc on GitHub: pcan.dbc"
_OCPP = "Open Charge Point Protocol: UnlockConnector"
_MREC = "minimum required error codes (MREC) of charge points"
_UDS = "ISO 14229-1"

_FAULTS: Final = (
    Fault(
        "session_active",
        "F1",
        "the charging session is still active",
        needs=(),
        wanted=("port.pilot", "port.lock"),
        contradicted_by="the car says that it does not charge",
        next=("end-the-session", "wait-for-voltage", "begin-and-end-again"),
        names=(
            Name("Tesla API reason 'charging'", "TeslaJS pull request 81, timdorr/tesla-api 61"),
            Name("OCPP: the transaction is to be finished first", _OCPP),
        ),
    ),
    Fault(
        "vehicle_locked",
        "F2",
        "the car stayed locked",
        needs=("vehicle.lock",),
        wanted=("port.lock_command",),
        contradicted_by="the car was unlocked and the lock stayed shut all the same",
        next=("unlock-lock-unlock", "drivers-door", "walk-away"),
    ),
    Fault(
        "fob_not_heard",
        "F3",
        "the fob is not heard",
        needs=("vehicle.key_heard",),
        wanted=("vehicle.lock_source",),
        contradicted_by="the car heard a key at another time",
        next=("drivers-door", "walk-away", "unlock-lock-unlock"),
        names=(
            Name("Tesla a061 uhfReceiverMIA", _TESLA),
            Name("Tesla a045 lostCommsVCSEC", _TESLA),
            Name("BMW i3 CE1409, CE140B", _LIM),
        ),
    ),
    Fault(
        "actuator_does_not_move",
        "F4",
        "the actuator does not move",
        needs=("port.lock",),
        wanted=("port.lock_command", "port.lock_current"),
        contradicted_by="no command to the actuator, or its motor ran as it does when it moves",
        next=(
            "push-and-pull",
            "unlock-lock-unlock",
            "support-supply",
            "command-unlock",
            "manual-release",
        ),
        names=(
            Name("Tesla a036 latchNotDisengaged", _TESLA),
            Name("EVerest ConnectorLockFailedUnlock", _EVEREST),
            Name("BMW i3 805503–805505, 805540–805542", _LIM),
            Name("P0D96, P0D97 coupler unlock control circuit low, high", _SAE),
        ),
    ),
    Fault(
        "actuator_stalls",
        "F5",
        "the actuator stalls",
        needs=("port.lock",),
        wanted=("port.lock_current", "port.lock_command"),
        contradicted_by="a 12 V supply too low for the motor",
        next=("push-and-pull", "unlock-lock-unlock", "command-unlock", "manual-release"),
    ),
    Fault(
        "relocks_before_pull",
        "F6",
        "the car locks the plug again before it is pulled",
        needs=("port.lock",),
        wanted=("port.plug", "vehicle.lock"),
        contradicted_by="a person locked it",
        next=("unlock-and-pull", "unlock-lock-unlock"),
    ),
    Fault(
        "mechanically_held",
        "F7",
        "the lock is open and something else holds the plug",
        needs=("port.lock",),
        wanted=("port.latch_button", "port.plug"),
        contradicted_by="nobody pressed the handle's button, or the plug left later",
        next=("push-and-pull", "handle-button", "type2-latch", "which-end"),
        names=(Name("MREC25 BrokenLatch (of the charge point)", _MREC),),
    ),
    Fault(
        "position_implausible",
        "F8",
        "the lock's position sensor is not to be believed",
        needs=("port.lock", "port.plug"),
        wanted=("port.pilot",),
        contradicted_by="the pilot shows that the plug is still in",
        next=("locking-mechanism", "assistance"),
        names=(
            Name("BMW i3 805532, 805535–805537, 80553B, 80553E, 80553F", _LIM),
            Name("Tesla a034 calibrationIncomplete, a039 latchMovement_2", _TESLA),
            Name("Tesla a050 latchNotConnected", _TESLA),
            Name("P0D9E, P0DA1 coupler lock position sensor circuit", _SAE),
            Name("EVerest ConnectorLockUnexpectedClose", _EVEREST),
        ),
    ),
    Fault(
        "manual_release_used",
        "F9",
        "the manual release was used",
        needs=("port.lock", "port.lock_fault"),
        wanted=("port.lock_command", "port.unlock_request"),
        contradicted_by="a request or a command came before it",
        next=("after-manual-release", "plug-in"),
        names=(
            Name("Tesla a035 latchMovement_1", _TESLA_TEXT),
            Name("EVerest ConnectorLockUnexpectedOpen", _EVEREST),
        ),
    ),
    Fault(
        "opened_unasked",
        "F9",
        "the lock opened and nobody asked",
        needs=("port.lock",),
        wanted=("port.lock_command", "port.unlock_request"),
        contradicted_by="a request or a command came before it",
        next=("after-manual-release", "unlock-again"),
        names=(Name("EVerest ConnectorLockUnexpectedOpen", _EVEREST),),
    ),
    Fault(
        "does_not_lock",
        "F10",
        "the lock does not close",
        needs=("port.lock", "port.lock_command"),
        wanted=("port.plug",),
        contradicted_by="it closed at another time",
        next=("plug-in", "push-and-pull", "handle-button", "await-lock"),
        names=(
            Name("Tesla a037 latchNotEngaged, a054 cableNotSecured", _TESLA_TEXT),
            Name("EVerest ConnectorLockFailedLock", _EVEREST),
            Name("Hyundai Kona alarm 0x76", _KONA),
            Name("VW e-Golf plug-lock error", "Open-Vehicle-Monitoring-System-3: vehicle_vwegolf"),
        ),
    ),
    Fault(
        "lock_fault_reported",
        "F8, F10",
        "the car reports a fault of the lock",
        needs=(),
        wanted=(),
        contradicted_by="the lock opens and closes as told",
        next=("plug-in", "unlock-lock-unlock", "assistance"),
    ),
    Fault(
        "module_silent",
        "F11",
        "the module that reports the lock is silent",
        needs=("port.lock",),
        wanted=(),
        contradicted_by="the whole bus is silent",
        next=("wake-the-car", "support-supply", "assistance"),
        names=(
            Name("Tesla a044, a047: messages of a module are missing", _TESLA_TEXT),
            Name("BMW i3 CE14xx", _LIM),
        ),
    ),
    Fault(
        "bus_asleep",
        "F11",
        "the bus sleeps",
        needs=("port.lock",),
        wanted=(),
        contradicted_by="other modules talk",
        next=("wake-the-car", "drivers-door"),
    ),
    Fault(
        "frozen",
        "F12",
        "ice may hold the pin",
        needs=("vehicle.ambient_temperature",),
        wanted=("port.lock_command",),
        contradicted_by="the port is warm, or the lock moved in the same cold",
        next=("thaw", "push-and-pull", "unlock-lock-unlock"),
        names=(
            Name("Tesla a078 latchNotDisengagedCold", _TESLA_TEXT),
            Name("Tesla a079 cableNotSecuredCold", _TESLA_TEXT),
        ),
    ),
    Fault(
        "proximity_implausible",
        "F13",
        "the proximity contact is not to be believed",
        needs=("port.plug",),
        wanted=("port.pilot",),
        contradicted_by="the pilot fell with the plug",
        next=("push-and-pull", "handle-button", "plug-in"),
        names=(
            Name("Tesla a004, a029, a053, a056", _TESLA),
            Name("BMW i3 805516–805518, 80553C", _LIM),
            Name("P0D56 proximity detection circuit", _SAE),
            Name("MREC23 (of the charge point)", _MREC),
        ),
        of_the_lock=False,
    ),
    Fault(
        "supply_low",
        "F14",
        "the 12 V supply is low",
        needs=("vehicle.supply_voltage",),
        wanted=(),
        contradicted_by="the lock moved with no more than that",
        next=("support-supply", "unlock-lock-unlock", "manual-release"),
        names=(
            Name("Tesla a016: supply of the port too low", _TESLA),
            Name("negative response 0x93, voltage too low", _UDS),
            Name("EVerest ConnectorLockCapNotCharged (alike, of the charge point)", _EVEREST),
        ),
        of_the_lock=False,
    ),
    Fault(
        "tool_holds_lock",
        "F15",
        "a diagnostic tool may hold the lock",
        needs=("port.lock",),
        wanted=(),
        contradicted_by="the car drove the lock while the tool was talking",
        next=("stop-the-tool", "unlock-lock-unlock"),
    ),
    Fault(
        "wrong_end",
        "F16",
        "the plug is stuck at the other end",
        needs=("port.lock",),
        wanted=("port.plug",),
        contradicted_by="the car's own lock is shut",
        next=("which-end", "car-side-free", "card-again", "begin-and-end-again", "operator"),
        names=(Name("OCPP UnlockFailed", _OCPP),),
    ),
)

CATALOGUE: Final[dict[str, Fault]] = {fault.id: fault for fault in _FAULTS}
"""Every fault that evdiag can name, in the order of the numbers."""
