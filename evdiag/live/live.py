"""A live bus with everything that hangs on it: links, the one sequence, recorder, follower."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdiag.bus.link import Link, LinkState
from evdiag.bus.settings import BusSettings
from evdiag.bus.source import Source
from evdiag.errors import EvdiagError
from evdiag.guide.procedure import NO_PROCEDURES, Book
from evdiag.inputs import Answer, Identified, Mark
from evdiag.live.follower import Follower, Hook
from evdiag.live.recorder import Recorder, Store
from evdiag.live.sequence import InputSequence
from evdiag.session.following import Decide, Following

if TYPE_CHECKING:
    from evdiag.recordings.journal.state import JournalState


_SWITCH_S = 0.001


@dataclass(frozen=True, slots=True)
class LiveState:
    """Counters and conditions, as they stand.

    `received` frames came in, `sent` are evdiag's own, `lost` were lost before evdiag could read
    them (as far as the adapters tell), `followed` were decoded. `recorder` is None where nothing
    is recorded.
    """

    links: tuple[LinkState, ...]
    received: int
    lost: int
    followed: int
    unrecorded: int
    recorder: JournalState | None
    failure: str
    sent: int = 0


class Live:
    """Listens to one or more buses.

    `decide` says which car it is. `make_store` is given how silent each channel's adapter is and
    returns where to record. Everything starts with `start` and ends with `stop`, once.
    """

    def __init__(
        self,
        buses: Sequence[BusSettings],
        decide: Decide,
        open_bus: Callable[[BusSettings], Source],
        *,
        make_store: Callable[[Mapping[str, str]], Store] | None = None,
        hooks: Sequence[Hook] = (),
        book: Book = NO_PROCEDURES,
    ) -> None:
        self.sequence = InputSequence()
        self.links = [
            Link(settings, self.sequence.put, open_bus, label)
            for settings, label in zip(buses, channel_labels(buses), strict=True)
        ]
        self.following = Following(decide, self._decided, book=book)
        self.follower = Follower(self.sequence.reader(), self.following, hooks)
        self.recorder: Recorder | None = None
        self._make_store = make_store

    def start(self) -> None:
        """Open all buses, then begin; the recorder first.

        Raises:
            BusError: a bus cannot be opened.
            BadInputError: nothing can be recorded where that was wanted.
        """
        # Who reads a bus waits for the interpreter no longer than its buffer can.
        sys.setswitchinterval(_SWITCH_S)
        try:
            for link in self.links:
                link.open()
            if self._make_store is not None:
                silences = {str(link.channel): str(link.state.silence) for link in self.links}
                self.recorder = Recorder(self.sequence.reader(), self._make_store(silences))
        except EvdiagError:
            for link in self.links:
                link.stop()
            raise
        if self.recorder is not None:
            self.recorder.start()
        self.follower.start()
        for link in self.links:
            link.start()

    def stop(self) -> None:
        """Close the buses, write and follow what is left, close the recording."""
        for link in self.links:
            link.stop()
        # What came is all there is: which car it was goes into the recording if it can be told.
        self.follower.decide()
        self.sequence.end()
        self.follower.join()
        if self.recorder is not None:
            self.recorder.join()

    def answer(self, step: str, answer: str) -> None:
        """Put what the person says to the guide at what was heard last."""
        self.sequence.put([Answer(self.sequence.now_ns, step, answer)])

    def mark(self, text: str) -> None:
        """Put the person's mark at what was heard last."""
        self.sequence.put([Mark(self.sequence.latest_ns, text)])

    @property
    def state(self) -> LiveState:
        """How it stands; any thread may ask."""
        links = tuple(link.state for link in self.links)
        recorder = self.recorder
        return LiveState(
            links=links,
            received=self.sequence.frames,
            lost=sum(link.losses.total for link in links),
            followed=self.following.frames,
            unrecorded=0 if recorder is None else recorder.pending,
            recorder=None if recorder is None else recorder.state,
            failure="" if self.follower.failure is None else str(self.follower.failure),
            sent=self.sequence.sent,
        )

    def _decided(self, identified: Identified) -> None:
        self.sequence.put([identified])


def channel_labels(buses: Sequence[BusSettings]) -> list[str]:
    """Return the name under which each bus is recorded: short, without blanks, no two alike."""
    labels: list[str] = []
    for settings in buses:
        last = re.split(r"[/\\]", settings.channel.partition("@")[0])[-1]
        label = re.sub(r"[^\w.:-]", "_", last) or settings.interface
        if label in labels:
            label = f"{settings.interface}-{label}"
        while label in labels:
            label += "x"
        labels.append(label)
    return labels
