"""A recording whose stamps tell no time, as `candump` writes it by default: only order is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from evdiag.packaged import shipped_folder
from evdiag.port.attempt import Attempt
from evdiag.session import Session
from evdiag.wiring import analyse, read_capture

ENDED_WITHOUT_WAITING = {"released", "relocked", "unexplained_open"}
"""Outcomes that no window had to end."""

SHIPPED = sorted(shipped_folder("recordings").glob("*.log"))


def zeros(number: int) -> str:
    return "0.000000"


def rows(number: int) -> str:
    return f"{number}.000000"


def replayed(path: Path) -> Session:
    session, _ = analyse(read_capture(str(path)), "reference").run()
    return session


def told(attempts: tuple[Attempt, ...]) -> list[tuple[str | None, str]]:
    return [(each.request, str(each.outcome)) for each in attempts]


@pytest.mark.parametrize("stamp", [zeros, rows])
@pytest.mark.parametrize("recording", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_what_order_alone_tells_is_told_and_no_more(
    recording: Path, stamp: Callable[[int], str], tmp_path: Path
) -> None:
    untimed = tmp_path / "untimed.log"
    lines = recording.read_text().splitlines()
    untimed.write_text(
        "".join(f"({stamp(at)}) {line.split(' ', 1)[1]}\n" for at, line in enumerate(lines, 1))
    )
    timed, session = replayed(recording), replayed(untimed)
    ended = [each for each in told(timed.attempts) if each[1] in ENDED_WITHOUT_WAITING]
    assert [each for each in told(session.attempts) if each[1] != "inconclusive"] == ended
    assert len(session.attempts) in range(1, len(timed.attempts) + 1)
    assert all(each.released_after_s is None for each in session.attempts)


def test_what_took_too_long_is_said_not_to_be_known(tmp_path: Path) -> None:
    untimed = tmp_path / "untimed.log"
    silent = shipped_folder("recordings") / "lock-module-silent.log"
    untimed.write_text(
        "".join(f"(0.000000) {line.split(' ', 1)[1]}\n" for line in silent.read_text().splitlines())
    )
    (finding,) = replayed(untimed).findings()
    assert finding.fault is None
    assert "What took too long is not known: the stamps tell no time." in finding.summary
