"""Recordings of people who were guided: on a live bus, and by their answers alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from evdiag.guide.engine import START
from evdiag.guiding import AnswersOnly
from evdiag.inputs import BusEvent, Frame, Identified, Input
from evdiag.recordings.journal import CarFiles, Header, Journal
from evdiag.recordings.journal.words import Vin
from evdiag.simulator.frames import CHANNEL
from evdiag.vehicles.library import library
from tests.guide.stranded import Stranded

BEGAN_NS = 1_795_374_302_000_000_000
VIN = "WVWZZZE1ZMP000001"


def journal_of(driver: Stranded, folder: Path, said: Sequence[Input] = ()) -> Path:
    """Write what a guided driver lived through as a journal; `said` comes at its end."""
    profile = library().profile("reference")
    channels = tuple((bus.name, CHANNEL) for bus in profile.buses)
    header = Header(BEGAN_NS, 0, car=CarFiles("reference", profile.file_sha256))
    journal = Journal(folder, header, label="stuck")
    try:
        journal.write([Identified(BEGAN_NS, "reference", None, channels, 0.83), Vin(VIN)])
        journal.write([_on_the_wall(item) for item in driver.inputs])
        journal.write([_at(item, BEGAN_NS + driver.now_ns) for item in said])
    finally:
        journal.close()
    return journal.path


def answers_only(folder: Path, *answers: tuple[str, str]) -> Path:
    """Walk the guide with no bus; return the journal of the answers."""
    moments = iter(range(BEGAN_NS, BEGAN_NS + 10**15, 10**9))
    guided = AnswersOnly(None, folder, wall_ns=lambda: next(moments))
    guided.answer("triage", START)
    for step, answer in answers:
        guided.answer(step, answer)
    guided.close()
    assert guided.file is not None
    return guided.file


def _on_the_wall(item: Input) -> Input:
    if isinstance(item, Frame):
        item = item._replace(direction=item.direction or "rx")
    return _at(item, item.time_ns + BEGAN_NS)


def _at(item: Input, time_ns: int) -> Input:
    if isinstance(item, BusEvent):
        return replace(item, time_ns=time_ns)
    return item._replace(time_ns=time_ns)
