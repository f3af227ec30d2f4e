"""How a frame may leave: one call in the project, reached one way, by whoever was armed.

Read from the source, so that what is not run is held to it too.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import evdiag

ROOT = Path(evdiag.__file__).parent

SENDING = {"send", "send_periodic", "sendto", "sendmsg", "sendall", "sendfile", "write_frame"}
"""Methods by which libraries put something on a bus or a socket."""

THE_ONE_SEND = ("bus/transmitter.py", "self._bus.send")
THE_QUEUES = {
    ("control/conversation.py", "self._logic.send"),
    ("simulator/transport.py", "self._logic.send"),
}
"""can-isotp's queues: of what is to be asked, which leaves through the gate, and of what a virtual
car answers, which leaves through its transmitter."""

FORBIDDEN_NAMES = {
    "CanStack": "a stack that sends by itself",
    "NotifierBasedCanStack": "a stack that sends by itself",
    "TransportLayer": "a transport with a thread of its own",
    "Notifier": "a thread that may end without a word",
    "ThreadSafeBus": "a bus that can send",
    "CyclicSendTaskABC": "a kernel timer that outlives a hung process",
    "AF_CAN": "a raw CAN socket",
    "PF_CAN": "a raw CAN socket",
    "CAN_BCM": "kernel timers",
    "CAN_ISOTP": "the kernel's own ISO-TP",
}

MAY_IMPORT = {
    "can": {"bus", "recordings", "databases", "control", "simulator"},
    "cantools": {"databases"},
    "isotp": {"control", "simulator"},
    "udsoncan": {"control", "simulator"},
}

MAY_MAKE = {
    "Transmitter": {"bus"},
    "TransmitGate": {"control", "wiring.py", "connecting.py", "live", "asking.py"},
}

MAY_OPEN_TO_TRANSMIT = {"asking.py", "simulator/neighbours.py"}
"""Who may ask for a bus on which something can be sent."""

MAY_TRANSMIT = {"control/gate.py", "simulator"}
"""Who may call a transmitter: the gate for a real car, the simulator for a virtual one."""

NO_BYTES = ("tui", "guide", "vehicles")
"""Screens, guide and profiles name what is wanted; the bytes are made elsewhere."""


class Module(NamedTuple):
    """One file of the package, by its path below it."""

    path: str
    tree: ast.AST

    @property
    def room(self) -> str:
        return self.path.split("/")[0]


def modules() -> list[Module]:
    return [
        Module(str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(ROOT.rglob("*.py"))
    ]


def sends(module: Module) -> Iterator[str]:
    """Yield every way in which a module sends that is not the one."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in SENDING:
            place = (module.path, ast.unparse(node))
            if place not in {THE_ONE_SEND, *THE_QUEUES}:
                yield f"{module.path}:{node.lineno}: {place[1]}"
        if isinstance(node, ast.Constant) and node.value in SENDING and node.value != "send":
            yield f"{module.path}:{node.lineno}: {node.value!r} by its name"


def forbidden(module: Module) -> Iterator[str]:
    """Yield what a module names that can send past the gate."""
    for node in ast.walk(module.tree):
        names = []
        if isinstance(node, ast.Attribute):
            names = [node.attr]
        elif isinstance(node, ast.Name):
            names = [node.id]
        elif isinstance(node, ast.ImportFrom):
            names = [alias.name for alias in node.names]
        for name in names:
            if name in FORBIDDEN_NAMES:
                yield f"{module.path}:{getattr(node, 'lineno', 0)}: {FORBIDDEN_NAMES[name]}"


def imported(module: Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0], node.lineno


def imports_out_of_place(module: Module) -> Iterator[str]:
    for name, line in imported(module):
        if name in MAY_IMPORT and module.room not in MAY_IMPORT[name]:
            yield f"{module.path}:{line}: imports {name}"


def made_out_of_place(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else None
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name in MAY_MAKE and module.room not in MAY_MAKE[name]:
                yield f"{module.path}:{node.lineno}: makes a {name}"


def opens_to_transmit(module: Module) -> Iterator[str]:
    """Yield every mention of what opens a bus to send on it, but by those who may."""
    if module.room == "bus" or module.path in MAY_OPEN_TO_TRANSMIT:
        return
    for node in ast.walk(module.tree):
        named = node.id if isinstance(node, ast.Name) else None
        named = node.attr if isinstance(node, ast.Attribute) else named
        imports = [a.name for a in node.names] if isinstance(node, ast.ImportFrom) else [named]
        if "open_to_transmit" in imports:
            yield f"{module.path}:{getattr(node, 'lineno', 0)}: opens a bus to send"


def transmits(module: Module) -> Iterator[str]:
    """Yield calls of ``transmit`` outside gate and simulator; who calls the gate's is checked.

    `evdiag.control` hands its gate's method on without calling it by that name.
    """
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            allowed = module.path in MAY_TRANSMIT or module.room in MAY_TRANSMIT
            if node.func.attr == "transmit" and not allowed:
                yield f"{module.path}:{node.lineno}: {ast.unparse(node.func)}"


def makes_bytes(module: Module) -> Iterator[str]:
    if module.room not in NO_BYTES:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, bytes) and node.value:
            yield f"{module.path}:{node.lineno}: {node.value!r}"
        if isinstance(node, ast.Name) and node.id in ("bytes", "bytearray"):
            parents = [
                n for n in ast.walk(module.tree) if isinstance(n, ast.Call) and n.func is node
            ]
            if parents:
                yield f"{module.path}:{node.lineno}: makes bytes"


def writes_a_frame(module: Module) -> Iterator[str]:
    """Yield serial commands of LAWICEL adapters that send: those that begin with t, T, r or R."""
    if module.room != "bus":
        return
    for node in ast.walk(module.tree):
        is_write = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_write and node.func.attr == "write":  # type: ignore[attr-defined]
            for part in ast.walk(node):
                constant = isinstance(part, ast.Constant) and isinstance(part.value, bytes)
                if constant and part.value[:1] in (b"t", b"T", b"r", b"R"):  # type: ignore[attr-defined]
                    yield f"{module.path}:{node.lineno}: {part.value!r}"  # type: ignore[attr-defined]


RULES: list[Callable[[Module], Iterator[str]]] = [
    sends, forbidden, imports_out_of_place, made_out_of_place, opens_to_transmit, transmits,
    makes_bytes, writes_a_frame,
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_nothing_leaves_past_the_gate(rule: Callable[[Module], Iterator[str]]) -> None:
    assert [line for module in modules() for line in rule(module)] == []


def test_there_is_one_call_that_sends() -> None:
    found = [
        (module.path, ast.unparse(node.func))
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == THE_ONE_SEND[1]
    ]
    assert found == [THE_ONE_SEND]


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (sends, "tui/app.py", "bus.send(message)"),
        (sends, "bus/source.py", "self._bus.send(message)"),
        (sends, "bus/transmitter.py", "self._bus.send_periodic(message, 0.1)"),
        (sends, "control/gate.py", "sock.sendto(data, address)"),
        (sends, "control/gate.py", "getattr(bus, 'send_periodic')(message)"),
        (sends, "live/live.py", "hidden = bus.send"),
        (forbidden, "control/asker.py", "stack = isotp.CanStack(bus)"),
        (forbidden, "control/asker.py", "from isotp import NotifierBasedCanStack"),
        (forbidden, "bus/link.py", "can.Notifier(bus, [])"),
        (forbidden, "bus/link.py", "socket.socket(socket.AF_CAN, socket.SOCK_RAW)"),
        (imports_out_of_place, "tui/app.py", "def f():\n    import can"),
        (imports_out_of_place, "session/session.py", "from can.interfaces import virtual"),
        (imports_out_of_place, "signals/transport.py", "import isotp"),
        (made_out_of_place, "control/gate.py", "Transmitter(bus)"),
        (made_out_of_place, "tui/app.py", "gate.TransmitGate(policy)"),
        (opens_to_transmit, "tui/app.py", "from evdiag.bus.opening import open_to_transmit"),
        (opens_to_transmit, "connecting.py", "source, sender = opening.open_to_transmit(bus)"),
        (transmits, "tui/app.py", "self.gate.transmit(frame, 'why')"),
        (makes_bytes, "tui/app.py", "data = b'\\x22'"),
        (makes_bytes, "vehicles/profile.py", "data = bytes((0x22,))"),
        (writes_a_frame, "bus/slcan.py", "line.write(b't1230' + CR)"),
    ],
)
def test_each_rule_finds_what_it_forbids(
    rule: Callable[[Module], Iterator[str]], path: str, source: str
) -> None:
    assert list(rule(Module(path, ast.parse(source))))
