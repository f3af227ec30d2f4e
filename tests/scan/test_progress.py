"""The line that says how far a scan has come."""

from __future__ import annotations

from evdiag.cli.scan_progress import progress_line
from evdiag.scan.scanning import Tally


def test_while_it_is_counted_no_time_left_is_claimed() -> None:
    tally = Tally(found=1200, found_bytes=3 * 10**9, done=10, done_bytes=2 * 10**7)
    assert progress_line(tally, 2.0) == "10 of 1,200 (counting) recordings, 5.0/s, 10.0 MB/s"


def test_time_left_is_by_bytes() -> None:
    tally = Tally(found=100, found_bytes=10**9, is_counted=True, done=90, done_bytes=10**8, bad=2)
    said = progress_line(tally, 10.0)
    assert said == "90 of 100 recordings, 9.0/s, 10.0 MB/s, 2 bad, 1:30 min left"
    assert "left" not in progress_line(tally, 1.0)


def test_nothing_done_yet() -> None:
    assert progress_line(Tally(), 0.0) == "0 of 0 (counting) recordings, 0.0/s, 0.0 MB/s"
