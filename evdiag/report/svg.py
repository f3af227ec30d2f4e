"""Drawings as SVG text, in the report's ink; the same drawing always gives the same text.

matplotlib draws: the best kept plotting library, whose SVG is the same bytes for the same drawing,
and whose DejaVu fonts the PDF embeds.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from evdiag.errors import BadInputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INSTALL: Final = 'python3 -m pip install "evdiag[report]"'

INK = "#1c2526"
ACCENT = "#0b5d6b"
SOFT = "#d5e3e6"
FAINT = "#8a9698"

_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "evdiag",
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 7.5,
    "hatch.linewidth": 0.5,
    "axes.linewidth": 0.6,
    "path.simplify": True,
}
_NO_METADATA: Final = {"Date": None, "Creator": None, "Format": None, "Type": None}


@contextmanager
def new_figure(width_in: float, height_in: float) -> Iterator[Figure]:
    """Yield an empty figure to draw on, in the report's style.

    Raises:
        BadInputError: the plotting library is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError:
        raise BadInputError(f"a report needs matplotlib: install it with {INSTALL}") from None
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(width_in, height_in), facecolor="none")
        FigureCanvasSVG(figure)
        yield figure


def svg_text(figure: Figure) -> str:
    """Return a figure as SVG for the inside of a page: no prologue, style sheet, counted ids."""
    stream = io.BytesIO()
    figure.savefig(stream, format="svg", metadata=dict(_NO_METADATA))
    svg = stream.getvalue().decode()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' id="(?:[a-z]|matplotlib\.)[a-z0-9.]*_\d+"', "", svg)
    size = r' width="[\d.]+pt" height="[\d.]+pt"'
    return re.sub(size, "", svg, count=1)


def font_folder() -> Path:
    """Return where the fonts of the drawing lie.

    Raises:
        BadInputError: the plotting library is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError:
        raise BadInputError(f"a report needs matplotlib: install it with {INSTALL}") from None
    return Path(mpl.get_data_path()) / "fonts" / "ttf"
