"""``evdiag simulate``: a virtual car on a bus."""

from __future__ import annotations

import io
import queue
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from evdiag.cli.bus_options import bus_options, buses_of
from evdiag.cli.options import above
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.bus.settings import BusSettings
    from evdiag.simulator.real_time import RealTime
    from evdiag.simulator.script import Line, Script
    from evdiag.simulator.wire_car import WireCar


@click.command("simulate")
@bus_options
@click.option(
    "--vehicle", metavar="ID", default="reference", show_default=True, help="Which car to be."
)
@click.option("--story", metavar="NAME", help="Play a shipped scenario first (as `replay` does).")
@click.option(
    "--seconds", type=float, callback=above(), metavar="S", help="Stop after so many seconds."
)
@click.option(
    "--behind-gateway",
    is_flag=True,
    help="Send nothing unasked: answer diagnostics only, as most cars do at the OBD port.",
)
@click.option(
    "--busy",
    type=click.IntRange(min=2),
    metavar="N",
    help="Let every N-th diagnostic request find the control unit busy.",
)
@click.option(
    "--secured",
    is_flag=True,
    help="Let the control units move nothing before they were shown a key (service 0x27).",
)
def command(
    interface: str | None,
    channels: tuple[str, ...],
    bitrate: int | None,
    fd: bool,
    data_bitrate: int | None,
    vehicle: str,
    story: str | None,
    seconds: float | None,
    behind_gateway: bool,
    busy: int | None,
    secured: bool,
) -> int:
    """Put a virtual car on a bus: it sends, it answers diagnostics, it does what you tell it.

    On virtual and loopback interfaces (vcan, udp_multicast, virtual) it may always send. On any
    other it listens first, refuses where anybody talks (exit 3), and stops at the first frame of
    somebody else.

    In a terminal every act has a key. Without one, acts are lines on standard input: `fob_unlock`,
    `pull`, `break lock_motor`, `wait 2.5`; `help` lists them.
    """
    from evdiag.cli.analysis import say_profile_problems
    from evdiag.log_file import start_log
    from evdiag.simulator.running import real_time
    from evdiag.simulator.stories import story_called
    from evdiag.simulator.wire_car import WireCar
    from evdiag.vehicles.library import library

    if len(channels) > 1:
        raise click.UsageError("a virtual car is on one channel: give -c once")
    say_profile_problems()
    car = WireCar(
        library().profile(vehicle),
        None if story is None else story_called(story),
        behind_gateway=behind_gateway,
        busy_every=busy,
        secured=secured,
    )
    start_log()
    (settings,) = buses_of(interface, channels, bitrate, fd, data_bitrate)
    running = real_time(car, settings, _say)
    if all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return _on_screen(running, car, settings, seconds)
    return _as_text(running, car, settings, seconds)


def _on_screen(
    running: RealTime, car: WireCar, settings: BusSettings, seconds: float | None
) -> int:
    from evdiag.simulator.running import RunningCar
    from evdiag.tui.simulate_screen import SimulateApp

    driven = RunningCar(running)
    driven.start()
    try:
        SimulateApp(driven, f"{car.profile.name} on {settings.name}", ends_s=seconds).run()
    finally:
        driven.stop()
    if driven.failure is not None:
        raise driven.failure
    return 0


def _as_text(running: RealTime, car: WireCar, settings: BusSettings, seconds: float | None) -> int:
    from evdiag.simulator.script import QUIT, Script

    _say(f"a virtual {car.profile.name} on {settings.name}; a line is an act, `help` lists them")
    script, lines, told = Script(), _lines_of_input(), 0
    try:
        while seconds is None or running.now_s < seconds:
            for text in _waiting(lines):
                script.feed(text)
            for line in _due(script, running.now_s):
                click.echo(f"{running.now_s:9.3f} > {line.act}")
                if line.act == QUIT:
                    return 0
                _obey(running, line)
            running.turn()
            for happening in running.happened(told):
                click.echo(f"{happening.at_s:9.3f}   {happening.what}")
                told += 1
    finally:
        running.close()
    return 0


def _due(script: Script, now_s: float) -> Iterator[Line]:
    """Yield what is to be done now; a person who mistypes is told so, a script ends there.

    Raises:
        BadInputError: a line of a script is none.
    """
    try:
        yield from script.due(now_s)
    except BadInputError as error:
        if not sys.stdin.isatty():
            raise
        _say(str(error))


def _obey(running: RealTime, line: Line) -> None:
    from evdiag.simulator.script import HELP, help_lines

    if line.act == HELP:
        for text in help_lines():
            click.echo(f"            {text}")
    else:
        running.do(line.act)


def _lines_of_input() -> queue.SimpleQueue[str]:
    """Read standard input in a thread of its own; its end means nothing."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        if isinstance(sys.stdin, io.TextIOWrapper):
            # A byte that is no text must not end the acts.
            sys.stdin.reconfigure(errors="backslashreplace")
        for text in sys.stdin:
            lines.put(text)

    if sys.stdin is not None and not sys.stdin.closed:
        threading.Thread(target=read, name="acts", daemon=True).start()
    return lines


def _waiting(lines: queue.SimpleQueue[str]) -> Iterator[str]:
    while not lines.empty():
        yield lines.get()


def _say(text: str) -> None:
    click.echo(f"evdiag: {plain_text(text)}", err=True)
