"""What python-can's socketcand client does not notice: a server that is not there, or went away.

It tries for ten seconds as fast as it can to connect, and reads on for ever from a connection that
its server has closed.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from evdiag.errors import BusError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from can import BusABC

    from evdiag.bus.settings import BusSettings

_CONNECT_S = 3.0


def check_server(settings: BusSettings) -> None:
    """See whether the server can be reached.

    Raises:
        BusError: it cannot.
    """
    host, port = str(settings.options.get("host", "")), settings.options.get("port", 0)
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECT_S).close()
    except OSError as error:
        where = plain_text(f"{host}:{port}")
        raise BusError(
            f"no socketcand at {where}: {error.strerror or error}; is it running there, and is "
            "the address right (-c can0@HOST:PORT)?"
        ) from None


def check_open(bus: BusABC) -> None:
    """See whether the server has closed the connection.

    Raises:
        BusError: it has.
    """
    connection = getattr(bus, "_SocketCanDaemonBus__socket", None)
    if connection is None or not hasattr(socket, "MSG_DONTWAIT"):
        # Another python-can, or Windows: silence is noticed all the same.
        return
    try:
        gone = connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return
    except OSError as error:
        raise BusError(f"the socketcand server is gone: {error.strerror}") from None
    if gone:
        raise BusError("the socketcand server has closed the connection")
