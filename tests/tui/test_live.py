"""The live screen as a person meets it: the same views, told by a bus that goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evdiag.bus.listen_only import Silence
from evdiag.bus.source import Losses
from evdiag.inputs import BusEventKind, Tick
from evdiag.levels import AskLook
from evdiag.tui.actions import LIVE, LIVE_WITH_CAR, actions_for
from evdiag.tui.choice import Choice
from evdiag.tui.config import TuiConfig
from evdiag.tui.fixed_lines import footer_line
from evdiag.tui.help_screen import HelpScreen
from evdiag.tui.lines import LinePane, TextList, length
from evdiag.tui.live_app import LiveApp
from evdiag.tui.live_dialogs import AskDialog, Leaving
from evdiag.tui.lock_look import look_without_car
from evdiag.tui.trace_view import TraceView
from evdiag.tui.views_app import VIEWS
from tests.tui.live_bus import FakeBus, live
from tests.tui.replaying import SIZES, Playing, replay, seen, settled

OPEN_AT_S = 20.0
"""The lock is open, the first attempt runs, and the countdown to the re-lock."""


async def press(pilot: Playing, *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def ticked(app: LiveApp, pilot: Playing) -> str:
    """Pull once more; return what is seen then."""
    app.tick()
    await settled(pilot)
    return seen(app)


def words(text: str) -> str:
    return " ".join(text.split())


# -- the same views --------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", VIEWS)
async def test_every_view_shows_a_live_bus_and_keeps_the_fixed_lines(
    view: str, size: tuple[int, int]
) -> None:
    app = live(FakeBus().play_to(OPEN_AT_S))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await app.act(f"view_{view}")
        await settled(pilot)
        text = seen(app)
        lines = text.splitlines()
        assert len(lines) == size[1]
        assert all(len(line) <= size[0] for line in lines)
        assert "LISTEN verified" in lines[0]
        assert "○ not recording" in lines[0]
        assert "can0" in lines[0]
        assert "quit" in lines[-1]
        assert f"{app.facts.state.received:,}" in lines[-2]
        assert "PULL NOW" in text


async def test_port_and_attempts_say_the_same_live_and_replayed() -> None:
    at_s = 30.0
    app, played = live(FakeBus().play_to(at_s)), replay(at_s=at_s)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        shown = [
            app.query_one(f"#{pane}", LinePane).text for pane in ("advice", "attempt", "facts")
        ]
        strip = app.query_one("#strip", LinePane).text.splitlines()
    async with played.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        panes = ("advice", "attempt", "facts")
        assert "[g] guide me" in shown[0]
        shown[0] = shown[0].replace("[g] guide me", "").rstrip()
        assert shown == [played.query_one(f"#{pane}", LinePane).text for pane in panes]
        again = played.query_one("#strip", LinePane).text.splitlines()
        # One column may differ: a playback begins at its first frame, a bus at its first input.
        assert [line[-12:] for line in strip] == [line[-12:] for line in again]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("size", SIZES)
async def test_before_the_car_is_known_every_view_works(view: str, size: tuple[int, int]) -> None:
    bus = FakeBus(known=False).play_to(3.0)
    app = live(bus)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await app.act(f"view_{view}")
        await press(pilot, "down", "y", "slash", "1", "escape")
        bus.play_to(4.0)
        text = words(await ticked(app, pilot))
        assert "which car?" in text
        assert f"{bus.received:,}" in text
        if view == "trace":
            assert " ids shown" in text
            assert app.query_one(TraceView).main_list.count


@pytest.mark.parametrize("size", SIZES)
async def test_a_silent_bus_says_what_to_check(size: tuple[int, int]) -> None:
    app = live(FakeBus(known=False))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        assert "No frame yet: is the ignition on" in words(seen(app))
        assert "Next:" not in seen(app)


async def test_what_is_decided_is_shown_from_then_on() -> None:
    bus = FakeBus(known=False).play_to(3.0)
    app = live(bus)
    async with app.run_test(size=(120, 40)) as pilot:
        await press(pilot, "3")
        assert "Lock_State" not in seen(app)
        bus._decision = FakeBus()._decision
        bus._following.start_over(lambda frames, final: bus._decision)
        bus.play_to(5.0)
        text = await ticked(app, pilot)
        assert "Lock_State" in text
        assert "evdiag reference car" in text.splitlines()[0]


# -- keys ------------------------------------------------------------------------------------


async def test_freezing_stands_still_counts_what_passed_and_says_how_the_lock_is_now() -> None:
    bus = FakeBus().play_to(OPEN_AT_S)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "R", "space")
        port = app.query_one("#strip", LinePane).text
        before = bus.received
        bus.play_to(32.0)
        text = await ticked(app, pilot)
        assert "PULL" not in text.upper()
        assert "locks again" not in text
        assert f"+{bus.received - before:,} since; now LOCKED" in text
        assert app.query_one("#strip", LinePane).text == port
        assert "space go on" in text
        assert f"recorded {bus.received:,}" in text
        await press(pilot, "space")
        text = await ticked(app, pilot)
        assert "FROZEN" not in text
        assert "LOCKED" in app.query_one("#lock", LinePane).text


async def test_a_mark_is_set_at_once_and_its_note_follows() -> None:
    bus = FakeBus().play_to(5.0)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "m", "M")
        assert bus.marks == ["mark 1", "mark 2"]
        await press(pilot, *"sticks", "enter")
        assert bus.marks == ["mark 1", "mark 2", "mark 2: sticks"]
        await press(pilot, "M")
        assert "leaves it without" in app.screen.query_one("#wrong", LinePane).text
        await press(pilot, "escape")
        assert bus.marks[-1] == "mark 3"
        await press(pilot, "5")
        assert "mark: mark 2: sticks" in seen(app)


@pytest.mark.parametrize("view", VIEWS)
async def test_recording_starts_and_stops_from_every_view(view: str) -> None:
    bus = FakeBus().play_to(5.0)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await app.act(f"view_{view}")
        await press(pilot, "R")
        bus.play_to(12.0)
        assert "● REC 00:00:0" in (await ticked(app, pilot)).splitlines()[0]
        await press(pilot, "R")
        assert "○ not recording" in (await ticked(app, pilot)).splitlines()[0]


async def test_leaving_while_recording_asks_and_stays_or_leaves() -> None:
    bus = FakeBus().play_to(5.0)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "R")
        bus.play_to(6.0)
        app.tick()
        await press(pilot, "q")
        assert isinstance(app.screen, Leaving)
        assert f"{bus.received:,} frames. Stop and leave?" in words(seen(app))
        await press(pilot, "n")
        assert not isinstance(app.screen, Leaving)
        assert not app._exit
        await press(pilot, "ctrl+q")
        assert isinstance(app.screen, Leaving)
        await press(pilot, "y")
        assert app._exit


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_leaving_without_a_recording_just_leaves(key: str) -> None:
    app = live(FakeBus().play_to(5.0))
    async with app.run_test() as pilot:
        await press(pilot, key)
        assert app._exit


async def test_who_presses_ctrl_c_twice_leaves_from_anywhere() -> None:
    bus = FakeBus().play_to(5.0)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "R", "M")
        await press(pilot, "ctrl+c")
        assert isinstance(app.screen, Leaving)
        assert not app._exit
        await press(pilot, "ctrl+c")
        assert app._exit


async def test_the_car_is_named_from_a_list() -> None:
    bus = FakeBus(known=False).play_to(3.0)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "v")
        assert isinstance(app.screen, Choice)
        assert "recognise it" in seen(app)
        await press(pilot, "escape", "v", "down", "enter")
        assert bus.asked_for == [bus.vehicles()[0][0]]
        await ticked(app, pilot)
        lock = app.query_one("#lock", LinePane).text
        assert f"listening for the first frames of {bus.vehicles()[0][1]}" in lock
        await press(pilot, "v", "enter")
        assert bus.asked_for[-1] is None


def test_a_car_that_does_not_come_is_doubted() -> None:
    assert look_without_car(999, "BMW i3").meaning.startswith("listening for the first frames of")
    doubted = look_without_car(1_000, "BMW i3").meaning
    assert doubted == "1,000 frames, and they do not fit BMW i3: another car? v names it"


async def test_transport_is_neither_in_the_footer_nor_in_the_help_nor_does_anything() -> None:
    names = {action.id for action in actions_for(LIVE)}
    assert not names & {"play", "next_change", "loop", "faster", "go_to", "choose", "car"}
    app = live(FakeBus().play_to(5.0))
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "n", "p", "l", "g", "right", "plus", "home", "end", "c")
        assert not app._exit
        await press(pilot, "question_mark")
        assert isinstance(app.screen, HelpScreen)
        help_text = words(app.screen.query_one(TextList).text)
        assert all(action.help in help_text for action in actions_for(LIVE))
        assert "Play or pause" not in help_text


@pytest.mark.parametrize("view", VIEWS)
def test_the_footer_offers_what_matters_live_in_sixty_columns(view: str) -> None:
    line, spots = footer_line(view, TuiConfig().keys, 60, LIVE, {})
    assert length(line) == 60
    assert {"hold", "record", "help", "quit"} <= {spot.action for spot in spots}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("width", [60, 80])
def test_what_ends_asking_is_always_in_the_footer(view: str, width: int) -> None:
    titles = {"ask": "stop ask", "record": "stop rec", "hold": "go on"}
    line, spots = footer_line(view, TuiConfig().keys, width, LIVE_WITH_CAR, titles)
    assert length(line) == width
    assert {*titles, "help", "quit"} <= {spot.action for spot in spots}
    assert all(spot.end <= width for spot in spots)


async def test_what_is_said_in_passing_covers_no_counter() -> None:
    bus = FakeBus().play_to(5.0)
    app = live(bus)
    async with app.run_test(size=(60, 20), notifications=True) as pilot:
        await press(pilot, "m")
        assert "mark 1" in seen(app)
        lines = seen(app).splitlines()
        assert "received" in lines[-2]
        assert "dropped 0" in lines[-2]
        assert "quit" in lines[-1]


async def test_the_trace_can_be_read_while_the_bus_goes_on() -> None:
    bus = FakeBus().play_to(OPEN_AT_S)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "3", "up", "up")
        trace = app.query_one(TraceView)
        row = trace.main_list.chosen()
        before = bus.received
        bus.play_to(25.0)
        text = await ticked(app, pilot)
        assert trace.main_list.chosen() == row
        assert f"FROZEN +{bus.received - before:,} since freeze" in text
        await press(pilot, "z", "i", "down", "down")
        chosen = trace.main_list.chosen()
        assert chosen is not None
        bus.play_to(26.0)
        await ticked(app, pilot)
        again = trace.main_list.chosen()
        assert again is not None
        assert again.kind == chosen.kind
        assert again.row > chosen.row


# -- level ASK -------------------------------------------------------------------------------


async def test_asking_says_what_it_does_and_needs_the_word() -> None:
    bus = FakeBus().play_to(5.0)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "A")
        assert isinstance(app.screen, AskDialog)
        text = words(seen(app))
        assert "evdiag will transmit: 2.5 questions a second to 0x7E6" in text
        assert "The alarm may sound. (community)" in text
        assert "can0 is verified silent now" in text
        assert "simulated" in text
        await press(pilot, "enter", "y", "enter", *["backspace"] * 3)
        assert bus.ask.begun == []
        assert "nothing is sent" in seen(app)
        await press(pilot, *"ask", "enter")
        assert bus.ask.begun == ["reference"]
        assert "ASK opening" in (await ticked(app, pilot)).splitlines()[0]
        bus.ask.now = AskLook("asking")
        text = await ticked(app, pilot)
        assert "ASK transmits" in text.splitlines()[0]
        assert "A stop ask" in text
        await press(pilot, "A")
        assert bus.ask.ended == 1
        assert "LISTEN verified" in (await ticked(app, pilot)).splitlines()[0]


async def test_what_is_asked_is_recorded_to_its_end() -> None:
    bus = FakeBus().play_to(5.0)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "R")
        bus.ask.now = AskLook("asking")
        await ticked(app, pilot)
        await press(pilot, "R")
        assert "● REC" in (await ticked(app, pilot)).splitlines()[0]
        await press(pilot, "A", "R")
        assert "○ not recording" in (await ticked(app, pilot)).splitlines()[0]


async def test_asking_can_be_left_alone_and_an_unknown_car_is_not_asked() -> None:
    bus = FakeBus().play_to(5.0)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "A", "a", "s", "k", "escape")
        assert bus.ask.begun == []
    bus = FakeBus(known=False).play_to(5.0)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "A")
        assert not isinstance(app.screen, AskDialog)
        assert next(n.message for n in app._notifications).startswith("which car?")


async def test_why_asking_ended_is_said() -> None:
    bus = FakeBus().play_to(5.0)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        bus.ask.now = AskLook("off", None, "can0 is in listen-only mode")
        await ticked(app, pilot)
        await ticked(app, pilot)
        assert [n.message for n in app._notifications] == [
            "not asking: can0 is in listen-only mode"
        ]


# -- trouble ---------------------------------------------------------------------------------


async def test_a_lost_link_is_a_banner_and_makes_the_state_stale() -> None:
    bus = FakeBus().play_to(12.0)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "LOCKED" in app.query_one("#lock", LinePane).text
        bus.lose_link(12.1)
        bus.feed([Tick(bus.frames[0].time_ns + 15_200_000_000)])
        text = words(await ticked(app, pilot))
        assert "LINK LOST can0 · reconnecting, 3 s · the interface can0 is down" in text
        assert "STALE  the link is lost; last seen locked" in app.query_one("#lock", LinePane).text
        bus.happen(BusEventKind.UP, "back", at_s=16.0)
        bus.link = replace(bus.link, condition="up")
        text = await ticked(app, pilot)
        assert "LINK LOST" not in text
        assert not app.query_one("#banner").display


async def test_why_the_link_is_lost_is_whole_on_the_bus_page() -> None:
    bus = FakeBus().play_to(12.0)
    words_of_it = "no socketcand at 127.0.0.1:29536: is it running there, and is its address right?"
    bus.link = replace(bus.link, condition="lost", words=words_of_it)
    app = live(bus)
    async with app.run_test(size=(60, 20)) as pilot:
        await press(pilot, "5")
        assert f"can0 500k lost {words_of_it}" in words(seen(app))


async def test_troubles_that_do_not_fit_end_in_an_ellipsis() -> None:
    bus = FakeBus().play_to(12.0)
    bus.recorder = replace(bus.recorder, alarm="not recording: " + "the disk is full and " * 9)
    app = live(bus)
    async with app.run_test(size=(60, 20)) as pilot:
        await settled(pilot)
        bus.happen(BusEventKind.LOST, "the interface is down, " * 6, at_s=12.1)
        await ticked(app, pilot)
        rows = app.query_one("#banner", LinePane).text.splitlines()
        assert len(rows) == 3
        assert rows[2].startswith(" LINK LOST")
        assert all(row.rstrip().endswith("…") for row in rows[1:])


@pytest.mark.parametrize(
    ("kind", "word", "over"),
    [
        (BusEventKind.SILENT, "SILENT", BusEventKind.HEARD),
        (BusEventKind.WRONG_BITRATE, "WRONG BIT RATE", BusEventKind.HEARD),
        (BusEventKind.BUS_OFF, "BUS OFF", BusEventKind.ERROR_ACTIVE),
        (BusEventKind.ERROR_PASSIVE, "BUS ERRORS", BusEventKind.ERROR_ACTIVE),
        (BusEventKind.FRAMES_LOST, "FRAMES DROPPED", BusEventKind.UP),
        (BusEventKind.DRIVER_ERROR, "UNREADABLE", BusEventKind.UP),
    ],
)
@pytest.mark.parametrize("size", SIZES)
async def test_each_trouble_has_its_words_and_goes(
    kind: BusEventKind, word: str, over: BusEventKind, size: tuple[int, int]
) -> None:
    bus = FakeBus().play_to(12.0)
    app = live(bus)
    async with app.run_test(size=size) as pilot:
        bus.happen(kind, "said in words", count=7, at_s=12.0)
        text = words(await ticked(app, pilot))
        assert word in text
        assert "said in words" in text
        bus.happen(over, at_s=12.5)
        assert word not in await ticked(app, pilot)


async def test_a_recorder_that_cannot_record_is_said_before_everything_else() -> None:
    bus = FakeBus().play_to(12.0)
    bus.start_recording()
    bus.recorder = replace(bus.recorder, alarm="not recording: the disk is full: free some space")
    bus.failure = "IndexError: bad"
    bus.happen(BusEventKind.SILENT, "no frame", at_s=12.0)
    app = live(bus)
    async with app.run_test(size=(80, 24)) as pilot:
        lines = (await ticked(app, pilot)).splitlines()
        assert "✖ NOT RECORDING" in lines[0]
        assert "NOT RECORDING" in lines[2]
        assert "the disk is full" in lines[2]
        assert "DECODER STOPPED" in lines[3]
        assert "SILENT" in lines[4]
        bus.recorder = replace(bus.recorder, held=2_048)
        await ticked(app, pilot)
        await press(pilot, "q")
        assert "Not recording: no disk takes the 2,048 frames in memory." in words(seen(app))


@pytest.mark.parametrize("size", SIZES)
async def test_the_counters_are_always_in_sight(size: tuple[int, int]) -> None:
    bus = FakeBus().play_to(12.0)
    bus.start_recording()
    bus.received = 12_345_678
    bus.recorder = replace(bus.recorder, frames=12_345_000)
    bus.link = replace(bus.link, losses=Losses(34_567, 0, 212_992))
    bus.behind = 54_321
    bus.sent = 12
    app = live(bus)
    async with app.run_test(size=size) as pilot:
        line = (await ticked(app, pilot)).splitlines()[-2]
        assert app.facts.shown == app.moment().position - 12
        for number in ("12,345,678", "12,345,000", f"{app.facts.shown:,}", "34,567", "sent 12"):
            assert number in line
        if size[0] >= 80:
            assert "54,321 behind" in line


@pytest.mark.parametrize("state", ["verified", "requested", "not possible"])
@pytest.mark.parametrize("size", SIZES)
async def test_the_level_is_in_sight_in_words(state: str, size: tuple[int, int]) -> None:
    bus = FakeBus().play_to(12.0)
    bus.link = replace(bus.link, silence=Silence(state, "because"))  # type: ignore[arg-type]
    bus.start_recording()
    app = live(bus)
    async with app.run_test(size=size) as pilot:
        top = (await ticked(app, pilot)).splitlines()[0]
        assert f"LISTEN {state}" in top
        assert "● REC 00:00:00" in top


async def test_hostile_words_of_a_driver_stay_text() -> None:
    bus = FakeBus().play_to(12.0)
    app = live(bus)
    async with app.run_test(size=(120, 40)) as pilot:
        bus.happen(BusEventKind.LOST, "[@click=app.quit]x[/]\x1b[31m", at_s=12.0)
        bus.mark("[red]\x1b[2J")
        await press(pilot, "5")
        text = await ticked(app, pilot)
        assert "\x1b" not in text
        assert "[@click=app.quit]x[/]" in text
        assert not app._exit


# -- a virtual car ---------------------------------------------------------------------------


class Obedient:
    """A virtual car that remembers what was done to it."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def acts(self) -> list[tuple[str, str, str]]:
        return [("fob_unlock", "unlock is pressed on the fob", "u"), ("pull", "pulled", "x")]

    def do(self, act: str) -> None:
        self.done.append(act)


async def test_what_is_done_at_the_virtual_car_is_done() -> None:
    car = Obedient()
    app = live(FakeBus().play_to(5.0), car=car)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        assert "at the car" in seen(app)
        await press(pilot, "u", "x")
        assert car.done == []
        await press(pilot, "c")
        assert "unlock is pressed on the fob" in seen(app)
        assert "LISTEN verified" in seen(app)
        await press(pilot, "u", "x", "escape", "x")
        assert car.done == ["fob_unlock", "pull"]
        assert [name for name, _, _ in app.more_offers()] == [
            "At the car: unlock is pressed on the fob",
            "At the car: pulled",
        ]
