"""However a language is named, it is the one that is spoken."""

from __future__ import annotations

import pytest

from evdiag.errors import BadInputError
from evdiag.guide.engine import START
from evdiag.guide.page import page
from evdiag.guide_files import spoken_language, texts
from tests.guide.stories import AC_ENDED, stuck
from tests.guide.stranded import Stranded


@pytest.mark.parametrize("name", ["de", "DE", "De", "de-AT", "de_DE.UTF-8", "de@euro", " de "])
def test_a_language_is_known_by_all_its_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVDIAG_LANG", name)
    assert spoken_language() == "de"
    monkeypatch.setenv("EVDIAG_LANG", "en")
    assert spoken_language(name) == "de"


def test_one_that_there_is_not_is_complained_of_as_it_was_named() -> None:
    with pytest.raises(BadInputError, match="no guide speaks 'fr-CH'"):
        texts(spoken_language("fr-CH"))


def test_seconds_are_written_as_the_language_writes_them() -> None:
    driver = Stranded(stuck(*AC_ENDED, seconds=14.0))
    driver.say(START, "unlock-and-pull")
    driver._do("fob_unlock")
    driver.wait(1.0)
    said = {}
    for language in ("en", "de"):
        shown = page(driver.view, driver.session, texts(language), driver.now_ns)
        assert shown is not None
        (said[language],) = shown.tries
    assert "opened after 0.3 s" in said["en"]
    assert "nach 0,3 s auf" in said["de"]
