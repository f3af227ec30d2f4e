"""Reading trouble codes at level ASK, for as long as that takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from evdiag.asking import Asking
from evdiag.cli.hearing import LOOK_S, go_on

if TYPE_CHECKING:
    from evdiag.cli.sayings import Sayings
    from evdiag.control.trouble_codes import UnitCodes
    from evdiag.live.live import Live
    from evdiag.vehicles.profile import Profile

_AT_MOST_S: Final = 60.0


def read_codes(
    live: Live, profile: Profile, say: Sayings, look: Callable[[], None] = go_on
) -> Sequence[UnitCodes]:
    """Ask every control unit that a profile knows for its trouble codes; `look` may end it.

    Raises:
        BadInputError: there is no unit to ask, or it is not known where.
        BusError: an adapter cannot be opened to send.
    """
    asking = Asking(live, profile, read_vin=False, trouble_codes=True)
    asked = ", ".join(dict.fromkeys(ecu.text for ecu in profile.ecus()))
    say(f"ASK: evdiag transmits: it reads the trouble codes of {asked}")
    ends_s = time.monotonic() + _AT_MOST_S
    try:
        asking.begin()
        given_up = ""
        while (found := asking.trouble_codes()) is None and not given_up:
            look()
            time.sleep(LOOK_S)
            given_up = asking.not_recorded
            if time.monotonic() >= ends_s:
                given_up = given_up or f"not read within {_AT_MOST_S:g} s"
        if found is None:
            asking.give_up_codes(given_up)
            found = asking.trouble_codes() or ()
            say(f"{given_up}: not everything was read, what was is shown")
    finally:
        asking.end()
        say("LISTEN: nothing is transmitted any more")
    return found
