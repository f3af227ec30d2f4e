"""BLF read in columns gives what python-can gives, whatever the file."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evdiag.errors import BadInputError
from evdiag.packaged import shipped_folder
from evdiag.recordings import convert, open_recording
from evdiag.recordings.columns import blf_containers
from evdiag.recordings.columns.blf_columns import GROUP_BYTES
from evdiag.recordings.formats import BINARY_FORMATS
from tests.recordings.columns.both_ways import careful, frames_only, in_blocks, in_items

BLF = BINARY_FORMATS[b"LOGG"]
CORPUS = Path(os.environ.get("EVDIAG_CORPUS", "."))

START = (2026, 11, 1, 23, 4, 45, 20, 123)
MARKER = 96


def file_of(
    containers: list[bytes], start: tuple[int, ...] = START, size: int | None = None
) -> bytes:
    """Put containers behind a file header that says the file is `size` bytes long."""
    body = b"".join(containers)
    size = 144 + len(body) if size is None else size
    head = struct.pack("<4sL8BQQLL8H8H", b"LOGG", 144, *[0] * 8, size, 0, 0, 0, *start, *start)
    return head.ljust(144, b"\0") + body


def container(content: bytes, method: int = 2, packed: bytes | None = None) -> bytes:
    """Pack objects (or parts of them) as Vector's tools do."""
    if packed is None:
        packed = zlib.compress(content) if method == 2 else content
    size = 32 + len(packed)
    head = struct.pack("<4sHHLL", b"LOBJ", 16, 1, size, 10)
    return head + struct.pack("<H6xL4x", method, len(content)) + packed + bytes(size % 4)


def an_object(
    kind: int,
    body: bytes,
    *,
    stamp: int = 5_000_000,
    flags: int = 2,
    version: int = 1,
    header_size: int = 32,
    more: int = 0,
    padding: int = 0,
) -> bytes:
    """Write an object that says it is `more` bytes longer than it is."""
    head = struct.pack("<LHHQ", flags, 0, 0, stamp) + bytes(8 * (version == 2))
    size = max(0, 16 + len(head) + len(body) + more)
    return (
        struct.pack("<4sHHLL", b"LOBJ", header_size, version, size, kind)
        + head
        + body
        + bytes(padding)
    )


def classic(
    identifier: int = 0x3B4, data: bytes = bytes(8), channel: int = 1, flags: int = 0, dlc: int = 8
) -> bytes:
    """What a CAN message holds behind its header."""
    return struct.pack("<HBBL8s", channel, flags, dlc, identifier, data)


IDS = st.sampled_from([0, 0x3B4, 0x7FF, 0x800, 0x800003B4, 0x9FFFFFFF, 0xFFFFFFFF])
CHANNELS = st.sampled_from([0, 1, 1, 2, 255])
BYTES = st.integers(0, 255)
DATA = st.binary(min_size=8, max_size=8) | st.sampled_from([b"LOBJ\x20\0\1\0", b"\0\0\0LOBJ\0"])


@st.composite
def bodies(draw: st.DrawFn) -> tuple[int, bytes]:
    """The kind of an object and what it holds behind its header."""
    kind = draw(st.sampled_from([1, 1, 1, 1, 86, 73, 100, 101, MARKER, 0, 0xFFFFFFFF]))
    channel, identifier = draw(CHANNELS), draw(IDS)
    dlc, data = draw(st.integers(0, 16) | BYTES), draw(DATA)
    if kind in (1, 86):
        return kind, classic(identifier, data, channel, draw(BYTES), dlc) + draw(
            st.sampled_from([b"", b"", bytes(8)])
        )
    valid = draw(st.integers(0, 64) | BYTES)
    if kind == 73:
        error = struct.pack("<HHLBBBxLLH2x8s", channel, 8, 0, 0, 0, dlc, 0, identifier, 0, data)
        return kind, error
    if kind == 100:
        fd_flags = draw(st.integers(0, 7))
        return kind, struct.pack(
            "<HBBLLBBB5x64s", channel, draw(BYTES), dlc, identifier, 0, 0, fd_flags, valid, data * 8
        )
    if kind == 101:
        held = draw(st.sampled_from([0, 3, 8, 64]))
        extension_at = draw(st.sampled_from([0, 0, 0, 72, 80, 90, 255]))
        fd_flags = draw(st.sampled_from([0, 0x10, 0x1000, 0x7000, 0xFFFFFFFF]))
        head = struct.pack(
            "<BBBBLLLLLLLHBBL",
            *(channel, dlc, valid, 0, identifier, 0, fd_flags, 0, 0, 0, 0, 0),
            *(draw(st.sampled_from([0, 1, 2])), extension_at, 0),
        )
        return kind, head + (data * 8)[:held]
    return kind, draw(st.binary(max_size=40))


STAMPS = (
    st.integers(0, 10**13)
    | st.integers(10**13 - 5000, 10**13)
    | st.sampled_from([0, 1, 499, 500, 501, 1500, (1 << 53) - 1, 1 << 53, (1 << 64) - 1])
)


@st.composite
def objects(draw: st.DrawFn) -> bytes:
    kind, body = draw(bodies())
    return an_object(
        kind,
        body,
        stamp=draw(STAMPS if draw(st.integers(0, 5)) == 0 else st.integers(0, 10**12)),
        flags=draw(st.sampled_from([2, 2, 2, 1, 0])),
        version=draw(st.sampled_from([1, 1, 1, 1, 1, 2, 3])),
        header_size=draw(st.sampled_from([32, 32, 32, 32, 40, 0, 200])),
        more=draw(st.sampled_from([0] * 12 + [-4, -20, -30, -48, 3, 4, 30, 2**31])),
        padding=draw(st.sampled_from([0] * 9 + [1, 2, 4, 5])),
    )


GARBAGE = st.sampled_from([b"", b"", b"", b"", b"LOBJ", b"\0" * 5, b"\0" * 9, b"LO", b"x"])
PLAIN = st.binary(min_size=8, max_size=8).map(lambda data: an_object(1, classic(data=data)))
CONTENTS = st.tuples(
    st.lists(PLAIN, max_size=25) | st.just([]),
    st.lists(objects() | PLAIN, max_size=12),
    GARBAGE,
).map(lambda t: b"".join(t[0]) + b"".join(t[1]) + t[2])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Objects cut into containers anywhere; some of these are damaged."""
    content = draw(CONTENTS)
    cuts = sorted(draw(st.lists(st.integers(0, len(content)), max_size=4)))
    made = []
    for first, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
        method = draw(st.sampled_from([2, 2, 2, 2, 0, 1]))
        packed = zlib.compress(content[first:end]) if method == 2 else content[first:end]
        if draw(st.integers(0, 15)) == 0:
            packed = packed[: draw(st.integers(0, len(packed)))]
        made.append(container(content[first:end], method, packed))
        if draw(st.integers(0, 9)) == 0:
            made.append(draw(objects()))
    start = draw(st.sampled_from([START, START, (0,) * 8, (1970, 1, 0, 1, 0, 0, 0, 0)]))
    size = draw(st.sampled_from([None, None, 10**9]))
    whole = file_of(made, start, size)
    if draw(st.integers(0, 4)) == 0:
        whole = whole[: draw(st.integers(0, len(whole)))]
    if draw(st.integers(0, 4)) == 0 and len(whole) > 144:
        at = draw(st.integers(144, len(whole) - 1))
        whole = whole[:at] + bytes([draw(st.integers(0, 255))]) + whole[at + 1 :]
    return whole


def _check(path: Path, *sizes: int) -> int:
    with_care = careful(path, BLF)
    for size in sizes or (GROUP_BYTES,):
        assert in_items(path, BLF, size=size) == with_care
        assert in_blocks(path, BLF, size=size) == frames_only(with_care)
    return len(with_care[0])


def _written(folder: Path, content: bytes) -> Path:
    path = folder / "log.blf"
    path.write_bytes(content)
    return path


@given(content=files(), size=st.sampled_from([1, 100, 1000, GROUP_BYTES]))
def test_any_file_reads_the_same(
    content: bytes, size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    _check(_written(tmp_path_factory.mktemp("any"), content), size)


@given(
    stamps=st.lists(STAMPS, min_size=1, max_size=50),
    flags=st.sampled_from([1, 2]),
    start=st.sampled_from([START, (0,) * 8]),
)
@example(stamps=[500, 1500, 2500, 3500], flags=2, start=(0,) * 8)
def test_stamps_are_rounded_the_same(
    stamps: list[int],
    flags: int,
    start: tuple[int, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = b"".join(an_object(1, classic(), stamp=stamp, flags=flags) for stamp in stamps)
    _check(_written(tmp_path_factory.mktemp("stamps"), file_of([container(made)], start)))


def test_a_file_cut_at_any_byte_reads_the_same(tmp_path: Path) -> None:
    made = b"".join(an_object(1, classic(data=bytes([n] * 8)), stamp=n) for n in range(40))
    whole = file_of([container(made[:1000]), container(made[1000:1100], 0), container(made[1100:])])
    counts = [_check(_written(tmp_path, whole[:cut]), 1, 1100) for cut in range(len(whole) + 1)]
    assert counts[0] == 0
    assert counts[-1] == 40
    assert len(set(counts)) > 3


def test_what_looks_like_an_object_within_data_is_none(tmp_path: Path) -> None:
    inner = an_object(1, classic())[:8]
    made = [an_object(1, classic(data=inner), stamp=n) for n in range(50)]
    odd = an_object(100, struct.pack("<HBBLLBBB5x64s", 1, 0, 8, 5, 0, 0, 1, 64, inner * 8))
    content = b"".join([*made, odd, *made, an_object(MARKER, inner * 9, padding=3), *made])
    assert _check(_written(tmp_path, file_of([container(content)])), 1, GROUP_BYTES) == 151


def test_an_object_of_no_size_ends_the_file(tmp_path: Path) -> None:
    """python-can would read it for ever."""
    made = an_object(1, classic())
    no_size = an_object(MARKER, b"", more=-32)
    path = _written(tmp_path, file_of([container(made * 3 + no_size + made)]))
    assert _check(path) == 3
    _, report, *_ = careful(path, BLF)
    assert [found.kind.label for found in report.anomalies] == ["truncated"]


def test_plain_files_never_meet_python_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "evdiag.recordings.columns.blf_columns.blf_frames",
        lambda *_: pytest.fail("read with care"),
    )
    fd = struct.pack("<HBBLLBBB5x64s", 1, 0, 15, 5, 0, 0, 7, 64, bytes(range(64)))
    fd_64 = struct.pack(
        "<BBBBLLLLLLLHBBL", 2, 9, 12, 0, 0x123, 0, 0x1000, 0, 0, 0, 0, 0, 1, 0, 0
    ) + bytes(range(12))
    each = [
        an_object(1, classic()),
        an_object(86, classic(0x98DAF110) + bytes(8)),
        an_object(100, fd),
        an_object(101, fd_64, version=2, header_size=40),
        an_object(MARKER, bytes(21), padding=1),
    ]
    made = b"".join(each * 100)
    parts = [container(made[at : at + 5000]) for at in range(0, len(made), 5000)]
    items, report, *_ = in_items(_written(tmp_path, file_of(parts)), BLF, size=9000)
    assert len(items) == report.frames == 400
    assert report.anomalies == []


@pytest.mark.parametrize("name", sorted(p.name for p in shipped_folder("recordings").glob("*.log")))
def test_shipped_recordings_read_the_same(name: str, tmp_path: Path) -> None:
    convert(open_recording(shipped_folder("recordings") / name), tmp_path / "log.blf", "blf")
    assert _check(tmp_path / "log.blf", 1000, GROUP_BYTES) > 100


def test_zlib_alone_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is packed is unpacked faster by libdeflate, where it is installed."""
    convert(
        open_recording(shipped_folder("recordings") / "frozen.log"), tmp_path / "log.blf", "blf"
    )
    either = in_items(tmp_path / "log.blf", BLF)
    monkeypatch.setattr(blf_containers, "_libdeflate", None)
    assert in_items(tmp_path / "log.blf", BLF) == either


@pytest.mark.corpus
@pytest.mark.skipif("EVDIAG_CORPUS" not in os.environ, reason="EVDIAG_CORPUS is not set")
def test_the_whole_corpus_reads_the_same(tmp_path: Path) -> None:
    """Every real recording, as it is and written as BLF."""
    read = 0
    for path in sorted(CORPUS.rglob("*")):
        if not path.is_file() or path.stat().st_size > 50_000_000:
            continue
        try:
            recording = open_recording(path)
            convert(recording, tmp_path / "log.blf", "blf", force=True)
        except BadInputError:
            continue
        _check(tmp_path / "log.blf", 10_000, GROUP_BYTES)
        if recording.format == "blf":
            _check(path, GROUP_BYTES)
        read += 1
    assert read > 20
