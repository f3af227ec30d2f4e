"""Diagnostic answers as signals: who asked does not matter, and silence is told apart."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from evdiag.inputs import Block, Frame
from evdiag.signals.columns import carrying_rows, signal_events
from evdiag.signals.events import BusAwake, BusSilent, Changed, Expired, Refused
from evdiag.signals.excerpt import Excerpt
from evdiag.signals.tracker import SignalTracker
from tests.signals.test_transport import messages
from tests.signals.watches import POLLED_WATCH

MS = 1_000_000
LOCK, TOLD, SENSOR, PLUG, DUTY, LAST, FAR_SPEED = range(7)

Say = tuple[str, int, bool, bytes]
PORT_ANSWERS = ("can2", 0x614, False, b"\xf1")
BODY_ANSWERS = ("can0", 0x7EE, False, b"")
FAR_ANSWERS = ("can2", 0x18DAF140, True, b"")
PORT_ASKED = ("can2", 0x6F1, False, b"\x14")


def said(at_ms: int, who: Say, payload: bytes, **flags: object) -> list[Frame]:
    """The frames, 1 ms apart, in which somebody says a payload."""
    channel, identifier, extended, prefix = who
    return [
        Frame((at_ms + number) * MS, channel, identifier, extended, data, **flags)  # type: ignore[arg-type]
        for number, data in enumerate(messages(payload, 8, prefix))
    ]


def events(*frames: Frame) -> list[object]:
    tracker = SignalTracker(POLLED_WATCH)
    return [event for frame in frames for event in tracker.frame(frame)]


def changed(found: list[object]) -> list[tuple[int, float]]:
    return [(event.watched, event.raw) for event in found if isinstance(event, Changed)]


def beat(first_ms: int, last_ms: int, channel: str = "can0") -> list[Frame]:
    return [Frame(at * MS, channel, 0x555, False, b"") for at in range(first_ms, last_ms + 1, 100)]


def test_an_answer_is_read_from_the_data_of_its_identifier() -> None:
    found = events(*said(0, PORT_ANSWERS, b"\x62\xde\xf0\x00\x01"))
    assert found == [Changed(0, TOLD, 0, 0), Changed(0, SENSOR, 1, 1)]


def test_a_long_answer_counts_from_its_last_frame() -> None:
    payload = b"\x62\x00\x01" + bytes((80, *range(1, 70)))
    frames = said(0, BODY_ANSWERS, payload)
    assert len(frames) > 10
    assert events(*frames) == [
        Changed(frames[-1].time_ns, DUTY, 80, 80),
        Changed(frames[-1].time_ns, LAST, 69, 69),
    ]


def test_a_short_answer_carries_the_signals_that_fit() -> None:
    assert changed(events(*said(0, BODY_ANSWERS, b"\x62\x00\x01\x05"))) == [(DUTY, 5)]


def test_another_identifier_service_or_receiver_says_nothing() -> None:
    assert events(*said(0, PORT_ANSWERS, b"\x62\xde\xf1\x00\x01")) == []
    assert events(*said(0, PORT_ANSWERS, b"\x61\xde\xf0\x00\x01")) == []
    assert events(*said(0, ("can2", 0x614, False, b"\xf2"), b"\x62\xde\xf0\x00\x01")) == []
    assert events(*said(0, ("can1", 0x614, False, b"\xf1"), b"\x62\xde\xf0\x00\x01")) == []
    assert events(*said(0, ("can2", 0x614, True, b"\xf1"), b"\x62\xde\xf0\x00\x01")) == []


def test_two_control_units_may_talk_at_once() -> None:
    long = said(0, BODY_ANSWERS, b"\x62\x00\x01" + bytes(range(1, 71)))
    far = said(2, FAR_ANSWERS, b"\x62\x00\x02\x07\x00")
    port = said(4, PORT_ANSWERS, b"\x62\xde\xf0\x01\x01")
    frames = sorted((*long, *far, *port), key=lambda frame: frame.time_ns)
    assert changed(events(*frames)) == [
        (FAR_SPEED, 7), (TOLD, 1), (SENSOR, 1), (DUTY, 1), (LAST, 70),
    ]  # fmt: skip


def test_a_refusal_names_what_was_asked_and_is_no_value() -> None:
    asked = said(0, PORT_ASKED, b"\x22\xde\xf0", direction="tx")
    found = events(*asked, *said(5, PORT_ANSWERS, b"\x7f\x22\x31"))
    assert found == [Refused(5 * MS, "read DEF0", 0x31)]


def test_without_the_request_a_refusal_is_that_of_the_only_read() -> None:
    assert events(*said(0, FAR_ANSWERS, b"\x7f\x22\x33")) == [Refused(0, "read 0002", 0x33)]


def test_a_refusal_of_something_else_is_nobodys() -> None:
    asked = said(0, PORT_ASKED, b"\x22\xf1\x90", direction="tx")
    assert events(*asked, *said(5, PORT_ANSWERS, b"\x7f\x22\x31")) == []
    assert events(*said(0, PORT_ANSWERS, b"\x7f\x10\x12")) == []


def test_response_pending_is_no_refusal() -> None:
    found = events(
        *said(0, PORT_ANSWERS, b"\x7f\x22\x78"), *said(900, PORT_ANSWERS, b"\x62\xde\xf0\x01\x01")
    )
    assert changed(found) == [(TOLD, 1), (SENSOR, 1)]
    assert not [event for event in found if isinstance(event, Refused)]


def test_without_answers_a_value_goes_stale_and_a_bus_of_answers_never_sleeps() -> None:
    found = events(*said(0, PORT_ANSWERS, b"\x62\xde\xf0\x00\x01"), *beat(100, 5000, "can2"))
    assert [event for event in found if isinstance(event, Expired)] == [
        Expired(1000 * MS, TOLD),
        Expired(1000 * MS, SENSOR),
    ]
    silent = events(
        *said(0, PORT_ANSWERS, b"\x62\xde\xf0\x00\x01"),
        *said(900, PORT_ANSWERS, b"\x62\xde\xf0\x00\x01"),
    )
    assert not [event for event in silent if isinstance(event, (BusSilent, BusAwake, Expired))]


def test_answers_do_not_wake_a_sleeping_broadcast_and_do_not_sleep_with_it() -> None:
    port = Frame(0, "can0", 0x100, False, b"\x01")
    polls = [
        frame
        for at in range(500, 9000, 1000)
        for frame in said(at, BODY_ANSWERS, b"\x62\x00\x01\x05")
    ]
    found = events(port, *polls)
    assert [type(event) for event in found if isinstance(event, (BusSilent, BusAwake))] == [
        BusSilent
    ]
    assert not [event for event in found if isinstance(event, Expired)]
    found = events(port, *polls, Frame(20_000 * MS, "can0", 0x100, False, b"\x01"))
    assert [event.watched for event in found if isinstance(event, Expired)] == [DUTY]


def test_our_own_requests_are_not_the_car_being_heard() -> None:
    port = Frame(0, "can0", 0x100, False, b"\x01")
    own = [
        Frame(at * MS, "can0", identifier, False, b"\x03\x22\x00\x01", direction="tx")
        for at in range(100, 5000, 100)
        for identifier in (0x7E6, 0x7DF)
    ]
    found = events(port, *own)
    assert BusSilent(500 * MS, "can0") in found
    assert not [event for event in found if isinstance(event, BusAwake)]


def test_what_the_recording_computer_sent_in_the_cars_place_is_read() -> None:
    """On a virtual bus the car lives on the computer that records: ``candump -x`` says T."""
    port = Frame(0, "can0", 0x100, False, b"\x01", direction="tx")
    assert changed(events(port)) == [(LOCK, 1), (PLUG, 0)]


def test_the_rows_that_carry_an_answer_are_its_last_frames() -> None:
    long = said(0, BODY_ANSWERS, b"\x62\x00\x01" + bytes(range(1, 71)))
    frames = [*long, *beat(200, 300), *said(400, BODY_ANSWERS, b"\x62\x00\x01\x05")]
    rows = carrying_rows(Block.from_frames(frames), POLLED_WATCH, DUTY)
    assert rows.tolist() == [len(long) - 1, len(frames) - 1]
    assert carrying_rows(Block.from_frames(frames), POLLED_WATCH, LAST).tolist() == [len(long) - 1]
    assert carrying_rows(Block.from_frames(frames), POLLED_WATCH, FAR_SPEED).tolist() == []


steps_ms = st.one_of(
    st.integers(0, 300), st.integers(400, 3000), st.just(20_000), st.integers(-3000, 0)
)
values = st.binary(min_size=1, max_size=75)
spoken = st.one_of(
    st.tuples(st.just(PORT_ANSWERS), values.map(lambda data: b"\x62\xde\xf0" + data)),
    st.tuples(st.just(BODY_ANSWERS), values.map(lambda data: b"\x62\x00\x01" + data)),
    st.tuples(st.just(FAR_ANSWERS), values.map(lambda data: b"\x62\x00\x02" + data)),
    st.tuples(
        st.sampled_from([PORT_ANSWERS, BODY_ANSWERS, FAR_ANSWERS]),
        st.sampled_from([b"\x7f\x22\x31", b"\x7f\x22\x78", b"\x62\xff\xff\x01"]),
    ),
    st.tuples(
        st.sampled_from([PORT_ASKED, ("can0", 0x7E6, False, b"")]),
        st.sampled_from([b"\x22\xde\xf0", b"\x22\x00\x01", b"\x22\x12\x34"]),
    ),
)
broadcast = st.tuples(
    st.sampled_from(["can0", "can0", "can2"]),
    st.sampled_from([0x100, 0x100, 0x555, 0x7EE]),
    st.binary(max_size=3),
)


@st.composite
def buses(draw: st.DrawFn) -> list[Frame]:
    """Frames of several speakers, interleaved, some lost, at any pace."""
    waiting: list[Iterator[Frame]] = []
    frames: list[Frame] = []
    now_ms = 0
    for _ in range(draw(st.integers(0, 30))):
        now_ms += draw(steps_ms)
        direction = draw(st.sampled_from([None, None, "rx", "tx"]))
        if draw(st.booleans()):
            channel, identifier, data = draw(broadcast)
            frames.append(Frame(now_ms * MS, channel, identifier, False, data, direction=direction))
            continue
        who, payload = draw(spoken)
        waiting.append(iter(said(0, who, payload, direction=direction)))
        for speaker in list(waiting):
            for frame in speaker:
                if draw(st.integers(0, 12)):
                    frames.append(frame._replace(time_ns=now_ms * MS))
                if not draw(st.integers(0, 5)):
                    break
            else:
                waiting.remove(speaker)
    return frames


@settings(max_examples=400, deadline=None)
@given(buses())
def test_columns_give_exactly_the_events_of_the_tracker(frames: list[Frame]) -> None:
    tracker = SignalTracker(POLLED_WATCH)
    by_frame = [(row, event) for row, frame in enumerate(frames) for event in tracker.frame(frame)]
    placed = signal_events(Excerpt.whole(Block.from_frames(frames)), POLLED_WATCH)
    assert [tuple(entry) for entry in placed] == by_frame
