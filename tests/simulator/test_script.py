"""Lines on standard input: acts in their time, and a clear sentence for what is none."""

from __future__ import annotations

import pytest

from evdiag.errors import BadInputError
from evdiag.simulator.acts import ACTS
from evdiag.simulator.script import Script, help_lines


def acts(script: Script, now_s: float) -> list[str]:
    return [line.act for line in script.due(now_s)]


def test_lines_come_in_their_order_and_wait() -> None:
    script = Script()
    for text in ("plug_in\n", "", "# a comment", "wait 2.5", " break   lock_motor # why", "pull"):
        script.feed(text)
    assert acts(script, 1.0) == ["plug_in"]
    assert acts(script, 3.4) == []
    assert acts(script, 3.5) == ["break lock_motor", "pull"]
    script.feed("quit")
    assert acts(script, 3.5) == ["quit"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pul", "line 2: there is no act 'pul'; did you mean 'pull'"),
        ("break engine", "there is no act 'break engine'"),
        ("\x1b[2J", "there is no act '␛"),
        ("wait", "is no wait: write `wait 2.5`"),
        ("wait long", "is no wait"),
        ("wait -1", "is no wait"),
        ("wait nan", "is no wait"),
        ("wait 1 2", "is no wait"),
    ],
)
def test_what_is_no_line_is_said_with_its_number_and_the_rest_stays(text: str, words: str) -> None:
    script = Script()
    for line in ("plug_in", text, "pull"):
        script.feed(line)
    with pytest.raises(BadInputError) as refused:
        acts(script, 0.0)
    assert words in str(refused.value)
    assert acts(script, 0.0) == ["pull"]


def test_help_names_every_act() -> None:
    text = "\n".join(help_lines())
    assert all(act.id in text and act.words in text for act in ACTS)
