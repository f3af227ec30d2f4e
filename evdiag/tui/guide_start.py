"""With what a screen begins that opens in the guide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evdiag.guide.texts import Texts
    from evdiag.inputs import Answer

FIRST_PLACE = "triage"


@dataclass(frozen=True, slots=True)
class GuideStart:
    """In which words, and where: at a procedure or step, or after what was answered `earlier`."""

    texts: Texts
    place: str = FIRST_PLACE
    earlier: Sequence[Answer] = ()
