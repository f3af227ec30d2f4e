"""A story: what the person does and what is wrong with the car. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Act: TypeAlias = Literal[
    "plug_in",
    "start_ac",
    "start_dc",
    "end_session",
    "press_fob_unlock",
    "press_fob_lock",
    "unlock_at_door",
    "press_handle_button",
    "pull",
    "push_in",
    "use_manual_release",
    "lock_module_dies",
]
"""What can happen in a story; each is a method of `evdiag.simulator.car.VirtualCar`."""

ACTS_IN_WORDS: dict[Act, str] = {
    "plug_in": "the plug goes in",
    "start_ac": "AC charging starts",
    "start_dc": "DC charging starts",
    "end_session": "the session is ended at the charger",
    "press_fob_unlock": "unlock is pressed on the fob",
    "press_fob_lock": "lock is pressed on the fob",
    "unlock_at_door": "the driver's door is unlocked with the key blade",
    "press_handle_button": "the button of the plug's handle is pressed",
    "pull": "somebody pulls at the plug",
    "push_in": "the plug is pushed in and its weight taken off",
    "use_manual_release": "the manual release is pulled",
    "lock_module_dies": "the lock's module stops sending",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the virtual car; everything false is a healthy one."""

    fob_dead: bool = False
    stalls_until_pushed: bool = False
    frozen: bool = False
    latch_holds: bool = False
    session_does_not_end: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """A scripted story.

    `acts` are (seconds, act). `fault_found` is what a diagnosis should find (None: nothing), and
    `evidence` names the signals it stands on: without any one of them less can be said.
    """

    id: str
    title: str
    acts: tuple[tuple[float, Act], ...]
    seconds: float
    fault_found: str | None
    evidence: tuple[str, ...]
    fault: Fault = field(default_factory=Fault)
    relock_after_s: float | None = 10.0
    ambient: float = 18.0
    vehicle: str = "reference"
    seed: int = 1
