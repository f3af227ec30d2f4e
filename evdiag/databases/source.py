"""Everything a DBC text states about messages and signals, statement by statement.

Kept by id and name, so that what cantools loses can be made good and what is wrong can be said.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from evdiag.databases.database import IGNORED, REPAIRED, Problem
from evdiag.databases.signal_statement import (
    INDEPENDENT,
    MOST_DIGITS,
    MessageStatement,
    SignalStatement,
    proper_id,
    read_message,
    read_signal,
)
from evdiag.databases.statements import Statement, statements, without_block_comments
from evdiag.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Callable

Ranges: TypeAlias = tuple[tuple[int, int], ...]
SignalKey: TypeAlias = tuple[int, str]
"""DBC id and name of a signal; an empty name means the message itself."""

CYCLE_TIME = "GenMsgCycleTime"
LONG_NAMES = ("SystemMessageLongSymbol", "SystemSignalLongSymbol")

_NO_ID = -1
"""Stands for an id with more digits than that."""

_STRING = r'"((?:\\"|[^"])*)"'
_VERSION = re.compile(rf"VERSION\s*{_STRING}[\s;]*(?://.*)?")
_BIT_TIMING = re.compile(r"BS_\s*:?[\s\d:,.;]*(?://.*)?")
_NODES = re.compile(r"BU_\s*:?[\w\s,;.-]*(?://.*)?")
_COMMENT = re.compile(
    r'(?:CM_\s*)?(?:(?P<kind>SG_|BO_|BU_|EV_)\s+)?(?P<where>[^"]*?)\s*"(?P<text>.*)"\s*;?\s*',
    re.DOTALL,
)
_COMMENT_WITHOUT_KEYWORD = re.compile(r'(?:SG_[ \t]+\d+[ \t]+\S+|BO_[ \t]+\d+)[ \t]*"')
_PAIR = re.compile(rf"([-+.\w]+)\s*{_STRING}")
_VALUES = re.compile(
    rf"VAL_(?:TABLE_)?\s+(?P<where>[^\";]*?)\s*"
    rf"(?:(?P<pairs>(?:[-+.\w]+\s*{_STRING}\s*)+)(?P<textless>[-+.\w]+)?\s*)?;?\s*"
)
_VALUE_TYPE = re.compile(r"SIG_VALTYPE_\s+(\d+)\s+(\S+?)\s*:?\s*(\d+)\s*;?\s*")
_PAGES = re.compile(r"SG_MUL_VAL_\s+(\d+)\s+(\S+)\s+(\S+)\s+([-\d\s,]+?)\s*;?\s*")
_RANGE = re.compile(rf"(-?\d{{1,{MOST_DIGITS}}})\s*-\s*(-?\d{{1,{MOST_DIGITS}}})")
_ATTRIBUTE = re.compile(
    rf"BA_\s+{_STRING}\s+(?:(?:BO_\s+(\d+)|SG_\s+(\d+)\s+(\S+))\s+)?(?:{_STRING}|([-+.\w]+))\s*;?\s*"
)
_DEFAULT = re.compile(rf"BA_DEF_DEF_\s+{_STRING}\s+(?:{_STRING}|([-+.\w]+))\s*;?\s*")


@dataclass
class Source:
    """The statements of one DBC text; `problems` are those of single statements."""

    messages: list[MessageStatement] = field(default_factory=list)
    orphans: list[SignalStatement] = field(default_factory=list)
    """Signals that stand before any message."""
    comments: dict[SignalKey, str] = field(default_factory=dict)
    values: dict[SignalKey, dict[int, str]] = field(default_factory=dict)
    float_signals: set[SignalKey] = field(default_factory=set)
    pages: dict[int, dict[str, dict[str, Ranges]]] = field(default_factory=dict)
    """Of ``SG_MUL_VAL_``: by id, switch and signal."""
    long_names: dict[SignalKey, str] = field(default_factory=dict)
    cycle_times: dict[int, int] = field(default_factory=dict)
    cycle_time_default: int = 0
    page_statements: list[Statement] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    keywords: set[str] = field(default_factory=set)
    """Of all statements; a text without any is no DBC."""


def read_source(text: str) -> Source:
    """Read all statements of a DBC text."""
    reader = _Reader()
    for statement in statements(without_block_comments(text)):
        reader.take(statement)
    reader.finish()
    return reader.source


class _AboutSignal(NamedTuple):
    """A statement about a signal that may come later in the file, and what to do with it."""

    statement: Statement
    signal: SignalKey
    give: Callable[[SignalKey], None]


class _Reader:
    def __init__(self) -> None:
        self.source = Source()
        self._tables: dict[str, dict[int, str]] = {}
        self._later: list[_AboutSignal] = []
        self._take: dict[str, Callable[[Statement], bool]] = {
            "VERSION": lambda statement: bool(_VERSION.fullmatch(statement.text)),
            "BS_": lambda statement: bool(_BIT_TIMING.fullmatch(statement.text)),
            "BU_": lambda statement: bool(_NODES.fullmatch(statement.text)),
            "BO_": self._message,
            "SG_": self._signal,
            "CM_": self._comment,
            "VAL_": self._values,
            "VAL_TABLE_": self._table,
            "SIG_VALTYPE_": self._value_type,
            "SG_MUL_VAL_": self._pages,
            "BA_": self._attribute,
            "BA_DEF_DEF_": self._attribute_default,
        }

    def take(self, statement: Statement) -> None:
        if not statement.keyword:
            self._say(IGNORED, statement, "text that is no statement", "left out")
            return
        self.source.keywords.add(statement.keyword)
        if _COMMENT_WITHOUT_KEYWORD.match(statement.text) and self._comment(statement):
            self._say(REPAIRED, statement, "a comment without CM_", "taken for a comment")
            return
        take = self._take.get(statement.keyword)
        understood = take(statement) if take else statement.whole
        if not understood:
            self._say(
                IGNORED,
                statement,
                f"a {statement.keyword} statement that is not understood",
                "left out; messages and signals are not touched by it",
            )
        elif not statement.whole:
            self._say(REPAIRED, statement, "it does not end in a semicolon", "read as if it did")

    def finish(self) -> None:
        """Give the statements about signals to the signals: they may stand in any order."""
        names = {message.dbc_id: message.name for message in self.source.messages}
        known = {
            (message.dbc_id, signal.name)
            for message in self.source.messages
            for signal in message.signals
        }
        for statement, (dbc_id, name), give in self._later:
            if (dbc_id, name) in known:
                give((dbc_id, name))
            elif names.get(dbc_id) != INDEPENDENT:
                self._say(
                    IGNORED,
                    statement,
                    "the signal does not exist",
                    "the statement is left out",
                    names.get(dbc_id, ""),
                    name,
                )

    def _say(
        self,
        kind: str,
        statement: Statement,
        problem: str,
        consequence: str,
        message: str = "",
        signal: str = "",
    ) -> None:
        shown = plain_text(" ".join(statement.text.split())[:80])
        said = Problem(
            kind, "", statement.line, message, signal, f"{problem}: {shown}", consequence
        )
        self.source.problems.append(said)

    def _message(self, statement: Statement) -> bool:
        self.source.messages.append(read_message(statement.text, statement.line))
        return True

    def _signal(self, statement: Statement) -> bool:
        messages = self.source.messages
        signals = messages[-1].signals if messages else self.source.orphans
        signals.append(read_signal(statement.text, statement.line))
        return True

    def _comment(self, statement: Statement) -> bool:
        found = _COMMENT.fullmatch(statement.text)
        if not found:
            return False
        words = found["where"].split()
        kind = found["kind"] or ("SG_" if len(words) > 1 else "BO_" if words else "")
        if kind in ("SG_", "BO_"):
            if not words or not words[0].isdecimal() or (kind == "SG_" and len(words) < 2):
                return False
            name = " ".join(words[1:]) if kind == "SG_" else ""
            self.source.comments[_id(words[0]), name] = found["text"].replace('\\"', '"')
        return True

    def _table(self, statement: Statement) -> bool:
        found = _VALUES.fullmatch(statement.text)
        if found:
            self._tables[found["where"]] = self._pairs(statement, found)
        return found is not None

    def _values(self, statement: Statement) -> bool:
        found = _VALUES.fullmatch(statement.text)
        words = found["where"].split() if found else []
        if not found or not words:
            return False
        if not words[0].isdecimal():
            return len(words) == 1  # an environment variable's
        pairs = self._pairs(statement, found)
        if not pairs and len(words) > 2 and words[-1] in self._tables:
            pairs = self._tables[words.pop()]
        if len(words) > 1 and pairs:
            values = self.source.values
            name = " ".join(words[1:])
            self._about(statement, words[0], name, lambda key: values.__setitem__(key, pairs))
        return len(words) > 1

    def _pairs(self, statement: Statement, found: re.Match[str]) -> dict[int, str]:
        pairs: dict[int, str] = {}
        for number, label in _PAIR.findall(found["pairs"] or ""):
            try:
                pairs[_whole(number)] = label.replace('\\"', '"')
            except ValueError:
                self._leave_entry(
                    statement,
                    f"the value table has {number[:60]!r} where a whole number must stand",
                )
        if found["textless"]:
            textless = found["textless"][:60]
            self._leave_entry(statement, f"the value table has no text for {textless}")
        return pairs

    def _leave_entry(self, statement: Statement, problem: str) -> None:
        self._say(IGNORED, statement, problem, "this entry of it is left out")

    def _value_type(self, statement: Statement) -> bool:
        found = _VALUE_TYPE.fullmatch(statement.text)
        if found and found[3] in ("1", "2"):
            self._about(statement, found[1], found[2], self.source.float_signals.add)
        return found is not None

    def _pages(self, statement: Statement) -> bool:
        self.source.page_statements.append(statement)
        found = _PAGES.fullmatch(statement.text)
        ranges = _ranges(found[4]) if found else None
        if not found or ranges is None:
            return False
        switch = found[3]

        def give(key: SignalKey) -> None:
            self.source.pages.setdefault(key[0], {}).setdefault(switch, {})[key[1]] = ranges

        self._about(statement, found[1], found[2], give)
        return True

    def _about(
        self, statement: Statement, dbc_id: str, name: str, give: Callable[[SignalKey], None]
    ) -> None:
        self._later.append(_AboutSignal(statement, (_id(dbc_id), name), give))

    def _attribute(self, statement: Statement) -> bool:
        found = _ATTRIBUTE.fullmatch(statement.text)
        if not found:
            return statement.whole
        name, message, signal_message, signal, text, number = found.groups()
        if name == CYCLE_TIME and message and number:
            self.source.cycle_times[_id(message)] = _milliseconds(number)
        elif name in LONG_NAMES and text and (message or signal_message):
            self.source.long_names[_id(message or signal_message), signal or ""] = text
        return True

    def _attribute_default(self, statement: Statement) -> bool:
        found = _DEFAULT.fullmatch(statement.text)
        if found and found[1] == CYCLE_TIME:
            self.source.cycle_time_default = _milliseconds(found[3] or found[2])
        return statement.whole


def _id(digits: str) -> int:
    """Return the id as the messages have it; where no frame can have it, the number itself.

    An endless number is no id of anything.
    """
    if len(digits) > MOST_DIGITS:
        return _NO_ID
    number = int(digits)
    try:
        return proper_id(number)
    except ValueError:
        return number


def _whole(text: str) -> int:
    """Return a whole number, however it is written.

    Raises:
        ValueError: it is no number, no whole one, or one that no signal can have.
    """
    if len(text) > MOST_DIGITS:
        raise ValueError(text)
    try:
        return int(text, 10)
    except ValueError:
        if "x" in text.lower():
            return int(text, 16)
    number = float(text)
    if not math.isfinite(number) or number != int(number):
        raise ValueError(text)
    return int(number)


def _ranges(text: str) -> Ranges | None:
    ranges = []
    for part in text.strip(" ,\n\t").split(","):
        found = _RANGE.fullmatch(part.strip())
        if not found:
            return None
        ranges.append((int(found[1]), int(found[2])))
    return tuple(ranges)


def _milliseconds(text: str) -> int:
    try:
        return max(round(float(text)), 0)
    except (ValueError, OverflowError):
        return 0
