"""The one place in the project from which a frame leaves.

Made only where somebody armed it: by the transmit gate (`evdiag.control`) for a car, by the
simulator for a virtual one. Whoever holds none cannot send; sources hold none. Kernel timers that
outlive a hung process (`send_periodic`) are not used anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evdiag.errors import BusError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from can import BusABC

    from evdiag.inputs import Frame

SEND_TIMEOUT_S = 0.5


class Transmitter:
    """Can put frames on one bus until it is closed.

    `on_transmitted` hears of each frame before it leaves: a source that will hear it too must know.
    """

    def __init__(
        self, bus: BusABC, *, on_transmitted: Callable[[Frame], None] | None = None
    ) -> None:
        self._bus: BusABC | None = bus
        self._on_transmitted = on_transmitted

    def transmit(self, frame: Frame) -> None:
        """Put one frame on the bus.

        Raises:
            BusError: the transmitter is closed, or the adapter did not take the frame.
        """
        from can import CanError, Message

        if self._bus is None:
            raise BusError("nothing was sent: the transmitter is closed")
        message = Message(
            arbitration_id=frame.id,
            is_extended_id=frame.extended,
            is_remote_frame=frame.remote,
            is_fd=frame.fd,
            bitrate_switch=frame.bitrate_switch,
            dlc=frame.requested_length if frame.remote else None,
            data=None if frame.remote else frame.data,
        )
        if self._on_transmitted is not None:
            self._on_transmitted(frame)
        try:
            self._bus.send(message, timeout=SEND_TIMEOUT_S)
        except (CanError, OSError, ValueError) as error:
            raise BusError(f"nothing was sent: {plain_text(str(error))}") from None

    def close(self) -> None:
        """Let nothing leave any more; the bus itself belongs to whoever opened it."""
        self._bus = None
