"""A live bus as the screen has it, on a real bus: recorded from before, named anew, asked."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evdiag.bus.settings import BusSettings
from evdiag.errors import BadInputError, BusError
from evdiag.inputs import Identified
from evdiag.recordings import open_recording
from evdiag.session.following import Following
from evdiag.session.live_window import LivePull, LiveWindow
from evdiag.vehicles.library import library
from evdiag.watching import WatchedBus
from evdiag.wiring import analyse, read_capture
from tests.bus.scripted import until
from tests.live.stories import car_on, play, story_frames
from tests.live.test_asking import strangers

FRAMES = story_frames("relock-before-pull")


@contextmanager
def watched(
    settings: BusSettings, folder: Path, vehicle: str | None = None
) -> Iterator[WatchedBus]:
    bus = WatchedBus([settings], vehicle, folder)
    bus.start()
    try:
        yield bus
    finally:
        bus.stop()


def a_bus() -> BusSettings:
    return BusSettings("virtual", uuid.uuid4().hex)


def heard(bus: WatchedBus, count: int) -> None:
    until(lambda: bus.pull().track.position >= count, 60.0)


def test_a_recording_begins_with_what_was_just_seen(tmp_path: Path) -> None:
    settings = a_bus()
    with watched(settings, tmp_path / "made") as bus, car_on(settings) as car:
        play(car, FRAMES[:1500], 20)
        heard(bus, 1500)
        assert bus.state.recorder is not None
        assert bus.state.recorder.writing_since_ns is None
        assert not (tmp_path / "made").exists()
        bus.start_recording()
        bus.mark("it sticks")
        play(car, FRAMES[1500:], 20)
        heard(bus, len(FRAMES))
        bus.stop_recording()
        until(lambda: bus.state.recorder.writing_since_ns is None)  # type: ignore[union-attr]
        play(car, FRAMES[:10], 40)
        heard(bus, len(FRAMES) + 10)
    (file,) = bus.state.recorder.files  # type: ignore[union-attr]
    assert [frame.data for frame in open_recording(str(file)).frames()] == [
        frame.data for frame in FRAMES
    ]
    analysis = analyse(read_capture(str(file)))
    assert analysis.profile.id == "reference"
    session, _ = analysis.run()
    assert [attempt.request for attempt in session.attempts] == ["fob", "fob"]
    assert [mark.text for mark in session.marks] == ["it sticks"]


def test_a_car_named_anew_is_followed_and_replayed_as_it_was(tmp_path: Path) -> None:
    settings = a_bus()
    with watched(settings, tmp_path) as bus, car_on(settings) as car:
        bus.start_recording()
        play(car, FRAMES[:2000], 40)
        until(lambda: bus.pull().decision is not None, 60.0)
        bus.name_vehicle("hyundai-kona")
        assert bus.named is not None
        assert bus.pull().decision is None
        bus.name_vehicle("reference")
        play(car, FRAMES[2000:], 40)
        until(lambda: bus.pull().decision is not None, 60.0)
        heard(bus, len(FRAMES))
    live = bus.live.following.session
    assert live is not None
    (file,) = bus.state.recorder.files  # type: ignore[union-attr]
    analysis = analyse(read_capture(str(file)))
    journal = analysis.capture.journal
    assert journal is not None
    decided = [p.item for p in journal.inputs if isinstance(p.item, Identified)]
    assert [each.vehicle for each in decided] == ["reference", "reference"]
    session, _ = analysis.run()
    live.finish(analysis.end_ns)
    assert session.attempts == live.attempts
    assert [each.value for each in (session.readings["port.lock"], live.readings["port.lock"])] == [
        "unlocked",
        "unlocked",
    ]


def test_a_folder_in_the_way_is_an_alarm_and_no_refusal_to_listen(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings = a_bus()
    with watched(settings, tmp_path / "file") as bus, car_on(settings) as car:
        bus.start_recording()
        play(car, FRAMES[:50], 40)
        heard(bus, 50)
        until(lambda: bus.state.recorder.alarm)  # type: ignore[union-attr]


def test_what_cannot_be_watched_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="reference"):
        WatchedBus([a_bus()], "refrence", tmp_path)
    bus = WatchedBus([BusSettings("socketcan", "nosuchcan0")], None, tmp_path)
    with pytest.raises(BusError):
        bus.start()


def test_asking_begins_ends_at_once_and_is_silent_again(tmp_path: Path) -> None:
    with strangers() as settings, watched(settings, tmp_path, "reference") as bus:
        profile = library().profile("reference")
        plan = bus.ask.plan(profile)
        assert plan.per_second > 1
        assert plan.silent == (settings.channel,)
        assert bus.ask.look().state == "off"
        bus.ask.begin(profile)
        bus.ask.begin(profile)
        until(lambda: bus.ask.look().state == "asking", 60.0)
        until(lambda: bus.ask.look().status.polls[0].answers > 0, 60.0)  # type: ignore[union-attr]
        until(lambda: bus.pull().decision is not None, 60.0)
        bus.ask.end()
        position = bus.live.sequence.frames
        assert bus.ask.look().state == "off"
        until(lambda: bus.state.links[0].silence.state == "verified", 60.0)
        assert bus.live.sequence.frames - position < 5
        assert bus.state.links[0].reconnects == 0, "it was never lost"


def test_asking_that_is_left_while_it_opens_never_begins(tmp_path: Path) -> None:
    with strangers() as settings, watched(settings, tmp_path, "reference") as bus:
        bus.ask.begin(library().profile("reference"))
        bus.ask.close()
        assert bus.ask.look().state == "off"
        until(lambda: bus.state.links[0].silence.state == "verified", 60.0)


def test_a_screen_that_cannot_be_told_keeps_what_it_had_and_recording_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(window: LiveWindow, following: Following) -> LivePull:
        raise ZeroDivisionError("a rule divided by zero")

    settings = a_bus()
    with watched(settings, tmp_path, "reference") as bus, car_on(settings) as car:
        play(car, FRAMES[:500], 40)
        heard(bus, 500)
        bus.start_recording()
        before = bus.pull()
        monkeypatch.setattr(LiveWindow, "pull", stumble)
        assert bus.pull().track.position == before.track.position
        assert "divided by zero" in bus.state.failure
        play(car, FRAMES[500:1000], 40)
        until(lambda: bus.state.recorder.frames == 1000, 60.0)  # type: ignore[union-attr]
        assert bus.pull().track.position == before.track.position


def test_a_car_with_nothing_to_ask_says_so(tmp_path: Path) -> None:
    with watched(a_bus(), tmp_path) as bus:
        profile = library().profile("hyundai-kona")
        with pytest.raises(BadInputError, match="only listens"):
            bus.ask.plan(profile)
        bus.ask.begin(profile)
        until(lambda: bus.ask.look().failure, 60.0)
        assert bus.ask.look().state == "off"
