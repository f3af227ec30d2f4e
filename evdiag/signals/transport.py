"""ISO-TP (ISO 15765-2) read along: frames of one sender in, whole payloads out. Pure.

Nothing is ever sent: flow control comes from whoever asked. What counts as a whole payload, and
what breaks one, is what can-isotp says; a property test holds the two equal.
"""

from __future__ import annotations

N_CR_NS = 1_000_000_000
"""A payload whose next frame takes longer than this (N_Cr) is given up."""

LONGEST_PAYLOAD = 4095
"""Bytes; a longer one needs the escape sequence, which no diagnostic read of ours does."""

_SINGLE, _FIRST, _CONSECUTIVE, _FLOW_CONTROL = range(4)
_SHORTEST_FRAME = 8
_FRAME_LENGTHS = (8, 12, 16, 20, 24, 32, 48, 64)


class Reassembly:
    """Follows what one sender says to one receiver.

    With extended addressing (`address` is not None) the first byte of every frame must be that
    address; what is meant for somebody else is passed over.
    """

    __slots__ = ("_address", "_frame_length", "_last_ns", "_length", "_next", "_received", "_start")

    def __init__(self, address: int | None = None) -> None:
        self._address = address
        self._start = 0 if address is None else 1
        self.forget()

    def forget(self) -> None:
        """Give up the payload that is not whole yet."""
        self._received: bytearray | None = None
        self._length = self._next = self._frame_length = self._last_ns = 0

    def frame(self, data: bytes, stream_ns: int) -> bytes | None:
        """Take the data of one frame; return the payload that it completes, or None."""
        if self._received is not None and stream_ns - self._last_ns > N_CR_NS:
            self.forget()
        if self._address is not None and data[:1] != bytes((self._address,)):
            return None
        content = data[self._start :]
        kind = content[0] >> 4 if content else None
        if kind == _SINGLE:
            return self._single(content, len(data))
        if kind == _FIRST:
            self._first(content, len(data), stream_ns)
            return None
        if kind == _CONSECUTIVE:
            return self._consecutive(content, len(data), stream_ns)
        if kind != _FLOW_CONTROL:
            self.forget()
        return None

    def _single(self, content: bytes, frame_length: int) -> bytes | None:
        escaped = content[0] & 0x0F == 0
        header = 2 if escaped else 1
        length = (content[1] if len(content) > 1 else 0) if escaped else content[0] & 0x0F
        if not 0 < length <= len(content) - header:
            self.forget()
            return None
        if frame_length > _SHORTEST_FRAME and not escaped:
            return None
        # An answer that begins anew has given up the one before.
        self._received = None
        return content[header : header + length]

    def _first(self, content: bytes, frame_length: int, stream_ns: int) -> None:
        self.forget()
        if len(content) < 2:
            return
        length = (content[0] & 0x0F) << 8 | content[1]
        frame_length = max(frame_length, _SHORTEST_FRAME)
        # Length 0 is the escape sequence of payloads that are longer than `LONGEST_PAYLOAD`.
        if not length or frame_length not in _FRAME_LENGTHS:
            return
        self._received = bytearray(content[2 : 2 + length])
        self._length, self._next = length, 1
        self._frame_length, self._last_ns = frame_length, stream_ns

    def _consecutive(self, content: bytes, frame_length: int, stream_ns: int) -> bytes | None:
        if self._received is None:
            return None
        if content[0] & 0x0F != self._next:
            self.forget()
            return None
        missing = self._length - len(self._received)
        frame_length = max(frame_length, _SHORTEST_FRAME)
        if frame_length != self._frame_length and frame_length < missing:
            return None
        self._received += content[1 : 1 + missing]
        self._next = (self._next + 1) & 0x0F
        self._last_ns = stream_ns
        if len(self._received) < self._length:
            return None
        payload = bytes(self._received)
        self.forget()
        return payload
