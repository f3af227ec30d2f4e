"""The rules: each looks at one case and finds one thing, or nothing. Pure."""

from evdiag.diagnosis.rules.table import findings

__all__ = ["findings"]
