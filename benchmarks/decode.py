"""How fast everything that a DBC holds is decoded, against what others reach on the same frames.

    python3 benchmarks/decode.py [MILLIONS_OF_FRAMES] [ROUNDS]

Loops the frames of a car with rising stamps into a candump log and an MF4 file (1 million frames
without a number), and writes a DBC of 66 signals in 24 messages that about one in nine of the
frames carries. The car is a BMW i3 where EVDIAG_CORPUS names the real recordings, else a shipped
scenario among made-up neighbours. Then measures whole processes, each with its start, in turn,
ROUNDS times (3 without a number): python-can's reader with cantools' decoding, `cantools decode`,
asammdf's extraction from MF4, and `evdiag decode` to Parquet and to CSV, which has met the DBC
before. Prints the median of each, its rate, its peak memory, and how many times faster than
python-can with cantools it is.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from batch import compare, looped
from looped_files import looped_frames

SHARE = 0.112
MESSAGES, SIGNALS = 24, 66
NEIGHBOURS = 200
LINES_LOOKED_AT = 200_000
SINCE_1970_NS = 1_700_000_000 * 10**9

PYTHON_CAN = """
import sys, can, cantools
database = cantools.database.load_file(sys.argv[1])
wanted = {(m.frame_id, m.is_extended_frame): m for m in database.messages}
values = 0
for frame in can.CanutilsLogReader(sys.argv[2]):
    message = wanted.get((frame.arbitration_id, frame.is_extended_id))
    if message is not None:
        values += len(message.decode(frame.data))
print(values)
"""

ASAMMDF = """
import sys
from asammdf import MDF
with MDF(sys.argv[2]) as recorded:
    found = recorded.extract_bus_logging({"CAN": [(sys.argv[1], 0)]})
    print(sum(len(group.channels) - 1 for group in found.groups))
"""


def main() -> None:
    """Measure and print."""
    millions = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    frames = int(millions * 1_000_000)
    from evdiag.databases import load

    with tempfile.TemporaryDirectory() as folder:
        log, dbc = Path(folder) / "looped.log", Path(folder) / "car.dbc"
        with log.open("w") as file:
            file.writelines(islice(rows(), frames))
        share = write_dbc(dbc, log)
        load(dbc)
        write_mf4(log, log.with_suffix(".mf4"))
        name = f"{SIGNALS} signals in {MESSAGES} messages, {share:.1%} of the frames"
        compare(name, frames, rounds, commands(log, dbc))


def rows() -> Iterator[str]:
    """Yield rows of candump text without end."""
    if "EVDIAG_CORPUS" not in os.environ:
        yield from looped(NEIGHBOURS)
        return
    from evdiag.recordings import open_recording
    from evdiag.recordings.writers import candump_line

    path = Path(os.environ["EVDIAG_CORPUS"]) / "bmw-i3" / "charging_ptcan.csv"
    for frame in looped_frames(list(open_recording(path).frames()), sys.maxsize):
        timed = frame._replace(time_ns=frame.time_ns + SINCE_1970_NS, direction=None)
        yield candump_line(timed, "can0")


def write_dbc(path: Path, log: Path) -> float:
    """Write a DBC for frames of `log`; return the share of the frames that it is for."""
    counts: Counter[tuple[int, int]] = Counter()
    with log.open() as file:
        for row in islice(file, LINES_LOOKED_AT):
            name, _, data = row.split()[2].partition("#")
            if len(name) == 3:
                counts[int(name, 16), len(data) // 2] += 1
    chosen = chosen_frames(counts)
    with path.open("w") as file:
        file.write('VERSION ""\n\nNS_ :\n\nBS_:\n\nBU_: Car\n\n')
        for number, (identifier, length) in enumerate(chosen):
            file.write(f"BO_ {identifier} M{identifier:03X}: {length} Car\n")
            own = signals(length)
            file.writelines(own if number < SIGNALS - 2 * MESSAGES else own[:2])
            file.write("\n")
    return sum(counts[frame] for frame in chosen) / counts.total()


def chosen_frames(counts: Counter[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return as many ids and lengths as there are to be messages, about as frequent as wanted."""
    lengths = Counter(identifier for identifier, _ in counts)
    fitting = [one for one, _ in counts.most_common() if one[1] >= 4 and lengths[one[0]] == 1]
    windows = [fitting[n : n + MESSAGES] for n in range(len(fitting) - MESSAGES + 1)]
    wanted = SHARE * counts.total()
    return min(windows, key=lambda window: abs(sum(counts[one] for one in window) - wanted))


def signals(length: int) -> list[str]:
    """Return statements of three signals: a scaled one, a signed one, the bits of a state."""
    return [
        ' SG_ Current : 0|12@1+ (0.1,-40) [0|0] "A" Car\n',
        ' SG_ Torque : 23|12@0- (0.5,0) [0|0] "Nm" Car\n',
        f' SG_ State : {8 * length - 4}|4@1+ (1,0) [0|0] "" Car\n',
    ]


def write_mf4(log: Path, path: Path) -> None:
    """Write the frames of a log to an MF4 file as python-can does, many at once."""
    import numpy as np
    from can.io.mf4 import STD_DTYPE, MF4Writer

    from evdiag.recordings import open_recording

    writer = MF4Writer(path, compression_level=0)
    for block in open_recording(log).blocks():
        frames = np.zeros(len(block), STD_DTYPE)
        frames["CAN_DataFrame.BusChannel"] = 1
        frames["CAN_DataFrame.ID"] = block.id
        frames["CAN_DataFrame.DLC"] = frames["CAN_DataFrame.DataLength"] = block.length
        frames["CAN_DataFrame.DataBytes"][:, : block.data.shape[1]] = block.data
        times_s = (block.time_ns - SINCE_1970_NS) / 1e9
        writer._mdf.extend(0, [(times_s, None), (frames, None)])
    writer.stop()


def commands(log: Path, dbc: Path) -> dict[str, list[str]]:
    """Return what is measured, python-can with cantools first."""
    evdiag = [sys.executable, "-m", "evdiag", "decode", str(log), "--dbc", str(dbc), "--force"]
    reading = ["sh", "-c", 'exec "$@" < "$0"', str(log)]
    out = log.with_name("decoded")
    return {
        "python-can + cantools": [sys.executable, "-c", PYTHON_CAN, str(dbc), str(log)],
        "cantools decode": [*reading, sys.executable, "-m", "cantools", "decode", str(dbc)],
        "asammdf, MF4": [sys.executable, "-c", ASAMMDF, str(dbc), str(log.with_suffix(".mf4"))],
        "evdiag decode, Parquet": [*evdiag, "--format", "parquet", "--output", str(out)],
        "evdiag decode, CSV": [*evdiag, "--format", "csv", "--output", str(out)],
        "evdiag decode, one": [
            *(*evdiag, "--signal", "Torque", "--changes"),
            *("--format", "csv", "--output", str(out)),
        ],
    }


if __name__ == "__main__":
    main()
