"""The text forms that real captures come in, one row of a table each.

A row says how to recognise a dialect and where its fields are; `dialect_reader` runs any of them.
Found among public EV recordings and in the sources of the tools that write them (can-utils,
OVMS, CANHacker, PEAK, Microchip, ZLG, PP2CAN, CSS Electronics, BUSMASTER, IXXAT, Kvaser, Vehicle
Spy, Cabana, comma.ai's panda, python-can, LAWICEL).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from evdiag.recordings.csv_dialects import CSV_DIALECTS
from evdiag.recordings.text_dialects import TEXT_DIALECTS

if TYPE_CHECKING:
    from evdiag.recordings.dialect import Dialect

DIALECTS: Final[tuple[Dialect, ...]] = (*TEXT_DIALECTS, *CSV_DIALECTS)
"""In the order in which they win where two fit a file equally well."""
