"""What a command at a live bus says on stderr: events as they come, counters in passing."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from evdiag.plain import plain_text

if TYPE_CHECKING:
    from evdiag.inputs import Input
    from evdiag.live.live import LiveState
    from evdiag.recordings.journal.state import JournalState
    from evdiag.session.following import Following
    from evdiag.vehicles.profile import Profile

_QUIET_EVENTS = ("error_counters",)


class Sayings:
    """Lines on stderr, each with the time; a status line that is written over, on a terminal."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._status = 0
        self._car_said = False
        self._unheard = False

    def __call__(self, text: str) -> None:
        """Say something that happened."""
        with self._lock:
            self._wipe()
            self._write(f"{datetime.now():%H:%M:%S} {plain_text(text)}\n")  # noqa: DTZ005

    def status(self, text: str) -> None:
        """Say what is so at the moment, where that can be written over."""
        if sys.stderr is None or not sys.stderr.isatty():
            return
        width = shutil.get_terminal_size().columns - 1
        with self._lock:
            self._wipe()
            self._write(text[:width])
            self._status = len(text[:width])

    def warnings(self, profile: Profile) -> None:
        """Say what asking may do to this car."""
        for warning in profile.diagnostic_warnings:
            self(f"mind: {warning.text} ({warning.evidence})")

    def recording(self, recorder: JournalState | None) -> None:
        """Say into which file it is recorded."""
        if recorder is not None and recorder.files:
            self(f"recording into {recorder.files[0]}")

    def not_recorded(self, recorder: JournalState | None) -> None:
        """Say what is not in the recording, and why."""
        for trouble in () if recorder is None else recorder.troubles:
            self(trouble)

    def events(self, following: Following, items: Sequence[Input]) -> None:
        """Say what happened to the bus, and which car was recognised."""
        from evdiag.inputs import BusEvent

        for item in items:
            if isinstance(item, BusEvent) and item.kind.value not in _QUIET_EVENTS:
                count = f"{item.count:,} " if item.count else ""
                self(f"{item.channel}: {count}{item.kind.value.replace('_', ' ')}: {item.detail}")
        if not self._car_said and following.decision is not None:
            self._car_said = True
            decided = following.decision
            self(f"{decided.profile.name}, confidence {decided.identified.confidence:.2f}")
            for note in decided.notes:
                self(note)

    def _wipe(self) -> None:
        if self._status:
            self._write("\r" + " " * self._status + "\r")
            self._status = 0

    def _write(self, text: str) -> None:
        """Write, if anybody is there to read: a recording outlives its terminal."""
        if self._unheard:
            return
        try:
            click.echo(text, nl=False, err=True)
        except OSError:
            self._unheard = True


def counters(state: LiveState) -> str:
    """Return the counters that are always in sight, on one line."""
    recorder = state.recorder
    parts = [f"received {state.received:,}"]
    if state.sent:
        parts.append(f"sent {state.sent:,}")
    if recorder is not None:
        parts.append(f"recorded {recorder.frames:,}")
        if recorder.held and (recorder.alarm or recorder.writing_since_ns is None):
            parts.append(f"in memory {recorder.held:,}")
        if recorder.saved:
            parts.append(f"saved {recorder.saved}")
    parts.append(f"followed {state.followed:,}")
    buffers = [link.losses.buffer_bytes for link in state.links if link.losses.buffer_bytes]
    dropped = f"dropped {state.lost:,}"
    if buffers:
        dropped += f" (buffer {min(buffers) // 1024:,} KiB)"
    return " · ".join([*parts, dropped])
