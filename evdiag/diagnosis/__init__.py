"""The fault catalogue as rules over readings and attempts. Pure.

Station: after port. Out: findings, each with evidence, confidence and the next thing to do.
"""

from evdiag.diagnosis.finding import Confidence, Finding
from evdiag.diagnosis.rules import findings

__all__ = ["Confidence", "Finding", "findings"]
