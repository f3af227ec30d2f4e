"""The screen of the virtual car: its state in words, and a key for everything that can be done."""

from __future__ import annotations

import pytest

from evdiag.errors import EvdiagError
from evdiag.simulator.car import VirtualCar
from evdiag.simulator.real_time import Look
from evdiag.tui.config import TuiConfig
from evdiag.tui.simulate_screen import SimulateApp
from tests.tui.replaying import SIZES


class Still:
    """A virtual car on no bus, in which time passes only for acts."""

    def __init__(self) -> None:
        self.car = VirtualCar()
        self.failure: EvdiagError | None = None

    def acts(self) -> list[tuple[str, str, str]]:
        return [(act.id, act.words, act.key) for act in self.car.offered()]

    def do(self, act: str) -> None:
        self.car.do(act)
        self.car.advance(self.car.now_s + 4.0)

    def look(self) -> Look:
        car = self.car
        return Look(
            car.now_s, dict(car.values), car.state.asleep, tuple(car.truth),
            tuple(car.offered()), 1234, 5,
        )  # fmt: skip


def screen(car: Still, **options: float) -> SimulateApp:
    return SimulateApp(car, "a [red]car[/] on x", config=TuiConfig(), **options)


def seen(app: SimulateApp) -> str:
    app.draw()
    panes = (app._pane(name).text for name in ("top", "state", "happened", "keys"))
    return "\n".join(panes)


@pytest.mark.parametrize("size", SIZES)
async def test_state_happenings_and_keys_are_in_sight(size: tuple[int, int]) -> None:
    app = screen(Still())
    async with app.run_test(size=size) as pilot:
        await pilot.press("i")
        await pilot.pause()
        text = seen(app)
    assert "sent 1,234  heard 5" in text
    assert "a [red]car[/] on x" in text
    assert "locked" in text
    assert "the lock closes" in text
    assert " u fob unlock" in text
    assert " q quit" in text


async def test_every_key_does_its_act_and_a_second_press_undoes_it() -> None:
    car = Still()
    app = screen(car)
    async with app.run_test(size=(80, 24)) as pilot:
        for act, words, key in car.acts():
            await pilot.press(key)
            await pilot.pause()
            assert words in [happening.what for happening in car.car.truth], act
        assert "mend latch" in seen(app).replace("\n", " ")
        await pilot.press("6")
        await pilot.pause()
        assert "latch" not in car.car.state.broken


async def test_it_ends_by_q_by_its_time_and_by_a_failure() -> None:
    app = screen(Still())
    async with app.run_test() as pilot:
        await pilot.press("q")
    assert app.return_code == 0
    app = screen(Still(), ends_s=0.0)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.draw()
    assert app.return_code == 0
    broken = Still()
    broken.failure = EvdiagError("the bus is gone")
    app = screen(broken)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.draw()
    assert app.return_code == 0
