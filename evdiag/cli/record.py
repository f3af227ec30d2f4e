"""``evdiag record``: the headless recorder."""

from __future__ import annotations

import io
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.cli.bus_options import ask_option, bus_options, buses_of, check_ask, folder_option
from evdiag.cli.case_book import case_option, check_case, put_into_case
from evdiag.cli.live_screen import recordings_begun
from evdiag.cli.options import above, vehicle_option
from evdiag.cli.sayings import Sayings, counters
from evdiag.errors import BadInputError, BusError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.cli.questions import Questions
    from evdiag.live.follower import Hook
    from evdiag.live.live import Live, LiveState


@click.command("record")
@bus_options
@vehicle_option
@folder_option
@click.option(
    "--duration", type=float, callback=above(), metavar="S", help="Stop after so many seconds."
)
@click.option(
    "--black-box",
    type=float,
    callback=above(),
    is_flag=False,
    flag_value=120.0,
    metavar="[S]",
    help="Keep only the last S seconds (120), and write them when an attempt ends, a fault shows "
    "or the session is marked (a line on standard input).",
)
@click.option(
    "--after",
    type=float,
    callback=above(),
    default=30.0,
    show_default=True,
    help="Black box: go on for S seconds.",
)
@click.option(
    "--rotate-size",
    type=float,
    callback=above(0.01),
    metavar="MB",
    help="Begin a new part after so many MB.",
)
@click.option(
    "--rotate-time",
    type=float,
    callback=above(1.0),
    metavar="S",
    help="Begin a new part every S seconds.",
)
@ask_option
@click.option("--compress", is_flag=True, help="Pack finished parts with zstd.")
@case_option("Put what is recorded into this case of the case book.")
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
    case: int | None,
) -> int:
    """Record a live bus, replayably, until Ctrl-C.

    Listens only, unless --ask says otherwise. Every frame and everything that happens to the bus
    is written as it comes, at least once a second; `evdiag replay` plays it as it was. A line
    typed (or sent to standard input) becomes a mark.
    """
    from evdiag.cli.questions import Questions
    from evdiag.connecting import RecordingPlan, connected, save
    from evdiag.live.triggers import Triggers
    from evdiag.log_file import start_log

    check_ask(ask, vehicle)
    check_case(case)
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
    questions = Questions(live, vehicle, say) if ask and vehicle is not None else None
    live.start()
    interrupted = False
    try:
        _say_how_it_begins(live, say, black_box)
        _read_marks(live, ended, say)
        if questions is not None:
            questions.begin()
        _watch(live, say, ended, duration, questions)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        answered = questions is None or questions.end()
        live.stop()
    complete = _say_how_it_ended(live.state, say)
    filed = 0 if case is None else put_into_case(case, recordings_begun(live.state), "live")
    if interrupted:
        return 130
    if not answered:
        return BusError.exit_code
    return filed if complete else BadInputError.exit_code


def _say_how_it_begins(live: Live, say: Sayings, black_box: float | None) -> None:
    say.recording(live.state.recorder)
    if black_box is not None:
        from evdiag.recordings.journal.black_box import MOST_FRAMES

        say(
            f"black box: keeping the last {black_box:g} s, {MOST_FRAMES:,} frames at most. An "
            "adapter left in the car draws on its 12 V battery; it stops by itself below 11.8 V "
            "where the car tells its voltage"
        )


def _watch(
    live: Live,
    say: Sayings,
    ended: threading.Event,
    duration_s: float | None,
    questions: Questions | None,
) -> None:
    """Wait for the end; say what is wrong at once, and the counters in passing."""
    ends_s = None if duration_s is None else time.monotonic() + duration_s
    alarm, failure = None, ""
    while not ended.is_set() and (ends_s is None or time.monotonic() < ends_s):
        left_s = 1.0 if ends_s is None else max(0.0, ends_s - time.monotonic())
        ended.wait(min(0.25, left_s))
        state = live.state
        now = None if state.recorder is None else state.recorder.alarm
        if (now is None) != (alarm is None):
            say(f"ALARM {now}" if now is not None else "recording again")
        alarm = now
        if state.failure and not failure:
            failure = state.failure
            say(f"ALARM the port is not followed any more ({failure}); the recording goes on")
        if questions is not None:
            questions.look()
        say.status(counters(state))


def _say_how_it_ended(state: LiveState, say: Sayings) -> bool:
    """Say what was recorded and what was not; return whether everything was."""
    recorder = state.recorder
    say(counters(state))
    if recorder is None:
        return True
    say.not_recorded(recorder)
    for file in recorder.files:
        click.echo(plain_text(str(file)))
    return recorder.is_complete and not state.failure


def _read_marks(live: Live, ended: threading.Event, say: Sayings) -> None:
    """Make a mark of each line that comes in, and say so; the end of the input means nothing."""

    def read() -> None:
        if isinstance(sys.stdin, io.TextIOWrapper):
            # A byte that is no text must not end the marks.
            sys.stdin.reconfigure(errors="backslashreplace")
        for line in sys.stdin:
            if ended.is_set():
                return
            text = line.strip() or "mark"
            live.mark(text)
            say(f"marked: {text}")

    if sys.stdin is not None and not sys.stdin.closed:
        threading.Thread(target=read, name="marks", daemon=True).start()
