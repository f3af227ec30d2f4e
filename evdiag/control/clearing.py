"""Clearing one trouble code of one control unit, as a command: its own consent, no profile's say.

Service 0x14 of ISO 14229-1 with one code; groups are never asked for. It moves nothing.
"""

from __future__ import annotations

from evdiag.errors import BadInputError
from evdiag.vehicles.command import Ask, Command, Request, Step
from evdiag.vehicles.ecu import Ecu
from evdiag.vehicles.request_forms import CLEAR, is_group
from evdiag.vehicles.trouble_codes import sae_text

_LONGEST_S = 20.0
_SESSION_ENDS_S = 5.0
"""S3 of ISO 14229-2: a session that nobody keeps up."""


def clear_command(unit: Ecu, code: int) -> Command:
    """Return what clears one code, a number of three bytes, of one unit.

    Raises:
        BadInputError: it is a group of codes.
    """
    if not 0 <= code <= 0xFFFFFF or is_group(code):
        raise BadInputError(f"{code:06X} is no single trouble code; groups are never cleared")
    clear = bytes((CLEAR,)) + code.to_bytes(3, "big")
    return Command(
        name="dtc-clear",
        way=f"{code:06X}",
        summary=f"have {unit.text} forget {sae_text(code)}",
        proof=None,
        within_s=1.0,
        longest_s=_LONGEST_S,
        actuator="none",
        on_s=0.0,
        alone_after_s=_SESSION_ENDS_S,
        evidence="documented",
        source="ISO 14229-1, service 0x14",
        # Many units clear in the default session, too: one that refuses the other still clears.
        steps=(Step(Ask("extended"), goes_on=True), Step(Ask("clear"))),
        hand_back=(Step(Ask("default")),),
        requests=(
            Request("extended", bytes((0x10, 0x03)), 500),
            Request("clear", clear, 1000),
            Request("default", bytes((0x10, 0x01)), 200),
        ),
        unit=unit,
    )
