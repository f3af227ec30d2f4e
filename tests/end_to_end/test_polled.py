"""A recording of diagnostic reads replays by itself: no broadcast, and nobody asks any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from evdiag.inputs import Frame
from evdiag.recordings.writers import candump_line
from evdiag.wiring import Analysis, analyse, read_capture

MS = 1_000_000
START_NS = 1_760_000_000_000_000_000


def polled(states: list[int], period_ms: int = 500) -> Iterator[Frame]:
    """An e-up that is asked for 0x1DDA: bit 0 plugged, bit 1 locked."""
    for number, state in enumerate(states):
        at_ns = START_NS + number * period_ms * MS
        asked = b"\x03\x22\x1d\xda\xcc\xcc\xcc\xcc"
        yield Frame(at_ns, "can0", 0x765, False, asked, direction="tx")
        data = b"\x62\x1d\xda" + bytes((state, 0, 2, 0xEE, 2, 0x26))
        first, rest = b"\x10\x09" + data[:6], b"\x21" + data[6:] + b"\xaa" * 4
        yield Frame(at_ns + 5 * MS, "can0", 0x7CF, False, first, direction="rx")
        go_on = b"\x30\x00\x00\xcc\xcc\xcc\xcc\xcc"
        yield Frame(at_ns + 6 * MS, "can0", 0x765, False, go_on, direction="tx")
        yield Frame(at_ns + 9 * MS, "can0", 0x7CF, False, rest, direction="rx")


def analysed(path: Path, frames: list[Frame]) -> Analysis:
    path.write_text("".join(candump_line(frame, "can0") for frame in frames))
    return analyse(read_capture(str(path)), "vw-eup")


def test_a_plug_that_is_released_is_an_attempt(tmp_path: Path) -> None:
    frames = list(polled([3] * 20 + [1] * 6 + [0] * 20))
    analysis = analysed(tmp_path / "eup.log", frames)
    session, rows = analysis.run()
    assert [(row.signal, row.new) for row in rows if row.signal != "port.temperature"] == [
        ("port.lock", "locked"),
        ("port.plug", "connected"),
        ("port.lock", "unlocked"),
        ("port.plug", "disconnected"),
    ]
    assert analysis.warnings == ()
    assert session.readings.asleep_since_ns is None
    assert len(session.attempts) == 1


def test_when_nobody_asks_any_more_the_lock_is_stale_and_no_module_is_missing(
    tmp_path: Path,
) -> None:
    frames = list(polled([3] * 10))
    end_ns = frames[-1].time_ns
    later = [Frame(end_ns + at * 1000 * MS, "can0", 0x555, False, b"\x00") for at in range(1, 30)]
    session, rows = analysed(tmp_path / "eup.log", frames + later).run()
    stale = [row for row in rows if row.new == "stale"]
    assert {row.signal for row in stale} == {"port.lock", "port.plug", "port.temperature"}
    assert {row.time_ns for row in stale} == {end_ns + 2500 * MS}
    assert [finding.fault for finding in session.findings()] == [None]


def test_live_and_batch_see_the_same_polled_car(tmp_path: Path) -> None:
    frames = list(polled([3] * 10 + [1] * 3 + [3] * 10))
    analysis = analysed(tmp_path / "eup.log", frames)
    batch, rows = analysis.run()
    live = analysis.session()
    fed = [row for frame in analysis.capture.block.frames() for row in live.feed(frame)]
    live.finish(analysis.end_ns)
    assert fed == rows
    assert live.attempts == batch.attempts


def test_a_recording_without_any_answer_says_so(tmp_path: Path) -> None:
    frames = [Frame(START_NS + n * 100 * MS, "can0", 0x555, False, b"\x00") for n in range(50)]
    analysis = analysed(tmp_path / "eup.log", frames)
    assert len(analysis.warnings) == 1
    assert "no frame of this car's OBD was seen" in analysis.warnings[0]
