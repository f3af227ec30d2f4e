"""A small socketcand: the protocol of linux-can/socketcand (doc/protocol.md), raw mode only."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress


class Server:
    """Serves one client at a time on loopback; `said` is all that clients sent."""

    def __init__(self, bus: str = "can0", port: int = 0) -> None:
        self.bus = bus
        self.said: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._client: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def hears(self, identifier: str, payload: str) -> None:
        """Pass a frame on to the client."""
        assert self._client is not None
        self._client.sendall(f"< frame {identifier} {time.time():.6f} {payload} >".encode())

    def drop(self) -> None:
        """Be killed."""
        with suppress(OSError):
            # Closing alone would not wake the thread that waits for the next client.
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._client is not None:
            with suppress(OSError):
                self._client.shutdown(socket.SHUT_RDWR)
            self._client.close()
        self._thread.join(timeout=10)

    @property
    def in_raw_mode(self) -> bool:
        return "< rawmode >" in self.said

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                client.sendall(b"< hi >")
                while said := client.recv(256).decode():
                    known = said in (f"< open {self.bus} >", "< rawmode >")
                    client.sendall(b"< ok >" if known else b"< error unknown command >")
                    self._client = client
                    self.said.append(said)
            except OSError:
                continue
