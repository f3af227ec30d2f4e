"""The report's words: every language has all of them, and no more."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import evdiag.report
from evdiag.diagnosis import CATALOGUE
from evdiag.diagnosis.parts import Part
from evdiag.errors import BadInputError
from evdiag.guide_files import languages as guide_languages
from evdiag.recordings.report import AnomalyKind
from evdiag.report.document import English
from evdiag.report.words import languages, sentence_id, words_file
from evdiag.reporting import words
from evdiag.vocabulary import EVIDENCE_LEVELS, TERM

PLACES = re.compile(r"\{[a-z_]+\}")
OTHERS = [language for language in languages() if language != "en"]


def test_it_speaks_what_the_guide_speaks() -> None:
    assert languages() == guide_languages()


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_words_with_the_same_places(language: str) -> None:
    ours, theirs = words_file("en"), words_file(language)
    for group in set(ours) - {"sentences"}:
        assert set(ours[group]) == set(theirs[group]), group
        for key, text in ours[group].items():
            assert set(PLACES.findall(text)) == set(PLACES.findall(theirs[group][key])), key


@pytest.mark.parametrize("language", languages())
def test_everything_that_has_a_name_has_one_here(language: str) -> None:
    groups = words_file(language)
    assert set(groups["faults"]) == set(CATALOGUE)
    assert set(groups["signals"]) == set(TERM)
    assert set(groups["parts"]) == set(Part.__args__)  # type: ignore[attr-defined]
    assert set(EVIDENCE_LEVELS) <= set(groups["evidence"])


@pytest.mark.parametrize("language", OTHERS)
def test_a_translated_sentence_keeps_its_numbers(language: str) -> None:
    for key, text in words_file(language)["sentences"].items():
        assert key.count("#") == text.count("#"), key
        assert sentence_id(key) == key


def test_no_word_is_there_without_need() -> None:
    source = "".join(path.read_text() for path in Path(evdiag.report.__file__).parent.glob("*.py"))
    said = {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    made = ("ruler_", "attempt_", "sent_", "decision_", "basis_", "_caption", "_short")
    of_data = {"certain", "likely", "possible", "suspected", "cleared", "cannot_tell"}
    for word in set(words_file("en")["words"]) - of_data:
        parts = any(word.startswith(part) or word.endswith(part) for part in made)
        assert word in said or parts, f"nobody says {word!r}"


def test_a_sentence_in_numbers_is_translated_and_one_nobody_knows_stays_english() -> None:
    german = words("de")
    assert german.said("told to open after 1.1 s") == "zu öffnen nach 1,1 s"
    assert german.said("Something quite new.") == English("Something quite new.")
    two = "Nothing wrong was found in what the bus shows. The lock's position was not seen."
    assert isinstance(german.said(two), str)
    assert words("en").said("told to open after 1.1 s") == "told to open after 1.1 s"


@pytest.mark.parametrize("kind", AnomalyKind)
def test_every_oddity_of_a_recording_is_translated_with_its_numbers(kind: AnomalyKind) -> None:
    sentence = kind.sentence.format(n=7)
    for language in OTHERS:
        said = words(language).said(sentence)
        assert isinstance(said, str)
        assert re.findall(r"\d+", said) == re.findall(r"\d+", sentence)


def test_a_language_nobody_speaks_is_refused() -> None:
    with pytest.raises(BadInputError, match="known are"):
        words_file("xx")
