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

    def is_sound(self) -> bool:
        """Tell whether lines can be written so: an archive may name any values for a form."""
        ...


def fitting_form(format_name: str, head: Sequence[bytes]) -> LineForm | None:
    """Return the form in which a source of this format seems to be written.

    `head` are its first lines, with their ends. None where we write no such format, or not so.
    """
    form: LineForm | None = None
    if format_name in ("candump", "evdiag journal"):
        form = candump_form(head)
    elif format_name == "gvret-csv":
        form = gvret_form(head)
    # Who reads the archive refuses a form that is not sound: none such may be written.
    return form if form is not None and form.is_sound() else None


def line_form(facts: Mapping[str, Any]) -> LineForm:
    """Return the form that an archive names.

    Raises:
        KeyError, TypeError, ValueError: it names none that we know, or not what makes one.
    """
    known = dict(facts)
    kind: type[CandumpForm] | type[GvretForm]
    kind = {"candump": CandumpForm, "gvret": GvretForm}[known.pop("form")]
    form = kind(**known)
    if not form.is_sound():
        raise ValueError("no form in which lines are written")
    return form
