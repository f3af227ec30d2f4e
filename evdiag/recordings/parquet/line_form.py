"""How a text form writes a frame: what the lines of a source are compared with, and made from.

A line form need not fit: where what it writes is not what stands in the source, the archive keeps
the source's own text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from evdiag.recordings.parquet.candump_form import CandumpForm, candump_form
from evdiag.recordings.parquet.gvret_form import GvretForm, gvret_form

if TYPE_CHECKING:
    from evdiag.inputs import Block
    from evdiag.recordings.parquet.characters import Lines


class LineForm(Protocol):
    """Writes frames as lines. The same block always gives the same bytes."""

    def lines(self, block: Block) -> Lines:
        """Return a line for each row, its end included; `block` has the stamps of the source."""
        ...

    def facts(self) -> dict[str, Any]:
        """Return what `line_form` makes this form of again."""
        ...


def fitting_form(format_name: str, head: Sequence[bytes]) -> LineForm | None:
    """Return the form in which a source of this format seems to be written.

    `head` are its first lines, with their ends. None where we write no such format, or not so.
    """
    if format_name in ("candump", "evdiag journal"):
        return candump_form(head)
    if format_name == "gvret-csv":
        return gvret_form(head)
    return None


def line_form(facts: Mapping[str, Any]) -> LineForm:
    """Return the form that an archive names.

    Raises:
        KeyError, TypeError, ValueError: it names none that we know.
    """
    known = dict(facts)
    kind: type[CandumpForm] | type[GvretForm]
    kind = {"candump": CandumpForm, "gvret": GvretForm}[known.pop("form")]
    return kind(**known)
