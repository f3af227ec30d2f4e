"""Why a car is not given a command: said of every car, and found for every command."""

from __future__ import annotations

import pytest

from evdiag.errors import BadInputError
from evdiag.vehicles.library import library
from evdiag.vehicles.profile import Profile
from evdiag.vehicles.schema import read_profile
from evdiag.vocabulary import COMMANDS

CARS = sorted(library().profiles)

CAR = """
schema = 1
id = "my-car"
dbc = ["reference.dbc"]
sources = ["a page"]

[identity]
make = "Make"
model = "Model"

[[buses]]
name = "vehicle"
bitrate = 500000
tap = "OBD"
at_obd = true
"""


def not_known(*names: str, level: str = "community") -> str:
    return CAR + "".join(
        f'[[commands_not_known]]\nname = "{name}"\ntext = "of {name}"\n'
        f'evidence = "{level}"\nsource = "a page"\n'
        for name in names
    )


def read(*names: str) -> Profile:
    return read_profile("my.toml", not_known(*names))


@pytest.mark.parametrize("vehicle", CARS)
def test_every_car_has_each_command_or_says_why_not(vehicle: str) -> None:
    profile = library().profile(vehicle)
    known = {command.name for command in profile.commands if command.offered}
    for name in COMMANDS:
        said = profile.why_not(name)
        if name in known:
            assert said is None or said.name not in (name, "all"), "it has what it says it has not"
        else:
            assert said is not None, f"{vehicle} has no {name}, and nobody says why"


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_said_of_all_goes_for_each(command: str) -> None:
    said = read("all").why_not(command)  # type: ignore[arg-type]
    assert said is not None
    assert (said.text, said.evidence, said.source) == ("of all", "community", "a page")


def test_the_command_itself_comes_before_unlock_and_unlock_before_all() -> None:
    profile = read("all", "unlock", "cycle")
    found = {name: profile.why_not(name) for name in COMMANDS}
    assert {name: said.name for name, said in found.items() if said is not None} == {
        "unlock": "unlock",
        "relock": "unlock",
        "cycle": "cycle",
        "open-flap": "all",
    }


def test_unlock_says_nothing_of_the_flap() -> None:
    assert read("unlock").why_not("open-flap") is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (not_known("unlok"), "did you mean 'unlock'?"),
        (not_known("unlock", "unlock"), "it is said already"),
        (not_known("all", level="sure"), "key 'evidence': 'sure' is not known"),
        (not_known("all") + 'note = "x"\n', "key 'note': is not known"),
        (not_known("all").replace("text =", "test ="), "key 'text': is missing"),
    ],
)
def test_a_wrong_one_ends_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadInputError, match=r"my\.toml: table \[commands_not_known") as caught:
        read_profile("my.toml", text)
    assert sentence in str(caught.value)
