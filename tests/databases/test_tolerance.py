"""Every defect of the DBCs people have: what can be decoded is, and the rest is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evdiag.databases.database import (
    BEYOND,
    DUPLICATE,
    IGNORED,
    LENGTH,
    LOST,
    MULTIPLEXING,
    NO_MESSAGE,
    OVERLAP,
    REPAIRED,
)
from evdiag.databases.loading import database_from_dbc
from evdiag.signals.compiled import compile_message

if TYPE_CHECKING:
    from evdiag.databases import Database

HEAD = 'VERSION ""\nNS_ :\n\tCM_\n\tVAL_\nBS_:\nBU_: Car\n'
LOCK = """BO_ 948 Lim: 8 Car
 SG_ Lock : 0|2@1+ (1,0) [0|3] "" Car
 SG_ Plug : 8|4@1+ (1,0) [0|15] "" Car
"""
FRAME = bytes([0b01, 0x05, 0, 0, 0, 0, 0, 0])

ENDLESS = "9" * 5000
"""Python makes no number of more than 4300 digits."""


class Defect(NamedTuple):
    """A defect, the text that goes before, into and after the message, and what is listed."""

    name: str
    head: str = ""
    signals: str = ""
    tail: str = ""
    kinds: frozenset[str] = frozenset({REPAIRED})
    lost: frozenset[str] = frozenset()


DEFECTS = [
    Defect("text that is no statement", head="what is this?\n", kinds=frozenset({IGNORED})),
    Defect(
        "an id over 11 bits without bit 31",
        head='BO_ 416940273 Long: 8 Car\n SG_ X : 0|8@1+ (1,0) [0|0] "" Car\n',
    ),
    Defect(
        "an id over 29 bits",
        head='BO_ 1073741824 Never: 8 Car\n SG_ Y : 0|8@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({LOST}),
        lost=frozenset({"Y"}),
    ),
    Defect("a hexadecimal id", head='BO_ 0x123 Hex: 8 Car\n SG_ Z : 0|8@1+ (1,0) [0|0] "" Car\n'),
    Defect("values of no signal", tail='VAL_ 948 Nobody 0 "a" ;\n', kinds=frozenset({IGNORED})),
    Defect("values of no message", tail='VAL_ 99 Lock 0 "a" ;\n', kinds=frozenset({IGNORED})),
    Defect("values at a fraction", tail='VAL_ 948 Lock 0.5 "a" ;\n', kinds=frozenset({IGNORED})),
    Defect("values at infinity", tail='VAL_ 948 Lock 1e400 "a" ;\n', kinds=frozenset({IGNORED})),
    Defect(
        "values of five thousand digits",
        tail=f'VAL_ 948 Lock {ENDLESS} "a" 0x{ENDLESS} "b" ;\n',
        kinds=frozenset({IGNORED}),
    ),
    Defect(
        "values of an endless id", tail=f'VAL_ {ENDLESS} Lock 1 "a" ;\n', kinds=frozenset({IGNORED})
    ),
    Defect("values of an id that is no number", tail='VAL_ ² Lock 1 "a" ;\n'),
    Defect("a comment on an endless id", tail=f'CM_ SG_ {ENDLESS} Lock "a";\n'),
    Defect("a float of an endless id", tail=f"SIG_VALTYPE_ {ENDLESS} Lock : 1;\n"),
    Defect(
        "pages up to an endless number",
        tail=f"SG_MUL_VAL_ 948 Plug Lock 1-{ENDLESS};\n",
        kinds=frozenset({IGNORED}),
    ),
    Defect(
        "a signal at an endless bit",
        signals=f' SG_ N : {ENDLESS}|8@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({LOST}),
        lost=frozenset({"N"}),
    ),
    Defect(
        "a factor beyond every float",
        signals=f' SG_ N : 16|8@1+ ({ENDLESS[:400]},0) [0|0] "" Car\n',
        kinds=frozenset({LOST}),
        lost=frozenset({"N"}),
    ),
    Defect(
        "a limit beyond every float",
        signals=f' SG_ N : 16|8@1+ (1,0) [0|{ENDLESS[:400]}] "" Car\n',
        kinds=frozenset(),
    ),
    Defect(
        "an endless page",
        signals=f' SG_ N m{ENDLESS} : 16|8@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({MULTIPLEXING}),
    ),
    Defect(
        "a value without its text",
        tail='VAL_ 948 Lock 3 "a" 2 "b" 9\nVAL_ 948 Plug 15 "c" ;\n',
        kinds=frozenset({IGNORED, REPAIRED}),
    ),
    Defect(
        "a comment on values",
        tail='VAL_ 948 Lock 3 "a"\nCM_ VAL_ 948 Plug 15 "c" ;\n',
        kinds=frozenset({IGNORED, REPAIRED}),
    ),
    Defect("a float of no signal", tail="SIG_VALTYPE_ 948 No : 1;\n", kinds=frozenset({IGNORED})),
    Defect("a float of 4 bits", tail="SIG_VALTYPE_ 948 Plug : 1;\n", kinds=frozenset({LENGTH})),
    Defect("a name that begins with a digit", signals=' SG_ 12V : 16|8@1+ (1,0) [0|0] "" Car\n'),
    Defect("a name with a hyphen", signals=' SG_ a-b : 16|8@1+ (1,0) [0|0] "" Car\n'),
    Defect("a name in Chinese", signals=' SG_ 锁$_W : 16|3@0+(1,0)[0|7] "" Car\n'),
    Defect("a name that is a keyword", signals=' SG_ VAL_ : 16|8@1+ (1,0) [0|0] "" Car\n'),
    Defect("a message name of two words", head="BO_ 5 Two Words: 8 Car\n"),
    Defect("a number without its zero", signals=' SG_ N : 16|8@1+ (.25,-.5) [0|.5] "" Car\n'),
    Defect("no receiver", signals=' SG_ N : 16|8@1+ (1,0) [0|0] ""\n', kinds=frozenset()),
    Defect("no limits and no unit", signals=" SG_ N : 16|8@1+ (1,0)\n", kinds=frozenset()),
    Defect("limits that are no numbers", signals=' SG_ N : 16|8@1+ (1,0) [a|b] "" Car\n'),
    Defect("no sender", head="BO_ 5 Nobody: 8\n"),
    Defect("no length", head="BO_ 5 Nothing: Car\n"),
    Defect("a comment without its semicolon", tail='CM_ SG_ 948 Lock "locked?"\n'),
    Defect("a comment without CM_", tail='SG_ 948 Lock "locked?";\n'),
    Defect("a comment that is not closed", tail='CM_ SG_ 948 Lock "lock;\nCM_ "end";\n'),
    Defect("a comment with quotation marks", tail='CM_ SG_ 948 Lock "a "good" lock";\n'),
    Defect("a comment with statements", tail='CM_ SG_ 948 Lock a";\nBO_ 949 No: 8 Car";\n'),
    Defect(
        "an attribute of type BOOL",
        tail='BA_DEF_ BO_ "X" BOOL 0 1;\nBA_ "X" BO_ 948 1;\n',
        kinds=frozenset(),
    ),
    Defect("an attribute of no definition", tail='BA_ "Unheard" BO_ 948 1;\n'),
    Defect("an attribute without its range", tail='BA_DEF_ BO_ "X" INT 1;\n'),
    Defect("an attribute that is cut off", tail='BA_DEF_ "X" ENUM "a","b\n'),
    Defect("an environment variable of three words", tail="EV_ a b c;\n"),
    Defect(
        "multiplexing that is not understood",
        tail="SG_MUL_VAL_ 948 Lock;\n",
        kinds=frozenset({IGNORED}),
    ),
    Defect(
        "a factor that is no number",
        signals=' SG_ N : 16|8@1+ (x,0) [0|0] "" Car\n',
        kinds=frozenset({LOST}),
        lost=frozenset({"N"}),
    ),
    Defect(
        "a signal without bits",
        signals=' SG_ N : 16|0@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({LOST}),
        lost=frozenset({"N"}),
    ),
    Defect(
        "a signal that begins before the message",
        signals=' SG_ N : -1|8@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({LOST}),
        lost=frozenset({"N"}),
    ),
    Defect(
        "a byte order that is none",
        signals=' SG_ N : 16|8@2+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({REPAIRED}),
    ),
    Defect(
        "a signal at the end of the world",
        signals=' SG_ N : 0|4000000000@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({LOST}),
        lost=frozenset({"N"}),
    ),
    Defect(
        "a signal that is not understood",
        signals=" SG_ N : here it lies\n",
        kinds=frozenset({LOST}),
        lost=frozenset({"N"}),
    ),
    Defect(
        "an overlap",
        signals=' SG_ N : 1|8@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({OVERLAP}),
    ),
    Defect(
        "a signal beyond the message",
        signals=' SG_ N : 60|8@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({BEYOND}),
    ),
    Defect(
        "a signal of more than 64 bits",
        signals=' SG_ N : 0|65@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({LENGTH, BEYOND, OVERLAP}),
    ),
    Defect(
        "a signal stated twice",
        signals=' SG_ Lock : 0|2@1+ (1,0) [0|3] "" Car\n',
        kinds=frozenset({DUPLICATE}),
    ),
    Defect(
        "a name given twice",
        signals=' SG_ Lock : 16|2@1+ (1,0) [0|3] "" Car\n',
        kinds=frozenset({DUPLICATE}),
    ),
    Defect(
        "an id given twice",
        tail='BO_ 948 Twin: 8 Car\n SG_ T : 16|8@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({DUPLICATE}),
    ),
    Defect("a length over 64 bytes", head="BO_ 5 Big: 2000000000 Car\n", kinds=frozenset({LENGTH})),
    Defect(
        "a page without a switch",
        signals=' SG_ N m1 : 16|8@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({MULTIPLEXING}),
    ),
    Defect(
        "a mark without a page",
        signals=' SG_ N m : 16|8@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({MULTIPLEXING}),
    ),
    Defect(
        "a unit on two lines",
        signals=' SG_ N : 16|8@1+ (1,0) [0|0] "km/h\n" Car\n',
        kinds=frozenset(),
    ),
    Defect(
        "a stray end of a comment",
        signals=' SG_ N : 16|8@1+ (1,0) [0|0] "" Ca";\n',
    ),
    Defect(
        "two switches, and nobody says which",
        signals=' SG_ A M : 16|8@1+ (1,0) [0|0] "" Car\n SG_ B M : 24|8@1+ (1,0) [0|0] "" Car\n'
        ' SG_ N m1 : 32|8@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({MULTIPLEXING}),
    ),
    Defect(
        "signals of no message",
        head="BO_ 3221225472 VECTOR__INDEPENDENT_SIG_MSG: 0 Vector__XXX\n"
        ' SG_ Free : 0|8@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({NO_MESSAGE}),
        lost=frozenset({"Free"}),
    ),
    Defect(
        "signals before any message",
        head=' SG_ Early : 0|8@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({LOST}),
        lost=frozenset({"Early"}),
    ),
    Defect(
        "a message that is not understood",
        head='BO_ Lim\n SG_ Whose : 0|8@1+ (1,0) [0|0] "" Car\n',
        kinds=frozenset({LOST}),
        lost=frozenset({"Whose"}),
    ),
]


def loaded(text: str) -> Database:
    return database_from_dbc(text, "file.dbc", "0")


def read(database: Database, name: str, data: bytes = FRAME) -> object:
    for layout in database.messages:
        for signal in compile_message(layout).signals:
            if signal.name == name:
                raw = signal.raw(data)
                return None if raw is None else signal.value(raw)
    raise AssertionError(f"{name} is not loaded")


def text_with(*defects: Defect) -> str:
    head, signals, tail = (
        "".join(getattr(defect, part) for defect in defects) for part in ("head", "signals", "tail")
    )
    return HEAD + head + LOCK + signals + tail


def names(text: str) -> list[str]:
    """The signals a text states, by the plainest reading."""
    words = [line.split() for line in text.splitlines()]
    return [line[1] for line in words if line[:1] == ["SG_"] and "|" in " ".join(line)]


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_costs_nobody_else(defect: Defect) -> None:
    text = text_with(defect)
    database = loaded(text)

    assert (read(database, "Lock"), read(database, "Plug")) == (1, 5)
    kinds = {problem.kind for problem in database.problems}
    assert defect.kinds <= kinds, database.problems
    lost = {p.signal for p in database.problems if p.kind in (LOST, NO_MESSAGE)}
    assert defect.lost == lost - {""}
    usable = {signal.name for message in database.messages for signal in message.signals}
    assert usable | defect.lost >= set(names(text))


@given(st.lists(st.sampled_from(DEFECTS), min_size=2, max_size=6, unique=True))
def test_defects_together_cost_nobody_else(defects: list[Defect]) -> None:
    # A head that opens a message swallows nothing: the message under test follows all heads.
    database = loaded(text_with(*sorted(defects, key=lambda defect: "Early" not in defect.head)))

    assert (read(database, "Lock"), read(database, "Plug")) == (1, 5)
    lost = [p.signal for p in database.problems if p.kind in (LOST, NO_MESSAGE) and p.signal]
    assert set(lost) == set().union(*(defect.lost for defect in defects))
    stated_twice = sum(p.consequence == "loaded once" for p in database.problems)
    assert database.signal_statements == database.usable_signals + len(lost) + stated_twice


@pytest.mark.parametrize("missing", ["BS_:\n", "BU_: Car\n", "BS_:\nBU_: Car\n", HEAD])
def test_a_file_without_its_head_loads(missing: str) -> None:
    text = (HEAD + LOCK).replace(missing, "")
    assert read(loaded(text), "Plug") == 5


def test_ids_without_bit_31_are_29_bit_ids_in_every_statement() -> None:
    database = loaded(
        HEAD + 'BO_ 416940273 Long: 8 Car\n SG_ X : 0|8@1+ (1,0) [0|0] "" Car\n'
        'CM_ SG_ 416940273 X "said";\nVAL_ 416940273 X 1 "One" ;\n'
    )
    (message,) = database.messages
    assert (message.id, message.extended) == (416940273, True)
    assert message.signals[0].comment == "said"
    assert read(database, "X") == "One"


def test_numbers_without_their_zero_scale() -> None:
    line = ' SG_ N : 8|8@1+ (.25,-.5) [0|.5] "" Car\n'
    assert read(loaded(HEAD + LOCK + line), "N") == 5 * 0.25 - 0.5


def test_a_name_given_twice_is_decoded_twice() -> None:
    database = loaded(HEAD + LOCK + ' SG_ Lock : 8|8@1+ (1,0) [0|3] "" Car\n')
    assert (read(database, "Lock"), read(database, "Lock_2")) == (1, 5)
    assert any("Lock_2" in problem.consequence for problem in database.problems)


def test_pages_may_share_a_name() -> None:
    database = loaded(
        HEAD + 'BO_ 5 Paged: 8 Car\n SG_ Page M : 0|8@1+ (1,0) [0|0] "" Car\n'
        ' SG_ Value m0 : 8|8@1+ (1,0) [0|0] "" Car\n SG_ Value m1 : 16|8@1+ (1,0) [0|0] "" Car\n'
    )
    assert database.problems == ()
    assert [signal.name for signal in database.messages[0].signals] == ["Page", "Value", "Value"]


def test_overlapping_signals_are_each_read_by_their_own_bits() -> None:
    database = loaded(HEAD + LOCK + ' SG_ Wide : 0|16@1+ (1,0) [0|0] "" Car\n')
    assert (read(database, "Wide"), read(database, "Lock")) == (0x0501, 1)
    (problem,) = database.problems
    assert (problem.line, problem.signal) == (10, "Wide")
    assert "Lock, Plug" in problem.problem
    assert problem.consequence == "both are decoded"


def test_a_signal_beyond_its_message_is_read_from_a_longer_frame() -> None:
    database = loaded(
        HEAD + 'BO_ 5 Short: 1 Car\n SG_ A : 0|4@1+ (1,0) [0|0] "" Car\n'
        ' SG_ B : 8|8@1+ (1,0) [0|0] "" Car\n'
    )
    assert (read(database, "A", b"\x07"), read(database, "B", b"\x07")) == (7, None)
    assert read(database, "B", b"\x07\x08") == 8


def test_a_value_at_infinity_costs_no_other_value() -> None:
    database = loaded(HEAD + LOCK + 'VAL_ 948 Lock 1e400 "Never" 1 "Shut" ;\n')
    assert read(database, "Lock") == "Shut"
    assert any("'1e400'" in problem.problem for problem in database.problems)


def test_values_may_name_a_table() -> None:
    database = loaded(HEAD + 'VAL_TABLE_ T 1 "Shut" ;\n' + LOCK + "VAL_ 948 Lock T ;\n")
    assert read(database, "Lock") == "Shut"


def test_ranges_stay_ranges() -> None:
    database = loaded(
        HEAD + 'BO_ 5 Paged: 8 Car\n SG_ Page M : 0|32@1+ (1,0) [0|0] "" Car\n'
        ' SG_ Value m0 : 32|8@1+ (1,0) [0|0] "" Car\n'
        "SG_MUL_VAL_ 5 Value Page 0-4000000000;\n"
    )
    (condition,) = database.messages[0].signals[1].conditions
    assert condition.ranges == ((0, 0), (0, 4_000_000_000))
    assert read(database, "Value", b"\xff\xff\xff\x00\x2a") == 0x2A
    assert read(database, "Value", b"\xff\xff\xff\xff\x2a") is None


def test_signals_of_a_lost_switch_are_lost_with_it() -> None:
    database = loaded(
        HEAD + 'BO_ 5 Paged: 8 Car\n SG_ Page M : 0|0@1+ (1,0) [0|0] "" Car\n'
        ' SG_ Value m0 : 32|8@1+ (1,0) [0|0] "" Car\n' + LOCK
    )
    lost = {problem.signal: problem.problem for problem in database.problems}
    assert lost["Value"] == "its multiplexer switch Page is not loaded"
    assert read(database, "Lock") == 1


def test_long_names_replace_the_short_ones_of_switches_too() -> None:
    text = (
        HEAD + 'BO_ 5 Paged: 8 Car\n SG_ Pa M : 0|8@1+ (1,0) [0|0] "" Car\n'
        ' SG_ Va m7 : 8|8@1+ (1,0) [0|0] "" Car\n'
        'BA_DEF_ BO_ "SystemMessageLongSymbol" STRING ;\n'
        'BA_DEF_ SG_ "SystemSignalLongSymbol" STRING ;\n'
        'BA_DEF_DEF_ "SystemMessageLongSymbol" "";\nBA_DEF_DEF_ "SystemSignalLongSymbol" "";\n'
        'BA_ "SystemMessageLongSymbol" BO_ 5 "PagedInFull";\n'
        'BA_ "SystemSignalLongSymbol" SG_ 5 Pa "PageInFull";\n'
    )
    database = loaded(text)
    assert database.problems == ()
    assert database.messages[0].name == "PagedInFull"
    assert read(database, "PageInFull", b"\x07\x05") == 7
    assert read(database, "Va", b"\x07\x05") == 5
    assert read(database, "Va", b"\x06\x05") is None


def test_cycle_times_are_read() -> None:
    database = loaded(
        HEAD + LOCK + "BO_ 5 Other: 8 Car\n"
        'BA_DEF_ BO_ "GenMsgCycleTime" INT 0 65535;\nBA_DEF_DEF_ "GenMsgCycleTime" 0;\n'
        'BA_ "GenMsgCycleTime" BO_ 948 100;\n'
    )
    assert [message.period_ms for message in database.messages] == [100, None]


def test_comments_and_values_survive_repairs() -> None:
    database = loaded(
        HEAD
        + "&\n"
        + LOCK
        + 'CM_ SG_ 948 Lock "a \\"good\\"\nlock\\\\";\nVAL_ 948 Lock 1 "Shut" ;\n'
    )
    assert database.messages[0].signals[0].comment.startswith('a "good"\nlock')
    assert read(database, "Lock") == "Shut"


def test_a_problem_names_file_line_message_and_signal() -> None:
    database = loaded(HEAD + LOCK + " SG_ Broken : what\n")
    problem = next(problem for problem in database.problems if problem.kind == LOST)
    assert (problem.file, problem.line) == ("file.dbc", 10)
    assert (problem.message, problem.signal) == ("Lim", "Broken")
    assert problem.consequence == "not loaded"


def test_foreign_text_in_sentences_is_plain() -> None:
    database = loaded(HEAD + LOCK + "\x1b[31m red\n")
    assert not any("\x1b" in problem.problem for problem in database.problems)


def test_values_are_read_up_to_the_one_that_has_no_text() -> None:
    database = loaded(HEAD + LOCK + 'VAL_ 948 Lock 1 "Shut" 0\nVAL_ 948 Plug 5 "In" ;\n')
    assert (read(database, "Lock"), read(database, "Plug")) == ("Shut", "In")
    (left_out,) = (problem for problem in database.problems if problem.kind == IGNORED)
    assert left_out.problem.startswith("the value table has no text for 0")


def test_a_comment_without_semicolon_swallows_no_head() -> None:
    text = 'CM_ "Imported file _car.dbc starts here"\nVERSION ""\nNS_ :\nBS_:\nBU_: Car\n' + LOCK
    problems = loaded(text).problems
    assert any("does not end in a semicolon" in problem.problem for problem in problems)
    assert {problem.kind for problem in problems} == {REPAIRED}


def test_a_mark_without_a_page_is_no_part_of_the_name() -> None:
    text = HEAD + LOCK + ' SG_ N m : 8|8@1+ (1,0) [0|0] "" Car\n'
    assert read(loaded(text), "N") == 5
    switch = text.replace("SG_ Lock :", "SG_ Lock M :")
    assert read(loaded(switch), "N") == 5
    database = loaded(switch + "SG_MUL_VAL_ 948 N Lock 2-3;\n")
    assert read(database, "N") is None
    assert read(database, "N", b"\x02\x05") == 5


def test_block_comments_are_no_statements() -> None:
    text = (
        HEAD
        + "/* BO_ 5 No: 8 Car */\n"
        + LOCK
        + '/* BO_ 6 No: 8 Car\n SG_ No : 0|8@1+ (1,0) [0|0] "" Car\n*/\n'
        + 'CM_ SG_ 948 Lock "a\n/* good */\nlock";\n'
    )
    database = loaded(text)
    assert (database.message_statements, database.signal_statements) == (1, 2)
    assert {problem.kind for problem in database.problems} == {REPAIRED}  # cantools refuses it
    assert database.messages[0].signals[0].comment == "a\n/* good */\nlock"


def test_line_comments_are_no_statements() -> None:
    text = HEAD + "// BO_ 5 No: 8 Car\n" + LOCK + '// SG_ No : 0|8@1+ (1,0) [0|0] "" Car\n'
    database = loaded(text)
    assert (database.message_statements, database.signal_statements) == (1, 2)
    assert database.problems == ()
