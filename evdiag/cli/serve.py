"""``evdiag serve``."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from evdiag.cli.bus_options import bus_options, buses_of
from evdiag.cli.options import time_unit_option, vehicle_option
from evdiag.errors import BadInputError

if TYPE_CHECKING:
    from evdiag.recordings.stamps import TimeUnit
    from evdiag.serving.order import Order
    from evdiag.serving.server import ScreenServer


@click.command("serve")
@click.argument("recording", metavar="[RECORDING]", required=False)
@bus_options
@vehicle_option
@time_unit_option
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Where browsers may come; 0.0.0.0 is from everywhere. Any but this machine's own address "
    "needs a token: EVDIAG_TOKEN names one, else one is made.",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8765, show_default=True, metavar="PORT"
)
def command(
    recording: str | None,
    interface: str | None,
    channels: tuple[str, ...],
    bitrate: int | None,
    fd: bool,
    data_bitrate: int | None,
    vehicle: str | None,
    time_unit: TimeUnit | None,
    host: str,
    port: int,
) -> int:
    """The screens in a browser, on the workshop's tablet: a recording, or a live bus.

    Without either it is the case book: its cars, how they go over the months, and its cases.

    They only look. Nothing is sent, recorded or kept from a browser, and what could send is no part
    of the processes that draw for it. Each browser has a screen of its own; Ctrl-C ends all.
    """
    _need_textual_serve()
    from evdiag.serving.order import Order
    from evdiag.serving.server import ScreenServer
    from evdiag.serving.token import token_for

    live = interface is not None or bool(channels)
    if live and recording is not None:
        raise BadInputError("name one thing to serve: a RECORDING, or a live bus with -i and -c")
    if recording is not None:
        order = Order(_readable(recording, vehicle, time_unit), (), vehicle, time_unit)
    elif not live:
        if vehicle is not None or time_unit is not None:
            raise BadInputError(
                "name what to serve, a RECORDING or a live bus with -i and -c; the case book has "
                "cars of its own"
            )
        order = _case_book()
    else:
        order = Order(
            None, tuple(buses_of(interface, channels, bitrate, fd, data_bitrate)), vehicle
        )
        _known(vehicle)
    token = token_for(host)
    server = ScreenServer(order, host, port, token, say=_say)
    with suppress(asyncio.CancelledError):
        asyncio.run(_until_told(server, token, order))
    return 0


async def _until_told(server: ScreenServer, token: str | None, order: Order) -> None:
    from evdiag.serving.server import serve

    task = asyncio.current_task()
    assert task is not None
    with suppress(NotImplementedError):
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await serve(server, lambda: _tell_where(server, token, order))


def _tell_where(server: ScreenServer, token: str | None, order: Order) -> None:
    from evdiag.plain import plain_text

    named = f"[{server.host}]" if ":" in server.host else server.host
    _say(f"{plain_text(order.title)}, to look at, until Ctrl-C")
    if token is None:
        click.echo(f"http://{named}:{server.port}/")
        return
    everywhere = server.host in ("", "0.0.0.0", "::")
    named = "THIS-MACHINE" if everywhere else named
    click.echo(f"http://{named}:{server.port}/?token={quote(token, safe='')}")
    if everywhere:
        _say("THIS-MACHINE stands for its name or address, as the tablet knows it")
    _say("whoever has this address can look; it is not encrypted on its way (docs: serve)")


def _readable(recording: str, vehicle: str | None, time_unit: TimeUnit | None) -> str:
    """Return the path of a recording that a screen can show.

    Raises:
        BadInputError: none can.
    """
    from evdiag.cli.analysis import analysed, shipped_or_named

    if recording == "-":
        raise BadInputError("a recording is served from a file: each browser reads it anew")
    analysed(recording, vehicle, time_unit)
    return str(Path(shipped_or_named(recording)).resolve())


def _case_book() -> Order:
    """Return the order for the case book.

    Raises:
        BadInputError: it cannot be read.
    """
    from evdiag.casebook.looking import all_cases
    from evdiag.casebook.needed import need_workshop
    from evdiag.serving.order import Order

    need_workshop("scipy", "statsmodels", "textual_plotext")
    # Brings a book of an earlier evdiag up to date: screens that only look need not.
    all_cases()
    return Order()


def _known(vehicle: str | None) -> None:
    if vehicle is not None:
        from evdiag.vehicles.library import library

        library().profile(vehicle)


def _need_textual_serve() -> None:
    try:
        import textual_serve  # noqa: F401
    except ImportError:
        raise BadInputError(
            "serve needs an extra that is not installed: pip install 'evdiag[workshop]'"
        ) from None


def _say(text: str) -> None:
    click.echo(f"evdiag: {text}", err=True)
