"""A black box saves what is worth it, once, and spares a tired battery."""

from evdiag.connecting import decider
from evdiag.inputs import Frame
from evdiag.live.follower import Follower
from evdiag.live.sequence import InputSequence
from evdiag.live.triggers import Triggers
from evdiag.session.following import Following
from tests.live.stories import story_frames


def followed(frames: list[Frame]) -> tuple[list[str], list[str]]:
    """Follow frames in small batches; return what was saved and why it was stopped."""
    saved: list[str] = []
    stopped: list[str] = []
    triggers = Triggers(saved.append, stopped.append)
    following = Following(decider("reference"))
    for first in range(0, len(frames), 50):
        batch = frames[first : first + 50]
        following.take(batch)
        triggers(following, batch)
    return saved, stopped


def test_attempts_and_faults_save_once_each() -> None:
    saved, stopped = followed(story_frames("relock-before-pull"))
    assert [reason for reason in saved if reason.startswith("attempt")] == [
        "attempt 1: relocked",
        "attempt 2: released",
    ]
    assert "fault: relocks_before_pull" in saved
    assert len(saved) == len(set(saved))
    assert not stopped


def test_a_healthy_story_saves_its_attempt_and_no_fault() -> None:
    saved, _ = followed(story_frames("healthy-ac"))
    assert all(reason.startswith("attempt") for reason in saved)


def test_a_battery_that_stays_low_stops_it_once() -> None:
    from evdiag.databases.layout import SignalLayout
    from evdiag.signals.encoding import put
    from evdiag.simulator.encoding import raw_of

    decided = decider("reference")(story_frames("healthy-ac"), True)
    assert decided is not None
    watched = next(w for w in decided.watch.signals if w.name == "vehicle.supply_voltage")
    layout: SignalLayout = watched.signal.layout
    low = []
    for frame in story_frames("healthy-ac"):
        if frame.id == watched.key:
            data = bytearray(frame.data)
            put(data, layout, raw_of(watched, 11.2))
            frame = frame._replace(data=bytes(data))
        low.append(frame)
    while low[-1].time_ns - low[0].time_ns < 40_000_000_000:
        span = low[-1].time_ns - low[0].time_ns + 10_000_000
        low += [frame._replace(time_ns=frame.time_ns + span) for frame in low]
    _, stopped = followed(low)
    assert len(stopped) == 1
    assert "11.2 V" in stopped[0]


def test_a_decoder_that_stumbles_is_said_and_nothing_waits_for_it() -> None:
    sequence = InputSequence()
    reader = sequence.reader()

    def stumble(following: Following, items: object) -> None:
        raise RuntimeError("out of tune")

    follower = Follower(reader, Following(lambda frames, final: None), [stumble])
    follower.start()
    sequence.put(story_frames("healthy-ac")[:100])
    sequence.put(story_frames("healthy-ac")[100:200])
    sequence.end()
    follower.join()
    assert str(follower.failure) == "out of tune"
    assert reader.pending == 0
