"""``evdiag guide``: what to do about a stuck cable, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evdiag.cli.bus_options import bus_options, buses_of, folder_option
from evdiag.cli.options import vehicle_option
from evdiag.errors import BadInputError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evdiag.bus.settings import BusSettings
    from evdiag.guiding import AnswersOnly
    from evdiag.inputs import Answer
    from evdiag.tui.guide_start import GuideStart


@click.command("guide")
@click.argument("recording", required=False)
@bus_options
@vehicle_option
@click.option("--plain", is_flag=True, help="A dialogue in lines, for screen readers and SSH.")
@click.option(
    "--at",
    "place",
    default="triage",
    show_default=True,
    metavar="NAME",
    help="Begin at a procedure (release-from-car, release-from-charge-point, prove-the-repair) or "
    "at one of its steps.",
)
@click.option("--lang", "language", metavar="LANG", help="en or de; else as EVDIAG_LANG or LANG.")
@click.option(
    "--resume", metavar="RECORDING", help="Go on where the guide of that recording was left."
)
@folder_option
@click.option("--check", is_flag=True, help="Prove that every procedure can be walked, and end.")
def command(
    recording: str | None,
    interface: str | None,
    channels: tuple[str, ...],
    bitrate: int | None,
    fd: bool,
    data_bitrate: int | None,
    vehicle: str | None,
    plain: bool,
    place: str,
    language: str | None,
    resume: str | None,
    folder: Path,
    check: bool,
) -> int:
    """Get a stuck plug out, step by step, each step checked against what the bus shows.

    With -i and -c on a live bus, which is listened to and recorded; with a RECORDING on the car
    as it stands at its end; with neither by your answers alone. Nothing is transmitted. On a
    terminal this is a screen; with --plain, or without one, a dialogue in lines.
    """
    from evdiag.cli.live_screen import has_terminal
    from evdiag.guide_files import spoken_language, texts
    from evdiag.tui.guide_start import GuideStart

    spoken = texts(spoken_language(language))
    if check:
        return _check()
    _known_place(place)
    live = interface is not None or bool(channels)
    if live and recording is not None:
        raise click.UsageError("a live bus or a recording: not both")
    start = GuideStart(spoken, place, _earlier(resume))
    on_screen = has_terminal() and not plain
    if live:
        from evdiag.log_file import start_log

        start_log()
        buses = buses_of(interface, channels, bitrate, fd, data_bitrate)
        return _on_a_live_bus(buses, vehicle, folder, start, on_screen=on_screen)
    if recording is not None:
        return _on_a_recording(recording, vehicle, start, on_screen=on_screen)
    return _by_answers(vehicle, folder, start, on_screen=on_screen)


def first_step() -> GuideStart:
    """Return where a guide begins, in the person's language."""
    from evdiag.guide_files import spoken_language, texts
    from evdiag.tui.guide_start import GuideStart

    return GuideStart(texts(spoken_language()))


def on_screen_by_answers() -> int:
    """Guide by the answers alone, on the whole terminal; return the exit code."""
    return _by_answers(None, Path(), first_step(), on_screen=True)


def _check() -> int:
    from evdiag.guide.checking import longest_s, worst_s
    from evdiag.guide_files import book, problems

    found = problems()
    for problem in found:
        click.echo(plain_text(problem))
    for procedure in book().procedures:
        click.echo(
            f"{procedure.id}: {len(procedure.steps)} steps, "
            f"{longest_s(book(), procedure) / 60:.0f} min the longest way straight through, "
            f"{worst_s(procedure) / 60:.0f} min at the very most"
        )
    return BadInputError.exit_code if found else 0


def _known_place(place: str) -> None:
    from evdiag.guide_files import book
    from evdiag.vehicles.toml_table import nearest

    known = [procedure.id for procedure in book().procedures]
    if place not in known and place not in book():
        steps = [step.id for procedure in book().procedures for step in procedure.steps]
        hint = nearest(place, [*known, *steps])
        if hint.startswith("known"):
            hint = nearest(place, known)
        raise BadInputError(f"the guide has no place {plain_text(place)!r}; {hint}")


def _earlier(resume: str | None) -> list[Answer]:
    if resume is None:
        return []
    from evdiag.guiding import answers_in

    return answers_in(resume)


def _on_a_live_bus(
    buses: Sequence[BusSettings],
    vehicle: str | None,
    folder: Path,
    start: GuideStart,
    *,
    on_screen: bool,
) -> int:
    from evdiag.cli.live_screen import opened, say_what_was_recorded, show

    bus = opened(buses, vehicle, folder, record=True)
    if on_screen:
        return show(bus, guide=start)
    from evdiag.cli.dialogue import Dialogue
    from evdiag.guiding import begin

    try:
        begin(bus, start.place, list(start.earlier))
        Dialogue(bus, start.texts, watching=True).run()
    finally:
        bus.stop()
        say_what_was_recorded(bus)
    return 0


def _on_a_recording(
    recording: str, vehicle: str | None, start: GuideStart, *, on_screen: bool
) -> int:
    if on_screen:
        from evdiag.cli import replay

        return replay.on_screen(recording, vehicle, guide=start)
    from evdiag.cli.analysis import analysed
    from evdiag.cli.dialogue import Dialogue
    from evdiag.guiding import AtTheEnd, begin

    guided = AtTheEnd(analysed(recording, vehicle, None))
    if guided.guide_page(start.texts) is None or start.earlier:
        begin(guided, start.place, list(start.earlier))
    Dialogue(guided, start.texts, stopped=start.texts.word("stopped_unkept")).run()
    return 0


def _by_answers(vehicle: str | None, folder: Path, start: GuideStart, *, on_screen: bool) -> int:
    from evdiag.guiding import AnswersOnly, begin
    from evdiag.vehicles.library import library

    profile = None if vehicle is None else library().profile(vehicle)
    guided = AnswersOnly(profile, folder)
    try:
        begin(guided, start.place, list(start.earlier))
        if on_screen:
            from evdiag.tui.guide_app import GuideApp

            GuideApp(guided, start.texts).run()
        else:
            from evdiag.cli.dialogue import Dialogue

            opening = start.texts.word("no_bus")
            if guided.unkept is not None:
                opening += f"\n{start.texts.word('unkept')} {guided.unkept}"
            Dialogue(guided, start.texts, opening=opening).run()
    finally:
        guided.close()
        _say_where_it_is_kept(guided)
    return 0


def _say_where_it_is_kept(guided: AnswersOnly) -> None:
    if guided.unkept is not None:
        click.echo(f"evdiag: not all answers are kept: {plain_text(guided.unkept)}", err=True)
    if guided.file is None:
        return
    file = plain_text(str(guided.file))
    click.echo(f"kept in {file}")
    if guided.is_open:
        click.echo(f"  evdiag guide --resume {file}")
    click.echo(f"  evdiag report {file} -o report.html")
