"""Whatever bytes come: frames, or one sentence; never another exception."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.errors import BadInputError
from evdiag.inputs import BusEvent, Frame
from evdiag.recordings import ReadReport, convert, open_recording
from tests.recordings.generated import WRITTEN, Written

CORPUS = Path(os.environ.get("EVDIAG_CORPUS", "."))
needs_corpus = pytest.mark.skipif(
    "EVDIAG_CORPUS" not in os.environ, reason="EVDIAG_CORPUS is not set"
)
MAGIC = (b"LOGG", b"SQLite format 3\0", b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0", b"")


def _read(path: Path) -> ReadReport | None:
    """Read everything; check what must hold of whatever was read."""
    try:
        recording = open_recording(path)
        items = list(recording)
    except BadInputError as error:
        assert str(error).isprintable()
        return None
    for item in items:
        assert isinstance(item, BusEvent) or _is_sound(item)
    report = recording.report
    assert report.complete
    assert report.frames == sum(isinstance(item, Frame) for item in items)
    assert all(sentence.isprintable() for sentence in report.warnings())
    return report


def _is_sound(frame: Frame) -> bool:
    return (
        isinstance(frame.time_ns, int)
        and 0 <= frame.id <= 0x1FFFFFFF
        and (frame.extended or frame.error or frame.id <= 0x7FF)
        and len(frame.data) <= 64
        and (frame.fd or len(frame.data) <= 8)
        and not (frame.remote and frame.data)
    )


@given(magic=st.sampled_from(MAGIC), rest=st.binary(max_size=400))
def test_any_bytes(magic: bytes, rest: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / "log"
    path.write_bytes(magic + rest)
    _read(path)


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN.keys())
@pytest.mark.parametrize("seed", range(4))
def test_damaged_text_still_yields_most_frames(written: Written, seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    made = written.frames(400)
    text = bytearray(written.text(made).encode())
    start = len(written.header.encode()) + 2
    for _ in range(12):
        text[chance.randrange(start, len(text))] = chance.randrange(256)
    for _ in range(2):
        at = chance.randrange(start, len(text))
        del text[at : at + chance.randrange(1, 30)]
    (tmp_path / "log").write_bytes(text)
    report = _read(tmp_path / "log")
    assert report is not None
    assert report.format == written.format
    # Each of the 14 wounds can cost two rows: its own, and the one it was joined to.
    assert report.frames >= len(made) - 28


@pytest.mark.parametrize("target", ["asc", "blf"])
@pytest.mark.parametrize("seed", range(12))
def test_damaged_files_of_vector_formats(target: str, seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    written = WRITTEN["candump"]
    (tmp_path / "in").write_text(written.text(written.frames(300)))
    convert(open_recording(tmp_path / "in"), tmp_path / "log", target)
    content = bytearray((tmp_path / "log").read_bytes())
    for _ in range(10):
        content[chance.randrange(4, len(content))] = chance.randrange(256)
    (tmp_path / "log").write_bytes(content)
    _read(tmp_path / "log")


@pytest.mark.corpus
@needs_corpus
@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("bmw-i3/2019_Circontrol_end.csv", 37_450),
        ("bmw-i3/charging_ptcan.csv", 54_159),
        ("bmw-i3/EDME_PT_CAN1_on_own1.csv", 1_338),
        ("bmw-i3/1.ptcan_start-end-chrg_69perc.csv", 6_740),
        ("hyundai-kona/221217-1-2021-pcan-bcan-no-key.csv", 14_294),
        ("hyundai-kona/precharge_relay_on.asc", 879),
        ("tesla-model3/openccs.csv", 14_991),
    ],
)
def test_real_recordings_are_read_whole(name: str, frames: int) -> None:
    report = _read(CORPUS / name)
    assert report is not None
    assert report.frames == frames
    assert report.skipped_lines == 0


@pytest.mark.corpus
@needs_corpus
def test_every_sample_of_the_dialects_is_read() -> None:
    samples = sorted((CORPUS / "dialects").iterdir())
    assert samples
    for sample in samples:
        report = _read(sample)
        assert report is not None, sample
        assert report.frames >= 2, sample
