"""ISO-TP read along gives what can-isotp gives, frame by frame; time-outs by stream time."""

from __future__ import annotations

import time
from types import SimpleNamespace

import isotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.signals.transport import N_CR_NS, Reassembly

ADDRESS = 0xF1


class Oracle:
    """can-isotp in its listen mode, on a clock of ours."""

    def __init__(self, patch: pytest.MonkeyPatch, address: int | None) -> None:
        self._now_ns = 0
        clock = SimpleNamespace(perf_counter_ns=lambda: self._now_ns, sleep=time.sleep)
        patch.setattr("isotp.tools.time", clock)
        self._waiting: list[isotp.CanMessage] = []
        normal = isotp.Address(isotp.AddressingMode.Normal_11bits, txid=0x7E0, rxid=0x7E8)
        extended = isotp.Address(
            isotp.AddressingMode.Extended_11bits,
            txid=0x7E0,
            rxid=0x7E8,
            source_address=ADDRESS,
            target_address=0x14,
        )
        self._logic = isotp.TransportLayerLogic(
            rxfn=lambda _: self._waiting.pop() if self._waiting else None,
            txfn=lambda _: None,
            address=normal if address is None else extended,
            params={"listen_mode": True, "blocksize": 0, "wait_func": lambda _: None},
        )

    def frame(self, data: bytes, stream_ns: int) -> bytes | None:
        self._now_ns = stream_ns
        self._waiting = [isotp.CanMessage(0x7E8, len(data), data)]
        self._logic.process()
        payload = self._logic.recv()
        return bytes(payload) if payload else None


def frame_lengths(content: bytes) -> bytes:
    """Pad to a length that a CAN or CAN FD frame can have."""
    fits = next(n for n in (*range(9), 12, 16, 20, 24, 32, 48, 64) if n >= len(content))
    return content.ljust(fits, b"\xcc")


bodies = st.binary(max_size=7) | st.binary(max_size=62)
single = st.builds(lambda n, body: bytes((n, *body)), st.integers(0, 15), bodies)
first = st.builds(
    lambda n, body: bytes((0x10 | n >> 8, n & 0xFF, *body)),
    # 0 is the escape of payloads over 4,095 bytes, which can-isotp takes for short ones too.
    st.integers(1, 40) | st.integers(1, 4095),
    st.binary(max_size=6) | st.binary(max_size=61),
)
consecutive = st.builds(lambda n, body: bytes((0x20 | n, *body)), st.integers(0, 15), bodies)
flow_control = st.sampled_from([b"\x30\x00\x00", b"\x30\x08\x14", b"\x31\x00\x00", b"\x32\x00\x00"])
unknown = st.builds(lambda n, body: bytes((n << 4, *body)), st.integers(4, 15), bodies)
contents = st.one_of(single, first, consecutive, flow_control, unknown, st.just(b""))
steps_ns = st.sampled_from([0, 1_000_000, 1_000_000, 5_000_000, N_CR_NS, N_CR_NS + 1])


def messages(payload: bytes, width: int, prefix: bytes) -> list[bytes]:
    """Cut a payload as a sender does whose frames hold `width` bytes."""
    room = width - len(prefix)
    if len(payload) <= 7 - len(prefix):
        return [frame_lengths(prefix + bytes((len(payload),)) + payload)]
    if len(payload) <= room - 2 and width > 8:
        return [frame_lengths(prefix + bytes((0, len(payload))) + payload)]
    head = bytes((0x10 | len(payload) >> 8, len(payload) & 0xFF))
    cut = [prefix + head + payload[: room - 2]]
    rest = payload[room - 2 :]
    for number in range((len(rest) + room - 2) // (room - 1)):
        part = rest[number * (room - 1) : (number + 1) * (room - 1)]
        cut.append(frame_lengths(prefix + bytes((0x20 | (number + 1) & 0x0F,)) + part))
    return cut


@given(st.data(), st.sampled_from([None, ADDRESS]))
def test_any_frames_give_what_can_isotp_gives(data: st.DataObject, address: int | None) -> None:
    prefix = st.just(b"") if address is None else st.sampled_from([b"\xf1", b"\xf1", b"\xf2"])
    drawn = data.draw(st.lists(st.tuples(prefix, contents, steps_ns), max_size=25))
    ours, now_ns = Reassembly(address), 0
    with pytest.MonkeyPatch.context() as patch:
        theirs = Oracle(patch, address)
        for start, content, step_ns in drawn:
            now_ns += step_ns
            frame = frame_lengths((start + content)[:64])
            assert (ours.frame(frame, now_ns) or None) == theirs.frame(frame, now_ns)


@given(
    st.binary(min_size=1, max_size=400),
    st.sampled_from([8, 12, 64]),
    st.sampled_from([None, ADDRESS]),
)
def test_a_payload_comes_out_as_it_went_in(payload: bytes, width: int, address: int | None) -> None:
    prefix = b"" if address is None else bytes((address,))
    ours = Reassembly(address)
    found = [ours.frame(frame, 0) for frame in messages(payload, width, prefix)]
    assert found[:-1] == [None] * (len(found) - 1)
    assert found[-1] == payload


def test_the_numbers_of_frames_begin_anew_after_15() -> None:
    payload = bytes(range(200))
    assert Reassembly().frame(b"\x21", 0) is None
    frames = messages(payload, 8, b"")
    assert len(frames) > 17
    ours = Reassembly()
    assert [ours.frame(frame, 0) for frame in frames][-1] == payload


@pytest.mark.parametrize("missing", range(1, 4))
def test_a_lost_frame_loses_the_payload_and_nothing_else(missing: int) -> None:
    frames = messages(bytes(range(30)), 8, b"")
    ours = Reassembly()
    kept = [frame for number, frame in enumerate(frames) if number != missing]
    assert [ours.frame(frame, 0) for frame in kept] == [None] * len(kept)
    assert [ours.frame(frame, 0) for frame in frames][-1] == bytes(range(30))


def test_a_frame_that_comes_too_late_ends_the_payload() -> None:
    one, two, *_ = messages(bytes(range(12)), 8, b"")
    ours = Reassembly()
    ours.frame(one, 0)
    assert ours.frame(two, N_CR_NS) == bytes(range(12))
    ours.frame(one, 0)
    assert ours.frame(two, N_CR_NS + 1) is None


def test_flow_control_in_between_changes_nothing() -> None:
    one, two, *_ = messages(bytes(range(12)), 8, b"")
    ours = Reassembly()
    ours.frame(one, 0)
    ours.frame(b"\x30\x00\x00", 0)
    assert ours.frame(two, 0) == bytes(range(12))


def test_what_is_meant_for_another_tester_is_passed_over() -> None:
    one, two = messages(bytes(range(11)), 8, b"\xf1")
    other = messages(bytes(11), 8, b"\xf2")
    ours = Reassembly(ADDRESS)
    found = [ours.frame(frame, 0) for frame in (one, *other, two)]
    assert found == [None, None, None, bytes(range(11))]
