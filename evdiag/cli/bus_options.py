"""Options of every command that opens a bus, called as python-can calls them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.bus.settings import BusSettings

_Command = TypeVar("_Command", bound=Callable[..., Any])


def bus_options(command: _Command) -> _Command:
    """Add ``-i``, ``-c`` (any number of them), ``-b``, ``--fd`` and ``--data-bitrate``."""
    for option in (
        click.option("--data-bitrate", type=int, metavar="BIT/S", help="Of CAN FD's data phase."),
        click.option("--fd", is_flag=True, help="The bus is CAN FD."),
        click.option(
            "-b", "--bitrate", type=int, metavar="BIT/S", help="500000 at most OBD ports."
        ),
        click.option(
            "-c",
            "--channel",
            "channels",
            multiple=True,
            help="can0, /dev/ttyACM0, PCAN_USBBUS1 …; several -c listen to several buses.",
        ),
        click.option(
            "-i",
            "--interface",
            help="python-can's name: socketcan, slcan, pcan, kvaser, gs_usb … "
            "Without it python-can's own configuration counts.",
        ),
    ):
        command = option(command)
    return command


def folder_option(command: _Command) -> _Command:
    """Add ``-o``, the folder to record into."""
    return click.option(
        "-o",
        "--output",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(),
        show_default="this folder",
        help="The folder to record into; names come from the date.",
    )(command)


def recording_option(command: _Command) -> _Command:
    """Add ``-o``, the folder to record into, to a command whose ``--output`` is its answer."""
    return click.option(
        "-o",
        "--record-into",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(),
        show_default="this folder",
        help="The folder to record into: every frame that is sent is in a recording.",
    )(command)


def ask_option(command: _Command) -> _Command:
    """Add ``--ask``; `check_ask` looks at what was given."""
    return click.option(
        "--ask",
        is_flag=True,
        help="Also ask the car's diagnostics what its profile lists: evdiag then transmits. Needs "
        "--vehicle.",
    )(command)


def check_ask(ask: bool, vehicle: str | None) -> None:
    """Refuse to ask a car that nobody has named, or of which nothing can be asked.

    Raises:
        click.UsageError: ``--ask`` came without ``--vehicle``.
        BadInputError: there is no such car, or evdiag only listens to it.
    """
    if not ask:
        return
    if vehicle is None:
        raise click.UsageError("--ask needs --vehicle: what may be asked differs from car to car")
    from evdiag.asking import check_polls
    from evdiag.vehicles.library import library

    check_polls(library().profile(vehicle))


def buses_of(
    interface: str | None,
    channels: tuple[str, ...],
    bitrate: int | None,
    fd: bool,
    data_bitrate: int | None,
) -> list[BusSettings]:
    """Return the buses that were named.

    Raises:
        BusError: the interface does not exist, or no channel is named anywhere.
    """
    from evdiag.bus.settings import settings_of

    for channel in channels:
        if channels.count(channel) > 1:
            raise click.BadParameter(f"{plain_text(channel)} is named twice", param_hint="-c")
    return [
        settings_of(interface, channel, bitrate, fd=fd, data_bitrate=data_bitrate)
        for channel in (channels or (None,))
    ]
