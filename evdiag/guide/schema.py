"""From a procedure's TOML to a `Procedure`, or to one sentence that says what is wrong with it."""

from __future__ import annotations

import re
from typing import cast

from evdiag.guide.condition_schema import read_condition
from evdiag.guide.conditions import Condition
from evdiag.guide.procedure import (
    ENDINGS,
    KINDS,
    NAMED_TIMES,
    RESULTS,
    Branch,
    Choice,
    Ending,
    Expectation,
    Kind,
    NamedTime,
    Need,
    Procedure,
    Result,
    Skip,
    Step,
    Warn,
)
from evdiag.guide.safety import REQUIREMENTS, Requirement
from evdiag.vehicles.toml_table import TomlTable

SCHEMA = 1
"""The version of the procedure format; a procedure names the one it is written for."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")


def read_procedure(file: str, text: str) -> Procedure:
    """Read one procedure; `evdiag.guide.checking` then proves that it can be walked.

    Raises:
        BadInputError: with file, table, key and, for a misspelt word, the nearest one.
    """
    top = TomlTable.parse(file, text)
    if top.integer("schema") != SCHEMA:
        raise top.wrong("schema", f"this evdiag reads procedures of schema {SCHEMA}")
    steps = tuple(_step(table) for table in top.tables("steps"))
    if not steps:
        raise top.wrong("steps", "is missing: a procedure has at least one step")
    procedure = Procedure(_id(top, "id"), steps, top.text("refuge"), file)
    top.close()
    return procedure


def _step(table: TomlTable) -> Step:
    kind = cast("Kind", table.word("kind", KINDS))
    ends = kind == "end"
    step = Step(
        id=_id(table, "id"),
        kind=kind,
        branches=tuple(_branch(one) for one in table.tables("go")),
        answers=tuple(_choice(one) for one in table.tables("answers")),
        expects=tuple(_expectation(one) for one in table.tables("expects")),
        skips=tuple(_skip(one) for one in table.tables("skip")),
        needs=tuple(_need(one) for one in table.tables("needs")),
        warnings=tuple(_warning(one) for one in table.tables("warnings")),
        skip_to=table.text("skip_to", ""),
        limit_s=table.number("limit_s") if "limit_s" in table else None,
        takes_s=table.number("takes_s", 1.0 if ends else 30.0),
        visits=table.integer("visits", 3, least=1),
        countdown=table.flag("countdown", False),
        force=table.flag("force", False),
        command=table.text("command", ""),
        ending=cast("Ending", table.word("ending", ENDINGS)) if ends else None,
    )
    if not ends and not step.branches:
        raise table.wrong("go", "is missing: where does this step lead?")
    table.close()
    return step


def _branch(table: TomlTable) -> Branch:
    branch = Branch(
        go=table.text("to"),
        when=_when(table) if "when" in table else None,
        result=cast("Result", table.word("result", RESULTS)) if "result" in table else None,
        because=table.text("because", ""),
    )
    table.close()
    return branch


def _choice(table: TomlTable) -> Choice:
    claims = read_condition(table.table("claims")) if "claims" in table else None
    choice = Choice(table.text("id"), claims)
    table.close()
    return choice


def _expectation(table: TomlTable) -> Expectation:
    expectation = Expectation(
        id=table.text("id"),
        of=read_condition(table.table("of")),
        after=table.text("after") if "after" in table else None,
        within=_within(table),
        held_s=table.number("held_s") if "held_s" in table else 0.0,
    )
    table.close()
    return expectation


def _within(table: TomlTable) -> float | NamedTime | None:
    if "within" in table:
        return cast("NamedTime", table.word("within", NAMED_TIMES))
    return table.number("within_s") if "within_s" in table else None


def _skip(table: TomlTable) -> Skip:
    skip = Skip(_when(table), table.text("because"))
    table.close()
    return skip


def _warning(table: TomlTable) -> Warn:
    warning = Warn(table.text("id"), _when(table) if "when" in table else None)
    table.close()
    return warning


def _need(table: TomlTable) -> Need:
    what = cast("Requirement", table.word("what", REQUIREMENTS))
    need = Need(what, table.text("otherwise"))
    table.close()
    return need


def _when(table: TomlTable) -> Condition:
    return read_condition(table.table("when"))


def _id(table: TomlTable, key: str) -> str:
    identifier = table.text(key)
    if not _ID.fullmatch(identifier):
        raise table.wrong(key, "must be lower-case letters, digits and hyphens")
    return identifier
