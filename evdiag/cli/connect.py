"""``evdiag connect``: the live screen."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.cli.bus_options import bus_options, buses_of, folder_option
from evdiag.cli.case_book import case_option, check_case
from evdiag.cli.live_screen import has_terminal, opened, show
from evdiag.cli.options import vehicle_option
from evdiag.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evdiag.bus.adapters import Adapter
    from evdiag.bus.settings import BusSettings
    from evdiag.tui.guide_start import GuideStart
    from evdiag.watching import WatchedBus


@click.command("connect")
@bus_options
@vehicle_option
@folder_option
@click.option("--record", is_flag=True, help="Record from the start; R does so at any time.")
@case_option("Record from the start, into this case of the case book.")
def command(
    interface: str | None,
    channels: tuple[str, ...],
    bitrate: int | None,
    fd: bool,
    data_bitrate: int | None,
    vehicle: str | None,
    folder: Path,
    record: bool,
    case: int | None,
) -> int:
    """Plug into a car: what its charge port does, live, on the whole terminal.

    Without -i and -c a screen lists the adapters to choose from. Listens only: nothing is sent,
    unless a person begins ASK on the screen and types the word for it.
    """
    if not has_terminal():
        raise BadInputError(
            "connect needs a terminal; `evdiag record` records a live bus without one"
        )
    from evdiag.log_file import start_log

    check_case(case)
    start_log()
    record = record or case is not None
    if interface is None and not channels:
        return choose_and_show(folder, vehicle, record=record, case=case) or 0
    buses = buses_of(interface, channels, bitrate, fd, data_bitrate)
    return show(opened(buses, vehicle, folder, record=record), case=case)


def choose_and_show(
    folder: Path,
    vehicle: str | None = None,
    *,
    record: bool = False,
    at_once: bool = False,
    guide: GuideStart | None = None,
    case: int | None = None,
) -> int | None:
    """Have the person choose an adapter; show what is heard there, the guide first with `guide`.

    With `at_once` the last one is opened unasked; where that fails the person chooses.

    Returns:
        The exit code; none where the person wants the screen before.
    """
    from evdiag.log_file import log_path
    from evdiag.recent import recent_buses
    from evdiag.tui.connect_app import ConnectApp

    if vehicle is not None:
        from evdiag.vehicles.library import library

        library().profile(vehicle)

    def connect(settings: BusSettings, chosen: str | None) -> WatchedBus:
        return opened([settings], chosen, folder, record=record)

    app = ConnectApp(
        partial(found_adapters, with_loopback=True),
        recent_buses(),
        connect,
        _vehicles,
        log=str(log_path()),
        vehicle=vehicle,
        at_once=at_once,
    )
    try:
        app.run()
    finally:
        app.let_go()
    if app.connected is not None:
        return show(app.connected, guide=guide, case=case)
    return None if app.went_back else 0


def found_adapters(*, with_loopback: bool) -> Sequence[Adapter]:
    """Return what is plugged in, and the bus between programs where that is wanted."""
    from evdiag.bus.adapters import adapters, for_trying_out

    tried = [each for each in for_trying_out() if each.interface != "virtual"]
    return [*adapters(), *(tried if with_loopback else [])]


def _vehicles() -> Sequence[tuple[str, str]]:
    from evdiag.vehicles.library import library

    return [(profile.id, profile.name) for profile in library().profiles.values()]
