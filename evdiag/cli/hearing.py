"""Waiting until it is known which car is on the bus."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from evdiag.cli.options import above
from evdiag.errors import BadInputError, BusError

if TYPE_CHECKING:
    from evdiag.live.live import Live

LOOK_S = 0.05

within_option = click.option(
    "--within",
    type=float,
    callback=above(),
    default=15.0,
    show_default=True,
    metavar="S",
    help="Give up where the car is not known after S seconds.",
)


def go_on() -> None:
    """Do nothing: nobody may end the waiting."""


def heard_nothing(live: Live, within_s: float, look: Callable[[], None] = go_on) -> bool:
    """Wait for the first frame; tell whether none came. `look` may end it."""
    ends_s = time.monotonic() + within_s
    while not live.sequence.frames:
        if time.monotonic() >= ends_s:
            return True
        look()
        time.sleep(LOOK_S)
    return False


def wait_until_known(
    live: Live, within_s: float, look: Callable[[], None] = go_on, *, vehicle: str | None = None
) -> None:
    """Wait until the car is known; `look` is called meanwhile, and may end it.

    `vehicle` is the one that was named, if any.

    Raises:
        BusError: nothing was heard.
        BadInputError: what was heard is no car that is known.
    """
    ends_s = time.monotonic() + within_s
    while live.following.session is None:
        if time.monotonic() >= ends_s:
            live.follower.decide()
            break
        look()
        time.sleep(LOOK_S)
    if live.following.session is not None:
        return
    heard = live.sequence.frames
    if not heard:
        raise BusError(
            f"nothing was heard in {within_s:g} s: is the car awake? `evdiag doctor` looks at the "
            "set-up"
        )
    if vehicle is not None:
        raise BadInputError(_not_the_named_one(live, vehicle, heard))
    raise BadInputError(
        f"the car is not identified by {heard:,} frames in {within_s:g} s; name it with --vehicle "
        "(see `evdiag vehicles list`)"
    )


def _not_the_named_one(live: Live, vehicle: str, heard: int) -> str:
    from evdiag.connecting import car_that_fits
    from evdiag.vehicles.library import library

    said = f"none of the {heard:,} frames heard tells of {library().profile(vehicle).name}"
    fits = live.follower.look(lambda following: car_that_fits(following.undecided_frames()))
    if fits is None:
        return f"{said}: is it another car, or another of its buses?"
    return f"{said}: they fit {fits.name} (--vehicle {fits.id})"
