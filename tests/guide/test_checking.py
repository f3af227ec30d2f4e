"""The checker: it finds nothing in what is shipped, and everything that is made wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from evdiag.errors import BadInputError
from evdiag.guide.checking import check, longest_s, worst_s
from evdiag.guide.conditions import Answered, Found, Met
from evdiag.guide.procedure import Book, Branch, Expectation, Procedure, Step
from evdiag.guide.schema import read_procedure
from evdiag.guide.texts import read_texts
from evdiag.guide_files import book, languages, problems, texts


def test_what_is_shipped_is_whole() -> None:
    assert problems() == []
    assert languages() == ["de", "en"]


def test_every_language_says_all_that_the_others_say() -> None:
    known = [texts(language) for language in languages()]
    for group in known[0].groups:
        assert len({frozenset(language.groups[group]) for language in known}) == 1, group


def test_the_longest_way_is_known_in_minutes() -> None:
    for procedure in book().procedures:
        assert 0 < longest_s(book(), procedure) <= worst_s(procedure) < 4 * 3600


def changed(step_id: str, change: Callable[[Step], Step]) -> Book:
    return Book(tuple(
        replace(p, steps=tuple(change(s) if s.id == step_id else s for s in p.steps))
        for p in book().procedures
    ))  # fmt: skip


def with_branches(*branches: Branch) -> Callable[[Step], Step]:
    return lambda step: replace(step, branches=branches)


WRONG: tuple[tuple[str, Book, str], ...] = (
    ("a way to nowhere", changed("danger", with_branches(Branch("nowhere"))), "is no step"),
    ("no way on", changed("drivers-door", with_branches(Branch("walk-away", Met("heard")))),
     "without a condition"),
    ("only back", changed("drivers-door", with_branches(Branch("right-order"))), "lead forward"),
    ("unreached", changed("right-order", with_branches(Branch("end-the-session"))),
     "put-it-back: no way leads to it"),
    ("an unknown expectation",
     changed("drivers-door", with_branches(Branch("walk-away", Met("nothing")),
                                           Branch("walk-away"))),
     "no expectation 'nothing'"),
    ("an unknown answer",
     changed("danger", with_branches(Branch("danger-found", Answered(None, ("perhaps",))),
                                     Branch("which-end"))),
     "none of its answers"),
    ("another step's answer",
     changed("danger", with_branches(Branch("danger-found", Answered("where", ("moon",))),
                                     Branch("which-end"))),
     "has no answer moon"),
    ("an unknown fault",
     changed("danger", with_branches(Branch("danger-found", Found(("gremlins",))),
                                     Branch("which-end"))),
     "has no fault"),
    ("an unknown command", changed("command-unlock", lambda s: replace(s, command="explode")),
     "no command"),
    ("a wait without end", changed("mains-wait", lambda s: replace(s, limit_s=None)),
     "without a limit"),
    ("a mute question", changed("danger", lambda s: replace(s, answers=())), "cannot answer"),
    ("force unguarded", changed("type2-latch", lambda s: replace(s, needs=())), "made dead"),
    ("counting from what comes later",
     changed("drivers-door", lambda s: replace(s, expects=(
         Expectation("a", Met("b"), after="b"), Expectation("b", Met("a"))))),
     "counts from"),
    ("a refuge with conditions",
     Book(tuple(replace(p, refuge="manual-release") for p in book().procedures)),
     "safe without conditions"),
    ("twins", Book((*book().procedures, book().procedures[0])), "two steps called"),
)  # fmt: skip


@pytest.mark.parametrize(("wrong", "said"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_what_is_wrong_is_said(wrong: Book, said: str) -> None:
    assert any(said in problem for problem in check(wrong)), check(wrong)


def test_a_word_that_is_missing_or_never_said_is_found() -> None:
    known = texts("de")
    answers = {k: v for k, v in known.groups["answers"].items() if k != "yes"} | {"odd": "x"}
    poorer = replace(known, groups={**known.groups, "answers": answers})
    assert check(book(), [poorer]) == [
        "de: answers.yes is missing",
        "de: answers.odd is never said",
    ]


def test_a_place_that_nothing_fills_is_found() -> None:
    known = texts("en")
    odd = replace(known.steps["danger"], do="Wait {forever}.")
    wrong = replace(known, steps={**known.steps, "danger": odd})
    assert check(book(), [wrong]) == ["en: steps.danger: nothing fills the place {forever}"]


PROCEDURE = """
schema = 1
id = "x"
refuge = "over"
[[steps]]
id = "first"
kind = "do"
answers = [{ id = "done" }]
CHANGE
go = [{ to = "over" }]
[[steps]]
id = "over"
kind = "end"
ending = "solved"
"""


def test_a_small_procedure_is_read() -> None:
    read = read_procedure("x.toml", PROCEDURE.replace("CHANGE", ""))
    assert isinstance(read, Procedure)
    assert [step.id for step in read.steps] == ["first", "over"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("colour = 1", "'colour': is not known"),
        ('skip = [{ when = { signal = "port.lok", is = ["locked"] }, because = "x" }]',
         "did you mean 'port.lock'"),
        ('skip = [{ when = { signal = "port.lock", is = ["lokked"] }, because = "x" }]',
         "did you mean 'locked'"),
        ('skip = [{ when = { signal = "port.lock" }, because = "x" }]', "which words"),
        ('skip = [{ when = { signal = "port.inlet_voltage" }, because = "x" }]',
         "needs 'least' or 'below'"),
        ('skip = [{ when = { met = "a", missed = "b" }, because = "x" }]', "exactly one"),
        ('skip = [{ when = { eval = "1+1" }, because = "x" }]', "exactly one"),
        ('skip = [{ when = { became = "port.inlet_voltage", is = ["x"] }, because = "x" }]',
         "is a number"),
        ('needs = [{ what = "luck", otherwise = "over" }]', "'luck' is not known"),
        ('skip = [{ when = { timed_out = false }, because = "x" }]', "can only be true"),
        ('skip = [{ when = { profile = "wings" }, because = "x" }]', "'wings' is not known"),
    ],
)  # fmt: skip
def test_a_wrong_line_says_file_table_and_key(line: str, said: str) -> None:
    with pytest.raises(BadInputError) as raised:
        read_procedure("x.toml", PROCEDURE.replace("CHANGE", line))
    assert said in str(raised.value)
    assert str(raised.value).startswith("x.toml: table [steps 1")


@pytest.mark.parametrize(
    "text", ["", "schema = 2", 'schema = 1\nid = "X Y"\nrefuge = "a"', "not toml at all ["]
)
def test_what_is_no_procedure_is_one_sentence(text: str) -> None:
    with pytest.raises(BadInputError):
        read_procedure("x.toml", text)


def test_words_with_a_wrong_key_are_one_sentence() -> None:
    with pytest.raises(BadInputError, match="colour"):
        read_texts("en.toml", 'language = "en"\nname = "E"\ncolour = 1\n')


def test_every_next_step_of_the_catalogue_is_in_the_book() -> None:
    from evdiag.diagnosis.catalogue import CATALOGUE

    named = {step for fault in CATALOGUE.values() for step in fault.next}
    assert named
    assert {step for step in named if step not in book()} == set()
