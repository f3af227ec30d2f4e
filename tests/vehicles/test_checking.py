"""A profile is held against its DBC: what could never be met is told, not silently never met."""

from __future__ import annotations

from pathlib import Path

import pytest

from evdiag.errors import BadInputError
from evdiag.vehicles.checking import check_profile

DBC = """VERSION ""
BS_:
BU_: A
BO_ 1248 Port: 8 A
 SG_ Lock : 0|3@1- (1,0) [0|0] "" A
 SG_ Plug : 8|2@1+ (1,0) [0|0] "" A
 SG_ Volt : 16|8@1+ (1,0) [0|0] "" A
"""

PROFILE = """
schema = 1
id = "my-car"
dbc = ["my.dbc"]

[identity]
make = "Make"
model = "Model"

[[buses]]
name = "CAN"
bitrate = 500000
tap = "OBD"
at_obd = true

[signals."port.lock"]
from = "Port.Lock"
values = { 0 = "unlocked", 3 = "locked", -4 = "fault" }
evidence = "community"
source = "a page"

[signals."port.plug"]
from = "Port.Plug"
values = { 0 = "disconnected", 3 = "connected" }
evidence = "community"
source = "a page"

[signals."port.inlet_voltage"]
from = "Port.Volt"
invalid = [0xFE]
invalid_from = 0xFF
evidence = "community"
source = "a page"
"""


def checked(folder: Path, old: str, new: str) -> None:
    assert old in PROFILE
    (folder / "my.dbc").write_text(DBC, encoding="utf-8")
    file = folder / "my.toml"
    file.write_text(PROFILE.replace(old, new), encoding="utf-8")
    check_profile(file)


def test_what_its_bits_can_hold_is_fine(tmp_path: Path) -> None:
    checked(tmp_path, "schema", "schema")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("-4 =", "-5 =", "key 'values': -5 is never met: 'Lock' has 3 bits, -4 to 3"),
        ("-4 =", "0x4 =", "key 'values': 4 is never met: 'Lock' has 3 bits, -4 to 3"),
        ('3 = "conn', '4 = "conn', "key 'values': 4 is never met: 'Plug' has 2 bits, 0 to 3"),
        ("[0xFE]", "[-1]", "key 'invalid': -1 is never met: 'Volt' has 8 bits, 0 to 255"),
        ("= 0xFF", "= 256", "key 'invalid_from': 256 is never met: 'Volt' has 8 bits, 0 to 255"),
    ],
)
def test_a_raw_value_that_its_bits_cannot_hold_is_told(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        checked(tmp_path, old, new)
    assert sentence in str(caught.value)
