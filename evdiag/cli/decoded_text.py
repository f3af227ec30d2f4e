"""Decoded signals as lines: for people, as CSV, as JSON lines.

A line is the words of its frame and the words of its value, put together. Most values come again
and again: their words are made once.
"""

from __future__ import annotations

import math
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from evdiag.cli.output import can_be_undone, csv_cells
from evdiag.inputs import key_text
from evdiag.plain import plain_json, plain_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from evdiag.inputs import Channel
    from evdiag.signals.compiled import CompiledSignal, Raw, Value
    from evdiag.signals.decoding import Decoded, DecodedAddress, Wanted

COLUMNS: Final = ("recording", "time_ns", "channel", "id", "message", "signal", "raw", "value")

_MOST_KEPT: Final = 1 << 14
"""Lines' ends of one signal; one with more values than that is a counter or a measurement."""


class LineForm(Protocol):
    """How a line is written: what is before its time, the time, what follows, and the value."""

    def header(self) -> str:
        """Write what comes before all lines."""

    def frame(self, recording: str, channel: Channel, id_words: str) -> tuple[str, str]:
        """Write what stands before the time of a frame, and what after it."""

    @property
    def time(self) -> Callable[[int], str]:
        """What writes the time of a frame, in ns."""

    def value(self, wanted: Wanted, raw: Raw | None, value: Value | None) -> str:
        """Write the end of a line; None stands for a number that JSON does not have."""


class CsvLines:
    """A line of CSV a value."""

    def header(self) -> str:
        """Name the columns."""
        return csv_cells(COLUMNS) + "\n"

    def frame(self, recording: str, channel: Channel, id_words: str) -> tuple[str, str]:
        """Write the cells around the time."""
        return f"{csv_cells([recording])},", f",{csv_cells([channel, id_words])},"

    @property
    def time(self) -> Callable[[int], str]:
        """Write whole nanoseconds."""
        return str

    def value(self, wanted: Wanted, raw: Raw | None, value: Value | None) -> str:
        """Write the last cells."""
        return csv_cells([wanted.message, wanted.signal.name, raw, value]) + "\n"


class JsonLines:
    """An object a value."""

    def header(self) -> str:
        """Write nothing."""
        return ""

    def frame(self, recording: str, channel: Channel, id_words: str) -> tuple[str, str]:
        """Write the members around the time."""
        before = plain_json({"recording": recording})[:-1]
        after = plain_json({"channel": channel, "id": id_words})[1:-1]
        return f'{before}, "time_ns": ', f", {after}, "

    @property
    def time(self) -> Callable[[int], str]:
        """Write whole nanoseconds."""
        return str

    def value(self, wanted: Wanted, raw: Raw | None, value: Value | None) -> str:
        """Write the last members."""
        members = {"message": wanted.message, "signal": wanted.signal.name}
        return plain_json({**members, "raw": raw, "value": value})[1:] + "\n"


class TableLines:
    """A line a value, for people."""

    def header(self) -> str:
        """Write nothing."""
        return ""

    def frame(self, recording: str, channel: Channel, id_words: str) -> tuple[str, str]:
        """Write channel and id."""
        return "", plain_text(f"  {channel!s:<6} {id_words:<10}  ")

    @property
    def time(self) -> Callable[[int], str]:
        """Write seconds."""
        return lambda time_ns: f"{time_ns / 1e9:17.6f}"

    def value(self, wanted: Wanted, raw: Raw | None, value: Value | None) -> str:
        """Write name and value."""
        said = "not a number" if value is None else value
        return plain_text(f"{wanted.message}.{wanted.signal.name} = {said}") + "\n"


FORMS: Final[dict[str, LineForm]] = {
    "csv": CsvLines(),
    "jsonl": JsonLines(),
    "table": TableLines(),
}


class TextRows:
    """Writes decoded signals as lines of one form.

    Where `is_own`, nobody else writes to the stream or reads it yet: if it is a file, lines in it
    can be taken back.
    """

    def __init__(self, stream: IO[str], form: LineForm, *, is_own: bool) -> None:
        self._stream = stream
        self._form = form
        self._can_go_back = is_own and can_be_undone(stream)
        self._ends: dict[CompiledSignal, _Ends] = {}
        stream.write(form.header())

    def place(self) -> int | None:
        """Return the end of what is written; None where that cannot be undone."""
        return self._stream.tell() if self._can_go_back else None

    def go_back(self, place: int) -> None:
        """Undo what was written after a place."""
        self._stream.seek(place)
        self._stream.truncate()

    def write(self, recording: str, decoded: Decoded) -> None:
        """Write a line a row."""
        if not len(decoded):
            return
        starts = np.empty(len(decoded.counts), object)
        lines = np.empty((len(decoded), 2), object)
        for address in decoded.addresses:
            starts[address.frames] = self._starts(recording, decoded, address)
            for wanted, rows, raws in address.signals:
                lines[rows, 1] = self._ends_of(wanted, raws)
        lines[:, 0] = np.repeat(starts, decoded.counts)
        self._stream.write("".join(lines.ravel().tolist()))

    def _starts(self, recording: str, decoded: Decoded, address: DecodedAddress) -> list[str]:
        channel, key = address.channel, address.key
        words = key_text(key)
        before, after = self._form.frame(recording, channel, words)
        times = map(self._form.time, decoded.time_ns[address.frames].tolist())
        return [f"{before}{time}{after}" for time in times]

    def _ends_of(self, wanted: Wanted, raws: NDArray[Any]) -> list[str]:
        ends = self._ends.get(wanted.signal)
        if ends is None or len(ends) > _MOST_KEPT:
            ends = self._ends[wanted.signal] = _Ends(self._form, wanted)
        # As keys, a float's two zeros would be one.
        of = ends.written if raws.dtype.kind == "f" else ends.__getitem__
        return list(map(of, raws.tolist()))


class _Ends(dict["Raw", str]):
    """The ends of the lines of one signal, by raw value; each is written when it is first asked."""

    def __init__(self, form: LineForm, wanted: Wanted) -> None:
        super().__init__()
        self._form = form
        self._wanted = wanted

    def __missing__(self, raw: Raw) -> str:
        end = self[raw] = self.written(raw)
        return end

    def written(self, raw: Raw) -> str:
        value = self._wanted.signal.value(raw)
        return self._form.value(
            self._wanted, raw if _in_json(raw) else None, value if _in_json(value) else None
        )


def _in_json(value: Value) -> bool:
    """Tell a value that JSON has from NaN and the infinities."""
    return not isinstance(value, float) or math.isfinite(value)
