"""The OBD connector, and where each car is tapped."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.vehicles.profile import Bus, Profile
from making.markdown import table
from making.vehicles import shipped

_PINS = {
    1: "the maker's own",
    2: "SAE J1850 bus +",
    3: "the maker's own",
    4: "**chassis ground**",
    5: "**signal ground**",
    6: "**CAN-H** (ISO 15765-4, SAE J2284)",
    7: "K-line (ISO 9141-2, ISO 14230-4)",
    8: "the maker's own",
    9: "the maker's own",
    10: "SAE J1850 bus −",
    11: "the maker's own",
    12: "the maker's own",
    13: "the maker's own",
    14: "**CAN-L** (ISO 15765-4, SAE J2284)",
    15: "L-line (ISO 9141-2, ISO 14230-4)",
    16: "**battery +**, always live",
}


def obd_page() -> Iterator[str]:
    """Write the connector's pins, and the buses of every car."""
    yield "# The OBD port, and where to tap each car\n"
    yield "## The connector\n"
    yield "Sixteen contacts, within reach of the driver; the car's side has sockets:\n"
    yield "```text"
    yield " \\  1  2  3  4  5  6  7  8  /      looking into the car's connector"
    yield "  \\ 9 10 11 12 13 14 15 16 /"
    yield "```\n"
    rows = ((pin, said, pin + 8, _PINS[pin + 8]) for pin, said in list(_PINS.items())[:8])
    yield from table(("pin", "carries", "pin", "carries"), rows)
    yield ""
    yield "Source: SAE J1962 and ISO 15031-3, which have the same contacts; a table to read"
    yield "without buying them is"
    yield "[DashLogic's](https://dashlogic.com/docs/technical/obdii_connector_pinout). What a"
    yield "maker does with its own contacts differs from car to car: connect nothing there"
    yield "without its wiring diagram.\n"
    yield "An adapter needs CAN-H on 6, CAN-L on 14 and ground on 5. The bus is terminated in"
    yield "the car: switch the adapter's own 120 Ω off. With the power off, 60 Ω between 6 and"
    yield "14 is a healthy bus, 120 Ω one that lost an end.\n"
    yield "- **What is not there.** Most cars put a gateway in front: nothing is heard at the"
    yield '  port until it is asked ([asking](asking.md)). Silence there is not "not charging".'
    yield "- **What a plugged-in adapter does.** It draws on the 12 V battery, and on some cars"
    yield "  sets off the alarm when the car is locked: see the car's page."
    yield "- **Not every adapter.** An ELM327 dongle passes on no raw frames: [why"
    yield "  not](adapters/elm327.md).\n"
    yield "## Each car\n"
    yield "From the profiles. *Lock* and *plug* say how well they are known **on that bus**:"
    yield "[evidence levels](concepts.md#evidence). *asked* means that listening alone does not"
    yield "show it.\n"
    head = ("car", "bus", "rate", "at the OBD port", "lock", "plug", "where")
    yield from table(head, (_row(profile, bus) for profile in shipped() for bus in profile.buses))
    yield "\nA tap behind the OBD port is a plug-through harness, or the maker's own diagnostic"
    yield "connector; if it must be a wire, do it with the 12 V battery off, and never at an orange"
    yield "cable."


def _row(profile: Profile, bus: Bus) -> Iterator[str]:
    yield f"[{profile.name}](vehicles/{profile.id}.md)"
    yield bus.name
    yield f"{bus.bitrate // 1000} kbit/s"
    yield "yes" if bus.at_obd else "no"
    yield _known(profile, bus, "port.lock")
    yield _known(profile, bus, "port.plug")
    yield bus.tap


def _known(profile: Profile, bus: Bus, signal: str) -> str:
    for entry in profile.layouts[0].signals:
        if (entry.name, entry.bus) == (signal, bus.name):
            return entry.evidence + (", asked" if entry.poll else "")
    return "—"
