"""What the playback actions do to the playback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from evdiag.session.playback import Playback

Move = Callable[[Playback], None]

NEAR_S, FAR_S = 1.0, 10.0
"""How far the arrow keys seek, without and with shift."""


def _by(seconds: float) -> Move:
    return lambda playback: playback.seek(playback.elapsed_s + seconds)


def _paused(move: Move) -> Move:
    """A step is for looking at what it did: it pauses."""

    def stepped(playback: Playback) -> None:
        playback.playing = False
        move(playback)

    return stepped


def _at_speed(speed: float | None) -> Move:
    def set_speed(playback: Playback) -> None:
        playback.speed = speed

    return set_speed


TRANSPORT: Final[dict[str, Move]] = {
    "play": Playback.play_or_pause,
    "next_change": _paused(lambda playback: playback.step_change(1)),
    "previous_change": _paused(lambda playback: playback.step_change(-1)),
    "next_attempt": lambda playback: playback.step_attempt(1),
    "previous_attempt": lambda playback: playback.step_attempt(-1),
    "step_forward": _paused(lambda playback: playback.step_frames(1)),
    "step_back": _paused(lambda playback: playback.step_frames(-1)),
    "forward": _by(NEAR_S),
    "back": _by(-NEAR_S),
    "forward_far": _by(FAR_S),
    "back_far": _by(-FAR_S),
    "beginning": lambda playback: playback.seek(0.0),
    "end": lambda playback: playback.step_frames(playback.frames),
    "faster": lambda playback: playback.change_speed(1),
    "slower": lambda playback: playback.change_speed(-1),
    "real_time": _at_speed(1.0),
    "fastest": _at_speed(None),
    "next_mark": lambda playback: playback.step_mark(1),
    "previous_mark": lambda playback: playback.step_mark(-1),
    "loop": Playback.press_loop,
}
"""By the id of the action."""
