"""``evdiag record``: the headless recorder."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evdiag.cli.bus_options import bus_options, buses_of
from evdiag.cli.options import vehicle_option
from evdiag.cli.sayings import Sayings, counters
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.asking import Asking
    from evdiag.live.follower import Hook
    from evdiag.live.live import Live, LiveState


@click.command("record")
@bus_options
@vehicle_option
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default="this folder",
    help="The folder to record into; names come from the date.",
)
@click.option("--duration", type=float, metavar="S", help="Stop after so many seconds.")
@click.option(
    "--black-box",
    type=float,
    is_flag=False,
    flag_value=120.0,
    metavar="[S]",
    help="Keep only the last S seconds (120), and write them when an attempt ends, a fault shows "
    "or the session is marked (a line on standard input).",
)
@click.option(
    "--after", type=float, default=30.0, show_default=True, help="Black box: go on for S seconds."
)
@click.option("--rotate-size", type=float, metavar="MB", help="Begin a new part after so many MB.")
@click.option("--rotate-time", type=float, metavar="S", help="Begin a new part every S seconds.")
@click.option(
    "--ask",
    is_flag=True,
    help="Also ask the car's diagnostics what its profile lists: evdiag then transmits. Needs "
    "--vehicle.",
)
@click.option("--compress", is_flag=True, help="Pack finished parts with zstd.")
def command(
    interface: str | None,
    channels: tuple[str, ...],
    bitrate: int | None,
    fd: bool,
    data_bitrate: int | None,
    vehicle: str | None,
    folder: Path,
    duration: float | None,
    black_box: float | None,
    after: float,
    rotate_size: float | None,
    rotate_time: float | None,
    ask: bool,
    compress: bool,
) -> int:
    """Record a live bus, replayably, until Ctrl-C.

    Listens only, unless --ask says otherwise. Every frame and everything that happens to the bus
    is written as it comes, at least once a second; `evdiag replay` plays it as it was. A line
    typed (or sent to standard input) becomes a mark.
    """
    from evdiag.connecting import RecordingPlan, connected, save
    from evdiag.live.triggers import Triggers
    from evdiag.log_file import start_log

    if ask and vehicle is None:
        raise click.UsageError("--ask needs --vehicle: what may be asked differs from car to car")
    start_log()
    plan = RecordingPlan(
        folder,
        black_box_s=black_box,
        after_s=after,
        rotate_bytes=None if rotate_size is None else int(rotate_size * 1e6),
        rotate_s=rotate_time,
        compress=compress,
    )
    ended = threading.Event()
    say = Sayings()

    def save_because(reason: str) -> None:
        say(f"saving: {reason}")
        save(live, reason)

    def stop(why: str) -> None:
        say(why)
        ended.set()

    hooks: list[Hook] = [say.events]
    if black_box is not None:
        hooks.append(Triggers(save_because, stop))
    live = connected(
        buses_of(interface, channels, bitrate, fd, data_bitrate), vehicle, plan, hooks=hooks
    )
    live.start()
    _say_how_it_begins(live, say, black_box)
    _read_marks(live, ended)
    interrupted = False
    try:
        with _terminated_like_interrupted(), _asking(live, vehicle if ask else None, say) as asked:
            _watch(live, say, ended, duration, asked)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        live.stop()
    _say_how_it_ended(live.state, say)
    return 130 if interrupted else 0


def _say_how_it_begins(live: Live, say: Sayings, black_box: float | None) -> None:
    for link in live.state.links:
        say(f"{link.channel}: listen-only {link.silence}")
    recorder = live.state.recorder
    if recorder is not None and recorder.files:
        say(f"recording into {recorder.files[0]}")
    if black_box is not None:
        say(
            f"black box: keeping the last {black_box:g} s. An adapter left in the car draws on its "
            "12 V battery; it stops by itself below 11.8 V where the car tells its voltage"
        )


@contextmanager
def _asking(live: Live, vehicle: str | None, say: Sayings) -> Iterator[Asking | None]:
    """Ask while the recording lasts, if that was wanted; say that it transmits, and how it went."""
    if vehicle is None:
        yield None
        return
    from evdiag.asking import Asking
    from evdiag.vehicles.library import library

    asking = Asking(live, library().profile(vehicle))
    for warning in asking.status().warnings:
        say(f"mind: {warning.text} ({warning.evidence})")
    say("ASK: evdiag transmits diagnostic questions until this recording ends")
    asking.begin()
    try:
        yield asking
    finally:
        status = asking.status()
        asking.end()
        say("LISTEN: nothing is transmitted any more")
        for poll in status.polls:
            said = poll.stopped or poll.refused or poll.not_sent
            say(f"{poll.name}: {poll.answers:,} answers" + (f"; {said}" if said else ""))
        if status.vin:
            say(f"VIN {status.vin}")


def _watch(
    live: Live,
    say: Sayings,
    ended: threading.Event,
    duration_s: float | None,
    asking: Asking | None,
) -> None:
    """Wait for the end; say what is wrong at once, and the counters in passing."""
    ends_s = None if duration_s is None else time.monotonic() + duration_s
    alarm: str | None = None
    while not ended.is_set() and (ends_s is None or time.monotonic() < ends_s):
        left_s = 1.0 if ends_s is None else max(0.0, ends_s - time.monotonic())
        ended.wait(min(0.25, left_s))
        state = live.state
        now = None if state.recorder is None else state.recorder.alarm
        if (now is None) != (alarm is None):
            say(f"ALARM {now}" if now is not None else "recording again")
        alarm = now
        if asking is not None:
            # A VIN that was read goes into the recording.
            asking.status()
        say.status(counters(state))


def _say_how_it_ended(state: LiveState, say: Sayings) -> None:
    recorder = state.recorder
    say(counters(state))
    if recorder is None:
        return
    for note in recorder.notes:
        say(note)
    if recorder.lost:
        say(f"{recorder.lost:,} frames could not be written")
    for file in recorder.files:
        click.echo(plain_text(str(file)))


def _read_marks(live: Live, ended: threading.Event) -> None:
    """Make a mark of each line that comes in; the end of the input means nothing."""

    def read() -> None:
        for line in sys.stdin:
            if ended.is_set():
                return
            live.mark(line.strip() or "mark")

    if sys.stdin is not None and not sys.stdin.closed:
        threading.Thread(target=read, name="marks", daemon=True).start()


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Close the recording properly when the machine shuts down or the terminal goes, too."""

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), interrupt) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
