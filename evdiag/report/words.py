"""The report's own words, one file a language, in the manner of the guide's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evdiag.errors import BadInputError
from evdiag.guide.texts import Texts, fill
from evdiag.plain import plain_text
from evdiag.report.document import English, Text
from evdiag.vehicles.toml_table import TomlTable, nearest

_SHIPPED = Path(__file__).parent / "texts"
_SENTENCE_END = re.compile(r"(?<=[.?!]) ")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

GROUPS = ("words", "signals", "values", "faults", "parts", "evidence", "case", "sentences")


@dataclass(frozen=True)
class Words:
    """All words of the report in one language; `guide` holds those of the guide.

    The group ``sentences`` translates what the diagnosis says, in English, with ``#`` for each
    number in it.
    """

    language: str
    groups: Mapping[str, Mapping[str, str]]
    guide: Texts

    def __call__(self, word: str, **places: str) -> str:
        """Return one of the report's words, its places filled."""
        return fill(self.groups["words"][word], places)

    def of(self, group: str, identifier: str, **places: str) -> str:
        """Return a word of a group, its places filled; one that is missing shows its own id."""
        text = self.groups[group].get(identifier, identifier.replace("_", " "))
        return fill(text, places) if places else text

    def said(self, sentence: str) -> Text:
        """Translate a sentence of the diagnosis; one that nobody translated stays English."""
        if self.language == "en":
            return sentence
        parts = [self._translated(part) for part in (sentence, *_SENTENCE_END.split(sentence))]
        if parts[0] is not None:
            return parts[0]
        known = [part for part in parts[1:] if part is not None]
        return " ".join(known) if len(known) == len(parts) - 1 else English(sentence)

    def _translated(self, sentence: str) -> str | None:
        known = self.groups["sentences"].get(sentence_id(sentence))
        if known is None:
            return None
        written = (n.replace(".", self("decimal")) for n in _NUMBER.findall(sentence))
        return re.sub("#", lambda _: next(written, "#"), known)


def sentence_id(sentence: str) -> str:
    """Return a sentence with ``#`` for each number: so it stands in a file of words."""
    return _NUMBER.sub("#", sentence)


@cache
def words_file(language: str) -> Mapping[str, Mapping[str, str]]:
    """Read the report's words of one language.

    Raises:
        BadInputError: there is no such language; the sentence names those that there are.
    """
    known = languages()
    if language not in known:
        hint = nearest(language, known)
        raise BadInputError(f"no report speaks {plain_text(language)!r}; {hint}")
    path = _SHIPPED / f"{language}.toml"
    top = TomlTable.parse(str(path), path.read_text(encoding="utf-8"))
    read: dict[str, Mapping[str, str]] = {}
    for group in GROUPS:
        table = top.table(group)
        read[group] = {key: table.text(key) for key in table.names()}
    top.close()
    return read


def languages() -> list[str]:
    """Return the languages that are shipped."""
    return sorted(path.stem for path in _SHIPPED.glob("*.toml"))
