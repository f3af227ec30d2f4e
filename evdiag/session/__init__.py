"""One car, one source, one straight line: what happens to a frame is in `session.Session.feed`.

Station: joins signals, port and diagnosis. In: inputs, one by one, or the signal events of a
whole recording. Out: timeline rows, attempts, findings, snapshots.
"""

from evdiag.session.session import Session
from evdiag.session.snapshot import SignalView, Snapshot

__all__ = ["Session", "SignalView", "Snapshot"]
