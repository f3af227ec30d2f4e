"""The words of the guide in one language, by the ids of steps, answers, expectations and reasons.

Pure. `evdiag.guide_files` loads them; `evdiag.guide.checking` proves that none is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evdiag.vehicles.toml_table import TomlTable

_PLACE = re.compile(r"\{([a-z_]+)\}")

GROUPS = (
    "answers",
    "because",
    "endings",
    "expects",
    "outcomes",
    "phrases",
    "results",
    "sources",
    "warnings",
    "words",
)


@dataclass(frozen=True, slots=True)
class StepText:
    """What a step says: a short title, what to do and where to stand, and why it may help.

    `short` is what is done, in few words, for lists. Places such as ``{relock}`` are filled by
    `evdiag.guide.wording`.
    """

    title: str
    do: str
    why: str
    short: str


@dataclass(frozen=True)
class Texts:
    """All words of one language; `groups` holds every word that belongs to no step."""

    language: str
    name: str
    steps: Mapping[str, StepText]
    procedures: Mapping[str, str]
    groups: Mapping[str, Mapping[str, str]]

    def step(self, identifier: str) -> StepText:
        """Return the words of a step; one without words shows its own id."""
        plain = identifier.replace("-", " ")
        return self.steps.get(identifier, StepText(plain, plain, "", plain))

    def procedure(self, identifier: str) -> str:
        """Return the name of a procedure."""
        return self.procedures.get(identifier, identifier)

    def say(self, group: str, identifier: str) -> str:
        """Return a word or sentence of a group; one that is missing shows its own id."""
        return self.groups[group].get(identifier, identifier.replace("-", " "))

    def word(self, identifier: str) -> str:
        """Return a word of the screen itself."""
        return self.say("words", identifier)

    def number(self, digits: str) -> str:
        """Return a number, written with a decimal point, as this language writes it."""
        return digits.replace(".", self.word("decimal"))

    def places(self) -> Iterator[tuple[str, str]]:
        """Yield where a text stands, and each place in it that is to be filled."""
        for identifier, step in self.steps.items():
            for text in (step.title, step.do, step.why, step.short):
                yield from ((f"steps.{identifier}", place) for place in _PLACE.findall(text))
        for group in ("answers", "because", "endings", "expects", "results", "warnings"):
            for identifier, text in self.groups[group].items():
                yield from ((f"{group}.{identifier}", place) for place in _PLACE.findall(text))


def read_texts(file: str, text: str) -> Texts:
    """Read the words of one language.

    Raises:
        BadInputError: something is missing or is not known; with file, table and key.
    """
    top = TomlTable.parse(file, text)
    steps = top.table("steps")
    procedures = top.table("procedures")
    texts = Texts(
        language=top.text("language"),
        name=top.text("name"),
        steps={identifier: _step(table) for identifier, table in steps.sub_tables()},
        procedures={key: procedures.text(key) for key in procedures.names()},
        groups={group: _words(top.table(group)) for group in GROUPS},
    )
    top.close()
    return texts


def fill(text: str, places: Mapping[str, str]) -> str:
    """Fill the places of a text; one that nobody knows stands as it is.

    What is filled in is not looked at again: a profile's words cannot name places.
    """
    return _PLACE.sub(lambda place: places.get(place.group(1), place.group(0)), text).strip()


def _step(table: TomlTable) -> StepText:
    title = table.text("title")
    text = StepText(title, table.text("do"), table.text("why", ""), table.text("short", title))
    table.close()
    return text


def _words(table: TomlTable) -> dict[str, str]:
    return {key: table.text(key) for key in table.names()}
