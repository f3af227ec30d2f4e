"""What no command may be, whatever a profile says: decided in code, never from data. Pure.

A profile that breaks one of these rules is not read at all, so nothing of it is ever offered; the
transmit policy looks at the bytes once more. Services and their forms by ISO 14229-1.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Final

from evdiag.inputs import FrameKey, id_text
from evdiag.vehicles.command import (
    Ask,
    Cease,
    Command,
    CommandFrame,
    Motion,
    Pause,
    Repeat,
    Request,
    Send,
    Step,
    Wait,
)
from evdiag.vehicles.ecu import FUNCTIONAL_ADDRESSES, Ecu, is_diagnostic_id, is_functional_id
from evdiag.vehicles.request_forms import (
    PRESENT,
    SESSION,
    WRITE,
    counterpart,
    drives,
    takes_back,
    wrong_request,
)
from evdiag.vocabulary import Purpose

FASTEST_FRAME_MS: Final = 5
FASTEST_REQUEST_MS: Final = 50
SLOWEST_BACK_MS: Final = 300
"""What hands back is tried again so soon (`evdiag.control.hand_back`)."""
LONGEST_BACK_MS: Final = 5_000
"""Less than handing back may take in all: a frame of it must not be given up half way."""
LONGEST_S: Final = 60.0
"""As long as a command stays armed."""
LONGEST_ALONE_S: Final = 10.0
"""A car that holds on to a command for longer, when nobody speaks to it, is not commanded."""
MOST_TIMES: Final = 100
MOST_TRIES: Final = 5
MOST_PARTS: Final = 100
"""Of a kind; each is held against each."""

_PROVEN_BY: Final[Mapping[Purpose, Mapping[str, str]]] = {
    "unlock": {"port.lock": "unlocked"},
    "relock": {"port.lock": "locked"},
    "cycle": {"port.lock": "unlocked"},
    "open-flap": {"port.flap": "open", "port.flap_lock": "unlocked"},
}
"""The signal, and its one word: by any other one a lock that holds the plug would count as open."""

_MOVES: Final[Mapping[Purpose, tuple[Motion, ...]]] = {
    "unlock": ("unlock",),
    "relock": ("relock",),
    "cycle": ("unlock", "relock"),
    "open-flap": ("open-flap",),
}

Refusal = tuple[str, str]
"""The key at fault, and why."""


def refusals(command: Command, sent: Container[FrameKey]) -> Iterator[Refusal]:
    """Yield every reason why evdiag never carries this command out; none for a good one.

    `sent` are the ids that the car itself sends.
    """
    yield from _limits(command)
    yield from _unit(command.unit)
    yield from _requests(command)
    yield from _frames(command, sent)
    yield from _steps(command)
    yield from _letting_go(command)


def _limits(command: Command) -> Iterator[Refusal]:
    if command.longest_s > LONGEST_S:
        yield "longest_s", f"must be {LONGEST_S:g} s or less"
    if command.on_s > LONGEST_S:
        yield "on_s", f"must be {LONGEST_S:g} s or less"
    if command.alone_after_s > LONGEST_ALONE_S:
        why = f"a car that holds on for more than {LONGEST_ALONE_S:g} s is not commanded"
        yield "alone_after_s", f"must be {LONGEST_ALONE_S:g} s or less: {why}"
    proofs = _PROVEN_BY[command.name]
    if command.proof is None or command.proof.words != (proofs.get(command.proof.signal),):
        wanted = " or ".join(f"{signal} {word}" for signal, word in proofs.items())
        yield "success", f"{command.name} is proven by {wanted}, as the car reports it"
    if not command.steps:
        yield "steps", "is missing"
    for key, parts in (
        ("steps", command.steps),
        ("hand_back", command.hand_back),
        ("requests", command.requests),
        ("frames", command.frames),
        ("needs", command.needs),
    ):
        if len(parts) > MOST_PARTS:
            yield key, f"there are {len(parts)}, and {MOST_PARTS} at most"
    moves = [request.moves for request in command.requests]
    moves += [frame.moves for frame in command.frames]
    if not any(moves):
        yield "requests", f'none says moves = "{command.name}": what drives it must say so'
    for move in moves:
        if move is not None and move not in _MOVES[command.name]:
            yield "name", f"{command.name} does not {move} anything"


def _unit(unit: Ecu | None) -> Iterator[Refusal]:
    if unit is None:
        return
    for identifier in (unit.request_id, unit.response_id):
        if is_functional_id(identifier, unit.extended_ids):
            yield "unit", f"{id_text(identifier, unit.extended_ids)} asks all control units at once"
        elif not is_diagnostic_id(identifier, unit.extended_ids):
            yield "unit", f"{id_text(identifier, unit.extended_ids)} is no id for diagnostics"
    if unit.target_address in FUNCTIONAL_ADDRESSES:
        yield "unit", f"the address 0x{unit.target_address:02X} is that of many control units"


def _requests(command: Command) -> Iterator[Refusal]:
    if command.requests and command.unit is None:
        yield "unit", "is missing: nobody is named whom to ask"
    if command.unit is not None and not command.requests:
        yield "requests", "is missing: there is a unit and nothing to ask it"
    extended = command.unit is not None and command.unit.target_address is not None
    room = 6 if extended else 7
    for request in command.requests:
        wrong = wrong_request(request.data)
        if wrong:
            yield "requests", f"{request.id}: {wrong}"
            continue
        if len(request.data) > room:
            yield "requests", f"{request.id}: longer than the {room} bytes of a single frame"
        if request.every_ms < FASTEST_REQUEST_MS:
            yield "requests", f"{request.id}: every_ms must be {FASTEST_REQUEST_MS} or more"
        if drives(request.data) and not request.moves:
            yield "requests", f"{request.id}: drives something, so it must say what it moves"
    yield from _alone("requests", [request.id for request in command.requests])
    yield from _alone("requests", [request.data.hex(" ").upper() for request in command.requests])
    if command.keep_alive:
        named = [each for each in command.requests if each.id == command.keep_alive]
        if not named or named[0].data[0] != PRESENT:
            yield "keep_alive", "must name a request of service 0x3E"


def _frames(command: Command, sent: Container[FrameKey]) -> Iterator[Refusal]:
    for frame in command.frames:
        who = id_text(frame.can_id, frame.extended)
        if is_diagnostic_id(frame.can_id, frame.extended) or is_functional_id(
            frame.can_id, frame.extended
        ):
            yield "frames", f"{frame.id}: {who} is an id for diagnostics, which are `requests`"
        if frame.key in sent:
            yield "frames", f"{frame.id}: the car itself sends {who}; two senders only collide"
        if frame.length > 8:
            yield "frames", f"{frame.id}: longer than 8 bytes"
        if frame.every_ms < FASTEST_FRAME_MS:
            yield "frames", f"{frame.id}: every_ms must be {FASTEST_FRAME_MS} or more"
    for place, frame in enumerate(command.frames):
        for other in command.frames[:place]:
            if _may_be_alike(frame, other):
                yield "frames", f"{frame.id!r} may have the bytes of {other.id!r}"
    yield from _alone(
        "frames", [*(each.id for each in command.frames), *(r.id for r in command.requests)]
    )


def _may_be_alike(frame: CommandFrame, other: CommandFrame) -> bool:
    """Tell whether the bytes of one may be the other's: nobody could tell what is meant."""
    fixed = (one & two for one, two in zip(frame.mask, other.mask, strict=False))
    differ = (
        (one ^ two) & bits for one, two, bits in zip(frame.data, other.data, fixed, strict=False)
    )
    return (frame.bus, frame.key) == (other.bus, other.key) and not any(differ)


def _steps(command: Command) -> Iterator[Refusal]:
    for key, steps in (("steps", command.steps), ("hand_back", command.hand_back)):
        before: list[str] = []
        for step in steps:
            yield from ((key, why) for why in _wrong_step(command, step, before))
            if step.id:
                before.append(step.id)
        yield from _alone(key, before)


def _wrong_step(command: Command, step: Step, before: Sequence[str]) -> Iterator[str]:
    requests = [request.id for request in command.requests]
    frames = [frame.id for frame in command.frames]
    match step.doing:
        case Ask(name) if name not in requests:
            yield f"the request {name!r} is not listed"
        case Send(name) | Repeat(name) | Cease(name) if name not in frames:
            yield f"the frame {name!r} is not listed"
        case Send(_, times) if times > MOST_TIMES:
            yield f"a frame is sent {MOST_TIMES} times at most; cyclic ones go on by themselves"
        case Wait(_, within_s) if within_s > LONGEST_S:
            yield f"waits for more than {LONGEST_S:g} s"
        case Pause(seconds) if seconds > LONGEST_S:
            yield f"waits for more than {LONGEST_S:g} s"
    if step.tries > MOST_TRIES:
        yield f"tried {MOST_TRIES} times at most"
    if step.again_from and step.again_from not in before:
        yield f"again_from names {step.again_from!r}, which is no step before it"
    if (step.tries > 1) != bool(step.again_from):
        yield "tries and again_from go together"


def _letting_go(command: Command) -> Iterator[Refusal]:
    """A command that cannot return authority is not carried out; returning it moves nothing."""
    moving = {each.id for each in command.requests if each.moves}
    moving |= {each.id for each in command.frames if each.moves}
    for step in command.hand_back:
        match step.doing:
            case Wait() | Pause() | Repeat():
                yield "hand_back", "only asks, sends and stops: it waits for and begins nothing"
            case Ask(name) | Send(name) if name in moving:
                yield "hand_back", f"{name!r} moves the actuator; giving back moves nothing"
    yield from _requests_taken_back(command)
    yield from _frames_taken_back(command)


def _requests_taken_back(command: Command) -> Iterator[Refusal]:
    given = {step.doing.request for step in command.hand_back if isinstance(step.doing, Ask)}
    good = [each for each in command.requests if not wrong_request(each.data)]
    back = [each.data for each in good if each.id in given]
    steps = {step.doing.request for step in command.steps if isinstance(step.doing, Ask)}
    done = [each.data for each in good if each.id in steps]
    for request in good:
        if request.id in given and not _takes_back_any(request.data, done):
            yield "hand_back", f"{request.id!r} takes nothing back"
        if request.id in given and request.every_ms > SLOWEST_BACK_MS:
            why = f"is asked in hand_back: every_ms must be {SLOWEST_BACK_MS} or less"
            yield "requests", f"{request.id}: {why}"
        begins = counterpart(request.data)
        if begins is None:
            continue
        if request.data[0] == WRITE:
            yield from _write_taken_back(command, request, given, steps)
        elif not any(data.startswith(begins) for data in back):
            yield "hand_back", f"nothing takes back {request.id!r} ({begins.hex(' ').upper()} …)"


def _takes_back_any(data: bytes, done: Sequence[bytes]) -> bool:
    """Tell whether a request takes back what a step asked for.

    No condition holds it up, so of anything else it would be a write, or a stop, without any.
    """
    if data[0] == SESSION:
        return takes_back(data)
    begun = [counterpart(each) for each in done]
    return takes_back(data) and any(each is not None and data.startswith(each) for each in begun)


def _write_taken_back(
    command: Command, request: Request, given: set[str], steps: set[str]
) -> Iterator[Refusal]:
    """What a write has changed, another one that is no step of the command changes back."""
    if request.moves:
        yield "requests", f"{request.id}: a write that moves something cannot be taken back"
    elif request.id in given:
        if request.id in steps:
            yield "hand_back", f"{request.id!r} is a step as well: it takes nothing back"
    elif not any(
        each.id in given and each.data[:3] == request.data[:3] and each.data != request.data
        for each in command.requests
    ):
        begins = request.data[:3].hex(" ").upper()
        yield "hand_back", f"nothing takes back {request.id!r} ({begins} …)"


def _frames_taken_back(command: Command) -> Iterator[Refusal]:
    repeated = {step.doing.frame for step in command.steps if isinstance(step.doing, Repeat)}
    ceased = {step.doing.frame for step in command.hand_back if isinstance(step.doing, Cease)}
    for name in sorted(repeated - ceased):
        yield "hand_back", f"the cyclic frame {name!r} is not stopped"
    sending = [step.doing for step in command.hand_back if isinstance(step.doing, Send)]
    sent = {doing.frame for doing in sending}
    steps = [step.doing for step in command.steps]
    done = {doing.frame for doing in steps if isinstance(doing, Send | Repeat)}
    begun = {(each.bus, each.key) for each in command.frames if each.id in done}
    for frame in command.frames:
        if frame.id in sent and frame.every_ms > SLOWEST_BACK_MS:
            why = f"is sent in hand_back: every_ms must be {SLOWEST_BACK_MS} or less"
            yield "frames", f"{frame.id}: {why}"
        if frame.id in sent and (frame.bus, frame.key) not in begun:
            yield "hand_back", f"{frame.id!r} takes nothing back"
    every_ms = {frame.id: frame.every_ms for frame in command.frames}
    if sum(every_ms.get(doing.frame, 0) * doing.times for doing in sending) > LONGEST_BACK_MS:
        yield "hand_back", f"sends for more than {LONGEST_BACK_MS / 1000:g} s"
    back = {(each.bus, each.key) for each in command.frames if each.id in sent and not each.moves}
    for frame in command.frames:
        if frame.moves and (frame.bus, frame.key) not in back:
            who = id_text(frame.can_id, frame.extended)
            yield "hand_back", f"no frame on {who} takes back {frame.id!r}"


def _alone(key: str, names: Sequence[str]) -> Iterator[Refusal]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield key, f"{name!r} is there twice"
