"""``evdiag status``: what the charge port of a live bus does right now, once."""

from __future__ import annotations

import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evdiag.cli.bus_options import ask_option, bus_options, buses_of, check_ask
from evdiag.cli.options import above, format_option, vehicle_option
from evdiag.errors import BadInputError, BusError, RefusedError
from evdiag.plain import plain_text
from evdiag.vocabulary import COMMANDS

if TYPE_CHECKING:
    from evdiag.cli.output import Format, Record
    from evdiag.control.interlocks import BusFacts
    from evdiag.live.live import Live
    from evdiag.session.following import Following
    from evdiag.session.session import Session
    from evdiag.vocabulary import CommandName

COLUMNS = ("vehicle", "signal", "value", "unit", "age_s", "evidence")

_LOOK_S = 0.05
_NANOSECONDS = 1e9


@click.command("status")
@bus_options
@vehicle_option
@click.option(
    "--seconds",
    type=float,
    callback=above(),
    default=3.0,
    show_default=True,
    help="Listen for so long once the car is known: slow signals need their time.",
)
@click.option(
    "--within",
    type=float,
    callback=above(),
    default=15.0,
    show_default=True,
    metavar="S",
    help="Give up where the car is not known after S seconds.",
)
@ask_option
@click.option(
    "--interlocks",
    "asked_for",
    type=click.Choice(COMMANDS),
    help="Also show every condition that this command would need; ends with 3 unless all hold.",
)
@format_option
def command(
    interface: str | None,
    channels: tuple[str, ...],
    bitrate: int | None,
    fd: bool,
    data_bitrate: int | None,
    vehicle: str | None,
    seconds: float,
    within: float,
    ask: bool,
    asked_for: CommandName | None,
    form: Format,
    output: Path | None,
    force: bool,
) -> int:
    """Say what the charge port does right now: lock, plug, session, and what is wrong.

    Listens only, unless --ask says otherwise. Ends with 1 where a fault is certain or likely, with
    4 where nothing is heard. As JSON lines: a summary, then an object for each signal.
    """
    from evdiag.bus_watch import BusWatch
    from evdiag.cli.output import records
    from evdiag.cli.questions import Questions
    from evdiag.cli.sayings import Sayings
    from evdiag.connecting import connected
    from evdiag.log_file import start_log

    check_ask(ask, vehicle)
    start_log()
    watch = BusWatch()
    buses = buses_of(interface, channels, bitrate, fd, data_bitrate)
    live = connected(buses, vehicle, None, hooks=[watch.take])
    say = Sayings()
    questions = Questions(live, vehicle, say) if ask and vehicle is not None else None
    with records(form, output, COLUMNS, str_of, force=force) as emit:
        live.start()
        try:
            if questions is not None:
                questions.begin()
            _listen(live, seconds, within)
            summary, signals = live.follower.look(_said)
            if asked_for is not None:
                answers = None if questions is None else questions.answered
                bus = watch.facts(module_answers=answers)
                summary["command"] = asked_for
                summary["interlocks"] = live.follower.look(partial(_conditions, asked_for, bus))
        finally:
            if questions is not None:
                questions.end()
            live.stop()
        if form == "table":
            emit({"text": "\n".join(_table(summary, signals))})
        elif form == "jsonl":
            emit(summary)
        if form != "table":
            for signal in signals:
                emit(signal)
    if any(one["verdict"] != "green" for one in summary.get("interlocks", ())):
        return RefusedError.exit_code
    return 1 if summary["fault"] else 0


def str_of(record: Record) -> str:
    """Return what people read of a record."""
    return str(record["text"])


def _listen(live: Live, seconds: float, within: float) -> None:
    """Wait until the car is known, and then long enough to hear it out.

    Raises:
        BusError: nothing was heard.
        BadInputError: what was heard is no car that is known.
    """
    began_s = time.monotonic()
    known_s: float | None = None
    while known_s is None or time.monotonic() - known_s < seconds:
        time.sleep(_LOOK_S)
        now_s = time.monotonic()
        if known_s is None and live.following.session is not None:
            known_s = now_s
        if known_s is None and now_s - began_s >= within:
            live.follower.decide()
            if live.following.session is not None:
                return
            break
    if known_s is not None:
        return
    heard = live.sequence.frames
    if not heard:
        raise BusError(
            f"nothing was heard in {within:g} s: is the car awake? `evdiag doctor` looks at the "
            "set-up"
        )
    raise BadInputError(
        f"the car is not identified by {heard:,} frames in {within:g} s; name it with --vehicle "
        "(see `evdiag vehicles list`)"
    )


def _said(following: Following) -> tuple[dict[str, Any], list[Record]]:
    session, decision = following.session, following.decision
    assert session is not None
    assert decision is not None
    found = [finding for finding in session.findings() if finding.fault is not None]
    faults = [finding for finding in found if finding.is_fault]
    now_ns = session.stream_ns or 0
    snapshot = session.snapshot()
    summary: dict[str, Any] = {
        "vehicle": session.profile.id,
        "name": session.profile.name,
        "confidence": round(decision.identified.confidence, 2),
        "time_ns": now_ns,
        "lock_fitted": session.lock_fitted,
        "live_because": list(snapshot.live_because),
        "fault": faults[0].fault if faults else None,
        "findings": [
            {
                "fault": finding.fault,
                "confidence": finding.confidence,
                "summary": finding.summary,
                "next": list(finding.next),
            }
            for finding in found
        ],
    }
    return summary, _signals(session, now_ns)


def _conditions(asked_for: CommandName, bus: BusFacts, following: Following) -> list[Record]:
    from evdiag.control.interlocks import CommandFacts, interlocks

    session = following.session
    assert session is not None
    facts = CommandFacts(session.readings, session.stream_ns or 0, bus)
    return [asdict(one) for one in interlocks(asked_for, facts)]


def _signals(session: Session, now_ns: int) -> list[Record]:
    levels = {signal.name: signal.evidence for signal in session.profile.layout(None).signals}
    shown: list[Record] = []
    for view in session.snapshot().signals:
        if not view.offered:
            continue
        reading = view.reading
        age_s = max(0.0, (now_ns - reading.since_ns) / _NANOSECONDS) if reading.since_ns else None
        shown.append({
            "vehicle": session.profile.id,
            "signal": view.name,
            "value": reading.value,
            "unit": view.unit,
            "age_s": None if age_s is None else round(age_s, 3),
            "evidence": levels.get(view.name, ""),
        })  # fmt: skip
    return shown


def _table(summary: Record, signals: list[Record]) -> list[str]:
    from evdiag.guide_files import step_phrase

    lines = [f"{plain_text(summary['name'])}, confidence {summary['confidence']:.2f}"]
    for signal in signals:
        value = f"{signal['value']:g}" if not isinstance(signal["value"], str) else signal["value"]
        shown = f"{value} {signal['unit']}".rstrip()
        age = "" if signal["age_s"] is None else f"for {signal['age_s']:.1f} s"
        lines.append(f"  {signal['signal']:<28}{shown:<16}{age:<14}{signal['evidence']}")
    if not summary["lock_fitted"]:
        lines.append("This car's inlet has no lock to judge.")
    if summary["live_because"]:
        lines.append("The session is alive: " + ", ".join(summary["live_because"]) + ".")
    for finding in summary["findings"]:
        lines.append(f"{finding['confidence'].upper()}  {finding['fault']}: {finding['summary']}")
        lines += (f"    next: {step_phrase(step)}" for step in finding["next"])
    if not summary["findings"]:
        lines.append("Nothing wrong is seen in what the bus shows now.")
    if "interlocks" in summary:
        lines.append(f"Before {summary['command']}:")
        lines += map(_condition_line, summary["interlocks"])
    return [plain_text(line) for line in lines]


def _condition_line(one: Record) -> str:
    mark = {"green": "✔", "red": "✘", "by_eye": "?"}[one["verdict"]]
    since = "" if one["age_s"] is None else f"for {one['age_s']:.1f} s"
    needs = f"{one['needs']}" if one["needs"] else ""
    return f"  {mark} {one['what']:<40}{one['reading']:<28}{since:<12}{needs}".rstrip()
