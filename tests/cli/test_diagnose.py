"""``evdiag diagnose``: the findings in words, and the card."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from evdiag.cli import evdiag as command


def diagnose(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["diagnose", *arguments])


def lines(*arguments: str) -> list[dict[str, Any]]:
    return [
        json.loads(line) for line in diagnose(*arguments, "--format", "jsonl").stdout.splitlines()
    ]


def test_steps_have_ids_for_programs_and_words_for_people() -> None:
    (found,) = lines("relock-before-pull")
    assert found["next"][0] == "unlock-and-pull"
    assert (found["number"], found["ending"]) == ("F6", None)
    text = diagnose("relock-before-pull").stdout
    assert "next: stand at the port, unlock, and pull at once" in text
    assert "unlock-and-pull" not in text


def test_what_others_call_it_comes_with_its_source() -> None:
    (found,) = lines("frozen")
    assert {"name", "source"} == set(found["names"][0])
    assert "elsewhere: Tesla a078" in diagnose("frozen").stdout


def test_what_speaks_against_it_is_shown(tmp_path: Path) -> None:
    acts = ((2.0, "plug_in"), (6.0, "start_ac"), (14.0, "stop_charging"),
            (15.0, "low_battery"), (18.0, "fob_unlock"))  # fmt: skip
    path = recorded(tmp_path, acts)
    text = diagnose(str(path)).stdout
    assert "against it: the 12 V supply was down to" in text
    assert text.startswith("LIKELY  supply_low (F14)")


def test_the_card_comes_when_it_is_asked_for() -> None:
    assert "card" not in lines("actuator-stalls")[0]
    *found, card = lines("actuator-stalls", "--card")
    assert [line["fault"] for line in found] == ["actuator_stalls"]
    assert card["card"]["basis"] == "profile"
    assert [part["part"] for part in card["card"]["parts"] if part["verdict"] == "suspected"] == [
        "actuator"
    ]
    text = diagnose("actuator-stalls", "--card").stdout
    assert "when all is well" in text
    assert "for: blocked: its motor drew 2.2 A" in text


def test_a_good_recording_is_what_it_is_laid_over() -> None:
    card = lines("session-still-active", "--against", "healthy-ac")[-1]["card"]
    assert card["basis"] == "recording"
    assert "healthy-ac" in card["basis_words"]
    assert {row["what"]: row["words"] for row in card["rows"]}["pilot"] == "the session is alive"
    table = list(csv.reader(io.StringIO(diagnose("frozen", "--card", "--format", "csv").stdout)))
    assert json.loads(table[-1][table[0].index("card")])["attempt"] == 2


def test_a_recording_that_is_no_measure_is_refused_with_the_reason(tmp_path: Path) -> None:
    stuck = diagnose("actuator-stalls", "--against", "frozen")
    assert stuck.exit_code == 2
    assert "came out" in stuck.stderr
    missing = diagnose("actuator-stalls", "--against", str(tmp_path / "nowhere.log"))
    assert missing.exit_code == 2


def test_a_recording_without_an_attempt_has_no_card(tmp_path: Path) -> None:
    done = diagnose(str(recorded(tmp_path, ((2.0, "plug_in"),))), "--card")
    assert done.exit_code == 0
    assert "no card" in done.stderr


def recorded(folder: Path, acts: tuple[tuple[float, str], ...]) -> Path:
    """Write a story as a recording."""
    from evdiag.simulator.__main__ import log_text
    from evdiag.simulator.story import Story

    path = folder / "story.log"
    path.write_text(log_text(Story("story", "a test's", acts, 26.0, None, ())))
    return path
