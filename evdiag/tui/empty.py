"""What is said where there is nothing to show: what is missing, and what to do. Pure."""

from __future__ import annotations

from evdiag.tui.moment import Moment
from evdiag.tui.words import at_text


def without_car(moment: Moment) -> tuple[str, str, str, str]:
    """Return the advice (word, tone, sentence, next step) before the car is known."""
    return "LISTENING", "odd", which_car(moment), ""


def frozen() -> tuple[str, str, str, str]:
    """Return the advice while the screen stands still."""
    return "FROZEN", "busy", "This is how it was, not how it is. space goes on with now.", ""


def link_lost() -> tuple[str, str, str, str]:
    """Return the advice while nothing can be heard."""
    return "NOT HEARD", "odd", "The link is lost: how the lock is now is not known.", ""


def which_car(moment: Moment) -> str:
    """Say that the car is not known yet, and what would help."""
    live = moment.live
    if live is not None and live.named:
        hint = "A asks its diagnostics, where the car hides its bus." if live.can_ask else ""
        return f"None of the frames of {live.named} that tell something were heard yet. {hint}"
    if not moment.position:
        return (
            "No frame yet: is the ignition on, the adapter at the right connector, the bit rate "
            "right? `evdiag doctor` looks for the cause."
        )
    return (
        "The car is recognised by its frames, within some seconds. Trace and Bus work at once; "
        "v names a car that is not recognised."
    )


def no_attempt_yet(moment: Moment) -> str:
    """Say on the port screen why no attempt is shown."""
    played = moment.played
    if played is None:
        return "No attempt yet: it begins when somebody asks for the lock to open. m sets a mark."
    if not played.playback.frames:
        return "This recording holds no frame: open another one, or look at 5 Bus for why."
    attempts = played.playback.all_attempts
    if not attempts:
        return (
            "This recording holds no attempt: nobody asked for the lock to open while a plug was "
            "in. 4 Signals shows what the car did send."
        )
    first = at_text(played.playback.elapsed_at(played.playback.history.attempt_rows[0]))
    what = "attempt lies" if len(attempts) == 1 else "attempts lie"
    return f"No attempt yet. {len(attempts)} {what} ahead, the first at {first}: ] goes there."


def no_attempt(moment: Moment) -> str:
    """Say on the attempts screen why there is none."""
    if moment.car is None:
        return "No attempt. " + which_car(moment)
    if moment.played is not None and not moment.played.playback.frames:
        return "No attempt: the recording holds no frame. 5 Bus says what reading it brought."
    offered = moment.snapshot.signal("port.lock").offered
    plug = moment.snapshot.signal("port.plug").offered
    if not offered or not plug:
        missing = "lock" if not offered else "plug"
        return (
            f"No attempt: this car's {missing} is not shown on the buses that are heard here, so "
            "nothing can be judged. Record the bus that carries it: `evdiag vehicles show` says "
            "where to tap."
        )
    if moment.played is None:
        return (
            "No attempt so far: nobody asked for the lock to open while a plug was in. R records "
            "from before the button is pressed until the plug is out or given up."
        )
    return (
        "No attempt in this recording: nobody asked for the lock to open while a plug was in. "
        "Record again, from before the button is pressed until the plug is out or given up."
    )


def no_frame(moment: Moment) -> str:
    """Say on the trace screen why no frame is shown."""
    if moment.played is None:
        if not moment.position:
            return "No frame yet. 5 Bus says how the link is, `evdiag doctor` looks for the cause."
    elif not moment.played.playback.frames:
        return "No frame: the recording is empty. 5 Bus says what reading it brought."
    elif not moment.position:
        return "No frame yet: space plays, . steps one frame."
    return "No frame passes the filter: / changes it, and nothing typed shows all."
