"""What a live bus tells of itself, and how listening and recording fare. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evdiag.inputs import BusEvent
from evdiag.plain import plain_text
from evdiag.tui.bus_view import said
from evdiag.tui.events import event_text, event_tone
from evdiag.tui.lines import Line
from evdiag.tui.live_facts import LiveFacts
from evdiag.tui.moment import Moment
from evdiag.tui.words import age_text, counted

if TYPE_CHECKING:
    from evdiag.bus.link import LinkState
    from evdiag.control.asker import AskStatus
    from evdiag.control.polling import PollStatus


def live_lines(moment: Moment, live: LiveFacts, width: int) -> Iterator[Line]:
    """Yield what the bus page says of a live bus."""
    for link in live.state.links:
        yield from _link(link, width)
    yield from _recording(live, width)
    if live.ask.status is not None:
        yield from _asking(live.ask.status, width)
    yield from _told(moment, live, width)


def _link(link: LinkState, width: int) -> Iterator[Line]:
    up = link.condition == "up"
    yield [(f"{link.settings.name} ", "title"), (link.condition, "free" if up else "bad")]
    if not up:
        yield from said(plain_text(link.words), width, "bad")
    yield from said(f"listen-only {plain_text(str(link.silence))}", width)
    losses = link.losses
    known = [
        counted(count, "frame") + f" dropped {where}"
        for count, where in (
            (losses.socket, "by the kernel (receive buffer full)"),
            (losses.adapter, "by the adapter"),
        )
        if count is not None
    ]
    if not known:
        known = ["drops: this adapter does not tell"]
    if losses.buffer_bytes:
        known.append(f"receive buffer {losses.buffer_bytes // 1024:,} KiB")
    yield from said(", ".join(known), width, "odd" if losses.total else "")
    if link.reconnects:
        yield from said(counted(link.reconnects, "reconnect"), width)
    if link.garbled:
        unreadable = counted(link.garbled, "time", "times")
        yield from said(f"the driver gave what is no frame {unreadable}", width, "odd")
    yield []


def _recording(live: LiveFacts, width: int) -> Iterator[Line]:
    yield [("Recording", "title")]
    recorder = live.state.recorder
    if recorder is None:
        yield from said("nothing is recorded here", width)
        yield []
        return
    if live.alarm:
        yield from said(live.alarm, width, "bad")
    if live.recording_s is None:
        yield from said("not recording; R starts, with the last 60 s in it", width)
    for file in recorder.files:
        yield from said(plain_text(str(file)), width)
    if recorder.lost:
        yield from said(f"{counted(recorder.lost, 'frame')} could not be written", width, "bad")
    for note in recorder.notes:
        yield from said(plain_text(note), width, "odd")
    if live.state.failure:
        yield from said(f"the decoder has stopped: {plain_text(live.state.failure)}", width, "bad")
    if live.behind:
        yield from said(f"the decoder is {counted(live.behind, 'input')} behind", width, "odd")
    if live.forgotten_kinds:
        yield from said(f"{live.forgotten_kinds:,} ids were too many to keep", width, "odd")
    yield []


def _asking(status: AskStatus, width: int) -> Iterator[Line]:
    yield [("ASK: evdiag transmits", "bad")]
    for poll in status.polls:
        yield from said(_poll(poll), width, "odd" if poll.refused or poll.stopped else "")
    vin = plain_text(status.vin) if status.vin else "being read" if status.reading_vin else "none"
    yield from said(f"VIN {vin}", width)
    yield []


def _poll(poll: PollStatus) -> str:
    parts = [f"{plain_text(poll.name)}  {plain_text(poll.where)}", counted(poll.answers, "answer")]
    if poll.answered_s_ago is not None:
        parts.append(f"last {age_text(poll.answered_s_ago)} ago")
    if poll.time_outs:
        parts.append(counted(poll.time_outs, "time-out"))
    said_no = poll.stopped or poll.refused or poll.not_sent
    if said_no:
        parts.append(plain_text(said_no))
    return f"{' · '.join(parts)} ({poll.evidence})"


def _told(moment: Moment, live: LiveFacts, width: int) -> Iterator[Line]:
    yield [("What happened", "title")]
    for told in live.told:
        at = moment.place_text(told.at_s)
        if isinstance(told.item, BusEvent):
            yield from said(f"{at}  {event_text(told.item)}", width, event_tone(told.item))
        else:
            yield from said(f"{at}  mark: {plain_text(told.item.text)}", width, "key")
    yield []
