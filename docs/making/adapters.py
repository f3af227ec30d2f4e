"""What evdiag knows of each adapter's driver, as one table."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.bus.adapters import _TRAITS
from evdiag.bus.drivers import needs
from evdiag.bus.listen_only import expected_silence, joins_when_opened
from making.markdown import code, table

PAGES = {
    "socketcan": "socketcan.md",
    "gs_usb": "gs-usb.md",
    "slcan": "slcan.md",
    "pcan": "peak.md",
    "kvaser": "kvaser.md",
    "vector": "vector.md",
    "socketcand": "socketcand.md",
    "udp_multicast": "none.md",
    "virtual": "none.md",
}


def interfaces_page() -> Iterator[str]:
    """Write what each of python-can's interfaces can do under evdiag."""
    yield "# Adapters side by side\n"
    yield "Written from `evdiag/bus/` by `docs/make_pages.py`. *Listen-only* is what can be"
    yield "said before the adapter is opened: for SocketCAN the kernel is asked, and says"
    yield "`verified` where it is so. *Needs -b* marks those that take part in the bus, so that"
    yield "a wrong bit rate disturbs it.\n"
    rows = ((*_row(name, page),) for name, page in PAGES.items())
    head = ("interface", "listen-only", "needs -b", "CAN FD", "bit rates", "stamped by")
    yield from table(head, rows)
    yield "\nWhat has to be installed beside evdiag:\n"
    packages = (
        (code(name), needs(name)) for name in PAGES if "python-can's page" not in needs(name)
    )
    yield from table(("interface", "needs"), packages)
    yield ""
    yield "Every other interface of [python-can](https://python-can.readthedocs.io/) can be"
    yield "named with `-i` as well; its own page there says what it needs. `seeedstudio`,"
    yield "`cantact`, `systec` and `nixnet` are asked to be silent, the others cannot be."


def _row(name: str, page: str) -> Iterator[str]:
    fd, rates, stamps = _TRAITS.get(name, ("as the server", "as the server", "the server"))
    yield f"[{code(name)}]({page})"
    yield str(expected_silence(name))
    yield "yes" if joins_when_opened(name) or name == "slcan" else "no"
    yield fd
    yield rates
    yield stamps
