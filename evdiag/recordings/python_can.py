"""The formats that python-can reads: BLF, SQLite, MF4; and its messages as our frames."""

from __future__ import annotations

import gc
import io
import logging
import shutil
import sqlite3
import struct
import sys
import tempfile
import traceback
import zlib
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from evdiag.errors import BadInputError
from evdiag.inputs import Channel, Frame
from evdiag.plain import plain_text
from evdiag.recordings.report import AnomalyKind, ReadReport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from can import Message

    from evdiag.recordings.source import Source


BLF_HEADER_BYTES: Final = 144
"""What Vector's tools write before the first object; python-can takes no file that is shorter."""

_MOST_BYTES: Final = 64


def quiet() -> None:
    """Keep what python-can and asammdf log out of the terminal: anomalies are said by us."""
    for name in ("can", "asammdf"):
        logger = logging.getLogger(name)
        if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            logger.addHandler(logging.NullHandler())
        logger.propagate = False
    logging.getLogger("asammdf").setLevel(logging.CRITICAL)


def frame_of(
    message: Message, time_ns: int, *, first_channel: int = 0, has_direction: bool = True
) -> Frame:
    """Return python-can's message as a frame.

    `first_channel` is what python-can subtracted from the channel number of the file.
    """
    channel: Channel = 0
    if isinstance(message.channel, int):
        channel = message.channel + first_channel
    elif message.channel is not None:
        channel = str(message.channel)
    error = message.is_error_frame
    remote = message.is_remote_frame and not error
    identifier = message.arbitration_id & 0x1FFF_FFFF
    return Frame(
        time_ns,
        channel,
        identifier,
        (message.is_extended_id or identifier > 0x7FF) and not error,
        b"" if remote else bytes(message.data[:_MOST_BYTES]),
        message.is_fd,
        remote,
        error,
        None if error or not has_direction else "rx" if message.is_rx else "tx",
        message.bitrate_switch,
        message.error_state_indicator,
        message.dlc if remote else 0,
    )


def read_blf(source: Source, report: ReadReport) -> Iterator[Frame]:
    """Yield the frames of a Vector BLF file; a file that was cut off is read as far as it goes."""
    with open_blf(source, report) as file:
        if file is not None:
            yield from blf_frames(file, report)


@contextmanager
def open_blf(source: Source, report: ReadReport) -> Iterator[BinaryIO | None]:
    """Open a BLF file, None where it has no whole header; a file that lacks its end is counted."""
    with as_file(source) as path, path.open("rb") as file:
        header = file.read(BLF_HEADER_BYTES)
        file.seek(0)
        if len(header) < BLF_HEADER_BYTES:
            report.count(AnomalyKind.TRUNCATED)
            yield None
            return
        if int.from_bytes(header[16:24], "little") > path.stat().st_size:
            report.count(AnomalyKind.TRUNCATED)
        yield file


def blf_frames(file: BinaryIO, report: ReadReport) -> Iterator[Frame]:
    """Yield the frames of an open BLF file, up to where it is cut or damaged."""
    from can.io.blf import BLFParseError

    from evdiag.recordings.blf_reader import EndingBLFReader

    quiet()
    try:
        with EndingBLFReader(file) as reader:
            for message in reader:
                yield frame_of(message, _microseconds(message.timestamp), first_channel=1)
    except (BLFParseError, struct.error, zlib.error, ValueError):
        note_blf_ends(report)


def note_blf_ends(report: ReadReport) -> None:
    """Count that a BLF file is cut or damaged here, unless it is known to lack its end."""
    if AnomalyKind.TRUNCATED not in {found.kind for found in report.anomalies}:
        report.count(AnomalyKind.TRUNCATED, report.frames + 1)


def read_sqlite(source: Source, report: ReadReport) -> Iterator[Frame]:
    """Yield the frames of python-can's SQLite log.

    Raises:
        BadInputError: the database is damaged or holds no table of python-can messages.
    """
    from can import SqliteReader

    with as_file(source) as path:
        try:
            with SqliteReader(path) as reader:
                for message in reader:
                    yield frame_of(message, _microseconds(message.timestamp), has_direction=False)
        except (sqlite3.Error, ValueError, TypeError) as error:
            raise BadInputError(
                f"{source.label}: this SQLite database cannot be read as python-can's log of "
                f"messages after {report.frames} frames: {plain_text(str(error))}"
            ) from None


def read_mf4(source: Source, report: ReadReport) -> Iterator[Frame]:
    """Yield the frames of an MF4 bus log.

    Raises:
        BadInputError: asammdf is not installed, cannot read the file, or finds no frames in it.
    """
    try:
        import asammdf  # noqa: F401
        from can import MF4Reader
    except ImportError:
        raise BadInputError(
            f"{source.label} is an MF4 file; reading those needs the extra: "
            "pip install 'evdiag[mf4]'"
        ) from None
    quiet()
    with as_file(source) as path:
        try:
            with _silence():
                reader = MF4Reader(path)
            with reader:
                for message in _muted(iter(reader)):
                    yield frame_of(message, _microseconds(message.timestamp))
        except Exception as error:  # noqa: BLE001 - asammdf raises whatever its parsing meets
            _free_quietly(error)
            if not report.frames:
                raise BadInputError(
                    f"{source.label}: asammdf cannot read this MF4 file: "
                    f"{plain_text(str(error) or type(error).__name__)}"
                ) from None
            report.count(AnomalyKind.TRUNCATED, report.frames + 1)
    if not report.frames:
        raise BadInputError(
            f"{source.label} is an MF4 file without CAN frames; "
            "evdiag reads bus logs, not measured signals"
        )


def _silence() -> redirect_stdout[io.StringIO]:
    """Swallow what asammdf prints: tracebacks, on standard output, among our records."""
    return redirect_stdout(io.StringIO())


def _muted(messages: Iterator[Message]) -> Iterator[Message]:
    while True:
        with _silence():
            message = next(messages, None)
        if message is None:
            return
        yield message


def _free_quietly(error: Exception) -> None:
    """Free what a failed constructor left half built.

    asammdf's `__del__` fails on such an object, and Python would print that on stderr.
    """
    hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
    cause: BaseException | None = error
    try:
        while cause is not None:
            traceback.clear_frames(cause.__traceback__)
            cause.__traceback__ = None
            cause = cause.__context__
        gc.collect()
    finally:
        sys.unraisablehook = hook


def _microseconds(seconds: float) -> int:
    """Round python-can's float seconds to whole microseconds, in ns."""
    return round(seconds * 1e6) * 1000


@contextmanager
def as_file(source: Source) -> Iterator[Path]:
    """Give a plain file with the bytes of this source."""
    if source.path is not None:
        yield source.path
        return
    with tempfile.NamedTemporaryFile(suffix=".recording") as copy:
        with source.open() as stream:
            shutil.copyfileobj(stream, copy)
        copy.flush()
        yield Path(copy.name)
