"""One screen in one browser: what `evdiag serve` starts for each, in a process of its own.

    python -m evdiag.serving.screen ORDER

ORDER is a JSON object, written by `evdiag.serving.order`. Nothing in this process can send.
"""

from __future__ import annotations

import sys

from evdiag.errors import EvdiagError
from evdiag.serving.order import Order
from evdiag.serving.parent import end_with_the_server


def main() -> None:
    """Show what the order names until the browser goes."""
    end_with_the_server()
    try:
        code = show(Order.read(sys.argv[1]))
    except EvdiagError as error:
        print(f"evdiag: {error}", file=sys.stderr)  # noqa: T201 - the server passes it on
        code = error.exit_code
    sys.exit(code)


def show(order: Order) -> int:
    """Show a recording, live buses or the case book; return the exit code."""
    if order.recording is not None:
        return _recording(order)
    return _live(order) if order.buses else _case_book()


def _recording(order: Order) -> int:
    from evdiag.tui.app import ReplayApp
    from evdiag.wiring import Analysis, analyse, read_capture

    recording = order.recording
    assert recording is not None

    def read() -> Analysis:
        return analyse(read_capture(recording, order.time_unit), order.vehicle)

    app = ReplayApp(read, only_looks=True)
    app.run()
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0


def _live(order: Order) -> int:
    from evdiag.listening import ListeningBus
    from evdiag.tui.listening_app import ListeningApp

    bus = ListeningBus(order.buses, order.vehicle)
    bus.start()
    try:
        app = ListeningApp(bus)
        app.run()
    finally:
        bus.stop()
    return app.return_code or 0


def _case_book() -> int:
    from evdiag.tui.workshop_screen import workshop_app

    app = workshop_app()
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    main()
