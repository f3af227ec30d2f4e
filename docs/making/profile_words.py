"""What the keys of a profile mean. A key that has no meaning here stops `make_pages.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

TABLES = {
    "": "The file itself.",
    "identity": "Which car this is.",
    "buses": "The buses that evdiag may be connected to, the usual one first.",
    "buses.frames": "What the car sends on this bus. By these frames the car is recognised, and "
    "by their periods evdiag notices that a message stopped coming.",
    "signals": "Which signal of the DBC is which [signal of the vocabulary](signals.md). Under "
    "`[layouts.signals]` the same keys hold for one layout.",
    "signals.SIGNAL": "How one signal is read. Several ways to read one are a list of tables, "
    '`[[signals."port.lock"]]`, each from another bus: the bus that is connected decides, and what '
    "is broadcast wins over what is asked.",
    "layouts": "Where a car lays out its frames in more than one way (by firmware, say): one table "
    "each. What stands outside of them goes for all.",
    "layouts.rules": "How a layout is told from the others: where all of `when` hold, `then` must "
    "have one of the values `one_of`.",
    "lock": "What the lock does when it is healthy. Where the table is missing, general limits "
    "stand.",
    "lock.not_fitted_when": "What only a car without a lock shows.",
    "relock": "After how long the car locks a plug again that nobody pulled.",
    "lock_modes": "Facts about the owner's settings.",
    "manual_release": "The release for emergencies.",
    "hints": "Facts that a person should know.",
    "habits": "What this car does on purpose, in words that the diagnosis and the guide read.",
    "diagnostics": "What is known of asking this car.",
    "diagnostics.warnings": "What asking does to this car; said before anything is asked.",
    "polls": "Diagnostic reads (UDS 0x22) for level ASK, see [asking](../asking.md).",
    "trouble_codes": "What the maker's trouble codes mean.",
    "commands": "One way to have the car do one thing, see "
    "[a command of your own](../own-commands.md). A table that could do harm is refused when the "
    "file is read, see [safety](../safety.md).",
    "commands.unit": "The control unit that a command by diagnostics talks to.",
    "commands.requests": "Every diagnostic request that may leave, byte for byte.",
    "commands.frames": "Every plain frame that may leave.",
    "commands.frames.checksum": "The checksum of the frame.",
    "commands.steps": "What is done, in order; `hand_back` has the same keys and lists how "
    "authority is given back. Each step does exactly one of `request`, `send`, `cyclic`, `stop`, "
    "`wait`, `pause_s`.",
    "commands.steps.wait": "What the bus must show before the next step.",
    "commands.success": "What the bus shows when it is done.",
    "commands.needs": "Conditions beside those that hold for every command.",
    "commands_not_known": "Why this car is not given a command.",
}

_FACT: dict[str, str] = {
    "evidence": "the [evidence level](../concepts.md#evidence); a profile of your own can say "
    "`community`, `unproven` or `simulated`",
    "source": "where this is known from",
}
_SENTENCE: dict[str, str] = {"text": "the fact, in a sentence", **_FACT}
_PROOF: dict[str, str | tuple[str, str]] = {
    "signal": "a [signal of the vocabulary](signals.md)",
    "is": "the words that count, of a signal that has words",
    "below": ("number above 0", "of a signal that is a number: below this"),
    "above": ("number above 0", "of a signal that is a number: above this"),
}
_UNIT: dict[str, str | tuple[str, str]] = {
    "bus": "the bus on which it is asked; the first bus where it is left out",
    "request_id": "the CAN id that asks",
    "response_id": "the CAN id that answers",
    "extended_ids": "both are 29-bit ids",
    "target_address": (
        "whole number",
        "extended addressing only: the first byte of what is asked; needs `tester_address`",
    ),
    "tester_address": ("whole number", "and the first byte of what is answered"),
}

Meanings: TypeAlias = Mapping[str, "str | tuple[str, str]"]
"""By key; a key that no shipped profile uses says what it holds, too."""

KEYS: dict[str, Meanings] = {
    "": {
        "schema": "the version of this format",
        "id": "the profile's name: lower-case letters, digits and hyphens; `--vehicle` takes it",
        "dbc": "DBC files, looked for beside the profile, then in `dbc/` of the configuration "
        "folder, then among ours",
        "sources": "where all of this is known from",
        "identity": "see [identity](#identity)",
        "buses": "at least one, see [buses](#buses)",
        "signals": "see [signals](#signals)",
        "layouts": "see [layouts](#layouts)",
        "lock": "see [lock](#lock)",
        "relock": "see [relock](#relock)",
        "lock_modes": "see [lock_modes](#lock_modes)",
        "manual_release": "see [manual_release](#manual_release)",
        "hints": "see [hints](#hints)",
        "habits": "see [habits](#habits)",
        "diagnostics": "see [diagnostics](#diagnostics)",
        "polls": "see [polls](#polls)",
        "trouble_codes": "see [trouble_codes](#trouble_codes)",
        "commands": "see [commands](#commands)",
        "commands_not_known": "see [commands_not_known](#commands_not_known)",
    },
    "identity": {
        "make": "the maker",
        "model": "the model",
        "years": "the years it was built, for people",
        "markets": "where it was sold, where that matters",
        "vin_pattern": "what its identification number (VIN) looks like, all 17 characters: "
        "capital letters and digits, `.` for any one, `[A-C4]` for one of these, `{3}` for so many "
        "of it, `(JN1|SJN)` for one or the other, and `.*` at its end for the rest",
    },
    "buses": {
        "name": "what this page and the screens call the bus",
        "bitrate": "bit/s",
        "data_bitrate": "bit/s of CAN FD's data phase",
        "tap": "where a person finds it, in words",
        "at_obd": "whether it is at the OBD port",
        "frames": "see [buses.frames](#busesframes)",
    },
    "buses.frames": {
        "id": "the CAN id",
        "extended": "it is a 29-bit id",
        "length": "bytes of data, where a source gives it",
        "period_ms": "how often it comes; needed unless it is sent on events only",
        "sends": "`event` never goes stale",
    },
    "signals": {"SIGNAL": "see [signals.SIGNAL](#signalssignal)"},
    "signals.SIGNAL": {
        "from": "`Message.Signal` of the DBC; of a poll its `message`",
        "values": "which raw value is which word; of a signal with a sign also `-1` and the like; "
        "numbers take their scale from the DBC instead",
        "otherwise": "the word for every raw value that `values` does not name",
        "invalid": "raw values by which the car says that it does not know",
        "invalid_from": "so does every raw value from this one up",
        "bus": "the bus that carries it; the first bus where it is left out",
        "page_period_ms": "of a multiplexed signal: how often its page comes",
        **_FACT,
    },
    "layouts": {
        "id": "its name in recordings and messages",
        "name": "its name for people",
        "dbc": "DBC files of this layout; they come before the common ones",
        "signals": "as [signals](#signals), for this layout",
        "rules": "see [layouts.rules](#layoutsrules)",
    },
    "layouts.rules": {
        "when": "`Message.Signal` and the raw values that it must have, any number of them",
        "then": "`Message.Signal` that is looked at then",
        "one_of": "the raw values that are right in this layout",
        "weight": "how much this rule counts against the others",
    },
    "lock": {
        "fitted": "whether the inlet has a lock at all",
        "not_fitted_when": "see [lock.not_fitted_when](#locknot_fitted_when)",
        "releases_within_s": "how long a healthy release takes, from the last of request, end of "
        "charging and inlet below 60 V",
        "settling_ms": "how long a value must stand before it is believed",
        "left_open_after_s": "after which time an open lock that nobody used counts as left open",
        "opens_at_session_end": "the kinds of charging whose end opens the lock by itself",
        "latch_button_requests": "whether the button of the handle asks the car to unlock",
        **_FACT,
    },
    "lock.not_fitted_when": {
        "signal": "a [signal of the vocabulary](signals.md)",
        "is": "the words that only a car without a lock shows",
    },
    "relock": {
        "anchor": "what the time is counted from",
        "seconds": "one number for each timer of the car; the shortest is counted down",
        **_FACT,
    },
    "lock_modes": _SENTENCE,
    "hints": _SENTENCE,
    "diagnostics": {"warnings": "see [diagnostics.warnings](#diagnosticswarnings)"},
    "diagnostics.warnings": _SENTENCE,
    "manual_release": {
        "where": "where it is",
        "how": "how it is used",
        "tools": "what it takes",
        "warnings": "what to mind; all of them are shown before it is offered",
        **_FACT,
    },
    "habits": {
        "kind": "which habit",
        "seconds": "its time, where it has one",
        **_FACT,
    },
    "polls": {
        "name": "its name in messages",
        "service": "only 0x22, read data by identifier",
        "did": "the identifier that is read",
        "period_ms": "how often; 100 ms at the fastest",
        "message": "the message of the DBC whose data are the bytes of the answer",
        **_UNIT,
        **_FACT,
    },
    "trouble_codes": {
        "code": "as `dtc read` shows it",
        "meaning": "what it says, in words",
        **_FACT,
    },
    "commands": {
        "name": "what is done",
        "way": "how; several ways of one name are several tables, the usual one first",
        "summary": "what it does, in a sentence",
        "unit": "see [commands.unit](#commandsunit); only for requests",
        "requests": "see [commands.requests](#commandsrequests)",
        "frames": "see [commands.frames](#commandsframes)",
        "steps": "see [commands.steps](#commandssteps)",
        "hand_back": "as [commands.steps](#commandssteps); it may move nothing",
        "success": "see [commands.success](#commandssuccess)",
        "needs": "see [commands.needs](#commandsneeds)",
        "within_s": "the time from the last step to success",
        "longest_s": "the longest time of all of it, 60 s at most",
        "actuator": "which actuator it drives; ways that share one share its rest",
        "on_s": "how long the actuator is driven; it rests eight times as long",
        "alone_after_s": "after which silence the car takes its authority back by itself",
        "vin_from_unit": "ask the unit for its VIN first; needs `identity.vin_pattern`",
        "keep_alive": "the request that keeps the session open meanwhile",
        **_FACT,
    },
    "commands.unit": _UNIT,
    "commands.requests": {
        "id": "what steps call it",
        "bytes": "service and data",
        "every_ms": "never sooner after itself than this",
        "moves": "what it moves; left out where it moves nothing",
    },
    "commands.frames": {
        "id": "what steps call it",
        "bus": "the bus on which it is sent; the first bus where it is left out",
        "can_id": "the CAN id",
        "extended": "it is a 29-bit id",
        "length": "bytes of data",
        "data": "the bytes that the mask fixes",
        "mask": "which bits must be those of `data`; the rest is counter and checksum",
        "every_ms": "the period of a cyclic frame, or the shortest time between two",
        "message": "the message of the DBC from which it is encoded",
        "signals": "raw values of that message's signals",
        "counter": "the signal that counts up from frame to frame",
        "checksum": "see [commands.frames.checksum](#commandsframeschecksum)",
        "moves": "what it moves; left out where it moves nothing",
    },
    "commands.frames.checksum": {
        "signal": "the signal that holds it",
        "kind": "how it is computed",
        "prefix": ("text", "bytes that are hashed first, such as an identifier of the message"),
    },
    "commands.steps": {
        "request": "send this request, and have a positive answer",
        "send": "send this frame",
        "times": "with `send`: so many times, at its period",
        "cyclic": "begin to send this frame at its period",
        "stop": "stop that",
        "wait": "see [commands.steps.wait](#commandsstepswait)",
        "pause_s": ("number above 0", "do nothing for so long"),
        "id": "its name, for `again_from`",
        "tries": "how often it is tried",
        "again_from": "the step from which it is tried again",
        "if_not": "what follows where it fails",
    },
    "commands.steps.wait": {"within_s": "for so long at most", **_PROOF},
    "commands.success": _PROOF,
    "commands.needs": _PROOF,
    "commands_not_known": {
        "name": "the command, or `all`; `unlock` goes for all that move the pin",
        "text": "why, in a sentence",
        **_FACT,
    },
}

SAME_AS = {
    "layouts.signals": "signals",
    "layouts.signals.SIGNAL": "signals.SIGNAL",
    "commands.hand_back": "commands.steps",
    "commands.hand_back.wait": "commands.steps.wait",
}
"""Tables that another one describes."""

NEEDED = {("", "identity"), ("", "buses"), ("commands", "success"), ("layouts.rules", "when")}
"""Tables that must be there because of what must be in them."""

OPEN = ("commands.frames.signals", "layouts.rules.when")
"""Tables whose keys are the author's own names."""
