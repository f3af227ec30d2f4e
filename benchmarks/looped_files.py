"""Makes long recordings for the benchmarks: the frames of a short one, again and again.

    python benchmarks/looped_files.py RECORDING FRAMES OUT.csv|OUT.blf|OUT.log

The stamps go on rising from loop to loop. GVRET CSV is written as SavvyCAN does, BLF by python-can.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from pathlib import Path

from evdiag.inputs import Frame
from evdiag.recordings import open_recording
from evdiag.recordings.writers import candump_line

GVRET_HEADER = "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n"
PAUSE_NS = 500_000
"""Between the last frame of a loop and the first of the next."""


def looped_frames(frames: list[Frame], number: int) -> Iterator[Frame]:
    """Yield `number` frames: the classic data frames among `frames`, over and over."""
    kept = [frame for frame in frames if not (frame.fd or frame.error or frame.remote)]
    first_ns = min(frame.time_ns for frame in kept)
    length_ns = max(frame.time_ns for frame in kept) - first_ns + PAUSE_NS
    endless = (
        frame._replace(time_ns=frame.time_ns + shift_ns)
        for shift_ns in count(max(0, -first_ns), length_ns)
        for frame in kept
    )
    return islice(endless, number)


def write_gvret_file(path: Path, frames: Iterable[Frame]) -> None:
    """Write GVRET CSV with the direction column and data padded to eight bytes."""
    with path.open("w", newline="") as file:
        file.write(GVRET_HEADER)
        file.writelines(gvret_row(frame) for frame in frames)


def gvret_row(frame: Frame) -> str:
    """Return one frame as a row of GVRET CSV, its end included."""
    data = frame.data.ljust(8, b"\0").hex(",").upper()
    return (
        f"{frame.time_ns // 1000},{frame.id:08X},{str(frame.extended).lower()},"
        f"{'Tx' if frame.direction == 'tx' else 'Rx'},{_bus(frame)},{len(frame.data)},{data},\n"
    )


def write_candump_file(path: Path, frames: Iterable[Frame]) -> None:
    """Write candump log text."""
    with path.open("w", newline="") as file:
        file.writelines(candump_line(frame, f"can{_bus(frame)}") for frame in frames)


def write_blf_file(path: Path, frames: Iterable[Frame]) -> None:
    """Write a Vector BLF file with python-can."""
    from can import BLFWriter, Message

    with path.open("wb") as file, BLFWriter(file) as writer:
        for frame in frames:
            writer.on_message_received(
                Message(
                    timestamp=frame.time_ns / 1e9,
                    arbitration_id=frame.id,
                    is_extended_id=frame.extended,
                    is_rx=frame.direction != "tx",
                    channel=_bus(frame),
                    data=frame.data,
                )
            )


def _bus(frame: Frame) -> int:
    digits = "".join(filter(str.isdecimal, str(frame.channel)))
    return int(digits or "0") % 10


WRITERS: dict[str, Callable[[Path, Iterable[Frame]], None]] = {
    ".csv": write_gvret_file,
    ".log": write_candump_file,
    ".blf": write_blf_file,
}


def main() -> None:
    """Write one file."""
    source, number, out = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    frames = list(open_recording(Path(source)).frames())
    WRITERS[out.suffix](out, looped_frames(frames, number))


if __name__ == "__main__":
    main()
