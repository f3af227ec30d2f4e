"""What stands behind a serial port: an slcan adapter (LAWICEL's commands), an ELM327, or nothing.

LAWICEL CAN232/CANUSB manual: ``V`` version, ``N`` serial number, ``Sn`` bit rate, ``L`` open
listen-only, ``O`` open, ``C`` close, ``F`` status flags; a reply ends in CR (done) or BEL (error).
ELM327 data sheet: ``ATI`` names the chip, ``>`` is its prompt, ``?`` its reply to what it does
not know.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from evdiag.bus.listen_only import Silence
from evdiag.errors import BusError
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from can import BusABC

    from evdiag.bus.settings import BusSettings

_TERMINAL_ERRORS: tuple[type[Exception], ...] = ()
if sys.platform != "win32":
    import termios

    # What an adapter that is being pulled out raises; it is no OSError.
    _TERMINAL_ERRORS = (termios.error,)

_BAUD = 115200
_REPLY_S = 0.4
_BOOT_S = 2.2
"""An Arduino resets when its port is opened, and answers nothing before it has booted."""

_CR, _BELL = b"\r", b"\a"
_BITRATE_COMMANDS = {
    10000: b"S0", 20000: b"S1", 50000: b"S2", 100000: b"S3", 125000: b"S4",
    250000: b"S5", 500000: b"S6", 750000: b"S7", 1000000: b"S8",
}  # fmt: skip

ELM327_ADVICE = (
    "is an ELM327 (an OBD dongle): it answers single diagnostic questions and cannot pass on raw "
    "CAN traffic. What can: a SocketCAN or gs_usb adapter (CANable, candleLight), an slcan one, "
    "or one of PEAK, Kvaser, Vector"
)


@dataclass(frozen=True, slots=True)
class SerialAdapter:
    """What answered on a serial port.

    `kind` is ``slcan``, ``elm327``, ``unknown`` (answers something else) or ``mute``.
    `listen_only` is True where ``L`` was acknowledged, False where it was refused, None unknown.
    `needs_boot` says that it answered only after a while.
    """

    kind: str
    version: str = ""
    listen_only: bool | None = None
    needs_boot: bool = False


def probe(port: str, bitrate: int | None = None) -> SerialAdapter:
    """Ask what is on a serial port. An slcan adapter is asked to listen, never to take part.

    With `bitrate` listen-only is tried at that rate, and the channel closed again.

    Raises:
        OSError: the port cannot be opened, or another program has locked it (pyserial's
            SerialException is one); nothing was written to it then.
    """
    import serial

    name, _, baud = port.partition("@")
    try:
        with serial.serial_for_url(
            name,
            baudrate=int(baud) if baud.isdigit() else _BAUD,
            timeout=0.02,
            write_timeout=1.0,
            exclusive=True,
        ) as line:
            return _ask_patiently(line, bitrate)
    except _TERMINAL_ERRORS as error:
        raise OSError(*error.args) from None


def lock_port(bus: BusABC) -> None:
    """Keep other programs that lock the port, evdiag among them, from opening it, too.

    Raises:
        OSError: another one has locked it.
    """
    port: Any = getattr(bus, "serialPortOrig", None)
    if port is not None:
        port.exclusive = True


def check_adapter(settings: BusSettings) -> Silence:
    """Say how silent an slcan adapter will be, before it is opened.

    Raises:
        BusError: the port cannot be opened, or an ELM327 is behind it.
    """
    from evdiag.bus.opening_faults import in_words

    if "://" in settings.channel:
        return Silence("requested", "command L")
    try:
        adapter = probe(settings.channel, settings.bitrate)
    except (OSError, ValueError) as error:
        raise BusError(in_words(settings, error)) from None
    if adapter.kind == "elm327":
        raise BusError(f"{plain_text(settings.channel)} {ELM327_ADVICE}")
    settings.options.setdefault("sleep_after_open", _BOOT_S if adapter.needs_boot else 0.1)
    if adapter.listen_only:
        return Silence("requested", "the adapter acknowledged L")
    if adapter.listen_only is False:
        return Silence("not possible", "the adapter refused L, so it acknowledges frames")
    return Silence("requested", "command L; this adapter acknowledges no command")


def _ask_patiently(line: Any, bitrate: int | None) -> SerialAdapter:
    adapter = _ask(line, bitrate)
    if adapter.kind != "mute":
        return adapter
    time.sleep(_BOOT_S - _REPLY_S)
    adapter = _ask(line, bitrate)
    return adapter if adapter.kind == "mute" else replace(adapter, needs_boot=True)


def _ask(line: Any, bitrate: int | None) -> SerialAdapter:
    line.reset_input_buffer()
    # Whatever half a command is still in the adapter ends here; then it is closed, so that
    # traffic does not drown the replies.
    line.write(_CR * 2 + b"C" + _CR)
    said = _reply(line, whole=False)
    if _is_elm(said):
        return _elm(line)
    line.reset_input_buffer()
    line.write(b"V" + _CR)
    said = _reply(line)
    if _is_elm(said):
        return _elm(line)
    version = _version(said)
    rate = _BITRATE_COMMANDS.get(bitrate or 0)
    if not said:
        # Old CANable firmware acknowledges nothing: a version is all it could have said.
        return SerialAdapter("mute")
    if not version and not said.endswith((_CR, _BELL)):
        return SerialAdapter("unknown", plain_text(said.decode("latin-1"))[:40])
    listen_only = None if rate is None else _try_to_listen(line, rate)
    return SerialAdapter("slcan", version, listen_only)


def _try_to_listen(line: Any, rate: bytes) -> bool | None:
    line.write(rate + _CR)
    _reply(line)
    line.reset_input_buffer()
    line.write(b"L" + _CR)
    said = _reply(line)
    line.write(b"C" + _CR)
    _reply(line)
    if said[:1] == _BELL:
        return False
    return True if said[:1] == _CR else None


def _reply(line: Any, *, whole: bool = True) -> bytes:
    """Return what comes within the time a reply may take, up to its end where `whole`."""
    said = b""
    ends = time.monotonic() + _REPLY_S
    while time.monotonic() < ends:
        said += line.read(64)
        if (whole and said.endswith((_CR, _BELL))) or b">" in said:
            break
        if not whole and said and not line.in_waiting:
            break
    return said


def _version(said: bytes) -> str:
    for part in said.replace(_BELL, _CR).split(_CR):
        if part[:1] in (b"V", b"v") and 2 <= len(part) <= 40:
            return plain_text(part.decode("latin-1"))
    return ""


def _is_elm(said: bytes) -> bool:
    return b"ELM" in said.upper() or b">" in said or said.strip(b"\r\n ").startswith(b"?")


def _elm(line: Any) -> SerialAdapter:
    line.reset_input_buffer()
    line.write(b"ATI" + _CR)
    said = _reply(line, whole=False) + _reply(line, whole=False)
    words = [word for word in said.replace(b"\n", _CR).split(_CR) if b"ELM" in word.upper()]
    return SerialAdapter("elm327", plain_text(words[0].decode("latin-1")) if words else "ELM327")
