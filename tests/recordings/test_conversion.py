"""Every reader times every writer: what comes back, and what is said to be lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import can
import pytest

from evdiag.errors import BadInputError
from evdiag.inputs import BusEvent, BusEventKind, Channel, Frame
from evdiag.recordings import convert, losses, open_recording
from evdiag.recordings.conversion import target_format
from tests.recordings.generated import WRITTEN, Written

if TYPE_CHECKING:
    from collections.abc import Sequence

TARGETS = ("candump", "gvret", "asc", "blf", "csv")
READ_AS = {"candump": "candump", "gvret": "gvret-csv", "asc": "asc", "blf": "blf", "csv": "csv"}

NAMES: dict[Channel, str] = {
    **{number: f"can{number}" for number in range(3)},
    **{name: name for name in ("can0", "can1", "can2", "vcan0", "slcan_1", "RX6")},
    "HS CAN": "HS_CAN",
    "USB-to-CAN V2 compact  CAN-1": "USB-to-CAN_V2_compact_CAN-1",
}
FROM_ZERO: dict[Channel, int] = {
    0: 0, 1: 1, 2: 2, "can0": 0, "can1": 1, "can2": 2, "vcan0": 0, "slcan_1": 1, "HS CAN": 0,
    "RX6": 6, "USB-to-CAN V2 compact  CAN-1": 1,
}  # fmt: skip
FROM_ONE: dict[Channel, int] = {
    0: 1, 1: 1, 2: 2, "can0": 1, "can1": 1, "can2": 2, "vcan0": 1, "slcan_1": 1, "HS CAN": 1,
    "RX6": 6, "USB-to-CAN V2 compact  CAN-1": 1,
}  # fmt: skip

Item = Frame | BusEvent


def held(items: Sequence[Item], target: str) -> tuple[list[Item], dict[str, int]]:
    """Say, independently of the writers, what a format holds of `items` and what is lost."""
    lost: Counter[str] = Counter()
    kept: list[Item] = []
    knows_direction = any(isinstance(item, Frame) and item.direction for item in items)
    shift_ns = max(0, -min((item.time_ns for item in items), default=0))
    for channel in dict.fromkeys(item.channel for item in items):
        number = {"gvret": FROM_ZERO, "asc": FROM_ONE, "blf": FROM_ONE}.get(target, {}).get(channel)
        if target == "candump" and isinstance(channel, int):
            lost[losses.CHANNEL_NUMBERS] += 1
        elif target == "candump" and NAMES[channel] != channel:
            lost[losses.CHANNEL_SPELLING] += 1
        elif number is not None and isinstance(channel, str):
            lost[losses.CHANNEL_NAMES] += 1
        elif number is not None and number != channel:
            lost[losses.CHANNELS_RENUMBERED] += 1
    for item in items:
        if target in ("gvret", "blf") and item.time_ns % 1000:
            left_out = isinstance(item, Frame) and (item.fd or item.remote or item.error)
            if not (target == "gvret" and left_out) and isinstance(item, Frame):
                lost[losses.NANOSECONDS] += 1
            item = _at(item, item.time_ns // 1000 * 1000)
        if isinstance(item, BusEvent):
            if target == "gvret":
                kept.append(BusEvent(item.time_ns, item.kind, FROM_ZERO[item.channel], 1))
            else:
                lost[losses.LOST_MARKS] += 1
            continue
        frame = _held_frame(item, target, knows_direction, lost)
        if frame is not None:
            if target == "blf" and shift_ns:
                lost[losses.SHIFTED] += 1
                frame = frame._replace(time_ns=frame.time_ns + shift_ns)
            kept.append(frame)
    return kept, dict(lost)


def _at(item: Item, time_ns: int) -> Item:
    if isinstance(item, Frame):
        return item._replace(time_ns=time_ns)
    return BusEvent(time_ns, item.kind, item.channel, item.count, item.detail)


def _held_frame(
    frame: Frame, target: str, knows_direction: bool, lost: Counter[str]
) -> Frame | None:
    if target == "candump":
        return frame._replace(channel=NAMES[frame.channel])
    if target == "gvret":
        for is_lost, what in (
            (frame.error, losses.ERROR_FRAMES),
            (frame.remote, losses.REMOTE_FRAMES),
            (frame.fd, losses.FD_FRAMES),
            (frame.id == 0x1FFFFFFF, losses.UNHOLDABLE_ID),
        ):
            if is_lost:
                lost[what] += 1
                return None
        if len(frame.data) > 8:
            lost[losses.LONG_CLASSIC] += 1
        frame = frame._replace(channel=FROM_ZERO[frame.channel], fd=len(frame.data) > 8)
        return _directed(frame, lost) if knows_direction else frame
    if target == "csv":
        lost[losses.CHANNEL] += frame.channel != 0
        lost[losses.DIRECTION] += frame.direction is not None
        lost[losses.LONG_CLASSIC] += not frame.fd and len(frame.data) > 8
        lost[losses.FD_FLAG] += frame.fd and len(frame.data) <= 8
        lost[losses.FD_SWITCHES] += frame.bitrate_switch or frame.error_state_indicator
        for what in [what for what, count in lost.items() if not count]:
            del lost[what]
        return frame._replace(
            channel=0, direction=None, fd=len(frame.data) > 8,
            bitrate_switch=False, error_state_indicator=False,
        )  # fmt: skip
    frame = frame._replace(channel=FROM_ONE[frame.channel])
    if not frame.fd and len(frame.data) > 8:
        lost[losses.DATA_BEHIND_EIGHTH] += 1
        frame = frame._replace(data=frame.data[:8])
    if not frame.error:
        return _directed(frame, lost)
    if frame.direction is not None:
        lost[losses.ERROR_DIRECTION] += 1
    if target == "asc":
        if frame.id or frame.data:
            lost[losses.ERROR_DETAIL] += 1
        frame = frame._replace(id=0, data=b"")
    return frame._replace(direction=None)


def _directed(frame: Frame, lost: Counter[str]) -> Frame:
    if frame.direction is None:
        lost[losses.UNKNOWN_DIRECTION] += 1
        return frame._replace(direction="rx")
    return frame


def _check_pair(source: Path, target: str, folder: Path) -> None:
    recording = open_recording(source)
    items = list(recording)
    assert items
    lost = convert(recording, folder / "out", target)
    expected, expected_losses = held(items, target)
    again = open_recording(folder / "out")
    assert again.format == READ_AS[target]
    assert list(again) == expected
    assert {loss.what: loss.count for loss in lost} == expected_losses


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN.keys())
def test_every_text_form_into_every_format(written: Written, target: str, tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.write_text(written.text(written.frames(300)), encoding="utf-8", newline="")
    _check_pair(source, target, tmp_path)


def _rich(start_ns: int, first: Channel, second: Channel) -> list[Item]:
    """Make one of everything that can be in a recording."""
    at = [start_ns + number * 1_000_000 for number in range(16)]
    return [
        Frame(at[0], first, 0x3B4, False, bytes(range(8)), direction="rx"),
        Frame(at[1], second, 0x18DAF110, True, b"\1\2", direction="tx"),
        Frame(at[2], first, 0x12, True, b""),
        BusEvent(at[3], BusEventKind.FRAMES_LOST, first, 1),
        Frame(at[4] + 7, first, 0x3B4, False, b"\xff", direction="rx"),
        Frame(at[5], first, 0x7FF, False, b"", remote=True, requested_length=5, direction="rx"),
        Frame(at[6], first, 0x88, False, bytes(8), error=True),
        Frame(at[7], first, 0, False, b"", error=True, direction="rx"),
        Frame(at[8], second, 0x65B, False, bytes(range(64)), fd=True, bitrate_switch=True),
        Frame(at[9], second, 0x65B, True, b"\7", fd=True, error_state_indicator=True),
        Frame(at[10], second, 0x65B, False, b"", fd=True, direction="tx"),
        Frame(at[9] + 5000, second, 0x1FFFFFFF, True, b"\0", direction="rx"),
        Frame(at[3], second, 0x100, False, b"\0", direction="rx"),
        Frame(at[14], first, 0x4E0, False, bytes(range(1, 12)), direction="rx"),
        Frame(at[15], second, 0x100, False, b"", remote=True, direction="tx"),
    ]


class _Items:
    """Stands in for a recording that holds `items`."""

    journal = None

    def __init__(self, items: list[Item]) -> None:
        self._items = items

    def __iter__(self) -> object:
        return iter(self._items)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("start_ns", [1_632_509_059_533_816_000, 265_003_377_000, -5_000_000])
@pytest.mark.parametrize("channels", [(1, 2), ("can1", "can2")])
def test_one_of_everything_is_held_or_said_to_be_lost(
    channels: tuple[Channel, Channel], start_ns: int, target: str, tmp_path: Path
) -> None:
    items = _rich(start_ns, *channels)
    lost = convert(_Items(items), tmp_path / "out", target)  # type: ignore[arg-type]
    expected, expected_losses = held(items, target)
    assert list(open_recording(tmp_path / "out")) == expected
    assert {loss.what: loss.count for loss in lost} == expected_losses


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", TARGETS)
def test_what_one_writer_wrote_every_other_takes(source: str, target: str, tmp_path: Path) -> None:
    items = _rich(1_632_509_059_533_816_000, 1, 2)
    convert(_Items(items), tmp_path / "in", source)  # type: ignore[arg-type]
    _check_pair(tmp_path / "in", target, tmp_path)


@pytest.mark.parametrize("target", TARGETS)
def test_sqlite_into_every_format(target: str, tmp_path: Path) -> None:
    with can.SqliteWriter(tmp_path / "in.db") as writer:
        for number in range(50):
            writer.on_message_received(
                can.Message(timestamp=number / 1000, arbitration_id=number, data=bytes([number]))
            )
    _check_pair(tmp_path / "in.db", target, tmp_path)


@pytest.mark.parametrize("target", TARGETS)
def test_mf4_into_every_format(target: str, tmp_path: Path) -> None:
    pytest.importorskip("asammdf")
    with can.MF4Writer(tmp_path / "in.mf4") as writer:
        for number in range(50):
            writer.on_message_received(
                can.Message(
                    timestamp=1_632_509_059 + number / 1000,
                    arbitration_id=number,
                    data=bytes([number]),
                    channel=1,
                )
            )
    _check_pair(tmp_path / "in.mf4", target, tmp_path)


@pytest.mark.parametrize("target", ["asc", "blf", "csv"])
def test_python_can_reads_what_we_write(target: str, tmp_path: Path) -> None:
    written = WRITTEN["candump"]
    made = written.frames(500)
    (tmp_path / "in").write_text(written.text(made))
    out = tmp_path / f"out.{target}"
    convert(open_recording(tmp_path / "in"), out, target)
    with can.LogReader(out) as reader:
        messages = list(reader)
    assert [(m.arbitration_id, m.is_extended_id, bytes(m.data)) for m in messages] == [
        (frame.id, frame.extended, frame.data) for frame in made
    ]


def test_channels_that_start_at_zero_move_up_together(tmp_path: Path) -> None:
    text = "".join(f"({n}.0) can{n % 3} 3B4#00 R\n" for n in range(9))
    (tmp_path / "in").write_text(text)
    lost = convert(open_recording(tmp_path / "in"), tmp_path / "out.asc")
    again = list(open_recording(tmp_path / "out.asc").frames())
    assert [frame.channel for frame in again] == [1, 2, 3] * 3
    assert [str(loss) for loss in lost] == [
        "channel names written as numbers: 3 (for example can0 → 1)"
    ]


def _on(*channels: Channel) -> _Items:
    return _Items(
        [Frame(n * 1_000_000, channel, n, False, b"") for n, channel in enumerate(channels)]
    )


@pytest.mark.parametrize(
    ("channels", "numbers", "said"),
    [
        ((70_000, 1), [2, 1], (losses.CHANNELS_TOO_HIGH, 1, "70000 → 2")),
        ((70_000, 80_000, 65_535), [1, 2, 65_535], (losses.CHANNELS_TOO_HIGH, 2, "70000 → 1")),
        ((10**30,), [1], (losses.CHANNELS_TOO_HIGH, 1, f"{10**30} → 1")),
        (("can70000", "can1"), [2, 1], (losses.CHANNEL_NAMES, 2, "can1 → 1")),
        (("a65535", "b65535"), [65_535, 1], (losses.CHANNEL_NAMES, 2, "a65535 → 65535")),
    ],
)
def test_channels_too_high_for_blf_get_a_free_number(
    channels: tuple[Channel, ...], numbers: list[int], said: tuple[str, int, str], tmp_path: Path
) -> None:
    lost = convert(_on(*channels), tmp_path / "out.blf")  # type: ignore[arg-type]
    again = open_recording(tmp_path / "out.blf")
    assert [frame.channel for frame in again.frames()] == numbers
    assert said in [(loss.what, loss.count, loss.example) for loss in lost]


def test_the_last_channel_stays_in_range_when_all_move_up(tmp_path: Path) -> None:
    lost = convert(_on(0, 1, 65_535), tmp_path / "out.blf")  # type: ignore[arg-type]
    again = open_recording(tmp_path / "out.blf")
    assert [frame.channel for frame in again.frames()] == [1, 2, 3]
    found = {loss.what: loss.count for loss in lost}
    assert (found[losses.CHANNELS_RENUMBERED], found[losses.CHANNELS_TOO_HIGH]) == (2, 1)


@pytest.mark.parametrize(("target", "form"), [("out.asc", "asc"), ("out.csv", "gvret")])
def test_text_formats_keep_any_channel(target: str, form: str, tmp_path: Path) -> None:
    lost = convert(_on(70_000, 1), tmp_path / target, form)  # type: ignore[arg-type]
    again = open_recording(tmp_path / target)
    assert [frame.channel for frame in again.frames()] == [70_000, 1]
    assert losses.CHANNELS_TOO_HIGH not in {loss.what for loss in lost}


def test_more_channels_than_blf_has_numbers_get_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"65536 channels.*can hold 65535.*candump"):
        convert(_on(*range(65_536)), tmp_path / "out.blf")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".log.gz", ".csv.zst", ".asc.xz"])
def test_compressed_targets(suffix: str, tmp_path: Path) -> None:
    written = WRITTEN["gvret with Dir"]
    made = written.frames(500)
    (tmp_path / "in").write_text(written.text(made), newline="")
    convert(open_recording(tmp_path / "in"), tmp_path / f"out{suffix}")
    again = open_recording(tmp_path / f"out{suffix}")
    assert [frame[2:] for frame in again.frames()] == [frame[2:] for frame in made]
    assert again.report.compression is not None


def test_nothing_is_overwritten_unless_told_and_no_half_file_stays(tmp_path: Path) -> None:
    written = WRITTEN["candump"]
    (tmp_path / "in").write_text(written.text(written.frames(5)))
    out = tmp_path / "out.log"
    out.write_text("precious")
    with pytest.raises(BadInputError, match="--force"):
        convert(open_recording(tmp_path / "in"), out)
    assert out.read_text() == "precious"
    convert(open_recording(tmp_path / "in"), out, force=True)
    assert out.read_text() == (tmp_path / "in").read_text()
    with pytest.raises(BadInputError, match="cannot be written"):
        convert(open_recording(tmp_path / "in"), tmp_path / "nowhere" / "out.log")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out.log"]


def test_a_failure_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    class Breaking(_Items):
        passes = 0

        def __iter__(self) -> object:
            self.passes += 1
            yield from self._items
            if self.passes == 2:
                raise BadInputError("the file is damaged")

    out = tmp_path / "out.log"
    out.write_text("precious")
    items: list[Item] = [Frame(1000, 0, 1, False, b"")]
    with pytest.raises(BadInputError, match="damaged"):
        convert(Breaking(items), out, force=True)  # type: ignore[arg-type]
    assert out.read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == ["out.log"]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.log", "candump"),
        ("a.TXT", "candump"),
        ("a.csv.gz", "gvret"),
        ("a.b.asc", "asc"),
        ("a.blf", "blf"),
    ],
)
def test_the_name_tells_the_format(name: str, form: str) -> None:
    assert target_format(Path(name)) == form


@pytest.mark.parametrize("name", ["a", "a.gz", "a.pdf", ".log"])
def test_a_name_that_tells_nothing_gets_one_sentence(name: str) -> None:
    with pytest.raises(BadInputError, match="--to"):
        target_format(Path(name))


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="needs a device")
def test_a_device_is_not_replaced_by_a_recording(tmp_path: Path) -> None:
    source = tmp_path / "a.log"
    source.write_text("(1.000000) can0 123#00\n")
    with pytest.raises(BadInputError, match="no ordinary file"):
        convert(open_recording(source), Path("/dev/null"), "candump", force=True)
    assert not Path("/dev/null").is_file()


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    source, target, link = (tmp_path / name for name in ("a.log", "b.log", "link.log"))
    source.write_text("(1.000000) can0 123#00\n")
    target.write_text("old")
    link.symlink_to(target)
    convert(open_recording(source), link, "candump", force=True)
    assert link.is_symlink()
    assert "123#00" in target.read_text()
