"""The fault catalogue, and rules over readings, attempts and what is remembered of both. Pure.

Station: after port. Out: findings, each with evidence for and against it, confidence and the next
thing to do; and one card that lays a release over a known-good one.
"""

from evdiag.diagnosis.card import Card, KnownGood, lay_over
from evdiag.diagnosis.card_rows import Row
from evdiag.diagnosis.case import Case
from evdiag.diagnosis.catalogue import CATALOGUE, Fault, Name
from evdiag.diagnosis.finding import Confidence, Ending, Finding
from evdiag.diagnosis.memory import Memory
from evdiag.diagnosis.parts import PartVerdict
from evdiag.diagnosis.release import Release, known_good
from evdiag.diagnosis.rules import findings

__all__ = [
    "CATALOGUE",
    "Card",
    "Case",
    "Confidence",
    "Ending",
    "Fault",
    "Finding",
    "KnownGood",
    "Memory",
    "Name",
    "PartVerdict",
    "Release",
    "Row",
    "findings",
    "known_good",
    "lay_over",
]
