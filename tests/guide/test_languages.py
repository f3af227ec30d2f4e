"""However a language is named, it is the one that is spoken."""

from __future__ import annotations

import pytest

from evdiag.errors import BadInputError
from evdiag.guide_files import spoken_language, texts


@pytest.mark.parametrize("name", ["de", "DE", "De", "de-AT", "de_DE.UTF-8", "de@euro", " de "])
def test_a_language_is_known_by_all_its_names(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVDIAG_LANG", name)
    assert spoken_language() == "de"
    monkeypatch.setenv("EVDIAG_LANG", "en")
    assert spoken_language(name) == "de"


def test_one_that_there_is_not_is_complained_of_as_it_was_named() -> None:
    with pytest.raises(BadInputError, match="no guide speaks 'fr-CH'"):
        texts(spoken_language("fr-CH"))
