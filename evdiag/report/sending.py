"""What left for the bus: every frame that was sent, every decision of the gate. Pure."""

from __future__ import annotations

from evdiag.inputs import Block, TransmitDecision, id_text
from evdiag.inputs.block import RX, TX
from evdiag.recordings.journal.reader import JournalFacts
from evdiag.report.model import Decided, Sending, Sent


def sending_of(block: Block, journal: JournalFacts | None) -> Sending:
    """Collect it, equal frames and equal decisions in one."""
    told = len(block) > 0 and bool((block.flags & (RX | TX)).all())
    return Sending(_sent(block), _decided(journal), told, journal is not None)


def _sent(block: Block) -> tuple[Sent, ...]:
    found: dict[tuple[str, str, str], Sent] = {}
    for row in (block.flags & TX).nonzero()[0].tolist():
        frame = block.frame(row)
        what = (str(frame.channel), id_text(frame.id, frame.extended), frame.data.hex(" ").upper())
        first = found.get(what, Sent(*what, 0, frame.time_ns, frame.time_ns))
        found[what] = first._replace(times=first.times + 1, last_ns=frame.time_ns)
    return tuple(found.values())


def _decided(journal: JournalFacts | None) -> tuple[Decided, ...]:
    found: dict[tuple[str, bool, tuple[str, ...]], Decided] = {}
    for placed in () if journal is None else journal.inputs:
        said = placed.item
        if isinstance(said, TransmitDecision):
            what = (said.intent, said.permitted, said.reasons)
            first = found.get(what, Decided(*what, 0, said.time_ns, said.time_ns))
            found[what] = first._replace(times=first.times + 1, last_ns=said.time_ns)
    return tuple(found.values())
