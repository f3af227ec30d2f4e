"""What a page says of recordings that are not as they should be, and of what was transmitted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evdiag.inputs import Frame, TransmitDecision
from evdiag.packaged import shipped_folder
from tests.guide.stories import shipped as story
from tests.guide.stranded import Stranded
from tests.report.guided import journal_of
from tests.report.reading import Page, document, html, report, shipped

LINE = re.compile(r"\((\d+\.\d+)\) (.*)")


def shifted(name: str, seconds: float, only: int | None = None) -> str:
    lines = (shipped_folder("recordings") / f"{name}.log").read_text().splitlines()[:only]
    return "".join(
        f"({float(found[1]) + seconds:.6f}) {found[2]}\n"
        for found in map(LINE.match, lines)
        if found
    )


def test_a_clock_that_jumps_back_is_said_and_the_attempt_is_in_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "two.log"
    path.write_text(shifted("relock-before-pull", 0.0) + shifted("healthy-ac", -5000.0))
    made = report(str(path))
    assert made.timeline is not None
    assert made.card is not None
    assert (made.timeline.epoch, made.timeline.epochs) == (1, 2)
    assert made.card.attempt.number in [moment.number for moment in made.timeline.attempts]
    page = Page(html(str(path)))
    assert "it is 2 captures in one. The picture shows capture 1." in page.text
    assert "the clock jumps back by more than 1 s" in page.text


def test_a_long_recording_is_shown_close_up_too(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    path.write_text(shifted("healthy-ac", -900.0, 300) + shifted("relock-before-pull", 0.0))
    pictures = [
        block
        for section in document(str(path)).sections
        for block in section.blocks
        if type(block).__name__ == "Picture"
    ]
    assert len(pictures) == 2
    assert "close up around attempt 1" in Page(html(str(path))).text


def test_stamps_that_tell_no_time_give_no_picture_and_no_times(tmp_path: Path) -> None:
    lines = (shipped_folder("recordings") / "frozen.log").read_text().splitlines()
    path = tmp_path / "counted.log"
    rest = (line.split(") ", 1)[1] for line in lines)
    path.write_text("".join(f"({row}.000000) {text}\n" for row, text in enumerate(rest)))
    page = Page(html(str(path)))
    assert "The stamps of this recording tell no time" in page.text
    assert "svg" not in page.names
    assert "not known: its stamps have no date" in page.text


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal in which evdiag asked the car twice, and was refused once."""
    driver = Stranded(story("healthy-ac"))
    data = bytes.fromhex("0322F190")
    driver.inputs += [Frame(driver.now_ns, "can0", 0x7E6, False, data, direction="tx")] * 2
    permitted = TransmitDecision(0, "poll", True, ("read 0xF190",))
    refused = TransmitDecision(0, "poll", False, ("the bus is not healthy",))
    folder = tmp_path_factory.mktemp("asked")
    return journal_of(driver, folder, [permitted, permitted, refused])


def test_every_frame_that_was_sent_is_listed_equal_ones_once(asked: Path) -> None:
    page = Page(html(str(asked))).text
    assert re.search(r"can0 0x7E6 03 22 F1 90 2×", page)
    assert "evdiag transmitted nothing" not in page


def test_every_decision_is_listed_with_its_reason(asked: Path) -> None:
    page = Page(html(str(asked))).text
    assert re.search(r"poll permitted read 0xF190 2×", page)
    assert re.search(r"poll refused the bus is not healthy 1×", page)


def test_a_tool_of_somebody_else_sent_its_frames_itself(tmp_path: Path) -> None:
    path = tmp_path / "tool.log"
    lines = Path(shipped("frozen")).read_text().splitlines()
    path.write_text("".join(f"{line} {'T' if n == 7 else 'R'}\n" for n, line in enumerate(lines)))
    page = Page(html(str(path))).text
    assert "The tool that made it sent these frames" in page
    path.write_text("".join(f"{line} R\n" for line in lines))
    assert "None. All frames of this recording were received." in Page(html(str(path))).text
