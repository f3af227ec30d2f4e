"""What an archive says of its source, beside the frames: in the file's metadata, as JSON."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from evdiag import __version__
from evdiag.errors import BadInputError
from evdiag.inputs import BusEvent, Channel
from evdiag.plain import plain_text
from evdiag.recordings.clock import Wrap
from evdiag.recordings.journal.rows import UnknownKindError, row_of, row_text
from evdiag.recordings.parquet import checked
from evdiag.recordings.parquet.line_form import line_form
from evdiag.recordings.parquet.packed import MOST_UNPACKED, Unpacking, packed
from evdiag.recordings.report import Anomaly, AnomalyKind, Place, ReadReport, SkippedLine
from evdiag.recordings.stamps import DAY_NS, UNIT_NS, TimeUnit

VERSION: Final = 1

FACTS_KEY: Final = "evdiag"
HASH_KEY: Final = "evdiag_sha256"
"""Under them a file's metadata hold the facts and their hash: nothing else guards the metadata."""

_KINDS: Final = {kind.label: kind for kind in AnomalyKind}

_MOST_CHANNELS: Final = 1 << 15
"""Frames name their channel by a number of 16 bits."""


@dataclass(frozen=True)
class File:
    """A file that comes back: its name, its bytes (decompressed) and their hash.

    `text` is what it holds; None where it stands among the frames.
    """

    name: str
    size: int
    sha256: str
    text: bytes | None = None


@dataclass(frozen=True)
class Readings:
    """What the source's own reader reported, apart from what follows from frames and stamps."""

    skipped_lines: int
    skipped: tuple[SkippedLine, ...]
    note_lines: int
    torn_last_line: bool
    has_clock: bool
    anomalies: tuple[tuple[AnomalyKind, int, int | None, Place], ...]

    @staticmethod
    def of(report: ReadReport) -> Readings:
        """Take them from a report that only a reader wrote to."""
        return Readings(
            report.skipped_lines,
            tuple(report.skipped),
            report.note_lines,
            report.torn_last_line,
            report.has_clock,
            tuple(map(_counted, report.anomalies)),
        )

    def repeat(self, report: ReadReport) -> None:
        """Report the same once more."""
        report.skipped_lines += self.skipped_lines
        report.skipped.extend(self.skipped)
        report.note_lines += self.note_lines
        report.torn_last_line = self.torn_last_line
        report.has_clock = self.has_clock
        for kind, count, first, place in self.anomalies:
            report.count(kind, first, place, by=count)


@dataclass(frozen=True)
class Group:
    """A row group: the number of its channel, and how many rows it has."""

    channel: int
    rows: int


@dataclass(frozen=True)
class ArchiveFacts:
    """Everything but the frames.

    `unit` and `wrap` are those of the source's stamps. `form` is the line form that writes its text
    anew (empty: no text is written anew). `tail` is what follows the last frame. `files` are what
    can be given back: one, or those of a journal; none where only the frames were kept.
    `frames_sha256` is the digest of all frames in the source's order (`FrameDigest`). `events` are
    bus events with the number of frames before them; `impossible` the numbers of frames before
    those whose stamp is no time. `disorder` says, by channel, by how many places a row is away
    from where its channel had it at most. `shifted` is true where a stamp is not what is written.
    """

    name: str
    format: str
    unit: TimeUnit | None
    wrap: Wrap | None
    is_text: bool
    compression: str | None
    encoding: str | None
    byte_order_mark: bool
    had_nuls: bool
    source_bytes: int
    source_sha256: str
    frames: int
    frames_sha256: str
    channels: tuple[Channel, ...]
    groups: tuple[Group, ...]
    disorder: tuple[int, ...]
    shifted: bool
    form: Mapping[str, Any] = field(default_factory=dict)
    tail: bytes = b""
    files: tuple[File, ...] = ()
    is_journal: bool = False
    readings: Readings = Readings(0, (), 0, False, True, ())
    events: tuple[tuple[int, BusEvent], ...] = ()
    impossible: tuple[int, ...] = ()

    @property
    def gives_bytes(self) -> bool:
        """Whether the source's own bytes come back, and not only its frames."""
        return bool(self.files)

    def metadata(self) -> dict[str, str]:
        """Return it as metadata of a Parquet file."""
        text = self.text()
        return {FACTS_KEY: text, HASH_KEY: hashlib.sha256(text.encode()).hexdigest()}

    def text(self) -> str:
        """Write it as JSON.

        Raises:
            BadInputError: more of the source is beside its frames than can be read back.
        """
        events = "".join(row_text(event, place) for place, event in self.events).encode()
        texts = (self.tail, events, *(file.text or b"" for file in self.files))
        if sum(map(len, texts)) > MOST_UNPACKED:
            raise BadInputError("most of it is no frames: it is no recording to archive")
        said = {
            "archive_version": VERSION,
            "evdiag": __version__,
            "source": {
                "name": self.name,
                "format": self.format,
                "unit": self.unit,
                "wrap": None if self.wrap is None else [self.wrap.period_ns, self.wrap.margin_ns],
                "is_text": self.is_text,
                "compression": self.compression,
                "encoding": self.encoding,
                "byte_order_mark": self.byte_order_mark,
                "had_nuls": self.had_nuls,
                "bytes": self.source_bytes,
                "sha256": self.source_sha256,
                "is_journal": self.is_journal,
            },
            "frames": self.frames,
            "frames_sha256": self.frames_sha256,
            "channels": list(self.channels),
            "groups": [[group.channel, group.rows] for group in self.groups],
            "disorder": list(self.disorder),
            "shifted": self.shifted,
            "form": dict(self.form),
            "tail": packed(self.tail),
            "files": [
                [
                    file.name,
                    file.size,
                    file.sha256,
                    None if file.text is None else packed(file.text),
                ]
                for file in self.files
            ],
            "readings": {
                "skipped_lines": self.readings.skipped_lines,
                "skipped": [[line.number, line.reason] for line in self.readings.skipped],
                "note_lines": self.readings.note_lines,
                "torn_last_line": self.readings.torn_last_line,
                "has_clock": self.readings.has_clock,
                "anomalies": [[kind.label, *rest] for kind, *rest in self.readings.anomalies],
            },
            "events": packed(events),
            "impossible": list(self.impossible),
        }
        return json.dumps(said)


class NotOursError(Exception):
    """A Parquet file that is no archive of ours; the text says what it is."""


def facts_of(metadata: Mapping[bytes, bytes]) -> ArchiveFacts:
    """Read what `ArchiveFacts.metadata` wrote.

    Raises:
        NotOursError: it is another program's, of a newer version of ours, or damaged.
    """
    text = metadata.get(FACTS_KEY.encode())
    if text is None:
        raise NotOursError("it is a Parquet file, and none that `evdiag archive` made")
    try:
        if metadata[HASH_KEY.encode()].decode() != hashlib.sha256(text).hexdigest():
            raise ValueError("not what was written")
        said = json.loads(text)
        if checked.count(said["archive_version"]) > VERSION:
            raise NotOursError("a newer version of evdiag made it: update evdiag")
        return _facts(said)
    except (
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        RecursionError,
        UnknownKindError,
        zlib.error,
    ):
        raise NotOursError("what it says of its source is damaged") from None


def _facts(said: Mapping[str, Any]) -> ArchiveFacts:
    """Return what is said; whoever reads it relies on every type and range."""
    source, unpacking = said["source"], Unpacking()
    facts = ArchiveFacts(
        name=checked.name(source["name"]),
        format=checked.word(source["format"]),
        unit=checked.maybe(source["unit"], _unit),
        wrap=checked.maybe(source["wrap"], _wrap),
        is_text=checked.flag(source["is_text"]),
        compression=checked.maybe(source["compression"], checked.word),
        encoding=checked.maybe(source["encoding"], checked.word),
        byte_order_mark=checked.flag(source["byte_order_mark"]),
        had_nuls=checked.flag(source["had_nuls"]),
        source_bytes=checked.count(source["bytes"]),
        source_sha256=checked.sha256(source["sha256"]),
        frames=checked.count(said["frames"]),
        frames_sha256=checked.sha256(said["frames_sha256"]),
        channels=checked.many(said["channels"], checked.channel),
        groups=checked.many(said["groups"], _group),
        disorder=checked.many(said["disorder"], checked.count),
        shifted=checked.flag(said["shifted"]),
        form=_form(said["form"]),
        tail=unpacking.bytes_of(said["tail"]),
        files=checked.many(said["files"], partial(_file, unpacking)),
        is_journal=checked.flag(source["is_journal"]),
        readings=_readings(said["readings"]),
        events=tuple(map(_placed, unpacking.bytes_of(said["events"]).decode().splitlines())),
        impossible=checked.many(said["impossible"], checked.count),
    )
    if len(set(facts.channels)) < len(facts.channels) or len(facts.channels) > _MOST_CHANNELS:
        raise ValueError("not the channels of a recording")
    if facts.is_journal and not facts.files:
        raise ValueError("a journal without a file")
    return facts


def _unit(value: Any) -> TimeUnit:
    for unit in UNIT_NS:
        if value == unit:
            return unit
    raise ValueError("not a unit")


def _wrap(value: Any) -> Wrap:
    wrap = Wrap(*checked.many(value, checked.count))
    # No clock goes on for longer; each wrap adds a period to the time, which has 64 bits.
    if not 0 < wrap.margin_ns <= wrap.period_ns <= DAY_NS:
        raise ValueError("not a clock")
    return wrap


def _group(value: Any) -> Group:
    group = Group(*checked.many(value, checked.count))
    if not group.rows:
        raise ValueError("a row group without a row")
    return group


def _form(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not a form")
    if value:
        line_form(value)
    return value


def _file(unpacking: Unpacking, value: Any) -> File:
    name, size, sha256, text = value
    return File(
        checked.name(name),
        checked.count(size),
        checked.sha256(sha256),
        checked.maybe(text, unpacking.bytes_of),
    )


def _readings(said: Mapping[str, Any]) -> Readings:
    return Readings(
        checked.count(said["skipped_lines"]),
        checked.many(said["skipped"], _skipped),
        checked.count(said["note_lines"]),
        checked.flag(said["torn_last_line"]),
        checked.flag(said["has_clock"]),
        checked.many(said["anomalies"], _anomaly),
    )


def _skipped(value: Any) -> SkippedLine:
    number, reason = value
    if not isinstance(reason, str):
        raise ValueError("not a reason")
    return SkippedLine(checked.count(number), plain_text(reason))


def _anomaly(value: Any) -> tuple[AnomalyKind, int, int | None, Place]:
    label, number, first, place = value
    return (
        _KINDS[label],
        checked.count(number),
        checked.maybe(first, checked.count),
        checked.place(place),
    )


def _counted(found: Anomaly) -> tuple[AnomalyKind, int, int | None, Place]:
    return found.kind, found.count, found.first, found.place


def _placed(line: str) -> tuple[int, BusEvent]:
    row = row_of(line)
    if not isinstance(row.entry, BusEvent):
        raise ValueError("not a bus event")
    return row.after_frame, row.entry
