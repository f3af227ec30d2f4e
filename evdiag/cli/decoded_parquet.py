"""Decoded signals as a Parquet table (docs/commands.md tells what each column means)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from evdiag.cli.output import can_be_undone
from evdiag.inputs import key_text
from evdiag.plain import plain_text
from evdiag.recordings.parquet.columns import number_column, word_column

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from evdiag.signals.compiled import CompiledSignal
    from evdiag.signals.decoding import Decoded, DecodedSignal, Wanted

_WORDS: Final = ("recording", "channel", "id", "message", "signal")
_DICTIONARIES: Final = [*_WORDS, "raw", "value", "text"]
_LARGEST: Final = (1 << 63) - 1


def schema() -> pa.Schema:
    """Return the columns of the table."""
    import pyarrow as pa

    word = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            pa.field("recording", word, nullable=False),
            pa.field("time_ns", pa.int64(), nullable=False),
            *(pa.field(name, word, nullable=False) for name in _WORDS[1:]),
            pa.field("raw", pa.int64()),
            pa.field("value", pa.float64()),
            pa.field("text", word),
        ]
    )


@contextmanager
def parquet_rows(stream: IO[bytes]) -> Iterator[ParquetRows]:
    """Yield what writes decoded signals to `stream`, a file."""
    with ThreadPoolExecutor(1) as beside:
        rows = ParquetRows(stream, beside)
        try:
            yield rows
            rows.finish()
        finally:
            rows.let_go()


class ParquetRows:
    """Writes decoded signals as Parquet, a row group a stretch.

    A stretch is written while the next one is decoded.
    """

    def __init__(self, stream: IO[bytes], beside: ThreadPoolExecutor) -> None:
        self._stream = stream
        self._beside = beside
        self._under_way: Future[None] | None = None
        self._writer: Any = None
        self._tables = _Tables()

    def place(self) -> int | None:
        """Return the start of the file; None where that cannot be gone back to."""
        return 0 if self._writer is None and can_be_undone(self._stream) else None

    def go_back(self, place: int) -> None:
        """Forget everything that was written after a place."""
        self._end()
        self._tables = _Tables()
        self._stream.seek(place)
        self._stream.truncate()

    def write(self, recording: str, decoded: Decoded) -> None:
        """Write the rows of one stretch."""
        if not len(decoded):
            return
        table = self._tables.table(recording, decoded)
        self._wait()
        writer = self._opened()
        self._under_way = self._beside.submit(writer.write_table, table)

    def finish(self) -> None:
        """Write the end of the file."""
        self._opened()
        self._end()

    def let_go(self) -> None:
        """Close what an interruption or a full disk left open, while there is a file."""
        if self._under_way is not None:
            self._under_way.exception()
        if self._writer is not None:
            # What went wrong is known; pyarrow would say it again when it is thrown away.
            with suppress(OSError, ValueError):
                self._writer.close()

    def _opened(self) -> Any:
        if self._writer is None:
            import pyarrow.parquet as pq

            self._writer = pq.ParquetWriter(
                self._stream,
                schema(),
                compression="zstd",
                use_dictionary=_DICTIONARIES,
                column_encoding={"time_ns": "DELTA_BINARY_PACKED"},
                write_page_checksum=True,
            )
        return self._writer

    def _wait(self) -> None:
        if self._under_way is not None:
            self._under_way.result()
            self._under_way = None

    def _end(self) -> None:
        self._wait()
        if self._writer is not None:
            self._writer.close()
            self._writer = None


class _Words(dict[str, int]):
    """Words, and the numbers that they got in the order in which they came."""

    def number(self, word: str) -> int:
        return self.setdefault(plain_text(word), len(self))


class _Tables:
    """Makes Arrow tables; what has been named once keeps its number."""

    def __init__(self) -> None:
        self._words = {name: _Words() for name in (*_WORDS, "text")}
        self._pairs: dict[Wanted, int] = {}

    def table(self, recording: str, decoded: Decoded) -> pa.Table:
        """Return the rows of one stretch."""
        import pyarrow as pa

        values = _Values(len(decoded), self._words["text"])
        pairs = np.empty(len(decoded), np.int32)
        for address in decoded.addresses:
            for signal in address.signals:
                pairs[signal.rows] = self._pair(signal.wanted)
                values.put(signal)
        messages, signals = np.array(list(map(self._numbers, self._pairs)), np.int32).T
        named = self._words["recording"].number(recording)
        columns = {
            "recording": np.full(len(decoded), named, np.int32),
            **self._of_frames(decoded),
            "message": messages[pairs],
            "signal": signals[pairs],
        }
        arrays = {name: word_column([*self._words[name]], columns[name]) for name in columns}
        arrays["time_ns"] = number_column(np.repeat(decoded.time_ns, decoded.counts), pa.int64())
        arrays |= values.columns()
        form = schema()
        return pa.Table.from_arrays([arrays[name] for name in form.names], schema=form)

    def _of_frames(self, decoded: Decoded) -> dict[str, NDArray[np.int32]]:
        channels, ids = np.empty((2, len(decoded.counts)), np.int32)
        for channel, key, frames, _ in decoded.addresses:
            words = key_text(key)
            channels[frames] = self._words["channel"].number(str(channel))
            ids[frames] = self._words["id"].number(words)
        counts = decoded.counts
        return {"channel": np.repeat(channels, counts), "id": np.repeat(ids, counts)}

    def _pair(self, wanted: Wanted) -> int:
        return self._pairs.setdefault(wanted, len(self._pairs))

    def _numbers(self, wanted: Wanted) -> tuple[int, int]:
        message = self._words["message"].number(wanted.message)
        return message, self._words["signal"].number(wanted.signal.name)


class _Values:
    """The columns of values of one stretch."""

    def __init__(self, rows: int, words: _Words) -> None:
        self._raw = np.zeros(rows, np.int64)
        self._fits = np.ones(rows, np.bool_)
        self._value = np.empty(rows, np.float64)
        self._text = np.full(rows, -1, np.int32)
        self._words = words

    def put(self, signal: DecodedSignal) -> None:
        """Put the values of a signal where they belong."""
        (_, compiled), rows, raws = signal
        if raws.dtype == np.int64:
            self._raw[rows] = raws
        else:
            self._raw[rows], self._fits[rows] = _whole(raws)
        self._value[rows] = _real(compiled.scaled_all(raws))
        if compiled.texts:
            self._text[rows] = self._text_numbers(compiled, raws)

    def _text_numbers(self, signal: CompiledSignal, raws: NDArray[Any]) -> NDArray[np.int32]:
        numbers = [self._words.number(text) for text in signal.texts]
        return np.array([*numbers, -1], np.int32)[signal.text_numbers(raws)]

    def columns(self) -> dict[str, pa.Array]:
        """Return them as Arrow has them."""
        import pyarrow as pa

        said = self._text >= 0
        return {
            "raw": number_column(self._raw, pa.int64(), self._fits),
            "value": number_column(self._value, pa.float64(), np.isfinite(self._value)),
            "text": word_column([*self._words], np.maximum(self._text, 0), said),
        }


def _whole(raws: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return what is a whole number of 64 bits with its sign, and where it is."""
    if raws.dtype.kind == "f":
        return np.zeros(len(raws), np.int64), np.zeros(len(raws), np.bool_)
    fits = ((raws >= -_LARGEST - 1) & (raws <= _LARGEST)).astype(np.bool_)
    return np.where(fits, raws, 0).astype(np.int64), fits


def _real(values: NDArray[Any]) -> NDArray[np.float64]:
    if values.dtype == object:
        return np.fromiter(map(_nearest, values.tolist()), np.float64, len(values))
    return values.astype(np.float64)


def _nearest(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf
