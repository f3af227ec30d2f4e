"""Makes an archive of a recording, in memory that does not grow with it.

One pass over the source: its reader gives the frames, a line form writes their lines, and those
are compared with the source's own. What has to wait until its turn in the table waits on disk.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

import numpy as np

from evdiag.inputs import Block, BlockBuilder, BusEvent, Channel, Frame
from evdiag.inputs.piece import Piece
from evdiag.plain import plain_text
from evdiag.recordings.clock import Clock
from evdiag.recordings.columns.counting import Counter
from evdiag.recordings.parquet.channel_run import ChannelRun
from evdiag.recordings.parquet.columns import numbers_in
from evdiag.recordings.parquet.digest import FrameDigest
from evdiag.recordings.parquet.facts import ArchiveFacts, Group, Readings
from evdiag.recordings.parquet.kept_texts import KeptTexts, WholeText
from evdiag.recordings.parquet.line_form import fitting_form
from evdiag.recordings.parquet.originals import Originals, original_name
from evdiag.recordings.parquet.table import ROWS_A_GROUP, finished, writer_to
from evdiag.recordings.parquet.weaving import SourceText, weave
from evdiag.recordings.report import AnomalyKind, ReadReport
from evdiag.recordings.stamps import LATEST_NS, UNIT_NS

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from evdiag.recordings.opening import Opened
    from evdiag.recordings.parquet.line_form import LineForm
    from evdiag.recordings.stamps import TimeUnit

_ROWS_AT_ONCE: Final = 1 << 15
_HEAD_LINES: Final = 400
_LONGEST_TAIL: Final = 1 << 20
_FEW_KEPT: Final = 1000
_MOST_KEPT: Final = 0.2
"""Where more of a text than this is not as the line form writes it, all of it is kept."""


def write_archive(
    opened: Opened,
    target: Path,
    *,
    time_unit: TimeUnit | None = None,
    keep_source: bool = False,
) -> ArchiveFacts:
    """Write a recording to the Parquet file `target`, which is overwritten; return what it says.

    `time_unit` is the unit that its stamps are in, where the format is wrong about it. With
    `keep_source` the bytes of a source that is no text are kept, too.

    Raises:
        BadInputError: the recording cannot be read.
        OSError: the disk does not take it.
    """
    with (
        tempfile.TemporaryDirectory(prefix=".evdiag-", dir=target.parent) as folder,
        closing(_Making(opened, Path(folder), time_unit)) as making,
    ):
        making.read()
        return making.write(target, keeps_text=opened.form.is_text or keep_source)


class _Making:
    """A recording on its way into an archive."""

    def __init__(self, opened: Opened, folder: Path, time_unit: TimeUnit | None) -> None:
        self._opened = opened
        self._folder = folder
        self._originals = Originals(opened)
        self._closing = ExitStack()
        self._text = SourceText(self._closing.enter_context(self._originals.open()))
        self._kept = self._closing.enter_context(closing(KeptTexts(folder)))
        self._form = _line_form(opened)
        self._report = ReadReport(opened.form.name)
        self._clock = _clock(opened, time_unit)
        self._digest = FrameDigest()
        self._runs: dict[Channel, ChannelRun] = {}
        self._frames = 0
        self._events: list[tuple[int, BusEvent]] = []
        self._impossible: list[int] = []
        self._tail = b""

    def close(self) -> None:
        """Let go of everything that waits on disk."""
        self._closing.close()

    def read(self) -> None:
        """Take in the whole recording."""
        for item in _items(self._opened, self._report):
            if isinstance(item, Block):
                for first in range(0, len(item), _ROWS_AT_ONCE):
                    self._take(item.rows(slice(first, first + _ROWS_AT_ONCE)))
            elif item is None:
                self._impossible.append(self._frames)
            elif not self._originals.is_journal:
                self._clock.see(item.time_ns)
                self._events.append((self._frames, item))
        for run in self._runs.values():
            run.finish()
        self._end_text()
        self._kept.finish()
        if self._opened.source.cut_short:
            self._report.count(AnomalyKind.TRUNCATED)

    def _take(self, block: Block) -> None:
        self._digest.add(block)
        timed = block.at(self._clock.see_all(block.time_ns))
        rows = np.arange(self._frames, self._frames + len(block))
        for number in np.flatnonzero(np.bincount(block.channel)).tolist():
            here = np.flatnonzero(block.channel == number)
            chosen = slice(None) if len(here) == len(block) else here
            run = self._run(block.channels[number])
            run.add(rows[chosen], block.time_ns[chosen], timed.rows(chosen))
        if self._form is not None:
            for row, text in weave(self._form.lines(block), self._text):
                self._kept.add(self._frames + row, text)
        self._frames += len(block)
        if self._kept.count > max(_FEW_KEPT, _MOST_KEPT * self._frames):
            self._form = None

    def _run(self, channel: Channel) -> ChannelRun:
        if channel not in self._runs:
            path = self._folder / f"channel-{len(self._runs)}"
            self._runs[channel] = self._closing.enter_context(closing(ChannelRun(path)))
        return self._runs[channel]

    def _end_text(self) -> None:
        """Keep what follows the last frame; a text that goes on and on is kept as a whole."""
        if self._form is not None:
            self._tail = self._text.ahead(_LONGEST_TAIL + 1)
            if len(self._tail) > _LONGEST_TAIL and self._frames:
                self._form, self._tail = None, b""
        self._text.drain()

    def write(self, target: Path, *, keeps_text: bool) -> ArchiveFacts:
        """Write the file; the text or the bytes of the source are part of it with `keeps_text`."""
        import pyarrow as pa

        channels = tuple(self._runs)
        shown = [plain_text(str(channel)) for channel in channels]
        groups: list[Group] = []
        with ExitStack() as stack:
            texts = self._texts(stack, keeps_text)
            # By its bytes: a name need not be UTF-8.
            sink = stack.enter_context(pa.OSFile(os.fsencode(target), "wb"))
            writer = stack.enter_context(writer_to(sink))
            for number in sorted(range(len(channels)), key=shown.__getitem__):
                for table in self._runs[channels[number]].tables():
                    found = None if texts is None else texts.of(_rows(table))
                    groups.append(Group(number, len(table)))
                    writer.write_table(finished(table, shown[number], found), ROWS_A_GROUP)
            facts = self._facts(channels, tuple(groups), keeps_text)
            writer.add_key_value_metadata(facts.metadata())
        return facts

    def _texts(self, stack: ExitStack, keeps_text: bool) -> KeptTexts | WholeText | None:
        if self._form is not None:
            return self._kept
        if not keeps_text:
            return None
        copy = cast("BinaryIO", stack.enter_context((self._folder / "whole").open("wb+")))
        with self._originals.open() as stream:
            shutil.copyfileobj(stream, copy)
        if not self._frames:
            copy.seek(0)
            self._tail = copy.read()
            return None
        return WholeText(copy, self._text.size, self._frames)

    def _facts(
        self, channels: tuple[Channel, ...], groups: tuple[Group, ...], keeps_text: bool
    ) -> ArchiveFacts:
        source, form, text = self._opened.source, self._opened.form, self._text
        return ArchiveFacts(
            name=original_name(source),
            format=form.name,
            unit=form.unit,
            wrap=form.wrap,
            is_text=form.is_text,
            compression=source.compression,
            encoding=source.encoding if form.is_text else None,
            byte_order_mark=source.bom,
            had_nuls=form.is_text and _has_nuls(self._opened),
            source_bytes=text.size,
            source_sha256=text.sha256,
            frames=self._frames,
            frames_sha256=self._digest.hexdigest(),
            channels=channels,
            groups=groups,
            disorder=tuple(run.disorder for run in self._runs.values()),
            shifted=any(run.shifted for run in self._runs.values()),
            form={} if self._form is None else self._form.facts(),
            tail=self._tail,
            files=self._originals.files(text.size, text.sha256) if keeps_text else (),
            is_journal=self._originals.is_journal,
            readings=Readings.of(self._report),
            events=tuple(self._events),
            impossible=tuple(self._impossible),
        )


def _rows(table: pa.Table) -> NDArray[np.int64]:
    return numbers_in(table.column("row").combine_chunks(), np.int64)


def _items(opened: Opened, report: ReadReport) -> Iterator[Block | BusEvent | None]:
    """Yield what the source's reader yields, frames in blocks; None for what has no time.

    The frames are counted in `report`, as the reader expects.
    """
    builder = BlockBuilder()
    counter = Counter(report)
    for item in _read(opened, report):
        if isinstance(item, Piece):
            if len(builder):
                yield builder.build()
            counter.count(item)
            yield item.block()
            continue
        is_timed = abs(item.time_ns) <= LATEST_NS
        if is_timed and isinstance(item, Frame):
            report.add(item)
            builder.add(item)
            if len(builder) < _ROWS_AT_ONCE:
                continue
        if len(builder):
            yield builder.build()
        if not isinstance(item, Frame) or not is_timed:
            yield item if is_timed and isinstance(item, BusEvent) else None
    if len(builder):
        yield builder.build()


def _read(opened: Opened, report: ReadReport) -> Iterator[Piece | Frame | BusEvent]:
    source, form = opened.source, opened.form
    readable = not form.is_text or source.encoding.startswith("utf-8")
    if form.read_columns is not None and readable:
        return form.read_columns(source, report)
    return form.read(source, report)


def _clock(opened: Opened, time_unit: TimeUnit | None) -> Clock:
    """Return what tells the times that stamps stand for; its report is nobody's."""
    form = opened.form
    unit_ns = UNIT_NS[form.unit or "ns"]
    scale = (1, 1)
    if time_unit is not None and time_unit != form.unit:
        scale = (UNIT_NS[time_unit], unit_ns)
    return Clock(ReadReport(form.name), unit_ns=unit_ns, scale=scale, wrap=form.wrap)


def _line_form(opened: Opened) -> LineForm | None:
    if not opened.form.is_text or not opened.source.encoding.startswith("utf-8"):
        return None
    lines = opened.source.head.split(b"\n", _HEAD_LINES)
    return fitting_form(opened.form.name, [line + b"\n" for line in lines[:-1]])


def _has_nuls(opened: Opened) -> bool:
    return b"\0" in opened.source.head and not opened.source.encoding.startswith("utf-16")
