"""Generated DBC texts of every feature that cantools knows, and frames for them."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

_SCALES = st.sampled_from(["1", "1.0", "0.1", "0.25", "-2", "3", "1E-3", "0.390625"])
_OFFSETS = st.sampled_from(["0", "-40", "0.0", "273.15", "1e2"])
_TEXTS = st.sampled_from(["Off", "Open", "not available", "Öffnen", 'a \\"b\\"', ""])


class Signal(NamedTuple):
    """One generated signal; `ranges` is what ``SG_MUL_VAL_`` says of it."""

    name: str
    mark: str
    start: int
    length: int
    order: int
    sign: str
    scale: str
    offset: str
    is_float: bool
    values: tuple[tuple[int, str], ...]
    ranges: tuple[str, tuple[tuple[int, int], ...]] | None = None


class Message(NamedTuple):
    """One generated message."""

    dbc_id: int
    name: str
    length: int
    signals: tuple[Signal, ...]


@st.composite
def _signal(draw: st.DrawFn, name: str, mark: str, first: int, last: int) -> Signal:
    """A signal within the bits `first` to `last`, counted along the wire from byte 0."""
    order = draw(st.integers(0, 1))
    room = last - first + 1
    floats = [size for size in (16, 32, 64) if size <= room] if "M" not in mark else []
    is_float = bool(floats) and draw(st.integers(0, 3)) == 0
    length = draw(st.sampled_from(floats) if is_float else st.integers(1, min(room, 64)))
    at = draw(st.integers(first, last - length + 1))
    plain = mark.endswith("M")
    values = () if plain or not draw(st.booleans()) else ((0, draw(_TEXTS)), (3, draw(_TEXTS)))
    return Signal(
        name,
        mark,
        at if order else at // 8 * 8 + 7 - at % 8,
        length,
        order,
        "+" if plain else draw(st.sampled_from("+-")),
        "1" if plain else draw(_SCALES),
        "0" if plain else draw(_OFFSETS),
        is_float,
        values,
    )


@st.composite
def messages(draw: st.DrawFn, number: int) -> Message:
    """A message of signals that do not overlap: plain, with pages, or with pages in pages."""
    length = draw(st.sampled_from([1, 2, 4, 8, 8, 8, 64]))
    dbc_id = draw(st.sampled_from([0x100 + number, 1 << 31 | 0x18DA0000 + number]))
    kind = draw(st.sampled_from(["plain", "pages", "nested"])) if length >= 4 else "plain"
    signals: list[Signal] = []
    # Each signal keeps to whole bytes of its own: orders may differ without an overlap.
    byte = 0
    if kind != "plain":
        signals.append(Signal("Page", "M", 0, 8, 1, "+", "1", "0", False, ()))
        byte = 1
    if kind == "nested":
        inner = Signal("Inner", "m1M", 8, 8, 1, "+", "1", "0", False, (), ("Page", ((1, 2),)))
        signals.append(inner)
        byte = 2
    count = 0
    while byte < length and count < 6:
        size = draw(st.integers(1, length - byte))
        name = f"Signal{number}_{count}"
        if kind == "plain":
            signals.append(draw(_signal(name, "", byte * 8, (byte + size) * 8 - 1)))
        else:
            for page in range(draw(st.integers(1, 3))):
                one = draw(_signal(f"{name}_{page}", f"m{page}", byte * 8, (byte + size) * 8 - 1))
                if kind == "nested":
                    switch = draw(st.sampled_from(["Page", "Inner"]))
                    # Pages of Page and of Inner would overlap: 1 and 2 are Inner's.
                    low = page * 7 + (3 if switch == "Page" else 0)
                    one = one._replace(ranges=(switch, ((low, low + 3), (low + 5, low + 5))))
                signals.append(one)
        byte += size
        count += 1
    return Message(dbc_id, f"Message{number}", length, tuple(signals))


@st.composite
def databases(draw: st.DrawFn) -> tuple[Message, ...]:
    """One to three messages."""
    return tuple(draw(messages(number)) for number in range(draw(st.integers(1, 3))))


def dbc_text(database: tuple[Message, ...]) -> str:
    """Write a database as a DBC that any tool reads."""
    lines = ['VERSION ""', "NS_ :", "BS_:", "BU_: Node"]
    for message in database:
        lines.append(f"BO_ {message.dbc_id} {message.name}: {message.length} Node")
        for s in message.signals:
            mark = f" {s.mark}" if s.mark else ""
            lines.append(
                f" SG_ {s.name}{mark} : {s.start}|{s.length}@{s.order}{s.sign}"
                f' ({s.scale},{s.offset}) [0|0] "V" Node'
            )
    for message in database:
        for s in message.signals:
            if s.values:
                pairs = " ".join(f'{number} "{text}"' for number, text in s.values)
                lines.append(f"VAL_ {message.dbc_id} {s.name} {pairs} ;")
            if s.is_float:
                kind = 2 if s.length == 64 else 1
                lines.append(f"SIG_VALTYPE_ {message.dbc_id} {s.name} : {kind};")
            if s.ranges:
                switch, ranges = s.ranges
                stated = ", ".join(f"{low}-{high}" for low, high in ranges)
                lines.append(f"SG_MUL_VAL_ {message.dbc_id} {s.name} {switch} {stated};")
    return "\n".join(lines) + "\n"


def frames(length: int) -> st.SearchStrategy[list[bytes]]:
    """Frames of this length and others; the first bytes are often small, as pages are."""
    pages = st.lists(st.integers(0, 6), min_size=2, max_size=2).map(bytes)
    rest = st.binary(min_size=max(length - 2, 0), max_size=max(length - 2, 0))
    whole = st.tuples(pages, rest).map(lambda parts: (parts[0] + parts[1])[:length])
    return st.lists(whole | st.binary(max_size=64), min_size=1, max_size=8)
