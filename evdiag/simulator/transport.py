"""The control unit's end of ISO-TP (ISO 15765-2): can-isotp's protocol logic on two queues.

No thread and no socket; time is given. can-isotp's own time-outs run on a clock of the computer:
they are set so long that those here decide. Only a pause that the tester asks for between two
frames (STmin) is kept by its clock.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from evdiag.inputs import Channel, Frame
from evdiag.vehicles.ecu import Ecu

if TYPE_CHECKING:
    import isotp

FRAME_WITHIN_S = 1.0
"""How long the next frame, or the flow control, may take (N_Cr and N_Bs)."""

PADDING = 0xAA

_LOGGER = "evdiag.isotp"
_NEVER_MS = 1_000_000_000
_MOST_WAITS = 16
_FLOW_CONTROL = 3

# What can-isotp has to say of broken requests goes to the log file, if there is one.
logging.getLogger(_LOGGER).addHandler(logging.NullHandler())


class IsoTpEnd:
    """Requests of one tester to one control unit, reassembled; responses, cut into frames."""

    def __init__(self, ecu: Ecu, channel: Channel, leave: Callable[[Frame], None]) -> None:
        self._channel = channel
        self._leave = leave
        self._waiting: deque[isotp.CanMessage] = deque()
        self._logic = _logic(ecu, self._receive, self._transmit)
        self._target_address = ecu.target_address
        self._moved_s = 0.0

    @property
    def busy(self) -> bool:
        """True in the middle of a request or a response of several frames."""
        return bool(self._logic.is_rx_active() or self._logic.transmitting())

    def heard(self, frame: Frame, now_s: float) -> bytes | None:
        """Take a frame with this unit's request id; return the request that it completes."""
        if not self._waits_for_flow_control or self._is_flow_control(frame):
            # Another question does not let a unit wait any longer for what its answer needs.
            self._moved_s = now_s
        self._waiting.append(_can_message(frame))
        self._logic.process()
        request = self._logic.recv()
        return None if request is None else bytes(request)

    def respond(self, payload: bytes, now_s: float) -> None:
        """Send a response; a long one goes on when the tester lets it."""
        if not self._waits_for_flow_control:
            self._moved_s = now_s
        self._logic.send(payload)
        self._logic.process()

    def drop(self) -> None:
        """Forget requests and responses that are under way."""
        self._waiting.clear()
        self._logic.stop_sending()
        self._logic.stop_receiving()

    def pass_time(self, now_s: float) -> None:
        """Send what is due; give up what the tester has given up."""
        if not self.busy:
            return
        if now_s - self._moved_s > FRAME_WITHIN_S and not self._logic.is_tx_transmitting_cf():
            self._logic.stop_sending()
            self._logic.stop_receiving()
            # What was to be said next begins now, with a time of its own.
            self._moved_s = now_s
        self._logic.process()

    @property
    def _waits_for_flow_control(self) -> bool:
        logic = self._logic
        return bool(logic.transmitting()) and not logic.is_tx_transmitting_cf()

    def _is_flow_control(self, frame: Frame) -> bool:
        content = frame.data if self._target_address is None else frame.data[1:]
        return bool(content) and content[0] >> 4 == _FLOW_CONTROL

    def _receive(self, wait_s: float) -> Any:
        return self._waiting.popleft() if self._waiting else None

    def _transmit(self, message: Any) -> None:
        data = bytes(message.data)
        self._leave(Frame(0, self._channel, message.arbitration_id, message.is_extended_id, data))


def _logic(ecu: Ecu, receive: Any, transmit: Any) -> isotp.TransportLayerLogic:
    import isotp

    return isotp.TransportLayerLogic(
        rxfn=receive,
        txfn=transmit,
        address=_address(ecu),
        params={
            "stmin": 0,
            "blocksize": 0,
            "tx_padding": PADDING,
            "wftmax": _MOST_WAITS,
            "rx_consecutive_frame_timeout": _NEVER_MS,
            "rx_flowcontrol_timeout": _NEVER_MS,
            "logger_name": _LOGGER,
            "wait_func": lambda _: None,
        },
    )


def _address(ecu: Ecu) -> Any:
    """Return the addresses as the unit sees them: it hears requests, it sends responses."""
    import isotp

    modes = isotp.AddressingMode
    if ecu.target_address is None:
        mode = modes.Normal_29bits if ecu.extended_ids else modes.Normal_11bits
        return isotp.Address(mode, txid=ecu.response_id, rxid=ecu.request_id)
    return isotp.Address(
        modes.Extended_29bits if ecu.extended_ids else modes.Extended_11bits,
        txid=ecu.response_id,
        rxid=ecu.request_id,
        source_address=ecu.target_address,
        target_address=ecu.tester_address,
    )


def _can_message(frame: Frame) -> Any:
    import isotp

    return isotp.CanMessage(
        arbitration_id=frame.id,
        dlc=len(frame.data),
        data=frame.data,
        extended_id=frame.extended,
        is_fd=frame.fd,
    )
