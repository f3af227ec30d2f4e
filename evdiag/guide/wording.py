"""Fills the places in the guide's words with what is known of this car. Pure.

Each place becomes whole sentences of the language, with the evidence level of the fact in it, or
nothing where nothing is known and nothing need be said.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evdiag.guide.scene import Scene
from evdiag.guide.texts import StepText, Texts, fill
from evdiag.port.relock import relock_timer
from evdiag.vehicles.profile import HabitKind, ManualRelease, Profile

PLACES: Final = frozenset(
    {
        "all_doors",
        "lock_modes",
        "mains_lost",
        "manual_release",
        "release",
        "relock",
        "second_press",
        "tool_after",
        "vehicle",
    }
)
"""Every place that a text may have."""


def places(texts: Texts, scene: Scene) -> dict[str, str]:
    """Return what fills each place, for this car and in this language."""
    profile = scene.profile
    return {
        "all_doors": _habit(texts, profile, "needs_all_doors"),
        "lock_modes": _lock_modes(texts, profile),
        "mains_lost": _habit(texts, profile, "holds_when_mains_lost"),
        "manual_release": _manual_releases(texts, profile),
        "release": _release(texts, profile),
        "relock": _relock(texts, scene),
        "second_press": _habit(texts, profile, "dc_needs_second_press"),
        "tool_after": _habit(texts, profile, "tool_holds_lock"),
        "vehicle": texts.word("this_car") if profile is None else profile.name,
    }


def filled_step(texts: Texts, identifier: str, filling: Mapping[str, str]) -> StepText:
    """Return the words of a step with its places filled."""
    step = texts.step(identifier)
    return StepText(
        fill(step.title, filling),
        fill(step.do, filling),
        fill(step.why, filling),
        fill(step.short, filling),
    )


def _phrase(texts: Texts, phrase: str, **values: str) -> str:
    return fill(texts.say("phrases", phrase), values)


def _level(texts: Texts, evidence: str) -> str:
    return texts.say("phrases", f"level_{evidence}")


def _habit(texts: Texts, profile: Profile | None, kind: HabitKind) -> str:
    habit = None if profile is None else profile.habit(kind)
    if habit is None:
        return ""
    seconds = "" if habit.seconds is None else texts.number(f"{habit.seconds:g}")
    return _phrase(texts, kind, seconds=seconds, level=_level(texts, habit.evidence))


def _release(texts: Texts, profile: Profile | None) -> str:
    if profile is None or not profile.lock.evidence:
        return ""
    seconds = texts.number(f"{profile.lock.releases_within_s:g}")
    return _phrase(texts, "release", seconds=seconds, level=_level(texts, profile.lock.evidence))


def _relock(texts: Texts, scene: Scene) -> str:
    timer = relock_timer(scene.profile, scene.attempts)
    if timer is None:
        return _phrase(texts, "relock_unknown")
    return _phrase(
        texts,
        f"relock_{timer.anchor}",
        seconds=f"{timer.shortest_s:.0f}",
        level=_level(texts, timer.evidence),
    )


def _lock_modes(texts: Texts, profile: Profile | None) -> str:
    if profile is None or not profile.lock_modes:
        return ""
    modes = "; ".join(
        f"{mode.text} ({_level(texts, mode.evidence)})" for mode in profile.lock_modes
    )
    return _phrase(texts, "lock_modes", modes=modes)


def _manual_releases(texts: Texts, profile: Profile | None) -> str:
    known = () if profile is None else profile.manual_release
    said = [_manual_release(texts, release) for release in known]
    if all(release.evidence == "unproven" for release in known):
        said.append(_phrase(texts, "manual_release_unknown"))
    return "\n".join(said)


def _manual_release(texts: Texts, release: ManualRelease) -> str:
    lines = [
        _phrase(
            texts,
            "manual_release",
            where=release.where,
            how=release.how,
            level=_level(texts, release.evidence),
        )
    ]
    if release.tools:
        lines.append(_phrase(texts, "manual_release_tools", tools=", ".join(release.tools)))
    lines += (_phrase(texts, "manual_release_mind", warning=text) for text in release.warnings)
    return "\n".join(lines)
