"""What a person can do to the virtual car, and what can be broken in it: one list for all.

Stories, lines on standard input, the keys of the screens and the demo name acts by these ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

Part: TypeAlias = Literal[
    "lock_motor",
    "position_sensor",
    "proximity",
    "fob_battery",
    "lock_module",
    "latch",
    "charge_stop",
]
"""What can be broken, and mended while the car runs."""

PARTS: Final[tuple[Part, ...]] = get_args(Part)

LockMode: TypeAlias = Literal["always", "while_charging", "never"]
LOCK_MODES: Final[tuple[LockMode, ...]] = get_args(LockMode)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done.

    `words` say what happens when it is done. `key` is a key of the screens; an act that undoes
    another has the same one, and only that of the two is offered which makes a difference.
    """

    id: str
    words: str
    key: str
    group: str


_PERSON, _CHARGE, _WORLD, _BREAK, _MODE = (
    "At the car",
    "Charging",
    "Weather, battery, sleep",
    "Break and mend",
    "Lock mode",
)

_PLAIN: Final = (
    Act("fob_unlock", "unlock is pressed on the fob", "u", _PERSON),
    Act("fob_lock", "lock is pressed on the fob", "l", _PERSON),
    Act("door", "the driver's door is unlocked by key", "d", _PERSON),
    Act("plug_in", "the plug goes in", "i", _PERSON),
    Act("press_button", "the handle's button is pressed", "b", _PERSON),
    Act("pull", "somebody pulls at the plug", "x", _PERSON),
    Act("push_in", "the plug is pushed in and held up", "h", _PERSON),
    Act("hang_cable", "the cable hangs on the pin", "w", _PERSON),
    Act("manual_release", "the manual release is pulled", "r", _PERSON),
    Act("start_ac", "AC charging starts", "a", _CHARGE),
    Act("start_dc", "DC charging starts", "c", _CHARGE),
    Act("stop_charging", "the session is ended at the charger", "e", _CHARGE),
    Act("mains_lost", "the charge point loses its mains", "m", _CHARGE),
    Act("mains_back", "the charge point has its mains again", "m", _CHARGE),
    Act("freeze", "the pin freezes in", "f", _WORLD),
    Act("thaw", "the ice on the pin melts", "f", _WORLD),
    Act("low_battery", "the 12 V battery is nearly empty", "v", _WORLD),
    Act("charge_battery", "the 12 V battery is full again", "v", _WORLD),
    Act("sleep", "the car goes to sleep", "z", _WORLD),
    Act("wake", "the car is woken", "z", _WORLD),
)

_BREAKS: Final[dict[Part, tuple[str, str]]] = {
    "lock_motor": ("the lock's motor breaks", "the lock's motor is mended"),
    "position_sensor": ("the lock's position sensor breaks", "the position sensor is mended"),
    "proximity": ("the proximity contact breaks", "the proximity contact is mended"),
    "fob_battery": ("the fob's battery is empty", "the fob has a new battery"),
    "lock_module": ("the lock's module stops sending", "the lock's module sends again"),
    "latch": ("the latch of the plug's handle jams", "the latch of the handle moves again"),
    "charge_stop": (
        "charging goes on after an unlock",
        "an unlock ends the session again",
    ),
}


def _break_and_mend() -> tuple[Act, ...]:
    made = []
    for number, part in enumerate(PARTS, start=1):
        broken, mended = _BREAKS[part]
        made.append(Act(f"break {part}", broken, str(number), _BREAK))
        made.append(Act(f"mend {part}", mended, str(number), _BREAK))
    return tuple(made)


_MODE_WORDS: Final[dict[LockMode, str]] = {
    "always": "lock mode: always while a plug is in",
    "while_charging": "lock mode: only while charging",
    "never": "lock mode: never",
}

ACTS: Final = (
    *_PLAIN,
    *_break_and_mend(),
    *(Act(f"mode {mode}", _MODE_WORDS[mode], "o", _MODE) for mode in LOCK_MODES),
)
"""All acts, in the order in which they are listed."""

ACT: Final = {act.id: act for act in ACTS}
