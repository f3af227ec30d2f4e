"""Following a live bus: however the inputs come in, the session knows what a whole replay would."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.connecting import decider
from evdiag.guide.engine import START
from evdiag.guide_files import book
from evdiag.inputs import Answer, BusEvent, BusEventKind, Frame, Identified, Input, Mark, Tick
from evdiag.packaged import shipped_recording
from evdiag.recordings import open_recording
from evdiag.session import Session, following
from evdiag.session.following import Decision, Following

FRAMES = list(open_recording(str(shipped_recording("relock-before-pull"))).frames())
DECIDED = decider(None)(FRAMES, True)
assert DECIDED is not None


def decide(frames: Sequence[Frame], final: bool) -> Decision | None:
    return DECIDED


def fed_directly(items: Sequence[Input]) -> Session:
    assert DECIDED is not None
    session = Session(DECIDED.profile, DECIDED.watch)
    for item in items:
        list(session.feed(item))
    return session


@settings(max_examples=20)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=20), st.integers(0, 3000))
def test_batches_and_a_late_decision_change_nothing(cuts: list[int], late: int) -> None:
    items: list[Input] = []
    for place, frame in enumerate(FRAMES[:3200]):
        items.append(frame)
        if place % 700 == 350:
            items += [Tick(frame.time_ns + 1000), Mark(frame.time_ns, "here")]

    def decide_late(frames: Sequence[Frame], final: bool) -> Decision | None:
        return DECIDED if len(frames) >= late else None

    followed = Following(decide_late)
    left = list(items)
    while left:
        cut = cuts.pop() if cuts else 500
        followed.take(left[:cut])
        left = left[cut:]
    assert followed.decide_now()
    assert followed.session is not None
    direct = fed_directly(items)
    assert followed.session.snapshot() == direct.snapshot()
    assert followed.session.attempts == direct.attempts
    assert followed.session.marks == direct.marks
    assert followed.frames == 3200


def test_the_car_is_told_once_and_before_its_rows() -> None:
    told: list[object] = []
    followed = Following(decide, told.append, told.append)
    followed.take(FRAMES)
    assert isinstance(told[0], Identified)
    assert sum(isinstance(said, Identified) for said in told) == 1
    assert len(followed.changes) > 20
    rows = [placed.row for placed in followed.changes]
    assert rows == sorted(rows)


def test_a_bus_without_a_known_car_is_counted_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "KEPT_UNDECIDED", 100)
    followed = Following(lambda frames, final: None)
    followed.take(FRAMES[:500])
    assert followed.frames == 500
    assert followed.session is None
    assert not followed.decide_now()


def test_what_was_forgotten_before_the_decision_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "KEPT_UNDECIDED", 100)
    told: list[Identified] = []
    wanted = [False]
    followed = Following(lambda f, final: DECIDED if wanted[0] else None, told.append)
    followed.take(FRAMES[:500])
    wanted[0] = True
    assert followed.decide_now()
    assert told[0].from_frame == 400
    assert followed.frames == 500
    assert followed.session is not None
    assert followed.session.snapshot() == fed_directly(FRAMES[400:500]).snapshot()


def test_which_car_is_asked_again_and_again_as_frames_come() -> None:
    asked: list[tuple[int, bool]] = []

    def undecided(frames: Sequence[Frame], final: bool) -> None:
        asked.append((len(frames), final))

    followed = Following(undecided)
    followed.take(FRAMES)
    spans = [(FRAMES[n - 1].time_ns - FRAMES[0].time_ns) / 1e9 for n, _ in asked]
    assert spans[0] == pytest.approx(0.5, abs=0.2)
    assert len(asked) >= 8
    assert [n for n, _ in asked] == sorted(n for n, _ in asked)


def test_a_named_vehicle_must_exist() -> None:
    from evdiag.errors import BadInputError

    with pytest.raises(BadInputError, match="reference"):
        decider("refrence")


def test_a_few_strange_frames_decide_nothing() -> None:
    strange = [Frame(n * 10**7, "can0", 0x555, False, b"\1") for n in range(200)]
    assert decider(None)(strange, True) is None
    assert decider("reference")(strange, True) is None


def test_a_lost_bus_makes_everything_on_it_stale_at_once_and_frames_bring_it_back() -> None:
    followed = Following(decide)
    followed.take(FRAMES[:2000])
    assert followed.session is not None
    assert followed.session.readings["port.lock"].usable
    stamp = FRAMES[1999].time_ns
    channel = FRAMES[0].channel
    followed.take([BusEvent(stamp + 1000, BusEventKind.LOST, channel, 0, "pulled out")])
    snapshot = followed.session.snapshot()
    seen = [view for view in snapshot.signals if view.reading.known is not None]
    assert seen
    assert {view.reading.value for view in seen} == {"stale"}
    followed.take(FRAMES[2000:2400])
    assert followed.session.readings["port.lock"].usable


def test_another_bus_that_is_lost_changes_nothing() -> None:
    followed = Following(decide)
    followed.take(FRAMES[:2000])
    assert followed.session is not None
    before = followed.session.readings["port.lock"]
    lost = BusEvent(FRAMES[1999].time_ns, BusEventKind.LOST, "can7", 0, "pulled out")
    followed.take([lost])
    assert followed.session.readings["port.lock"] == before


def test_a_danger_that_was_told_outlasts_another_car_until_somebody_says_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "KEPT_FOR_ANOTHER_CAR", 100)
    followed = Following(decide, book=book())
    followed.take(FRAMES[:2500])
    now_ns = FRAMES[2499].time_ns
    followed.take([Answer(now_ns, "triage", START), Answer(now_ns, "danger", "yes")])
    for first in (2500, 2900):
        followed.take(FRAMES[first : first + 300])
        assert followed.session is not None
        assert followed.session.danger_told
        followed.start_over(decide)
    followed.take(FRAMES[3200:3300])
    assert followed.decide_now()
    now_ns = FRAMES[3299].time_ns
    followed.take([Answer(now_ns, "triage", START), Answer(now_ns, "danger", "no")])
    followed.start_over(decide)
    assert followed.decide_now()
    assert followed.session is not None
    assert not followed.session.danger_told
