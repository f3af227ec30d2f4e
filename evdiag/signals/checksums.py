"""Checksums that car makers put into frames. Pure.

CRCs by their names in the catalogue of parametrised CRC algorithms (reveng): SAE-J1850 as in
AUTOSAR's CRC library, profile 1, and AUTOSAR's own 8H2F, profile 2.
"""

from __future__ import annotations

from functools import reduce
from operator import xor


def crc8(data: bytes, polynomial: int) -> int:
    """Return an 8-bit CRC that starts from, and is turned over with, 0xFF."""
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc << 1 ^ (polynomial if crc & 0x80 else 0)
            crc &= 0xFF
    return crc ^ 0xFF


def checksum(kind: str, data: bytes) -> int:
    """Return the checksum of a kind (`evdiag.vehicles.command.ChecksumKind`) over `data`."""
    match kind:
        case "crc8-j1850":
            return crc8(data, 0x1D)
        case "crc8-autosar":
            return crc8(data, 0x2F)
        case "xor8":
            return reduce(xor, data, 0)
        case "sum8":
            return sum(data) & 0xFF
    raise ValueError(f"no checksum is called {kind}")
