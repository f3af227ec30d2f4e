"""python-can's messages as frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evdiag.inputs import Channel, Frame

if TYPE_CHECKING:
    from can import Message

_ERROR_CLASSES = 0x1FFF_FFFF


def frame_of(message: Message, channel: Channel, shift_us: int) -> Frame:
    """Return a received message as a frame, its stamp moved by `shift_us` and in whole µs.

    Whatever a source receives is received, also where the kernel says that a program on this
    machine sent it: a source sends nothing.

    Raises:
        ValueError: it holds fewer bytes than it says; a torn line of a serial adapter.
    """
    time_ns = (round(message.timestamp * 1e6) + shift_us) * 1000
    if message.is_error_frame:
        return Frame(
            time_ns,
            channel,
            message.arbitration_id & _ERROR_CLASSES,
            False,
            bytes(message.data),
            error=True,
            direction="rx",
        )
    if message.is_remote_frame:
        return Frame(
            time_ns,
            channel,
            message.arbitration_id,
            message.is_extended_id,
            b"",
            remote=True,
            direction="rx",
            requested_length=message.dlc,
        )
    if len(message.data) != message.dlc:
        raise ValueError(f"{len(message.data)} bytes where {message.dlc} were announced")
    return Frame(
        time_ns,
        channel,
        message.arbitration_id,
        message.is_extended_id,
        bytes(message.data),
        message.is_fd,
        False,
        False,
        "rx",
        message.bitrate_switch,
        message.error_state_indicator,
    )
