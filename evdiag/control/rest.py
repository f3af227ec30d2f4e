"""How long an actuator was driven, and how long it must rest before it is driven again. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from evdiag.vehicles.command import REST_FACTOR

GOES_ON_NS = 300_000_000
"""A frame that drives, so soon after the one before it, goes on with the same movement."""


@dataclass(frozen=True, slots=True)
class Movement:
    """The last time an actuator was driven: wall clock, in ns, so that it survives a restart.

    `what` is the frame or request that drove it; `latest_ns` is when that last left.
    """

    what: str
    began_ns: int
    ended_ns: int
    latest_ns: int

    @staticmethod
    def begun(what: str, on_s: float, now_ns: int) -> Movement:
        """Return the movement that begins now and takes the actuator `on_s` seconds."""
        return Movement(what, now_ns, now_ns + round(on_s * 1e9), now_ns)

    @property
    def rest_ns(self) -> int:
        """How long the actuator must rest after it."""
        return REST_FACTOR * (self.ended_ns - self.began_ns)

    def goes_on(self, what: str, now_ns: int) -> bool:
        """Tell whether a frame that drives would only go on with this movement."""
        return what == self.what and 0 <= now_ns - self.latest_ns <= GOES_ON_NS

    def continued(self, now_ns: int) -> Movement:
        """Return this movement when it is driven once more."""
        return replace(self, latest_ns=now_ns, ended_ns=max(self.ended_ns, now_ns))

    def left_ns(self, now_ns: int) -> int:
        """Return for how long the actuator must rest from now on; 0 where it has rested.

        A clock that was set back since makes it rest for the whole time, never for longer.
        """
        whole_ns = self.rest_ns + (self.ended_ns - self.began_ns)
        return min(whole_ns, max(0, self.ended_ns + self.rest_ns - now_ns))
