"""An slcan adapter behind a real pty, answering byte for byte as the LAWICEL CAN232 manual says.

It also knows the ways in which cheap adapters differ: one that refuses ``L``, one that answers
nothing, an ELM327.
"""

from __future__ import annotations

import os
import pty
import select
import threading
import time
import tty
from collections.abc import Callable
from typing import Literal

CR, BELL = b"\r", b"\a"

Kind = Literal["lawicel", "no_listen_only", "mute", "elm327"]


class Adapter:
    """The adapter's side of the line. `port` is what a program opens.

    `sent` are the frames that somebody asked it to put on the bus: none, ever. `log` holds every
    command in order.
    """

    def __init__(self, kind: Kind = "lawicel", *, timestamps: bool = False) -> None:
        self.kind = kind
        self.mode: Literal["closed", "open", "listen"] = "closed"
        self.rate: str | None = None
        self.timestamps = timestamps
        self.sent: list[bytes] = []
        self.log: list[bytes] = []
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __enter__(self) -> Adapter:
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def hears(self, row: bytes) -> None:
        """Pass a frame of the bus on, as ``t1232AABB``, if the channel is open."""
        if self.mode != "closed":
            stamp = b"%04X" % (int(time.monotonic() * 1000) % 60000) if self.timestamps else b""
            self.raw(row + stamp + CR)

    def raw(self, data: bytes) -> None:
        """Put any bytes on the line."""
        with self._lock:
            view = memoryview(data)
            while view:
                view = view[os.write(self._master, view) :]

    def unplug(self) -> None:
        """Pull the adapter out."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._thread.join(timeout=5)
        os.close(self._slave)
        os.close(self._master)

    def wait_until(self, condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
        """Wait for something to become true of the adapter."""
        ends = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < ends, self.log
            time.sleep(0.01)

    def _run(self) -> None:
        waiting = b""
        while not self._stop.is_set():
            if not select.select([self._master], [], [], 0.02)[0]:
                continue
            try:
                waiting += os.read(self._master, 4096)
            except OSError:
                # Nobody has the other end open.
                time.sleep(0.01)
                continue
            *commands, waiting = waiting.split(CR)
            for command in commands:
                self.log.append(command)
                answer = self._elm(command) if self.kind == "elm327" else self._answer(command)
                if answer and self.kind != "mute":
                    self.raw(answer)

    def _elm(self, command: bytes) -> bytes:
        said = {b"": b"", b"ATI": b"ELM327 v1.5", b"ATZ": b"ELM327 v1.5"}.get(command, b"?")
        return said + b"\r\r>"

    def _answer(self, command: bytes) -> bytes:
        head, rest = command[:1], command[1:]
        is_open = self.mode != "closed"
        match head:
            case b"":
                return CR
            case b"V":
                return b"V1013" + CR
            case b"N":
                return b"NA123" + CR
            case b"F":
                return b"F00" + CR if is_open else BELL
            case b"S" if not is_open and rest in (
                b"0",
                b"1",
                b"2",
                b"3",
                b"4",
                b"5",
                b"6",
                b"7",
                b"8",
            ):
                self.rate = rest.decode()
                return CR
            case b"Z" if not is_open and rest in (b"0", b"1"):
                self.timestamps = rest == b"1"
                return CR
            case b"O" if not is_open and self.rate is not None:
                self.mode = "open"
                return CR
            case b"L" if not is_open and self.rate is not None and self.kind != "no_listen_only":
                self.mode = "listen"
                return CR
            case b"C" if is_open:
                self.mode = "closed"
                return CR
            case b"t" | b"T" | b"r" | b"R":
                self.sent.append(command)
                if self.mode != "open":
                    return BELL
                return (b"z" if head in (b"t", b"r") else b"Z") + CR
        return BELL
