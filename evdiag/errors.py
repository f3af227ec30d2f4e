"""What goes wrong at the edges, in one sentence the person can act on."""

from __future__ import annotations


class EvdiagError(Exception):
    """Ends a command with one clear sentence and an exit code of the contract.

    The sentence says what is wrong, where (file, line, frame) and what to do;
    it is shown as it is, without a traceback.
    """

    exit_code = 2


class BadInputError(EvdiagError):
    """A file, option, database or profile cannot be used (exit code 2)."""


class RefusedError(EvdiagError):
    """An interlock says no, and why (exit code 3)."""

    exit_code = 3


class BusError(EvdiagError):
    """A bus, adapter or vehicle did not answer (exit code 4)."""

    exit_code = 4
