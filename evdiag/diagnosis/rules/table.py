"""All rules in one visible list, and what their findings together say."""

from __future__ import annotations

from collections.abc import Callable

from evdiag.diagnosis.case import Case
from evdiag.diagnosis.catalogue import CATALOGUE
from evdiag.diagnosis.finding import CONFIDENCE, Finding
from evdiag.diagnosis.rules import actuator, asking, held, plug, reports
from evdiag.diagnosis.rules.nothing import nothing

RULES: tuple[Callable[[Case], Finding | None], ...] = (
    held.session_active,
    held.tool_holds_lock,
    asking.vehicle_locked,
    asking.fob_not_heard,
    actuator.supply_low,
    actuator.does_not_move,
    actuator.stalls,
    plug.relocks,
    plug.mechanically_held,
    reports.position_implausible,
    reports.opened_by_itself,
    actuator.does_not_lock,
    reports.lock_fault,
    reports.module_silent,
    reports.bus_asleep,
    actuator.frozen,
    plug.proximity_implausible,
    plug.wrong_end,
    held.mains_lost,
    held.on_purpose,
)
"""In the order in which an assistant would test; of two that are as sure the earlier is first."""

EXPLAIN_THE_CARS_VERDICT = frozenset(
    (
        "actuator_does_not_move",
        "does_not_lock",
        "manual_release_used",
        "opened_unasked",
        "position_implausible",
    )
)
"""Where one of these is found, it is the fault that the car itself reports."""


def findings(case: Case) -> list[Finding]:
    """Return what is wrong, best supported first; always at least one finding."""
    found = [finding for rule in RULES if (finding := rule(case)) is not None]
    if not case.lock_fitted:
        found = [finding for finding in found if not _is_of_the_lock(finding)]
    if EXPLAIN_THE_CARS_VERDICT.intersection(finding.fault or "" for finding in found):
        found = [finding for finding in found if finding.fault != "lock_fault_reported"]
    return sorted(found, key=_weight) if found else [nothing(case)]


def _is_of_the_lock(finding: Finding) -> bool:
    return finding.fault is None or CATALOGUE[finding.fault].of_the_lock


def _weight(finding: Finding) -> int:
    return len(CONFIDENCE) if finding.confidence is None else CONFIDENCE.index(finding.confidence)
