"""What error frames and silence mean, in words and in time."""

from hypothesis import given
from hypothesis import strategies as st

from evdiag.bus.faults import SILENT_AFTER_S, FaultWatch
from evdiag.inputs import BusEvent, BusEventKind, Frame


def error(classes: int, data: bytes = b"", time_ns: int = 1000) -> Frame:
    return Frame(time_ns, "can0", classes, False, data.ljust(8, b"\0"), error=True)


def data(time_ns: int = 1000) -> Frame:
    return Frame(time_ns, "can0", 0x123, False, b"\1")


def kinds(events: list[BusEvent]) -> list[BusEventKind]:
    return [event.kind for event in events]


def test_silence_is_noticed_within_two_seconds_and_said_once() -> None:
    watch = FaultWatch("can0", 0.0)
    assert not list(watch.time(SILENT_AFTER_S, 0))
    said = list(watch.time(1.6, 0)) + list(watch.time(60.0, 0))
    assert kinds(said) == [BusEventKind.SILENT]
    assert SILENT_AFTER_S < 2.0
    assert kinds(list(watch.frames([data()], 61.0))) == [BusEventKind.HEARD]


def test_bus_off_names_the_usual_causes() -> None:
    watch = FaultWatch("can0", 0.0)
    (said,) = watch.frames([error(0x40)], 1.0)
    assert said.kind is BusEventKind.BUS_OFF
    assert "termination" in said.detail
    assert not list(watch.frames([error(0x40)], 1.1))
    assert kinds(list(watch.frames([error(0x100)], 2.0))) == [BusEventKind.ERROR_ACTIVE]


def test_error_passive_and_back_with_counters() -> None:
    watch = FaultWatch("can0", 0.0)
    said = list(watch.frames([error(0x04, bytes((0, 0x20, 0, 0, 0, 0, 5, 130)))], 1.0))
    assert kinds(said) == [BusEventKind.ERROR_PASSIVE, BusEventKind.ERROR_COUNTERS]
    assert said[1].detail == "tx 5 rx 130"
    assert kinds(list(watch.frames([error(0x04, bytes((0, 0x40)))], 2.0))) == [
        BusEventKind.ERROR_ACTIVE
    ]


def test_only_error_frames_are_a_wrong_bit_rate_until_data_comes() -> None:
    watch = FaultWatch("can0", 0.0)
    said = [event for at in range(5) for event in watch.frames([error(0x88)], 1.0 + at / 10)]
    assert kinds(said) == [BusEventKind.WRONG_BITRATE]
    assert kinds(list(watch.frames([data()], 2.0))) == [BusEventKind.HEARD]


def test_a_few_error_frames_among_data_are_no_wrong_bit_rate() -> None:
    watch = FaultWatch("can0", 0.0)
    said: list[BusEvent] = []
    for at in range(50):
        said += watch.frames([data(), error(0x88)], at / 10)
    assert BusEventKind.WRONG_BITRATE not in kinds(said)


@given(st.lists(st.integers(0, 1000)))
def test_losses_are_each_counted_once(totals: list[int]) -> None:
    watch = FaultWatch("can0", 0.0)
    counted = sum(event.count for total in totals for event in watch.losses(total, 0))
    assert counted == max(totals, default=0)


@given(
    st.lists(st.tuples(st.integers(0, 0x1FFFFFFF), st.binary(max_size=8), st.floats(0, 100))),
)
def test_no_error_frame_raises_and_every_word_is_text(
    rows: list[tuple[int, bytes, float]],
) -> None:
    watch = FaultWatch("can0", 0.0)
    for classes, payload, now_s in rows:
        for event in watch.frames([error(classes, payload)], now_s):
            assert event.detail
            assert event.channel == "can0"
