"""The beginning of a profile: which signals of a DBC look like the charge port's, and their words.

Names and value tables are all there is to go by. So everything is `unproven`, what a value table
does not say is left to the person as a comment, and a test on the car comes before any use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from evdiag.databases.layout import MessageLayout, SignalLayout
from evdiag.databases.port_signals import LIKELY, port_score, words_of
from evdiag.inputs import FrameKey
from evdiag.inputs.frame import EXTENDED_KEY
from evdiag.vocabulary import INVALID, TERM

MOST_FRAMES: Final = 60
_MOST_OTHERS: Final = 3

_FLAP: Final = {"flap", "ladeklappe"}
_LOCK: Final = {"lock", "latch", "verriegelung"}
_PLUG: Final = {"plug", "stecker", "ladestecker", "connector", "connected", "coupler", "cable"}
_NO_STATE: Final = {
    "request", "req", "command", "cmd", "button", "setting", "mode", "motor", "duty", "current",
    "voltage", "fault", "alarm", "error", "counter", "timer", "temperature", "temp", "copy",
}  # fmt: skip
"""Words in the names of signals that speak of a part and do not say how it is."""

_PORT: Final = {"charge", "charging", "chargeport", "port", "inlet", "chg", "obc"}
_PROPOSED: Final = ("port.lock", "port.plug", "port.flap", "port.flap_lock", "port.pilot")

_SAYS: Final[Mapping[str, Mapping[str, str]]] = {
    "lock": {
        "locked": "locked closed engaged latched verriegelt lock",
        "unlocked": "unlocked open opened released disengaged unlatched entriegelt unlock free",
        "moving": "moving transition running",
        "fault": "fault error defect failure",
    },
    "plug": {
        "connected": "connected plugged inserted present gesteckt in yes",
        "disconnected": "disconnected unplugged removed absent none out no",
    },
    "flap": {
        "open": "open opened offen",
        "closed": "closed close shut zu geschlossen",
        "moving": "moving transition",
        "fault": "fault error defect",
    },
}
"""By the part, and the word of the vocabulary: the words of value tables that mean it."""

_NOTHING: Final = frozenset({"sna", "invalid", "unavailable", "undefined", "unknown", "init"})
_NOT: Final = frozenset({"not", "no", "un", "nicht"})
_OPPOSITE: Final = {
    "locked": "unlocked",
    "connected": "disconnected",
    "plugged": "disconnected",
    "inserted": "disconnected",
    "latched": "unlocked",
    "engaged": "unlocked",
    "open": "closed",
    "closed": "open",
}
_PILOT: Final = re.compile(r"(?:state\W*|cp\W*)?(A|B1|B2|C1|C2|D1|D2|E|F)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ProposedSignal:
    """A signal that may be what `term` of the vocabulary means.

    `values` are the raw values whose meaning its value table tells; `untold` those, or all that its
    bits can hold if they are few, of which it tells nothing that is understood here.
    """

    term: str
    message: str
    signal: SignalLayout
    score: int
    values: Mapping[int, str]
    untold: Mapping[int, str]

    @property
    def is_understood(self) -> bool:
        """Whether at least two things that it can say are understood."""
        return len({*self.values.values()} - {INVALID}) >= 2


def proposed_signals(messages: Sequence[MessageLayout]) -> dict[str, list[ProposedSignal]]:
    """Return, by the term of the vocabulary, the signals that look like it, the likeliest first."""
    found: dict[str, list[ProposedSignal]] = {term: [] for term in _PROPOSED}
    for message in messages:
        for signal in message.signals:
            score, term = port_score(signal), _term_of(signal)
            score += bool(words_of(message.name) & _PORT)
            if score >= LIKELY and term is not None and not signal.is_float:
                found[term].append(_proposed(term, message.name, signal, score))
    for listed in found.values():
        listed.sort(key=lambda one: (not one.is_understood, -one.score))
    return {term: listed for term, listed in found.items() if listed}


def _term_of(signal: SignalLayout) -> str | None:
    words = words_of(signal.name)
    if words & _NO_STATE:
        return None
    if "pilot" in words:
        return "port.pilot"
    if words & _FLAP or ("door" in words and words & {"charge", "charging", "port", "chg"}):
        return "port.flap_lock" if words & _LOCK else "port.flap"
    if words & _LOCK:
        return "port.lock"
    return "port.plug" if words & _PLUG else None


def _proposed(term: str, message: str, signal: SignalLayout, score: int) -> ProposedSignal:
    texts = dict(signal.choices)
    if not texts and signal.length <= 3:
        texts = dict.fromkeys(range(1 << signal.length), "")
    values = {raw: word for raw, text in texts.items() if (word := _word(term, text)) is not None}
    untold = {raw: text for raw, text in texts.items() if raw not in values}
    return ProposedSignal(term, message, signal, score, values, untold)


def _word(term: str, text: str) -> str | None:
    """Return the word of the vocabulary that a text of a value table means; None for no one."""
    words = [word.lower() for word in re.findall(r"[A-Za-z]+", text)]
    if _NOTHING & {*words} or "notavailable" in "".join(words):
        return INVALID
    if term == "port.pilot":
        match = _PILOT.fullmatch(text.strip())
        return match[1].upper() if match else None
    if text.strip().lower() in TERM[term].words:
        return text.strip().lower()
    part = {"port.lock": "lock", "port.flap_lock": "lock", "port.plug": "plug"}.get(term, "flap")
    means = {
        word
        for word, says in _SAYS[part].items()
        if {*words} & {*says.split()} and word in TERM[term].words
    }
    if _NOT & {*words}:
        turned = {_OPPOSITE[word] for word in words if word in _OPPOSITE}
        means = {word for word in turned if word in TERM[term].words} or means
    return means.pop() if len(means) == 1 else None


# -- as a profile ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known when a profile is begun; `periods_ms` are those of a recording, or empty."""

    identifier: str
    make: str
    model: str
    dbc: tuple[str, ...]
    messages: tuple[MessageLayout, ...]
    periods_ms: Mapping[FrameKey, int]


def profile_text(begun: Beginning) -> str:
    """Write the beginning of a profile as TOML; `evdiag vehicles check` reads it."""
    return "\n".join([*_head(begun), *_frames(begun), "]", *_signals(begun)]) + "\n"


def _head(begun: Beginning) -> Iterator[str]:
    yield "# Begun by `evdiag vehicles new`: a proposal from names, of which nothing is known yet."
    yield "# Look at each line, try it on the car, and write down where it is known from."
    yield "schema = 1"
    yield f"id = {_quoted(begun.identifier)}"
    yield f"dbc = [{', '.join(map(_quoted, begun.dbc))}]"
    yield "sources = []          # where the DBC and the recordings are from"
    yield ""
    yield "[identity]"
    yield f"make = {_quoted(begun.make)}"
    yield f"model = {_quoted(begun.model)}"
    yield '# years = "2020–"'
    yield ""
    yield "[[buses]]"
    yield 'name = "CAN"          # as the maker calls it'
    yield "bitrate = 500000"
    yield 'tap = "not known yet" # where one listens to it'
    yield "at_obd = false        # true where it is at pins 6 and 14 of the OBD port"


def _frames(begun: Beginning) -> Iterator[str]:
    seen = bool(begun.periods_ms)
    known = {message.key: message for message in begun.messages}
    if seen:
        yield "# As in the recording: keep what this car always sends and others do not."
        periods = begun.periods_ms
    else:
        yield "# As the DBC says; `--recording` takes them from one."
        periods = {key: one.period_ms for key, one in known.items() if one.period_ms}
    yield "frames = ["
    ordered = sorted(periods, key=lambda key: (key not in known, key))
    for key in ordered[:MOST_FRAMES]:
        length = f"length = {known[key].length}, " if key in known else ""
        extended = "extended = true, " if key & EXTENDED_KEY else ""
        identifier = key & ~EXTENDED_KEY
        yield f"  {{ id = 0x{identifier:03X}, {extended}{length}period_ms = {periods[key]} }},"


def _signals(begun: Beginning) -> Iterator[str]:
    for term, listed in proposed_signals(begun.messages).items():
        yield ""
        best, *others = listed
        mark = "" if best.is_understood else "# "
        if mark:
            yield "# What its raw values mean is not told: fill that in, and take the # away."
        yield from (f"{mark}{line}" for line in _signal(term, best))
        for other in others[:_MOST_OTHERS]:
            name = f"{other.message}.{other.signal.name}"
            yield f"# or: {_commented(name)} {_commented(other.signal.comment)}".rstrip()


def _signal(term: str, one: ProposedSignal) -> Iterator[str]:
    values = ", ".join(f"{raw} = {_quoted(word)}" for raw, word in sorted(one.values.items()))
    untold = ", ".join(
        f"{raw} ({_commented(text)})" if text else f"{raw}"
        for raw, text in sorted(one.untold.items())
    )
    yield f"[signals.{_quoted(term)}]"
    yield f"from = {_quoted(f'{one.message}.{one.signal.name}')}"
    yield f"values = {{ {values} }}" if values else "values = {}"
    if untold or not values:
        words = " ".join(TERM[term].words)
        yield f"# {untold or 'every raw value'}: one of {words} {INVALID}"
    yield 'evidence = "unproven"'
    yield 'source = "proposed from its name by evdiag vehicles new"'


def _quoted(text: str) -> str:
    # A JSON string without raw control signs is a basic string of TOML.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _commented(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
