"""A bus between programs, udp_multicast: which frames of the network a socket is given."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from typing import Any

_MULTICAST_ALL = {
    socket.AF_INET: (socket.IPPROTO_IP, 49),
    socket.AF_INET6: (socket.IPPROTO_IPV6, 29),
}
"""IP_MULTICAST_ALL and IPV6_MULTICAST_ALL of <linux/in.h> and <linux/in6.h>, by family."""


def hear_own_group_only(end: Any) -> None:
    """Keep what goes to other groups away from the socket of a bus; what is none stays as it is.

    Linux gives a socket what comes for any group that some program on the machine has joined, where
    it shares the port (ip(7), IP_MULTICAST_ALL): two virtual cars in two groups would be two cars
    on one bus.
    """
    if sys.platform != "linux" or not isinstance(end, socket.socket):
        return
    option = _MULTICAST_ALL.get(end.family)
    if option is not None:
        # A kernel that does not know it (IPv6: before 4.20) goes on as it was.
        with suppress(OSError):
            end.setsockopt(*option, 0)
