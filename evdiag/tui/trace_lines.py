"""The lines of the trace: a frame, or the latest of an id. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from evdiag.inputs import Frame
from evdiag.plain import plain_text
from evdiag.tui.frame_index import FrameIndex, SeenKind
from evdiag.tui.lines import Line, Piece, cut, fit, fit_right, joined, length
from evdiag.tui.moment import Played
from evdiag.tui.words import age_text, at_text

TimeFormat: TypeAlias = Literal["offset", "distance", "clock"]

TIME_FORMATS: tuple[TimeFormat, ...] = ("offset", "distance", "clock")
"""From the first frame; from the frame of the same id before; the recording's own stamp."""

_TIME = 10
_BYTES_SHOWN = 8
_A_CENTURY_NS = 3_000_000_000 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns there are, and how many cells the line and its bytes have.

    Channel and type give way where it is narrow and they would say the same of every frame.
    """

    width: int
    per_id: bool
    channel: bool
    type: bool

    @staticmethod
    def of(played: Played, width: int, *, per_id: bool) -> Columns:
        """Choose the columns for a width."""
        several = len(played.playback.block.channels) > 1
        special = played.frames.has_special
        return Columns(
            width,
            per_id,
            channel=width >= 100 or (several and width >= 64),
            type=width >= 100 or (special and width >= 64),
        )

    @property
    def bytes(self) -> int:
        """Cells for the bytes."""
        return 3 * _BYTES_SHOWN if self.width >= 76 or not self.per_id else 12


def head_line(columns: Columns, form: TimeFormat) -> Line:
    """Return the names of the columns."""
    names = {"offset": "time", "distance": "distance", "clock": "clock"}
    text = "  " + fit_right("age" if columns.per_id else names[form], _TIME - 1) + " "
    text += fit("channel", 8) if columns.channel else ""
    text += fit("id", 11) + (fit("type", 5) if columns.type else "") + "len "
    if columns.per_id:
        text += fit_right("count", 7) + fit_right("every", 8) + " "
    text += fit("bytes", columns.bytes)
    return [(text, "quiet"), ("decoded" if columns.width - len(text) > 8 else "", "quiet")]


def frame_line(played: Played, row: int, form: TimeFormat, columns: Columns) -> Line:
    """Return one frame of the trace."""
    frame = played.playback.block.frame(row)
    kind = played.frames.kinds[played.frames.kind_of[row]]
    pieces: list[Piece] = [
        (fit_right(time_text(played, row, form), _TIME) + " ", "quiet"),
        *_kind_pieces(kind, frame, columns),
        *byte_pieces(played, row, columns.bytes),
    ]
    pieces += _decoded(played, frame, columns.width - length(pieces))
    return cut(pieces, columns.width)


def kind_line(played: Played, kind: int, position: int, columns: Columns) -> Line:
    """Return the latest frame of one id, with its count and period."""
    index = played.frames
    count = index.seen(kind, position)
    row = int(index.rows(kind)[count - 1])
    frame = played.playback.block.frame(row)
    age = age_text(played.playback.age_s(row)) if played.has_clock else ""
    pieces: list[Piece] = [
        (fit_right(age, _TIME) + " ", "quiet"),
        *_kind_pieces(index.kinds[kind], frame, columns),
        (fit_right(f"{count:,}", 7), ""),
        (fit_right(_period(played, index, kind, count), 8) + " ", ""),
        *byte_pieces(played, row, columns.bytes),
    ]
    pieces += _decoded(played, frame, columns.width - length(pieces))
    return cut(pieces, columns.width)


def time_text(played: Played, row: int, form: TimeFormat) -> str:
    """Return when a frame was, in the chosen form."""
    playback = played.playback
    if not played.has_clock:
        return f"#{row + 1:,}"
    if form == "offset":
        return f"{playback.elapsed_at(row):.4f}"
    if form == "distance":
        before = int(played.frames.previous[row])
        if before < 0:
            return "first"
        return f"+{playback.elapsed_at(row) - playback.elapsed_at(before):.4f}"
    return _clock(int(playback.block.time_ns[row]))


def _clock(time_ns: int) -> str:
    """Write a stamp as the time of day (UTC) where it is one, else as seconds."""
    if 300_000_000 * 1_000_000_000 < time_ns < _A_CENTURY_NS:
        stamp = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC)
        return f"{stamp:%H:%M:%S}.{time_ns // 100_000_000 % 10}"
    return f"{time_ns / 1e9:.3f}"


def byte_pieces(played: Played, row: int, cells: int) -> list[Piece]:
    """Return the bytes; those that differ from the id's frame before are underlined and bold."""
    block, before = played.playback.block, int(played.frames.previous[row])
    frame = block.frame(row)
    if frame.remote:
        return [(fit(f"asks for {frame.requested_length} bytes", cells), "quiet")]
    shown = min(len(frame.data), cells // 3)
    pieces: list[Piece] = []
    for at in range(shown):
        differs = before >= 0 and (
            at >= block.length[before] or block.data[row, at] != block.data[before, at]
        )
        pieces += [(f"{frame.data[at]:02X}", "changed" if differs else ""), (" ", "")]
    if shown < len(frame.data) and pieces:
        pieces[-1] = ("…", "quiet")
    return [*joined(pieces), (" " * (cells - 3 * shown), "")]


def type_text(frame: Frame) -> str:
    """Return what sort of frame it is: data, FD, remote or error, and who sent it."""
    sort = "err" if frame.error else "rtr" if frame.remote else "fd" if frame.fd else ""
    return f"{sort}{' tx' if frame.direction == 'tx' else ''}".strip()


def _kind_pieces(kind: SeenKind, frame: Frame, columns: Columns) -> list[Piece]:
    size = frame.requested_length if frame.remote else len(frame.data)
    pieces: list[Piece] = []
    if columns.channel:
        pieces.append((fit(plain_text(str(frame.channel)), 7) + " ", "quiet"))
    pieces.append((fit(kind.id, 11), "strong"))
    if columns.type:
        pieces.append((fit(type_text(frame), 5), "quiet"))
    return [*pieces, (fit_right(f"{size} ", 4), "quiet")]


def _decoded(played: Played, frame: Frame, width: int) -> list[Piece]:
    if width < 10:
        return []
    pieces: list[Piece] = []
    for decoded in played.messages.decode(frame):
        pieces += [(f"{decoded.name} ", "quiet"), (f"{decoded.value}  ", "")]
        if length(pieces) > width:
            break
    return pieces


def _period(played: Played, index: FrameIndex, kind: int, count: int) -> str:
    """Return how far apart the last frames of an id were, on average."""
    if count < 2 or not played.has_clock:
        return ""
    rows = index.rows(kind)[max(0, count - 11) : count]
    elapsed = played.playback.elapsed_at
    mean = (elapsed(int(rows[-1])) - elapsed(int(rows[0]))) / (len(rows) - 1)
    return f"{mean * 1000:.0f} ms" if mean < 10 else age_text(mean)


def detail_lines(played: Played, row: int, width: int, height: int) -> list[Line]:
    """Return everything about one frame: all bytes, the message, every signal with its raw."""
    frame = played.playback.block.frame(row)
    kind = played.frames.kinds[played.frames.kind_of[row]]
    name = played.messages.name(kind.channel, kind.key) or "not in the car's databases"
    place = at_text(played.playback.elapsed_at(row)) if played.has_clock else ""
    title: list[Piece] = [
        (f" {kind.id} ", "title"),
        (name, "strong"),
        (f"  frame {row + 1:,}  {place}", "quiet"),
    ]
    lines: list[Line] = [cut(title, width)]
    if len(frame.data) > _BYTES_SHOWN:
        lines += [[(f" {frame.data[at : at + 16].hex(' ')}", "")] for at in range(0, 64, 16)]
    flow: list[list[Piece]] = [[]]
    for signal in played.messages.decode(frame):
        part: list[Piece] = [(f" {signal.name} ", "quiet"), (signal.value, "strong")]
        part.append((f" ({signal.raw})  ", "quiet"))
        if flow[-1] and length(flow[-1]) + length(part) > width:
            flow.append([])
        flow[-1] += part
    lines += flow
    return lines[:height]
