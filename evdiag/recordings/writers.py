"""Writes frames as candump text, GVRET CSV, ASC, BLF and python-can's CSV.

Each writer keeps what its format can hold and counts what it cannot. The text writers are ours:
python-can's CSV and ASC writers take stamps as floats, and its ASC writer rewrites stamps that
lie before the first one and the class of error frames. BLF is python-can's.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TextIO, TypeAlias

from evdiag.inputs import BusEvent, BusEventKind, Frame
from evdiag.recordings import losses
from evdiag.recordings.asc import ORIGIN
from evdiag.recordings.candump import BITRATE_SWITCH, ERROR_FLAG, ERROR_STATE
from evdiag.recordings.gvret import LOST_FRAMES_ID
from evdiag.recordings.stamps import seconds_text
from evdiag.recordings.survey import Survey, named_channels, numbered_channels

if TYPE_CHECKING:
    from pathlib import Path

    from can import Message

    from evdiag.recordings.losses import Losses

Item: TypeAlias = Frame | BusEvent
TextWriter: TypeAlias = Callable[[Iterable[Item], TextIO, Survey, "Losses"], None]

YEAR_1990_NS: Final = 631_152_000 * 10**9
"""Stamps from here on are dates; python-can's BLF writer draws the line here, too."""

_BLF_HIGHEST_CHANNEL: Final = 0xFFFF
"""BLF keeps a channel in two bytes; the text formats write any number."""

_CLASSIC_BYTES: Final = 8

_ASC_DATE: Final = "%a %b %d %H:%M:%S.{:03d} %Y"


def write_candump(items: Iterable[Item], stream: TextIO, about: Survey, lost: Losses) -> None:
    """Write candump log text, as ``candump -L`` does, with the direction where it is known."""
    names = named_channels(about.channels, lost)
    for item in items:
        if isinstance(item, Frame):
            stream.write(candump_line(item, names[item.channel]))
        else:
            _count_event(item, lost)


def candump_line(frame: Frame, channel: str) -> str:
    """Return one frame as a line of a candump log, its end included."""
    way = {"rx": " R", "tx": " T"}.get(frame.direction or "", "")
    return f"({_exact_seconds(frame.time_ns)}) {channel} {_candump_frame(frame)}{way}\n"


def _candump_frame(frame: Frame) -> str:
    if frame.error:
        return f"{frame.id | ERROR_FLAG:08X}#{frame.data.hex().upper()}"
    identifier = f"{frame.id:08X}" if frame.extended else f"{frame.id:03X}"
    if frame.remote:
        return f"{identifier}#R{frame.requested_length:X}"
    if frame.fd:
        flags = BITRATE_SWITCH * frame.bitrate_switch + ERROR_STATE * frame.error_state_indicator
        return f"{identifier}##{flags:X}{frame.data.hex().upper()}"
    return f"{identifier}#{frame.data.hex().upper()}"


def write_gvret(items: Iterable[Item], stream: TextIO, about: Survey, lost: Losses) -> None:
    """Write SavvyCAN's GVRET CSV, with the ``Dir`` column where any direction is known."""
    numbers = numbered_channels(about.channels, lost, count_from=0)
    direction_column = "Dir," if about.knows_direction else ""
    stream.write(f"Time Stamp,ID,Extended,{direction_column}Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n")
    for item in items:
        way = ""
        if isinstance(item, BusEvent):
            if item.kind is not BusEventKind.FRAMES_LOST:
                continue
            way = "Rx," if about.knows_direction else ""
            row = f"{LOST_FRAMES_ID:08X},true,{way}{numbers[item.channel]},0,{'00,' * 8}\n"
            stream.write(f"{_microseconds(item, lost)},{row}" * item.count)
            continue
        if what := _not_for_gvret(item):
            lost.add(what, _example(item))
            continue
        if about.knows_direction:
            way = f"{_known_direction(item, lost)},"
        if len(item.data) > _CLASSIC_BYTES:
            lost.add(losses.LONG_CLASSIC, _example(item))
        data = "".join(f"{byte:02X}," for byte in item.data.ljust(_CLASSIC_BYTES, b"\0"))
        stream.write(
            f"{_microseconds(item, lost)},{item.id:08X},{str(item.extended).lower()},{way}"
            f"{numbers[item.channel]},{len(item.data)},{data}\n"
        )


def _not_for_gvret(frame: Frame) -> str | None:
    if frame.error:
        return losses.ERROR_FRAMES
    if frame.remote:
        return losses.REMOTE_FRAMES
    if frame.fd:
        return losses.FD_FRAMES
    return losses.UNHOLDABLE_ID if frame.id == LOST_FRAMES_ID else None


def write_asc(items: Iterable[Item], stream: TextIO, about: Survey, lost: Losses) -> None:
    """Write a Vector ASC log; a comment keeps the origin that its date cannot hold exactly."""
    numbers = numbered_channels(about.channels, lost, count_from=1)
    origin_ns = 0
    if about.earliest_ns < 0 or about.earliest_ns >= YEAR_1990_NS:
        origin_ns = about.earliest_ns // 10**6 * 10**6
    date = _asc_date(origin_ns)
    stream.write(f"date {date}\nbase hex  timestamps absolute\nno internal events logged\n")
    if origin_ns:
        stream.write(f"{ORIGIN}{origin_ns}\n")
    stream.write(f"Begin Triggerblock {date}\n")
    for item in items:
        if isinstance(item, Frame):
            stamp = _exact_seconds(item.time_ns - origin_ns)
            stream.write(f"{stamp:>11} {_asc_frame(item, numbers[item.channel], lost)}\n")
        else:
            _count_event(item, lost)
    stream.write("End TriggerBlock\n")


def _asc_date(time_ns: int) -> str:
    seconds, parts = divmod(max(0, time_ns), 10**9)
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime(_ASC_DATE.format(parts // 10**6))


def _asc_frame(frame: Frame, channel: int, lost: Losses) -> str:
    if frame.error:
        if frame.id or frame.data:
            lost.add(losses.ERROR_DETAIL, f"class 0x{frame.id:08X}")
        if frame.direction is not None:
            lost.add(losses.ERROR_DIRECTION, frame.direction)
        return f"{channel}  ErrorFrame"
    identifier = f"{frame.id:X}x" if frame.extended else f"{frame.id:X}"
    way = _known_direction(frame, lost)
    if frame.fd:
        data = frame.data.hex(" ").upper()
        flags = 0x1000 + 0x2000 * frame.bitrate_switch + 0x4000 * frame.error_state_indicator
        switches = f"{frame.bitrate_switch:d} {frame.error_state_indicator:d}"
        sizes = f"{_length_code(len(frame.data)):x} {len(frame.data):2d}"
        return f"CANFD {channel:3d} {way:4} {identifier:>9} {switches} {sizes} {data} 0 0 {flags:X}"
    classic = _classic_data(frame, lost)
    content = f"d {len(classic):x} {classic.hex(' ').upper()}"
    if frame.remote:
        content = f"r {frame.requested_length:x}"
    return f"{channel}  {identifier:15} {way:4} {content}".rstrip()


def write_python_can_csv(
    items: Iterable[Item], stream: TextIO, about: Survey, lost: Losses
) -> None:
    """Write python-can's CSV, which knows no channels, no directions and no CAN FD."""
    stream.write("timestamp,arbitration_id,extended,remote,error,dlc,data\n")
    for item in items:
        if isinstance(item, BusEvent):
            _count_event(item, lost)
            continue
        if item.channel != 0:
            lost.add(losses.CHANNEL, str(item.channel))
        if item.direction is not None:
            lost.add(losses.DIRECTION, item.direction)
        if item.fd != (len(item.data) > _CLASSIC_BYTES):
            lost.add(losses.FD_FLAG if item.fd else losses.LONG_CLASSIC, _example(item))
        if item.bitrate_switch or item.error_state_indicator:
            lost.add(losses.FD_SWITCHES, _example(item))
        length = item.requested_length if item.remote else len(item.data)
        stream.write(
            f"{_exact_seconds(item.time_ns)},{item.id:#x},{item.extended:d},{item.remote:d},"
            f"{item.error:d},{length},{b64encode(item.data).decode()}\n"
        )


def write_blf(items: Iterable[Item], path: Path, about: Survey, lost: Losses) -> None:
    """Write a Vector BLF file with python-can."""
    from can import BLFWriter

    numbers = numbered_channels(about.channels, lost, count_from=1, highest=_BLF_HIGHEST_CHANNEL)
    shift_ns = max(0, -about.earliest_ns)
    is_dated = about.earliest_ns >= YEAR_1990_NS
    with path.open("wb") as stream, BLFWriter(stream) as writer:
        # Left to itself python-can counts from the first frame and clamps what lies before it.
        writer.start_timestamp = about.earliest_ns // 10**6 / 1000 if is_dated else 0.0
        for item in items:
            if isinstance(item, BusEvent):
                _count_event(item, lost)
                continue
            if shift_ns:
                lost.add(losses.SHIFTED, f"by {seconds_text(shift_ns)} s")
            time_us = _microseconds(item, lost) + shift_ns // 1000
            writer.on_message_received(
                _message(item, time_us / 1e6, numbers[item.channel] - 1, lost)
            )


def _message(frame: Frame, seconds: float, channel: int, lost: Losses) -> Message:
    from can import Message

    if frame.error:
        if frame.direction is not None:
            lost.add(losses.ERROR_DIRECTION, frame.direction)
        is_rx = True
    else:
        is_rx = _known_direction(frame, lost) == "Rx"
    data = frame.data if frame.fd else _classic_data(frame, lost)
    return Message(
        timestamp=seconds,
        arbitration_id=frame.id,
        is_extended_id=frame.extended,
        is_remote_frame=frame.remote,
        is_error_frame=frame.error,
        channel=channel,
        dlc=frame.requested_length if frame.remote else len(data),
        data=data,
        is_fd=frame.fd,
        is_rx=is_rx,
        bitrate_switch=frame.bitrate_switch,
        error_state_indicator=frame.error_state_indicator,
    )


def _exact_seconds(time_ns: int) -> str:
    return seconds_text(time_ns, 6 if time_ns % 1000 == 0 else 9)


def _microseconds(item: Item, lost: Losses) -> int:
    if item.time_ns % 1000:
        lost.add(losses.NANOSECONDS, f"{seconds_text(item.time_ns, 9)} s")
    return item.time_ns // 1000


def _known_direction(frame: Frame, lost: Losses) -> str:
    if frame.direction is None:
        lost.add(losses.UNKNOWN_DIRECTION, _example(frame))
    return "Tx" if frame.direction == "tx" else "Rx"


def _classic_data(frame: Frame, lost: Losses) -> bytes:
    """Return what a frame of classic CAN can have; candump text may say more."""
    if len(frame.data) > _CLASSIC_BYTES:
        lost.add(losses.DATA_BEHIND_EIGHTH, _example(frame))
    return frame.data[:_CLASSIC_BYTES]


def _count_event(event: BusEvent, lost: Losses) -> None:
    if event.kind is BusEventKind.FRAMES_LOST:
        lost.add(losses.LOST_MARKS, f"at {seconds_text(event.time_ns)} s")


def _length_code(length: int) -> int:
    lengths = (*range(9), 12, 16, 20, 24, 32, 48, 64)
    return next(code for code, held in enumerate(lengths) if held >= length)


def _example(frame: Frame) -> str:
    return f"{frame.id:X} at {seconds_text(frame.time_ns)} s"


TEXT_WRITERS: Final[dict[str, TextWriter]] = {
    "candump": write_candump,
    "gvret": write_gvret,
    "asc": write_asc,
    "csv": write_python_can_csv,
}
"""The text formats by the name that ``--to`` takes; ``blf`` is the one binary format."""
