"""``evdiag status``: what the charge port of a live bus does right now, once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evdiag.cli.bus_options import (
    ask_option,
    bus_options,
    buses_of,
    check_ask,
    recording_option,
)
from evdiag.cli.conditions import condition_line, condition_records, failing
from evdiag.cli.hearing import wait_until_known, within_option
from evdiag.cli.options import above, format_option, vehicle_option
from evdiag.errors import RefusedError
from evdiag.plain import plain_text
from evdiag.vocabulary import COMMANDS

if TYPE_CHECKING:
    from evdiag.bus_watch import BusWatch
    from evdiag.cli.output import Format, Record
    from evdiag.control.interlocks import Interlock
    from evdiag.live.live import Live
    from evdiag.session.following import Following
    from evdiag.session.session import Session
    from evdiag.vocabulary import CommandName

COLUMNS = ("vehicle", "signal", "value", "unit", "age_s", "evidence")

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
@within_option
@ask_option
@recording_option
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
    folder: Path,
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
    from evdiag.cli.analysis import say_profile_problems
    from evdiag.cli.output import records
    from evdiag.cli.questions import Questions
    from evdiag.cli.sayings import Sayings
    from evdiag.connecting import RecordingPlan, connected
    from evdiag.log_file import start_log

    say_profile_problems()
    check_ask(ask, vehicle)
    start_log()
    watch = BusWatch()
    buses = buses_of(interface, channels, bitrate, fd, data_bitrate)
    # Every frame that is sent is in a recording; what is only listened to need not be.
    plan = RecordingPlan(folder) if ask else None
    live = connected(buses, vehicle, plan, hooks=[watch.take])
    say = Sayings()
    conditions: tuple[Interlock, ...] = ()
    questions = Questions(live, vehicle, say) if ask and vehicle is not None else None
    with records(form, output, COLUMNS, str_of, force=force) as emit:
        live.start()
        try:
            if questions is not None:
                say.recording(live.state.recorder)
                questions.begin()
            wait_until_known(live, within, vehicle=vehicle)
            time.sleep(seconds)
            summary, signals = live.follower.look(_said)
            if asked_for is not None:
                answers = None if questions is None else questions.answered
                conditions = _conditions(live, watch, asked_for, answers)
                summary["command"] = asked_for
                summary["interlocks"] = condition_records(conditions)
        finally:
            if questions is not None:
                questions.end()
            live.stop()
            say.not_recorded(live.state.recorder)
        if form == "table":
            lines = _table(summary, signals)
            if asked_for is not None:
                lines += [f"Before {asked_for}:", *map(condition_line, conditions)]
            emit({"text": "\n".join(lines)})
        elif form == "jsonl":
            emit(summary)
        if form != "table":
            for signal in signals:
                emit(signal)
    if failing(conditions):
        return RefusedError.exit_code
    return 1 if summary["fault"] else 0


def str_of(record: Record) -> str:
    """Return what people read of a record."""
    return str(record["text"])


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


def _conditions(
    live: Live, watch: BusWatch, asked_for: CommandName, answers: bool | None
) -> tuple[Interlock, ...]:
    """Return what the usual way of a command would need; of a car that is given none, the rest."""
    from evdiag.commanding import Commanding
    from evdiag.control.interlocks import CommandFacts, interlocks
    from evdiag.control.module_check import ModuleSays

    decision = live.following.decision
    assert decision is not None
    ways = decision.profile.ways(asked_for)
    if ways:
        module = ModuleSays(answers)
        return Commanding(live, watch).conditions(ways[0], decision.profile, module=module)

    def look(following: Following) -> tuple[Interlock, ...]:
        session = following.session
        assert session is not None
        bus = watch.facts(module_answers=answers)
        return interlocks(asked_for, CommandFacts(session.readings, session.stream_ns or 0, bus))

    return live.follower.look(look)


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
    return [plain_text(line) for line in lines]
