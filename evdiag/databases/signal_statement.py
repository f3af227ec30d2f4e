"""What one ``BO_`` or ``SG_`` statement says, read by itself: for the census and for repairs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

EXTENDED_BIT = 1 << 31
"""A DBC marks 29-bit ids so."""

LARGEST_STANDARD, LARGEST_EXTENDED = 0x7FF, 0x1FFF_FFFF
INDEPENDENT = "VECTOR__INDEPENDENT_SIG_MSG"
"""Where editors put signals that belong to no message."""

FURTHEST_BIT = 8 * 1785
"""No message is longer than a J1939 transport of 1785 bytes; more is a slip of the pen."""

NAMELESS = "(no name)"

MOST_DIGITS = 40
"""No number in a DBC needs more; of more than 4300 Python makes none."""

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_SIGNAL = re.compile(
    rf"SG_\s+(?P<name>[^:]+?)\s*:\s*(?P<start>[-+]?\d{{1,{MOST_DIGITS}}})\s*\|\s*"
    rf"(?P<length>[-+]?\d{{1,{MOST_DIGITS}}})\s*"
    r"@\s*(?P<order>\d)\s*(?P<sign>[-+])\s*(?P<rest>.*)",
    re.DOTALL,
)
_SCALING = re.compile(rf"\(\s*(?P<scale>{_NUMBER})\s*,\s*(?P<offset>{_NUMBER})\s*\)\s*")
_LIMITS = re.compile(r"\[(?P<minimum>[^|\]]*)\|(?P<maximum>[^\]]*)\]\s*")
_UNIT = re.compile(r'"(?P<unit>(?:\\"|[^"])*)"\s*')
_RECEIVERS = re.compile(r"[\w\s,.;*-]*")
_MARK = re.compile(r"M|m\d*M?")
_MESSAGE = re.compile(
    r"BO_\s+(?P<id>[-+]?\w+)\s+(?P<name>[^:]*?[^:\s])\s*(?::|\s(?=\s*\d+\s+\w+\s*$))"
    r"\s*(?P<length>\w*)[^\S\n]*(?P<sender>[^\s;:]*)"
)


@dataclass(frozen=True)
class SignalStatement:
    """One ``SG_`` statement.

    `mark` is its multiplexer mark (``M``, ``m3``, ``m3M``, ``m`` or nothing). `problem` says why it
    cannot be decoded (then the numbers mean nothing), `flaw` what is wrong besides.
    """

    line: int
    name: str
    mark: str = ""
    start: int = 0
    length: int = 0
    little_endian: bool = True
    signed: bool = False
    scale: int | float = 1
    offset: int | float = 0
    minimum: int | float | None = None
    maximum: int | float | None = None
    unit: str = ""
    problem: str = ""
    flaw: str = ""

    @property
    def is_switch(self) -> bool:
        """Whether the statement marks it as a multiplexer switch."""
        return self.mark.endswith("M")

    @property
    def page(self) -> int | None:
        """The value of the switch at which the signal is there, if the mark says one."""
        digits = self.mark.strip("mM")
        return int(digits) if 0 < len(digits) <= MOST_DIGITS else None


@dataclass(frozen=True)
class MessageStatement:
    """One ``BO_`` statement with its signals.

    `dbc_id` is the id as a DBC should write it: bit 31 marks 29-bit ids. `problem` says why no
    frame can be of this message, `flaw` what was made good.
    """

    line: int
    name: str
    dbc_id: int = 0
    length: int = 0
    sender: str = ""
    signals: list[SignalStatement] = field(default_factory=list)
    problem: str = ""
    flaw: str = ""


def read_message(text: str, line: int) -> MessageStatement:
    """Read a ``BO_`` statement (without its signals)."""
    found = _MESSAGE.match(text)
    if not found:
        words = text.split()
        name = words[2].rstrip(":") if len(words) > 2 else ""
        return MessageStatement(line, name, problem="the statement is not understood")
    name = found["name"]
    number = _whole(found["id"])
    if number is None:
        return MessageStatement(line, name, problem=f"the id {found['id']!r} is not a number")
    left = text[found.end() :].strip(" \t\n;")
    flaw = f"it ends in text that is not understood: {left[:60]!r}" if _is_text(left) else ""
    length = _whole(found["length"])
    if length is None or length < 0:
        flaw = "its length is not a number"
    length = max(length or 0, 0)
    if name == INDEPENDENT:
        return MessageStatement(line, name, number, length)
    try:
        dbc_id = proper_id(number)
    except ValueError as error:
        return MessageStatement(line, name, number, length, problem=str(error))
    if dbc_id != number:
        flaw = f"the id {number} needs 29 bits, but bit 31, which says so, is not set"
    return MessageStatement(line, name, dbc_id, length, found["sender"], flaw=flaw)


def proper_id(number: int) -> int:
    """Return an id as a DBC should write it; an id over 11 bits without bit 31 gets it.

    Raises:
        ValueError: no CAN frame has this id; the text says why.
    """
    if number < 0:
        raise ValueError(f"the id {number} is below 0")
    identifier = number & ~EXTENDED_BIT
    if number >= 1 << 32 or identifier > LARGEST_EXTENDED:
        raise ValueError(f"the id {number} has more than 29 bits: no frame can have it")
    return identifier | EXTENDED_BIT if identifier > LARGEST_STANDARD else number


def read_signal(text: str, line: int) -> SignalStatement:
    """Read an ``SG_`` statement."""
    found = _SIGNAL.match(text)
    if not found:
        name = text[3:].split(":")[0].strip().split("\n")[0]
        return SignalStatement(line, name or NAMELESS, problem="the statement is not understood")
    name, mark = _name_and_mark(found["name"])
    rest = found["rest"]
    scaling = _SCALING.match(rest)
    if not scaling:
        return SignalStatement(line, name, mark, problem="its factor and offset are not numbers")
    scale, offset = _number(scaling["scale"]), _number(scaling["offset"])
    if not (math.isfinite(scale) and math.isfinite(offset)):
        return SignalStatement(line, name, mark, problem="its factor or offset is infinite")
    rest = rest[scaling.end() :]
    limits = _LIMITS.match(rest)
    minimum, maximum = (_limit(limits[1]), _limit(limits[2])) if limits else (None, None)
    if minimum == maximum == 0:
        minimum = maximum = None
    rest = rest[limits.end() :] if limits else rest
    unit = _UNIT.match(rest)
    rest = rest[unit.end() :] if unit else rest
    start, length = int(found["start"]), int(found["length"])
    receivers = _RECEIVERS.match(rest)
    left = rest[receivers.end() if receivers else 0 :].strip()
    return SignalStatement(
        line,
        name,
        mark,
        start,
        length,
        found["order"] != "0",
        found["sign"] == "-",
        scale,
        offset,
        minimum,
        maximum,
        unit["unit"].replace('\\"', '"') if unit else "",
        problem=no_bits(start, length),
        flaw=_flaw(found["order"], left),
    )


def _name_and_mark(text: str) -> tuple[str, str]:
    words = text.split()
    if len(words) > 1 and _MARK.fullmatch(words[-1]):
        return " ".join(words[:-1]), words[-1]
    return " ".join(words) or NAMELESS, ""


def _flaw(order: str, left: str) -> str:
    if order not in "01":
        return f"its byte order is {order}, which is none; taken for 1 (little-endian)"
    return f"it ends in text that is not understood: {left[:60]!r}" if _is_text(left) else ""


def _is_text(left: str) -> bool:
    return bool(left) and not left.startswith("//")


def no_bits(start: int, length: int) -> str:
    """Say why no message has these bits; empty where one may."""
    if length < 1:
        return f"it is {length} bits long"
    if start < 0:
        return f"it begins at bit {start}"
    if start + length > FURTHEST_BIT:
        return f"it lies at bits {start} and up, {length} of them: no message is that long"
    return ""


def _whole(text: str) -> int | None:
    try:
        return int(text, 0) if not text.isdigit() else int(text)
    except ValueError:
        return None


def is_finite(number: int | float) -> bool:
    """Tell whether arithmetic can use a number: not infinite, and no integer beyond all floats."""
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def _number(text: str) -> int | float:
    number = float(text)
    if not math.isfinite(number):
        return number
    try:
        return int(text)
    except ValueError:
        return number


def _limit(text: str) -> int | float | None:
    try:
        number = _number(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
