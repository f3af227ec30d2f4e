"""What commands end with. `tests/docs/test_commands.py` holds this against the contract."""

from __future__ import annotations

from collections.abc import Iterator

from evdiag.vocabulary import COMMANDS as GIVEN_TO_THE_CAR
from making.markdown import code, table

CODES = {
    0: "done",
    1: "done, and the answer is a fault",
    2: "bad usage or bad input: one sentence says what, where, and what to do",
    3: "refused by an interlock",
    4: "bus, adapter or vehicle did not answer",
    130: "interrupted (Ctrl-C; SIGTERM and SIGHUP where there are such)",
}

_FILES = "a recording cannot be read, or its car is not known; the others are answered all the same"
_BUS = "the bus or its adapter cannot be opened, or was lost"
_TO_THE_CAR = {
    0: "the bus reported that it is done; with `--dry-run` every condition holds",
    1: "it was tried, and is not so",
    2: "bad usage, or the car is not identified",
    3: "refused: a condition does not hold, consent is missing, or this car is not given it",
    4: "the car did not answer, or nothing could be sent",
    130: "aborted: authority was handed back first",
}

EXIT_CODES: dict[str, dict[int, str]] = {
    "archive": {2: "one of them could not be made, restored or checked"},
    "attempts": {2: _FILES},
    "cases": {2: "no such case, a file that cannot be read, a book that cannot be opened"},
    "connect": {4: _BUS},
    "dbc": {2: "a file cannot be read, or nothing in it can be used"},
    "decode": {2: "a recording or DBC cannot be read, or there is no such signal"},
    "diagnose": {
        0: "nothing wrong was found, or nothing that is more than possible",
        1: "a finding is certain or likely",
        2: _FILES,
    },
    "doctor": {
        0: "no fault; hints there may be",
        1: "a fault was found",
        4: "the adapter that was named does not exist here, or cannot be opened",
    },
    "dtc": {
        1: "`clear`: it was tried, and the code is still set",
        3: "`clear`: refused, or consent is missing",
        4: "no control unit told its trouble codes",
    },
    "guide": {
        0: "the guide has ended or was stopped, whatever came of it",
        2: "bad usage; with `--check` a procedure that cannot be walked",
        4: _BUS,
    },
    "identify": {2: "a recording cannot be read"},
    "info": {2: "a recording cannot be read"},
    "record": {
        0: "`--duration` has passed",
        2: "bad usage, or the disk did not take all of it",
        4: _BUS,
        130: "ended by Ctrl-C; the files are closed and whole",
    },
    "scan": {
        2: "something could not be read; the tables say what",
        4: "the dask scheduler does not answer",
        130: "Ctrl-C; the tables hold what is done",
    },
    "serve": {
        0: "ended by Ctrl-C",
        2: "bad usage; nothing can be served there",
        4: _BUS,
        130: "interrupted before it served",
    },
    "simulate": {3: "somebody else talks on that bus", 4: _BUS},
    "status": {
        1: "a fault is certain or likely",
        2: "bad usage, or the car is not identified",
        3: "with `--interlocks`: a condition does not hold",
        4: "nothing is heard, or the bus cannot be opened",
    },
    "timeline": {2: _FILES},
    "vehicles": {2: "no such car, or a profile that is wrong"},
    **dict.fromkeys(GIVEN_TO_THE_CAR, _TO_THE_CAR),
}
"""What a code means for a command, where that is more than the contract says."""


def exit_codes_page() -> Iterator[str]:
    """Write the reference of exit codes."""
    yield "# Exit codes\n"
    yield from table(("code", "means"), ((code(each), said) for each, said in CODES.items()))
    yield ""
    yield "On a full screen Ctrl-C is a key: it aborts a command that is under way, else it leaves"
    yield "as `q` does, and with that code."
    yield ""
    yield "Of several files the worst code wins (130, 4, 3, 2, 1, 0), and one bad file does not"
    yield "stop the others. Trouble is said in one sentence on standard error; a reader that"
    yield "goes away (`| head`) is no error.\n"
    yield "## By command\n"
    yield "Every command can end with 0, 2 and 130. What else, and what they mean there:\n"
    rows = (
        (f"[{name}](../commands/{name}.md)", code(each), said)
        for name, codes in sorted(EXIT_CODES.items())
        for each, said in codes.items()
    )
    yield from table(("command", "code", "means"), rows)
