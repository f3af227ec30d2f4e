"""Where statements begin and end, whatever stands between."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evdiag.databases.loading import database_from_dbc
from evdiag.databases.statements import statements
from evdiag.errors import BadInputError
from evdiag.signals.compiled import compile_message

LINES = (
    'VERSION "1"',
    "NS_ :",
    "\tCM_",
    "BU_: A B",
    "BO_ 5 Five: 8 A",
    ' SG_ One : 0|8@1+ (1,0) [0|0] "" A',
    ' SG_ Two M : 7|8@0- (0.5,0) [0|0] "" A',
    ' SG_ Three m1 : 8|8@1+ (1,0) [0|0] "km/h" A,B',
    'CM_ SG_ 5 One "some',
    'BO_ 6 words";',
    'VAL_ 5 One 0 "zero" 1 "one" ;',
    "SG_MUL_VAL_ 5 Three Two 1-5, 7-7;",
    'BA_DEF_ BO_ "GenMsgCycleTime" INT 0 0;',
    "SIG_VALTYPE_ 5 One : 1;",
    "// a comment",
    "garbage",
    "",
)


def keywords(text: str) -> list[tuple[str, int, bool]]:
    return [(found.keyword, found.line, found.whole) for found in statements(text)]


def test_statements_have_their_lines() -> None:
    text = (
        'VERSION ""\n\nBO_ 5 Five: 8 A\n SG_ One : 0|8@1+ (1,0) [0|0] "" A\n\nCM_ "a\nb";\nBU_: A\n'
    )
    assert keywords(text) == [
        ("VERSION", 1, True), ("BO_", 3, True), ("SG_", 4, True), ("CM_", 6, True),
        ("BU_", 8, True),
    ]  # fmt: skip


def test_symbols_of_the_head_are_no_statements() -> None:
    assert keywords("NS_ :\n\tCM_\n\tBA_DEF_\n\n\tVAL_\nBS_:\n") == [
        ("NS_", 1, True), ("BS_", 6, True),
    ]  # fmt: skip


def test_statements_inside_a_comment_are_none() -> None:
    text = 'CM_ BO_ 5 "see\nBO_ 6 Six: 8 A\n SG_ X : 0|8@1+ (1,0) [0|0] yes";\nBS_:\n'
    assert [keyword for keyword, _, _ in keywords(text)] == ["CM_", "BS_"]


def test_several_statements_on_one_line() -> None:
    text = 'CM_ "a"; CM_ "b";BO_ 5 Five: 8 A SG_ One : 0|8@1+ (1,0) [0|0] "" A\n'
    assert [keyword for keyword, _, _ in keywords(text)] == ["CM_", "CM_", "BO_", "SG_"]


def test_a_missing_semicolon_ends_with_the_next_statement() -> None:
    text = 'CM_ SG_ 5 One "open\nCM_ SG_ 5 Two "shut";\nBO_ 5 Five: 8 A\n'
    assert keywords(text) == [("CM_", 1, False), ("CM_", 2, True), ("BO_", 3, True)]


def test_text_between_statements_is_kept() -> None:
    found = list(statements('CM_ "a";\n  some words\nBS_:\n'))
    assert [(one.keyword, one.line, one.text) for one in found][1] == ("", 2, "some words")


@given(st.lists(st.sampled_from(LINES), max_size=25), st.data())
def test_every_statement_of_any_text_is_loaded_or_listed(
    lines: list[str], data: st.DataObject
) -> None:
    text = "\n".join(lines)
    if text:
        cut = data.draw(st.integers(0, len(text)))
        text = (
            text[:cut]
            + data.draw(st.sampled_from(["", '"', ";", "|", "\n", ":", "BO_ "]))
            + (text[cut + data.draw(st.integers(0, 3)) :])
        )
    try:
        database = database_from_dbc(text, "file.dbc", "0")
    except BadInputError:
        return
    for message in database.messages:
        compile_message(message)
    lost = [p for p in database.problems if p.signal and p.kind in ("lost", "no_message")]
    once = [p for p in database.problems if p.consequence == "loaded once"]
    assert database.signal_statements == database.usable_signals + len(lost) + len(once)
    # Two statements may stand on one line, and both be lost.
    lost_messages = [p for p in database.problems if p.kind == "lost" and not p.signal]
    assert database.message_statements == len(database.messages) + len(lost_messages)
