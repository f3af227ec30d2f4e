"""Frames made up by a fixed seed, and the text every dialect would hold them in."""

# ruff: noqa: E501 - a row of a log is as wide as its tool writes it

from __future__ import annotations

import random
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from evdiag.inputs import Frame
from evdiag.recordings.stamps import seconds_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MICROSECOND = 1_000
MILLISECOND = 1_000_000


def frames(
    count: int,
    *,
    seed: int = 1,
    start_ns: int = 5_000_000,
    resolution_ns: int = MICROSECOND,
    channel: int | str = 1,
    extended: bool = True,
    direction: bool = True,
    empty: bool = True,
) -> list[Frame]:
    """Make classic data frames with rising stamps, of some twenty ids, eleven and 29 bits wide."""
    chance = random.Random(seed)
    ids = [
        (chance.randrange(1, 0x7FF), False, chance.randrange(0 if empty else 1, 9))
        for _ in range(15)
    ]
    if extended:
        ids += [(chance.randrange(0x800, 0x1FFFFFFF), True, 8) for _ in range(5)]
    made = []
    time_ns = start_ns
    for _ in range(count):
        identifier, wide, length = chance.choice(ids)
        way = chance.choice(("rx", "rx", "tx")) if direction else None
        made.append(
            Frame(time_ns, channel, identifier, wide, chance.randbytes(length), direction=way)
        )
        time_ns += chance.randrange(1, 4_000_000 // resolution_ns) * resolution_ns
    return made


@dataclass(frozen=True)
class Written:
    """How a dialect writes frames: a header, a row for each, and what it cannot say."""

    format: str
    header: str
    row: Callable[[int, Frame], str]
    resolution_ns: int = MICROSECOND
    channel: int | str = 1
    extended: bool = True
    direction: bool = True
    start_ns: int = 5_000_000
    has_length: bool = True
    empty: bool = True
    newline: str = "\n"
    one_digit_bytes: bool = False

    def frames(self, count: int, seed: int = 1) -> list[Frame]:
        """Make frames that this dialect can hold whole."""
        return frames(
            count,
            seed=seed,
            start_ns=self.start_ns,
            resolution_ns=self.resolution_ns,
            channel=self.channel,
            extended=self.extended,
            direction=self.direction,
            empty=self.empty,
        )

    def rows(self, made: Iterable[Frame]) -> list[str]:
        """Write each frame as a row, without line end."""
        return [self.row(number, frame) for number, frame in enumerate(made)]

    def text(self, made: Iterable[Frame]) -> str:
        """Write a whole file."""
        lines = [*self.header.splitlines(), *self.rows(made)]
        return "".join(line + self.newline for line in lines)


def _hex(frame: Frame, separator: str = " ") -> str:
    return frame.data.hex(separator).upper() if separator else frame.data.hex().upper()


def _digits(frame: Frame, standard: int = 3) -> str:
    return f"{frame.id:08X}" if frame.extended else f"{frame.id:0{standard}X}"


def _way(frame: Frame, rx: str, tx: str) -> str:
    return tx if frame.direction == "tx" else rx


def _clock(time_ns: int, mark: str, digits: int) -> str:
    seconds, parts = divmod(time_ns // 10 ** (9 - digits), 10**digits)
    seconds %= 86_400
    hours, rest = divmod(seconds, 3600)
    return f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}{mark}{parts:0{digits}d}"


def _iso(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{time_ns // 1000 % 10**6:06d}"
    )


def _cl2000_stamp(time_ns: int) -> str:
    days, rest = divmod(time_ns, 86_400 * 10**9)
    return f"{days:02d}T{_clock(rest, '.', 3).replace(':', '').replace('.', '')}"


def _minute(time_ns: int) -> str:
    return seconds_text(time_ns % (60 * 10**9)).replace(".", ",")


NOON_NS = 36 * 3600 * 10**9
EVENING_NS = (23 * 3600 + 59 * 60 + 57) * 10**9

WRITTEN: dict[str, Written] = {
    "candump": Written(
        "candump",
        "",
        lambda _, f: (
            f"({seconds_text(f.time_ns)}) {f.channel} {_digits(f)}#{_hex(f, '')}{_way(f, ' R', ' T')}"
        ),
        channel="can0",
        start_ns=1_632_509_059_533_816_000,
    ),
    "candump relative": Written(
        "candump",
        "",
        lambda _, f: (
            f" ({f.time_ns // 10**9:03d}.{f.time_ns % 10**9:09d})  {f.channel}  {_digits(f)}#{_hex(f, '')}"
        ),
        channel="slcan_1",
        direction=False,
        resolution_ns=1,
    ),
    "gvret": Written(
        "gvret-csv",
        "Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8",
        lambda _, f: ",".join(
            [str(f.time_ns // 1000), f"{f.id:08X}", str(f.extended).lower(), "1", str(len(f.data))]
            + [f"{byte:02X}" for byte in f.data]
        ),
        direction=False,
    ),
    "gvret with Dir": Written(
        "gvret-csv",
        "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8",
        lambda _, f: ",".join(
            [
                str(f.time_ns // 1000),
                f"{f.id:08X}",
                str(f.extended).lower(),
                _way(f, "Rx", "Tx"),
                "1",
                str(len(f.data)),
            ]
            + [f"{byte:02X}" for byte in f.data.ljust(8, b"\0")]
            + [""]
        ),
        newline="\r\n",
    ),
    "gvret of a spreadsheet": Written(
        "gvret-csv",
        "\ufeffTime Stamp;ID;Extended;Bus;DLC;D1;D2;D3;D4;D5;D6;D7;D8",
        lambda _, f: ";".join(
            [str(f.time_ns // 1000), f"{f.id:x}", str(f.extended).upper(), "1", str(len(f.data))]
            + [f"{byte:x}" for byte in f.data.ljust(8, b"\0")]
        ),
        direction=False,
        newline="\r\n",
        one_digit_bytes=True,
    ),
    "candump console": Written(
        "candump-console",
        "=~=~=~=~=~=~=~= PuTTY log 2025.01.01 10:00:00 =~=~=~=~=~=~=~=~=",
        lambda _, f: (
            f" ({seconds_text(f.time_ns)})  {f.channel}  {_digits(f)}   [{len(f.data)}]  {_hex(f)}"
        ),
        channel="vcan0",
        direction=False,
    ),
    "candump console, dated, with direction": Written(
        "candump-console",
        "",
        lambda _, f: (
            f" (2025-01-01 10:00:{seconds_text(f.time_ns - 1735725600 * 10**9):0>9})  {f.channel}  "
            f"{_way(f, 'RX', 'TX')} - -  {_digits(f)}   [{len(f.data)}]  {_hex(f)}"
        ),
        channel="can1",
        start_ns=1735725600 * 10**9,
    ),
    "candump console of Battery-Emulator": Written(
        "candump-console",
        "",
        lambda _, f: (
            f"({seconds_text(f.time_ns, 3)}) {f.channel} {f.id:X} [{len(f.data)}] {_hex(f)}"
        ),
        resolution_ns=MILLISECOND,
        channel="RX6",
        direction=False,
    ),
    "crtd": Written(
        "crtd",
        "1632509059.533816 CXX OVMS CRTD\n1632509059.533816 CVR 3.0",
        lambda _, f: (
            f"{seconds_text(f.time_ns)} 1{_way(f, 'R', 'T')}{'29' if f.extended else '11'} "
            f"{_digits(f)} {_hex(f)}"
        ),
        start_ns=1_632_509_059_541_604_000,
        has_length=False,
    ),
    "canhacker": Written(
        "canhacker",
        "@ TEXT @ 3 @ 64 @ 0 @ 2 @ 7459 @ 00:00:07.459 @\n# $LocalTime=11:19:54.503",
        lambda _, f: (
            f"{_minute(f.time_ns)}\t1\t00000004\t{_digits(f)}\t{len(f.data)}\t{_hex(f)}\t00000000\t   "
        ),
        direction=False,
        newline="\r",
    ),
    "microchip": Written(
        "microchip",
        "ParserFlags\tCh\tCounter\tT/R\tTime\tFlags\tCAN ID\tLen\tData\tParser Name\tdefault",
        lambda n, f: (
            f"1\t1\t{n}\t{_way(f, 'RX', 'TX')}\t{f.time_ns // 10**6}\t\t0x{f.id:08x}\t{len(f.data)}\t"
            f"0x{_hex(f).lower()} \tDefault Parser\t"
        ),
        resolution_ns=MILLISECOND,
        empty=False,
    ),
    "microchip with semicolons": Written(
        "microchip",
        "//-----\nMicrochip Technology Inc.\nCAN BUS Analyzer\n//-----",
        lambda _, f: (
            f"{f.time_ns // 10**6};{_way(f, 'RX', 'TX')};0x{f.id:X};{len(f.data)};"
            + "".join(f"0x{byte:02X};" for byte in f.data)
        ),
        resolution_ns=MILLISECOND,
        channel=0,
    ),
    "canary": Written(
        "canary",
        ";CANARY V2.3\n;TIME_us.d  ID       FL L DATA",
        lambda _, f: (
            f"{seconds_text(f.time_ns):0>11} {f.id:08X} {'04' if f.extended else '00'} {len(f.data)} {_hex(f)}"
        ),
        channel=0,
        direction=False,
    ),
    "zlg": Written(
        "zlg",
        "NO    Direction  Time Scale        Frame Type      Frame Format        Frame ID    Length   \0 Data ",
        lambda n, f: (
            f"{n}     \0{_way(f, 'Receive', 'Send')}     \0{_clock(f.time_ns, ':', 3)}     \0Data frame     "
            f"\0{'Extended' if f.extended else 'Standard'} frame     \0{f.id:08x}     \0{len(f.data)}     "
            f"\0{_hex(f).lower()}      \0"
        ),
        resolution_ns=MILLISECOND,
        channel=0,
        start_ns=EVENING_NS,
        newline="\r\n",
    ),
    "pp2can": Written(
        "pp2can",
        "CAN speed 1: 500k CAN speed 2: 500k Id format: HEX | Data format: HEX\n\t ",
        lambda n, f: (
            f">\t{n}\t   {_clock(f.time_ns, '.', 3)}:4446.00\t{'Ext' if f.extended else 'St'}\t0x{f.id:X}\t0\t"
            f"{len(f.data)}\t" + "".join(f"{byte:02X}\t" for byte in f.data) + "p:1"
        ),
        resolution_ns=MILLISECOND,
        direction=False,
        start_ns=EVENING_NS,
    ),
    "cl2000": Written(
        "cl2000",
        '# Logger type: CL2000\n# Time format: 4\n# Value separator: ";"\nTimestamp;Type;ID;Data',
        lambda _, f: f"{_cl2000_stamp(f.time_ns)};{f.extended:d};{f.id:x};{_hex(f, '').lower()}",
        resolution_ns=MILLISECOND,
        channel=0,
        direction=False,
        start_ns=EVENING_NS,
        has_length=False,
    ),
    "trc 1.0": Written(
        "trc",
        ";---+--   ----+----  --+--  +  +  -- -- -- -- -- -- --",
        lambda n, f: (
            f"{n + 1:6d})  {f.time_ns // 10**6:8d} {_digits(f, 4):>8} {len(f.data)} {_hex(f)}"
        ),
        resolution_ns=MILLISECOND,
        direction=False,
    ),
    "trc 1.1": Written(
        "trc",
        ";$FILEVERSION=1.1\n;$STARTTIME=25570.5\n;---+--   ----+----  --+--",
        lambda n, f: (
            f"{n + 1:6d}) {seconds_text((f.time_ns - NOON_NS) * 1000, 3):>13} {_way(f, 'Rx', 'Tx')} "
            f"{_digits(f, 4):>8} {len(f.data)} {_hex(f)}"
        ),
        start_ns=NOON_NS,
    ),
    "trc 1.3": Written(
        "trc",
        ";$FILEVERSION=1.3\n;---+-- ------+------ +- --+-- ----+--- +- -+-- -+ --",
        lambda n, f: (
            f"{n + 1:6d}) {seconds_text(f.time_ns * 1000, 3):>13} 1  {_way(f, 'Rx', 'Tx')} "
            f"{_digits(f, 4):>8} -  {len(f.data)}    {_hex(f)}"
        ),
    ),
    "trc 2.1": Written(
        "trc",
        ";$FILEVERSION=2.1\n;$COLUMNS=N,O,T,B,I,d,R,L,D\n;---+-- ------+------ +- +- --+-----",
        lambda n, f: (
            f"{n + 1:7d} {seconds_text(f.time_ns * 1000, 3):>13} DT  1 {_digits(f, 4):>8} "
            f"{_way(f, 'Rx', 'Tx')} -  {len(f.data):<4} {_hex(f)}"
        ),
    ),
    "pcan explorer": Written(
        "pcan-explorer",
        ";Index\n;|    Time Offset [ms]\n;+--- +------------ +- +------- +-------- +- +---- +- +------",
        lambda n, f: (
            f"    {n:<5d} {seconds_text(f.time_ns * 1000, 3):<13} 1  {_digits(f):8} "
            f"{'' if n % 3 else 'Lock_1':31} {_way(f, 'Rx', 'Tx')} Data       {len(f.data)}  {_hex(f)}"
        ),
    ),
    "busmaster": Written(
        "busmaster",
        "***BUSMASTER Ver 2.4.0***\n***HEX***\n***<Time><Tx/Rx><Channel><CAN ID><Type><DLC>***",
        lambda _, f: (
            f"{_clock(f.time_ns, ':', 4)} {_way(f, 'Rx', 'Tx')} 1 0x{_digits(f)} "
            f"{'x' if f.extended else 's'} {len(f.data)} {_hex(f)} "
        ),
        resolution_ns=100_000,
        start_ns=EVENING_NS,
    ),
    "ixxat": Written(
        "ixxat",
        'ASCII Trace IXXAT\n"Time","Identifier (hex)","Format","Flags","Data (hex)"',
        lambda _, f: (
            f'"{_clock(f.time_ns, ".", 3)}","{f.id:X}","{"Ext" if f.extended else "Std"}","","{_hex(f)} "'
        ),
        resolution_ns=MILLISECOND,
        channel=0,
        direction=False,
        start_ns=EVENING_NS,
        has_length=False,
        empty=False,
    ),
    "ixxat with channels": Written(
        "ixxat",
        "Start Time  Thursday May 01 2025 10:47:15\nBitrate   500 kbit/s\n"
        '"Bus","No","Time","State","ID (hex)","DLC","Data (hex)","ASCII"',
        lambda n, f: (
            f'"{f.channel}","{n + 1:,}","{_clock(f.time_ns, ".", 3)}","      ","{f.id:03X}",'
            f'"{len(f.data)}","{_hex(f)}","{"." * len(f.data)}"'
        ),
        resolution_ns=MILLISECOND,
        channel="USB-to-CAN V2 compact  CAN-1",
        direction=False,
        start_ns=EVENING_NS,
    ),
    "cl3000": Written(
        "cl2000",
        '# Logger type: 29\n# Value separator: " "\n# Time format: 3\nTimestamp ID Data',
        lambda _, f: f"{_clock(f.time_ns, '', 3).replace(':', '')} {f.id:x} {_hex(f, '').lower()}",
        resolution_ns=MILLISECOND,
        channel=0,
        direction=False,
        start_ns=EVENING_NS,
        has_length=False,
        empty=False,
    ),
    "canedge": Written(
        "canedge",
        "TimestampEpoch;BusChannel;ID;IDE;DLC;DataLength;Dir;EDL;BRS;ESI;RTR;DataBytes",
        lambda _, f: (
            f"{seconds_text(f.time_ns)};1;{_digits(f)};{f.extended:d};{len(f.data)};{len(f.data)};"
            f"{f.direction == 'tx':d};0;0;0;0;{_hex(f, '')}"
        ),
        start_ns=1_632_509_059_533_816_000,
    ),
    "canedge, older": Written(
        "canedge",
        "TimestampEpoch;BusChannel;ID;IDE;DLC;DataLength;Dir;EDL;BRS;DataBytes",
        lambda _, f: (
            f"{seconds_text(f.time_ns)};1;{_digits(f)};{f.extended:d};{len(f.data)};{len(f.data)};"
            f"{f.direction == 'tx':d};0;0;{_hex(f, '')}"
        ),
    ),
    "can logger": Written(
        "can-logger",
        ";  CAN Logger trace file\n;---+-----\t-----+------\t----+---",
        lambda n, f: f"{n:10d}\t{_clock(f.time_ns, ':', 4)}\t{f.id:08X}\t{len(f.data)}\t{_hex(f)}",
        resolution_ns=100_000,
        channel=0,
        direction=False,
    ),
    "kvaser": Written(
        "kvaser",
        "Chn Identifier Flg   DLC  D0...1...2...3...4...5...6..D7       Time     Dir",
        lambda _, f: (
            f" 1    {_digits(f, 8)} {'X' if f.extended else ' '}       {len(f.data)}  {_hex(f, ' '):32}"
            f"{seconds_text(f.time_ns):>14} {_way(f, 'R', 'T')}"
        ),
    ),
    "canwise": Written(
        "canwise",
        "EV NUM/ERR F/F ID     LEN R/D   D0  D1  D2  D3  D4  D5  D6  D7 TIMESTAMP  DD MM YYYY TIME",
        lambda n, f: (
            f"{_way(f, 'RX', 'TX')} {n:07d} {'EFF' if f.extended else 'SFF'} {_digits(f):>8} {len(f.data)} HEX   "
            f"{f.data.hex(' ').upper().replace(' ', '  '):30} {f.time_ns // 1000:010d} 07.05.2022 14:10:08.135"
        ),
        channel=0,
    ),
    "python-can csv": Written(
        "csv",
        "timestamp,arbitration_id,extended,remote,error,dlc,data",
        lambda _, f: (
            f"{seconds_text(f.time_ns)},{f.id:#x},{f.extended:d},0,0,{len(f.data)},"
            f"{b64encode(f.data).decode()}"
        ),
        channel=0,
        direction=False,
    ),
    "python-can printer": Written(
        "python-can-print",
        "",
        lambda _, f: (
            f"Timestamp: {seconds_text(f.time_ns):>15}    ID: {_digits(f).lower():>8}    "
            f"{'X' if f.extended else 'S'} {_way(f, 'Rx', 'Tx')}                DL: {len(f.data):2d}    "
            f"{_hex(f).lower():24}     Channel: can0"
        ),
        channel="can0",
    ),
    "python-can printer, version 1": Written(
        "python-can-print",
        "",
        lambda _, f: (
            f"Timestamp: {seconds_text(f.time_ns):>15}    {'ID: ' + _digits(f, 4).lower():>12}    "
            f"{'010' if f.extended else '000'}    DLC: {len(f.data)}    {_hex(f).lower():24}"
        ),
        channel=0,
        direction=False,
    ),
    "slcan with stamps": Written(
        "slcan",
        "",
        lambda _, f: (
            f"{'T' if f.extended else 't'}{_digits(f)}{len(f.data)}{_hex(f, '')}"
            f"{f.time_ns // MILLISECOND % 60_000:04X}"
        ),
        resolution_ns=MILLISECOND,
        channel=0,
        direction=False,
        start_ns=55_000 * MILLISECOND,
        newline="\r",
    ),
    "panda with stamps": Written(
        "panda",
        "Time,Bus,MessageID,Message,MessageLength",
        lambda _, f: f"{seconds_text(f.time_ns)},1,{f.id},{_hex(f, '').lower()},{len(f.data)}",
        direction=False,
    ),
    "panda with dates": Written(
        "panda",
        "Bus,MessageID,Message,MessageLength,DateTime",
        lambda _, f: f"1,{f.id:#x},0x{_hex(f, '').lower()},{len(f.data)},{_iso(f.time_ns)}",
        direction=False,
        start_ns=1_632_509_059_533_816_000,
    ),
    "cabana of today": Written(
        "cabana",
        "time,addr,bus,data",
        lambda _, f: f"{seconds_text(f.time_ns, 3)},{f.id:#x},1,0x{_hex(f, '')}",
        resolution_ns=MILLISECOND,
        direction=False,
        has_length=False,
    ),
    "cabana": Written(
        "cabana",
        "time,addr,bus,data",
        lambda _, f: f"{seconds_text(f.time_ns)},{f.id},1,{_hex(f, '').lower()}",
        direction=False,
        has_length=False,
    ),
    "vehicle spy": Written(
        "vehicle-spy",
        "Line,Abs Time(Sec),Rel Time (Sec),Status,Er,Tx,Description,Network,Node,Arb ID,Remote,Xtd,B1,B2",
        lambda n, f: (
            f"{n},{seconds_text(f.time_ns)},0.003,67371008,F,{_way(f, 'F', 'T')},HS CAN $119,HS CAN,,"
            f"{f.id:X},F,{'T' if f.extended else 'F'},{_hex(f, ',') + ',' if f.data else ''},,,"
        ),
        channel="HS CAN",
        has_length=False,
    ),
    "seconds": Written(
        "time-id-length",
        "",
        lambda _, f: f"{seconds_text(f.time_ns):0>11} {f.id:08X} {len(f.data)} {_hex(f)}",
        channel=0,
        direction=False,
    ),
    "seconds with decimal comma": Written(
        "time-id-length",
        "",
        lambda _, f: (
            f"{seconds_text(f.time_ns).replace('.', ',')};0x{f.id:x};{len(f.data)};{_hex(f)}"
        ),
        channel=0,
        direction=False,
    ),
    "seconds with a label": Written(
        "time-id-length",
        "",
        lambda n, f: ",".join(
            [seconds_text(f.time_ns), f"{f.id:04x}", str(len(f.data))]
            + [f"{byte:02x}" for byte in f.data]
            + ["T" if n % 7 == 0 else "R"]
        ),
        channel=0,
        direction=False,
    ),
    "seconds with bytes in one run": Written(
        "time-id-length",
        "Timestamp,ID,DLC,Data",
        lambda _, f: f"{seconds_text(f.time_ns)},0x{f.id:03X},{len(f.data)},{_hex(f, '')}",
        channel=0,
        direction=False,
    ),
    "milliseconds": Written(
        "time-id-length",
        "",
        lambda _, f: (
            f"{f.time_ns // 10**6}  {f.id:X}  {len(f.data)}  "
            + "".join(f"{byte:X} " for byte in f.data)
        ),
        resolution_ns=MILLISECOND,
        channel=0,
        direction=False,
        one_digit_bytes=True,
    ),
}
"""One entry a dialect, by a name for people."""
