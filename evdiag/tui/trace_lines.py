"""The lines of the trace: a frame, or the latest of an id. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal, TypeAlias

from evdiag.inputs import Frame
from evdiag.plain import plain_text
from evdiag.session.track import Latest, SeenKind
from evdiag.tui.lines import Line, Piece, cut, fit, fit_right, joined, length
from evdiag.tui.moment import Moment
from evdiag.tui.words import age_text

TimeFormat: TypeAlias = Literal["offset", "distance", "clock"]

TIME_FORMATS: tuple[TimeFormat, ...] = ("offset", "distance", "clock")
"""From the first frame; from the frame of the same id before; the source's own stamp."""

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
    def of(moment: Moment, width: int, *, per_id: bool) -> Columns:
        """Choose the columns for a width."""
        several = len(moment.track.channels) > 1
        special = moment.track.kinds.has_special
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


def frame_line(moment: Moment, row: int, form: TimeFormat, columns: Columns) -> Line:
    """Return one frame of the trace."""
    frame = moment.track.frame(row)
    kinds = moment.track.kinds
    pieces: list[Piece] = [
        (fit_right(time_text(moment, row, form), _TIME) + " ", "quiet"),
        *_kind_pieces(kinds.kind_of(row), frame, columns),
        *byte_pieces(frame, kinds.changed_bytes(row), columns.bytes),
    ]
    pieces += _decoded(moment, frame, columns.width - length(pieces))
    return cut(pieces, columns.width)


def kind_line(moment: Moment, kind: int, latest: Latest, columns: Columns) -> Line:
    """Return the latest frame of one id, with its count and period."""
    age = age_text(moment.track.age_s(latest.row)) if moment.has_clock else ""
    pieces: list[Piece] = [
        (fit_right(age, _TIME) + " ", "quiet"),
        *_kind_pieces(moment.track.kinds.kinds[kind], latest.frame, columns),
        (fit_right(f"{latest.frames:,}", 7), ""),
        (fit_right(_period(moment, latest), 8) + " ", ""),
        *byte_pieces(latest.frame, latest.changed, columns.bytes),
    ]
    pieces += _decoded(moment, latest.frame, columns.width - length(pieces))
    return cut(pieces, columns.width)


def time_text(moment: Moment, row: int, form: TimeFormat) -> str:
    """Return when a frame was, in the chosen form."""
    if not moment.has_clock:
        return f"#{row + 1:,}"
    if form == "offset":
        return f"{moment.track.elapsed_at(row):.4f}"
    if form == "distance":
        gap_s = moment.track.kinds.gap_s(row)
        return "first" if gap_s is None else f"+{gap_s:.4f}"
    # Of a live bus the time of day is told as it is here, like everything on that screen.
    return _clock(moment.track.frame(row).time_ns, None if moment.live else UTC)


def _clock(time_ns: int, zone: tzinfo | None) -> str:
    """Write a stamp as the time of day where it is one, else as seconds."""
    if 300_000_000 * 1_000_000_000 < time_ns < _A_CENTURY_NS:
        stamp = datetime.fromtimestamp(time_ns // 1_000_000_000, zone)
        return f"{stamp:%H:%M:%S}.{time_ns // 100_000_000 % 10}"
    return f"{time_ns / 1e9:.3f}"


def byte_pieces(frame: Frame, changed: Sequence[bool], cells: int) -> list[Piece]:
    """Return the bytes; those that differ from the id's frame before are underlined and bold."""
    if frame.remote:
        return [(fit(f"asks for {frame.requested_length} bytes", cells), "quiet")]
    shown = min(len(frame.data), cells // 3)
    pieces: list[Piece] = []
    for at in range(shown):
        pieces += [(f"{frame.data[at]:02X}", "changed" if changed[at] else ""), (" ", "")]
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


def _decoded(moment: Moment, frame: Frame, width: int) -> list[Piece]:
    if width < 10:
        return []
    pieces: list[Piece] = []
    for decoded in moment.messages.decode(frame):
        pieces += [(f"{decoded.name} ", "quiet"), (f"{decoded.value}  ", "")]
        if length(pieces) > width:
            break
    return pieces


def _period(moment: Moment, latest: Latest) -> str:
    """Return how far apart the last frames of an id were, on average."""
    every_s = latest.every_s
    if every_s is None or not moment.has_clock:
        return ""
    return f"{every_s * 1000:.0f} ms" if every_s < 10 else age_text(every_s)


def detail_lines(
    moment: Moment, row: int, kind: SeenKind, frame: Frame, width: int, height: int
) -> list[Line]:
    """Return everything about one frame: all bytes, the message, every signal with its raw."""
    unknown = "not in the car's databases" if moment.car else "the car is not known yet"
    name = moment.messages.name(kind.channel, kind.key) or unknown
    place = moment.place_text(moment.track.elapsed_at(row)) if moment.has_clock else ""
    title: list[Piece] = [
        (f" {kind.id} ", "title"),
        (name, "strong"),
        (f"  frame {row + 1:,}  {place}", "quiet"),
    ]
    lines: list[Line] = [cut(title, width)]
    if len(frame.data) > _BYTES_SHOWN:
        lines += [[(f" {frame.data[at : at + 16].hex(' ')}", "")] for at in range(0, 64, 16)]
    flow: list[list[Piece]] = [[]]
    for signal in moment.messages.decode(frame):
        part: list[Piece] = [(f" {signal.name} ", "quiet"), (signal.value, "strong")]
        part.append((f" ({signal.raw})  ", "quiet"))
        if flow[-1] and length(flow[-1]) + length(part) > width:
            flow.append([])
        flow[-1] += part
    lines += flow
    return lines[:height]
