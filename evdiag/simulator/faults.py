"""What a virtual control unit is made to do wrong, for tests. Nothing on a bus reaches it."""

from __future__ import annotations

from dataclasses import dataclass

from evdiag.simulator.uds import SUPPRESS, WITH_SUB_FUNCTION


@dataclass(frozen=True, slots=True)
class _Fault:
    beginning: bytes
    code: int | None
    pending_s: float
    once: bool


class Faults:
    """Faults by how a request begins: ``2F`` a service, ``10 03`` a sub-function, ``2F E0 10``.

    The longest beginning that fits decides, of equally long ones the latest. `mute`: the unit
    hears nothing and says nothing, and its session runs out.
    """

    def __init__(self) -> None:
        self._faults: list[_Fault] = []
        self.mute = False

    def refuse(self, beginning: str, code: int, *, once: bool = False) -> None:
        """Answer such requests with a negative response code, and do nothing of what they ask."""
        self._faults.append(_Fault(bytes.fromhex(beginning), int(code), 0.0, once))

    def keep_pending(self, beginning: str, seconds: float, *, once: bool = False) -> None:
        """Obey such requests, but say 'response pending' for so long before the answer."""
        self._faults.append(_Fault(bytes.fromhex(beginning), None, seconds, once))

    def mend(self) -> None:
        """Be healthy again."""
        self._faults.clear()
        self.mute = False

    def refusal(self, request: bytes) -> int | None:
        """Return the code with which this request is refused; None where it is not."""
        fault = self._take(request, refused=True)
        return None if fault is None else fault.code

    def pending_s(self, request: bytes) -> float:
        """Return for how long the answer to this request is pending; 0 where it is not."""
        fault = self._take(request, refused=False)
        return 0.0 if fault is None else fault.pending_s

    def _take(self, request: bytes, *, refused: bool) -> _Fault | None:
        asked = _with_answer_wanted(request)
        fitting = [
            fault
            for fault in self._faults
            if asked.startswith(fault.beginning) and (fault.code is not None) == refused
        ]
        if not fitting:
            return None
        found = max(reversed(fitting), key=lambda fault: len(fault.beginning))
        if found.once:
            self._faults.remove(found)
        return found


def _with_answer_wanted(request: bytes) -> bytes:
    if len(request) < 2 or request[0] not in WITH_SUB_FUNCTION:
        return request
    return bytes((request[0], request[1] & ~SUPPRESS)) + request[2:]
